"""What the networks of this part share: one building block and the checks at their doors."""

import keras
from keras import layers

Shape = tuple[int, int, int]


def conv_bn(
    x: keras.KerasTensor,
    filters: int,
    kernel_size: int | tuple[int, int],
    *,
    strides: int = 1,
    padding: str = "same",
    momentum: float = 0.99,
    name: str,
) -> keras.KerasTensor:
    """Convolution without bias, batch normalisation without gamma, ReLU."""
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        use_bias=False,
        name=f"{name}_conv",
    )(x)
    x = layers.BatchNormalization(
        scale=False,
        momentum=momentum,
        name=f"{name}_bn",
    )(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def check_input_shape(input_shape: Shape, *, smallest: int, network: str) -> None:
    """Complain about a shape that a network can't take, before any layer is made.

    Args:
        input_shape: Height, width and channels.
        smallest: Least height and width in pixels at which a feature map is left.
        network: Its name, for the message.

    Raises:
        ValueError: If it is not three whole numbers, the image is too small, or the channels are not 1 to 4.
    """
    if len(input_shape) != 3 or not all(isinstance(side, int) for side in input_shape):
        raise ValueError(f"input_shape must be three whole numbers (height, width, channels), got {input_shape}")
    height, width, channels = input_shape
    if not 1 <= channels <= 4:
        hint = "; is it (channels, height, width)?" if 1 <= height <= 4 else ""
        raise ValueError(f"input_shape must end in the channels, 1 to 4 (3 for RGB), got {input_shape}{hint}")
    if min(height, width) < smallest:
        raise ValueError(
            f"input_shape must be at least ({smallest}, {smallest}, channels) for {network}, got {input_shape}; "
            f"enlarge the images, or take a network with less pooling"
        )


def check_classes(classes: int) -> None:
    """Complain about fewer than two classes.

    Raises:
        ValueError: If there are fewer than two.
    """
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")


def classifier_head(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Mean of each feature map over all places, then one logit a class."""
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return layers.Dense(classes, name="logits")(x)
