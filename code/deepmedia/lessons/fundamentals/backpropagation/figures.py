"""Figures of the page "Back-propagation by hand", and the loss surface that some of them draw."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.lessons.fundamentals.backpropagation.gradient_flow import Flow

START = (-4.0, 1.0)  # where the paths on the valley begin
CURVATURE = np.array([1.0, 50.0])  # of the valley along its floor and across

ARROW = {"arrowstyle": "-|>", "color": "0.5", "shrinkA": 4, "shrinkB": 18, "linewidth": 1}
DERIVATIVE = figures.COLOURS["orange"]


def valley_loss(w: NDArray) -> NDArray:
    """A long valley, 50 times as curved across as along; w is (..., 2)."""
    # L = (w1^2 + 50 w2^2) / 2
    return (CURVATURE * w**2).sum(axis=-1) / 2


def valley_gradient(w: NDArray) -> NDArray:
    """Gradient of the valley's loss, in the shape of w."""
    return CURVATURE * w


def plot_flow(flows: Mapping[str, Mapping[str, Flow]]) -> Figure:
    """Sizes of scores (above) and of their gradients (below) at each layer, on a logarithmic scale.

    Args:
        flows: For each activation (a column of the figure), the flow for each initialiser (a line).

    Returns:
        The figure; all panels of a row share their scale.
    """
    figure, axes = figures.new_figure(columns=len(flows), rows=2, height=4.4)
    for column, (activation, by_initialiser) in enumerate(flows.items()):
        for row, quantity in enumerate(("scores", "gradients")):
            axis = axes[row, column]
            axis.sharey(axes[row, 0])
            for (name, flow), style in zip(by_initialiser.items(), ("-", "--", "-.", ":"), strict=False):
                sizes = getattr(flow, quantity)
                axis.plot(range(1, len(sizes) + 1), sizes, style, label=name)
            axis.set_yscale("log")
            if column > 0:
                axis.tick_params(labelleft=False)
        axes[0, column].set_title(activation, fontsize=10)
        axes[1, column].set_xlabel("layer")
    axes[0, 0].set_ylabel("size of the scores")
    axes[1, 0].set_ylabel("size of their gradients")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8)
    return figure


def plot_paths(paths: Mapping[str, NDArray]) -> Figure:
    """Paths of optimisers over the valley, a panel each.

    Args:
        paths: The weights (steps + 1, 2) from the start on, under the optimiser's name.

    Returns:
        The figure; the lines are lines of equal loss, the cross marks the lowest point.
    """
    across = np.stack(np.meshgrid(np.linspace(-4.6, 1.6, 120), np.linspace(-1.3, 1.3, 120)), axis=-1)
    figure, axes = figures.new_figure(columns=2, rows=-(-len(paths) // 2), height=4.2)
    for axis, (name, path) in zip(axes.flat, paths.items(), strict=False):
        levels = [0.1, 0.5, 2, 5, 10, 20, 35]
        axis.contour(across[..., 0], across[..., 1], valley_loss(across), levels, colors="grey", linewidths=0.5)
        axis.plot(path[:, 0], path[:, 1], marker=".", markersize=4, linewidth=1)
        axis.plot(0, 0, "+", color="black", markersize=10)
        axis.set(xlim=(-4.6, 1.6), ylim=(-1.3, 1.3))
        axis.set_title(f"{name}: loss {valley_loss(path[-1]):.1e}", fontsize=9)
        axis.grid(False)
    for axis in axes[-1]:
        axis.set_xlabel("$w_1$")
    for axis in axes[:, 0]:
        axis.set_ylabel("$w_2$")
    return figure


def draw_passes(values: Mapping[str, ArrayLike], gradients: Mapping[str, ArrayLike]) -> Figure:
    """A network of two inputs, two hidden units and one output, with a number and its derivative at each place.

    Args:
        values: Numbers of the forward pass: "x" (2,), "W1" (2, 2) with a column for each hidden unit, "a" (2,),
            "w2" (2,), "z" and "L".
        gradients: Derivatives of L with respect to "W1", "a", "w2" and "z", in the same shapes.

    Returns:
        The figure: numbers in black, derivatives below them in orange.
    """
    figure, axes = figures.new_figure(height=3.2)
    axis = axes[0, 0]
    axis.set(xlim=(-0.5, 6.2), ylim=(-0.6, 2.6))
    axis.axis("off")
    inputs, hidden, output, loss = ((0, 2), (0, 0)), ((2.2, 2), (2.2, 0)), (4.4, 1), (5.8, 1)
    known = {name: np.asarray(array) for name, array in values.items()}
    found = {name: np.asarray(array) for name, array in gradients.items()}
    for j, unit in enumerate(hidden):
        for k, start in enumerate(inputs):
            _edge(axis, start, unit, known["W1"][k, j], found["W1"][k, j], share=0.3)
        _edge(axis, unit, output, known["w2"][j], found["w2"][j], share=0.45)
        _node(axis, unit, f"a{'₁₂'[j]}", known["a"][j], found["a"][j])
    for k, start in enumerate(inputs):
        _node(axis, start, f"x{'₁₂'[k]}", known["x"][k], None)
    axis.annotate("", xy=loss, xytext=output, arrowprops=ARROW, zorder=1)
    _node(axis, output, "z", known["z"], found["z"])
    _node(axis, loss, "L", known["L"], np.array(1.0))
    return figure


def _edge(
    axis: Axes, start: tuple[float, float], end: tuple[float, float], weight: NDArray, slope: NDArray, *, share: float
) -> None:
    axis.annotate("", xy=end, xytext=start, arrowprops=ARROW, zorder=1)
    x, y = ((1 - share) * one + share * other for one, other in zip(start, end, strict=True))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axis.text(x, y, f"{weight:g}", ha="right", va="center", fontsize=9, bbox=box, zorder=2)
    axis.text(x, y, f" {slope:g}", ha="left", va="center", fontsize=9, bbox=box, zorder=2, color=DERIVATIVE)


def _node(axis: Axes, place: tuple[float, float], name: str, value: NDArray, slope: NDArray | None) -> None:
    axis.plot(*place, "o", markersize=38, markerfacecolor="white", markeredgecolor=figures.COLOURS["blue"], zorder=3)
    axis.text(place[0], place[1] + 0.13, f"{name}={value:g}", ha="center", va="center", fontsize=8, zorder=4)
    if slope is not None:
        row = place[1] - 0.16
        axis.text(place[0], row, f"{slope:g}", ha="center", va="center", fontsize=8, zorder=4, color=DERIVATIVE)
