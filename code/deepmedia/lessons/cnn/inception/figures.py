"""Drawings of the page "Inception": modules as boxes, and what a chain of convolutions sees."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.signal import convolve2d

from deepmedia import figures
from deepmedia.cnn.cost import multiply_adds
from deepmedia.keras_internals import inputs_of, place_of

Size = tuple[int, int]
WIDTH, HEIGHT, STEP_X, STEP_Y = 0.92, 0.62, 1.0, 1.0  # of a box, and from one to the next


def branches(module: keras.Model) -> list[list[keras.Layer]]:
    """The convolutions and poolings of each branch of a module, in the order of the way through.

    Args:
        module: A model that ends in the concatenation of its branches, none of which forks.

    Returns:
        A list of layers for each branch.

    Raises:
        ValueError: If a branch forks.
    """
    return [_way_to(tensor) for tensor in inputs_of(place_of(module.outputs[0]))]


def plot_modules(modules: Mapping[str, keras.Model]) -> Figure:
    """Modules side by side, a column of boxes for each branch, the input at the bottom.

    Args:
        modules: Under their titles, models that `branches` can take.

    Returns:
        The figure. A box names its kernel and its filters. 1 × 1 convolutions that share a branch are lighter.
    """
    ways = {title: branches(module) for title, module in modules.items()}
    deepest = max(len(way) for module in ways.values() for way in module)
    figure, axes = figures.new_figure(columns=len(modules), height=0.75 + 0.55 * (deepest + 2))
    for axis, (title, module) in zip(axes.flat, modules.items(), strict=True):
        _draw_module(axis, ways[title], deepest, module)
        axis.set_title(f"{title}\n{multiply_adds(module) / 1e6:.0f} million multiply-adds", fontsize=9)
    return figure


def ways_through(kernels: Sequence[Size]) -> NDArray[np.int64]:
    """On how many ways a pixel reaches the central output of convolutions in a row.

    Args:
        kernels: Height and width of each kernel, odd.

    Returns:
        A count for each pixel of the receptive field, the window outside of which
        nothing counts.

    >>> ways_through([(3, 3), (3, 3)])[0]
    array([1, 2, 3, 2, 1])
    """
    field = np.ones((1, 1), dtype=np.int64)
    for size in kernels:
        field = convolve2d(field, np.ones(size, dtype=np.int64))
    return field


def plot_fields(chains: Mapping[str, Sequence[Size]]) -> Figure:
    """Receptive fields of several chains of kernels, with the number of ways from each pixel.

    Args:
        chains: Under their titles, the kernels of each chain.

    Returns:
        The figure; a title ends in the weights of the chain for one map.
    """
    figure, axes = figures.new_figure(columns=len(chains), height=2.3)
    for axis, (title, kernels) in zip(axes.flat, chains.items(), strict=True):
        field = ways_through(kernels)
        axis.imshow(field, cmap="Blues", vmin=0, vmax=1.6 * field.max())
        for (row, column), count in np.ndenumerate(field):
            axis.text(column, row, str(count), ha="center", va="center", fontsize=8)
        weights = sum(height * width for height, width in kernels)
        axis.set_title(f"{title}\n{weights} weights", fontsize=9)
        axis.axis("off")
    return figure


def plot_windows(image: NDArray[np.uint8], middle: Size, sides: Sequence[int]) -> Figure:
    """A grey image with square windows around one place, and what each of them shows.

    Args:
        image: uint8 (height, width).
        middle: Row and column of the pixel in the middle of all windows.
        sides: Of the windows in pixels, odd.

    Returns:
        The figure; each window is as large as the next, so that its pixels show.

    Raises:
        ValueError: If a side is even or not positive, or a window reaches over the border.
    """
    windows = [_window(image, middle, side) for side in sides]
    figure, axes = figures.new_figure(columns=len(sides) + 1, height=1.9)
    figures.show_on(axes[0, 0], image, "the photograph")
    row, column = middle
    for axis, side, window in zip(axes[0, 1:], sides, windows, strict=True):
        left, top = column - side // 2, row - side // 2
        figures.draw_boxes(axes[0, 0], [(left, top, left + side, top + side)], linewidth=0.8)
        figures.show_on(axis, window, f"{side} × {side}")
    return figure


def _window(image: NDArray[np.uint8], middle: Size, side: int) -> NDArray[np.uint8]:
    """The square of pixels around one, whole or not at all."""
    if side < 1 or side % 2 == 0:
        raise ValueError(f"sides must be odd and positive, got {side}; take {max(side // 2 * 2 + 1, 1)}")
    top, left = (place - side // 2 for place in middle)
    window = image[max(top, 0) : top + side, max(left, 0) : left + side]
    if window.shape != (side, side):
        raise ValueError(f"sides must fit around {middle} in an image of {image.shape}, got {side}")
    return window


def _way_to(tensor: keras.KerasTensor) -> list[keras.Layer]:
    """Convolutions and poolings from the input of the model to a tensor."""
    way: list[keras.Layer] = []
    place = place_of(tensor)
    while not isinstance(operation := place.operation, layers.InputLayer):
        sources = inputs_of(place)
        if len(sources) != 1:
            raise ValueError(
                f"module must have branches that don't fork, got {operation.name} with {len(sources)} inputs"
            )
        if isinstance(operation, (layers.Conv2D, layers.MaxPooling2D, layers.AveragePooling2D)):
            way.insert(0, operation)
        place = place_of(sources[0])
    return way


def _label(layer: keras.Layer) -> str:
    """What a box says: kernel and filters, or the kind of pooling, and the stride if it is not 1."""
    kernel = layer.kernel_size if isinstance(layer, layers.Conv2D) else layer.pool_size
    size = " × ".join(map(str, kernel))
    stride = f", /{layer.strides[0]}" if layer.strides[0] != 1 else ""
    if isinstance(layer, layers.Conv2D):
        return f"{size}{stride}\n{layer.filters} filters"
    return f"{size}{stride}\n{'maximum' if isinstance(layer, layers.MaxPooling2D) else 'average'}"


def _colour(layer: keras.Layer, *, alone: bool) -> str:
    if not isinstance(layer, layers.Conv2D):
        return figures.COLOURS["orange"]
    narrow = layer.kernel_size == (1, 1) and not alone
    return figures.COLOURS["sky" if narrow else "blue"]


def _draw_module(axis: Axes, ways: Sequence[Sequence[keras.Layer]], deepest: int, module: keras.Model) -> None:
    width = len(ways) * STEP_X
    top = (deepest + 1) * STEP_Y
    _box(axis, 0, 0, width, f"input: {module.input_shape[-1]} maps", "dimgray")
    _box(axis, 0, top, width, f"output: {module.output_shape[-1]} maps", "dimgray")
    for column, way in enumerate(ways):
        middle = (column + 0.5) * STEP_X
        axis.plot([middle, middle], [HEIGHT, top], color="black", linewidth=0.8, zorder=0)
        for row, layer in enumerate(way, start=1):
            left = middle - WIDTH / 2
            _box(axis, left, row * STEP_Y, WIDTH, _label(layer), _colour(layer, alone=len(way) == 1))
    axis.set(xlim=(-0.05, width + 0.05), ylim=(-0.1, top + HEIGHT + 0.1))
    axis.axis("off")


def _box(axis: Axes, left: float, bottom: float, width: float, text: str, colour: str) -> None:
    axis.add_patch(Rectangle((left, bottom), width, HEIGHT, facecolor=colour, edgecolor="white"))
    light = colour == figures.COLOURS["sky"]
    ink = "black" if light else "white"
    axis.text(left + width / 2, bottom + HEIGHT / 2, text, ha="center", va="center", fontsize=6.5, color=ink)
