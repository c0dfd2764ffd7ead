"""Figures of the page "Looking inside"."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from deepmedia import figures

SIGNED = "RdBu_r"  # red for positive, white for 0, blue for negative


def show_signed(axis: Axes, values: ArrayLike, *, largest: float | None = None) -> None:
    """Show numbers of both signs: red speaks for the class, blue against it.

    Args:
        axis: The plot.
        values: (rows, columns).
        largest: Amount that gets the full colour; without it, the largest in `values`.
    """
    numbers = np.asarray(values, dtype=float)
    top = float(np.abs(numbers).max()) if largest is None else largest
    axis.imshow(numbers, cmap=SIGNED, vmin=-top or -1, vmax=top or 1)
    _bare(axis)


def show_rows(
    images: ArrayLike, rows: Mapping[str, ArrayLike], boxes: ArrayLike | None = None, *, titles: Sequence[str] = ()
) -> Figure:
    """Images, and below each one its maps.

    Args:
        images: (n, height, width, 1) in 0..1, the first row.
        rows: Under its name each further row: maps (n, rows, columns), which are
            stretched to the size of the images, cell by cell, and have a scale each.
        boxes: Frames to draw, integers (n, 4), rows (x_min, y_min, x_max, y_max) in
            pixels of the images.
        titles: Above the images, one for each, or none.

    Returns:
        The figure, n panels wide.
    """
    pictures = np.asarray(images)
    number, height, width = pictures.shape[:3]
    side = figures.WIDTH / number
    figure, axes = figures.new_figure(columns=number, rows=1 + len(rows), height=(1 + len(rows)) * side + 0.35)
    for column, axis in enumerate(axes[0]):
        figures.show_on(axis, pictures[column])
        axis.set_title(titles[column] if titles else "", fontsize=8)
    _name(axes[0, 0], "image")
    for (name, maps), line in zip(rows.items(), axes[1:], strict=True):
        _name(line[0], name)
        for axis, values in zip(line, np.asarray(maps), strict=True):
            show_signed(axis, values)
            axis.images[0].set_extent((-0.5, width - 0.5, height - 0.5, -0.5))
    if boxes is not None:
        for axis, box in zip(axes.T.flat, np.repeat(np.asarray(boxes), len(axes), axis=0), strict=True):
            figures.draw_boxes(axis, [box], ("yellow" if axis in axes[0] else "black",), linewidth=1.5)
    return figure


def show_kernels(image: ArrayLike, kernels: ArrayLike, first: ArrayLike, last: ArrayLike) -> Figure:
    """Kernels, what each finds in an image, and some of the last maps.

    Args:
        image: (height, width, 1) in 0..1.
        kernels: (n, height, width), one scale for all.
        first: Maps of the kernels for this image, (n, rows, columns), one scale for all.
        last: As many maps of a later layer, one scale for all.

    Returns:
        The figure: the image on the left, and three rows of n panels.
    """
    stacks = [np.asarray(stack, dtype=float) for stack in (kernels, first, last)]
    number = len(stacks[0])
    figure, axes = figures.new_figure(columns=number + 1, rows=3, height=3 * figures.WIDTH / (number + 1) + 0.2)
    for axis in axes[:, 0]:
        axis.axis("off")
    figures.show_on(axes[1, 0], image, "image")
    for name, line, stack in zip(("kernels", "first maps", "last maps"), axes[:, 1:], stacks, strict=True):
        _name(line[0], name)
        for axis, values in zip(line, stack, strict=True):
            if name == "kernels":
                show_signed(axis, values, largest=float(np.abs(stack).max()))
            else:
                axis.imshow(values, vmin=0, vmax=stack.max())
                _bare(axis)
    return figure


def plot_covering(curves: Mapping[str, ArrayLike], shares: Sequence[float]) -> Figure:
    """How many answers stay as they were when more and more of the image is covered.

    Args:
        curves: Under the name of each order of covering, shares of answers (len(shares),).
        shares: Of the pixels that are covered.

    Returns:
        The figure.
    """
    figure, axes = figures.new_figure(height=2.6)
    for (name, curve), style in zip(curves.items(), itertools.cycle(("o-", "s--", "^:")), strict=False):
        axes[0, 0].plot(shares, np.asarray(curve), style, label=name)
    axes[0, 0].set(xlabel="share of the pixels covered", ylabel="answers kept", ylim=(0, 1.02))
    axes[0, 0].legend()
    return figure


def _bare(axis: Axes) -> None:
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(True)
    axis.spines[:].set_color("0.8")


def _name(axis: Axes, name: str) -> None:
    """A name on the left of a row of panels."""
    axis.text(-0.08, 0.5, name, rotation=90, ha="right", va="center", fontsize=8, transform=axis.transAxes)
