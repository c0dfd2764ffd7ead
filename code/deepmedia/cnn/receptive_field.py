"""How much of the image one output of a stack of layers sees: by formula, and measured by the gradient.

Source: Araujo, Norris and Sim (2019), "Computing Receptive Fields of Convolutional Neural Networks", Distill; as there,
a dilated kernel counts as one of (k - 1) d + 1 pixels.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.convolution import conv2d, conv2d_gradients
from deepmedia.cnn.windows import check_size


class Window(NamedTuple):
    """What matters of a convolution or a pooling; height and width alike."""

    size: int
    stride: int = 1
    dilation: int = 1


def receptive_field(layers: Sequence[Window]) -> list[tuple[int, int]]:
    """Receptive field and step after each layer.

    Args:
        layers: From the image on.

    Returns:
        For each layer the side of its receptive field, and the distance of two neighbouring outputs, both in pixels of
        the image.

    Raises:
        ValueError: If a layer's size, stride or dilation is not a whole number of at least 1.

    >>> receptive_field([Window(3), Window(2, stride=2), Window(3)])
    [(3, 1), (4, 2), (8, 2)]
    """
    _check_layers(layers)
    field, step, after = 1, 1, []
    for layer in layers:
        field += (layer.size - 1) * layer.dilation * step
        step *= layer.stride
        after.append((field, step))
    return after


def influence(layers: Sequence[Window], side: int) -> NDArray[np.float64]:
    """Gradient of the middle output of a stack of convolutions by each pixel.

    Each layer is a convolution with padding "same" whose weights are all 1 / size², so that the numbers are shares:
    away from the border they add up to 1.

    Args:
        layers: From the image on.
        side: Of the square image, in pixels.

    Returns:
        (side, side).

    Raises:
        ValueError: If side, or a layer's size, stride or dilation is not a whole number of at least 1.
    """
    check_size(side, "side")
    _check_layers(layers)
    maps = [np.zeros((1, side, side, 1))]  # linear: the gradient is alike for all
    kernels = [np.full((n, n, 1, 1), 1 / n**2) for n, _, _ in layers]
    for kernel, (_, stride, dilation) in zip(kernels, layers, strict=True):
        maps.append(conv2d(maps[-1], kernel, stride=stride, dilation=dilation))
    upstream = np.zeros(maps[-1].shape)
    upstream[0, upstream.shape[1] // 2, upstream.shape[2] // 2, 0] = 1
    for x, kernel, (_, stride, dilation) in reversed(list(zip(maps[:-1], kernels, layers, strict=True))):
        settings = {"stride": stride, "dilation": dilation}
        upstream, _ = conv2d_gradients(x, kernel, upstream, **settings)
    return upstream[0, :, :, 0]


def extent(gradient: NDArray) -> tuple[int, int]:
    """Height and width of the part of an array (height, width) that is not 0.

    Raises:
        ValueError: If all of it is 0.
    """
    rows, columns = np.nonzero(gradient)
    if len(rows) == 0:
        raise ValueError("gradient must not be 0 everywhere; is the output connected with the image?")
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def _check_layers(layers: Sequence[Window]) -> None:
    for number, layer in enumerate(layers):
        for field, value in layer._asdict().items():
            check_size(value, f"layers[{number}].{field}")
