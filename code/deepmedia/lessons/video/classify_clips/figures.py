"""Figures of the page "Classify clips", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deepmedia import figures

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
NAMES = ("blue", "orange", "green", "purple")


def show_strips(clips: Sequence[NDArray[np.uint8]], titles: Sequence[str], *, shown: int = 4) -> Figure:
    """Some frames of each clip in a row, evenly spaced from the first to the last.

    Args:
        clips: uint8 (frames, height, width, 3), each.
        titles: Above each row.
        shown: Frames a row.
    """
    figure, axes = plt.subplots(len(clips), shown, figsize=(WIDTH, 1.35 * len(clips)), squeeze=False)
    for row, clip, title in zip(axes, clips, titles, strict=True):
        for axis, number in zip(row, np.linspace(0, len(clip) - 1, shown).round().astype(int), strict=True):
            axis.axis("off")
            figures.show_on(axis, clip[number])
        row[0].set_title(title, fontsize=WORDS, loc="left")
    return figure


def draw_ways() -> Figure:
    """How the networks put the frames' features together: mean, maximum of learned features, or one after another."""
    figure, axes = plt.subplots(3, 1, figsize=(WIDTH, 7.2))
    for axis, title in zip(axes, ("average", "deep bag of frames", "LSTM, GRU"), strict=True):
        axis.axis("off")
        axis.set(xlim=(0, 10), ylim=(-0.9, 5))
        axis.set_title(title, fontsize=WORDS, loc="left")
        for number in range(3):
            _box(axis, (0.2 + 2.5 * number, 0), f"frame {number + 1}", "0.8")
    for axis, word in ((axes[0], "mean"), (axes[1], "maximum")):
        start = 1.0
        if axis is axes[1]:
            for number in range(3):
                _box(axis, (0.2 + 2.5 * number, 1.7), "layer", figures.COLOURS["sky"])
                _arrow(axis, (1.3 + 2.5 * number, 1.0), (1.3 + 2.5 * number, 1.7))
            start = 2.7
        _box(axis, (2.7, 3.6), word, figures.COLOURS["orange"])
        for number in range(3):
            _arrow(axis, (1.3 + 2.5 * number, start), (3.3 + 0.5 * number, 3.6))
        _box(axis, (7.4, 3.6), "labels", figures.COLOURS["green"])
        _arrow(axis, (4.9, 4.1), (7.4, 4.1))
    for number in range(3):
        _box(axes[2], (0.2 + 2.5 * number, 2.2), "cell", figures.COLOURS["sky"])
        _arrow(axes[2], (1.3 + 2.5 * number, 1.0), (1.3 + 2.5 * number, 2.2))
        if number:
            _arrow(axes[2], (2.5 * number - 0.1, 2.7), (0.2 + 2.5 * number, 2.7))
    _box(axes[2], (7.4, 3.9), "labels", figures.COLOURS["green"])
    _arrow(axes[2], (6.8, 3.2), (7.9, 3.9))
    return figure


def plot_precisions(precisions: Mapping[str, Mapping[str, Sequence[float]]], *, chance: Sequence[float]) -> Figure:
    """Mean average precision of each network, a dot a run, for several groups of labels.

    Args:
        precisions: For the name of each network, for each group of labels a value a run.
        chance: What guessing gives, for each group of labels, as dashed lines.
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 3.4))
    groups = list(next(iter(precisions.values())))
    for colour, group in zip(NAMES, groups, strict=False):
        for place, values in enumerate(precisions.values()):
            style = {"color": figures.COLOURS[colour], "label": group if place == 0 else None}
            axis.plot(values[group], [place] * len(values[group]), "o", alpha=0.7, markersize=8, **style)
    for colour, guessed in zip(NAMES, chance, strict=False):
        axis.axvline(guessed, color=figures.COLOURS[colour], linestyle="--", linewidth=1)
    axis.set(xlim=(0, 1), ylim=(len(precisions) - 0.5, -0.5))
    axis.set_yticks(range(len(precisions)), list(precisions), fontsize=WORDS)
    axis.tick_params(axis="x", labelsize=WORDS)
    axis.set_xlabel("mean average precision", fontsize=WORDS)
    figure.legend(fontsize=WORDS, loc="outside upper center", ncols=2)
    return figure


def _box(axis: Axes, corner: tuple[float, float], word: str, colour: str) -> None:
    axis.add_patch(Rectangle(corner, 2.2, 1.0, facecolor=colour, alpha=0.45, linewidth=0))
    axis.text(corner[0] + 1.1, corner[1] + 0.5, word, ha="center", va="center", fontsize=WORDS)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.3})
