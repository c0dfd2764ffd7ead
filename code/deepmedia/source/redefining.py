"""Redefine what a module of the package defines, and take it back."""

import ast
import itertools
import linecache
from typing import Any

from deepmedia.source.definitions import (
    PACKAGE,
    SourceProblem,
    check,
    check_known,
    definitions,
    find,
    is_original,
    names,
)
from deepmedia.source.edits import EDITS, Journal
from deepmedia.source.installing import install

NUMBERS = itertools.count(1)  # of the cells, for the file names in tracebacks


def redefine(target: str, source: str, namespace: dict[str, Any] | None = None) -> list[str]:
    """Redefine functions, classes and constants in their module, or methods in their class.

    Args:
        target: The module, e.g. ``"deepmedia.cnn.resnet"``, or a class of a module.
        source: The definitions, each of a name that the module or class defines itself. What is written as in the
            package's file is taken back to it.
        namespace: The reader's names; a constant that was imported into it is set there, too.

    Returns:
        The full names of those that differ from the package's file.

    Raises:
        SourceProblem: If the target is no module or class of the package, or the source defines what it does not have.
        SyntaxError: If the source is no Python.
        Exception: What a definition raises, such as a default value that can't be computed. After any error the
            module is as it was.
    """
    module, owner = find(target)
    filename = f"<source {target}, cell {next(NUMBERS)}>"
    statements = ast.parse(source, filename).body
    if not statements:
        raise SourceProblem(f"the cell defines nothing: write functions, classes or constants of {target} into it")
    originals = definitions(module, owner)
    for statement in statements:
        check(statement, originals, target, owner)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)  # for tracebacks
    journal = Journal()
    changed: list[str] = []
    try:
        for statement in statements:
            key = f"{target}.{names(statement)[0]}"
            same = is_original(statement, originals)
            if same and not any(key.startswith(f"{name}.") for name in EDITS):  # its class was not redefined
                journal.take_back(key)
                continue
            changed += [] if same else [key]
            journal.begin(key)
            install(statement, module, owner, filename, {} if namespace is None else namespace, journal)
    except BaseException:
        journal.undo()
        raise
    return changed


def reset(target: str = PACKAGE) -> list[str]:
    """Take back what was redefined in the package, a module, or one name.

    Args:
        target: A full name, e.g. ``"deepmedia.cnn.resnet"`` or ``"deepmedia.cnn.resnet.residual_block"``.

    Returns:
        The full names of what was taken back.

    Raises:
        SourceProblem: If the package has no such name.
    """
    if target != PACKAGE:
        check_known(target)
    taken = [name for name in EDITS if f"{name}.".startswith(f"{target}.")]
    Journal().take_back(target)
    return taken
