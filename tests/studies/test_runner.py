import json
import re
import subprocess
import sys

import pytest

from deepmedia.studies import load
from studies import __main__ as runner
from studies import first_network


def test_every_study_has_its_committed_result_and_the_other_way_round():
    results = {path.stem for path in runner.RESULTS.glob("*.json")}
    assert set(runner.names()) == results


def test_a_repeated_study_writes_its_rows_and_circumstances(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "RESULTS", tmp_path)
    monkeypatch.setattr(first_network, "run", lambda: [{"accuracy": 0.9}])
    path = runner.repeat("first_network")
    result = json.loads(path.read_text())
    assert result["rows"] == [{"accuracy": 0.9}]
    assert set(result) == set(load("first_network"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["first_network.json"]


@pytest.mark.parametrize("arguments", [[], ["nosuch"]])
def test_a_study_must_be_named(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["studies", *arguments])
    assert runner.main() == 2
    assert "the studies are: " in capsys.readouterr().err


def test_the_first_networks_study_covers_both_models_with_each_seed():
    rows = load("first_network")["rows"]
    found = sorted((row["model"], row["seed"]) for row in rows)
    assert found == sorted(
        (model, seed) for model in ("linear_classifier", "small_cnn") for seed in first_network.SEEDS
    )


def test_another_studys_result_does_not_make_the_checkout_dirty(tmp_path, monkeypatch):
    def git(*arguments):
        subprocess.run(["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True)

    results = tmp_path / "code" / "deepmedia" / "studies"
    results.mkdir(parents=True)
    (results / "a.json").write_text("1")
    (tmp_path / "model.py").write_text("1")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "All")
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (results / "a.json").write_text("2")
    assert re.fullmatch("[0-9a-f]{12}", runner.commit())
    (tmp_path / "model.py").write_text("2")
    assert re.fullmatch("[0-9a-f]{12}-dirty", runner.commit())
