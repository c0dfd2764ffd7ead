"""Figures of the page "Recurrent networks", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN, SKY = (figures.COLOURS[name] for name in ("orange", "blue", "green", "sky"))
GREY = "0.75"

Spot = tuple[float, float]


def show_both_ways(clip: NDArray[np.uint8], columns: int = 4) -> Figure:
    """Some frames of a clip, and under them the same frames from the last to the first.

    Args:
        clip: RGB (frames, height, width, 3).
        columns: Frames to show, spread evenly.

    Returns:
        The figure.
    """
    chosen = clip[np.linspace(0, len(clip) - 1, columns).round().astype(int)]
    figure, axes = plt.subplots(2, columns, figsize=(WIDTH, 2.5), squeeze=False)
    for row, frames, title in zip(axes, (chosen, chosen[::-1]), ("forwards", "backwards"), strict=True):
        for axis, frame in zip(row, frames, strict=True):
            figures.show_on(axis, frame)
        row[0].set_title(title, fontsize=WORDS, loc="left")
    return figure


def draw_unrolled() -> Figure:
    """A plain recurrent network as a loop, and unrolled over three steps."""
    figure, axis = _canvas(3.0, top=7.4)
    _box(axis, (1.3, 3.7), "tanh", ORANGE)
    _arrow(axis, (1.3, 1.6), (1.3, 3.2))
    _words(axis, (0.95, 2.2), "W")
    _words(axis, (1.3, 1.1), "x")
    _arrow(axis, (1.3, 4.2), (1.3, 5.8))
    _words(axis, (1.3, 6.2), "h")
    _way(axis, [(1.3, 5.0), (2.5, 5.0), (2.5, 2.6), (1.75, 2.6), (1.75, 3.2)])
    _words(axis, (2.75, 3.8), "U")
    _words(axis, (3.5, 3.7), "=", size=16)
    for number, left in enumerate((5.0, 7.0, 9.0), start=1):
        _box(axis, (left, 3.7), "tanh", ORANGE, width=1.2)
        _arrow(axis, (left, 1.6), (left, 3.2), "W")
        _words(axis, (left, 1.1), f"$x_{number}$")
        _arrow(axis, (left, 4.2), (left, 5.8))
        _words(axis, (left, 6.2), f"$h_{number}$")
        if number > 1:
            _arrow(axis, (left - 1.4, 3.7), (left - 0.6, 3.7))
            _words(axis, (left - 1.0, 4.2), "U")
    _arrow(axis, (9.6, 3.7), (10.4, 3.7))
    return figure


def draw_two_steps(values: Sequence[float], gradients: Sequence[float]) -> Figure:
    """A network of one unit over two steps, with its numbers: forwards above, derivatives of the loss below.

    Args:
        values: Of a1, h1, a2 and h2.
        gradients: Derivatives of the loss with respect to the same four.

    Returns:
        The figure.
    """
    figure, axis = _canvas(3.1, top=7.6)
    names = ("$a_1$", "$h_1$", "$a_2$", "$h_2$")
    for place, name, value, gradient in zip((1.6, 4.0, 6.4, 8.8), names, values, gradients, strict=True):
        axis.add_patch(Circle((place, 4.4), 0.62, facecolor=SKY if "h" in name else GREY, alpha=0.5, linewidth=0))
        _words(axis, (place, 4.4), name)
        _words(axis, (place, 5.6), f"{value:.2f}", BLUE)
        _words(axis, (place, 3.2), f"{gradient:.2f}", ORANGE)
    for start, words in ((1.6, "tanh"), (4.0, "·0.5"), (6.4, "tanh")):
        _arrow(axis, (start + 0.65, 4.4), (start + 1.75, 4.4))
        _words(axis, (start + 1.2, 4.95), words)
    for place, name in ((1.6, "$x_1 = 1$"), (6.4, "$x_2 = 0$")):
        _words(axis, (place - 0.3, 0.6), name)
        _arrow(axis, (place - 0.95, 1.1), (place - 0.6, 3.9))
        _words(axis, (place - 1.4, 2.1), "·1.1")
    _words(axis, (5.0, 7.0), "forwards: values →", BLUE)
    _words(axis, (3.85, 0.6), "← back:\nderivatives", ORANGE)
    return figure


def draw_lstm_cell() -> Figure:
    """An LSTM's step: the cell's way along the top, the four layers that read x and h0, and what leaves."""
    figure, axis = _canvas(3.9, top=8.6)
    _track(axis, 7.2, "$c_0$", "$c$", marks={2.0: "×", 4.6: "+"})
    for place, words in ((2.0, "σ\nforget"), (3.7, "σ\ninput"), (5.5, "tanh\nnew"), (7.5, "σ\noutput")):
        _box(axis, (place, 2.9), words, ORANGE if "new" in words else SKY, width=1.55, height=1.5)
        _arrow(axis, (place, 1.0), (place, 2.15))
    _words(axis, (0.5, 1.0), "$x, h_0$")
    axis.plot([1.2, 7.5], [1.0, 1.0], color="black", linewidth=1.2)
    _arrow(axis, (2.0, 3.65), (2.0, 6.75))
    _words(axis, (1.6, 5.2), "f")
    _mark(axis, (4.6, 5.2), "×")
    _way(axis, [(3.7, 3.65), (3.7, 5.2), (4.15, 5.2)])
    _way(axis, [(5.5, 3.65), (5.5, 5.2), (5.05, 5.2)])
    _words(axis, (3.4, 4.5), "i")
    _words(axis, (5.8, 4.5), "g")
    _arrow(axis, (4.6, 5.65), (4.6, 6.75))
    _arrow(axis, (7.5, 7.2), (7.5, 6.45))
    _box(axis, (7.5, 6.0), "tanh", ORANGE, width=1.3, height=0.9)
    _arrow(axis, (7.5, 5.55), (7.5, 5.1))
    _mark(axis, (7.5, 4.65), "×")
    _arrow(axis, (7.5, 3.65), (7.5, 4.2))
    _words(axis, (7.1, 3.95), "o")
    _arrow(axis, (7.95, 4.65), (9.4, 4.65))
    _words(axis, (9.7, 4.65), "$h$")
    return figure


def draw_gru_cell() -> Figure:
    """A GRU's step: the state's way along the top, the two gates and the candidate."""
    figure, axis = _canvas(3.7, top=8.2)
    _track(axis, 7.0, "$h_0$", "$h$", marks={2.0: "×", 7.6: "+"})
    for place, words in ((2.0, "σ\nupdate"), (4.1, "σ\nreset"), (7.6, "tanh\nnew")):
        _box(axis, (place, 2.9), words, ORANGE if "new" in words else SKY, width=1.6, height=1.5)
        _arrow(axis, (place, 1.0), (place, 2.15))
    _words(axis, (0.5, 1.0), "$x, h_0$")
    axis.plot([1.2, 7.6], [1.0, 1.0], color="black", linewidth=1.2)
    _arrow(axis, (2.0, 3.65), (2.0, 6.55))
    _words(axis, (1.6, 6.0), "z")
    _arrow(axis, (2.0, 5.0), (3.2, 5.0))
    _box(axis, (4.1, 5.0), "1 − z", GREY, width=1.8, height=0.9)
    _arrow(axis, (5.0, 5.0), (7.15, 5.0))
    _mark(axis, (7.6, 5.0), "×")
    _arrow(axis, (7.6, 3.65), (7.6, 4.55))
    _words(axis, (7.95, 4.1), "g")
    _arrow(axis, (7.6, 5.45), (7.6, 6.55))
    _arrow(axis, (4.9, 2.9), (5.35, 2.9))
    _words(axis, (5.1, 3.4), "r")
    _mark(axis, (5.8, 2.9), "×")
    _arrow(axis, (5.8, 1.0), (5.8, 2.45))
    _words(axis, (6.25, 1.65), "$h_0U$", size=9.8)
    _words(axis, (8.1, 1.65), "$xW$", size=9.8)
    _arrow(axis, (6.25, 2.9), (6.8, 2.9))
    return figure


def plot_reach(curves: Mapping[str, ArrayLike]) -> Figure:
    """How sizes of gradients change from the last frame to the first, on a logarithmic axis.

    Args:
        curves: Sizes (frames,) under each name, the last frame's first; a name that ends in "open" gets a dashed
            line in the colour of the name without it.

    Returns:
        The figure.
    """
    figure, axes = plt.subplots(figsize=(WIDTH, 3.4))
    colours = dict(zip(dict.fromkeys(name.split(",")[0] for name in curves), (BLUE, ORANGE, GREEN), strict=False))
    for name, sizes in curves.items():
        axes.semilogy(np.asarray(sizes), "--" if name.endswith("open") else "-", color=colours[name.split(",")[0]],
                      label=name, linewidth=1.8)  # fmt: skip
    axes.set_ylim(1e-13, 10)
    axes.set_xlabel("frames back from the last one", fontsize=WORDS)
    axes.set_title("size of the gradient, last frame = 1", fontsize=WORDS, loc="left")
    axes.tick_params(labelsize=WORDS)
    axes.legend(fontsize=9.8, loc="lower left")
    return figure


def draw_lamp_clip(frames: ArrayLike) -> Figure:
    """A clip of the task: which garment each frame shows, and in which the lamp shines.

    Args:
        frames: (steps, 5), the lamp's column last.

    Returns:
        The figure; time goes to the right.
    """
    shown = np.asarray(frames, float)
    steps, rows = np.nonzero(shown)
    is_lamp = rows == shown.shape[1] - 1
    figure, axis = plt.subplots(figsize=(WIDTH, 1.9))
    axis.plot(steps[~is_lamp], rows[~is_lamp], "s", color=BLUE, markersize=4)
    axis.plot(steps[is_lamp], rows[is_lamp], "*", color=ORANGE, markersize=13)
    axis.axvline(steps[is_lamp][0], color=ORANGE, linewidth=1, alpha=0.6)
    axis.set_yticks(range(shown.shape[1]), [*(f"garment {n}" for n in range(shown.shape[1] - 1)), "lamp"])
    axis.set_xlabel("frame", fontsize=WORDS)
    axis.tick_params(labelsize=WORDS)
    axis.set_ylim(-0.6, shown.shape[1] - 0.4)
    return figure


def _canvas(height: float, *, top: float) -> tuple[Figure, Axes]:
    """An empty drawing, ten and a bit units wide."""
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    axis.axis("off")
    axis.set(xlim=(0, 10.5), ylim=(0, top))
    return figure, axis


def _words(axis: Axes, place: Spot, words: str, colour: str = "black", size: float = WORDS) -> None:
    axis.text(*place, words, color=colour, fontsize=size, ha="center", va="center")


def _box(axis: Axes, centre: Spot, words: str, colour: str, *, width: float = 1.5, height: float = 1.0) -> None:
    corner = (centre[0] - width / 2, centre[1] - height / 2)
    axis.add_patch(Rectangle(corner, width, height, facecolor=colour, alpha=0.4, linewidth=0))
    _words(axis, centre, words, size=9.8)


def _mark(axis: Axes, centre: Spot, sign: str) -> None:
    """A circle for an operation entry by entry."""
    axis.plot(*centre, "o", markersize=15, markerfacecolor="white", markeredgecolor="black", zorder=3)
    axis.text(*centre, sign, fontsize=12, ha="center", va="center_baseline", zorder=4)


def _arrow(axis: Axes, start: Spot, stop: Spot, words: str = "") -> None:
    axis.annotate("", stop, start, arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "lw": 1.2})
    if words:
        _words(axis, ((start[0] + stop[0]) / 2 + 0.35, (start[1] + stop[1]) / 2), words)


def _way(axis: Axes, corners: Sequence[Spot]) -> None:
    """A line round corners that ends in an arrow."""
    axis.plot(*np.transpose(corners[:-1]), color="black", linewidth=1.2)
    _arrow(axis, corners[-2], corners[-1])


def _track(axis: Axes, height: float, first: str, last: str, *, marks: Mapping[float, str]) -> None:
    """The state's way through a cell, with the operations on it."""
    axis.annotate("", (9.5, height), (0.9, height), arrowprops={"arrowstyle": "->", "color": GREEN, "lw": 3})
    _words(axis, (0.45, height), first)
    _words(axis, (9.9, height), last)
    for place, sign in marks.items():
        _mark(axis, (place, height), sign)
