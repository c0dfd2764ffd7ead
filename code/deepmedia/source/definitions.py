"""What a cell of `%%source` may hold: definitions of names that a module of the package, or a class in it, has."""

import ast
import copy
import functools
import importlib
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

PACKAGE = "deepmedia"
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class SourceProblem(ValueError):
    """A cell, or a name, that can't be used; the text says why, and the module is as it was."""


def find(target: str) -> tuple[types.ModuleType, type | None]:
    """The module, and the class where the target is one."""
    if target.split(".")[0] != PACKAGE:
        raise SourceProblem(f"{target!r} is no module of {PACKAGE}: write its full name, e.g. {PACKAGE}.cnn.resnet")
    name, inner = target, ""
    while _spec(name) is None:
        name, _, last = name.rpartition(".")
        inner = f"{last}.{inner}".rstrip(".")
    module = importlib.import_module(name)
    if not inner:
        return module, None
    owner = vars(module).get(inner)
    if not isinstance(owner, type):
        raise SourceProblem(f"{name} has no module or class {inner!r}; is it spelt as in the package?")
    if owner.__module__ != name:
        raise SourceProblem(f"{inner} is defined in {owner.__module__}: write {owner.__module__}.{inner}")
    return module, owner


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:  # its parent is no package
        return None


def check_known(target: str) -> None:
    """Refuse a name that neither is a module or class nor is defined in one."""
    try:
        find(target)
    except SourceProblem:
        owner, _, name = target.rpartition(".")
        if not owner or name not in definitions(*find(owner)):
            raise


def definitions(module: types.ModuleType, owner: type | None) -> dict[str, Definition]:
    """What the module's file, or the class in it, defines by name."""
    body: list[ast.stmt] = tree(module).body
    if owner is not None:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == owner.__name__)
    return {name: node for node in body if isinstance(node, Definition) for name in names(node)}


def tree(module: types.ModuleType) -> ast.Module:
    """The syntax tree of a module's file; its nodes are shared, so they must not be changed."""
    path = Path(module.__file__ or "")
    return _parsed(path.read_text("utf-8") if path.suffix == ".py" else "")


@functools.cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def names(node: ast.stmt) -> list[str]:
    """The names that a definition binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def check(node: ast.stmt, originals: dict[str, Definition], target: str, owner: type | None) -> None:
    """Refuse what is no definition, or defines what the module or class does not."""
    wanted = ast.FunctionDef | ast.AsyncFunctionDef if owner else Definition
    if not isinstance(node, wanted) or not names(node):
        what = "methods" if owner else "functions, classes and constants"
        raise SourceProblem(
            f"a cell of %%source holds {what} only, and line {node.lineno} is {ast.unparse(node).splitlines()[0]!r}: "
            "put what shall run into a cell of its own, and imports inside the function that needs them"
        )
    for name in names(node):
        original = originals.get(name)
        if original is None:
            raise SourceProblem(_unknown(name, target, owner, originals))
        if kind(original) != kind(node):
            raise SourceProblem(f"{name} is a {kind(original)} in {target}, and a {kind(node)} in the cell")
    if isinstance(node, Definition) and not owner and _decorators(node) != _decorators(original):
        kept = " ".join(f"@{text}" for text in _decorators(original)) or "none"
        raise SourceProblem(f"the decorators of {name} must stay as in {target} ({kept}): change what is below them")


def _unknown(name: str, target: str, owner: type | None, originals: dict[str, Definition]) -> str:
    """Why a name can't be redefined here."""
    found = None if owner else vars(sys.modules[target]).get(name)
    if (home := getattr(found, "__module__", target)) != target:
        return f"{target} takes {name} from {home}: write %%source {home}"
    known = ", ".join(other for other in originals if not other.startswith("__"))
    return f"{target} does not define {name!r}; a cell can redefine {known}. Put a helper inside the function"


def kind(node: ast.stmt) -> str:
    """What a definition makes: "class", "function" or "constant"."""
    if isinstance(node, ast.ClassDef):
        return "class"
    return "function" if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else "constant"


def _decorators(node: ast.stmt | None) -> list[str]:
    return [ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ())]


def is_original(node: ast.stmt, originals: dict[str, Definition]) -> bool:
    """Whether a cell's definition is that of the package's file; comments and a docstring's indentation don't count."""
    return _plain(node) == _plain(originals[names(node)[0]])


def _plain(node: ast.stmt) -> str:
    """A definition without places; a method that stands alone has less indentation in its docstring."""
    copied = copy.deepcopy(node)
    for inner in ast.walk(copied):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(inner):
            inner.body[0] = ast.Expr(ast.Constant(ast.get_docstring(inner)))
    return ast.dump(copied)
