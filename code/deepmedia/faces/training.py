"""Training a network whose embeddings are compared, by any loss of labels and embeddings."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.faces.batches import balanced_batches
from deepmedia.faces.losses import semi_hard_triplet_loss
from deepmedia.faces.networks import normalise
from deepmedia.training.recipe import schedule

EmbeddingLoss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # of labels (n,) and unit embeddings (n, size), a number
Change = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # images (n, height, width, channels) and a seed: images anew
PEAK_RATE = 2e-3  # learning rate, after the warm-up
WEIGHT_DECAY = 0.05  # AdamW's
AT_ONCE = 64  # images that are embedded at a time: with 256 it takes a third less time, but 280 MB more


def fit_embeddings(
    model: keras.Model,
    images: NDArray[np.float32],
    labels: ArrayLike,
    *,
    loss: EmbeddingLoss = semi_hard_triplet_loss,
    steps: int = 500,
    identities: int = 24,
    images_each: int = 4,
    augment: Change | None = None,
    peak: float = PEAK_RATE,
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train a model in place: batches of some images of some identities, unit embeddings, AdamW.

    Args:
        model: From images to embeddings (n, size); they are brought to length one here.
        images: float32 (n, height, width, channels), preprocessed as the model wants them.
        labels: Identity of each image, integers (n,).
        loss: Of the labels and unit embeddings of a batch. A Keras layer's own weights, such as ArcFace's centres,
            are trained with the model's.
        steps: Batches, at least 2.
        identities: In a batch, at least 2.
        images_each: Of each identity in a batch, at least 2.
        augment: Changes the images of a batch by a seed (two integers), such as `deepmedia.cnn.augmentation.augment`.
        peak: The highest learning rate; it rises and falls as in `deepmedia.training.schedule`.
        seed: Of the batches and the changes.

    Returns:
        A value a step of ``loss``, and of ``spread``: the mean distance of two embeddings of a batch, 0..2. A network
        that collapses to one point ends near 0, and its loss near the margin.

    Raises:
        TypeError: If labels are not integers.
        ValueError: If images and labels differ in number, or batches can't be made (`balanced_batches`).
    """
    check_count("steps", steps)
    known = np.asarray(labels)
    if known.shape != (len(images),):
        raise ValueError(f"labels must be one for each of {len(images)} images, got shape {known.shape}")
    batches = balanced_batches(known, identities=identities, images=images_each, steps=steps, seed=seed)
    optimizer = keras.optimizers.AdamW(schedule(steps, peak=peak), weight_decay=WEIGHT_DECAY)
    variables = [*model.trainable_variables, *getattr(loss, "trainable_variables", ())]
    optimizer.build(variables)

    @tf.function
    def step(faces: tf.Tensor, people: tf.Tensor, draw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if augment is not None:
            faces = augment(faces, draw)
        with tf.GradientTape() as tape:
            embeddings = normalise(model(faces, training=True))
            value = loss(people, embeddings)
        optimizer.apply(tape.gradient(value, variables), variables)
        return value, mean_distance(embeddings)

    log: dict[str, list[float]] = {"loss": [], "spread": []}
    for number, rows in enumerate(batches):
        draw = tf.constant([seed, number])
        value, spread = step(tf.constant(images[rows]), tf.constant(known[rows]), draw)
        log["loss"].append(float(value))
        log["spread"].append(float(spread))
    return log


def mean_distance(embeddings: tf.Tensor) -> tf.Tensor:
    """Mean Euclidean distance of two different embeddings, float (n, size) with n at least 2."""
    count = tf.shape(embeddings)[0]
    squares = tf.reduce_sum((embeddings[:, None] - embeddings[None]) ** 2, axis=-1)
    return tf.reduce_sum(tf.sqrt(squares)) / tf.cast(count * (count - 1), embeddings.dtype)


def embed(model: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit embeddings of images.

    Args:
        model: From images to embeddings (n, size).
        images: float32 (n, height, width, channels), preprocessed as in the training.

    Returns:
        float32 (n, size), each of length one.

    Raises:
        ValueError: If there is no image.
    """
    if len(images) == 0:
        raise ValueError("images must hold at least one face, got none")
    parts = [normalise(model(images[at : at + AT_ONCE], training=False)) for at in range(0, len(images), AT_ONCE)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])
