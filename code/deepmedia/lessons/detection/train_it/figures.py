"""Figures of the page "Train it", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.detection.coco_metrics import RECALLS
from deepmedia.detection.records import Detections, Truth
from deepmedia.detection.targets import YOLOTargets

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN, SKY = (figures.COLOURS[name] for name in ("orange", "blue", "green", "sky"))
HEAD_COLOURS = ("orange", "sky", "yellow")  # coarsest first
TERMS = {
    "position": "blue",
    "size": "sky",
    "object": "orange",
    "background": "black",
    "classes": "green",
}
KIND_COLOURS = {
    "hit": "green",
    "localisation": "yellow",
    "class": "blue",
    "both": "purple",
    "duplicate": "sky",
    "background": "orange",
}
MISSED = "black"
DOT = 3  # pixels: a smaller frame is shown as a dot


@dataclass(frozen=True)
class Panel:
    """An image with frames.

    Args:
        image: RGB.
        boxes: (n, 4) in its pixels; n may be 0.
        title: Above it.
        words: Beside each frame, or none.
        colours: Of `figures.COLOURS`, one a frame; with fewer they repeat.
    """

    image: NDArray
    boxes: ArrayLike = ()
    title: str = ""
    words: Sequence[str] = ()
    colours: Sequence[str] = ("orange",)


def show_panels(panels: Sequence[Panel], *, columns: int = 1) -> Figure:
    """Images with frames, side by side or below each other.

    Args:
        panels: At least one.
        columns: How many side by side.

    Returns:
        The figure.
    """
    rows = -(-len(panels) // columns)
    side = WIDTH / columns
    heights = [panel.image.shape[0] / panel.image.shape[1] * side + 0.3 * panel_lines(panel) for panel in panels]
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, rows * max(heights)), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, panel in zip(axes.flat, panels, strict=False):
        _show(axis, panel)
    return figure


def panel_lines(panel: Panel) -> float:
    """Lines of a panel's title; a little space without one."""
    return panel.title.count("\n") + 1 if panel.title else 0.2


def show_targets(
    image: NDArray, truth: Truth, targets: YOLOTargets, anchors: Sequence[ArrayLike], names: Sequence[str]
) -> Figure:
    """A scene with the cell and the anchor that answer for each garment.

    Args:
        image: RGB, square.
        truth: Its boxes.
        targets: Of this image alone.
        anchors: Of each head, coarsest first.
        names: Of the classes.

    Returns:
        The figure: each garment's box in the colour of its head, the anchor dashed around the same centre, the cell
        filled.
    """
    figure, axes = plt.subplots(figsize=(WIDTH, WIDTH + 0.75))
    _show(axes, Panel(image))
    side = len(image)
    for target, table, colour in zip(targets.heads, anchors, HEAD_COLOURS, strict=False):
        shade, cell = figures.COLOURS[colour], side / target.objectness.shape[1]
        for _, row, column, anchor in np.argwhere(target.objectness):
            centre = (np.array([column, row]) + target.position[0, row, column, anchor]) * cell - 0.5
            corner = np.array([column, row]) * cell - 0.5
            axes.add_patch(Rectangle(tuple(corner), cell, cell, facecolor=shade, edgecolor="white", alpha=0.85))
            axes.plot(*centre, "o", color="white", markersize=4, markeredgecolor="black")
            width, height = np.asarray(table)[anchor]
            axes.add_patch(
                Rectangle(tuple(centre - (width / 2, height / 2)), width, height, fill=False, edgecolor="white",
                          linewidth=1.8, linestyle="--")
            )  # fmt: skip
            box = _box_at(truth, centre)
            figures.draw_boxes(axes, truth.boxes[box : box + 1], [colour], linewidth=2.5)
            _name(axes, truth.boxes[box], names[truth.class_ids[box]], shade)
    grids = [f"{target.objectness.shape[1]} × {target.objectness.shape[2]}" for target in targets.heads]
    handles = [Patch(color=figures.COLOURS[c], label=g) for c, g in zip(HEAD_COLOURS, grids, strict=False)]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncol=3, fontsize=WORDS,
                handlelength=1, columnspacing=1, title="grid that answers", title_fontsize=WORDS)  # fmt: skip
    return figure


def plot_training(log: Mapping[str, Sequence[float]], measured: Mapping[int, float]) -> Figure:
    """The terms of the loss over the epochs, and average precision on scenes that were not trained on.

    Args:
        log: Of `fit_detector`.
        measured: AP50 under the number of epochs before it; 0 before any.

    Returns:
        The figure.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(WIDTH, 5.2), height_ratios=(1.6, 1), sharex=True)
    for name, colour in TERMS.items():
        above.plot(range(1, len(log[name]) + 1), log[name], color=figures.COLOURS[colour], label=name)
    above.set_yscale("log")
    above.set_title("loss for a scene, by term", fontsize=WORDS, loc="left")
    above.legend(fontsize=WORDS, ncol=2, loc="upper center", bbox_to_anchor=(0.5, -0.04), columnspacing=1)
    below.plot(list(measured), list(measured.values()), "o-", color=BLUE)
    below.set_title("AP50 on validation scenes", fontsize=WORDS, loc="left")
    below.set_xlabel("epochs", fontsize=WORDS)
    below.set_ylim(bottom=0)
    for axis in (above, below):
        axis.tick_params(labelsize=WORDS)
    return figure


def draw_precision_recall(hits: Sequence[bool], objects: int) -> Figure:
    """Precision over recall as detections are let in one by one, and the stairs above them.

    Args:
        hits: Whether each detection is one, from the highest score down.
        objects: How many there are to find.

    Returns:
        The figure: a numbered point for each detection; the area under the stairs is filled.
    """
    found = np.cumsum(hits)
    recall, precision = found / objects, found / np.arange(1, len(hits) + 1)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.2))
    stairs = np.array([precision[recall >= r - 1e-9].max(initial=0) for r in RECALLS])
    axis.fill_between(RECALLS, stairs, step="pre", color=SKY, alpha=0.35, linewidth=0)
    axis.plot(RECALLS, stairs, drawstyle="steps-pre", color=BLUE, linewidth=1.5)
    for number, (x, y, hit) in enumerate(zip(recall, precision, hits, strict=True), start=1):
        axis.plot(x, y, "o" if hit else "X", color=GREEN if hit else ORANGE, markersize=9)
        axis.annotate(str(number), (x, y), xytext=(7, 4), textcoords="offset points", fontsize=WORDS)
    axis.set(xlim=(-0.02, 1.02), ylim=(0, 1.09))
    axis.set_xlabel("recall", fontsize=WORDS)
    axis.set_title("precision", fontsize=WORDS, loc="left")
    axis.tick_params(labelsize=WORDS)
    return figure


def plot_kinds(counts: Mapping[str, int]) -> Figure:
    """Bars for how often each kind of mistake was made.

    Args:
        counts: Under the kind.

    Returns:
        The figure.
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 0.34 * len(counts) + 0.3))
    places = range(len(counts) - 1, -1, -1)
    colours = [figures.COLOURS[KIND_COLOURS.get(name, MISSED)] for name in counts]
    axis.barh(places, list(counts.values()), color=colours)
    axis.set_yticks(places, list(counts), fontsize=WORDS)
    for place, value in zip(places, counts.values(), strict=True):
        axis.text(value, place, f" {value}", va="center", fontsize=WORDS)
    axis.margins(x=0.12)
    axis.grid(False)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    return figure


def mistakes_panel(
    image: NDArray, truth: Truth, found: Detections, kinds: Sequence[str], missed: NDArray, title: str = ""
) -> Panel:
    """An image with its mistakes framed in the colours of `plot_kinds`; hits are left out.

    Args:
        image: RGB.
        truth: Its boxes.
        found: What the detector says of it.
        kinds: Of each detection, as of `detection_errors`.
        missed: Rows of the truth that are missed.
        title: Above it.

    Returns:
        The panel.
    """
    wrong = [row for row, kind in enumerate(kinds) if kind in KIND_COLOURS and kind != "hit"]
    colours = [KIND_COLOURS[kinds[row]] for row in wrong] + [MISSED] * len(missed)
    return Panel(image, np.concatenate([found.boxes[wrong], truth.boxes[missed]]), title, (), colours or ["black"])


def draw_slopes(slopes: Mapping[str, NDArray], answering: tuple[int, int]) -> Figure:
    """What the loss asks of the objectness in some cells.

    Args:
        slopes: Under a title the derivative of the loss with respect to each cell's raw objectness, (rows, columns).
        answering: Row and column of the cell that answers.

    Returns:
        The figure: cells that are to say more in blue, those that are to say less in orange.
    """
    figure, axes = plt.subplots(len(slopes), 1, figsize=(WIDTH, 1.75 * len(slopes)), squeeze=False)
    for axis, (title, values) in zip(axes.flat, slopes.items(), strict=True):
        axis.imshow(values, cmap="PuOr_r", vmin=-1.3, vmax=1.3)
        for row, column in np.ndindex(*values.shape):
            words = f"{values[row, column]:+.1f}" if abs(values[row, column]) >= 0.05 else "0"
            axis.text(column, row, words, ha="center", va="center", fontsize=WORDS)
        axis.add_patch(Rectangle((answering[1] - 0.5, answering[0] - 0.5), 1, 1, fill=False, linewidth=2.5))
        axis.set_title(title, fontsize=WORDS)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.grid(False)
    return figure


def _show(axis: Axes, panel: Panel) -> None:
    figures.show_on(axis, panel.image)
    axis.set_title(panel.title, fontsize=WORDS)
    boxes = np.asarray(panel.boxes, float).reshape(-1, 4)
    height, width = panel.image.shape[:2]
    axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    for number, box in enumerate(boxes):
        colour = panel.colours[number % len(panel.colours)]
        figures.draw_boxes(axis, box[None], [colour], linewidth=2.2)
        if max(box[2] - box[0], box[3] - box[1]) < DOT:
            axis.plot(*((box[:2] + box[2:]) / 2 - 0.5), "o", color=figures.COLOURS[colour], markersize=5)
        if panel.words:
            _name(axis, box, panel.words[number], figures.COLOURS[colour])


def _name(axis: Axes, box: NDArray, words: str, colour: str) -> None:
    """A plate with words above a frame, or below it at the image's upper edge."""
    below = box[1] < 25
    plate = {"facecolor": "white", "edgecolor": colour, "pad": 1.5, "alpha": 0.9}
    axis.text(box[0], box[3] if below else box[1], words, fontsize=WORDS, va="top" if below else "bottom",
              clip_on=True, bbox=plate)  # fmt: skip


def _box_at(truth: Truth, centre: NDArray) -> int:
    """The number of the box whose centre is nearest."""
    centres = (truth.boxes[:, :2] + truth.boxes[:, 2:]) / 2 - 0.5
    return int(((centres - centre) ** 2).sum(axis=1).argmin())
