"""Sphinx extension: source of the package on a page, with the file that it is from.

`literalinclude` of a file of `code/deepmedia` shows whole functions, classes, methods or constants. Above them stands
the file, as a link to these lines in the repository. Of a docstring the page shows the first paragraph; the notebook
has all of it, in a cell that redefines the source in its module (`deepmedia.source`).
"""

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from bookbuild.pages import ROOT, configuration, repository_url

LOGGER = logging.getLogger(__name__)
PACKAGE = ROOT / "code" / "deepmedia"


@dataclass(frozen=True)
class Shown:
    """Whole definitions of a module."""

    target: str  # the module, or the class whose methods they are, e.g. "deepmedia.fundamentals.layers.Dropout"
    first: int  # the lines in the file
    last: int


def locate(path: Path, text: str, package: Path = PACKAGE) -> Shown | None:
    """Where whole definitions stand in a file of the package; None if the text is less than that, or more.

    Args:
        path: The file.
        text: The lines that a page shows of it, perhaps with less indentation.
        package: The folder of the package.
    """
    source = path.read_text("utf-8")
    lines, wanted = source.splitlines(), text.strip("\n").splitlines()
    body = ast.parse(source).body
    rooms: list[tuple[str, list[ast.stmt]]] = [("", body)]
    rooms += [(f".{node.name}", node.body) for node in body if isinstance(node, ast.ClassDef)]
    places = range(1, len(lines) - len(wanted) + 2)
    first = next((n for n in places if _equal(lines[n - 1 : n - 1 + len(wanted)], wanted)), None)
    if first is None or not wanted:
        return None
    last = first + len(wanted) - 1
    module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
    for room, statements in rooms:
        spans = [(node, _first_line(node), node.end_lineno or 0) for node in statements]
        touched = [span for span in spans if span[1] <= last and span[2] >= first]
        allowed = (ast.FunctionDef, ast.AsyncFunctionDef) if room else ast.stmt
        if touched and all(s >= first and e <= last and isinstance(node, allowed) for node, s, e in touched):
            return Shown(module + room, first, last)
    return None


def _equal(lines: list[str], wanted: list[str]) -> bool:
    return [line.strip() for line in lines] == [line.strip() for line in wanted]


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])


def abridged(code: str) -> str:
    r'''Code whose docstrings end after their first paragraph.

    >>> print(abridged('def f():\n    """Do it.\n\n    More.\n    """\n    return 1'))
    def f():
        """Do it. …"""
        return 1
    '''
    lines = code.splitlines()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in [node for node in ast.walk(ast.parse(code)) if isinstance(node, kinds)]:
        if not ast.get_docstring(node):
            continue
        start, end = node.body[0].lineno - 1, node.body[0].end_lineno or 0
        blank = next((n for n in range(start, end) if not lines[n].strip()), None)
        if blank is not None:
            quotes = lines[end - 1].strip()[-3:]
            lines[blank - 1] = f"{lines[blank - 1]} …{quotes}"
            lines[blank:end] = [_GONE] * (end - blank)
    return "\n".join(line for line in lines if line is not _GONE)


_GONE = "\0"  # a line that is left out; it keeps the place of those behind it


def is_package_source(node: nodes.Node) -> bool:
    """Whether a node of a page is source of the package, which a notebook can run."""
    return isinstance(node, nodes.container) and bool(node.get("source_target"))


class PackageSource(LiteralInclude):
    """`literalinclude`, with the file above what is from the package."""

    def run(self) -> list[nodes.Node]:
        """Read the lines as Sphinx does, and frame them."""
        result = super().run()
        path = Path(self.env.relfn2path(self.arguments[0])[1]).resolve()
        block = result[0]
        if not path.is_relative_to(PACKAGE) or not isinstance(block, nodes.literal_block):
            return result
        code = textwrap.dedent(block.astext()).strip("\n")
        shown = locate(path, code)
        if shown is None:
            LOGGER.warning(
                "literalinclude of %s shows less than whole functions, classes, methods or constants",
                self.arguments[0],
                location=self.get_location(),
                type="package_source",
            )
            return result
        return [framed(block, code, shown, path.relative_to(ROOT).as_posix())]


def framed(block: nodes.literal_block, code: str, shown: Shown, file: str) -> nodes.container:
    """The source under a line that names its file and links to it.

    Args:
        block: What Sphinx shows of the file; its attributes are kept.
        code: The definitions, without indentation.
        shown: Where they stand.
        file: The file's path in the repository.
    """
    branch = configuration()["repository"]["branch"]
    address = f"{repository_url()}/blob/{branch}/{file}#L{shown.first}-L{shown.last}"
    link = nodes.reference("", file, refuri=address, internal=False)
    text = abridged(code)
    attributes: dict[str, Any] = {
        key: block[key] for key in block.attributes if key not in {"ids", "names", "backrefs"}
    }
    return nodes.container(
        "",
        nodes.paragraph("", "Source: ", link, classes=["package-source-file"]),
        nodes.literal_block(text, text, **attributes),
        classes=["package-source"],
        source_target=shown.target,
        source_code=code,
    )


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx, in place of its own directive."""
    app.add_directive("literalinclude", PackageSource, override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
