import json
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
