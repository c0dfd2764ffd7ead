"""A first convolutional network, and the linear model that it must beat.

After LeCun et al. (1998), "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86(11), Sec. II: convolution and
subsampling twice, then a classifier. Departs from it: ReLU for tanh, maximum
for average in the subsampling, one dense layer for three.
"""

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, check_classes, check_input_shape

# [filters]
FILTERS = (16, 32)  # feature maps that each convolution makes
# [/filters]


def small_cnn(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """Two convolutions, each followed by max-pooling, and a linear classifier.

    Args:
        input_shape: Height, width and channels; height and width at least 4, channels 1 to 4.
        classes: Number of classes, at least 2.

    Returns:
        A model from images, float32 (n, height, width, channels) in 0..1, to
        logits (n, classes).

    Raises:
        ValueError: If the images are too small to be pooled twice, their
            channels are not 1 to 4, or there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=4, network="small_cnn")
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    x = inputs
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)  # halves the sides
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name="small_cnn")


def linear_classifier(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """One weight for each pixel and class: the baseline without convolution.

    Args:
        input_shape: Height, width and channels, 1 to 4.
        classes: Number of classes, at least 2.

    Returns:
        A model from images, float32 (n, height, width, channels) in 0..1, to
        logits (n, classes).

    Raises:
        ValueError: If the images have no pixels, their channels are not 1 to 4,
            or there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=1, network="linear_classifier")
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    x = layers.Flatten(name="flatten")(inputs)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name="linear_classifier")
