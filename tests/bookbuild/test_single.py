"""Notebooks of single pages, exported without the site and without executing anything."""

import nbformat
import pytest

from bookbuild.pages import BookProblem, pages, repository
from bookbuild.single import export_notebooks

PAGES = {page.docname: page for page in pages()}


@pytest.mark.filterwarnings("ignore")  # of Sphinx's extensions, which no test of ours runs in its own process
def test_a_page_is_exported_with_its_references_and_source(tmp_path):
    (path,) = export_notebooks([PAGES["fundamentals/neurons"]], tmp_path)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert path == tmp_path / "notebooks/fundamentals/neurons.ipynb"
    assert repository() in code[0]
    assert any(source.startswith("%%source deepmedia.fundamentals.activations\ndef sigmoid(") for source in code)
    assert "\\tag{2.1}" in text  # numbered as in the whole book
    assert ".html#" in text  # a citation leads to the page with the bibliography


def test_a_page_without_code_is_named(tmp_path):
    with pytest.raises(BookProblem, match="start/how-to-read has no code"):
        export_notebooks([PAGES["start/how-to-read"]], tmp_path)
    assert list(tmp_path.iterdir()) == []
