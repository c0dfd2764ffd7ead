"""The exported notebooks of the built site: one test for each page with code."""

import os
from pathlib import Path

import nbformat
import pytest
import yaml

from bookbuild.pages import BOOK, SITE, TOC, Page, docnames

NOTEBOOKS = SITE / "notebooks"


def pages_with_code() -> list[str]:
    """Their docnames in reading order."""
    listed = [Page(name, BOOK / f"{name}.md") for name in docnames(yaml.safe_load(TOC.read_text("utf-8")))]
    return [page.docname for page in listed if page.path.is_file() and page.is_notebook]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give `docname` every page with code."""
    if "docname" in metafunc.fixturenames:
        metafunc.parametrize("docname", pages_with_code())


@pytest.fixture(name="docnames")
def every_docname() -> list[str]:
    """The names of all pages with code."""
    return pages_with_code()


@pytest.fixture
def exported():
    """A function that reads a page's exported notebook."""

    def read(docname: str) -> nbformat.NotebookNode:
        path: Path = NOTEBOOKS / f"{docname}.ipynb"
        if not path.is_file():
            problem = f"{path} is not there: run make book first"
            pytest.fail(problem) if os.environ.get("CI") == "true" else pytest.skip(problem)
        return nbformat.read(path, as_version=4)

    return read
