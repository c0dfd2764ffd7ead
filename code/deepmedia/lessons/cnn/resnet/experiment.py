"""Networks whose depth is their only difference, and what is left of a photograph on its way through them.

After He et al. (2016), arXiv:1512.03385v1, Sec. 4.2, who compared plain and
residual networks on CIFAR-10. Departs from it: one stage instead of three, so that
every shortcut is the identity, and Adam, to see the effect within minutes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.blocks import classifier_head, conv_bn
from deepmedia.cnn.resnet import residual_block
from deepmedia.training.examples import LabelledImages
from deepmedia.training.fitting import fit

FILTERS = 16  # feature maps in every layer
MOMENTUM = 0.9  # short trainings need fast moving averages
BATCH = 128  # photographs a step
SHALLOW, DEEP = 2, 20  # blocks of two convolutions


def stacked_network(
    blocks: int,
    *,
    shortcut: bool = True,
) -> keras.Model:
    """A convolution, a stack of equal blocks on maps of 7x7, a classifier.

    Args:
        blocks: Blocks of two convolutions, at least 1; the network has 2 * blocks + 2 layers of weights.
        shortcut: Whether the blocks are residual; the parameters are the same either way.

    Returns:
        A model from images, float32 (n, 28, 28, 1), to logits (n, 10).

    Raises:
        ValueError: If there is no block.
    """
    if blocks < 1:
        raise ValueError(f"blocks must be at least 1, got {blocks}")
    inputs = keras.Input((28, 28, 1), name="images")
    x = conv_bn(inputs, FILTERS, 3, momentum=MOMENTUM, name="stem")
    x = layers.MaxPooling2D(4, name="stem_pool")(x)  # 7x7
    for block in range(1, blocks + 1):
        x = residual_block(
            x,
            FILTERS,
            momentum=MOMENTUM,
            shortcut=shortcut,
            name=f"block{block}",
        )
    logits = classifier_head(x, 10)
    kind = "residual" if shortcut else "plain"
    return keras.Model(inputs, logits, name=f"{kind}_{2 * blocks + 2}")


def train_stacked_network(
    blocks: int,
    train: LabelledImages,
    *,
    shortcut: bool,
    epochs: int,
    learning_rate: float = 1e-3,
    seed: int,
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Build a network of equal blocks and train it with Adam.

    Args:
        blocks: Blocks of two convolutions.
        train: Images, float32 (n, 28, 28, 1), and classes (n,).
        shortcut: Whether the blocks are residual.
        epochs: Passes over the training images.
        learning_rate: Of Adam; it stays the same throughout.
        seed: Of the first weights and the order of the images.

    Returns:
        The network, and its `loss` and `accuracy` in each epoch: means while the weights change.
    """
    keras.utils.set_random_seed(seed)
    model = stacked_network(blocks, shortcut=shortcut)
    history = fit(model, train, optimizer=keras.optimizers.Adam(learning_rate), epochs=epochs, batch_size=BATCH)
    return model, history


def best_rows(rows: Sequence[dict], *, network: str, layers: int) -> list[dict]:
    """A network's rows of the study at the learning rate that suits it best.

    Args:
        rows: Of the study "degradation".
        network: "plain" or "residual".
        layers: Its depth.

    Returns:
        One row a seed; of the learning rates, the one with the lowest mean loss in
        the last epoch. One whose loss is not a number comes after all others.

    Raises:
        ValueError: If no row is of such a network.
    """
    by_rate: dict[float, list[dict]] = {}
    for row in rows:
        if (row["network"], row["layers"]) == (network, layers):
            by_rate.setdefault(row["learning_rate"], []).append(row)
    if not by_rate:
        there = ", ".join(sorted({f"{row['network']!r} with {row['layers']}" for row in rows})) or "none"
        raise ValueError(f"network and layers must be those of a row, got {network!r} with {layers}; there are {there}")
    return min(by_rate.values(), key=_last_loss)


def probe(features: NDArray, labels: NDArray) -> float:
    """How well the classes can be read off features by a linear classifier.

    The first half of the images sets its weights by least squares, the second
    half is scored. The mean and the spread that scale the features come from all
    images; no label takes part in them.

    Args:
        features: Numbers that describe each image, float (n, features).
        labels: Classes, int (n,).

    Returns:
        The share of the second half that is right.

    Raises:
        ValueError: If there are fewer than two images, or not one label for each.
    """
    if len(features) != len(labels) or len(labels) < 2:
        raise ValueError(
            f"features and labels must be of the same two or more images, got {len(features)}, {len(labels)}"
        )
    spread = features.std(axis=0) + 1e-7  # 0 for a map that is dead
    scaled = (features - features.mean(axis=0)) / spread
    inputs = np.column_stack([scaled, np.ones(len(scaled))])
    targets = np.eye(labels.max() + 1)[labels]
    half = len(labels) // 2
    weights = np.linalg.lstsq(inputs[:half], targets[:half], rcond=1e-6)[0]
    answers = (inputs[half:] @ weights).argmax(axis=1)
    return float(np.mean(answers == labels[half:]))


def block_means(model: keras.Model, images: NDArray) -> list[NDArray]:
    """What each block of a network puts out: the mean of each feature map.

    Args:
        model: A network from `stacked_network`; it is left as it was.
        images: float32 (n, 28, 28, 1). They go through the network in batches of
            500, each normalised by its own mean and variance, as in training.

    Returns:
        Means, float32 (n, 16), for each block in order.
    """
    outputs = [layer.output for layer in model.layers if layer.name.endswith("_out")]
    means = keras.Model(model.input, [keras.ops.mean(maps, axis=(1, 2)) for maps in outputs])
    compiled = tf.function(partial(means, training=True))  # holds less in memory than a call layer by layer
    batches = [images[start : start + 500] for start in range(0, len(images), 500)]
    with _unchanged(model):
        found = [keras.tree.flatten(compiled(tf.constant(batch))) for batch in batches]
    return [np.concatenate([np.array(part) for part in parts]) for parts in zip(*found, strict=True)]


def gradient_sizes(model: keras.Model, images: NDArray, labels: NDArray) -> list[float]:
    """How strongly the loss pulls at each block: the length of its gradient by the block's first kernel.

    Args:
        model: A network from `stacked_network`; it is left as it was.
        images: float32 (n, 28, 28, 1).
        labels: Classes, int (n,).

    Returns:
        A length (square root of the sum of squares) for each block in order.
    """
    kernels = [layer.kernel for layer in model.layers if layer.name.endswith("_1_conv")]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with _unchanged(model), tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    return [float(tf.norm(gradient)) for gradient in tape.gradient(value, kernels)]


def _last_loss(rows: Sequence[dict]) -> float:
    """The mean loss of the last epoch; infinity if it is not a number, since NaN compares with nothing."""
    mean = float(np.mean([row["losses"][-1] for row in rows]))
    return np.inf if np.isnan(mean) else mean


@contextmanager
def _unchanged(model: keras.Model) -> Iterator[None]:
    """A pass in training mode moves the averages of the batch normalisation; put them back."""
    before = [weight.copy() for weight in model.get_weights()]
    try:
        yield
    finally:
        model.set_weights(before)
