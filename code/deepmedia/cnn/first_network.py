"""A first convolutional network, and the linear model that it must beat.

After LeCun et al. (1998), "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86(11), Sec. II: convolution and
subsampling twice, then a classifier. Departs from it: ReLU for tanh, maximum
for average in the subsampling, one dense layer for three.
"""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.blocks import Shape, check_classes, check_input_shape

# [filters]
FILTERS = (16, 32)  # feature maps that each convolution makes
# [/filters]

Examples = tuple[NDArray[np.float32], NDArray[np.int64]]  # images and their classes


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
    # [small_cnn]
    inputs = keras.Input(input_shape, name="images")
    x = inputs
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)  # halves the sides
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name="small_cnn")
    # [/small_cnn]


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


def to_input(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey images as the models take them.

    Args:
        images: uint8 (n, height, width).

    Returns:
        float32 (n, height, width, 1) in 0..1.

    Raises:
        TypeError: If the images are not uint8, e.g. already scaled.
        ValueError: If the array is not three-dimensional.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"images must be uint8 (0..255), got {images.dtype}; are they scaled already?")
    if images.ndim != 3:
        raise ValueError(f"images must be (n, height, width), got shape {images.shape}; one image is images[None]")
    return images[..., None].astype(np.float32) / np.float32(255)


def fit(
    model: keras.Model,
    train: Examples,
    validation: Examples,
    *,
    epochs: int = 10,
    batch_size: int = 32,
) -> dict[str, list[float]]:
    """Train a model in place with Adam on the cross-entropy of its logits.

    Args:
        model: Takes images, gives logits.
        train: Images, float32 (n, height, width, channels), and classes (n,).
        validation: The same; these images only measure progress.
        epochs: Passes over the training images.
        batch_size: Images a step.

    Returns:
        A value an epoch of ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``.
        Those of training are means over the epoch, while the weights change.
    """
    # [fit]
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    log = model.fit(
        *train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        verbose=0,
    )
    return log.history
    # [/fit]
