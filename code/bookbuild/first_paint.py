"""Sphinx extension: a page shows itself before it loads what it does not need at first.

Scripts wait until the page is read; the search's index and program are loaded where one searches; pictures carry their
sizes, so that the text does not jump, and those below the beginning are fetched when the reader comes near them.
Sections below the first screen are laid out when the reader comes near, too (`content-visibility` in site.css); the
theme's program, which asks at once of each listing whether it is wider than its box, then asks those that are shown.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from PIL import Image
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

LOGGER = logging.getLogger(__name__)
THEME = "_static/scripts/pydata-sphinx-theme.js"
OPTIONS = re.compile(r'<script src="(?:\.\./)*_static/documentation_options\.js[^"]*"></script>')
SEARCH = re.compile(
    r'\s*<script src="(?:\.\./)*(?:_static/searchtools|_static/language_data|searchindex)\.js[^"]*"></script>'
)
SCRIPT = re.compile(r'<script (?![^>]*\b(?:defer|async)\b)(?=[^>]*\bsrc=")')
PICTURE = re.compile(r'<img\b(?![^>]*\b(?:height|loading)=)[^>]*\bsrc="([^"]+)"[^>]*>')
ASKS_ALL = ".forEach(e=>{e.tabIndex=e.scrollWidth>e.clientWidth"  # in the theme's program
ASKS_SHOWN = ASKS_ALL.replace(
    "{", "{if(e.checkVisibility&&!e.checkVisibility({contentVisibilityAuto:true}))return;", 1
)  # site.js asks the others when they are shown
EAGER = 1  # pictures at the beginning of a page's text, which the first screen may show


def defer_scripts(text: str, options: str, *, searches: bool) -> tuple[str, list[str]]:
    """Let a page's scripts wait for its text.

    Args:
        text: The page's HTML.
        options: The content of documentation_options.js, which inline scripts change: it goes into the page.
        searches: Whether this page is the search.

    Returns:
        The HTML, and what it lacked of what the theme is known to write.
    """
    text, count = OPTIONS.subn(lambda _: f"<script>{options.strip()}</script>", text)
    lacking = [] if count == 1 else ["documentation_options.js"]
    if searches:  # its own scripts stay where they are: the search starts from them
        return text, lacking
    text, count = SEARCH.subn("", text)
    lacking += [] if count == 3 else ["searchtools.js, language_data.js, searchindex.js"]
    return SCRIPT.sub("<script defer ", text), lacking


def size_pictures(text: str, size_of: Callable[[str], tuple[int, int] | None]) -> str:
    """Write each picture's width and height into a page, and let those below the beginning wait.

    Args:
        text: The page's HTML.
        size_of: From a picture's address, as the page has it, to its width and height, where they can be known.

    Returns:
        The HTML.
    """
    article = text.find("<article")
    before = 0

    def sized(found: re.Match[str]) -> str:
        nonlocal before
        tag = found.group(0)
        size = size_of(found.group(1))
        if size is not None and " width=" not in tag:
            tag = tag.replace("<img", f'<img width="{size[0]}" height="{size[1]}"', 1)
        if found.start() > article >= 0:
            before += 1
            if before > EAGER:
                tag = tag.replace("<img", '<img loading="lazy"', 1)
        return tag

    return PICTURE.sub(sized, text)


def ask_shown(program: Path) -> bool:
    """Let the theme's program leave alone what is not laid out; False if it no longer has the place."""
    text = program.read_text("utf-8") if program.is_file() else ""
    if text.count(ASKS_ALL) == 1:
        program.write_text(text.replace(ASKS_ALL, ASKS_SHOWN), "utf-8")
        return True
    return text.count(ASKS_SHOWN) == 1  # of an earlier build


def picture_size(page: Path, address: str) -> tuple[int, int] | None:
    """Width and height of a picture that a page names, in pixels; None for drawings, and what is not beside it."""
    path = page.parent / unquote(address.split("?")[0])
    if path.suffix == ".svg" or not path.is_file():
        return None
    with Image.open(path) as picture:
        return picture.size


def quicken(site: Path) -> dict[str, list[str]]:
    """Do all this for the pages of a built site; return what pages lacked, by their names."""
    options = (site / "_static/documentation_options.js").read_text("utf-8")
    lacking = {}
    if not ask_shown(site / THEME):
        lacking[THEME] = ["question for the width of listings"]
    for page in sorted(site.rglob("*.html")):
        original = page.read_text("utf-8")
        if "documentation_options" not in original:  # no page of the theme
            continue
        name = page.relative_to(site).as_posix()
        text, missing = defer_scripts(original, options, searches=name == "search.html")
        if missing:
            lacking[name] = missing
        text = size_pictures(text, lambda address, page=page: picture_size(page, address))  # type: ignore[misc]
        page.write_text(text, "utf-8")
    return lacking


def quicken_site(app: Sphinx, exception: Exception | None) -> None:
    """Do so when the site is written and its pictures have their last form."""
    if exception or app.builder.name != "html":
        return
    for name, missing in quicken(Path(app.outdir)).items():
        LOGGER.warning("%s has no %s as the theme wrote them: see bookbuild.first_paint", name, ", ".join(missing))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("build-finished", quicken_site, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
