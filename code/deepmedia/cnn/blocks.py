"""What the networks of this part share: convolution and normalisation, the checks at their doors, the head."""

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
    bias: bool = False,
    gamma: bool = False,
    initialiser: str = "glorot_uniform",
    momentum: float = 0.99,
    epsilon: float = 1e-3,
    activation: str | None = "relu",
    name: str,
    suffixes: tuple[str, str, str] = ("_conv", "_bn", "_relu"),
) -> keras.KerasTensor:
    """Convolution, batch normalisation, activation.

    Args:
        x: Features, float (batch, height, width, channels).
        filters: Channels of the output.
        kernel_size: Side of the kernel, or its height and width.
        strides: Step of the convolution; 2 halves height and width.
        padding: "same", or "valid" for none.
        bias: Whether the convolution has one; the normalisation cancels it.
        gamma: Whether the normalisation learns a factor.
        initialiser: Of the kernel.
        momentum: Part of its moving averages that the normalisation keeps.
        epsilon: Added to the variance.
        activation: None to end with the normalisation.
        name: Prefix of the three layers' names, e.g. ``"stem1"``.
        suffixes: What follows the prefix in each of them.

    Returns:
        Features, float (batch, about height / strides, width / strides,
        filters).
    """
    conv, norm, end = (name + suffix for suffix in suffixes)
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        use_bias=bias,
        kernel_initializer=initialiser,
        name=conv,
    )(x)
    x = layers.BatchNormalization(
        scale=gamma,
        momentum=momentum,
        epsilon=epsilon,
        name=norm,
    )(x)
    return layers.Activation(activation, name=end)(x) if activation else x


def bn_relu(x: keras.KerasTensor, *, momentum: float = 0.99, epsilon: float = 1e-3, name: str) -> keras.KerasTensor:
    """Batch normalisation with gamma, and ReLU, where no convolution of their own comes before them.

    Args:
        x: Features, float (batch, height, width, channels).
        momentum: Part of its moving averages that the normalisation keeps.
        epsilon: Added to the variance.
        name: Prefix of the two layers' names.

    Returns:
        Features of the same shape, not negative.
    """
    x = layers.BatchNormalization(momentum=momentum, epsilon=epsilon, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


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
