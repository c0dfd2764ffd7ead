"""Figures of the page "YouTube-8M", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from deepmedia.figures import COLOURS

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
LabelledBox = tuple[float, float, float, float, str, str]  # left, top, width, height, words, colour


def draw_records() -> Figure:
    """A video as a record at video level, and at frame level."""
    boxes: list[LabelledBox] = [
        (0, 10.0, 2.2, 1.2, "id", "grey"),
        (2.4, 10.0, 2.6, 1.2, "labels", "grey"),
        (0, 8.6, 6.6, 1.2, "mean_rgb: 1,024 floats", "blue"),
        (6.8, 8.6, 3.2, 1.2, "mean_audio:\n128 floats", "orange"),
        (0, 5.4, 2.2, 1.2, "id", "grey"),
        (2.4, 5.4, 2.6, 1.2, "labels", "grey"),
    ]
    for number, words in enumerate(("second 0", "second 1", "… second 299")):
        top = 4.0 - 1.4 * number
        boxes.append((0, top, 6.6, 1.2, f"{words}: 1,024 bytes", "blue"))
        boxes.append((6.8, top, 3.2, 1.2, "128 bytes", "orange"))
    figure, axis = _blank((10, 12.2), (-0.4, 11.4), height=4.6)
    _draw(axis, boxes)
    axis.text(0, 10.5, "video level: tf.train.Example", fontsize=WORDS)
    axis.text(0, 5.9, "frame level: tf.train.SequenceExample", fontsize=WORDS)
    return figure


def draw_topic_counts(counts: ArrayLike) -> Figure:
    """How many videos have each topic, from the most frequent topic on, both axes logarithmic."""
    ordered = np.sort(np.asarray(counts))[::-1]
    ordered = ordered[ordered > 0]
    figure, axis = plt.subplots(figsize=(WIDTH, 2.8))
    axis.loglog(np.arange(1, len(ordered) + 1), ordered, ".", color=COLOURS["blue"], markersize=4)
    axis.set_xlabel("topics, the most frequent first", fontsize=WORDS)
    axis.set_title("videos that have the topic", fontsize=WORDS, loc="left")
    axis.tick_params(labelsize=WORDS)
    return figure


def draw_mixture() -> Figure:
    """The mixture of experts of one topic."""
    figure, axis = _blank((10, 9.6), (-0.3, 9.3), height=3.9)
    _draw(
        axis,
        [
            (2.2, 9.0, 5.6, 1.1, "features, 1,152", "grey"),
            (0, 6.6, 4.6, 1.6, "gates: 3 products,\nsoftmax", "orange"),
            (5.4, 6.6, 4.6, 1.6, "experts: 2 products,\nsigmoid", "blue"),
            (0, 3.7, 4.6, 1.1, "g₁   g₂   g₃", "orange"),
            (5.4, 3.7, 4.6, 1.1, "s(e₁)   s(e₂)   0", "blue"),
            (1.2, 1.3, 7.6, 1.2, "p = g₁ s(e₁) + g₂ s(e₂)", "green"),
        ],
    )
    for start, end in (
        ((4, 7.9), (2.3, 6.6)),
        ((6, 7.9), (7.7, 6.6)),
        ((2.3, 5.0), (2.3, 3.7)),
        ((7.7, 5.0), (7.7, 3.7)),
        ((2.3, 2.6), (4, 1.3)),
        ((7.7, 2.6), (6, 1.3)),
    ):
        _arrow(axis, start, end)
    return figure


def draw_workers() -> Figure:
    """Two workers: files of their own, gradients in common."""
    figure, axis = _blank((10, 9.6), (-0.3, 9.3), height=3.9)
    boxes: list[LabelledBox] = []
    for left, name, files in ((0, "worker 0", "shards 0, 2, …"), (5.4, "worker 1", "shards 1, 3, …")):
        boxes += [
            (left, 9.0, 4.6, 1.1, files, "grey"),
            (left, 6.7, 4.6, 1.6, f"{name}: loss and\ngradients", "blue"),
            (left, 1.6, 4.6, 1.6, "the same step,\nthe same weights", "green"),
        ]
        _arrow(axis, (left + 2.3, 7.9), (left + 2.3, 6.7))
        _arrow(axis, (left + 2.3, 5.1), (left + 2.3, 4.3))
        _arrow(axis, (left + 2.3, 3.2), (left + 2.3, 1.6))
    boxes.append((1.2, 4.3, 7.6, 1.1, "sum of the gradients", "orange"))
    _draw(axis, boxes)
    return figure


def draw_scores(results: Mapping[str, Sequence[Mapping[str, float]]], names: Sequence[str]) -> Figure:
    """Scores of several models, a dot a run: a panel a metric."""
    figure, axes = plt.subplots(len(names), 1, figsize=(WIDTH, 1.5 * len(names)), squeeze=False)
    models = list(results)
    for axis, name in zip(axes[:, 0], names, strict=True):
        for row, model in enumerate(models):
            values = [each[name] for each in results[model]]
            axis.plot(values, [row] * len(values), "o", color=COLOURS["blue"], alpha=0.6)
            axis.plot(np.mean(values), row, "|", color=COLOURS["orange"], markersize=18, markeredgewidth=2.5)
        axis.set_yticks(range(len(models)), models, fontsize=WORDS)
        axis.set_ylim(len(models) - 0.5, -0.5)
        axis.set_title(name, fontsize=WORDS, loc="left")
        axis.tick_params(labelsize=WORDS)
    return figure


def _blank(size: tuple[float, float], heights: tuple[float, float], *, height: float) -> tuple[Figure, Axes]:
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    axis.axis("off")
    axis.set(xlim=(-0.1, size[0] + 0.1), ylim=heights)
    return figure, axis


def _draw(axis: Axes, boxes: Sequence[LabelledBox]) -> None:
    for left, top, width, height, words, colour in boxes:
        face = COLOURS.get(colour, "0.6")
        axis.add_patch(Rectangle((left, top - height), width, height, facecolor=face, alpha=0.35, linewidth=0))
        axis.text(left + width / 2, top - height / 2, words, ha="center", va="center", fontsize=WORDS)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.3})
