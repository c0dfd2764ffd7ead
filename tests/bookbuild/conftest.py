"""A Sphinx project in an empty folder, for tests of the book's extensions."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bookbuild.pages import Page

CONFIGURATION = """
html_title = "Tiny book"
extensions = ["myst_nb", "sphinx_exercise", "sphinx_design", "sphinx_togglebutton", "sphinxcontrib.bibtex", *{more}]
nb_execution_mode = "off"
bibtex_bibfiles = ["references.bib"]
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
numfig = True
language = "en"
"""
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---
"""


@dataclass(frozen=True)
class Built:
    """What a build left behind."""

    site: Path
    warnings: str


@pytest.fixture(scope="session")
def notebook_header() -> str:
    """The lines that make MyST-NB read a page as a notebook."""
    return HEADER


@pytest.fixture(scope="session")
def build_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """A function that writes files (name -> text or bytes), builds them with Sphinx and returns a `Built`."""

    def build(files: dict[str, str | bytes], *, extensions: tuple[str, ...]) -> Built:
        folder = tmp_path_factory.mktemp("project")
        files = {"conf.py": CONFIGURATION.format(more=list(extensions)), "references.bib": "", **files}
        for name, content in files.items():
            path = folder / "source" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        command = [sys.executable, "-m", "sphinx", "-q", "-n", "-T", "-b", "html", "source", "html"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return Built(folder / "html", done.stderr)

    return build


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., Page]:
    """A function that writes a page with the given code cells."""

    def make(*cells: str, name: str = "page") -> Page:
        path = tmp_path / f"{name}.md"
        body = "".join(f"\n```{{code-cell}} python\n{cell}\n```\n" for cell in cells)
        path.write_text(f"{HEADER}\n# Title\n{body}")
        return Page(name, path)

    return make
