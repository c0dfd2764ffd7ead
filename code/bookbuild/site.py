"""Sphinx extension: what the site has beyond its theme, and what the theme must not do.

The site makes no request to another host, its buttons open files that the
deployment publishes, every figure has alt text, and axe finds no violation.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from bookbuild.pages import NOTEBOOKS_BRANCH, repository, repository_url, site_url

LOGGER = logging.getLogger(__name__)
LICENCE = (
    'Text and figures: <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>. '
    'Code: <a href="https://opensource.org/license/mit">MIT</a>.'
)
LOGO = {"image_light": "_static/logo-light.svg", "image_dark": "_static/logo-dark.svg", "alt_text": ""}
NOT_FOUND = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page: {title}</title>
<style>
  :root {{color-scheme: light dark}}
  body {{font: 1.2rem/1.6 sans-serif; margin: 15vh auto; max-width: 30em; padding: 0 1em}}
</style>
<main>
<h1>There is no such page</h1>
<p>It may have moved. <a href="{url}/">The cover</a> and <a href="{url}/search.html">the search</a> lead on.</p>
</main>
</html>
"""
THEME_OPTIONS = {
    "navbar_persistent": [],  # a second search button, alone in an empty top bar
    "use_download_button": False,  # ours offers the exported notebook instead of MyST-NB's
    "launch_buttons": {},  # the theme's open the page's source, which is no notebook
    "home_page_in_toc": False,  # the logo and title above it lead there
    "extra_footer": LICENCE,
}


class Mend(NamedTuple):
    """A change in the markup of the theme, or of sphinxcontrib-bibtex, on the pages that have a certain text."""

    where: str
    pattern: str
    replacement: str
    why: str  # often the axe rule that the markup breaks


MENDS = (
    Mend(
        "<body",
        r'\n *<script defer src="[^"]*/fontawesome\.js[^"]*"></script>',
        "",
        "0.5 MB a page, for icons that a font draws already",
    ),
    Mend(
        "search-button",
        r' aria-label="Search" data-bs-placement',
        " data-bs-placement",
        "label-content-name-mismatch: the text is the name",
    ),
    Mend(
        '<details class="admonition hide ',
        r' aria-label="Toggle hidden content"',
        "",
        "label-content-name-mismatch: the summary is the name",
    ),
    Mend(
        'class="citation"',
        r'<div role="list" class="citation-list">',
        '<div class="citation-list">',
        "aria-required-children",
    ),
    Mend('class="citation"', r' role="doc-biblioentry"', "", "aria-deprecated-role"),
    Mend(
        "bd-sidebar-primary",
        r'<div class="sidebar-primary-items__start sidebar-primary__section">',
        '<div role="navigation" aria-label="Book" class="sidebar-primary-items__start sidebar-primary__section">',
        "region: the logo and the search of the sidebar lie in no landmark",
    ),
)


def configure(app: Sphinx, config: Config) -> None:
    """Set what Jupyter Book's own configuration would undo (it replaces html_theme_options whole)."""
    logo = LOGO | {"text": config.html_title}
    config.html_theme_options |= THEME_OPTIONS | {"logo": logo, "repository_url": repository_url()}
    config.bibtex_reference_style, config.bibtex_default_style = "author_year", "plain"  # [LeCun et al., 1998]
    config.html_use_index = False  # the book marks no terms: it would be an empty page
    config.html_context |= {"default_mode": "auto"}  # without it the theme logs an invalid mode
    config.nb_ipywidgets_js = {}  # the default is a content network; the book has no widgets
    config.html_baseurl = config.site_url = config.ogp_site_url = f"{site_url()}/"
    config.sitemap_url_scheme = "{link}"  # one language, one version
    config.ogp_site_name = config.html_title
    config.ogp_image = f"{site_url()}/_static/card.png"
    config.ogp_image_alt = "Small photographs of garments, arranged so that similar ones lie side by side."
    config.ogp_social_cards = {"enable": False}  # one picture for all pages, and no drawing at build time
    config.ogp_custom_meta_tags = ('<meta name="twitter:card" content="summary_large_image" />',)


def drop_thebe(app: Sphinx, config: Config) -> None:
    """Take sphinx_thebe out: its script declares a variable twice (a console error), and the book has no live cells."""
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if not _module(one.handler).startswith("sphinx_thebe")]
    app.registry.css_files[:] = [one for one in app.registry.css_files if one[0] != "sphinx-thebe.css"]


def _module(handler: Any) -> str:
    return getattr(handler, "__module__", "") or ""


def share_visitors(app: Sphinx, config: Config) -> None:
    """Let the one-page builder write what html can: sphinx-exercise's visitors for it hide those of all others."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = handlers.get("html", {}) | handlers.get("singlehtml", {})


def check_alt(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of each figure without a text that says what is to be seen."""
    for image in doctree.findall(nodes.image):
        alt = (image.get("alt") or "").strip()
        if not alt or alt == image.get("uri") or alt == Path(image.get("uri", "")).name:
            LOGGER.warning(
                "image without alt text (in a cell: mystnb: {image: {alt: …}})",
                location=image,
                type="site",
                subtype="alt",
            )


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take the id off the parts of exercises: sphinx-exercise gives the same one to all on a page.

    Not earlier than here: Sphinx counts sections by their id.
    """
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def add_buttons(app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Offer the page's notebook in Colab, in Binder and to download; pages without code offer their source only."""
    if doctree is None or "header_buttons" not in context:
        return
    source, pathto = context["sourcename"], context["pathto"]
    downloads = [
        _link("Source (.md)", pathto(f"_sources/{source}", 1), "Download the page's text", "fas fa-file"),
        {
            "type": "javascript",
            "javascript": "window.print()",
            "text": "Print (.pdf)",
            "tooltip": "Print, or save as PDF",
            "icon": "fas fa-file-pdf",
        },
    ]
    groups = [_group("Download this page", "fas fa-download", "download-buttons", downloads)]
    if "kernelspec" in app.env.metadata[pagename]:
        notebook = pathto(f"notebooks/{pagename}.ipynb", 1)
        downloads.insert(0, _link("Notebook (.ipynb)", notebook, "Download the notebook", "fas fa-code"))
        groups.insert(0, _group("Run this page", "fas fa-rocket", "launch-buttons", launch_links(pagename)))
    context["header_buttons"] = groups + context["header_buttons"]


def launch_links(docname: str) -> list[dict[str, str]]:
    """The buttons that open the page's notebook, as the deployment pushes it, in Colab and in Binder."""
    colab = f"https://colab.research.google.com/github/{repository()}/blob/{NOTEBOOKS_BRANCH}/{docname}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{repository()}/{NOTEBOOKS_BRANCH}?urlpath=lab/tree/{docname}.ipynb"
    return [
        _link("Colab", colab, "Open in Google Colab", "_static/images/logo_colab.png"),
        _link("Binder", binder, "Open in Binder", "_static/images/logo_binder.svg"),
    ]


def _link(text: str, url: str, tooltip: str, icon: str) -> dict[str, str]:
    return {"type": "link", "text": text, "url": url, "tooltip": tooltip, "icon": icon}


def _group(tooltip: str, icon: str, label: str, buttons: list[dict]) -> dict[str, Any]:
    return {"type": "group", "tooltip": tooltip, "icon": icon, "label": label, "buttons": buttons}


def add_icons(app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Name the icon for telephones, which read no SVG."""
    icon = context["pathto"]("_static/apple-touch-icon.png", 1)
    context["metatags"] = context.get("metatags", "") + f'\n<link rel="apple-touch-icon" href="{icon}" />'


def mend(pages: Iterable[Path]) -> list[Mend]:
    """Apply MENDS to the pages; return those that changed none of the pages that they are for."""
    due, done = set(), set()
    for page in pages:
        original = text = page.read_text("utf-8")
        for one in MENDS:
            if one.where not in original:
                continue
            due.add(one)
            text, count = re.subn(one.pattern, one.replacement, text)
            if count:
                done.add(one)
        if text != original:
            page.write_text(text, "utf-8")
    return [one for one in MENDS if one in due - done]


def mend_site(app: Sphinx, exception: Exception | None) -> None:
    """Mend the theme's markup in the written pages, and warn when the theme no longer has it."""
    if exception or app.builder.format != "html":
        return
    idle = mend(Path(app.outdir).rglob("*.html"))
    for one in idle if app.builder.name == "html" else []:
        LOGGER.warning("no page has the markup %s (%s): see MENDS in bookbuild.site", one.pattern, one.why, type="site")


def write_not_found(app: Sphinx, exception: Exception | None) -> None:
    """Write what GitHub Pages shows for a wrong address; at any depth, so it loads nothing and links in full."""
    if not exception and app.builder.name == "html":
        page = NOT_FOUND.format(title=app.config.html_title, url=site_url())
        (Path(app.outdir) / "404.html").write_text(page, "utf-8")


def setup(app: Sphinx) -> dict[str, bool | str]:
    """Connect the above; late priorities run after Jupyter Book's and the theme's own listeners."""
    app.setup_extension("sphinxext.opengraph")
    app.setup_extension("sphinx_sitemap")
    app.connect("config-inited", configure, priority=700)
    app.connect("config-inited", drop_thebe, priority=900)
    app.connect("config-inited", share_visitors, priority=900)
    app.connect("doctree-read", check_alt)
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("html-page-context", add_buttons, priority=502)
    app.connect("html-page-context", add_icons, priority=502)
    app.connect("build-finished", mend_site)
    app.connect("build-finished", write_not_found)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
