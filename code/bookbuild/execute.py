"""Execute the pages that are stale, side by side, and hand the results to MyST-NB.

Outputs are kept under `_build/executed/<page>/<key>.ipynb`. Before each build
the jupyter-cache that MyST-NB reads is filled from there: its own key knows
nothing of the package, the data or the lock (see fingerprint.py).
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from bookbuild.fingerprint import page_key
from bookbuild.kernel import kernel_environment
from bookbuild.pages import BUILD, Page, read_notebook

EXECUTED = BUILD / "executed"
CACHE = BUILD / ".jupyter_cache"
CELL_SECONDS = 900  # a page seen at 19 s took 99 s on a busy machine
PAGE_BYTES = 1_600_000_000  # memory that a page may need: its budget and a little
KEPT = 4  # executions kept of each page: two tiers, before and after a change

# Runs after the page's last cell, in its kernel, and is not part of the page.
PROBE = """\
import json, platform, resource, sys
from importlib import metadata
_names = ("deepmedia", "tensorflow", "keras", "numpy")
_used = sys.modules.get("deepmedia.datasets")
print(json.dumps({
    "executable": sys.executable,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024),
    "tier": "real" if _used and _used.fetched() else "built-in",
    "versions": {"Python": platform.python_version()}
    | {name: sys.modules[name].__version__ for name in _names if hasattr(sys.modules.get(name), "__version__")},
}))
"""


class PageFailure(Exception):
    """A page whose execution failed: page, cell and error in its text."""


@dataclass(frozen=True)
class Execution:
    """A page with its outputs and what its run took."""

    page: Page
    notebook: nbformat.NotebookNode
    facts: dict  # seconds, peak_mb, tier, versions, date, key
    fresh: bool  # executed by this build, not taken from an earlier one


def failure_text(page: Page, notebook: nbformat.NotebookNode, index: int, error: Exception) -> str:
    """Page, number and first lines of the cell at an index, and the error, for the terminal."""
    if isinstance(error, CellExecutionError):
        reason = f"{error.ename}: {error.evalue}"
    elif isinstance(error, DeadKernelError):
        reason = "the kernel died (out of memory?); _build/ipython/kernels.log may say why"
    else:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    code = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    if index not in code:  # before the first cell
        return f"book/{page.docname}.md: the kernel did not start: {reason}"
    source = "\n".join(f"    {line}" for line in notebook.cells[index].source.splitlines()[:12])
    return f"book/{page.docname}.md, code cell {code.index(index) + 1} of {len(code) - 1}: {reason}\n{source}"


async def execute_page(page: Page, notebook: nbformat.NotebookNode, environment: dict[str, str]) -> dict:
    """Run a page's cells in place, in an empty folder, and return what the run took.

    Raises:
        PageFailure: If a cell raises, takes too long, or the kernel dies.
    """
    probe = nbformat.v4.new_code_cell(PROBE)
    notebook.cells.append(probe)
    index = -1

    def note_cell(*, cell_index: int, **_: object) -> None:
        nonlocal index
        index = cell_index

    log_file = Path(environment["IPYTHONDIR"]) / "kernels.log"
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder, log_file.open("ab") as log:
            client = NotebookClient(
                notebook,
                timeout=CELL_SECONDS,
                kernel_name="python3",
                resources={"metadata": {"path": folder}},
                record_timing=False,  # it would enter the cells' metadata, which jupyter-cache compares
                on_cell_start=note_cell,
            )
            await client.async_execute(env=environment, stderr=log)
    except Exception as error:  # whatever it is, the other pages go on: a kernel may not even start
        raise PageFailure(failure_text(page, notebook, index, error)) from error
    finally:
        notebook.cells.remove(probe)
    seconds = time.monotonic() - started
    facts = read_probe(page, probe)
    used = facts.pop("executable")
    if Path(used).parent != Path(sys.executable).parent:
        raise PageFailure(
            f"book/{page.docname}.md ran with {used}, not with {sys.executable}: a foreign kernel named python3"
        )
    return facts | {"seconds": round(seconds, 1), "date": datetime.now(UTC).isoformat(timespec="seconds")}


def read_probe(page: Page, probe: nbformat.NotebookNode) -> dict:
    """What the probe printed, whatever was written beside it.

    Raises:
        PageFailure: If it printed nothing, e.g. because the page had redefined `print`.
    """
    streams = [output for output in probe.outputs if output.output_type == "stream"]
    lines = "".join(output.text for output in streams if output.name == "stdout").splitlines()
    for line in reversed(lines):
        try:
            facts = json.loads(line)
        except ValueError:
            continue
        if isinstance(facts, dict) and "executable" in facts:
            return facts
    printed = "".join(output.text for output in streams).strip() or "nothing"
    raise PageFailure(f"book/{page.docname}.md: the probe after its last cell can't be read; it printed: {printed}")


def stored(page: Page, notebook: nbformat.NotebookNode, key: str, folder: Path) -> Execution | None:
    """An earlier execution with that key, its outputs put into the page as it reads now."""
    path = folder / page.docname / f"{key}.ipynb"
    if not path.is_file():
        return None
    path.touch()  # the oldest are dropped first
    earlier = nbformat.read(path, as_version=4)
    outputs = [cell for cell in earlier.cells if cell.cell_type == "code"]
    for cell, done in zip((c for c in notebook.cells if c.cell_type == "code"), outputs, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return Execution(page, notebook, dict(earlier.metadata["bookbuild"]), fresh=False)


def store(execution: Execution, folder: Path) -> None:
    """Keep an execution under its key and drop the page's oldest ones."""
    target = folder / execution.page.docname
    target.mkdir(parents=True, exist_ok=True)
    kept = nbformat.from_dict(execution.notebook | {"metadata": {"bookbuild": execution.facts}})
    path = target / f"{execution.facts['key']}.ipynb"
    part = path.with_suffix(".part")
    nbformat.write(kept, part)
    part.replace(path)
    by_age = sorted(target.glob("*.ipynb"), key=lambda file: file.stat().st_mtime_ns)
    for old in by_age[:-KEPT]:
        old.unlink()


def workers() -> int:
    """How many pages run at once: one a core that this process may use, and no more than the memory holds."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = available_bytes()
    return max(1, cores if memory is None else min(cores, memory // PAGE_BYTES))


def available_bytes(root: Path = Path("/")) -> int | None:
    """Memory that can be had without swapping, also in a container; None where the system does not say (macOS)."""
    found = []
    with contextlib.suppress(OSError):
        meminfo = (root / "proc/meminfo").read_text()
        if match := re.search(r"^MemAvailable: +([0-9]+) kB", meminfo, re.MULTILINE):
            found.append(int(match[1]) * 1024)
    control = root / "sys/fs/cgroup"
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        with contextlib.suppress(OSError, ValueError):  # no such group, or "max": no limit
            found.append(int((control / limit).read_text()) - int((control / used).read_text()))
    return max(0, min(found)) if found else None


async def _execute_all(
    stale: list[tuple[Page, nbformat.NotebookNode, str]], folder: Path
) -> list[Execution | PageFailure]:
    environment = kernel_environment(BUILD / "ipython")
    gate = asyncio.Semaphore(workers())

    async def one(page: Page, notebook: nbformat.NotebookNode, key: str) -> Execution | PageFailure:
        async with gate:
            print(f"executing {page.docname}", flush=True)
            try:
                facts = await execute_page(page, notebook, environment)
            except PageFailure as failure:
                print(f"FAILED    {failure}", file=sys.stderr, flush=True)
                return failure
        execution = Execution(page, notebook, facts | {"key": key}, fresh=True)
        store(execution, folder)
        print(f"executed  {page.docname} in {facts['seconds']:.0f} s", flush=True)
        return execution

    return list(await asyncio.gather(*(one(*entry) for entry in stale)))


def execute(chosen: list[Page], *, folder: Path = EXECUTED) -> tuple[list[Execution], list[PageFailure]]:
    """Bring all notebook pages of a list up to date, whatever fails on the way.

    Returns:
        The executions in the order of the list, and the failures.
    """
    done: dict[str, Execution] = {}
    stale = []
    for page in chosen:
        notebook = read_notebook(page.path)
        if notebook is None:
            continue
        key = page_key(notebook)
        earlier = stored(page, notebook, key, folder)
        if earlier is None:
            stale.append((page, notebook, key))
        else:
            done[page.docname] = earlier
    results = asyncio.run(_execute_all(stale, folder)) if stale else []
    done |= {result.page.docname: result for result in results if isinstance(result, Execution)}
    failures = [result for result in results if isinstance(result, PageFailure)]
    return [done[page.docname] for page in chosen if page.docname in done], failures


def fill_cache(
    executions: list[Execution],
    *,
    folder: Path = CACHE,
    prepare: Callable[[nbformat.NotebookNode], nbformat.NotebookNode] = lambda notebook: notebook,
) -> None:
    """Make the jupyter-cache that MyST-NB reads, with exactly these executions, each as `prepare` makes it ready."""
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(str(folder))
    for execution in executions:
        bundle = CacheBundleIn(
            prepare(execution.notebook),
            str(execution.page.path),
            data={"execution_seconds": execution.facts["seconds"]},
        )
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    cache.db.dispose()  # else the connection stays open until it is collected
