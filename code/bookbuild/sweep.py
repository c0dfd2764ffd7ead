"""Execute pages as other processors and other seeds would, and see which claims fall: `make sweep`.

Floating-point sums depend on the instructions that a processor has, and a training carries such a difference far.
So a claim that holds here may fall on a reader's machine. OpenBLAS, oneDNN and NumPy can be told to do without newer
instructions, which plays the older processors; seeds are shifted by rewriting the page's code. Each result is kept
in `_build/sweep/<page>/<setting>.json` under a key, so that an interrupted sweep goes on where it stopped.
"""

import ast
import asyncio
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import threadpoolctl
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__  # NumPy has no public list by name

from bookbuild.claims import claims_of, failed_claims
from bookbuild.execute import Execution, PageFailure, execute_page, workers
from bookbuild.fingerprint import page_key
from bookbuild.kernel import kernel_environment
from bookbuild.pages import BUILD, Page, read_notebook
from bookbuild.report import glued, write_json

SWEEP = BUILD / "sweep"
# OpenBLAS's core type, the flag of /proc/cpuinfo without which its kernels crash, oneDNN's limit for that generation.
PROCESSORS = (
    ("Prescott", "pni", "SSE41"),
    ("Nehalem", "sse4_2", "SSE41"),
    ("Sandybridge", "avx", "AVX"),
    ("Haswell", "avx2", "AVX2"),
    ("Zen", "avx2", "AVX2"),
    ("SkylakeX", "avx512f", "DEFAULT"),
)
SHIFTS = (1, 2, 100, 200)
SEED_NAMES = {"seed", "seeds", "random_state"}
SEEDED = {"default_rng", "set_random_seed", "RandomState", "SeedGenerator"}  # functions whose first argument is a seed


@dataclass(frozen=True)
class Setting:
    """One way to execute a page: environment of its kernel, and what is added to its seeds."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    shift: int = 0


def settings(*, cpuinfo: Path = Path("/proc/cpuinfo")) -> list[Setting]:
    """The settings that this machine can play, its own first.

    Where the system lists no flags (macOS, or no x86 processor), the other processors are left out.
    """
    flags = cpuinfo.read_text() if cpuinfo.is_file() else ""
    own = {library.get("architecture") for library in threadpoolctl.threadpool_info()}
    found = [Setting("own")]
    for core, flag, limit in PROCESSORS:
        if core not in own and re.search(rf"^flags\b.* {flag}\b", flags, re.MULTILINE):
            without = " ".join(newer_than(core))
            environment = {"OPENBLAS_CORETYPE": core, "ONEDNN_MAX_CPU_ISA": limit}
            found.append(Setting(core, environment | ({"NPY_DISABLE_CPU_FEATURES": without} if without else {})))
    one = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    found += [Setting("no oneDNN", {"TF_ENABLE_ONEDNN_OPTS": "0"}), Setting("one thread", one)]
    return found + [Setting(f"seeds+{by}", shift=by) for by in SHIFTS]


def newer_than(core: str) -> list[str]:
    """The instruction sets that NumPy would use here and a processor of that name lacks."""
    used = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    if core == "SkylakeX":
        return []
    return [name for name in used if core not in {"Haswell", "Zen"} or name.startswith(("AVX512", "X86_V4"))]


def shift_seeds(sources: Sequence[str], by: int) -> list[str]:
    """Code cells with each literal seed raised; a cell that is no plain Python stays as it is.

    A seed is a number that code names so: `seed=0`, `for seed in range(5)`, `default_rng(0)`, or a positional
    argument of one of the page's own functions whose parameter is called `seed`.

    >>> shift_seeds(["for seed in (0, 1):", "random = np.random.default_rng(0)", "fit(seed=7)"], 100)
    ['for seed in (0, 1):', 'random = np.random.default_rng(100)', 'fit(seed=107)']
    """
    trees = [_parsed(source) for source in sources]
    own = {
        node.name: [argument.arg for argument in node.args.args]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    return [_replaced(source, tree, own, by) for source, tree in zip(sources, trees, strict=True)]


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def _replaced(source: str, tree: ast.Module, own: dict[str, list[str]], by: int) -> str:
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    found = {node: new for holder in seed_expressions(tree, own) for node, new in _raised(holder, by)}
    for node, new in sorted(found.items(), key=lambda entry: (-entry[0].lineno, -entry[0].col_offset)):
        line = lines[node.lineno - 1]  # the numbers in it count bytes
        lines[node.lineno - 1] = line[: node.col_offset] + new.encode() + line[node.end_col_offset :]
    return b"".join(lines).decode()


def seed_expressions(tree: ast.Module, own: dict[str, list[str]]) -> Iterator[ast.expr]:
    """The expressions of a cell that stand where a seed is meant; `own` are the page's functions and parameters."""
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from (keyword.value for keyword in node.keywords if keyword.arg in SEED_NAMES)
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                parameters = ["seed"] if name in SEEDED else own.get(name, [])
                yield from (value for word, value in zip(parameters, node.args, strict=False) if word in SEED_NAMES)
            case ast.arguments():
                defaults = zip(reversed(node.args), reversed(node.defaults), strict=False)
                pairs = itertools.chain(defaults, zip(node.kwonlyargs, node.kw_defaults, strict=True))
                yield from (value for argument, value in pairs if value is not None and argument.arg in SEED_NAMES)
            case ast.Assign(targets=[target]):
                yield from _beside(target, node.value)
            case ast.For() | ast.comprehension():
                if isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Tuple | ast.List):
                    yield from itertools.chain(*(_beside(node.target, value) for value in node.iter.elts))
                else:
                    yield from _beside(node.target, node.iter)


def _beside(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    """What a target named for a seed is given, also as one of several."""
    if isinstance(target, ast.Name) and target.id in SEED_NAMES:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, given in zip(target.elts, value.elts, strict=False):
            yield from _beside(one, given)


def _raised(node: ast.expr, by: int) -> Iterator[tuple[ast.expr, str]]:
    """Each number of an expression with what takes its place."""
    match node:
        case ast.Constant(value=int(seed)) if not isinstance(seed, bool):
            yield node, str(seed + by)
        case ast.Tuple() | ast.List():
            yield from itertools.chain(*(_raised(element, by) for element in node.elts))
        case ast.Call(func=ast.Name(id="range"), args=[stop]):
            yield stop, f"{by}, {by} + {ast.unparse(stop)}"
        case ast.Call(func=ast.Name(id="range"), args=[start, stop, *_]):
            yield from ((end, f"{by} + {ast.unparse(end)}") for end in (start, stop))


def sweep(chosen: list[Page], wanted: list[Setting], *, folder: Path = SWEEP) -> list[dict]:
    """Execute each page under each setting and keep the results.

    Returns:
        A dictionary for each page and setting: page, setting, key, error (None if it ran), claims, numbers, seconds.
    """
    return asyncio.run(_sweep_all([(page, setting) for page in chosen for setting in wanted], folder))


async def _sweep_all(tasks: list[tuple[Page, Setting]], folder: Path) -> list[dict]:
    gate = asyncio.Semaphore(workers())
    environment = kernel_environment(folder / "ipython")

    async def one(page: Page, setting: Setting) -> dict:
        async with gate:
            return await _run(page, setting, environment, folder)

    return list(await asyncio.gather(*(one(*task) for task in tasks)))


async def _run(page: Page, setting: Setting, environment: dict[str, str], folder: Path) -> dict:
    notebook = read_notebook(page.path)
    assert notebook is not None  # `main` chooses pages with code
    rewrite(notebook, setting)
    told = json.dumps(setting.environment, sort_keys=True)
    key = f"{page_key(notebook)}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    path = folder / page.docname / f"{setting.name.replace(' ', '-')}.json"
    earlier = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if earlier.get("key") == key and earlier["error"] is None:
        return earlier
    error = None
    facts: dict = {"tier": "", "seconds": 0.0}
    try:
        facts = await execute_page(page, notebook, environment | setting.environment)
    except PageFailure as failure:
        error = str(failure)
    execution = Execution(page, notebook, facts, fresh=True)
    result = {
        "page": page.docname,
        "setting": setting.name,
        "key": key,
        "error": error,
        "seconds": facts["seconds"],
        "claims": list(claims_of(execution)),
        "numbers": {number["name"]: number["value"] for number in glued(execution)},
    }
    write_json(path, result)
    print(f"{page.docname}, {setting.name}: {mark(result)}, {facts['seconds']:.0f} s", flush=True)
    return result


def rewrite(notebook: nbformat.NotebookNode, setting: Setting) -> None:
    """Shift the seeds of a page's code cells in place."""
    if not setting.shift:
        return
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, source in zip(cells, shift_seeds([cell.source for cell in cells], setting.shift), strict=True):
        cell.source = source


def mark(result: dict) -> str:
    """One word for the outcome of a run: `ok`, the number of claims that fell, or `error`."""
    fell = sum(not claim["holds"] for claim in result["claims"])
    return "error" if result["error"] else f"{fell} fell" if fell else "ok"


def summary(results: list[dict]) -> str:
    """A table page by setting, then errors and fallen claims, then the range of each number that varies."""
    names = list(dict.fromkeys(result["setting"] for result in results))
    by_page = {
        page: {result["setting"]: result for result in of_page}
        for page, of_page in itertools.groupby(results, lambda result: result["page"])
    }
    wide = max(map(len, by_page))
    lines = [" " * wide + "  claims  " + "  ".join(names)]
    for page, runs in by_page.items():
        marks = "  ".join(f"{mark(runs[name]) if name in runs else '-':<{len(name)}}" for name in names)
        lines.append(f"{page:<{wide}}  {max(len(run['claims']) for run in runs.values()):6}  {marks}")
    for result in results:
        fell = [result["error"]] if result["error"] else []
        lines += [f"\n{result['setting']}: {line}" for line in fell + failed_claims(result["claims"])]
    lines.append("\nNumbers that vary, from the lowest to the highest:")
    lines += [f"  {line}" for runs in by_page.values() for line in ranges(list(runs.values()))]
    return "\n".join(lines)


def ranges(runs: list[dict]) -> Iterator[str]:
    """A line for each number of a page that differs between its runs."""
    for name in dict.fromkeys(name for run in runs for name in run["numbers"]):
        values = [value for run in runs if isinstance(value := run["numbers"].get(name), int | float)]
        if values and min(values) < max(values):
            yield f"{name}: {min(values):.6g} to {max(values):.6g}"
