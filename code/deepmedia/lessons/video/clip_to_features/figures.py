"""Figures of the page "From clip to features", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.datasets.youtube8m import dequantise
from deepmedia.video import FeatureCompression

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
ORANGE, BLUE, GREEN = (figures.COLOURS[name] for name in ("orange", "blue", "green"))
LEAST, MOST = (float(each) for each in dequantise(np.array([0, 255], np.uint8)))


def plot_sizes(sizes: Mapping[str, float]) -> Figure:
    """Bytes that a second of video takes after each step, on a logarithmic scale."""
    figure, axis = plt.subplots(figsize=(WIDTH, 0.55 * len(sizes) + 0.7))
    rows = range(len(sizes))
    axis.barh(rows, list(sizes.values()), color=BLUE, height=0.35)
    for row, (name, size) in enumerate(sizes.items()):
        axis.text(1.2, row - 0.28, f"{name}: {_in_bytes(size)}", fontsize=WORDS, va="bottom")
    axis.set_xscale("log")
    axis.set(xlim=(1, 2e8), ylim=(len(sizes) - 0.6, -0.9), yticks=[])
    axis.set_xticks([1, 1e3, 1e6], ["1 byte", "1 kB", "1 MB"], fontsize=WORDS)
    return figure


def show_times(images: NDArray[np.uint8], seconds: ArrayLike, all_seconds: ArrayLike) -> Figure:
    """Frames that were taken above the times of all frames of a clip."""
    taken = np.asarray(seconds)
    figure = plt.figure(figsize=(WIDTH, 2.9))
    grid = figure.add_gridspec(3, 3, height_ratios=(1.2, 1.2, 1))
    for number, (image, second) in enumerate(zip(images, taken, strict=True)):
        axis = figure.add_subplot(grid[number // 3, number % 3])
        _show(axis, image, f"{second:g} s")
    line = figure.add_subplot(grid[2, :])
    line.vlines(np.asarray(all_seconds), 0, 0.6, color="0.6", linewidth=0.8)
    line.vlines(taken, 0, 1, color=ORANGE, linewidth=2.5)
    line.set(ylim=(0, 1.1), yticks=[])
    line.spines["left"].set_visible(False)
    line.grid(False)
    line.set_xlabel("seconds", fontsize=WORDS)
    line.tick_params(labelsize=WORDS)
    return figure


def show_clips(clips: Sequence[NDArray[np.uint8]], titles: Sequence[str], *, columns: int = 5) -> Figure:
    """Some frames of each clip in a row, from the first to the last, under the clip's title."""
    figure, axes = plt.subplots(len(clips), columns, figsize=(WIDTH, len(clips) * 1.25), squeeze=False)
    for row, (clip, title) in enumerate(zip(clips, titles, strict=True)):
        numbers = np.linspace(0, len(clip) - 1, columns).round().astype(int)
        for axis, number in zip(axes[row], numbers, strict=True):
            _show(axis, clip[number], "")
        axes[row, 0].set_title(
            " ", fontsize=WORDS
        )  # makes room for the title, which alone would widen the first column
        axes[row, 0].text(0, 1.05, title, transform=axes[row, 0].transAxes, fontsize=WORDS).set_in_layout(False)
    return figure


def show_side_by_side(images: Sequence[NDArray[np.uint8]], titles: Sequence[str]) -> Figure:
    """Images beside each other, each under its title."""
    figure, axes = plt.subplots(1, len(images), figsize=(WIDTH, 2.1), squeeze=False)
    for axis, image, title in zip(axes[0], images, titles, strict=True):
        _show(axis, image, title)
    return figure


def show_whitening(points: NDArray[np.float64], compression: FeatureCompression) -> Figure:
    """Points in two numbers with their principal axes, and the same points whitened, over the square of the levels.

    Args:
        points: (n, 2).
        compression: Fitted to them, with two components.

    Returns:
        The figure; whitened points outside the square are orange.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.35))
    left.plot(*points.T, ".", color=BLUE, markersize=3, alpha=0.35)
    for axis, variance in zip(compression.axes, compression.variances, strict=True):
        end = compression.mean + 2 * np.sqrt(variance) * axis
        left.annotate(
            "",
            end,
            compression.mean,
            arrowprops={"arrowstyle": "->", "color": ORANGE, "linewidth": 2, "mutation_scale": 8},
        )
    left.set_title("features", fontsize=WORDS)
    whitened = compression.whiten(points)
    outside = (np.abs(whitened) > MOST).any(axis=1)
    right.add_patch(plt.Rectangle((LEAST, LEAST), MOST - LEAST, MOST - LEAST, color=GREEN, alpha=0.15))
    right.plot(*whitened[~outside].T, ".", color=BLUE, markersize=3)
    right.plot(*whitened[outside].T, ".", color=ORANGE, markersize=5)
    right.set_title("whitened", fontsize=WORDS)
    for axis in (left, right):
        axis.set_aspect("equal", adjustable="datalim")
        axis.tick_params(labelsize=WORDS)
    return figure


def plot_levels(whitened: NDArray[np.float32]) -> Figure:
    """How often whitened numbers occur, and the range that 256 levels cover."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.2))
    axis.axvspan(LEAST, MOST, color=GREEN, alpha=0.15)
    axis.hist(np.clip(whitened, -6, 6).ravel(), bins=np.linspace(-6, 6, 97), color=BLUE, density=True)
    axis.set(yticks=[], xlim=(-6, 6))
    axis.set_xlabel("whitened number", fontsize=WORDS)
    axis.tick_params(labelsize=WORDS)
    return figure


def show_sound(rows: NDArray[np.float32], names: Sequence[str]) -> Figure:
    """Rows of numbers as strips, blue below zero and orange above, each under its name."""
    figure, axes = plt.subplots(len(rows), 1, figsize=(WIDTH, 0.75 * len(rows)), squeeze=False)
    for axis, row, name in zip(axes[:, 0], rows, names, strict=True):
        axis.imshow(row[np.newaxis], aspect="auto", cmap="RdBu_r", vmin=-1.5, vmax=1.5)
        axis.set_title(name, fontsize=WORDS, loc="left")
        axis.axis("off")
    return figure


def _show(axis: Axes, image: NDArray, title: str) -> None:
    axis.imshow(image)
    axis.set_title(title, fontsize=WORDS)
    axis.axis("off")


def _in_bytes(size: float) -> str:
    """Bytes in three digits.

    >>> _in_bytes(69_120_000), _in_bytes(8192), _in_bytes(128)
    ('69.1 MB', '8.19 kB', '128 bytes')
    """
    for unit, factor in (("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} bytes"
