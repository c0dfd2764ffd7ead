"""Sphinx extension: every page with code, exported as a notebook that runs alone.

The text comes from the page's resolved doctree, in which Sphinx has put in all
numbers, references and citations; the code comes from the page. Source of the
package becomes a cell that redefines it, a solution folded text with its code
and output, and a hidden cell keeps what the notebook needs. What Jupyter would
show raw is a warning, and so an error of the build: a kind of node that nobody
wrote Markdown for, or MyST that is left in a cell.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from bookbuild.inline import PageContext
from bookbuild.package_source import is_package_source
from bookbuild.pages import read_notebook, repository, site_url
from bookbuild.prose import Prose, first_title
from bookbuild.shrinking import Kind, shrink

LOGGER = logging.getLogger(__name__)
FOLDER = "notebooks"  # under the site
INSTALL = """\
# Install the book's package where it is missing (Colab has TensorFlow already), and show the versions.
import importlib.metadata, importlib.util, platform

if importlib.util.find_spec("deepmedia") is None:
    %pip install --quiet "deepmedia[tensorflow] @ git+https://github.com/{repository}"

import keras, numpy, tensorflow
print("Python", platform.python_version(), "with deepmedia", importlib.metadata.version("deepmedia"))
print("TensorFlow", tensorflow.__version__, "with Keras", keras.__version__, "and NumPy", numpy.__version__)
%load_ext deepmedia.source
"""
CLAIMS = "What the text says, checked on this machine"
FOLDED_CODE = {"hide-cell", "hide-input", "remove-cell", "remove-input"}  # tags; their underscored forms too
FOLDED_OUTPUT = {"hide-cell", "hide-output"}
KEPT_TAGS = {"raises-exception"}  # what runs a notebook needs it
RAW_MYST = re.compile(
    r"""^[ >]*(?:[`~:]{3,}[ ]*\{[^}\n]*\}.*   # ```{directive}
    |:{3,}.*                                 # the end of :::
    |\([\w:.\- ]+\)=[ ]*$                    # (label)=
    |\+\+\+.*                                # +++
    |%(?:[ ].*)?$                            # % a comment
    |:[\w-]+:(?:[ ].*)?$                     # :option: value
    |jupytext:[ ]*$)                         # a page's header
    |\$\$[ ]*\([\w:.-]+\)[ ]*$               # $$ (label)
    |\{[\w:.+-]+\}`[^`\n]*`?                 # {role}`text`
    |\{\{.*?\}\}                             # {{ substitution }}
    |\[\]\([^)\n]*\)                         # [](label)
    |(?<=[)\]…])\{[.\#][^}\n]*\}             # {.class}""",
    re.VERBOSE | re.MULTILINE,
)
FENCE = re.compile(r"^[ >]*(`{3,}|~{3,})[ ]*(\{?)")
HARMLESS = re.compile(
    r"(?<![`}])(`{1,2})(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$(?![ ]*\()|(?<!\$)\$[^$\n]+\$(?!\$)"
)  # code, formulas


@dataclass(frozen=True)
class Code:
    """A code cell of the page, and how the notebook shows it."""

    index: int  # in the page's own notebook
    title: str = ""  # what the folded cell is called; "" for one that is open or only folded by its tags
    caption: str = ""  # of the figure that it draws, with the figure's number
    in_text: bool = False  # it belongs to a solution, and the text before it holds its code


@dataclass(frozen=True)
class Source:
    """Source of the package, which the notebook can redefine."""

    target: str  # the module or class that it belongs to
    code: str


Part = str | Code | Source  # Markdown, or a code cell


def split_page(children: Sequence[nodes.Node], prose: Prose) -> list[Part]:
    """The text and code of nodes in reading order, cut at every heading and code cell."""
    parts: list[Part] = []
    for child in children:
        if _is_code(child):
            parts.append(Code(child["cell_index"], caption=_captions(child, prose)))
        elif is_package_source(child):
            parts.append(Source(child["source_target"], child["source_code"]))
        elif not any(_is_code(node) or is_package_source(node) for node in child.findall()) and not isinstance(
            child, nodes.section
        ):
            parts.append(prose.block(child))
        elif type(child).__name__ == "solution_node":
            parts.append(prose.block(child))
            parts += [Code(cell["cell_index"], in_text=True) for cell in child.findall(_is_code)]
        elif isinstance(child, nodes.Admonition):
            parts += _split_admonition(child, prose)
        else:
            parts += split_page(child.children, prose)
    return merged([part for part in parts if part])


def _split_admonition(node: nodes.Element, prose: Prose) -> list[Part]:
    """An exercise, or another frame, with code: each stretch of its text is wrapped, its code stands between them."""
    title = first_title(node)
    parts = split_page([child for child in node.children if child is not title], prose)
    if not isinstance(parts[0], str):
        parts.insert(0, "")  # code comes first: its label stands alone
    return [
        prose.wrapped(node, part, goes_on=place > 0) if isinstance(part, str) else part
        for place, part in enumerate(parts)
    ]


def _is_code(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _captions(cell: nodes.Element, prose: Prose) -> str:
    """The captions of the figures that a cell draws: the notebook draws them anew, the text names their numbers."""
    figures = [(figure, caption) for figure in cell.findall(nodes.figure) for caption in figure.findall(nodes.caption)]
    return "\n\n".join(prose.caption(figure, caption) for figure, caption in figures)


def merged(parts: Sequence[Part]) -> list[Part]:
    """Join neighbouring texts, so that a cell reaches from one heading or code cell to the next."""
    joined: list[Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(before, str) and not re.match(r"#{1,6} ", part):
            joined[-1] = f"{before}\n\n{part}"
        else:
            joined.append(part)
    return joined


def with_removed(parts: Sequence[Part], notebook: nbformat.NotebookNode) -> list[Part]:
    """Add the code cells that the site leaves out, folded, each after the cell before it.

    They state claims, and compute what later cells use.
    """
    shown = {part.index for part in parts if isinstance(part, Code)}
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    after: dict[int, list[Part]] = {}
    last = -1  # before any cell that is shown
    for index in code:
        last = index if index in shown else last
        if index not in shown:
            title = CLAIMS if "claim(" in notebook.cells[index].source else "Preparation"
            after.setdefault(last, []).append(Code(index, title))
    complete = after.pop(-1, [])
    for part in parts:
        complete.append(part)
        complete += after.pop(part.index, []) if isinstance(part, Code) else []
    return complete


def shrunk(parts: Sequence[Part], notebook: nbformat.NotebookNode) -> tuple[dict[int, str], list[str]]:
    """The code of each cell as the notebook needs it, by index; and what is wrong with the page."""
    kinds: dict[int, Kind] = {}
    for part in parts:
        if isinstance(part, Code):
            kinds[part.index] = "solution" if part.in_text else "hidden" if part.title else "shown"
    order = sorted(kinds)
    sources, problems = shrink([(notebook.cells[index].source, kinds[index]) for index in order])
    return dict(zip(order, sources, strict=True)), problems


def code_cell(source: str, tags: Sequence[str], *, title: str = "") -> nbformat.NotebookNode:
    """A code cell without outputs; folded where it has a title or the page folds it.

    Args:
        source: The code.
        tags: The cell's tags on the page.
        title: What Colab shows in place of the code.
    """
    names = {tag.replace("_", "-") for tag in tags}
    metadata: dict = {"tags": kept} if (kept := sorted(KEPT_TAGS & names)) else {}
    folded: dict = {}
    if title or FOLDED_CODE & names:
        folded["source_hidden"] = True
        metadata["cellView"] = "form"
    if not title and FOLDED_OUTPUT & names:
        folded["outputs_hidden"] = True
        metadata["collapsed"] = True  # the same, for what reads nbformat's older name
    metadata |= {"jupyter": folded} if folded else {}
    return nbformat.v4.new_code_cell(_titled(source, title), metadata=metadata)


def _titled(source: str, title: str) -> str:
    """Code under a title that Colab shows; a cell magic must stay first."""
    if not title:
        return source
    lines = source.split("\n")
    lines.insert(int(source.startswith("%%")), f"#@title {title}")
    return "\n".join(lines)


def introduction(heading: str, page: PageContext, book: str) -> str:
    """The first cell: the page's title and the way back to it."""
    return (
        f"{heading}\n\n*A page of [{book}]({page.site}/), as a notebook. "
        f"[The page on the site]({page.address}) shows what all cells give; the numbers in the text are from there. "
        "Run the cells from top to bottom: each builds on those before it. A cell that begins with `%%source` "
        "holds source of the book's package: change a line, run it and the cells below, and the package follows. "
        "`%source reset` takes all changes back.*"
    )


def export_page(
    doctree: nodes.document, notebook: nbformat.NotebookNode, prose: Prose, *, book: str, repository: str
) -> tuple[nbformat.NotebookNode, list[str]]:
    """The notebook of one page.

    Args:
        doctree: The page's resolved doctree.
        notebook: The page as MyST-NB reads it; only its code is used.
        prose: Writes the text, and knows the page; collects what it can't write.
        book: The book's title.
        repository: Owner and name of the public repository, which the package is installed from.

    Returns:
        A valid notebook of format 4.5, without outputs; and what is wrong with the page.
    """
    first, *parts = split_page(doctree.children, prose)
    heading, _, text = str(first).partition("\n\n")
    parts = [text, *parts] if text else parts
    cells = [nbformat.v4.new_markdown_cell(introduction(heading, prose.page, book))]
    cells.append(code_cell(INSTALL.format(repository=repository).rstrip(), ()))
    parts = with_removed(parts, notebook)
    sources, problems = shrunk(parts, notebook)
    for part in merged([part for part in parts if not isinstance(part, Code) or _stays(part, sources)]):
        cells += _cells(part, notebook, sources)
    name_cells(cells)
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "colab": {"provenance": [], "toc_visible": True},
    }
    exported = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(exported)
    return exported, problems


def _stays(part: Code, sources: dict[int, str]) -> bool:
    """Whether a cell is a cell of the notebook, too: not one of a solution, nor one of which nothing is left."""
    return not part.in_text and bool(sources[part.index])


def _cells(part: Part, notebook: nbformat.NotebookNode, sources: dict[int, str]) -> Iterator[nbformat.NotebookNode]:
    if isinstance(part, str):
        yield nbformat.v4.new_markdown_cell(part)
        return
    if isinstance(part, Source):
        yield code_cell(f"%%source {part.target}\n{part.code}", ())
        return
    yield code_cell(sources[part.index], notebook.cells[part.index].metadata.get("tags", ()), title=part.title)
    if part.caption:
        yield nbformat.v4.new_markdown_cell(part.caption)


def name_cells(cells: Sequence[nbformat.NotebookNode]) -> None:
    """Give each cell a name made from its content: the same page makes the same notebook."""
    seen: Counter[str] = Counter()
    for cell in cells:
        name = hashlib.sha256(f"{cell.cell_type} {cell.source}".encode()).hexdigest()[:12]
        cell["id"] = f"{name}-{seen[name]}" if seen[name] else name
        seen[name] += 1


def find_raw_myst(notebook: nbformat.NotebookNode) -> list[str]:
    """What in a notebook's text only MyST reads, as "cell 3: …"; code and formulas are not searched."""
    found = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            text = HARMLESS.sub("…", _without_code_blocks(cell.source))
            found += [f"cell {place}: {match[0].strip()}" for match in RAW_MYST.finditer(text)]
    return found


def _without_code_blocks(text: str) -> str:
    """The text without its blocks of code; the fences of directives stay."""
    kept: list[str] = []
    open_fences: list[tuple[str, bool]] = []  # each with whether it is a directive's
    for line in text.splitlines():
        fence = FENCE.match(line)
        in_code = bool(open_fences) and not open_fences[-1][1]
        if fence and open_fences and not line[fence.end(1) :].strip() and fence[1].startswith(open_fences[-1][0]):
            open_fences.pop()
        elif fence and not in_code:
            open_fences.append((fence[1], bool(fence[2])))
            kept += [line] if fence[2] else []
        elif not in_code:
            kept.append(line)
    return "\n".join(kept)


def write_notebook(path: Path, notebook: nbformat.NotebookNode) -> None:
    """Write through a temporary name, so that nobody finds half a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(nbformat.writes(notebook) + "\n", "utf-8")
    part.replace(path)


def page_context(app: Sphinx, docname: str) -> PageContext:
    """What Sphinx's environment knows of a page."""
    env = app.env
    return PageContext(
        site=site_url(),
        docname=docname,
        section_numbers=env.toc_secnumbers.get(docname, {}),
        figure_numbers=env.toc_fignumbers.get(docname, {}),
        number_formats=app.config.numfig_format,
        images={source: name for source, (_, name) in env.images.items()},
    )


def export(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the page's notebook beside the site's pages; warn of what a reader would see raw."""
    if app.builder.name != "html" or (page := read_notebook(Path(app.env.doc2path(docname)))) is None:
        return
    prose = Prose(page_context(app, docname))
    notebook, problems = export_page(doctree, page, prose, book=app.config.html_title, repository=repository())
    for problem in problems:
        _warn("%s: define it outside the solution", problem, docname)
    for name in sorted(prose.unknown):
        _warn("no Markdown for nodes of type %s: add a method to bookbuild.prose.Prose", name, docname)
    for myst in find_raw_myst(notebook):
        _warn("raw MyST in the notebook, %s", myst, docname)
    write_notebook(Path(app.outdir, FOLDER, f"{docname}.ipynb"), notebook)


def _warn(message: str, argument: str, docname: str) -> None:
    LOGGER.warning(message, argument, location=docname, type="notebooks")


def remove_stale(app: Sphinx, exception: Exception | None) -> None:
    """Delete notebooks whose page is gone, since the whole folder is published."""
    folder = Path(app.outdir, FOLDER)
    if exception is None and app.builder.name == "html":
        for path in folder.rglob("*.ipynb"):
            if path.relative_to(folder).with_suffix("").as_posix() not in app.env.found_docs:
                path.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx; late, so that other extensions have finished the doctree."""
    app.connect("doctree-resolved", export, priority=900)
    app.connect("build-finished", remove_stale)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
