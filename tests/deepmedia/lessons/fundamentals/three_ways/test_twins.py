import numpy as np
import pytest

from deepmedia.datasets import digits, fashion_mnist
from deepmedia.lessons.fundamentals.three_ways import twins
from deepmedia.lessons.fundamentals.three_ways.twins import (
    PROGRAMS,
    SETTINGS,
    Settings,
    keras_answers,
    load_parts,
    nearest_mean_answers,
    numpy_answers,
    study_rows,
)

SHORT = Settings((16,), rate=0.02, epochs=4, batch_size=32)


@pytest.fixture(scope="module")
def parts():
    """Only 311 of the training digits: nine batches of 32 and one of 23."""
    found = load_parts("digits")
    return {split: (images[:311], labels[:311]) for split, (images, labels) in found.items()}


def test_the_digits_are_their_splits_scaled_to_0_to_1():
    found = load_parts("digits")
    for split, (images, labels) in found.items():
        raw, expected = digits(split)
        np.testing.assert_array_equal(images * 16, raw.reshape(len(raw), 64))
        np.testing.assert_array_equal(labels, expected)
        assert images.dtype == np.float32
    assert list(found) == ["train", "validation", "test"]


def test_the_garments_held_out_are_2000_training_photos_that_the_seed_chooses():
    first, again, other = load_parts("garments", seed=1), load_parts("garments", seed=1), load_parts("garments", seed=2)
    assert [len(images) for images, _ in first.values()] == [18000, 2000, 2000]
    np.testing.assert_array_equal(np.bincount(first["validation"][1]), 200)
    np.testing.assert_array_equal(first["validation"][0], again["validation"][0])
    assert (first["validation"][0] != other["validation"][0]).any()
    raw, labels = fashion_mnist("test")
    np.testing.assert_allclose(first["test"][0] * 255, raw.reshape(2000, 784), atol=1e-4)
    np.testing.assert_array_equal(first["test"][1], labels)


def test_unknown_data_are_refused():
    with pytest.raises(ValueError, match="data must be one of digits, garments, got 'faces'"):
        load_parts("faces")


def test_the_twin_answers_as_the_numpy_network_does(parts):
    ours, theirs = numpy_answers(parts, SHORT, seed=1), keras_answers(parts, SHORT, seed=1)
    for split in ("validation", "test"):
        np.testing.assert_array_equal(ours[split], theirs[split])
    assert np.mean(ours["validation"] == parts["validation"][1]) > 0.4  # it learnt something; chance is 0.1


def test_another_seed_is_another_training(parts):
    first, other = (numpy_answers(parts, SHORT, seed=seed)["validation"] for seed in (1, 2))
    assert (first != other).any()


def test_the_learning_rate_falls_to_0_in_both(parts, monkeypatch):
    asked: list[tuple[int, float]] = []

    class OurDecay(twins.CosineDecay):
        def __call__(self, step):
            asked.append((step, super().__call__(step)))
            return asked[-1][1]

    theirs = twins.keras.optimizers.schedules.CosineDecay
    monkeypatch.setattr(twins, "CosineDecay", OurDecay)
    numpy_answers(parts, SHORT, seed=0)
    rates, steps = dict(asked), 4 * 10
    assert rates[0] == 0.02
    assert rates[20] == pytest.approx(0.01)
    assert max(rates) == steps  # the rate of the step that would come next
    assert rates[steps] == pytest.approx(0)
    for step, rate in asked:
        assert float(theirs(0.02, steps)(step)) == pytest.approx(rate, abs=1e-8)


def test_the_nearest_mean_is_found_as_by_measuring_all_distances(parts):
    images, labels = parts["train"]
    answers = nearest_mean_answers(parts, SHORT, seed=0)
    for split in ("validation", "test"):
        for image, answer in zip(parts[split][0][:40], answers[split], strict=False):
            distances = [np.linalg.norm(image - images[labels == digit].mean(axis=0)) for digit in range(10)]
            assert answer == np.argmin(distances)


def test_a_row_counts_right_answers_and_answers_other_than_numpys(monkeypatch):
    truth = {"validation": (None, np.array([0, 1, 2, 3])), "test": (None, np.array([0, 1, 2]))}
    answers = {
        "NumPy": {"validation": np.array([0, 1, 2, 0]), "test": np.array([0, 1, 0])},
        "Keras": {"validation": np.array([0, 0, 0, 0]), "test": np.array([0, 2, 2])},
    }
    monkeypatch.setattr(twins, "load_parts", lambda data, *, seed: truth)
    programs = {name: lambda parts, settings, *, seed, name=name: answers[name] for name in answers}
    monkeypatch.setattr(twins, "PROGRAMS", programs)
    same = {"data": "digits", "seed": 7}
    assert study_rows("digits", seed=7) == [
        same | {"program": "NumPy", "validation_accuracy": 0.75, "test_accuracy": 0.6667, "differs_from_numpy": 0},
        same | {"program": "Keras", "validation_accuracy": 0.25, "test_accuracy": 0.6667, "differs_from_numpy": 2},
    ]


def test_both_data_sets_have_settings_and_the_baseline_comes_first():
    assert list(SETTINGS) == ["digits", "garments"]
    assert list(PROGRAMS) == ["nearest mean", "NumPy", "Keras"]
