from dataclasses import asdict

import pytest

from deepmedia.studies import load
from studies import facenet_settings
from studies.facenet_settings import RATES, SEEDS, TUNING_SEED, best_rate, compared

ROWS = load("facenet_settings")["rows"]
LOSSES = ("triplet", "arcface")


def tuned(loss, rate, accuracy, varied="rate"):
    return {"varied": varied, "loss": loss, "rate": rate, "validation_accuracy": accuracy}


def test_each_loss_tries_each_rate_with_people_of_its_own():
    found = [(row["loss"], row["rate"], row["seed"]) for row in ROWS if row["varied"] == "rate"]
    assert found == [(loss, rate, TUNING_SEED) for loss in LOSSES for rate in RATES]
    assert TUNING_SEED not in SEEDS


def test_every_setting_was_trained_with_every_seed():
    settings = compared(best_rate(ROWS, "triplet"), best_rate(ROWS, "arcface"))
    expected = [{"varied": varied, **asdict(setting), "seed": seed} for seed in SEEDS for varied, setting in settings]
    found = [{name: row[name] for name in expected[0]} for row in ROWS if row["varied"] != "rate"]
    assert found == expected


@pytest.mark.parametrize("loss", LOSSES)
def test_the_best_rate_is_no_end_of_the_grid(loss):
    assert RATES[0] < best_rate(ROWS, loss) < RATES[-1]


def test_only_the_two_losses_at_their_best_rates_saw_the_test_people():
    scored = [(row["varied"], row["loss"], row["seed"]) for row in ROWS if row["test_accuracy"] is not None]
    assert scored == [pair for seed in SEEDS for pair in (("default", "triplet", seed), ("loss", "arcface", seed))]


def test_each_setting_differs_from_the_default_in_the_one_thing_named():
    (_, default), *others = compared(0.1, 0.2)
    for varied, setting in others[:-1]:
        differing = [name for name, value in asdict(setting).items() if value != asdict(default)[name]]
        assert differing == [varied]
    assert others[-1][0] == "loss"
    assert (default.rate, others[-1][1].rate) == (0.1, 0.2)


def test_the_best_rate_is_that_of_the_most_accurate_row_of_the_loss():
    rows = [
        tuned("triplet", 1, 0.7),
        tuned("triplet", 2, 0.8),
        tuned("triplet", 3, 0.8),
        tuned("arcface", 1, 0.9),
        tuned("triplet", 4, 0.99, "margin"),
    ]
    assert best_rate(rows, "triplet") == 2
    assert best_rate(rows, "arcface") == 1


def test_the_rates_that_were_best_are_trained_further(monkeypatch):
    asked = []

    def row(varied, setting, seed, *_):
        asked.append((varied, setting.loss, setting.rate, seed))
        best = {"triplet": RATES[1], "arcface": RATES[2]}[setting.loss]
        return {**asdict(setting), "varied": varied, "validation_accuracy": float(setting.rate == best)}

    monkeypatch.setattr(facenet_settings, "_row", row)
    monkeypatch.setattr(facenet_settings, "_drawn", lambda seed: ((), ()))
    facenet_settings.run()
    later = [each for each in asked if each[0] != "rate"]
    assert len(later) == 8 * len(SEEDS)
    assert {each[1:3] for each in later} == {("triplet", RATES[1]), ("arcface", RATES[2])}
