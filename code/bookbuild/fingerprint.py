"""The key of a page's execution: what its outputs depend on, and nothing else.

A page is executed again when its key changes: its code, the modules of
`deepmedia` that it uses (followed through their imports), the files of data
beside those modules, the data tier, the lock, or Python's minor version.
"""

import ast
import functools
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from bookbuild.pages import ROOT
from deepmedia import datasets

CODE = ROOT / "code"
PACKAGE = "deepmedia"
MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)  # lines of a cell that are not Python


def module_file(name: str, code: Path = CODE) -> Path | None:
    """The source of a module of the package; None if there is none of that name."""
    stem = code.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def imported_names(source: str) -> Iterator[tuple[str, str | None]]:
    r"""The imports from the package in a source, as (module, name or None for all of it).

    >>> list(imported_names("from deepmedia.cnn import small_cnn\nimport numpy, deepmedia.video"))
    [('deepmedia.cnn', 'small_cnn'), ('deepmedia.video', None)]
    """
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return  # the execution will name the cell or module, which is more help than failing here
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield alias.name, None
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            for alias in node.names:
                yield node.module, None if alias.name == "*" else alias.name


def resolve(module: str, name: str | None, code: Path = CODE) -> set[str]:
    """The modules that an import truly needs.

    A package's `__init__` runs at import but only passes names on, so a name
    is followed to the module that defines it and its siblings don't count.
    """
    if name is not None and module_file(f"{module}.{name}", code):
        return {f"{module}.{name}"}
    path = module_file(module, code)
    if path is None or path.name != "__init__.py":
        return {module}
    passed_on = list(imported_names(path.read_text("utf-8")))
    if name is None:
        return {module}.union(*(resolve(*entry, code) for entry in passed_on))
    sources = [entry for entry in passed_on if entry[1] == name]
    return set().union(*(resolve(*entry, code) for entry in sources)) if sources else {module}


def modules_used(source: str, code: Path = CODE) -> dict[str, Path]:
    """The modules of the package that a source uses, followed through their imports."""
    found: dict[str, Path] = {}
    waiting = [source]
    while waiting:
        for entry in imported_names(waiting.pop()):
            for module in resolve(*entry, code):
                path = module_file(module, code)
                if path is not None and module not in found:
                    found[module] = path
                    if path.name != "__init__.py":
                        waiting.append(path.read_text("utf-8"))
    return found


def data_used(modules: Iterable[Path], source: str) -> list[Path]:
    """The files beside those modules that are not Python: samples, weights, studies.

    Of the studies only those count that the page names.
    """
    folders = sorted({path.parent for path in modules if path.parent.name != PACKAGE})  # the root holds all parts
    files = {
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    return sorted(path for path in files if path.parent.name != "studies" or path.stem in source)


@functools.cache
def _digest(path: Path, modified: int) -> str:  # modified: the cache must not outlive a change
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def tiers() -> str:
    """Which downloads can be had now, a folder of the registry each."""
    folders = sorted({name.split("/")[0] for name in datasets.REGISTRY})
    return ",".join(f"{folder}={datasets.data_tier(folder)}" for folder in folders)


def page_key(notebook: nbformat.NotebookNode, *, root: Path = ROOT) -> str:
    """Hexadecimal key of a page as read by `read_notebook`."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    source = "\n".join(cell.source for cell in cells)
    digest = hashlib.sha256()
    for cell in cells:
        flags = sorted({"raises-exception", "skip-execution"}.intersection(cell.metadata.get("tags", ())))
        digest.update(repr((cell.source, flags)).encode())
    modules = modules_used(source, root / "code")
    for path in sorted({root / "requirements.txt", *modules.values(), *data_used(modules.values(), source)}):
        digest.update(f"{path.relative_to(root)} {_digest(path, path.stat().st_mtime_ns)}".encode())
    if any(name.startswith(f"{PACKAGE}.datasets") for name in modules):
        digest.update(tiers().encode())
    digest.update(f"{sys.version_info[0]}.{sys.version_info[1]}".encode())
    return digest.hexdigest()[:20]
