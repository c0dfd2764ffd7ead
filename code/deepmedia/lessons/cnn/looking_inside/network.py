"""A small network without a layer that knows places: convolutions, an average, a linear layer.

Its end is that of Zhou et al. (2016), "Learning Deep Features for Discriminative
Localization", arXiv:1512.04150: what it found at each place is averaged, so the
place of what it found can be read off its last maps.
"""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.blocks import Shape, check_classes, check_input_shape, classifier_head, conv_bn

# [stages]
# maps, kernel, stride
STAGES = ((16, 5, 2), (32, 3, 1), (64, 3, 1), (64, 3, 1))
POOLED = 2  # the stage after which max-pooling halves the maps
# [/stages]
LAST_MAPS = "stage4_relu"


def localising_network(input_shape: Shape, *, classes: int = 10) -> keras.Model:
    """Four convolutions, the mean of each map over all places, one logit a class.

    Args:
        input_shape: Height, width and channels; height and width at least 8.
        classes: Number of classes, at least 2.

    Returns:
        A model from images, float32 (n, height, width, channels) in 0..1, to
        logits (n, classes). Its last maps, a quarter as high and wide as the
        image, are the output of the layer `LAST_MAPS`.

    Raises:
        ValueError: If it can't take such images, or there are fewer than two classes.
    """
    check_input_shape(input_shape, smallest=8, network="localising_network")
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    x = inputs
    for number, (filters, size, strides) in enumerate(STAGES, start=1):
        name = f"stage{number}"
        x = conv_bn(x, filters, size, strides=strides, momentum=0.9, name=name)
        if number == POOLED:
            x = layers.MaxPooling2D(2, name="pool")(x)
    outputs = classifier_head(x, classes)
    return keras.Model(inputs, outputs, name="localising_network")


def fit_in_batches(
    model: keras.Model,
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    epochs: int,
    batch_size: int = 64,
    learning_rate: float = 3e-3,
    seed: int = 0,
) -> list[float]:
    """Train a model in place with Adam, its learning rate falling to 0 along a cosine.

    Unlike Keras's `fit` it makes no second copy of the images: 12,000 scenes take 150 MB.

    Args:
        model: From images to logits.
        images: float32 (n, height, width, channels).
        labels: Their classes, integers (n,).
        epochs: Passes over the images, at least 1; what fills no batch is left out of a pass.
        batch_size: Images a step, at most n.
        learning_rate: At the first step.
        seed: Of the order of the images.

    Returns:
        The mean loss of each epoch, while the weights change.

    Raises:
        ValueError: If images and labels differ in number, or fill no batch or epoch.
    """
    if len(images) != len(labels):
        raise ValueError(f"labels must be one for each of the {len(images)} images, got {len(labels)}")
    if epochs < 1 or not 1 <= batch_size <= len(images):
        raise ValueError(
            f"epochs must be at least 1 and batch_size between 1 and {len(images)}, got {epochs} and {batch_size}"
        )
    steps, random = len(images) // batch_size, np.random.default_rng(seed)
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    losses = []
    for _ in range(epochs):
        order, total = random.permutation(len(images))[: steps * batch_size], 0.0
        for rows in order.reshape(steps, batch_size):
            model.reset_metrics()  # else some versions return a running mean
            total += float(model.train_on_batch(images[rows], labels[rows]))
        losses.append(total / steps)
    return losses
