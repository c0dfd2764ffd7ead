import numpy as np
import pytest

from deepmedia.lessons.fundamentals.three_ways.twins import PROGRAMS, SETTINGS
from deepmedia.studies import load
from studies import fundamentals_accuracy

ROWS = load("fundamentals_accuracy")["rows"]


def accuracies(data, program):
    return [row["test_accuracy"] for row in ROWS if (row["data"], row["program"]) == (data, program)]


def test_the_study_covers_all_programs_and_data_with_five_seeds():
    found = [(row["data"], row["seed"], row["program"]) for row in ROWS]
    assert found == [(d, s, p) for d in SETTINGS for s in fundamentals_accuracy.SEEDS for p in PROGRAMS]
    assert len(fundamentals_accuracy.SEEDS) == 5


@pytest.mark.parametrize("program", ["NumPy", "Keras"])
@pytest.mark.parametrize(("data", "least"), [("digits", 0.96), ("garments", 0.86)])
def test_both_networks_reach_what_the_book_promises(data, least, program):
    assert np.mean(accuracies(data, program)) >= least


@pytest.mark.parametrize("data", SETTINGS)
def test_the_networks_beat_the_baseline_with_every_seed(data):
    assert min(accuracies(data, "NumPy") + accuracies(data, "Keras")) > max(accuracies(data, "nearest mean"))


def test_the_study_runs_each_data_set_with_each_seed(monkeypatch):
    monkeypatch.setattr(fundamentals_accuracy, "study_rows", lambda data, *, seed: [{data: seed}])
    assert fundamentals_accuracy.run() == [{data: seed} for data in SETTINGS for seed in range(5)]
