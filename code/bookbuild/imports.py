"""Which modules of the package a page or a module uses, read from its source and followed through its imports."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from bookbuild.pages import ROOT

CODE = ROOT / "code"
PACKAGE = "deepmedia"
DOTTED = re.compile(rf"\b{PACKAGE}(?:\.\w+)*")
EVERYTHING = ("*", None)  # the import of who knows what: the whole package counts
Import = tuple[str, str | None]  # module, and the name taken from it, or None for all of it


def module_file(name: str, code: Path = CODE) -> Path | None:
    """The source of a module of the package; None if there is none of that name."""
    stem = code.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def cell_imports(cell: str) -> Iterator[Import]:
    r"""The imports from the package in a code cell, which may hold IPython's own syntax.

    >>> list(cell_imports("t = %timeit -o f()\n!ls\nfrom deepmedia.cnn import small_cnn"))
    [('deepmedia.cnn', 'small_cnn')]
    >>> list(cell_imports("%%source deepmedia.cnn.resnet\ndef resnet50(): ..."))
    [('deepmedia.cnn.resnet', None)]
    """
    if cell.startswith("%%"):
        magic, _, body = cell.partition("\n")
        yield from ((name, None) for name in DOTTED.findall(magic))
        if not body.strip() or magic.split()[0] in {"%%bash", "%%sh", "%%html", "%%writefile"}:
            return
        cell = body
    yield from imported_names(TransformerManager().transform_cell(cell))


def imported_names(source: str, *, package: str = "") -> Iterator[Import]:
    r"""The imports from the package in a source, as (module, name or None for all of it).

    Args:
        source: Python; where it can't be parsed, or computes what it imports, the whole package counts.
        package: The package that relative imports of the source start from.

    >>> list(imported_names("from deepmedia.cnn import small_cnn\nimport numpy, deepmedia.video"))
    [('deepmedia.cnn', 'small_cnn'), ('deepmedia.video', None)]
    >>> list(imported_names("from . import iou\nfrom ..cnn import rir", package="deepmedia.detection"))
    [('deepmedia.detection', 'iou'), ('deepmedia.cnn', 'rir')]
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        yield EVERYTHING
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield alias.name, None
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            if module.split(".")[0] == PACKAGE:
                for alias in node.names:
                    yield module, None if alias.name == "*" else alias.name
        elif isinstance(node, ast.Call):
            yield from _computed(node)


def _computed(call: ast.Call) -> Iterator[Import]:
    """What `importlib.import_module` or `__import__` brings: a name where one is written, else who knows what."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if function in {"import_module", "__import__"} and call.args:
        match call.args[0]:
            case ast.Constant(value=str(name)):
                if name.split(".")[0] == PACKAGE:
                    yield name, None
            case _:
                yield EVERYTHING


def resolve(module: str, name: str | None, code: Path = CODE) -> set[str]:
    """The modules that an import truly needs.

    A package's `__init__` runs at import but only passes names on, so a name
    is followed to the module that defines it and its siblings don't count.
    """
    if (module, name) == EVERYTHING:
        paths = (path.relative_to(code).with_suffix("") for path in (code / PACKAGE).rglob("*.py"))
        return {".".join(path.parts).removesuffix(".__init__") for path in paths}
    if name is not None and module_file(f"{module}.{name}", code):
        return {f"{module}.{name}"}
    path = module_file(module, code)
    if path is None or path.name != "__init__.py":
        return {module}
    passed_on = list(imported_names(path.read_text("utf-8"), package=module))
    if name is None:
        return {module}.union(*(resolve(*entry, code) for entry in passed_on))
    sources = [entry for entry in passed_on if entry[1] == name]
    return set().union(*(resolve(*entry, code) for entry in sources)) if sources else {module}


def modules_used(cells: Iterable[str], code: Path = CODE) -> dict[str, Path]:
    """The modules of the package that code cells use, followed through their imports."""
    found: dict[str, Path] = {}
    waiting = [entry for cell in cells for entry in cell_imports(cell)]
    while waiting:
        for module in resolve(*waiting.pop(), code):
            path = module_file(module, code)
            if path is not None and module not in found:
                found[module] = path
                if path.name != "__init__.py":
                    waiting += imported_names(path.read_text("utf-8"), package=module.rpartition(".")[0])
    return found
