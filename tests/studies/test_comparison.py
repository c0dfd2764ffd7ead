"""A repeated study against its committed result."""

import importlib
import json
import math
import sys

import pytest

from deepmedia.studies import load
from studies import __main__ as runner
from studies import first_network
from studies.comparison import differences, is_time

ROW = {"model": "small_cnn", "seed": 3, "parameters": 4800, "test_accuracy": 0.8945, "seconds": 12.5}
TOLERANCES = {"test_accuracy": 0.02, "losses": 0.1}


def changed(**values: object) -> list[str]:
    """The differences of a row in which these values changed."""
    return differences([ROW, ROW], [ROW, ROW | values], TOLERANCES)


@pytest.mark.parametrize("accuracy", [0.8945, 0.8745, 0.9145, 0.88])
def test_a_number_within_its_tolerance_agrees(accuracy: float):
    assert changed(test_accuracy=accuracy) == []


@pytest.mark.parametrize("accuracy", [0.874, 0.915, math.nan])
def test_a_number_beyond_its_tolerance_is_told_with_its_row(accuracy: float):
    assert changed(test_accuracy=accuracy) == [
        f"model=small_cnn, seed=3, parameters=4800: test_accuracy is {accuracy}, was 0.8945 (0.02 allowed)"
    ]


def test_seconds_are_not_compared():
    assert changed(seconds=99.0) == []
    assert is_time("seconds_of_an_epoch")


@pytest.mark.parametrize(("column", "value"), [("parameters", 4801), ("model", "other"), ("seed", 4)])
def test_a_column_without_tolerance_must_be_equal(column: str, value: object):
    (line,) = changed(**{column: value})
    assert f"{column} is {value}, was {ROW[column]} (0 allowed)" in line


def test_lists_are_compared_number_by_number():
    old = [{"seed": 0, "losses": [2.0, 1.0, math.nan]}]
    assert differences(old, [{"seed": 0, "losses": [2.05, 0.95, math.nan]}], TOLERANCES) == []
    assert len(differences(old, [{"seed": 0, "losses": [2.05, 0.8, math.nan]}], TOLERANCES)) == 1
    assert len(differences(old, [{"seed": 0, "losses": [2.0, 1.0]}], TOLERANCES)) == 1


def test_infinity_agrees_with_itself_only():
    old = [{"losses": math.inf}]
    assert differences(old, [{"losses": math.inf}], TOLERANCES) == []
    assert differences(old, [{"losses": 1e9}], TOLERANCES)


def test_true_is_not_taken_for_one():
    assert differences([{"losses": True}], [{"losses": 0.95}], TOLERANCES)


def test_other_rows_and_other_columns_are_told():
    assert differences([ROW, ROW], [ROW], TOLERANCES) == ["1 rows, were 2"]
    (line,) = changed(extra=1)
    assert line.endswith(
        "its columns are model, seed, parameters, test_accuracy, seconds, extra, were " + ", ".join(ROW)
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in runner.RESULTS.glob("*.json")))
def test_every_study_states_a_tolerance_for_each_measured_column(name: str):
    tolerances = importlib.import_module(f"studies.{name}").TOLERANCES
    rows = load(name)["rows"]
    measured = {column for row in rows for column, value in row.items() if isinstance(value, float)}
    assert {column for column in measured if not is_time(column)} <= set(tolerances)
    assert set(tolerances) <= {column for row in rows for column in row}
    assert differences(rows, rows, {}) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in runner.RESULTS.glob("*.json")))
def test_each_row_of_a_study_is_told_by_a_label_of_its_own(name: str):
    rows = load(name)["rows"]
    lines = differences(
        rows, [row | {"extra": 1} for row in rows], importlib.import_module(f"studies.{name}").TOLERANCES
    )
    labels = {line.split(": its columns are ")[0] for line in lines}
    assert len(labels) == len(lines) == len(rows)


@pytest.fixture
def repeated(tmp_path, monkeypatch):
    """A function that runs the command on a study whose rows are given; it returns status and the committed file."""

    def run(rows: list[dict], *arguments: str) -> int:
        monkeypatch.setattr(runner, "RESULTS", tmp_path / "committed")
        monkeypatch.setattr(runner, "REPEATED", tmp_path / "repeated")
        monkeypatch.setattr(runner, "names", lambda: ["first_network"])
        monkeypatch.setattr(first_network, "run", lambda: rows)
        monkeypatch.setattr(sys, "argv", ["studies", *arguments])
        return runner.main()

    return run


@pytest.mark.parametrize("arguments", [["first_network", "--compare"], ["--compare", "--all"]])
def test_the_command_fails_with_a_list_where_a_study_differs(repeated, tmp_path, capsys, arguments: list[str]):
    rows = [{"seed": seed, "test_accuracy": 0.9} for seed in range(3)]
    assert repeated(rows, "first_network") == 0
    committed = (tmp_path / "committed/first_network.json").read_text()
    capsys.readouterr()
    worse = [rows[0], {"seed": 1, "test_accuracy": 0.85}, rows[2]]
    assert repeated(worse, *arguments) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"first_network: 1 differences from the result of {json.loads(committed)['date']} (")
    assert second == "  seed=1: test_accuracy is 0.85, was 0.9 (0.02 allowed)"
    assert (tmp_path / "committed/first_network.json").read_text() == committed
    assert json.loads((tmp_path / "repeated/first_network.json").read_text())["rows"] == worse


def test_the_command_succeeds_where_a_study_agrees(repeated, capsys):
    assert repeated([{"seed": 0, "test_accuracy": 0.9}], "first_network") == 0
    assert repeated([{"seed": 0, "test_accuracy": 0.91}], "first_network", "--compare") == 0
    assert "first_network: agrees with the result of" in capsys.readouterr().out


def test_all_studies_are_compared_after_one_differs(monkeypatch):
    compared = []
    monkeypatch.setattr(runner, "names", lambda: ["a", "b"])
    monkeypatch.setattr(runner, "compare", lambda name: compared.append(name) or ["a difference"])
    monkeypatch.setattr(sys, "argv", ["studies", "--all", "--compare"])
    assert runner.main() == 1
    assert compared == ["a", "b"]


def test_comparing_needs_a_name(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["studies", "--compare"])
    assert runner.main() == 2
    assert "Name a study" in capsys.readouterr().err
