"""What a convolution costs: multiplications, each with its addition."""

import math

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
    normalisation and pooling, is small beside them and counts as nothing. A layer
    that is used more than once counts once, as it was used first.

    Args:
        model: A functional model of known input size.

    Returns:
        Their number.

    Raises:
        ValueError: If the network has a layer of another kind with weights, such as
            a model inside it, or the image's size is open.
    """
    if not model.built:
        raise ValueError(f"model must have an input of known size, got none in {model.name}; begin it with keras.Input")
    return sum(_layer_cost(layer) for layer in model.layers)


def _layer_cost(layer: keras.Layer) -> int:
    if not layer.weights or isinstance(layer, layers.BatchNormalization):
        return 0
    plain = type(layer) is layers.Dense or (type(layer) is layers.Conv2D and layer.groups == 1)
    if not plain:
        raise ValueError(
            f"model must hold plain Conv2D and Dense layers only, got {layer.name} ({type(layer).__name__}); "
            f"count a model inside it by itself"
        )
    places = layer.output.shape[1:-1]  # (height, width); () after a dense layer on vectors
    if None in places:
        raise ValueError(
            f"model must have an input of known size, got {layer.output.shape} after {layer.name}; "
            f"give keras.Input a height and a width"
        )
    return math.prod(places) * math.prod(layer.kernel.shape)  # at each place each weight of the kernel
