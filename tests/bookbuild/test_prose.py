"""What each construct of a page becomes in a notebook, compared with Markdown written by hand."""

import base64
import re
from pathlib import Path

import nbformat
import pytest

from bookbuild.pages import site_url

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
CODE = "def double(x):\n    return 2 * x\n\n\ndef other(x):\n    return x\n"
REFERENCES = "@article{lecun1998, author={LeCun, Yann}, title={Gradients}, journal={Proc. IEEE}, year={1998}}"
CONSTRUCTS = Path(__file__).with_name("constructs.txt").read_text("utf-8")
CASES = {  # heading of a section -> (MyST of the page, Markdown of the notebook)
    name: (source.strip(), expected.strip())
    for name, source, expected in re.findall(
        r"^======== (.*?)\n(.*?)^--------\n(.*?)(?=^========|\Z)", CONSTRUCTS, re.MULTILINE | re.DOTALL
    )
}


@pytest.fixture(scope="module")
def built(build_project, notebook_header):
    page = "\n\n".join([f"{notebook_header}# Page", *(f"## {name}\n\n{source}" for name, (source, _) in CASES.items())])
    files = {
        "index.md": "# Home\n\n```{toctree}\n:numbered:\npart/page\nother\n```",
        "other.md": "# Other\n\n(sec-there)=\n## There\n\n```{bibliography}\n```",
        "part/page.md": page + "\n\n## Last\n\n```{code-cell} python\n1\n```\n",
        "part/dot.png": DOT,
        "part/code.py": CODE,
        "references.bib": REFERENCES,
    }
    return build_project(files, extensions=("bookbuild.quiz", "bookbuild.notebooks"))


@pytest.fixture(scope="module")
def sections(built):
    """Markdown under each heading of the exported notebook."""
    notebook = nbformat.read(built.site / "notebooks/part/page.ipynb", as_version=4)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    pieces = re.split(r"^## 1\.\d+\. (.*)\n\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], (piece.strip() for piece in pieces[2::2]), strict=True))


def test_no_construct_was_lost_in_reading_the_file():
    assert len(CASES) == CONSTRUCTS.count("======== ") > 40


@pytest.mark.parametrize("name", CASES)
def test_a_construct_becomes_the_markdown_written_by_hand(name, sections):
    expected = CASES[name][1].replace("SITE", site_url())
    assert re.sub(r"_downloads/[0-9a-f]{32}/", "_downloads/HASH/", sections[name]) == expected


def test_footnotes_stand_at_the_end(sections):
    assert sections["Last"].endswith("---\n\n<sup>1</sup> A *note*.")


def test_an_unknown_node_is_a_warning_that_names_node_and_page(built):
    pattern = r".*part/page\.md: WARNING: no Markdown for nodes of type (hlist|hlistcol|versionmodified): .*"
    lines = built.warnings.splitlines()
    assert len(lines) == 3, built.warnings
    assert all(re.fullmatch(pattern, line) for line in lines), built.warnings
