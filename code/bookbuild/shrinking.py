"""What a notebook keeps of the cells that a page hides.

The page's `glue` puts numbers into its text, which a notebook has already: these statements go, and what serves them
alone goes with them. Claims stay. A solution is text in a notebook, so that nothing may use a name that it binds:
statements of hidden cells that do belong to it and go, and a cell that does is a problem of the page.
"""

import ast
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["shown", "hidden", "solution"]
# What changes numbers that come later, even where nobody reads its own result.
ACTS = re.compile(r"rng|random|seed|\bfit|train|\bstep|backward|update|shuffle|permutation|draw|sample|pop\(|next\(")
DEFINES = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef)


@dataclass
class Statement:
    """One statement at the top of a cell."""

    node: ast.stmt
    uses: set[str]
    binds: set[str]
    dropped: set[int] = field(default_factory=set)  # the lines of the cell that go

    @property
    def lines(self) -> set[int]:
        """The lines of the cell that it stands on, from 1."""
        return set(range(_first_line(self.node), (self.node.end_lineno or 0) + 1))

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it is left."""
        return self.dropped >= self.lines


def names_of(node: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement takes from outside, and those that it binds there.

    >>> names_of(ast.parse("y = [x * a for x in b]").body[0]) == ({"a", "b"}, {"y"})
    True
    """
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    uses |= {inner.target.id for inner in ast.walk(node) if _adds_to_name(inner)} & binds  # type: ignore[attr-defined]
    for inner in _inner_tables(table):
        uses |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
        binds |= {s.get_name() for s in inner.get_symbols() if s.is_declared_global() and s.is_assigned()}
    return uses, binds


def _adds_to_name(node: ast.AST) -> bool:
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _inner_tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner_tables(child)


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])


def statements(source: str) -> list[Statement] | None:
    """A cell's statements; None where it is no plain Python, such as with a magic in it."""
    if source.startswith(("%%time\n", "%%capture\n")):
        source = "\n" + source.partition("\n")[2]
    try:
        return [Statement(node, *names_of(node)) for node in ast.parse(source).body]
    except SyntaxError:
        return None


def shrink(cells: Sequence[tuple[str, Kind]]) -> tuple[list[str], list[str]]:
    """Shrink the hidden cells of a page to what its notebook needs.

    Args:
        cells: The code of all cells in order, and what each is: shown, hidden, or part of a solution.

    Returns:
        The code of all cells, hidden ones perhaps shorter or empty; and what is wrong with the page, as
        "code cell 3 …", counted from 1.
    """
    parsed = [statements(source) for source, _ in cells]
    problems = _drop_what_solutions_make(cells, parsed)
    hidden = [
        statement
        for (_, kind), found in zip(cells, parsed, strict=True)
        if kind == "hidden"
        for statement in found or ()
    ]
    for statement in hidden:
        _drop_glue(statement)
    _drop_what_serves_nobody(cells, parsed)
    kept = []
    for (source, kind), found in zip(cells, parsed, strict=True):
        gone = set().union(*(statement.dropped for statement in found or ())) if kind == "hidden" else set()
        lines = [line for number, line in enumerate(source.splitlines(), start=1) if number not in gone]
        text = re.sub(r"\n{3,}", "\n\n\n", "\n".join(lines)).strip("\n") if gone else source
        has_code = any(not statement.is_gone for statement in found) if found is not None else True
        kept.append(text if has_code or not gone else "")
    return kept, problems


def _drop_what_solutions_make(cells: Sequence[tuple[str, Kind]], parsed: Sequence[list[Statement] | None]) -> list[str]:
    """Drop hidden statements that use names as a solution left them; name shown cells that do."""
    problems = []
    known: set[str] = set()  # names that the notebook has
    spoilt: set[str] = set()  # names that on the page have what a solution gave them
    for number, ((source, kind), found) in enumerate(zip(cells, parsed, strict=True), start=1):
        if found is None:
            found = [Statement(ast.Pass(lineno=1, end_lineno=0), set(re.findall(r"[A-Za-z_]\w*", source)), set())]
        for statement in found:
            foreign = statement.uses & spoilt
            if kind == "solution":
                imported = (
                    statement.binds & known if isinstance(statement.node, (ast.Import, ast.ImportFrom)) else set()
                )
                spoilt |= statement.binds - imported
                continue
            if foreign and kind == "hidden":
                statement.dropped = statement.lines
                spoilt |= statement.binds
                continue
            if foreign:
                names = ", ".join(sorted(foreign))
                problems.append(
                    f"code cell {number} uses {names} as a solution leaves it, which a notebook does not run"
                )
            known |= statement.binds
            spoilt -= statement.binds
    return problems


def _drop_glue(statement: Statement) -> None:
    """Mark the lines of calls of `glue`, and what holds nothing else."""
    for node in _glued(statement.node):
        statement.dropped |= set(range(node.lineno, (node.end_lineno or 0) + 1))


def _glued(node: ast.stmt) -> list[ast.stmt]:
    """The statements in a statement, itself perhaps, that only glue."""
    if isinstance(node, ast.Expr):
        call = node.value
        return [node] if isinstance(call, ast.Call) and ast.unparse(call.func) == "glue" else []
    if not isinstance(node, (ast.For, ast.If, ast.With)):
        return []
    rooms = [node.body, getattr(node, "orelse", [])]
    found = [[_glued(child) for child in room] for room in rooms]
    whole = [[gone == [child] for gone, child in zip(*pair, strict=True)] for pair in zip(found, rooms, strict=True)]
    if all(all(room) for room in whole):
        return [node]
    if any(room and all(room) for room in whole):
        return []  # an empty branch would be no Python
    return [child for room in found for gone in room for child in gone]


def _drop_what_serves_nobody(cells: Sequence[tuple[str, Kind]], parsed: Sequence[list[Statement] | None]) -> None:
    """Drop definitions in hidden cells that only dropped statements used."""
    everything: list[tuple[Statement, Kind]] = []
    always: set[str] = set()  # read by functions, at any time, or by cells that can't be parsed
    for (source, kind), found in zip(cells, parsed, strict=True):
        everything += [(statement, kind) for statement in found or ()]
        always |= set(re.findall(r"[A-Za-z_]\w*", source)) if found is None else set()
    always |= {name for statement, _ in everything if _defines_functions(statement.node) for name in statement.uses}
    changed = True
    while changed:
        changed = False
        served = {name for statement, _ in everything if statement.dropped for name in statement.uses}
        later = set(always)  # read by what stays, after the statement in hand
        for statement, kind in reversed(everything):
            if statement.is_gone:
                continue
            if kind == "hidden" and _may_go(statement) and statement.binds & served and not statement.binds & later:
                statement.dropped = statement.lines
                changed = True
                continue
            if isinstance(statement.node, DEFINES):
                later -= statement.binds - always
            later |= _uses_left(statement)


def _defines_functions(node: ast.stmt) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    return any(isinstance(inner, kinds) for inner in ast.walk(node))


def _uses_left(statement: Statement) -> set[str]:
    """The names that the lines which stay still use."""
    if not statement.dropped:
        return statement.uses
    kept = [line for line in ast.walk(statement.node) if getattr(line, "lineno", None) not in statement.dropped]
    return {node.id for node in kept if isinstance(node, ast.Name)}


def _may_go(statement: Statement) -> bool:
    """Whether a statement only makes what it binds; for a loop or branch, what its lines that stay make."""
    left = _leaves(statement.node, statement.dropped)
    return bool(statement.binds) and all(isinstance(leaf, DEFINES) and _only_makes(leaf) for leaf in left)


def _leaves(node: ast.stmt, dropped: set[int]) -> list[ast.stmt]:
    """The statements inside loops and branches that stay."""
    if not isinstance(node, (ast.For, ast.If)):
        return [] if node.lineno in dropped else [node]
    return [leaf for child in [*node.body, *node.orelse] for leaf in _leaves(child, dropped)]


def _only_makes(node: ast.stmt) -> bool:
    imports = isinstance(node, (ast.Import, ast.ImportFrom))
    return imports or not (ACTS.search(ast.unparse(node)) or _sets_inside(node))


def _sets_inside(node: ast.stmt) -> bool:
    """Whether an assignment changes an object, as `a[0] = 1` does."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(t, (ast.Attribute, ast.Subscript)) for t in targets)
