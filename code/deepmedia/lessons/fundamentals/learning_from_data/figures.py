"""Figures of the page "Learning from data"."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.datasets import FASHION_CLASSES, fashion_mnist, photo, youtube8m_sample, youtube8m_vocabulary
from deepmedia.datasets.shipped import darknet_file
from deepmedia.lessons.fundamentals.learning_from_data.experiment import ClickLog

STYLES = ("o-", "s-", "^-")  # lines that differ in shape, too
SNEAKER, SEARCHED = 7, 2000  # class of the panel for retrieval, and the garments among which it searches
VIDEO = 0  # of the validation sample, in the panels for video and sound
TOPICS = ("Call of Duty", "Recipe", "Association football")  # in the panel for text
FOUND = 3  # objects in the panel for detection, the surest first


def plot_few_labels(curves: Mapping[str, ArrayLike], per_class: Sequence[int], *, baseline: float) -> Figure:
    """Accuracy over the number of labelled cases of each class.

    Args:
        curves: Under the name of each kind of features, accuracies (len(per_class), draws).
        per_class: The numbers of labelled cases.
        baseline: Accuracy of always giving the most frequent class.

    Returns:
        The figure: the mean over the draws as a line, the range as a band, the baseline dashed.
    """
    figure, axes = figures.new_figure(height=2.8)
    axis: Axes = axes[0, 0]
    for (name, curve), style in zip(curves.items(), STYLES, strict=False):
        scores = np.asarray(curve)
        axis.plot(per_class, scores.mean(axis=1), style, label=name)
        axis.fill_between(per_class, scores.min(axis=1), scores.max(axis=1), alpha=0.15)
    axis.axhline(baseline, color="black", linestyle="--", label="baseline")
    axis.set(xlabel="labelled videos a topic", ylabel="accuracy")
    _powers(axis, per_class)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def plot_shown(logs: Mapping[str, ClickLog], picture: int, *, together: int = 100) -> Figure:
    """How often one picture is shown, in the course of the visitors.

    Args:
        logs: Under the name of each rule, what happened.
        picture: Number of the picture.
        together: Visitors whose mean makes a point of the curve; a divisor of their number.

    Returns:
        The figure.
    """
    figure, axes = figures.new_figure(height=2.4)
    axis: Axes = axes[0, 0]
    for (name, log), style in zip(logs.items(), ("-", "--", ":"), strict=False):
        share = (log.shown == picture).mean(axis=0).reshape(-1, together).mean(axis=1)
        axis.plot(together * np.arange(len(share)), share, style, label=name)
    axis.set(xlabel="visitor", ylabel="best frame shown", ylim=(0, 1))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def plot_capacity(
    capacity: Sequence[int], errors: Mapping[str, ArrayLike], parts: Mapping[str, ArrayLike], *, best: int
) -> Figure:
    """Errors over the capacity of a model, and the parts of one of them.

    Args:
        capacity: Of the models.
        errors: Under its name, each error over the capacity, for the left plot.
        parts: The parts of the error, for the right plot, with their sum dashed.
        best: Place of the capacity that a black dot marks on the sum.

    Returns:
        The figure: two plots with logarithmic axes of the same range.
    """
    figure, axes = figures.new_figure(columns=2, height=2.9)
    total = np.sum([np.asarray(part) for part in parts.values()], axis=0)
    shown = np.concatenate([np.ravel(values) for values in (*errors.values(), *parts.values(), total)])
    limits = (0.8 * shown[shown > 0].min(), 1.25 * shown.max())
    for axis, curves in zip(axes[0], (errors, parts), strict=True):
        for (name, values), style in zip(curves.items(), STYLES, strict=False):
            axis.plot(capacity, values, style, label=name, markersize=4)
    axes[0, 1].plot(capacity, total, "k--", label="sum")
    for axis in axes[0]:
        axis.plot(capacity[best], total[best], "ko")
        axis.set(yscale="log", xlabel="components", ylim=limits)
        _powers(axis, capacity[::2])
        axis.legend(fontsize=8)
    axes[0, 0].set(ylabel="mean squared error")
    return figure


def _powers(axis: Axes, ticks: Sequence[int]) -> None:
    """A logarithmic x axis with plain numbers."""
    axis.set_xscale("log")
    axis.set_xticks(ticks, [str(tick) for tick in ticks])
    axis.set_xticks([], minor=True)


def show_tasks(pair: ArrayLike) -> Figure:
    """Eight tasks, each with a real sample of the book's data.

    Args:
        pair: Two photographs for the panel on verification, (2, height, width).

    Returns:
        The figure: two rows of four panels.
    """
    figure, axes = figures.new_figure(columns=4, rows=2, height=4.8)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(False)
    images, labels = (part[:SEARCHED] for part in fashion_mnist("train"))
    _classification(axes[0, 0], images[0], FASHION_CLASSES[labels[0]])
    _detection(axes[0, 1])
    _verification(axes[0, 2], np.asarray(pair))
    _retrieval(axes[0, 3], images, query=int(np.argmax(labels == SNEAKER)))
    _regression(axes[1, 0], images[1])
    _video(axes[1, 1])
    _sound(axes[1, 2])
    _text(axes[1, 3])
    return figure


def _make_square(axis: Axes, image: NDArray) -> None:
    """Show a wide image in the middle of a square, so that all panels are of one size."""
    height, width = image.shape[:2]
    axis.set_ylim((height + width) / 2, (height - width) / 2)


def _title(axis: Axes, modality: str, task: str, answer: str) -> None:
    axis.set_title(f"{modality}\n{task}", fontsize=9)
    axis.set_xlabel(answer, fontsize=8)


def _classification(axis: Axes, image: NDArray, name: str) -> None:
    axis.imshow(image, vmin=0, vmax=255)
    _title(axis, "image", "classification", name)


def _detection(axis: Axes) -> None:
    image = photo("dog")
    height, width = image.shape[:2]
    axis.imshow(image)
    found = json.loads(darknet_file("reference.json").read_text())["dog"][:FOUND]
    middles, sides = (
        np.array([[thing[x] * width, thing[y] * height] for thing in found]) for x, y in (["cx", "cy"], "wh")
    )
    boxes = np.hstack([middles - sides / 2, middles + sides / 2])
    figures.draw_boxes(axis, boxes, ("yellow", "sky", "purple"))
    _make_square(axis, image)
    _title(axis, "image", "detection", ", ".join(thing["name"] for thing in found))


def _verification(axis: Axes, pair: NDArray) -> None:
    gap = np.full((pair.shape[1], max(1, pair.shape[2] // 12)), np.nan)
    both = np.hstack([pair[0], gap, pair[1]])
    axis.imshow(both, vmin=0, vmax=1)
    _make_square(axis, both)
    _title(axis, "image", "verification", "the same? yes or no")


def _retrieval(axis: Axes, images: NDArray, *, query: int) -> None:
    pixels = images.reshape(len(images), -1).astype(np.float32)
    nearest = np.argsort(np.sum((pixels - pixels[query]) ** 2, axis=1))[:4]  # the query itself comes first
    rows = [np.hstack(list(images[half])) for half in (nearest[:2], nearest[2:])]
    axis.imshow(np.vstack(rows), vmin=0, vmax=255)
    side = images.shape[1]
    figures.draw_boxes(axis, [(0, 0, side, side)], ("yellow",), linewidth=3, clip_on=False)
    _title(axis, "image", "retrieval", "the most similar ones")


def _regression(axis: Axes, image: NDArray) -> None:
    known = image.astype(float)
    known[len(known) // 2 :] = np.nan
    axis.imshow(known, vmin=0, vmax=255)
    axis.text(len(known) / 2, 0.75 * len(known), "?", ha="center", va="center", fontsize=24)
    _title(axis, "image", "regression", "392 brightnesses")


def _video(axis: Axes) -> None:
    features, labels = youtube8m_sample("validation")
    axis.imshow(features[VIDEO, :1024].reshape(32, 32), vmin=-2, vmax=2)
    names = [str(youtube8m_vocabulary()[label]) for label in labels[VIDEO]]
    _title(axis, "video", "multi-label", ",\n".join(names[:2]) + ", …")


def _sound(axis: Axes) -> None:
    features, _ = youtube8m_sample("validation")
    sound = features[VIDEO, 1024:]
    axis.bar(range(len(sound)), sound, width=1.0, color=figures.COLOURS["blue"])
    axis.set_box_aspect(1)
    _title(axis, "sound", "classification", "a piano? yes or no")


def _text(axis: Axes) -> None:
    groups = {str(topic): topic.vertical for topic in youtube8m_vocabulary()}
    for row, name in enumerate(TOPICS):
        axis.text(0.5, 0.86 - 0.34 * row, f"“{name}”", ha="center", fontsize=8)
        axis.text(0.5, 0.74 - 0.34 * row, f"→ {groups[name]}", ha="center", fontsize=8, color=figures.COLOURS["blue"])
    axis.set_box_aspect(1)
    _title(axis, "text", "classification", "one group of topics")
