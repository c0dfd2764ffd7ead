"""Drawings of the page "ResNet"."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from deepmedia import figures

BLOCKS = {  # what happens on the way down, "+" is where the shortcut comes in
    "plain": ("conv 3×3", "BN", "ReLU", "conv 3×3", "BN", "ReLU"),
    "residual": ("conv 3×3", "BN", "ReLU", "conv 3×3", "BN", "+", "ReLU"),
    "pre-activation": ("BN", "ReLU", "conv 3×3", "BN", "ReLU", "conv 3×3", "+"),
    "bottleneck": ("conv 1×1", "BN", "ReLU", "conv 3×3", "BN", "ReLU", "conv 1×1", "BN", "+", "ReLU"),
}
PAINT = {"conv": figures.COLOURS["sky"], "BN": "#e6e6e6", "ReLU": figures.COLOURS["yellow"], "+": "white"}


def show_blocks() -> Figure:
    """The four kinds of block side by side, each from its input above to its output below.

    Returns:
        The figure; a line on the right of a column is its shortcut.
    """
    figure, axes = figures.new_figure(columns=len(BLOCKS), height=4.2)
    tallest = max(map(len, BLOCKS.values()))
    for axis, (name, steps) in zip(axes[0], BLOCKS.items(), strict=True):
        axis.set(title=name, xlim=(-1.1, 1.5), ylim=(tallest + 0.7, -1.2))
        axis.axis("off")
        _column(axis, steps)
    return figure


def _column(axis: Axes, steps: tuple[str, ...]) -> None:
    axis.annotate("", (0, len(steps) + 0.5), (0, -1.1), arrowprops={"arrowstyle": "->", "lw": 1}, zorder=0)
    for place, step in enumerate(steps):
        kind = step.split()[0]
        style = "circle,pad=0.05" if step == "+" else "round,pad=0.02"
        width = 0.3 if step == "+" else 1.6
        box = FancyBboxPatch(
            (-width / 2, place - 0.25), width, 0.5, boxstyle=style, facecolor=PAINT[kind], edgecolor="black", lw=0.8
        )
        axis.add_patch(box)
        axis.text(0, place, step, ha="center", va="center", fontsize=9)
    if "+" in steps:
        _shortcut(axis, steps.index("+"))


def _shortcut(axis: Axes, place: int) -> None:
    """A line that leaves above the first step and comes back at the sum."""
    colour = figures.COLOURS["orange"]
    axis.plot([0, 1.2, 1.2], [-0.75, -0.75, place], color=colour, lw=2)
    arrow = {"arrowstyle": "->", "color": colour, "lw": 2}
    axis.annotate("", (0.22, place), (1.22, place), arrowprops=arrow)
