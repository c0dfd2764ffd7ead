"""Figures of the page "Find and align", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.faces.alignment import EYE_POSITIONS, similarity_transform
from deepmedia.faces.finding import Face
from deepmedia.lessons.faces.find_and_align.cascade import Question
from deepmedia.statistics import wilson_interval

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN = (figures.COLOURS[name] for name in ("orange", "blue", "green"))


def show_goal(photograph: NDArray, face: Face, aligned: NDArray) -> Figure:
    """A photograph with a face's box, and below it the face with its eyes beside the aligned face."""
    figure = plt.figure(figsize=(WIDTH, 5.4))
    grid = figure.add_gridspec(2, 2, height_ratios=(1.7, 1))
    whole, near, last = (figure.add_subplot(place) for place in (grid[0, :], grid[1, 0], grid[1, 1]))
    _show(whole, photograph, "1 find the face")
    figures.draw_boxes(whole, [face.box])
    _show(near, photograph, "2 find its eyes")
    _mark(near, [face], size=9)
    near.set(xlim=face.box[[0, 2]] - 0.5, ylim=face.box[[3, 1]] - 0.5)
    _show(last, aligned, "3 align it")
    _goal_lines(last, aligned)
    return figure


def show_questions(window: NDArray, questions: Sequence[Question], values: Sequence[float]) -> Figure:
    """A window three times: as it is, and with the rectangles of two features.

    Args:
        window: Grey, (20, 20).
        questions: Two, whose first rectangle, of weight -1, holds the second.
        values: Of the features, for the titles.

    Returns:
        The figure; orange counts positive, blue negative.
    """
    figure, axes = _panels(3, height=1.75)
    _show(axes[0, 0], window, "20 × 20 pixels")
    for axis, question, value in zip(axes[0, 1:], questions, values, strict=True):
        whole, part = question.rectangles
        _show(axis, window, f"value {value:+.2f}")
        _fill(axis, whole.box, BLUE)
        _fill(axis, part.box, ORANGE)
    return figure


def show_integral(image: ArrayLike, table: ArrayLike, box: Sequence[int]) -> Figure:
    """The numbers of an image with a box, and its integral image with the four corners of that box."""
    figure, axes = _panels(1, 2, height=6.2)
    _numbers(axes[0, 0], image, "image: sum in the box")
    x_min, y_min, x_max, y_max = box
    figures.draw_boxes(axes[0, 0], [box], linewidth=3)
    _numbers(axes[1, 0], table, "integral image: four corners")
    for y, x, sign in ((y_max, x_max, "+"), (y_min, x_min, "+"), (y_min, x_max, "−"), (y_max, x_min, "−")):
        colour = ORANGE if sign == "+" else BLUE
        axes[1, 0].add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, alpha=0.3, zorder=2))
        axes[1, 0].text(x - 0.48, y - 0.48, sign, color=colour, fontsize=12, fontweight="bold", ha="left", va="top")
    return figure


def plot_stages(photograph: NDArray, counts: ArrayLike, windows: Mapping[int, ArrayLike]) -> Figure:
    """How many windows are left after each stage, and where some stages' windows lie.

    Args:
        photograph: RGB.
        counts: Before the first stage and after each.
        windows: Under the number of a stage the boxes (n, 4) that passed it; three of them.

    Returns:
        The figure.
    """
    figure = plt.figure(figsize=(WIDTH, 4.3))
    grid = figure.add_gridspec(2, len(windows), height_ratios=(1.5, 1))
    axis = figure.add_subplot(grid[0, :])
    numbers = np.asarray(counts)
    axis.bar(range(len(numbers)), numbers, color=BLUE)
    axis.set_yscale("log")
    axis.set_xlabel("stages passed", fontsize=WORDS)
    axis.set_title("windows left", fontsize=WORDS)
    axis.set_xticks([0, 4, 8, *windows])
    axis.tick_params(labelsize=WORDS)
    for column, (stage, boxes) in enumerate(windows.items()):
        panel = figure.add_subplot(grid[1, column])
        _show(panel, photograph, f"after {stage}")
        figures.draw_boxes(panel, boxes, linewidth=0.7)
    return figure


def show_found(photographs: Mapping[str, NDArray], faces: Mapping[str, Sequence[Face]], *, columns: int = 2) -> Figure:
    """Photographs with what was found in them, framed; eyes as crosses.

    Args:
        photographs: Images under their names.
        faces: Under the same names what was found.
        columns: In a row.

    Returns:
        The figure; the title of each counts what was found.
    """
    rows = -(-len(photographs) // columns)
    figure, axes = _panels(columns, rows, height=rows * 1.6 if columns > 1 else rows * 4.2)
    for axis, (name, image) in zip(axes.flat, photographs.items(), strict=False):
        found = faces[name]
        _show(axis, image, f"{name}: {len(found)} found")
        _mark(axis, found, size=4)
    return figure


def show_steps(eyes: ArrayLike, goal: ArrayLike) -> Figure:
    """How two points get to two others: turned, scaled, shifted.

    Args:
        eyes: (2, 2), from where, the left one first.
        goal: (2, 2), where to.

    Returns:
        The figure, a panel a step; grey is where the points were before it.
    """
    start, end = np.asarray(eyes, float), np.asarray(goal, float)
    a, b = similarity_transform(start, end)[:, 0]
    scale = np.hypot(a, b)
    turn = np.array([[a, -b], [b, a]]) / scale
    states = [start, start @ turn.T, scale * start @ turn.T, end]
    angle = np.degrees(np.arctan2(b, a))
    titles = (
        "eyes and their goals",
        f"1 turn by {abs(angle):.0f}°",
        f"2 scale by {scale:.2g}",
        f"3 shift by ({end[0, 0] - states[2][0, 0]:+.0f}, {end[0, 1] - states[2][0, 1]:+.0f})",
    )
    figure, axes = _panels(2, 2, height=3.7)
    for number, (axis, title) in enumerate(zip(axes.flat, titles, strict=True)):
        axis.axis("on")
        axis.plot(*end.T, "s", color=GREEN, markersize=11, fillstyle="none", markeredgewidth=2)
        if number:
            axis.plot(*states[number - 1].T, "o--", color="0.7")
        axis.plot(*states[number].T, "o-", color=ORANGE)
        axis.set_title(title, fontsize=WORDS, loc="left")
        axis.tick_params(labelsize=WORDS)
        axis.set_aspect("equal")
    low = np.vstack(states).min(axis=0) - 8
    high = np.vstack(states).max(axis=0) + 8
    for axis in axes.flat:
        axis.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]))
    return figure


def show_aligned(crops: Sequence[NDArray], aligned: Sequence[NDArray], titles: Sequence[str]) -> Figure:
    """Crops of boxes above aligned faces, with a line where the eyes should lie."""
    columns = len(crops)
    figure, axes = _panels(columns, 2, height=2 * (WIDTH - 0.3) / columns + 0.35)
    for column, (crop, face) in enumerate(zip(crops, aligned, strict=True)):
        _show(axes[0, column], crop, titles[column])
        _show(axes[1, column], face, "")
        _goal_lines(axes[0, column], crop)
        _goal_lines(axes[1, column], face)
    for axis, name in zip(axes[:, 0], ("box", "aligned"), strict=True):
        axis.text(-0.08, 0.5, name, rotation=90, ha="right", va="center", fontsize=WORDS, transform=axis.transAxes)
    return figure


def plot_turns(degrees: ArrayLike, found: ArrayLike, total: int) -> Figure:
    """Share of the faces that are found, over the angle by which they are turned, with Wilson's intervals."""
    counts = np.asarray(found)
    shares = counts / total
    low, high = np.transpose([wilson_interval(int(count), total) for count in counts])
    figure, axes = _panels(1, height=2.6)
    axis: Axes = axes[0, 0]
    axis.axis("on")
    axis.fill_between(degrees, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axis.plot(degrees, shares, "o-", color=BLUE)
    axis.set(ylim=(0, 1.02), xticks=(-45, -30, -15, 0, 15, 30, 45))
    axis.set_xlabel("turn in degrees, anticlockwise", fontsize=WORDS)
    axis.set_title("faces found", fontsize=WORDS, loc="left")
    axis.tick_params(labelsize=WORDS)
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


def _mark(axis: Axes, faces: Sequence[Face], *, size: float) -> None:
    """Frames around faces, crosses on their eyes."""
    if faces:
        figures.draw_boxes(axis, np.array([face.box for face in faces]))
    for face in faces:
        if face.eyes is not None:
            axis.plot(
                *(face.eyes.T - 0.5), "+", color=figures.COLOURS["sky"], markersize=size, markeredgewidth=size / 4
            )


def _goal_lines(axis: Axes, image: NDArray) -> None:
    """Lines that cross where `align` puts the eyes."""
    height, width = image.shape[:2]
    (left, down), (right, _) = EYE_POSITIONS
    axis.axhline(down * height - 0.5, color=ORANGE, linewidth=1)
    for share in (left, right):
        axis.axvline(share * width - 0.5, color=ORANGE, linewidth=1)


def _fill(axis: Axes, box: Sequence[int], colour: str) -> None:
    x_min, y_min, x_max, y_max = box
    place = (x_min - 0.5, y_min - 0.5)
    axis.add_patch(plt.Rectangle(place, x_max - x_min, y_max - y_min, color=colour, alpha=0.6, linewidth=0))


def _numbers(axis: Axes, values: ArrayLike, title: str) -> None:
    """A grid of whole numbers."""
    table = np.asarray(values)
    axis.imshow(np.ones_like(table, float), cmap="gray", vmin=0, vmax=1)
    for row, column in np.ndindex(*table.shape):
        axis.text(column, row, str(table[row, column]), ha="center", va="center", fontsize=12)
    for place in range(table.shape[1] + 1):
        axis.axvline(place - 0.5, color="0.8", linewidth=0.8)
    for place in range(table.shape[0] + 1):
        axis.axhline(place - 0.5, color="0.8", linewidth=0.8)
    axis.set_title(title, fontsize=WORDS)
