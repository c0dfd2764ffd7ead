"""Figures of the page "Darknet's weights", narrow, so that their words can be read on a phone."""

import math
from collections.abc import Sequence

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Rectangle
from numpy.typing import NDArray

from deepmedia import figures
from deepmedia.detection.darknet_sections import ConvolutionalSection, DarknetCfg, RouteSection, ShortcutSection

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN, SKY, PURPLE, YELLOW = (
    figures.COLOURS[name] for name in ("orange", "blue", "green", "sky", "purple", "yellow")
)
KINDS = {"convolutional": SKY, "maxpool": BLUE, "shortcut": "0.6", "upsample": YELLOW, "route": GREEN, "yolo": ORANGE}
SHORT = {"convolutional": "conv", "maxpool": "pool", "yolo": "head"}
# The parts of a convolution in a .weights file: what stands on its stripe, and its colour.
PARTS = {"beta": SKY, "gamma": BLUE, "mean": GREEN, "variance": YELLOW, "kernel": ORANGE}


def draw_layers(networks: dict[str, DarknetCfg]) -> Figure:
    """Networks as their descriptions say, one bar a layer, from the image at the top downwards.

    Args:
        networks: Under their titles. A bar is as long as the layer's maps are wide, on a scale of halvings. A grey arc
            at its left is a shortcut; a green line at the right is a route, from the layer that gives to the taker. At
            a head stands the side of its grid.

    Returns:
        The figure.
    """
    figure, axes = plt.subplots(1, len(networks), figsize=(WIDTH, 7.6), squeeze=False)
    for axis, (title, cfg) in zip(axes.flat, networks.items(), strict=True):
        _draw_network(axis, cfg)
        axis.set_title(title, fontsize=WORDS)
    handles = [Rectangle((0, 0), 1, 1, facecolor=colour) for colour in KINDS.values()]
    labels = [SHORT.get(kind, kind) for kind in KINDS]
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=WORDS, handlelength=1.2)
    return figure


def draw_file(cfg: DarknetCfg) -> Figure:
    """The first bytes of a .weights file: the header, and the numbers of the first convolution, in order.

    Args:
        cfg: Its description; the first layer is a convolution with normalisation.

    Returns:
        The figure.
    """
    first = cfg.layers[0]
    assert isinstance(first, ConvolutionalSection)
    filters, kernel = first.filters, first.numbers(cfg.net.channels) - 4 * first.filters
    header = [("version 0.2.0", 12), ("photographs seen", 8)]
    parts = [*header, *((name, 4 * (kernel if name == "kernel" else filters)) for name in PARTS)]
    figure, axes = plt.subplots(1, 1, figsize=(WIDTH, 4.3), squeeze=False)
    axis, at = axes[0, 0], 0
    for row, (name, size) in enumerate(parts):
        what = {"version 0.2.0": "3 whole numbers", "photographs seen": "1 whole number"}
        count = f"{filters} × {cfg.net.channels} × {first.size} × {first.size}" if name == "kernel" else f"{filters}"
        axis.add_patch(Rectangle((1.3, row), 6.7, 0.86, facecolor=PARTS.get(name, "0.7"), alpha=0.4, linewidth=0))
        axis.text(1.15, row + 0.05, f"{at}", fontsize=WORDS, ha="right", va="center")
        axis.text(1.45, row + 0.43, name, fontsize=WORDS, va="center")
        axis.text(7.85, row + 0.43, what.get(name, f"{count} floats"), fontsize=WORDS, ha="right", va="center")
        at += size
    axis.text(1.15, len(parts) + 0.05, f"{at}", fontsize=WORDS, ha="right", va="center")
    axis.text(1.45, len(parts) + 0.3, "the next convolution", fontsize=WORDS, va="center")
    axis.text(1.15, -0.75, "byte", fontsize=WORDS, ha="right", va="center")
    axis.set(xlim=(0, 8), ylim=(len(parts) + 0.7, -1.1))
    axis.axis("off")
    return figure


def draw_padding() -> Figure:
    """A kernel of three pixels with stride 2 on a row of eight, padded as Darknet does, and as "same" does."""
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.2))
    rows = (
        ("Darknet: one pixel on both sides", [-1], [0, 2, 4, 6]),
        ('"same": one pixel at the end', [8], [1, 3, 5, 7]),
    )
    for axis, (title, added, middles) in zip(axes, rows, strict=True):
        for place in [*range(8), *added]:
            style, ground = (":", "white") if place in added else ("-", "0.85")
            pixel = Rectangle((place - 0.5, 0), 1, 0.8, edgecolor="0.3", facecolor=ground, linewidth=1, linestyle=style)
            axis.add_patch(pixel)
            axis.text(place, 0.4, "pad" if place in added else f"{place}", ha="center", va="center", fontsize=WORDS)
        for number, middle in enumerate(middles):
            for place in (middle - 1, middle, middle + 1):
                thick = 2.2 if place == middle else 0.9
                axis.plot([place, middle], [0.85, 1.9], color=ORANGE if place == middle else "0.5", linewidth=thick)
            axis.add_patch(Rectangle((middle - 0.5, 1.9), 1, 0.8, facecolor=ORANGE, alpha=0.45, linewidth=0))
            axis.text(middle, 2.3, f"{number}", ha="center", va="center", fontsize=WORDS)
        axis.set(xlim=(-1.6, 8.6), ylim=(2.9, -0.15))
        axis.set_title(title, fontsize=WORDS)
        axis.axis("off")
    return figure


def show_photographs(photographs: dict[str, NDArray], *, columns: int = 1) -> Figure:
    """Photographs of one shape under their titles.

    Args:
        photographs: RGB, uint8.
        columns: Side by side.

    Returns:
        The figure.
    """
    rows = -(-len(photographs) // columns)
    height, width = next(iter(photographs.values())).shape[:2]
    each = WIDTH / columns * height / width + 0.28
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, rows * each), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (title, photograph) in zip(axes.flat, photographs.items(), strict=False):
        figures.show_on(axis, photograph)
        axis.set_title(title, fontsize=WORDS)
    return figure


def draw_counts(thresholds: Sequence[float], counts: dict[str, Sequence[int]], chosen: float) -> Figure:
    """How many boxes are left above each threshold on the score.

    Args:
        thresholds: Rising.
        counts: For each photograph one number a threshold.
        chosen: The threshold in use, a dotted line.

    Returns:
        The figure.
    """
    figure, axes = plt.subplots(1, 1, figsize=(WIDTH, 3.0), squeeze=False)
    axis = axes[0, 0]
    for (name, numbers), style in zip(counts.items(), ("-", "--", ":"), strict=False):
        axis.plot(thresholds, numbers, style, linewidth=2, label=name)
    axis.axvline(chosen, color="0.4", linewidth=1, linestyle=":")
    axis.set_yscale("symlog", linthresh=1)
    ticks = [tick for tick in (0, 1, 3, 10, 30, 100, 300) if tick <= max(map(max, counts.values())) * 1.2]
    axis.set_yticks(ticks, [f"{tick}" for tick in ticks])
    axis.set_ylim(bottom=0)
    _label(axis, "threshold on the score", "boxes after suppression")
    axis.legend(fontsize=WORDS)
    return figure


def draw_flicker(scores: dict[str, Sequence[float]], threshold: float, frames: dict[str, NDArray]) -> Figure:
    """Scores of the same objects from frame to frame, the threshold that makes them come and go, and some frames.

    Args:
        scores: For each object one number a frame; 0 where there is no box of it.
        threshold: The detector's.
        frames: RGB, under their titles; shown above the curves.

    Returns:
        The figure.
    """
    height, width = next(iter(frames.values())).shape[:2]
    tall = len(frames) * (WIDTH * height / width + 0.28)
    figure, axes = plt.subplots(len(frames) + 1, 1, figsize=(WIDTH, tall + 3.0),
                                height_ratios=[*[tall / len(frames)] * len(frames), 3.0])  # fmt: skip
    for axis, (title, frame) in zip(axes, frames.items(), strict=False):
        figures.show_on(axis, frame)
        axis.set_title(title, fontsize=WORDS)
    axis = axes[-1]
    for (name, numbers), style in zip(scores.items(), ("-", "--", ":", "-."), strict=False):
        axis.plot(range(len(numbers)), numbers, style, linewidth=2, marker="o", markersize=3, label=name)
    axis.axhline(threshold, color="0.4", linewidth=1, linestyle=":")
    axis.set_ylim(0, 1.5)
    axis.set_yticks([0, 0.5, 1])
    _label(axis, "frame", "score")
    axis.legend(fontsize=WORDS, ncols=2, loc="upper center", columnspacing=1)
    return figure


def _draw_network(axis: Axes, cfg: DarknetCfg) -> None:
    """One bar a layer, with the arcs of its shortcuts and the lines of its routes."""
    shapes, count, lane = cfg.shapes, len(cfg.layers), 0
    longest = math.log2(cfg.net.width)
    for number, (section, shape) in enumerate(zip(cfg.layers, shapes, strict=True)):
        length = math.log2(shape[1]) / longest
        axis.add_patch(
            Rectangle((0, number), length, 0.86, facecolor=KINDS.get(section.kind, "0.6"), linewidth=0, zorder=2)
        )
        if isinstance(section, ShortcutSection):
            middle = (number + section.source) / 2 + 0.43
            axis.add_patch(Arc((0, middle), 0.16, number - section.source, theta1=90, theta2=270, color="0.4", lw=0.9))
        if isinstance(section, RouteSection):
            for source in section.sources:
                if number - source > 1:
                    _draw_route(
                        axis, source, number, 1.06 + 0.09 * lane, length, math.log2(shapes[source][1]) / longest
                    )
                    lane += 1
    for number, (section, shape) in enumerate(zip(cfg.layers, shapes, strict=True)):
        if section.kind == "yolo":  # a little higher, where no route ends
            place = math.log2(shape[1]) / longest + 0.05, number + 0.43 - 0.01 * count
            axis.text(*place, f"{shape[1]}", fontsize=WORDS, va="center")
    axis.set(xlim=(-0.12, 1.15 + 0.09 * lane), ylim=(count, -0.5))
    axis.set_xticks([])
    axis.tick_params(labelsize=WORDS)
    axis.grid(False)
    for side in ("bottom", "left"):
        axis.spines[side].set_visible(False)


def _draw_route(axis: Axes, source: int, taker: int, lane: float, start: float, end: float) -> None:
    """From the end of one bar down its own lane to that of another."""
    axis.plot([end, lane, lane], [source + 0.43, source + 0.43, taker + 0.43], color=GREEN, linewidth=1.3)
    axis.annotate("", (start, taker + 0.43), (lane, taker + 0.43),
                  arrowprops={"arrowstyle": "->", "color": GREEN, "lw": 1.3, "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _label(axis: Axes, below: str, above: str) -> None:
    axis.set_xlabel(below, fontsize=WORDS)
    axis.set_title(above, fontsize=WORDS, loc="left")
    axis.tick_params(labelsize=WORDS)
