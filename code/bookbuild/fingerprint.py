"""The key of a page's execution: what its outputs depend on, and nothing else.

A page is executed again when its key changes: its code, the modules of `deepmedia` that it uses, the data that they
name, what of it can be had, the versions of the libraries that a page can feel, the kernel, or Python's minor version.
Comments, docstrings and layout of a module don't count, nor do the versions of what only checks or builds.
"""

import ast
import functools
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from bookbuild.imports import PACKAGE, modules_used
from bookbuild.kernel import CONFIGURATION, VARIABLES
from bookbuild.pages import ROOT
from deepmedia import datasets

REGISTRY = f"{PACKAGE}.datasets.registry"  # it names all data; a page feels only the rows of what it loads
FELT = ("tensorflow", "tensorflow-cpu", "ipykernel")  # beside what the package requires; not required by it by name
GLUE = "myst-nb"  # what keeps a glued number; the site's machinery below it is not felt


def code_of(path: Path) -> str:
    """What a module does: its syntax tree without docstrings, comments and layout."""
    return _code_of(path, path.stat().st_mtime_ns)


@functools.cache
def _code_of(path: Path, modified: int) -> str:  # modified: the cache must not outlive a change
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _documented(node):
            del node.body[0]
    return ast.dump(tree)


def _documented(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def words(modules: Iterable[Path], cells: Iterable[str]) -> set[str]:
    """The names in the strings of modules and cells, cut at slashes: folders and files that they may open."""
    text = [*map(code_of, modules), *cells]
    return {word for source in text for word in re.findall(r"[\w.-]+", source)}


def data_used(modules: Iterable[Path], named: set[str]) -> list[Path]:
    """The files beside modules that are not Python and are named: by their folder below `files`, or their stem."""
    beside = sorted({path.parent for path in modules if path.parent.name != PACKAGE})  # the root holds all parts
    files = {
        path: path.parent.name if path.parent.parent.name == "files" else path.stem
        for folder in beside
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    return sorted(path for path, name in files.items() if name in named)


@functools.cache
def _digest(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_state(named: set[str]) -> list[object]:
    """For each named folder of the registry: what of it can be had now, and its rows."""
    by_folder: dict[str, list[str]] = {}
    for name, row in sorted(datasets.REGISTRY.items()):
        by_folder.setdefault(name.split("/")[0], []).append(repr((row.name, row.sha256, row.size)))
    return [(folder, _tier(folder), rows) for folder, rows in by_folder.items() if folder in named]


@functools.cache
def _tier(folder: str) -> str:
    return datasets.data_tier(folder)


def felt_versions(root: Path) -> list[str]:
    """The lines of the lock for what a page can feel: the package's own requirements, with all that they require."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    required = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("_", "-") for line in project["dependencies"]}
    lock = dict(_locked((root / "requirements.txt").read_text("utf-8")))
    felt = required.union(FELT).intersection(name for name, _ in lock)
    while more := {entry for entry, (_, parents) in lock.items() if entry[0] not in felt and parents & felt}:
        felt |= {name for name, _ in more}
    return sorted(f"{name} {line}" for (name, line), _ in lock.items() if name in felt or name == GLUE)


def _locked(text: str) -> Iterator[tuple[tuple[str, str], tuple[str, set[str]]]]:
    """The entries of a lock: (name, version and marker), and (block, the packages that require it)."""
    for block in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE):
        if match := re.match(r"([\w.-]+)==([^\\\n]*)", block):
            parents = set(re.findall(r"^ +#(?: via)? +([\w.-]+)$", block, re.MULTILINE))
            yield (match[1], match[2].strip()), (block, parents)


def page_key(notebook: nbformat.NotebookNode, *, root: Path = ROOT) -> str:
    """Hexadecimal key of a page as read by `read_notebook`."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells]
    flags = [
        sorted({"raises-exception", "skip-execution"}.intersection(cell.metadata.get("tags", ()))) for cell in cells
    ]
    modules = {name: path for name, path in modules_used(sources, root / "code").items() if name != REGISTRY}
    named = words(modules.values(), sources)
    state = [
        list(zip(sources, flags, strict=True)),
        [(name, code_of(path)) for name, path in sorted(modules.items())],
        [
            (path.relative_to(root).as_posix(), _digest(path, path.stat().st_mtime_ns))
            for path in data_used(modules.values(), named)
        ],
        data_state(named) if any(name.startswith(f"{PACKAGE}.datasets") for name in modules) else [],
        felt_versions(root),
        [CONFIGURATION, VARIABLES],
        sys.version_info[:2],
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:20]
