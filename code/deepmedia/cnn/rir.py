"""ResNet in ResNet: two streams side by side, only one of which has shortcuts.

Source: Targ, Almeida and Lyman (2016), "Resnet in Resnet: Generalizing Residual
Architectures", arXiv:1603.08029v1: the generalised layer, the block of two such
layers and the network "18-layer + wide" for CIFAR. Its stages, widths and classifier
are those on which two public implementations agree (osmr/imgclsmob and
nutszebra/resnet_in_resnet). As in the first of them, convolutions have no bias,
since batch normalisation follows, and a shortcut that changes the shape is a 1x1
convolution without batch normalisation.
"""

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, bn_relu, check_classes, check_input_shape, conv_bn

STAGES = ((48, 2), (96, 3), (192, 3))  # filters of each stream, blocks
SMALLEST = 4  # pixels: the second and the third stage halve the sides


def generalised_layer(
    residual: keras.KerasTensor,
    transient: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    momentum: float = 0.99,
    name: str,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """One layer of both streams, each computed from both.

    r' = relu(bn(conv(r, W_rr) + conv(t, W_tr) + shortcut(r)))
    t' = relu(bn(conv(r, W_rt) + conv(t, W_tt)))

    A single convolution of the joined streams computes the four of the equations:
    its kernel holds W_rr and W_rt above W_tr and W_tt. In narrow layers that takes less
    time than four convolutions.

    Args:
        residual: The stream r, float (n, height, width, channels).
        transient: The stream t, of the same height and width.
        filters: Channels of each stream after the layer.
        strides: Step of the convolutions; 2 halves height and width.
        momentum: Part of its moving averages that batch normalisation keeps a step.
        name: Prefix of the layers' names, e.g. ``"stage1_block1_layer1"``.

    Returns:
        Both streams, each float (n, height / strides, width / strides, filters).
    """
    shortcut = _shortcut(residual, filters, strides, f"{name}_shortcut")
    both = layers.Concatenate(name=f"{name}_join")([residual, transient])
    both = _conv(both, 2 * filters, 3, strides, f"{name}_conv")
    to_residual, to_transient = keras.ops.split(both, 2, axis=-1)
    summed = layers.Add(name=f"{name}_add")([to_residual, shortcut])
    return (
        bn_relu(summed, momentum=momentum, name=f"{name}_residual"),
        bn_relu(to_transient, momentum=momentum, name=f"{name}_transient"),
    )


def rir_block(
    residual: keras.KerasTensor,
    transient: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    momentum: float = 0.99,
    outer_shortcut: bool = True,
    name: str,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Two generalised layers in place of the two convolutions of a residual block.

    A residual block has a shortcut past both convolutions, and so has this block, on
    the residual stream. The equations of the layer are certain, this shortcut is less
    so: nutszebra adds it after the second layer's ReLU, as we do, and osmr leaves
    it out, which is ``outer_shortcut=False``.

    Args:
        residual: The stream with shortcuts, float (n, height, width, channels).
        transient: The other stream, of the same height and width.
        filters: Channels of each stream after the block.
        strides: Step of the first layer; 2 halves height and width.
        momentum: As in `generalised_layer`.
        outer_shortcut: Whether the residual stream has the shortcut past both layers.
        name: Prefix of the layers' names, e.g. ``"stage1_block1"``.

    Returns:
        Both streams, each float (n, height / strides, width / strides, filters).
    """
    r, t = generalised_layer(
        residual,
        transient,
        filters,
        strides=strides,
        momentum=momentum,
        name=f"{name}_layer1",
    )
    r, t = generalised_layer(
        r,
        t,
        filters,
        momentum=momentum,
        name=f"{name}_layer2",
    )
    if outer_shortcut:
        outer = _shortcut(residual, filters, strides, f"{name}_outer_shortcut")
        r = layers.Add(name=f"{name}_outer_add")([r, outer])
    return r, t


def resnet_in_resnet(
    input_shape: Shape = (32, 32, 3),
    *,
    classes: int = 1000,
    include_top: bool = True,
    outer_shortcut: bool = True,
) -> keras.Model:
    """The network "18-layer + wide", made for images of 32 x 32 pixels.

    One convolution for each stream, eight blocks of two layers in three stages, and a
    1x1 convolution of both streams to one map a class, whose mean is the logit.

    Args:
        input_shape: Height, width and channels.
        classes: Number of classes, at least 2.
        include_top: False to end in the last feature maps, those of r first.
        outer_shortcut: As in `rir_block`. Without it the network has the 9,492,980
            trainable weights (10 classes) that osmr counts; with it 23,040 more, for
            the two blocks that change the shape.

    Returns:
        A model from images, float32 (n, height, width, channels), to logits
        (n, classes) or to features (n, height / 4, width / 4, 384), rounded up.

    Raises:
        ValueError: If the images are smaller than 4 pixels, the channels are not
            1 to 4, or there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=SMALLEST, network="resnet_in_resnet")
    check_classes(classes)
    images = keras.Input(input_shape, name="images")
    width = STAGES[0][0]
    r = conv_bn(images, width, 3, gamma=True, name="stem_residual")
    t = conv_bn(images, width, 3, gamma=True, name="stem_transient")
    for stage, (filters, blocks) in enumerate(STAGES, start=1):
        for block in range(1, blocks + 1):
            r, t = rir_block(
                r,
                t,
                filters,
                strides=2 if stage > 1 and block == 1 else 1,
                outer_shortcut=outer_shortcut,
                name=f"stage{stage}_block{block}",
            )
    outputs = layers.Concatenate(name="features")([r, t])
    if include_top:
        maps = conv_bn(outputs, classes, 1, gamma=True, activation=None, name="class_maps")
        outputs = layers.GlobalAveragePooling2D(name="logits")(maps)
    return keras.Model(images, outputs, name="resnet_in_resnet")


def _shortcut(x: keras.KerasTensor, filters: int, strides: int, name: str) -> keras.KerasTensor:
    """The stream as it is, or brought to the new shape."""
    if strides == 1 and x.shape[-1] == filters:
        return x
    return _conv(x, filters, 1, strides, name)


def _conv(x: keras.KerasTensor, filters: int, kernel_size: int, strides: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=False, name=name)(x)
