"""Figures of the page "Back-propagation by hand", and the loss surface that some of them draw."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deepmedia import figures
from deepmedia.lessons.fundamentals.backpropagation.gradient_flow import Flow

START = (-4.0, 1.0)  # where the paths on the valley begin
CURVATURE = np.array([1.0, 50.0])  # of the valley along its floor and across


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
