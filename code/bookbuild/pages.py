"""Where things lie, which pages the book has, and how to read one as a notebook."""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
SITE = BUILD / "html"
CONFIG = ROOT / "_config.yml"
TOC = ROOT / "_toc.yml"
NOTEBOOKS_BRANCH = "notebooks"
CODE_CELL = re.compile(r"^(`{3,}|~{3,})\{code-cell\}", re.MULTILINE)


class BookProblem(Exception):
    """Something in the book's sources that stops the build; the text says what to do."""


@dataclass(frozen=True)
class Page:
    """One page of the table of contents."""

    docname: str  # e.g. "cnn/first-network": its address on the site, without .html
    path: Path  # its source, e.g. book/cnn/first-network.md

    @functools.cached_property
    def is_notebook(self) -> bool:
        """Whether the page holds code cells that the build executes."""
        return read_notebook(self.path) is not None


def read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """Read a page as MyST-NB does; None when it has no code cells.

    Raises:
        BookProblem: If the page has code cells but MyST-NB would not run them,
            because its header is missing or not closed.
    """
    text = path.read_text("utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    if reader is not None:
        return reader.read(text)
    if CODE_CELL.search(text):
        raise BookProblem(
            f"{path}: code cells, but no notebook header: they would not run. Start the page with the lines\n"
            "between --- and --- that another page with code has, and close them."
        )
    return None


def docnames(toc: dict) -> list[str]:
    """The pages of a table of contents in reading order.

    >>> docnames({"root": "index", "parts": [{"chapters": [{"file": "a", "sections": [{"file": "a/b"}]}]}]})
    ['index', 'a', 'a/b']
    """
    found = [str(toc[key]) for key in ("root", "file") if key in toc]
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, ()):
            found += docnames(entry)
    return found


def pages(*, toc: Path = TOC, book: Path = BOOK) -> list[Page]:
    """All pages in reading order.

    Raises:
        BookProblem: If a page of the table of contents does not exist, is
            listed twice, or a page of the book is not listed.
    """
    listed = docnames(yaml.safe_load(toc.read_text("utf-8")))
    there = {path.relative_to(book).with_suffix("").as_posix() for path in book.rglob("*.md")}
    problems = [f"{toc.name} lists {name}, but book/{name}.md does not exist" for name in listed if name not in there]
    problems += [f"{toc.name} lists {name} twice" for name in sorted({n for n in listed if listed.count(n) > 1})]
    problems += [
        f"book/{name}.md is not in {toc.name}: add the line «- file: {name}»" for name in sorted(there - set(listed))
    ]
    if problems:
        raise BookProblem("\n".join(problems))
    return [Page(name, book / f"{name}.md") for name in listed]


@functools.cache
def configuration() -> dict:
    """The content of _config.yml."""
    return yaml.safe_load(CONFIG.read_text("utf-8"))


def repository() -> str:
    """Owner and name of the public repository; a fork's own in its GitHub Actions."""
    return os.environ.get("GITHUB_REPOSITORY") or "/".join(configuration()["repository"]["url"].split("/")[-2:])


def repository_url() -> str:
    """Address of the public repository."""
    return f"https://github.com/{repository()}"


def site_url() -> str:
    """Address of the published site, without a slash at its end."""
    owner, name = repository().split("/")
    return f"https://{owner.lower()}.github.io/{name}"
