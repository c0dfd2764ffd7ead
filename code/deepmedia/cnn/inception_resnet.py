"""Inception-ResNet: inception modules that add to their input what they find.

Source: Szegedy et al. (2017), "Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning", arXiv:1602.07261. Version 1 is built as FaceNet's public implementation builds it
(github.com/davidsandberg/facenet), version 2 as keras.applications builds it. Both depart from the paper: a last
block without ReLU and without scaling, in version 1 one more than the paper's five of its kind; version 2 also has a
simpler stem, twice as many blocks, a 1x1 convolution before the average and no dropout.
Layers have the names of TensorFlow-slim's checkpoints, so that weights can be loaded by name.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, check_classes, check_input_shape, conv_bn


class Conv(NamedTuple):
    """One convolution of a branch; one that halves the sides is not padded, the others are."""

    filters: int
    kernel: str = "1x1"  # height x width, as in the layers' names
    strides: int = 1


class Norm(NamedTuple):
    """How batches are normalised: with or without a learned factor, and how slowly the averages move."""

    gamma: bool = False
    momentum: float = 0.99


Branches = tuple[tuple[Conv, ...], ...]

SLIM = ("", "_BatchNorm", "_Activation")  # what follows a convolution's name in its three layers
SMALLEST = 75  # pixels; one pixel less leaves no feature map
V1_DROP = 0.2  # share of features that version 1 drops in training, before its top

V1_BLOCK35 = ((Conv(32),), (Conv(32), Conv(32, "3x3")), (Conv(32), Conv(32, "3x3"), Conv(32, "3x3")))
V1_MIXED_6A = ((Conv(384, "3x3", 2),), (Conv(192), Conv(192, "3x3"), Conv(256, "3x3", 2)))
V1_BLOCK17 = ((Conv(128),), (Conv(128), Conv(128, "1x7"), Conv(128, "7x1")))
V1_MIXED_7A = (
    (Conv(256), Conv(384, "3x3", 2)),
    (Conv(256), Conv(256, "3x3", 2)),
    (Conv(256), Conv(256, "3x3"), Conv(256, "3x3", 2)),
)
V1_BLOCK8 = ((Conv(192),), (Conv(192), Conv(192, "1x3"), Conv(192, "3x1")))
V2_MIXED_5B = ((Conv(96),), (Conv(48), Conv(64, "5x5")), (Conv(64), Conv(96, "3x3"), Conv(96, "3x3")))
V2_BLOCK35 = ((Conv(32),), (Conv(32), Conv(32, "3x3")), (Conv(32), Conv(48, "3x3"), Conv(64, "3x3")))
V2_MIXED_6A = ((Conv(384, "3x3", 2),), (Conv(256), Conv(256, "3x3"), Conv(384, "3x3", 2)))
V2_BLOCK17 = ((Conv(192),), (Conv(128), Conv(160, "1x7"), Conv(192, "7x1")))
V2_MIXED_7A = (
    (Conv(256), Conv(384, "3x3", 2)),
    (Conv(256), Conv(288, "3x3", 2)),
    (Conv(256), Conv(288, "3x3"), Conv(320, "3x3", 2)),
)
V2_BLOCK8 = ((Conv(192),), (Conv(192), Conv(224, "1x3"), Conv(256, "3x1")))


@keras.saving.register_keras_serializable("deepmedia")
class ScaledSum(layers.Layer):
    """x + scale * up, of a pair [x, up] of equal shapes."""

    def __init__(self, scale: float, **options: Any) -> None:
        super().__init__(**options)
        self.scale = scale

    def call(self, pair: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Add the second, scaled, to the first."""
        x, up = pair
        return x + up * self.scale

    def get_config(self) -> dict[str, Any]:
        """What a saved model needs to make this layer again."""
        return {**super().get_config(), "scale": self.scale}


def scaled_residual(
    x: keras.KerasTensor,
    branches: Sequence[keras.KerasTensor],
    *,
    scale: float,
    activation: str | None = "relu",
    name: str,
) -> keras.KerasTensor:
    """Join branches to a residual of x's channels and add it, scaled: ReLU(x + scale * up).

    Args:
        x: Features, float (n, height, width, channels).
        branches: Features computed from x, each (n, height, width, any channels).
        scale: Factor of the residual, e.g. 0.1.
        activation: Applied to the sum; None for a linear block.
        name: Prefix of the layer names, e.g. ``"Block35_1"``.

    Returns:
        Features, float (n, height, width, channels).
    """
    mixed = layers.Concatenate(name=f"{name}_Concatenate")(list(branches))
    up = layers.Conv2D(x.shape[-1], 1, name=f"{name}_Conv2d_1x1")(mixed)
    x = ScaledSum(scale, name=f"{name}_ScaledSum")([x, up])  # x + scale * up
    if activation is None:
        return x
    return layers.Activation(activation, name=f"{name}_Activation")(x)


def inception_residual_block(
    x: keras.KerasTensor, *, filters: int, scale: float, momentum: float = 0.99, name: str
) -> keras.KerasTensor:
    """Three branches, 1x1 | 1x1 > 3x3 | 1x1 > 3x3 > 3x3, added to x as a scaled residual.

    Args:
        x: Features, float (n, height, width, channels).
        filters: Channels of each convolution in the branches.
        scale: Factor of the residual.
        momentum: Of the moving averages of batch normalisation.
        name: Prefix of the layer names.

    Returns:
        Features, float (n, height, width, channels).
    """
    one, three = Conv(filters), Conv(filters, "3x3")
    branches = _branches(x, ((one,), (one, three), (one, three, three)), Norm(momentum=momentum), name)
    return scaled_residual(x, branches, scale=scale, name=name)


def inception_resnet_v1(
    input_shape: Shape, *, classes: int = 1000, include_top: bool = True, gamma: bool = False
) -> keras.Model:
    """Inception-ResNet-v1 as FaceNet uses it; see `embedding_head` for FaceNet's own top.

    Args:
        input_shape: Height, width (at least 75) and channels; FaceNet takes (160, 160, 3).
        classes: Number of classes of the classifier.
        include_top: End in the classifier's logits (n, classes); without it, in the last
            feature map, (n, 3, 3, 1792) for 160 x 160.
        gamma: Whether batch normalisation learns a factor: the weights of
            facenet-pytorch have it, those of FaceNet's TensorFlow and Keras versions do not.

    Returns:
        A model from images, float32 (n, height, width, channels), to logits or features.

    Raises:
        ValueError: If the images are too small, the channels are not 1 to 4, or
            there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=SMALLEST, network="inception_resnet_v1")
    check_classes(classes)
    norm = Norm(gamma, momentum=0.995)
    inputs = keras.Input(input_shape, name="images")
    x = _stem(inputs, norm)
    x = _conv(x, Conv(256, "3x3", 2), norm, "Conv2d_4b_3x3")
    x = _residual_stage(x, V1_BLOCK35, norm, "Block35", repeats=5, scale=0.17)
    x = _reduction(x, V1_MIXED_6A, norm, "Mixed_6a")
    x = _residual_stage(x, V1_BLOCK17, norm, "Block17", repeats=10, scale=0.10)
    x = _reduction(x, V1_MIXED_7A, norm, "Mixed_7a")
    x = _residual_stage(x, V1_BLOCK8, norm, "Block8", repeats=5, scale=0.20)
    x = _last_block(x, V1_BLOCK8, norm, "Block8_6")
    if include_top:
        x = layers.Dense(classes, name="logits")(_pooled(x, drop=V1_DROP))
    return keras.Model(inputs, x, name="inception_resnet_v1")


def embedding_head(x: keras.KerasTensor, *, embedding_size: int, gamma: bool = False) -> keras.KerasTensor:
    """FaceNet's top: average, dropout, a dense layer without bias, batch normalisation; no activation.

    Args:
        x: The last feature map, float (n, height, width, channels).
        embedding_size: Numbers that describe an image, 128 or 512 in FaceNet.
        gamma: As in `inception_resnet_v1`.

    Returns:
        Embeddings, float (n, embedding_size), not yet of length one.
    """
    x = _pooled(x, drop=V1_DROP)
    x = layers.Dense(embedding_size, use_bias=False, name="Bottleneck")(x)
    return layers.BatchNormalization(scale=gamma, momentum=0.995, name="Bottleneck_BatchNorm")(x)


def inception_resnet_v2(input_shape: Shape, *, classes: int = 1000, include_top: bool = True) -> keras.Model:
    """Inception-ResNet-v2 as in keras.applications, whose weights `copy_weights` takes over.

    Args:
        input_shape: Height, width (at least 75) and channels; Keras's default is (299, 299, 3).
        classes: Number of classes of the classifier.
        include_top: End in the classifier's logits (n, classes); without it, in the last
            feature map, (n, 8, 8, 1536) for 299 x 299.

    Returns:
        A model from images, float32 (n, height, width, channels), to logits or features.
        Keras's own weights want images scaled to -1..1.

    Raises:
        ValueError: If the images are too small, the channels are not 1 to 4, or
            there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=SMALLEST, network="inception_resnet_v2")
    check_classes(classes)
    norm = Norm()
    inputs = keras.Input(input_shape, name="images")
    x = _stem(inputs, norm)
    x = layers.MaxPooling2D(3, strides=2, name="MaxPool_5a_3x3")(x)
    x = _mixed_5b(x, norm)
    x = _residual_stage(x, V2_BLOCK35, norm, "Block35", repeats=10, scale=0.17)
    x = _reduction(x, V2_MIXED_6A, norm, "Mixed_6a")
    x = _residual_stage(x, V2_BLOCK17, norm, "Block17", repeats=20, scale=0.10)
    x = _reduction(x, V2_MIXED_7A, norm, "Mixed_7a")
    x = _residual_stage(x, V2_BLOCK8, norm, "Block8", repeats=9, scale=0.20)
    x = _last_block(x, V2_BLOCK8, norm, "Block8_10")
    x = _conv(x, Conv(1536), norm, "Conv2d_7b_1x1")
    if include_top:
        x = layers.Dense(classes, name="logits")(_pooled(x))
    return keras.Model(inputs, x, name="inception_resnet_v2")


def _conv(x: keras.KerasTensor, conv: Conv, norm: Norm, name: str, *, padding: str | None = None) -> keras.KerasTensor:
    """A row of a table, its layers named as in slim."""
    height, width = (int(side) for side in conv.kernel.split("x"))
    return conv_bn(
        x,
        conv.filters,
        (height, width),
        strides=conv.strides,
        padding=padding or ("same" if conv.strides == 1 else "valid"),
        gamma=norm.gamma,
        momentum=norm.momentum,
        name=name,
        suffixes=SLIM,
    )


def _branches(x: keras.KerasTensor, branches: Branches, norm: Norm, name: str) -> list[keras.KerasTensor]:
    """Each branch's convolutions one after another, all branches from the same x."""
    ends = []
    for number, convs in enumerate(branches):
        y = x
        for letter, conv in zip("abc", convs, strict=False):
            y = _conv(y, conv, norm, f"{name}_Branch_{number}_Conv2d_{_place(convs, letter, conv)}{conv.kernel}")
        ends.append(y)
    return ends


def _place(convs: tuple[Conv, ...], letter: str, conv: Conv) -> str:
    """Slim's mark of a convolution's place: "1a_" where sides are halved, "" where it is alone."""
    if conv.strides == 2:
        return "1a_"
    return f"0{letter}_" if len(convs) > 1 else ""


def _stem(images: keras.KerasTensor, norm: Norm) -> keras.KerasTensor:
    """From pixels to 192 maps, about a quarter as high and wide; without padding they lose some border."""
    x = _conv(images, Conv(32, "3x3", 2), norm, "Conv2d_1a_3x3")
    x = _conv(x, Conv(32, "3x3"), norm, "Conv2d_2a_3x3", padding="valid")
    x = _conv(x, Conv(64, "3x3"), norm, "Conv2d_2b_3x3")
    x = layers.MaxPooling2D(3, strides=2, name="MaxPool_3a_3x3")(x)
    x = _conv(x, Conv(80), norm, "Conv2d_3b_1x1")
    return _conv(x, Conv(192, "3x3"), norm, "Conv2d_4a_3x3", padding="valid")


def _mixed_5b(x: keras.KerasTensor, norm: Norm) -> keras.KerasTensor:
    """An inception module without a shortcut, its fourth branch an average."""
    average = layers.AveragePooling2D(3, strides=1, padding="same", name="Mixed_5b_Branch_3_AvgPool_0a_3x3")(x)
    average = _conv(average, Conv(64), norm, "Mixed_5b_Branch_3_Conv2d_0b_1x1")
    return layers.Concatenate(name="Mixed_5b")([*_branches(x, V2_MIXED_5B, norm, "Mixed_5b"), average])


def _reduction(x: keras.KerasTensor, branches: Branches, norm: Norm, name: str) -> keras.KerasTensor:
    """Halve the sides: convolutions of stride 2, and a maximum that keeps what there was."""
    maximum = layers.MaxPooling2D(3, strides=2, name=f"{name}_Branch_{len(branches)}_MaxPool_1a_3x3")(x)
    return layers.Concatenate(name=name)([*_branches(x, branches, norm, name), maximum])


def _residual_stage(
    x: keras.KerasTensor, branches: Branches, norm: Norm, name: str, *, repeats: int, scale: float
) -> keras.KerasTensor:
    for number in range(1, repeats + 1):
        block = f"{name}_{number}"
        x = scaled_residual(x, _branches(x, branches, norm, block), scale=scale, name=block)
    return x


def _last_block(x: keras.KerasTensor, branches: Branches, norm: Norm, name: str) -> keras.KerasTensor:
    """The block before the top: its residual is neither scaled nor cut off at zero."""
    return scaled_residual(x, _branches(x, branches, norm, name), scale=1.0, activation=None, name=name)


def _pooled(x: keras.KerasTensor, *, drop: float = 0.0) -> keras.KerasTensor:
    """Mean of each feature map; in training, a share of them set to zero."""
    x = layers.GlobalAveragePooling2D(name="AvgPool")(x)
    return layers.Dropout(drop, name="Dropout")(x) if drop else x
