import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from deepmedia.lessons.fundamentals.training_well.broken_trainings import BrokenTraining
from deepmedia.lessons.fundamentals.training_well.figures import (
    plot_comparison,
    plot_curves,
    plot_gallery,
    plot_over_rates,
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def case(top):
    broken = {"loss": [2.0, top], "validation_loss": [2.0, 1.0]}
    return BrokenTraining(broken, {"loss": [2.0, 0.5], "validation_loss": [2.0, 0.7]}, "sign", 1, 0)


CASES = {letter: case(top) for letter, top in zip("ABCDEF", [60, 2, 2, 2, 2, 40], strict=True)}


def test_the_gallery_has_a_panel_for_each_case_with_a_logarithmic_axis_for_wide_losses():
    axes = plot_gallery(CASES).axes
    assert [axis.get_title() for axis in axes] == list("ABCDEF")
    assert [axis.get_yscale() for axis in axes] == ["log", *["linear"] * 5]
    guess, training, validation = axes[1].lines
    assert guess.get_ydata()[0] == pytest.approx(math.log(10))
    assert list(training.get_ydata()) == [2.0, 2]
    assert list(validation.get_ydata()) == [2.0, 1.0]
    assert list(training.get_xdata()) == [0, 1]


def test_the_gallery_can_add_the_fixed_validation_loss():
    for axis in plot_gallery(CASES, fixed=True).axes:
        assert list(axis.lines[3].get_ydata()) == [2.0, 0.7]


def test_curves_mark_the_epoch_with_the_lowest_validation_loss():
    history = {
        "loss": [3.0, 2.0, 1.0],
        "validation_loss": [3.0, 1.5, 2.5],
        "accuracy": [0.1, 0.2, 0.3],
        "validation_accuracy": [0.1, 0.2, 0.15],
    }
    for axis, name in zip(plot_curves(history).axes, ("loss", "accuracy"), strict=True):
        training, validation, mark = axis.lines
        assert list(training.get_ydata()) == history[name]
        assert list(validation.get_ydata()) == history[f"validation_{name}"]
        assert list(validation.get_xdata()) == [1, 2, 3]
        assert mark.get_xdata()[0] == 2


def corners(axis, number):
    """Lowest and highest y of a band at each place."""
    path = axis.collections[number].get_paths()[0].vertices
    return {float(x): (path[path[:, 0] == x, 1].min(), path[path[:, 0] == x, 1].max()) for x in path[:, 0]}


def test_a_comparison_shows_mean_and_range_of_the_seeds():
    results = {"a": [{"loss": [1.0, 2.0]}, {"loss": [3.0, 6.0]}], "b": [{"loss": [5.0, 5.0]}]}
    (axis,) = plot_comparison(results, ["loss"]).axes
    first, second = axis.lines
    assert list(first.get_ydata()) == [2.0, 4.0]
    assert list(second.get_ydata()) == [5.0, 5.0]
    assert corners(axis, 0) == {1.0: (1.0, 3.0), 2.0: (2.0, 6.0)}
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


def test_accuracies_stand_over_a_logarithmic_rate():
    (axis,) = plot_over_rates([0.01, 0.1], {"plain": np.array([[0.2, 0.4], [0.4, 0.8]])}).axes
    assert axis.get_xscale() == "log"
    assert list(axis.lines[0].get_xdata()) == [0.01, 0.1]
    assert axis.lines[0].get_ydata() == pytest.approx([0.3, 0.6])
    assert corners(axis, 0) == {0.01: (0.2, 0.4), 0.1: (0.4, 0.8)}
