"""Figures of the page "Neurons, activations, losses"."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.fundamentals.activations import sigmoid, softmax
from deepmedia.fundamentals.layers import Layer

CLASS_COLOURS = tuple(figures.COLOURS[name] for name in ("blue", "orange", "green"))
MARKERS = ("s", "o", "^")  # the classes differ in shape, too
SHOWN = 200  # points of each class
FINE = 401  # steps of the background, along each side

LogitFunction = Callable[[NDArray], NDArray]  # features (n, 2) -> logits


def plot_features(
    axis: Axes,
    features: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str],
    *,
    logits: LogitFunction | None = None,
) -> None:
    """Draw examples by their brightness and height, and what a classifier says of every place.

    Args:
        axis: Where to draw.
        features: float (n, 2): brightness and height.
        labels: Class numbers (n,), 0 to at most 2.
        names: Of the classes.
        logits: Function from features (m, 2) to logits: (m, classes), or of class 1 against class 0, (m,) or (m, 1).
            The background mixes the classes' colours in the proportion of their probabilities, and a line stands where
            the likeliest class changes.
    """
    points, classes = np.asarray(features), np.asarray(labels)
    if logits is not None:
        _plot_background(axis, logits)
    for number, name in enumerate(names):
        brightness, height = points[classes == number][:SHOWN].T
        marker, colour = MARKERS[number], CLASS_COLOURS[number]
        axis.scatter(brightness, height, s=10, alpha=0.6, linewidths=0, marker=marker, color=colour, label=name)
    axis.set(xlim=(0, 0.8), ylim=(0, 1.03), xlabel="brightness", ylabel="height")


def _plot_background(axis: Axes, logits: LogitFunction) -> None:
    brightness, height = np.meshgrid(np.linspace(0, 0.8, FINE), np.linspace(0, 1.03, FINE))
    places = np.stack([brightness.ravel(), height.ravel()], axis=1).astype(np.float32)
    p = _probabilities(logits(places)).reshape(FINE, FINE, -1)  # (height, brightness, classes)
    colours = np.array([to_rgb(colour) for colour in CLASS_COLOURS[: p.shape[2]]])
    shade = 1 - 0.4 * (1 - p @ colours)  # lightened, so that the points stand out
    axis.imshow(shade, extent=(0, 0.8, 0, 1.03), origin="lower", aspect="auto", interpolation="bilinear")
    winner = p.argmax(axis=2)
    for number in range(1, p.shape[2]):
        if 0 < (winner == number).mean() < 1:
            axis.contour(brightness, height, winner == number, [0.5], colors="black", linewidths=1)
    axis.grid(False)


def _probabilities(logits: NDArray) -> NDArray:
    """Probabilities (n, classes) from logits (n, classes), or from those of class 1 against class 0, (n,) or (n, 1)."""
    if logits.ndim == 2 and logits.shape[1] > 1:
        return softmax(logits)
    of_class_1 = sigmoid(logits.ravel())
    return np.stack([1 - of_class_1, of_class_1], axis=1)


def plot_activations(layers: Mapping[str, Layer]) -> Figure:
    """Each activation with its slope, as the layers themselves compute them.

    Args:
        layers: An activation layer under each title.

    Returns:
        A figure with a panel for each.
    """
    z = np.linspace(-5, 5, 501)
    figure, axes = figures.new_figure(columns=3, rows=-(-len(layers) // 3), height=3.6)
    for axis, (title, layer) in zip(axes.flat, layers.items(), strict=False):
        axis.plot(z, layer.forward(z), label="a")
        axis.plot(z, layer.backward(np.ones_like(z)), "--", label="slope")
        axis.set(title=title, ylim=(-1.2, 2.2))
        axis.title.set_fontsize(10)
    for axis in axes[-1]:
        axis.set_xlabel("z")
    for axis in axes.flat[len(layers) :]:
        axis.axis("off")
    axes[0, 0].legend(fontsize=8)
    return figure


def draw_units(inputs: tuple[str, str], *, weights: tuple[float, float], bias: float) -> Figure:
    """A unit with two inputs beside a network of a layer of three units and one more unit.

    Args:
        inputs: Names of the two inputs, the first below.
        weights: Of the unit on the left, one for each input.
        bias: Of the unit on the left.

    Returns:
        A figure with two panels.
    """
    figure, (pair,) = figures.new_figure(columns=2, height=2.4)
    for axis in pair:
        axis.set(xlim=(-0.9, 3.2), ylim=(-0.4, 2.4))
        axis.axis("off")
    unit, network = pair
    heights = (0.4, 1.6)
    for name, height, weight in zip(inputs, heights, weights, strict=True):
        _arrow(unit, (0, height), (1.7, 1))
        unit.text(0.75, height + (1 - height) * 0.45 + (0.12 if height > 1 else -0.3), f"{weight:g}", fontsize=9)
        _circle(unit, (0, height), "")
        unit.text(0, height - 0.42, name, ha="center", fontsize=9)
    _arrow(unit, (1.7, 1), (3.0, 1))
    _circle(unit, (1.7, 1), f"Σ\n{bias:+g}")
    unit.text(2.75, 1.12, "z", fontsize=10)
    for height in (0, 1, 2):
        for start in heights:
            _arrow(network, (0, start), (1.3, height))
        _arrow(network, (1.3, height), (2.5, 1))
    for place in (*((0, height) for height in heights), *((1.3, height) for height in (0, 1, 2)), (2.5, 1)):
        _circle(network, place, "" if place[0] == 0 else "Σ")
    _arrow(network, (2.5, 1), (3.2, 1))
    return figure


def _circle(axis: Axes, place: tuple[float, float], text: str) -> None:
    colour = "none" if not text else figures.COLOURS["blue"]
    face = "0.85" if not text else "white"
    size = 9 if not text else 26
    axis.plot(*place, "o", markersize=size, markerfacecolor=face, markeredgecolor=colour, zorder=3)
    axis.text(*place, text, ha="center", va="center", fontsize=8, zorder=4)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": "0.4", "shrinkA": 4, "shrinkB": 14, "linewidth": 1}
    axis.annotate("", xy=end, xytext=start, arrowprops=style, zorder=1)
