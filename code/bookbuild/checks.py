"""Static checks of the built site: what a reader would find broken, found without a browser."""

import functools
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from bookbuild.pages import NOTEBOOKS_BRANCH, SITE, Page, pages, repository

PAGE_BYTES = 1_500_000  # of a page with all that it loads; text is compressed, pictures and fonts are as they lie
FIRST_BYTES = 350 * 1024  # of what it loads before the reader scrolls
TEXT_SUFFIXES = {".html", ".css", ".js", ".svg", ".json"}
# Elements that make the browser load an address, and links that only name one.
LOADING = {
    "script": "src",
    "img": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "iframe": "src",
    "link": "href",
}
NAMING_LINKS = {"canonical", "alternate", "license", "author", "next", "prev", "index", "search", "help"}
CSS_ADDRESS = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
# MyST as it looks when nothing has parsed it: a role, a fence, a substitution, a cross-reference in brackets.
RAW_MYST = re.compile(
    r"\{[a-z][\w:.-]*\}`[^`]*`|^\s*(?::::+|```+)\s*\{.*|\{\{\s*\w+\s*\}\}|\[\]\(#[^)]*\)", re.MULTILINE
)
NO_TEXT = re.compile(r"\S+\.(?:png|jpe?g|svg|gif|webp)|image|figure|picture|plot|output", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """One HTML page of the site."""

    path: Path
    site: Path

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        """The page, parsed."""
        return BeautifulSoup(self.path.read_text("utf-8"), "html.parser")

    @functools.cached_property
    def ids(self) -> Counter[str]:
        """How often each anchor occurs."""
        return Counter(str(tag["id"]) for tag in self.soup.find_all(id=True))

    @functools.cached_property
    def loads(self) -> list[str]:
        """Addresses that the browser asks for by itself."""
        found = [
            str(tag[attribute]) for name, attribute in LOADING.items() for tag in _tags(self.soup, name, attribute)
        ]
        found += [address for tag in self.soup.find_all(style=True) for address in _css_addresses(str(tag["style"]))]
        return found + [address for tag in self.soup.find_all("style") for address in _css_addresses(tag.get_text())]

    def target(self, address: str) -> Path:
        """The file that an address of this page means."""
        path = unquote(urlsplit(address).path)
        return (self.path.parent / path).resolve() if path else self.path


def check_site(site: Path = SITE, *, book: list[Page] | None = None) -> list[str]:
    """All problems of the built site, one a line, each with its page.

    Args:
        site: Folder of the site.
        book: The pages that must be there; by default those of `_toc.yml`.
    """
    site = site.resolve()
    files = sorted(path for path in site.rglob("*.html") if not {"_static", "_sources"} & set(path.parts))
    documents = {path: Document(path, site) for path in files}
    problems = _check_styles(site)
    for page in pages() if book is None else book:
        document = documents.get(site / f"{page.docname}.html")
        if document is None:
            problems.append(f"{page.docname}.html: the page is in _toc.yml, but was not built")
        else:
            problems += [f"{page.docname}.html: {problem}" for problem in _check_launch(document, page)]
    for document in documents.values():
        name = document.path.relative_to(site).as_posix()
        problems += [f"{name}: {problem}" for problem in _check_links(document, documents)]
        for check in (_check_pictures, _check_markup, _check_loads, _check_ids, _check_weight):
            problems += [f"{name}: {problem}" for problem in check(document)]
    return problems


def _check_links(document: Document, documents: dict[Path, Document]) -> Iterator[str]:
    """Every link, form and loaded file of the site exists, and so does the anchor after its #."""
    addresses = [str(tag["href"]) for tag in _tags(document.soup, "a", "href")]
    addresses += [str(tag["action"]) for tag in _tags(document.soup, "form", "action")] + document.loads
    for address in dict.fromkeys(addresses):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = document.target(address)
        if address.startswith("/"):
            yield f"the address {address} starts at the host's root, but the site lies in a folder: make it relative"
        elif not target.exists():
            yield f"the address {address} leads nowhere"
        elif parts.fragment and target in documents and unquote(parts.fragment) not in documents[target].ids:
            yield f"the address {address} names an anchor that its page lacks"


def _check_pictures(document: Document) -> Iterator[str]:
    """Every picture of the text says what is to be seen; the theme's icons leave it to their labels."""
    for image in document.soup.select("article img"):
        alt = str(image.get("alt") or "").strip()
        if not alt or NO_TEXT.fullmatch(alt):
            yield f"the picture {image.get('src')} has no alt text that says what is to be seen (alt={alt!r})"


def _check_markup(document: Document) -> Iterator[str]:
    """No reference is unresolved, and no MyST is left as text."""
    for tag in document.soup.select("article .xref, article .problematic, article .system-message"):
        if tag.find_parent("a") is None:
            yield f"an unresolved reference or an error stands in the text: {tag.get_text()[:80]!r}"
    article = document.soup.select_one("article")
    if article is None:
        return
    for found in RAW_MYST.finditer(_prose(article)):
        yield f"raw MyST stands in the text: {found.group()[:80]!r}"


def _prose(article: Tag) -> str:
    """The text of an article without code and formulas, where braces are at home."""
    quiet = {"pre", "code", "script", "style"}
    kept = []
    for text in article.find_all(string=True):
        parents = list(text.parents)
        if not any(tag.name in quiet or "math" in (tag.get("class") or ()) for tag in parents):
            kept.append(str(text))
    return "".join(kept)


def _check_loads(document: Document) -> Iterator[str]:
    """Nothing is loaded from another host."""
    for address in document.loads:
        if _leaves(address):
            yield f"the page loads {address} from another host: ship the file with the site"


def _check_styles(site: Path) -> list[str]:
    """No style sheet loads from another host, and what it loads is there."""
    problems = []
    for sheet in sorted(site.rglob("*.css")):
        name = sheet.relative_to(site).as_posix()
        for address in dict.fromkeys(_css_addresses(sheet.read_text("utf-8"))):
            if _leaves(address):
                problems.append(f"{name}: loads {address} from another host: ship the file with the site")
            elif not urlsplit(address).scheme and not (sheet.parent / unquote(urlsplit(address).path)).exists():
                problems.append(f"{name}: loads {address}, which is not there")
    return problems


def _check_ids(document: Document) -> Iterator[str]:
    """An anchor names one place."""
    for anchor, count in document.ids.items():
        if count > 1:
            yield f"{count} elements have the id {anchor!r}"


def _check_weight(document: Document) -> Iterator[str]:
    """The page with its scripts, styles, fonts and pictures stays light, and its beginning lighter still."""
    weight, first = page_weight(document), page_weight(document, scrolled=False)
    if weight > PAGE_BYTES:
        yield f"the page weighs {weight / 1e6:.2f} MB with all that it loads, more than {PAGE_BYTES / 1e6:.1f} MB"
    if first > FIRST_BYTES:
        yield (
            f"the page loads {first / 1024:.0f} KiB before the reader scrolls, more than {FIRST_BYTES / 1024:.0f} KiB: "
            "make its first picture lighter, or put it further down"
        )


def page_weight(document: Document, *, scrolled: bool = True) -> int:
    """Bytes that a first visit transfers: text compressed, the rest as it lies, each file once.

    Of a style sheet's fonts only WOFF2 counts, which every browser prefers.

    Args:
        document: The page.
        scrolled: Whether pictures count that wait until the reader comes near them.
    """
    waiting = set() if scrolled else {str(tag["src"]) for tag in document.soup.find_all("img", loading="lazy")}
    addresses = [address for address in document.loads if address not in waiting]
    files = {document.target(address) for address in addresses if not urlsplit(address).scheme}
    for sheet in [path for path in files if path.suffix == ".css" and path.is_file()]:
        fonts = [address for address in _css_addresses(sheet.read_text("utf-8")) if address.endswith(".woff2")]
        files |= {(sheet.parent / font).resolve() for font in fonts}
    return sum(_transferred(path) for path in {document.path, *files} if path.is_file())


@functools.cache
def _transferred(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content, mtime=0)) if path.suffix in TEXT_SUFFIXES else len(content)


def _check_launch(document: Document, page: Page) -> Iterator[str]:
    """A page with code offers its notebook, to run and to download, and has one; other pages offer none."""
    links = [str(tag["href"]) for tag in document.soup.select(".article-header-buttons a[href]")]
    notebooks = document.site / "notebooks"
    colab = f"https://colab.research.google.com/github/{repository()}/blob/{NOTEBOOKS_BRANCH}/"
    binder = f"https://mybinder.org/v2/gh/{repository()}/{NOTEBOOKS_BRANCH}?urlpath=lab/tree/"
    launches = [link for link in links if "colab" in link or "mybinder" in link]
    downloads = [document.target(link) for link in links if link.endswith(".ipynb") and not urlsplit(link).scheme]
    if not page.is_notebook:
        if launches or downloads:
            yield f"the page has no code, but offers a notebook: {(launches + links)[0]}"
        return
    expected = notebooks / f"{page.docname}.ipynb"
    if not _is_notebook(expected):
        yield f"notebooks/{page.docname}.ipynb, the page's exported notebook, is missing or no notebook"
    if downloads != [expected]:
        names = [path.name for path in downloads]
        yield f"the download button must lead to notebooks/{page.docname}.ipynb, got {names}"
    for prefix in (colab, binder):
        if f"{prefix}{page.docname}.ipynb" not in launches:
            yield f"the launch buttons lack {prefix}{page.docname}.ipynb, got {launches}"


def _is_notebook(path: Path) -> bool:
    try:
        return "cells" in json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def _tags(soup: BeautifulSoup, name: str, attribute: str) -> Iterator[Tag]:
    for tag in soup.find_all(name, attrs={attribute: True}):
        if not (name == "link" and NAMING_LINKS & set(tag.get("rel") or ())):
            yield tag


def _css_addresses(css: str) -> list[str]:
    return [(first or second).strip() for first, second in CSS_ADDRESS.findall(css)]


def _leaves(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https")
