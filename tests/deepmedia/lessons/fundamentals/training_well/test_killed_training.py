import math

import numpy as np
import pytest

from deepmedia.datasets import digits
from deepmedia.lessons.fundamentals.training_well.killed_training import Run, main, recipe_of, run_training
from deepmedia.lessons.fundamentals.training_well.recipes import Examples, train

images, labels = digits("train")
DATA = tuple(Examples(images[part] / np.float32(16), labels[part]) for part in (slice(0, 600), slice(600, 700)))


@pytest.mark.parametrize("kill_after", [1, 25])
def test_a_killed_training_resumes_and_ends_exactly_as_an_uninterrupted_one(tmp_path, kill_after):
    killed = run_training("numpy", tmp_path, *DATA, epochs=60, kill_after=kill_after)
    assert kill_after in killed.epochs
    assert killed.epochs[-1] < 60
    assert killed.weights == []
    assert math.isnan(killed.accuracy)
    resumed = run_training("numpy", tmp_path, *DATA, epochs=60)
    # The process may have finished an epoch more than it could report.
    assert resumed.epochs in (list(range(start, 61)) for start in (killed.epochs[-1] + 1, killed.epochs[-1] + 2))
    network, history = train(recipe_of(60), *DATA)
    uninterrupted = Run([], list(network.parameters.values()), history["validation_accuracy"][-1])
    assert resumed.difference(uninterrupted) == 0
    assert resumed.accuracy == uninterrupted.accuracy


def test_the_files_hold_only_arrays_even_with_a_numpy_that_takes_settings_for_arrays(tmp_path, monkeypatch):
    calls = []

    def savez(file, *arrays, **named):
        calls.append((len(arrays), sorted(named)))
        written(file, *arrays, **named)

    written = np.savez
    monkeypatch.setattr(np, "savez", savez)
    run_training("numpy", tmp_path, *DATA, epochs=1)
    main("numpy", tmp_path, 1)  # what the process does, here
    assert calls == [(4, []), (5, [])]  # images and labels twice; accuracy, two layers of weights and biases


def test_a_difference_is_that_of_the_two_weights_furthest_apart():
    first = Run([], [np.array([1.0, 2.0]), np.array([[3.0]])], 0.5)
    second = Run([], [np.array([1.5, 2.0]), np.array([[1.0]])], 0.5)
    assert first.difference(second) == second.difference(first) == 2
    assert first.difference(first) == 0


def test_a_training_that_ends_before_it_is_killed_is_told(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with status 0 after epochs \[1, 2\]"):
        run_training("numpy", tmp_path, *DATA, epochs=2, kill_after=3)


def test_a_training_that_fails_is_told_with_its_message(tmp_path):
    wrong = Examples(DATA[0].images, DATA[0].labels + 5)
    with pytest.raises(RuntimeError, match=r"labels must lie in 0\.\.9"):
        run_training("numpy", tmp_path, wrong, DATA[1], epochs=2)


def test_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="kind must be one of numpy, keras, got 'torch'"):
        run_training("torch", tmp_path, *DATA)
