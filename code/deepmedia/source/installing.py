"""Run a definition in its module, and move what it makes into what is there."""

import __future__

import ast
import enum
import functools
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

from deepmedia.source.definitions import PACKAGE, Definition, SourceProblem, definitions, kind, names, tree
from deepmedia.source.edits import EDITS, MISSING, Journal

STATE = ("__code__", "__defaults__", "__kwdefaults__", "__doc__", "__annotations__")  # what makes a function
OF_THE_CLASS = {"__dict__", "__weakref__", "__module__", "__qualname__", "__firstlineno__", "__static_attributes__"}
OF_THE_CLASS |= {"__slots__", "__abstractmethods__", "_abc_impl"}  # what a class keeps when its members change
IMPORTS = (ast.Import, ast.ImportFrom)
REGISTERS = "register_keras_serializable"  # not run again: the class stays the object that Keras knows


def install(
    node: ast.stmt,
    module: types.ModuleType,
    owner: type | None,
    filename: str,
    namespace: dict[str, Any],
    journal: Journal,
) -> None:
    """Run one definition, and move what it makes into the module, or into the class that owns it.

    Args:
        node: A function, class or constant; a method where there is an owner.
        module: The module of the package.
        owner: The class that the method belongs to.
        filename: What tracebacks call the cell.
        namespace: The reader's names.
        journal: Notes what is set.

    Raises:
        SourceProblem: If what is there can't take the new definition.
        Exception: What the definition raises.
    """
    if owner is not None:
        wrapped = ast.ClassDef(name=owner.__name__, bases=[], keywords=[], body=[node], decorator_list=[])
        wrapped.type_params = []  # type: ignore[attr-defined]  # a field since Python 3.12
        made = _run(ast.fix_missing_locations(ast.copy_location(wrapped, node)), module, filename)[owner.__name__]
        _rename_class(made, owner)
        name = names(node)[0]
        _put_member(owner, name, vars(made)[name], journal)
        return
    for name, new in _run(node, module, filename).items():
        old = vars(module)[name]
        if kind(node) == "class":
            _put_class(old, new, definitions(module, old), journal)
        elif kind(node) == "function":
            _put_function(name, old, new, journal)
        else:
            _put_constant(module, name, old, new, namespace, journal)


def _run(node: ast.stmt, module: types.ModuleType, filename: str) -> dict[str, Any]:
    """What a definition makes in the module's namespace, which is left as it was."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        node.decorator_list = [one for one in node.decorator_list if REGISTERS not in ast.unparse(one)]
    room = vars(module)
    features = [value for value in room.values() if isinstance(value, __future__._Feature)]
    flags = functools.reduce(lambda flags, feature: flags | feature.compiler_flag, features, 0)
    # Never run; seeing what is imported, Python compiles the calls of imported modules as it does in the file.
    imported: list[ast.stmt] = [
        one for one in tree(module).body if isinstance(one, IMPORTS) and "__future__" not in ast.unparse(one)
    ]
    unread = ast.If(test=ast.Constant(0), body=imported or [ast.Pass()], orelse=[])
    unit = ast.fix_missing_locations(ast.Module([ast.copy_location(unread, node), node], []))
    code = compile(unit, filename, "exec", flags, dont_inherit=True)
    before = dict(room)
    try:
        exec(code, room)
        return {name: room[name] for name in names(node)}
    finally:
        for name in [name for name, value in room.items() if before.get(name, MISSING) is not value]:
            if name in before:
                room[name] = before[name]
            else:
                del room[name]


def _put_function(name: str, old: Any, new: Any, journal: Journal) -> None:
    """Give a function the new one's code; below decorators that keep it under `__wrapped__`, the innermost."""
    olds, news = _chain(old), _chain(new)
    if not isinstance(olds[-1], types.FunctionType) or len(olds) != len(news) or olds[-1].__closure__:
        raise SourceProblem(f"{name} is hidden by its decorator: it can't be redefined in a notebook")
    for state in STATE:
        journal.set(olds[-1], state, getattr(news[-1], state))
    for layer in olds[:-1]:
        if hasattr(layer, "cache_clear"):
            layer.cache_clear()


def _chain(function: Any) -> list[Any]:
    """A function under all its decorators, outermost first; it ends at what is no plain function or cache."""
    chain = [function]
    while hasattr(chain[-1], "__wrapped__") and (
        isinstance(chain[-1], types.FunctionType) or hasattr(chain[-1], "cache_clear")
    ):
        chain.append(chain[-1].__wrapped__)
    return chain


def _put_class(old: type, new: type, originals: dict[str, Definition], journal: Journal) -> None:
    """Give a class the new one's members: its instances and subclasses follow."""
    if isinstance(old, enum.EnumMeta) or issubclass(old, tuple):
        raise SourceProblem(f"{old.__name__} is an enumeration or a tuple with names: it can't be redefined")
    if new.__bases__ != old.__bases__:
        raise SourceProblem(f"the base classes of {old.__name__} must stay {[base.__name__ for base in old.__bases__]}")
    if vars(old).get("__slots__") != vars(new).get("__slots__"):
        raise SourceProblem(f"the __slots__ of {old.__name__} must stay {vars(old).get('__slots__')}")
    _rename_class(new, old)
    members = {
        name: member
        for name, member in vars(new).items()
        if name not in OF_THE_CLASS and not isinstance(member, types.MemberDescriptorType)
    }
    for name, member in members.items():
        _put_member(old, name, member, journal)
    added = {edit.name for changed in EDITS.values() for edit in changed.values() if edit.owner is old}
    for name in (added | set(originals)) - set(members):
        if name in vars(old):
            journal.set(old, name, MISSING)


def _rename_class(new: type, old: type) -> None:
    """Let `super()` and the methods of a dataclass mean the class that stays."""
    for member in vars(new).values():
        for function in _functions(member):
            for cell in function.__closure__ or ():
                if cell != types.CellType() and cell.cell_contents is new:
                    cell.cell_contents = old


def _functions(member: Any) -> Iterator[types.FunctionType]:
    """The plain functions inside a class's member."""
    inner = [getattr(member, name, None) for name in ("__func__", "fget", "fset", "fdel", "func", "__wrapped__")]
    for found in (member, *inner):
        if isinstance(found, types.FunctionType):
            yield found


def _put_member(owner: type, name: str, new: Any, journal: Journal) -> None:
    """Set a member; a plain method keeps its identity where it can."""
    old = vars(owner).get(name)
    if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
        free = set(old.__code__.co_freevars) | set(new.__code__.co_freevars)
        if free <= {"__class__"} and old.__code__.co_freevars == new.__code__.co_freevars:
            for state in STATE:
                journal.set(old, state, getattr(new, state))
            return
    journal.set(owner, name, new)


def _put_constant(
    module: types.ModuleType,
    name: str,
    old: Any,
    new: Any,
    namespace: dict[str, Any],
    journal: Journal,
) -> None:
    """Set a constant wherever it was imported, and as the default of arguments."""
    loaded = [other for key, other in sys.modules.items() if key.split(".")[0] == PACKAGE and other is not None]
    for other in loaded:
        for alias in {name} if other is module else _aliases(other, name):
            if vars(other).get(alias) is old:
                journal.set(other, alias, new)
                _set_defaults(other, alias, old, new, journal)
    if namespace.get(name) is old:
        journal.set(namespace, name, new)


def _aliases(module: types.ModuleType, name: str) -> set[str]:
    """The names under which a module imports a name."""
    imports = (node for node in ast.walk(tree(module)) if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names if alias.name == name}


def _set_defaults(module: types.ModuleType, name: str, old: Any, new: Any, journal: Journal) -> None:
    """Change arguments whose default is written as this name."""
    for function, node in _functions_with_nodes(module):
        arguments = node.args
        for place, default in enumerate(reversed(arguments.defaults), start=1):
            values = function.__defaults__ or ()
            if _is_name(default, name) and len(values) >= place and values[-place] is old:
                changed = (*values[: len(values) - place], new, *values[len(values) - place + 1 :])
                journal.set(function, "__defaults__", changed)
        for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            values_by_name = function.__kwdefaults__ or {}
            if _is_name(keyword_default, name) and values_by_name.get(argument.arg, MISSING) is old:
                journal.set(function, "__kwdefaults__", values_by_name | {argument.arg: new})


def _is_name(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _functions_with_nodes(
    module: types.ModuleType,
) -> Iterator[tuple[types.FunctionType, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Each function and method that a module defines, with its place in the file."""
    homes: list[tuple[Any, list[ast.stmt]]] = [(module, tree(module).body)]
    homes += [(vars(module).get(node.name), node.body) for node in homes[0][1] if isinstance(node, ast.ClassDef)]
    for home, body in homes:
        for node in body:
            if home is not None and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                member = vars(home).get(node.name)
                function = inspect.unwrap(getattr(member, "__func__", member)) if member is not None else None
                if isinstance(function, types.FunctionType):
                    yield function, node
