"""Figures of the page "One look", narrow, so that their words can be read on a phone."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.detection.records import Detections

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN, SKY = (figures.COLOURS[name] for name in ("orange", "blue", "green", "sky"))
CLASS_COLOURS = ("orange", "blue", "green", "purple", "yellow", "sky")


def show_detections(photograph: NDArray, found: Detections, names: Sequence[str], title: str = "") -> Figure:
    """A photograph with named frames.

    Args:
        photograph: RGB.
        found: In its pixels.
        names: Of all classes.
        title: Above it.

    Returns:
        The figure; each frame has the name of its class and the score.
    """
    height, width = photograph.shape[:2]
    figure, axes = _panels(1, height=WIDTH * height / width + (0.3 if title else 0.1))
    _show(axes[0, 0], photograph, title)
    _draw_found(axes[0, 0], found, names)
    return figure


def draw_overlap(first: Sequence[float], second: Sequence[float]) -> Figure:
    """Two boxes on squared paper twice: what they share, and what they cover together."""
    figure, axes = _panels(2, height=2.3)
    for axis, title in zip(axes.flat, ("A ∩ B", "A ∪ B"), strict=True):
        _paper(axis, [first, second])
        shared = [*np.maximum(first, second)[:2], *np.minimum(first, second)[2:]]
        for box in [shared] if "∩" in title else [first, second]:
            _fill(axis, box, GREEN)
        for box, name, colour in ((first, "A", ORANGE), (second, "B", BLUE)):
            _frame(axis, box, colour)
            corner = (box[0] + 0.12, box[1] + 0.1) if name == "A" else (box[2] - 0.12, box[3] - 0.1)
            axis.text(*corner, name, color=colour, fontsize=13, weight="bold",
                      ha="left" if name == "A" else "right", va="top" if name == "A" else "bottom")  # fmt: skip
        axis.set_title(title, fontsize=WORDS + 1)
    return figure


def show_grid(image: NDArray, rows: int, boxes: ArrayLike, chosen: Sequence[int] = ()) -> Figure:
    """An image under the cells of a grid; the centres of boxes, and the cells that they lie in.

    Args:
        image: RGB, square.
        rows: Cells a side.
        boxes: (n, 4) in pixels of the image.
        chosen: Numbers of the boxes that are framed, too.

    Returns:
        The figure.
    """
    figure, axes = _panels(1, height=WIDTH)
    axis, side, found = axes[0, 0], len(image), np.asarray(boxes, float)
    _show(axis, image, "")
    cell = side / rows
    for place in np.arange(1, rows) * cell - 0.5:
        axis.axhline(place, color="white", linewidth=0.6, alpha=0.8)
        axis.axvline(place, color="white", linewidth=0.6, alpha=0.8)
    for number, box in enumerate(found):
        colour = figures.COLOURS[CLASS_COLOURS[number % len(CLASS_COLOURS)]]
        centre = (box[:2] + box[2:]) / 2
        corner = np.floor(centre / cell) * cell - 0.5
        axis.add_patch(Rectangle(tuple(corner), cell, cell, facecolor=colour, alpha=0.75, linewidth=0))
        axis.plot(*(centre - 0.5), "o", color="white", markersize=4)
        if number in chosen:
            figures.draw_boxes(axis, box[None], [CLASS_COLOURS[number % len(CLASS_COLOURS)]], linewidth=2.5)
    return figure


def draw_anchors(sizes: ArrayLike, anchors: ArrayLike, overlaps: dict[int, float]) -> Figure:
    """Sizes of boxes with the anchors found among them, and how well each number of anchors fits.

    Args:
        sizes: (n, 2) widths and heights in pixels.
        anchors: (k, 2).
        overlaps: Under each number of anchors the mean IoU of a box with its best anchor.

    Returns:
        The figure.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(WIDTH, 6.0), height_ratios=(1.9, 1))
    widths, heights = np.asarray(sizes, float).T
    above.plot(widths, heights, ".", color=SKY, markersize=4, alpha=0.6)
    for width, height in np.asarray(anchors, float):
        above.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor=ORANGE, linewidth=1.5))
        above.plot(width, height, "o", color=ORANGE, markersize=7)
    top = float(max(widths.max(), heights.max())) * 1.03
    above.set(xlim=(0, top), ylim=(0, top), aspect="equal")
    above.set_xlabel("width in pixels", fontsize=WORDS)
    above.set_title("height in pixels", fontsize=WORDS, loc="left")
    below.plot(list(overlaps), list(overlaps.values()), "o-", color=BLUE)
    below.set_xlabel("number of anchors", fontsize=WORDS)
    below.set_title("mean IoU with the best anchor", fontsize=WORDS, loc="left")
    below.set_ylim(0, 1)
    for axis in (above, below):
        axis.tick_params(labelsize=WORDS)
    return figure


def draw_both_detectors() -> Figure:
    """Block diagrams of the tiny and the full YOLOv3: body, upsampling, heads, with their grids at 416 × 416."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 5.6))
    for axis, title, stages in zip(axes, ("tiny: 2 heads", "full: 3 heads"), (_TINY, _FULL), strict=True):
        axis.axis("off")
        axis.set(xlim=(0, 10), ylim=(0, 20.2))
        axis.text(5, 19.5, title, ha="center", fontsize=WORDS + 0.5, weight="bold")
        for left, top, width, text, colour in stages["boxes"]:
            axis.add_patch(Rectangle((left, top - 1.5), width, 1.5, facecolor=colour, alpha=0.35, linewidth=0))
            axis.text(left + width / 2, top - 0.75, text, ha="center", va="center", fontsize=9.8)
        for start, stop in stages["arrows"]:
            axis.annotate("", stop, start, arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.2})
        for way in stages["ways"]:
            axis.plot(*np.transpose(way[:-1]), color="black", linewidth=1.2)
            axis.annotate("", way[-1], way[-2], arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.2})
    return figure


# Boxes (left, top, width, text, colour), arrows from place to place, and ways round corners; drawn by hand.
_TINY: dict = {
    "boxes": [
        (0, 18.8, 4.6, "image\n416 × 416", "0.7"),
        (0, 15.8, 4.6, "4 × conv,\npooling", SKY),
        (0, 12.8, 4.6, "26 × 26\n256 maps", SKY),
        (0, 9.8, 4.6, "13 × 13\n256 maps", SKY),
        (5.4, 9.8, 4.6, "head\n13 × 13", ORANGE),
        (0, 6.8, 4.6, "upsampled\n26 × 26", GREEN),
        (0, 3.8, 4.6, "both\nstacked", GREEN),
        (5.4, 3.8, 4.6, "head\n26 × 26", ORANGE),
    ],
    "arrows": [
        ((2.3, 17.3), (2.3, 15.8)),
        ((2.3, 14.3), (2.3, 12.8)),
        ((2.3, 11.3), (2.3, 9.8)),
        ((4.6, 9.05), (5.4, 9.05)),
        ((2.3, 8.3), (2.3, 6.8)),
        ((2.3, 5.3), (2.3, 3.8)),
        ((4.6, 3.05), (5.4, 3.05)),
    ],
    "ways": [((4.6, 12.05), (5.05, 12.05), (5.05, 2.65), (4.6, 2.65))],
}
_FULL: dict = {
    "boxes": [
        (0, 18.8, 4.6, "image\n416 × 416", "0.7"),
        (0, 15.8, 4.6, "Darknet-53\n52 × 52", SKY),
        (0, 12.8, 4.6, "Darknet-53\n26 × 26", SKY),
        (0, 9.8, 4.6, "Darknet-53\n13 × 13", SKY),
        (5.4, 9.8, 4.6, "head\n13 × 13", ORANGE),
        (0, 6.8, 4.6, "up, stacked\n26 × 26", GREEN),
        (5.4, 6.8, 4.6, "head\n26 × 26", ORANGE),
        (0, 3.8, 4.6, "up, stacked\n52 × 52", GREEN),
        (5.4, 3.8, 4.6, "head\n52 × 52", ORANGE),
    ],
    "arrows": [
        ((2.3, 17.3), (2.3, 15.8)),
        ((2.3, 14.3), (2.3, 12.8)),
        ((2.3, 11.3), (2.3, 9.8)),
        ((4.6, 9.05), (5.4, 9.05)),
        ((2.3, 8.3), (2.3, 6.8)),
        ((4.6, 6.05), (5.4, 6.05)),
        ((2.3, 5.3), (2.3, 3.8)),
        ((4.6, 3.05), (5.4, 3.05)),
    ],
    "ways": [
        ((4.6, 12.05), (4.87, 12.05), (4.87, 5.65), (4.6, 5.65)),
        ((4.6, 15.05), (5.12, 15.05), (5.12, 2.65), (4.6, 2.65)),
    ],
}


def show_decoding(image: NDArray, cell: tuple[int, int], stride: int, anchor: ArrayLike, box: ArrayLike) -> Figure:
    """From a cell and an anchor to a box, in three panels.

    Args:
        image: RGB, what the network saw.
        cell: Column and row.
        stride: Pixels a cell.
        anchor: Width and height in pixels.
        box: The decoded one, (x_min, y_min, x_max, y_max) in pixels.

    Returns:
        The figure.
    """
    figure, axes = _panels(1, 3, height=8.6)
    corner = np.array(cell) * stride
    middle, size, end = corner + stride / 2, np.asarray(anchor, float), np.asarray(box, float)
    centre = (end[:2] + end[2:]) / 2
    panels = (
        ("1 the cell, and the anchor around it", middle, size),
        ("2 σ moves the centre within the cell", centre, size),
        ("3 exp scales width and height", centre, end[2:] - end[:2]),
    )
    for axis, (title, place, sides) in zip(axes.flat, panels, strict=True):
        _show(axis, image, title)
        axis.add_patch(Rectangle(tuple(corner - 0.5), stride, stride, facecolor=ORANGE, alpha=0.6, linewidth=0))
        figures.draw_boxes(axis, [[*(place - sides / 2), *(place + sides / 2)]], linewidth=2.5)
        axis.plot(*(place - 0.5), "o", color="white", markersize=5, markeredgecolor="black")
        axis.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
    return figure


def show_stages(photograph: NDArray, stages: dict[str, Detections]) -> Figure:
    """A photograph under itself, each time with other boxes: after each stage of a detector.

    Args:
        photograph: RGB.
        stages: Detections under their titles; a colour is a class.

    Returns:
        The figure.
    """
    height, width = photograph.shape[:2]
    figure, axes = _panels(1, len(stages), height=len(stages) * (WIDTH * height / width + 0.3))
    seen = sorted({int(each) for found in stages.values() for each in found.class_ids})
    for axis, (title, found) in zip(axes.flat, stages.items(), strict=True):
        _show(axis, photograph, title)
        colours = [CLASS_COLOURS[seen.index(int(each)) % len(CLASS_COLOURS)] for each in found.class_ids]
        if len(found):
            figures.draw_boxes(axis, found.boxes, colours, linewidth=1.2)
    return figure


def draw_suppression(boxes: ArrayLike, scores: Sequence[float], kept: Sequence[Sequence[int]]) -> Figure:
    """Boxes of one class on squared paper, after each round of non-maximum suppression.

    Args:
        boxes: (n, 4).
        scores: (n,)
        kept: For each of two panels the numbers of the boxes that are still there.

    Returns:
        The figure.
    """
    figure, axes = _panels(1, len(kept), height=2.0 * len(kept))
    corners = np.asarray(boxes, float)
    for axis, numbers, title in zip(axes.flat, kept, ("before", "after"), strict=True):
        _paper(axis, corners)
        for number in numbers:
            colour = figures.COLOURS[CLASS_COLOURS[number % len(CLASS_COLOURS)]]
            _frame(axis, corners[number], colour)
            axis.text(corners[number, 0] + 0.12, corners[number, 1] + 0.12, f"{scores[number]:.1f}", color=colour,
                      fontsize=WORDS, weight="bold", va="top")  # fmt: skip
        axis.set_title(title, fontsize=WORDS)
    return figure


def _panels(columns: int, rows: int = 1, *, height: float) -> tuple[Figure, NDArray]:
    """Empty plots without axes, (rows, columns)."""
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    return figure, axes


def _show(axis: Axes, picture: NDArray, title: str) -> None:
    figures.show_on(axis, picture)
    axis.set_title(title, fontsize=WORDS)


def _draw_found(axis: Axes, found: Detections, names: Sequence[str]) -> None:
    """Frames, each with its class and score on a plate of the frame's colour."""
    seen = sorted(set(found.class_ids.tolist()))
    for box, score, class_id in zip(found.boxes, found.scores, found.class_ids.tolist(), strict=True):
        name = CLASS_COLOURS[seen.index(class_id) % len(CLASS_COLOURS)]
        figures.draw_boxes(axis, box[None], [name], linewidth=2)
        plate = {"facecolor": "white", "edgecolor": figures.COLOURS[name], "pad": 1.5, "alpha": 0.9}
        words = f"{names[class_id]} {score:.2f}"
        axis.text(box[0], box[1], words, fontsize=WORDS, va="bottom", clip_on=True, bbox=plate)


def _paper(axis: Axes, boxes: ArrayLike) -> None:
    """Squared paper that holds all boxes; y points down, as in images."""
    corners = np.asarray(boxes, float)
    low, high = np.floor(corners[:, :2].min(axis=0)) - 1, np.ceil(corners[:, 2:].max(axis=0)) + 1
    for place in np.arange(low[0], high[0] + 1):
        axis.plot([place, place], [low[1], high[1]], color="0.85", linewidth=0.8)
    for place in np.arange(low[1], high[1] + 1):
        axis.plot([low[0], high[0]], [place, place], color="0.85", linewidth=0.8)
    axis.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal")


def _frame(axis: Axes, box: Sequence[float] | NDArray, colour: str) -> None:
    x_min, y_min, x_max, y_max = box
    axis.add_patch(Rectangle((x_min, y_min), x_max - x_min, y_max - y_min, fill=False, edgecolor=colour, linewidth=2.5))


def _fill(axis: Axes, box: Sequence[float], colour: str) -> None:
    x_min, y_min, x_max, y_max = box
    axis.add_patch(Rectangle((x_min, y_min), x_max - x_min, y_max - y_min, facecolor=colour, alpha=0.45, linewidth=0))
