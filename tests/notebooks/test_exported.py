"""What every exported notebook of the built site must be."""

import re

import nbformat

from bookbuild.notebooks import INSTALL, find_raw_myst
from bookbuild.pages import BOOK, read_notebook, repository, site_url


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_a_notebook_is_valid_and_holds_no_outputs(docname, exported):
    notebook = exported(docname)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 1
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


def test_a_notebook_holds_no_raw_myst(docname, exported):
    assert find_raw_myst(exported(docname)) == []


def test_a_notebook_starts_with_its_title_the_way_back_and_the_installation(docname, exported):
    title, install, *_ = exported(docname).cells
    assert re.match(r"# \S", title.source)
    assert f"]({site_url()}/{docname}.html)" in title.source
    assert install.source == INSTALL.format(repository=repository()).rstrip()


def test_a_notebook_runs_all_code_of_its_page_in_order(docname, exported):
    page = read_notebook(BOOK / f"{docname}.md")
    assert page is not None
    wanted = [cell.source for cell in page.cells if cell.cell_type == "code" and cell.source.strip()]
    kept = [cell.source for cell in exported(docname).cells[2:] if cell.cell_type == "code"]
    assert [re.sub(r"^#@title .*\n", "", source, count=1, flags=re.MULTILINE) for source in kept] == wanted


def test_a_notebook_has_no_link_that_only_the_site_understands(docname, exported):
    links = re.findall(r"\]\((\S*?)\)|(?:src|href)=\"(.*?)\"", re.sub(r"`[^`]*`", "", text_of(exported(docname))))
    addresses = [markdown or html for markdown, html in links]
    assert addresses
    assert [address for address in addresses if not re.match(r"https?://|mailto:", address)] == []
