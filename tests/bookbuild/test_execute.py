import asyncio
import shutil

import nbformat
import pytest
from jupyter_cache import get_cache

from bookbuild import execute
from bookbuild.kernel import kernel_environment
from bookbuild.pages import read_notebook


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    return tmp_path / "executed"


def text(execution, cell):
    code = [entry for entry in execution.notebook.cells if entry.cell_type == "code"]
    return code[cell].outputs[0]["text" if "text" in code[cell].outputs[0] else "data"]


def test_a_page_is_executed_once_and_then_taken_from_the_store(page, store):
    first, failures = execute.execute([page("import os\nprint(6 * 7)")], folder=store)
    again, _ = execute.execute([page("import os\nprint(6 * 7)")], folder=store)
    assert not failures
    assert [execution.fresh for execution in (*first, *again)] == [True, False]
    assert text(first[0], 0) == text(again[0], 0) == "42\n"
    assert again[0].facts == first[0].facts
    assert set(first[0].facts) == {"seconds", "peak_mb", "tier", "versions", "date", "key"}
    assert first[0].facts["peak_mb"] > 20  # a Python with IPython never needs less


def test_the_probe_is_not_part_of_the_page(page, store):
    (execution,), _ = execute.execute([page("1 + 1")], folder=store)
    assert [cell.source for cell in execution.notebook.cells if cell.cell_type == "code"] == ["1 + 1"]


def test_a_failing_page_is_named_with_cell_and_error_and_stops_no_other(page, store):
    bad = page("good = 1", "good / 0", name="bad")
    done, failures = execute.execute([bad, page("print('here')", name="good")], folder=store)
    assert [execution.page.docname for execution in done] == ["good"]
    assert len(failures) == 1
    assert str(failures[0]) == "book/bad.md, code cell 2 of 2: ZeroDivisionError: division by zero\n    good / 0"


def test_a_cell_that_is_not_python_is_named_too(page, store):
    _, failures = execute.execute([page("1 +", name="bad")], folder=store)
    assert "book/bad.md, code cell 1 of 1: SyntaxError" in str(failures[0])


def test_a_failure_is_not_stored(page, store):
    bad = page("1 / 0", name="bad")
    execute.execute([bad], folder=store)
    assert not list(store.rglob("*.ipynb"))


def test_a_kernel_that_dies_is_a_failure_of_its_cell(page, store):
    _, failures = execute.execute([page("import os", "os._exit(1)", name="dies")], folder=store)
    assert "book/dies.md, code cell 2 of 2: the kernel died" in str(failures[0])


def test_a_page_runs_in_an_empty_folder(page, store):
    (execution,), _ = execute.execute([page("import os\nprint(os.listdir())")], folder=store)
    assert text(execution, 0) == "[]\n"


def test_output_of_c_code_on_standard_error_stays_out_of_the_page(page, store):
    (execution,), _ = execute.execute([page("import os\nos.write(2, b'log line\\n')\nprint('seen')")], folder=store)
    outputs = next(cell for cell in execution.notebook.cells if cell.cell_type == "code").outputs
    assert "log line" not in str(outputs)
    assert "seen" in str(outputs)


def test_pages_run_side_by_side(page, store, tmp_path, monkeypatch):
    # Each page waits for the other's file, so neither can finish alone.
    monkeypatch.setattr(execute, "workers", lambda: 2)
    wait = (
        "import pathlib, time\nfolder = pathlib.Path({folder!r})\n(folder / {mine!r}).touch()\n"
        "limit = time.time() + 60\nwhile not (folder / {other!r}).exists():\n"
        "    assert time.time() < limit\n    time.sleep(0.05)"
    )
    pages = [
        page(wait.format(folder=str(tmp_path), mine=mine, other=other), name=mine)
        for mine, other in (("a", "b"), ("b", "a"))
    ]
    done, failures = execute.execute(pages, folder=store)
    assert len(done) == 2
    assert not failures


def test_a_changed_alt_text_keeps_the_outputs(page, store):
    execute.execute([page("print(1)")], folder=store)
    changed = page("---\nmystnb:\n  image:\n    alt: A new text.\n---\nprint(1)")
    (execution,), _ = execute.execute([changed], folder=store)
    cell = next(entry for entry in execution.notebook.cells if entry.cell_type == "code")
    assert not execution.fresh
    assert cell.metadata["mystnb"]["image"]["alt"] == "A new text."
    assert text(execution, 0) == "1\n"


def test_the_oldest_executions_are_dropped(page, store):
    for number in range(execute.KEPT + 2):
        execute.execute([page(f"print({number})")], folder=store)
    assert len(list(store.rglob("*.ipynb"))) == execute.KEPT
    (execution,), _ = execute.execute([page(f"print({execute.KEPT + 1})")], folder=store)
    assert not execution.fresh


def test_mystnb_finds_the_executions_in_its_cache(page, store, tmp_path):
    shown = page("print(1)")
    done, _ = execute.execute([shown], folder=store)
    folder = tmp_path / "cache"
    execute.fill_cache(done, folder=folder)
    cache = get_cache(str(folder))
    record = cache.match_cache_notebook(read_notebook(shown.path))
    cache.db.dispose()
    assert record.data["execution_seconds"] == done[0].facts["seconds"]


def test_a_foreign_kernel_is_refused(page, store, tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "PROBE", execute.PROBE.replace("sys.executable", "'/somewhere/else/python'"))
    shown = page("1")
    with pytest.raises(execute.PageFailure, match="a foreign kernel named python3"):
        asyncio.run(execute.execute_page(shown, read_notebook(shown.path), kernel_environment(tmp_path / "ipython")))


def test_the_store_holds_whole_files_only(page, store):
    done, _ = execute.execute([page("print(1)")], folder=store)
    (path,) = store.rglob("*.*")
    assert nbformat.read(path, as_version=4).metadata["bookbuild"] == done[0].facts
    shutil.rmtree(store)


def test_a_kernel_that_can_not_start_fails_its_page_and_no_other(page, store, monkeypatch):
    started = execute.NotebookClient.async_start_new_kernel

    async def start(client, **options):
        if "unlucky" in str(client.nb.cells):
            raise RuntimeError("no ports left")
        return await started(client, **options)

    monkeypatch.setattr(execute.NotebookClient, "async_start_new_kernel", start)
    pages = [page("'unlucky'", name="bad"), page("print('here')", name="good")]
    done, failures = execute.execute(pages, folder=store)
    assert [execution.page.docname for execution in done] == ["good"]
    (failure,) = failures
    assert str(failure) == "book/bad.md: the kernel did not start: RuntimeError: no ports left"


def test_a_warning_during_the_probe_does_no_harm(page, store):
    noisy = "import warnings\nget_ipython().events.register('pre_run_cell', lambda info: warnings.warn('x'))"
    (execution,), failures = execute.execute([page(noisy)], folder=store)
    assert not failures
    assert execution.facts["peak_mb"] > 20


def test_a_probe_that_can_not_be_read_fails_its_page_only(page, store):
    pages = [page("print = lambda *words: None", name="bad"), page("1", name="good")]
    done, failures = execute.execute(pages, folder=store)
    assert [execution.page.docname for execution in done] == ["good"]
    assert "book/bad.md: the probe after its last cell can't be read; it printed: nothing" in str(failures[0])


def test_no_more_pages_run_at_once_than_memory_holds(monkeypatch):
    monkeypatch.setattr(execute.os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    for gigabytes, expected in ((4, 2), (24, 15), (100, 16), (0.5, 1)):
        monkeypatch.setattr(execute, "available_bytes", lambda free=gigabytes: int(free * 1e9))
        assert execute.workers() == expected
    monkeypatch.setattr(execute, "available_bytes", lambda: None)  # a system that does not say
    assert execute.workers() == 16


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/meminfo": "MemTotal: 8 kB\nMemAvailable:    2000 kB\n"}, 2_048_000),
        ({"sys/fs/cgroup/memory.max": "900000\n", "sys/fs/cgroup/memory.current": "100000\n"}, 800_000),
        (
            {
                "proc/meminfo": "MemAvailable:    2000 kB\n",
                "sys/fs/cgroup/memory.max": "max\n",
                "sys/fs/cgroup/memory.current": "100000\n",
            },
            2_048_000,
        ),
        (
            {
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "500\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": "700\n",
            },
            0,
        ),
        ({}, None),
    ],
)
def test_available_memory_is_the_least_that_system_and_container_leave(tmp_path, files, expected):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert execute.available_bytes(tmp_path) == expected
