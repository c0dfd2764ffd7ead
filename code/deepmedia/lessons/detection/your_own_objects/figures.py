"""Figures of the page "Your own objects", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.detection.records import Detections, Truth

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
CLASS_COLOURS = ("orange", "blue", "green", "purple", "yellow", "sky")


def show_labels(pictures: Sequence[NDArray], boxes: Sequence[Truth | Detections], titles: Sequence[str]) -> Figure:
    """Pictures under each other, with a frame around each object; a colour is a class.

    Args:
        pictures: RGB, each.
        boxes: Labels or detections of each, in its pixels.
        titles: Above each.

    Returns:
        The figure.
    """
    heights = [WIDTH * picture.shape[0] / picture.shape[1] + 0.3 for picture in pictures]
    figure, axes = plt.subplots(len(pictures), 1, figsize=(WIDTH, sum(heights)), squeeze=False, height_ratios=heights)
    for axis, picture, each, title in zip(axes[:, 0], pictures, boxes, titles, strict=True):
        axis.axis("off")
        figures.show_on(axis, picture)
        axis.set_title(title, fontsize=WORDS)
        draw_by_class(axis, each)
    return figure


def draw_by_class(axis: Axes, boxes: Truth | Detections, linewidth: float = 1.6) -> None:
    """Frames on a picture, each in the colour of its class."""
    if len(boxes):
        colours = [CLASS_COLOURS[number % len(CLASS_COLOURS)] for number in boxes.class_ids.tolist()]
        figures.draw_boxes(axis, boxes.boxes, colours, linewidth=linewidth)


def draw_box_sizes(truths: Sequence[Truth], anchors: Mapping[str, ArrayLike], names: Sequence[str]) -> Figure:
    """The sizes of all boxes, coloured by class, under several sets of anchors.

    Args:
        truths: Of the pictures, all in pixels of the network's input.
        anchors: Rows (width, height) under a title each.
        names: Of the classes.

    Returns:
        The figure, one panel a set.
    """
    figure, axes = plt.subplots(len(anchors), 1, figsize=(WIDTH, 3.9 * len(anchors)), squeeze=False)
    sizes = np.concatenate([truth.boxes[:, 2:] - truth.boxes[:, :2] for truth in truths])
    class_ids = np.concatenate([truth.class_ids for truth in truths])
    for axis, (title, rows) in zip(axes[:, 0], anchors.items(), strict=True):
        for number, name in enumerate(names):
            widths, heights = sizes[class_ids == number].T
            colour = figures.COLOURS[CLASS_COLOURS[number]]
            axis.plot(widths, heights, ".", color=colour, markersize=3, alpha=0.5, label=name)
        for width, height in np.asarray(rows):
            axis.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor="0.35", linewidth=1))
            axis.plot(width, height, "s", color="black", markersize=6)
        top = float(sizes.max()) * 1.05
        axis.set(xlim=(0, top), ylim=(0, top), aspect="equal")
        axis.set_title(title, fontsize=WORDS)
        axis.set_xlabel("width in pixels", fontsize=WORDS)
        axis.set_ylabel("height in pixels", fontsize=WORDS)
        axis.tick_params(labelsize=WORDS)
    axes[0, 0].legend(fontsize=WORDS, markerscale=4, loc="upper left")
    return figure


def draw_transfer() -> Figure:
    """The network as blocks: what stays from the trained one, what learns later, what is new."""
    figure, axis = plt.subplots(figsize=(WIDTH, 5.6))
    axis.axis("off")
    axis.set(xlim=(0, 10.4), ylim=(-0.6, 16.8))
    kept, later, new = (figures.COLOURS[name] for name in ("sky", "blue", "orange"))
    blocks = (
        (0, 16.5, "picture\n320 × 416", "0.7"),
        (0, 13.7, "stages 1 to 3\n40 × 52", kept),
        (0, 10.9, "stage 4\n40 × 52", kept),
        (0, 8.1, "stage 5\n20 × 26", later),
        (0, 5.3, "stage 6\n10 × 13", later),
        (5.2, 5.3, "neck + head\n10 × 13: large", new),
        (5.2, 8.1, "neck + head\n20 × 26: middle", new),
        (5.2, 10.9, "neck + head\n40 × 52: small", new),
    )
    for left, top, text, colour in blocks:
        axis.add_patch(Rectangle((left, top - 1.9), 4.4 if left == 0 else 5.1, 1.9, facecolor=colour, alpha=0.4, lw=0))
        axis.text(left + (2.2 if left == 0 else 2.55), top - 0.95, text, ha="center", va="center", fontsize=WORDS)
    style = {"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.3}
    for top in (14.6, 11.8, 9.0, 6.2):
        axis.annotate("", (2.2, top - 0.9), (2.2, top), arrowprops=style)
    for middle in (4.35, 7.15, 9.95):
        axis.annotate("", (5.2, middle), (4.4, middle), arrowprops=style)
    for bottom in (5.3, 8.1):
        axis.annotate("", (7.75, bottom + 0.9), (7.75, bottom), arrowprops=style)
    for place, (colour, words) in enumerate(
        (
            (kept, "trained on COCO, stays as it is"),
            (later, "trained on COCO, may learn on"),
            (new, "new, starts at random"),
        )
    ):
        axis.add_patch(Rectangle((0, 2.2 - 1.1 * place), 0.8, 0.7, facecolor=colour, alpha=0.4, lw=0))
        axis.text(1.1, 2.55 - 1.1 * place, words, va="center", fontsize=WORDS)
    return figure


def show_suspects(found: Sequence[tuple[NDArray, NDArray, Truth]], margin: int = 40) -> Figure:
    """Cut-outs around detections, with the labels that lie in them.

    Args:
        found: Of each its picture, its box (4,), and the picture's labels.
        margin: Pixels around the box.

    Returns:
        The figure, two cut-outs a row; the detection in black and white, labels in the colour of their class.
    """
    rows = -(-len(found) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(WIDTH, 2.0 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (picture, box, truth) in zip(axes.flat, found, strict=False):
        figures.show_on(axis, picture)
        draw_by_class(axis, truth, linewidth=1.4)
        corner, sides = box[:2] - 0.5, box[2:] - box[:2]
        for colour, style in (("black", "-"), ("white", "--")):
            axis.add_patch(
                Rectangle(tuple(corner), *sides, fill=False, edgecolor=colour, linestyle=style, linewidth=2.5)
            )
        half = max(sides) / 2 + margin
        x, y = (box[:2] + box[2:]) / 2
        axis.set(xlim=(x - half, x + half), ylim=(y + half, y - half))
    return figure


def draw_cell_counts(counted: NDArray[np.int64], labelled: NDArray[np.int64], names: Sequence[str]) -> Figure:
    """Numbers found against numbers labelled, a dot a picture.

    Args:
        counted: (pictures, classes), found.
        labelled: The same, labelled.
        names: Of the classes.

    Returns:
        The figure.
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 3.6))
    top = int(max(counted.max(), labelled.max())) + 1
    shift = np.random.default_rng(0).uniform(-0.25, 0.25, counted.shape)  # so that equal dots are seen
    axis.plot([0, top], [0, top], color="0.6", linewidth=1)
    for number, name in enumerate(names):
        colour = figures.COLOURS[CLASS_COLOURS[number]]
        dots = labelled[:, number] + shift[:, number], counted[:, number] + shift[:, number]
        axis.plot(*dots, ".", color=colour, markersize=6, alpha=0.7, label=name)
    axis.set_xlabel("cells labelled in a picture", fontsize=WORDS)
    axis.set_ylabel("cells found", fontsize=WORDS)
    axis.legend(fontsize=WORDS, loc="upper left")
    axis.tick_params(labelsize=WORDS)
    return figure


def draw_learning_curve(counts: Sequence[int], values: Sequence[Sequence[float]], ylabel: str) -> Figure:
    """A quality over the number of labelled pictures, each run a dot, and a line through the means.

    Args:
        counts: Numbers of pictures, rising.
        values: For each, one value a run.
        ylabel: What the values are.

    Returns:
        The figure.
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 3.0))
    axis.plot(counts, [float(np.mean(each)) for each in values], color=figures.COLOURS["blue"])
    for count, each in zip(counts, values, strict=True):
        axis.plot([count] * len(each), each, "o", color=figures.COLOURS["orange"], markersize=6)
    axis.set_xscale("log")
    axis.set_xticks(list(counts), [str(count) for count in counts])
    axis.minorticks_off()
    axis.set_xlabel("labelled pictures", fontsize=WORDS)
    axis.set_title(ylabel, fontsize=WORDS, loc="left")
    axis.set_ylim(0, 1)
    axis.tick_params(labelsize=WORDS)
    return figure
