"""Drawings of the page "Images and convolution"."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from deepmedia import figures
from deepmedia.cnn.windows import Axis, place_windows

SIDE, KERNEL = 7, 3  # pixels of the image and entries of the kernel, along a side
CASES = (  # padding, stride, dilation
    ("valid", 1, 1),
    ("same", 2, 1),
    ("valid", 1, 2),
)


def draw_slides() -> Figure:
    """A kernel at its first two places on an image, with three settings of stride, padding and dilation.

    Returns:
        The figure. Filled cells are the pixels under the first place, framed ones those under the second; dashed cells
        are padding.
    """
    figure, axes = figures.new_figure(columns=len(CASES), height=2.9)
    for axis, (padding, stride, dilation) in zip(axes[0], CASES, strict=True):
        windows = place_windows((SIDE, SIDE), (KERNEL, KERNEL), stride=stride, padding=padding, dilation=dilation)
        _draw_places(axis, windows.rows)
        places = windows.rows.places
        named = f'"{padding}", stride {stride}' + (f", dilation {dilation}" if dilation > 1 else "")
        axis.set_title(f"{named}\n{SIDE} × {SIDE} → {places} × {places}", fontsize=9)
    return figure


def _draw_places(axis: Axes, side: Axis) -> None:
    """The grid with its padding, and the pixels under the first place and the next one to the right."""
    cells = range(-side.before, SIDE + side.after)
    for row in cells:
        for column in cells:
            is_padding = not (0 <= row < SIDE and 0 <= column < SIDE)
            line, colour = (":", "white") if is_padding else ("-", "#e6e6e6")
            axis.add_patch(
                Rectangle((column, row), 1, 1, edgecolor="#999999", lw=0.6, linestyle=line, facecolor=colour)
            )
    offsets = [side.pixels(entry).start - side.before for entry in range(KERNEL)]
    for row in offsets:
        for column in offsets:
            axis.add_patch(Rectangle((column, row), 1, 1, facecolor=figures.COLOURS["orange"], alpha=0.75, gid="first"))
            second = Rectangle(
                (column + side.stride + 0.12, row + 0.12), 0.76, 0.76, fill=False, lw=2, gid="second", zorder=3
            )
            second.set_edgecolor(figures.COLOURS["blue"])
            axis.add_patch(second)
    axis.set(xlim=(-1.2, SIDE + 1.2), ylim=(SIDE + 1.2, -1.2), aspect="equal")
    axis.axis("off")
