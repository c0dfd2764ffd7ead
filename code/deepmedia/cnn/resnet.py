"""Residual networks: the blocks, and ResNet-50 in full.

Source: He et al. (2016), "Deep Residual Learning for Image Recognition",
arXiv:1512.03385v1; "Eq.", "Sec.", "Fig." and "Table" number that version. The
pre-activation block is of He et al. (2016), "Identity Mappings in Deep
Residual Networks", arXiv:1603.05027.
ResNet-50 computes what keras.applications.ResNet50 does, and its layers have
the same names but for `images`, `average` and `logits`. As there, and unlike
the paper, its convolutions have biases, which the batch normalisation after
them cancels.
"""

from functools import partial

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, bn_relu, check_classes, check_input_shape, classifier_head, conv_bn

# [stages]
# Table 1: name, filters inside a block, blocks, step of the first block
RESNET50_STAGES = (
    ("conv2", 64, 3, 1),
    ("conv3", 128, 4, 2),
    ("conv4", 256, 6, 2),
    ("conv5", 512, 3, 2),
)
EXPANSION = 4  # a bottleneck's output has four times its inner filters
# [/stages]
SMALLEST = 32  # five halvings leave one pixel
EPSILON = 1.001e-5  # of keras.applications, in the bottleneck networks

# gamma weighs a branch against its shortcut; what is added to the shortcut has no activation
_conv_bn = partial(conv_bn, gamma=True, initialiser="he_normal", epsilon=EPSILON, activation=None)


def residual_block(
    x: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    momentum: float = 0.99,
    shortcut: bool = True,
    name: str,
) -> keras.KerasTensor:
    """Two 3x3 convolutions plus a shortcut (Eq. 1 and 2, Fig. 2).

    Args:
        x: Features, float (batch, height, width, channels).
        filters: Channels of the output.
        strides: Step of the first convolution; 2 halves height and width.
        momentum: Of the moving averages in the batch normalisation.
        shortcut: Without it, the same two layers as a plain network has them.
        name: Prefix of the layers' names, e.g. ``"stage1_block1"``.

    Returns:
        Features, float (batch, height / strides, width / strides, filters), not negative.
    """
    conv_bn = partial(_conv_bn, momentum=momentum)
    y = conv_bn(x, filters, 3, strides=strides, name=f"{name}_1")
    y = layers.ReLU(name=f"{name}_1_relu")(y)
    y = conv_bn(y, filters, 3, name=f"{name}_2")
    if shortcut:
        if strides != 1 or x.shape[-1] != filters:  # W_s x
            x = conv_bn(x, filters, 1, strides=strides, name=f"{name}_0")
        y = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_out")(y)


def preactivation_block(
    x: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    name: str,
) -> keras.KerasTensor:
    """Two 3x3 convolutions, each after its normalisation and ReLU, plus a shortcut (arXiv:1603.05027, Fig. 1b).

    Nothing comes after the addition, so a network of such blocks needs one more
    normalisation and ReLU at its end. A shortcut that changes the shape is a
    convolution of the first ReLU's output.

    Args:
        x: Features, float (batch, height, width, channels).
        filters: Channels of the output.
        strides: Step of the first convolution; 2 halves height and width.
        name: Prefix of the layers' names.

    Returns:
        Features, float (batch, height / strides, width / strides, filters).
    """
    y = bn_relu(x, epsilon=EPSILON, name=f"{name}_1")
    if strides != 1 or x.shape[-1] != filters:  # W_s applied to the ReLU
        x = _conv(y, filters, 1, strides=strides, name=f"{name}_0_conv")
    y = _conv(y, filters, 3, strides=strides, name=f"{name}_1_conv")
    y = bn_relu(y, epsilon=EPSILON, name=f"{name}_2")
    y = _conv(y, filters, 3, name=f"{name}_2_conv")
    return layers.Add(name=f"{name}_add")([x, y])


def bottleneck_block(
    x: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    name: str,
) -> keras.KerasTensor:
    """1x1, 3x3 and 1x1 convolution plus a shortcut (Fig. 5, right).

    The first 1x1 convolution takes the step, as in keras.applications; many
    other libraries give it to the 3x3.

    Args:
        x: Features, float (batch, height, width, channels).
        filters: Channels of the first two convolutions; the output has four times as many.
        strides: Step of the first convolution; 2 halves height and width.
        name: Prefix of the layers' names.

    Returns:
        Features, float (batch, height / strides, width / strides, 4 * filters), not negative.
    """
    wide = EXPANSION * filters
    conv_bn = partial(_conv_bn, bias=True)
    y = conv_bn(x, filters, 1, strides=strides, name=f"{name}_1")
    y = layers.ReLU(name=f"{name}_1_relu")(y)
    y = conv_bn(y, filters, 3, name=f"{name}_2")
    y = layers.ReLU(name=f"{name}_2_relu")(y)
    y = conv_bn(y, wide, 1, name=f"{name}_3")
    if strides != 1 or x.shape[-1] != wide:  # W_s x
        x = conv_bn(x, wide, 1, strides=strides, name=f"{name}_0")
    y = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_out")(y)


def resnet50(input_shape: Shape = (224, 224, 3), *, classes: int = 1000, include_top: bool = True) -> keras.Model:
    """ResNet with 50 layers of weights (Table 1): a stem, 16 bottlenecks, a classifier.

    Args:
        input_shape: Height, width (at least 32) and channels (1 to 4).
        classes: Number of classes, at least 2.
        include_top: Whether the mean over all places and the classifier follow the last block.

    Returns:
        A model from images, float32 (n, height, width, channels), to logits
        (n, classes), or to the last features (n, height / 32, width / 32, 2048), rounded up.

    Raises:
        ValueError: If the images are too small, the channels are not 1 to 4, or
            there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=SMALLEST, network="resnet50")
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    x = layers.ZeroPadding2D(3, name="conv1_pad")(inputs)
    x = _conv_bn(x, 64, 7, strides=2, padding="valid", bias=True, name="conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, filters, blocks, strides in RESNET50_STAGES:
        for block in range(1, blocks + 1):
            x = bottleneck_block(
                x,
                filters,
                strides=strides if block == 1 else 1,
                name=f"{stage}_block{block}",
            )
    outputs = classifier_head(x, classes) if include_top else x
    return keras.Model(inputs, outputs, name="resnet50")


def _conv(x: keras.KerasTensor, filters: int, kernel_size: int, *, strides: int = 1, name: str) -> keras.KerasTensor:
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
