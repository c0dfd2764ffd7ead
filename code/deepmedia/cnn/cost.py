"""What a convolution costs: multiplications, each with its addition."""

import keras
from keras import layers


def convolution_cost(places: int, channels: int, filters: int, kernel: tuple[int, int]) -> int:
    """Multiply-adds of one convolution on one image.

    Args:
        places: Height times width of its output.
        channels: Feature maps that it reads.
        filters: Feature maps that it makes.
        kernel: Height and width of its kernel.

    Returns:
        The product of them all: each filter multiplies, at each place, a window
        of each map.

    >>> convolution_cost(28 * 28, 192, 32, (5, 5))
    120422400
    """
    height, width = kernel
    return places * channels * filters * height * width


def multiply_adds(model: keras.Model) -> int:
    """Multiply-adds of one image's way through a network.

    Counted are convolutions and dense layers; what is left, such as batch
    normalisation and pooling, is small beside them and counts as nothing.

    Args:
        model: A functional model of known input size.

    Returns:
        Their number.

    Raises:
        ValueError: If the network has a layer with a kernel of another kind, or the
            image's size is open.
    """
    return sum(_layer_cost(layer) for layer in model.layers)


def _layer_cost(layer: keras.Layer) -> int:
    if not hasattr(layer, "kernel"):
        return 0
    if type(layer) is layers.Dense:
        return int(layer.kernel.shape[0] * layer.kernel.shape[1])
    if type(layer) is not layers.Conv2D or layer.groups != 1:
        raise ValueError(
            f"model must hold plain Conv2D and Dense layers only, got {layer.name} ({type(layer).__name__})"
        )
    height, width = layer.output.shape[1:3]
    if height is None or width is None:
        raise ValueError(f"model must have an input of known size, got {layer.output.shape} after {layer.name}")
    kernel_height, kernel_width, channels, filters = layer.kernel.shape
    return convolution_cost(height * width, channels, filters, (kernel_height, kernel_width))
