"""What every exported notebook of the built site must be."""

import builtins
import re

import nbformat

from bookbuild.notebooks import INSTALL, find_raw_myst
from bookbuild.pages import BOOK, read_notebook, repository, site_url
from bookbuild.shrinking import statements


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


def test_a_notebook_runs_the_code_of_its_page_in_order_but_glue_and_solutions(docname, exported):
    page = read_notebook(BOOK / f"{docname}.md")
    assert page is not None
    wanted = [cell for cell in page.cells if cell.cell_type == "code" and cell.source.strip()]
    notebook = exported(docname)
    kept = [cell.source for cell in notebook.cells[2:] if cell.cell_type == "code" and not is_source(cell)]
    kept = [re.sub(r"^#@title .*\n", "", source, count=1, flags=re.MULTILINE) for source in kept]
    text, place = text_of(notebook), 0
    for cell in wanted:
        if place < len(kept) and is_part_of(kept[place], cell.source):
            assert "remove-cell" in cell.metadata.get("tags", ()) or kept[place] == cell.source
            place += 1
        elif "remove-cell" not in cell.metadata.get("tags", ()):
            assert cell.source.rstrip() in text, "a cell is neither in the notebook nor in the text of a solution"
    assert place == len(kept)
    assert not [source for source in kept if re.search(r"^glue\(", source, re.MULTILINE)]


def test_a_notebook_uses_no_name_that_it_does_not_make(docname, exported):
    code = [cell.source for cell in exported(docname).cells[2:] if cell.cell_type == "code" and not is_source(cell)]
    known = set(dir(builtins)) | {"__file__"}
    unknown = []
    for cell in code:
        found = statements(cell)
        if found is None:  # a magic: its words may be anything
            known |= set(re.findall(r"[A-Za-z_]\w*", cell))
            continue
        for statement in found:
            unknown += sorted(statement.uses - known - statement.binds)
            known |= statement.binds
    assert len(known) > 100
    assert unknown == []


def is_source(cell):
    return cell.source.startswith("%%source ")


def is_part_of(kept, source):
    """Whether the lines of a cell are lines of another, in order."""
    lines = iter(source.splitlines())
    return all(line in lines for line in kept.splitlines())


def test_a_notebooks_source_cells_name_modules_of_the_package(docname, exported):
    sources = [cell.source for cell in exported(docname).cells if is_source(cell)]
    assert sources
    assert all(re.match(r"%%source deepmedia(\.\w+)+\n(@|def |class |\w+ = |#)", source) for source in sources)


def test_a_notebook_has_no_link_that_only_the_site_understands(docname, exported):
    links = re.findall(r"\]\((\S*?)\)|(?:src|href)=\"(.*?)\"", re.sub(r"`[^`]*`", "", text_of(exported(docname))))
    addresses = [markdown or html for markdown, html in links]
    assert addresses
    assert [address for address in addresses if not re.match(r"https?://|mailto:", address)] == []
