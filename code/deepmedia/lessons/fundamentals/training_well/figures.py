"""Pictures of trainings for the page "Training well": curves, and how far runs with other seeds lie apart."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepmedia import figures
from deepmedia.fundamentals.network import History
from deepmedia.lessons.fundamentals.training_well.broken_trainings import BrokenTraining

GUESS = math.log(10)  # loss of equal probabilities for ten classes
WIDE = 50.0  # largest loss over smallest


def plot_gallery(cases: Mapping[str, BrokenTraining], *, fixed: bool = False) -> Figure:
    """Loss of six trainings, one panel each.

    Args:
        cases: Trainings by the title of their panel.
        fixed: Whether to add the validation loss of the training without its fault.

    Returns:
        The figure. A dotted line marks the loss of a guess. The vertical axis is logarithmic where the losses spread
        over more than ``WIDE``.
    """
    figure, axes = figures.new_figure(columns=3, rows=2, height=4.2)
    for number, (axis, (title, case)) in enumerate(zip(axes.flat, cases.items(), strict=True)):
        axis.axhline(GUESS, color="black", linestyle=":", linewidth=1)
        axis.plot(case.broken["loss"], color=figures.COLOURS["blue"], label="training")
        axis.plot(case.broken["validation_loss"], "--", color=figures.COLOURS["orange"], label="validation")
        if fixed:
            axis.plot(case.fixed["validation_loss"], color=figures.COLOURS["green"], label="validation, fixed")
        losses = np.concatenate([case.broken["loss"], case.broken["validation_loss"]])
        axis.set_yscale("log" if losses.max() > WIDE * losses.min() else "linear")
        axis.set(xlabel="epoch" if number >= 3 else "", ylabel="" if number % 3 else "loss")
        axis.set_title(title, fontsize=10)
    axes[0, 0].legend(fontsize=7)
    return figure


def plot_curves(history: History) -> Figure:
    """Loss and accuracy of one training, and the epoch with the lowest validation loss."""
    figure = figures.plot_history(history)
    best = int(np.argmin(history["validation_loss"])) + 1
    for axis in figure.axes:
        axis.axvline(best, color="black", linestyle=":", linewidth=1)
    return figure


def plot_comparison(results: Mapping[str, Sequence[History]], curves: Sequence[str]) -> Figure:
    """Curves of several recipes: the mean over the seeds, and a band from the lowest to the highest.

    Args:
        results: One history a seed, under each recipe's name.
        curves: Which curves of the histories, one panel each.

    Returns:
        The figure.
    """
    figure, axes = figures.new_figure(columns=len(curves), height=2.8)
    for axis, curve in zip(axes.flat, curves, strict=True):
        for name, histories in results.items():
            runs = np.array([history[curve] for history in histories])  # (seeds, epochs)
            _band(axis, np.arange(1, runs.shape[1] + 1), runs, name)
        axis.set(xlabel="epoch", ylabel=curve.replace("_", " "))
    axes[0, 0].legend(fontsize=8)
    return figure


def plot_over_rates(rates: Sequence[float], accuracies: Mapping[str, np.ndarray]) -> Figure:
    """Accuracy over the learning rate.

    Args:
        rates: (r,), spread logarithmically.
        accuracies: (seeds, r) of each kind of network.

    Returns:
        The figure, with the mean over the seeds and a band from the lowest to the highest.
    """
    figure, axes = figures.new_figure(height=2.8)
    for name, runs in accuracies.items():
        _band(axes[0, 0], np.asarray(rates), np.asarray(runs), name, marker="o")
    axes[0, 0].set(xscale="log", xlabel="learning rate", ylabel="validation accuracy", ylim=(0, 1))
    axes[0, 0].legend(fontsize=8)
    return figure


def _band(axis: Axes, places: np.ndarray, runs: np.ndarray, name: str, *, marker: str = "") -> None:
    (line,) = axis.plot(places, runs.mean(axis=0), label=name, marker=marker)
    axis.fill_between(places, runs.min(axis=0), runs.max(axis=0), color=line.get_color(), alpha=0.2, linewidth=0)
