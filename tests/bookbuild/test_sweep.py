import subprocess
import sys

import pytest

from bookbuild import __main__ as commands
from bookbuild import sweep
from bookbuild.pages import pages, read_notebook
from bookbuild.sweep import Setting, shift_seeds

CLAIMING = """\
import os
from pathlib import Path
from deepmedia.claims import claim
from deepmedia.gluing import glue
def draw(text, seed=0):
    return seed
glue("tiny.seed", draw("a"))
with Path({log!r}).open("a") as log:
    log.write(os.environ.get("PLAYED", "-") + "\\n")
claim("the seed is below 100", draw("a") < 100, seed=draw("a"))
"""


@pytest.mark.parametrize(
    ("source", "shifted"),
    [
        ("fit(x, seed=0)", "fit(x, seed=10)"),
        ("split(x, random_state=3)  # seed=3", "split(x, random_state=13)  # seed=3"),
        ("np.random.default_rng(0).normal(size=5)", "np.random.default_rng(10).normal(size=5)"),
        ("keras.utils.set_random_seed(1)", "keras.utils.set_random_seed(11)"),
        ("seeds = (0, 1, 2)", "seeds = (10, 11, 12)"),
        ("rate, seed = 0.1, 0", "rate, seed = 0.1, 10"),
        ("study(seeds=[0, 1])", "study(seeds=[10, 11])"),
        ("[f(seed) for seed in range(5)]", "[f(seed) for seed in range(10, 10 + 5)]"),
        ("for seed in range(2, 5): pass", "for seed in range(10 + 2, 10 + 5): pass"),
        ('for name, seed in (("a", 0), ("b", 1)): pass', 'for name, seed in (("a", 10), ("b", 11)): pass'),
        ("def f(x=1, *, seed=0, k=2): pass", "def f(x=1, *, seed=10, k=2): pass"),
        ("f = lambda seed=0: seed", "f = lambda seed=10: seed"),
        ("Dense(4, seed=seed + 3)", "Dense(4, seed=seed + 3)"),  # raised where `seed` gets its number
        ("f(seed=None, k=0)", "f(seed=None, k=0)"),
        ("é = f('é', seed=0), f(seed=1)", "é = f('é', seed=10), f(seed=11)"),  # columns count bytes
        ("f(\n    seed=0,\n    k=0,\n)", "f(\n    seed=10,\n    k=0,\n)"),
        ("%%source deepmedia.cnn.resnet\nseed=0", "%%source deepmedia.cnn.resnet\nseed=0"),
    ],
)
def test_literal_seeds_are_raised_and_nothing_else(source, shifted):
    assert shift_seeds([source], 10) == [shifted]


def test_a_positional_seed_of_a_function_of_the_page_is_raised():
    sources = ["def run(rate, seed):\n    return rate", "run(0, 1)\nother(0, 1)"]
    assert shift_seeds(sources, 10) == [sources[0], "run(0, 11)\nother(0, 1)"]


def test_every_page_with_a_seed_is_changed_and_stays_python():
    for page in pages():
        notebook = read_notebook(page.path)
        if notebook is None:
            continue
        sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        shifted = shift_seeds(sources, 100)
        assert len(shifted) == len(sources)
        assert ("seed" in "".join(sources)) == (shifted != sources), page.docname
        for before, after in zip(sources, shifted, strict=True):
            if before != after:
                compile(after, page.docname, "exec")


@pytest.mark.parametrize(
    ("flags", "played"),
    [
        ("fpu pni sse4_2 avx avx2", ["Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen"]),
        ("fpu pni", ["Prescott"]),
        ("fpu", []),
    ],
)
def test_only_processors_that_this_one_can_play_are_played(tmp_path, monkeypatch, flags, played):
    monkeypatch.setattr(sweep.threadpoolctl, "threadpool_info", lambda: [{"architecture": "SkylakeX"}])
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {flags}\nbugs : none\n")
    found = sweep.settings(cpuinfo=tmp_path / "cpuinfo")
    always = ["no oneDNN", "one thread", "seeds+1", "seeds+2", "seeds+100", "seeds+200"]
    assert [setting.name for setting in found] == ["own", *played, *always]
    assert [setting.name for setting in sweep.settings(cpuinfo=tmp_path / "none")] == ["own", *always]


def test_the_machines_own_processor_is_not_played_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep.threadpoolctl, "threadpool_info", lambda: [{"architecture": "Haswell"}])
    (tmp_path / "cpuinfo").write_text("flags : pni sse4_2 avx avx2 avx512f\n")
    names = [setting.name for setting in sweep.settings(cpuinfo=tmp_path / "cpuinfo")]
    assert "Haswell" not in names
    assert {"Sandybridge", "Zen", "SkylakeX"} <= set(names)


def test_a_played_processor_changes_the_sums_of_numpy():
    """A training differs in its last digits: were the variables misspelt, every setting would be the same."""
    program = (
        "import numpy as np; r = np.random.default_rng(0); a = r.normal(size=(300, 300)).astype('f4');"
        "print((a @ a).tobytes().hex()[:4000] + np.exp(a).tobytes().hex()[:4000])"
    )
    outputs = {}
    for setting in sweep.settings():
        if not setting.shift and setting.name in {"own", "Prescott"}:
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", program],
                env=sweep.kernel_environment(sweep.SWEEP / "ipython") | setting.environment,
                capture_output=True,
                text=True,
                check=True,
            )
            outputs[setting.name] = done.stdout
    if "Prescott" not in outputs:
        pytest.skip("this machine can't play Prescott")
    assert outputs["own"] != outputs["Prescott"]


def test_a_sweep_finds_the_claim_that_falls_and_goes_on_where_it_stopped(page, tmp_path):
    log = tmp_path / "log"
    wanted = [Setting("own"), Setting("other core", {"PLAYED": "yes"}), Setting("seeds+100", shift=100)]
    tiny = page(CLAIMING.format(log=str(log)))
    results = sweep.sweep([tiny], wanted, folder=tmp_path / "sweep")
    assert sorted(log.read_text().split()) == ["-", "-", "yes"]
    assert [sweep.mark(result) for result in results] == ["ok", "ok", "1 fell"]
    assert results[2]["claims"][0]["values"] == {"seed": 100}
    text = sweep.summary(results)
    assert "page       1  ok   ok          1 fell" in text
    assert "seeds+100: book/page.md, code cell 1: the seed is below 100  (seed = 100)" in text
    assert "tiny.seed: 0 to 100" in text
    assert sweep.sweep([tiny], wanted, folder=tmp_path / "sweep") == results
    assert len(log.read_text().split()) == 3  # nothing ran again
    changed = page(CLAIMING.format(log=str(log)) + "\n1")
    sweep.sweep([changed], wanted[:2], folder=tmp_path / "sweep")
    assert len(log.read_text().split()) == 5


def test_a_page_that_fails_in_a_setting_is_an_error_there_and_runs_again(page, tmp_path):
    seen = tmp_path / "seen"
    cell = f"from pathlib import Path\nPath({str(seen)!r}).open('a').write('x')\n1 / (seed - 1 if (seed := 0) else 1)"
    bad = page(cell + "\nlist(range(3))[dict(seed=0)['seed']]")
    results = sweep.sweep([bad], [Setting("own"), Setting("seeds+100", shift=100)], folder=tmp_path / "sweep")
    assert [sweep.mark(result) for result in results] == ["ok", "error"]
    assert "seeds+100: book/page.md, code cell 1 of 1: IndexError" in sweep.summary(results)
    sweep.sweep([bad], [Setting("own"), Setting("seeds+100", shift=100)], folder=tmp_path / "sweep")
    assert len(seen.read_text()) == 3


def test_the_command_refuses_a_setting_and_a_page_that_are_not_there(monkeypatch, capsys):
    for arguments, words in (
        (["--setting", "Pentium"], "no setting is named Pentium; this machine can play own"),
        (["start/how-to-read"], "start/how-to-read: no code, so nothing to sweep"),
    ):
        monkeypatch.setattr(sys, "argv", ["bookbuild", "sweep", *arguments])
        assert commands.main() == 1
        assert words in capsys.readouterr().err
