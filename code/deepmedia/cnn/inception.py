"""Inception: several sizes of convolution side by side, made cheap.

Sources: Szegedy et al. (2015), "Going Deeper with Convolutions", for the module
and its bottlenecks; Szegedy et al. (2016), "Rethinking the Inception
Architecture for Computer Vision", arXiv:1512.00567, for the factorised modules,
the grid reduction and the network.
Departs from the papers: batch normalisation without gamma everywhere, and every
number of the network, as in keras.applications.InceptionV3, so that weights can
be exchanged. The auxiliary head is that of TensorFlow's "slim" models.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, check_classes, check_input_shape, classifier_head, conv_bn

Kernel = int | tuple[int, int]
Chain = Sequence[tuple[int, Kernel]]  # convolutions in a row: filters and kernel of each

# [numbers]
STEM = (  # filters, kernel, stride, padding; None is a maximum pooling
    (32, 3, 2, "valid"),
    (32, 3, 1, "valid"),
    (64, 3, 1, "same"),
    None,
    (80, 1, 1, "valid"),
    (192, 3, 1, "valid"),
    None,
)
POOLED_35 = (32, 64, 64)  # filters after the pooling in each 35x35 module
MIDDLE_17 = (128, 160, 160, 192)  # filters inside each 17x17 module
MODULES_8 = 2
# [/numbers]


def naive_module(
    x: keras.KerasTensor,
    *,
    ones: int,
    threes: int,
    fives: int,
    name: str,
) -> keras.KerasTensor:
    """Three sizes of convolution and a pooling, all on the whole input.

    Args:
        x: Features, float (batch, height, width, channels).
        ones: Filters of the 1x1 convolution.
        threes: Filters of the 3x3 convolution.
        fives: Filters of the 5x5 convolution.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, height, width, ones + threes + fives + channels).
    """
    pooling = layers.MaxPooling2D(3, 1, "same", name=f"{name}_pool")  # step 1
    branches = [
        conv_bn(x, ones, 1, name=f"{name}_ones"),
        conv_bn(x, threes, 3, name=f"{name}_threes"),
        conv_bn(x, fives, 5, name=f"{name}_fives"),
        pooling(x),
    ]
    return layers.Concatenate(name=name)(branches)


def inception_module(
    x: keras.KerasTensor,
    *,
    ones: int,
    threes: tuple[int, int],
    double_threes: tuple[int, int],
    pooled: int,
    momentum: float = 0.99,
    name: str,
) -> keras.KerasTensor:
    """Four branches that keep the size, bottlenecks before every 3x3 convolution.

    Args:
        x: Features, float (batch, height, width, channels).
        ones: Filters of the branch with one 1x1 convolution.
        threes: Filters of the 1x1 bottleneck and of the 3x3 convolution.
        double_threes: Filters of the 1x1 bottleneck, and of each of the two 3x3.
        pooled: Filters of the 1x1 convolution after a 3x3 average pooling.
        momentum: Of the batch normalisations' moving averages.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, height, width,
        ones + threes[1] + double_threes[1] + pooled), in that order.
    """
    narrow, wide = double_threes
    chains = {
        "ones": [(ones, 1)],
        "threes": [(threes[0], 1), (threes[1], 3)],
        "double_threes": [(narrow, 1), (wide, 3), (wide, 3)],
    }
    return _module(x, chains, pooled=pooled, momentum=momentum, name=name)


def reduction_module(
    x: keras.KerasTensor,
    *,
    threes: int,
    double_threes: tuple[int, int],
    padding: str = "same",
    momentum: float = 0.99,
    name: str,
) -> keras.KerasTensor:
    """Half the height and width, more channels: strided convolutions beside a pooling.

    Args:
        x: Features, float (batch, height, width, channels).
        threes: Filters of the branch with one 3x3 convolution of stride 2.
        double_threes: Filters of a 1x1 bottleneck, and of each of the two 3x3 after
            it, the second of stride 2.
        padding: Of what has stride 2: "same" makes 14x14 to 7x7, "valid" to 6x6.
        momentum: Of the batch normalisations' moving averages.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, about height / 2, about width / 2,
        threes + double_threes[1] + channels), in that order.
    """
    chain = partial(_chain, momentum=momentum)
    halve = partial(_halve, padding=padding, momentum=momentum)
    narrow, wide = double_threes
    pooling = layers.MaxPooling2D(3, 2, padding, name=f"{name}_pool")  # step 2
    double = chain(x, [(narrow, 1), (wide, 3)], name=f"{name}_double_threes")
    branches = [
        halve(x, threes, name=f"{name}_threes"),
        halve(double, wide, name=f"{name}_double_threes_last"),
        pooling(x),
    ]
    return layers.Concatenate(name=name)(branches)


def module_35(x: keras.KerasTensor, *, pooled: int, name: str) -> keras.KerasTensor:
    """The module of the first stage: 1x1, 5x5 and two 3x3 convolutions, and a pooling.

    Args:
        x: Features, float (batch, height, width, channels).
        pooled: Filters of the 1x1 convolution after the pooling.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, height, width, 224 + pooled).
    """
    chains: dict[str, Chain] = {
        "ones": [(64, 1)],
        "fives": [(48, 1), (64, 5)],
        "double_threes": [(64, 1), (96, 3), (96, 3)],
    }
    return _module(x, chains, pooled=pooled, name=name)


def module_17(x: keras.KerasTensor, *, middle: int, name: str) -> keras.KerasTensor:
    """The module of the second stage: 7x7 convolutions as 1x7 and 7x1.

    Args:
        x: Features, float (batch, height, width, channels).
        middle: Filters of all convolutions of a chain but the last.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, height, width, 768).
    """
    wide, tall = (1, 7), (7, 1)  # height and width of the kernel
    seven: Chain = [(middle, 1), (middle, wide), (192, tall)]
    inner = [(middle, kernel) for kernel in (1, tall, wide, tall)]
    twice: Chain = [*inner, (192, wide)]
    chains = {"ones": [(192, 1)], "sevens": seven, "double_sevens": twice}
    return _module(x, chains, pooled=192, name=name)


def reduction_17(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """From the second stage to the third: half the size, 512 channels more.

    Args:
        x: Features, float (batch, height, width, channels), sides at least 3.
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, about height / 2, about width / 2, channels + 512).
    """
    threes = _chain(x, [(192, 1)], name=f"{name}_threes")
    sevens = _chain(x, [(192, 1), (192, (1, 7)), (192, (7, 1))], name=f"{name}_sevens")
    branches = [
        _halve(threes, 320, padding="valid", name=f"{name}_threes_last"),
        _halve(sevens, 192, padding="valid", name=f"{name}_sevens_last"),
        layers.MaxPooling2D(3, strides=2, name=f"{name}_pool")(x),
    ]
    return layers.Concatenate(name=name)(branches)


def module_8(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """The module of the third stage: 1x3 and 3x1 convolutions side by side.

    Args:
        x: Features, float (batch, height, width, channels).
        name: Prefix of the layer names, and the name of the concatenation.

    Returns:
        Features, float (batch, height, width, 2048).
    """
    threes = _chain(x, [(384, 1)], name=f"{name}_threes")
    double = _chain(x, [(448, 1), (384, 3)], name=f"{name}_double_threes")
    pool = _average(x, name=f"{name}_pool")
    branches = [
        conv_bn(x, 320, 1, name=f"{name}_ones"),
        _fork(threes, 384, name=f"{name}_threes"),
        _fork(double, 384, name=f"{name}_double_threes"),
        conv_bn(pool, 192, 1, name=f"{name}_pooled"),
    ]
    return layers.Concatenate(name=name)(branches)


def inception_v3(
    input_shape: Shape = (299, 299, 3),
    *,
    classes: int = 1000,
    include_top: bool = True,
    auxiliary: bool = False,
) -> keras.Model:
    """Inception v3: a plain stem, eleven modules in three stages, a linear classifier.

    Args:
        input_shape: Height, width and channels; height and width at least 75.
        classes: Number of classes, at least 2.
        include_top: Whether to end in logits; without it, in the last feature map.
        auxiliary: Whether to classify a second time after the second stage, for
            training only.

    Returns:
        A model from images, float32 (n, height, width, channels) in -1..1 where
        weights of keras.applications are used, to logits (n, classes). With an
        auxiliary head, to a list of the logits and the auxiliary logits. Without
        the top, to features (n, 8, 8, 2048) for images of 299x299.

    Raises:
        ValueError: If the images are too small or not images, there are fewer than
            two classes, or an auxiliary head is asked for without a top.
    """
    check_input_shape(input_shape, smallest=75, network="inception_v3")
    check_classes(classes)
    if auxiliary and not include_top:
        raise ValueError("auxiliary=True needs include_top=True: the head is a second classifier")
    inputs = keras.Input(input_shape, name="images")
    x = _stem(inputs)
    for number, pooled in enumerate(POOLED_35):
        x = module_35(x, pooled=pooled, name=f"mixed{number}")
    reduce = partial(reduction_module, padding="valid")
    x = reduce(x, threes=384, double_threes=(64, 96), name="mixed3")
    for number, middle in enumerate(MIDDLE_17, start=4):
        x = module_17(x, middle=middle, name=f"mixed{number}")
    second_stage = x
    x = reduction_17(x, name="mixed8")
    for number in range(MODULES_8):
        x = module_8(x, name=f"mixed{9 + number}")
    outputs = classifier_head(x, classes) if include_top else x
    if auxiliary:
        outputs = [outputs, auxiliary_head(second_stage, classes)]
    return keras.Model(inputs, outputs, name="inception_v3")


def auxiliary_head(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """A second, small classifier on the features of the second stage.

    Args:
        x: Features, float (batch, height, width, channels), 17x17x768 at 299x299.
        classes: Number of classes.

    Returns:
        Logits, float (batch, classes).
    """
    window = tuple(min(5, side) for side in x.shape[1:3])
    x = layers.AveragePooling2D(window, strides=3, name="auxiliary_pool")(x)
    x = conv_bn(x, 128, 1, name="auxiliary_1")
    window = tuple(min(5, side) for side in x.shape[1:3])
    x = conv_bn(x, 768, window, padding="valid", name="auxiliary_2")
    x = layers.GlobalAveragePooling2D(name="auxiliary_average")(x)
    return layers.Dense(classes, name="auxiliary_logits")(x)


def _stem(x: keras.KerasTensor) -> keras.KerasTensor:
    """Five convolutions and two poolings: from 299x299x3 to 35x35x192."""
    for number, row in enumerate(STEM, start=1):
        if row is None:
            x = layers.MaxPooling2D(3, strides=2, name=f"stem{number}_pool")(x)
            continue
        filters, kernel, strides, padding = row
        x = conv_bn(x, filters, kernel, strides=strides, padding=padding, name=f"stem{number}")
    return x


def _average(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """Mean of each 3x3 window; at the border of what lies inside."""
    return layers.AveragePooling2D(3, strides=1, padding="same", name=name)(x)


def _halve(x: keras.KerasTensor, filters: int, *, padding: str, momentum: float = 0.99, name: str) -> keras.KerasTensor:
    """A 3x3 convolution of stride 2."""
    return conv_bn(x, filters, 3, strides=2, padding=padding, momentum=momentum, name=name)


def _fork(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """A 1x3 and a 3x1 convolution of the same input."""
    wide = conv_bn(x, filters, (1, 3), name=f"{name}_wide")
    tall = conv_bn(x, filters, (3, 1), name=f"{name}_tall")
    return layers.Concatenate(name=f"{name}_fork")([wide, tall])


def _module(
    x: keras.KerasTensor, chains: Mapping[str, Chain], *, pooled: int, momentum: float = 0.99, name: str
) -> keras.KerasTensor:
    """Chains of convolutions and a pooled branch, side by side."""
    chain = partial(_chain, momentum=momentum)
    branches = [chain(x, c, name=f"{name}_{key}") for key, c in chains.items()]
    x = _average(x, name=f"{name}_pool")  # of 3x3 windows, size kept
    x = conv_bn(x, pooled, 1, momentum=momentum, name=f"{name}_pooled")
    return layers.Concatenate(name=name)([*branches, x])


def _chain(x: keras.KerasTensor, chain: Chain, *, momentum: float = 0.99, name: str) -> keras.KerasTensor:
    """Convolutions in a row, stride 1, size kept."""
    for number, (filters, kernel) in enumerate(chain, start=1):
        x = conv_bn(x, filters, kernel, momentum=momentum, name=f"{name}_{number}")
    return x
