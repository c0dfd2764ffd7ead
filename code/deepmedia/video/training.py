"""Training of networks from a video's features to its topics, and the book's best model on YouTube-8M.

Sources: losses.py of https://github.com/google/youtube-8m for the loss, here from logits and hence without its 1e-5;
Zhang et al. (2018), "mixup: Beyond Empirical Risk Minimization", arXiv:1710.09412, for the mixing, here with a uniform
share in place of one by a beta distribution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count, check_positive
from deepmedia.datasets.youtube8m import TOPICS, VISUAL
from deepmedia.training.recipe import schedule
from deepmedia.video.kernel_ridge import KernelRidge, fit_kernel_ridge
from deepmedia.video.metrics import multi_hot
from deepmedia.video.models import video_network

# [recipe]
EPOCHS, BATCH, PEAK_RATE = 12, 128, 2e-3
MIXING = 0.5  # a training video is mixed with up to this share of another one
# [/recipe]
SCORED_TOGETHER = 1024  # videos


def tagging_loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The binary cross-entropies of a video's topics, summed; the mean over the videos.

    Args:
        labels: 0..1, float32 (n, classes).
        logits: float32 (n, classes).

    Returns:
        One number.
    """
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)  # (n, classes)
    return tf.reduce_mean(tf.reduce_sum(each, axis=1))


def mix_videos(features: tf.Tensor, labels: tf.Tensor, random: tf.random.Generator) -> tuple[tf.Tensor, tf.Tensor]:
    """Each video of a batch with a share of another one, its topics mixed alike.

    Args:
        features: float32 (n, width).
        labels: float32 (n, classes).
        random: Draws the other video, and its share, 0 to `MIXING`.

    Returns:
        Both, mixed.
    """
    count = tf.shape(features)[0]
    share = random.uniform((count, 1), 0, MIXING)
    other = tf.argsort(random.uniform((count,)))
    mixed = (1 - share) * features + share * tf.gather(features, other)
    return mixed, (1 - share) * labels + share * tf.gather(labels, other)


def fit_videos(
    model: keras.Model,
    features: ArrayLike,
    labels: Sequence[ArrayLike],
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH,
    peak: float = PEAK_RATE,
    mixes: bool = True,
    seed: int = 0,
) -> list[float]:
    """Train a network in place, by Adam with a learning rate that rises and falls.

    Its last biases first become the log odds of the topics, so that it starts with the share of each.

    Args:
        model: One of `deepmedia.video.models`: features, float32 (n, width), to logits (n, classes).
        features: (n, width), finite.
        labels: Of each video its topics, integers.
        epochs: Passes over the videos.
        batch_size: Videos a step; the last ones of an epoch that don't fill a batch are left out of it.
        peak: The highest learning rate.
        mixes: Whether each video is mixed with another one (`mix_videos`).
        seed: Of the order of the videos and of the mixing.

    Returns:
        The mean loss of each epoch.

    Raises:
        TypeError: If a number is not of its kind.
        ValueError: If features, labels and the model don't fit together, or a number is out of its range.
    """
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        check_count(name, value)
    check_positive("peak", peak)
    values = as_floats(features, "features").astype(np.float32, copy=False)
    if values.shape[1:] != model.input_shape[1:]:
        raise ValueError(f"features must be (n, {model.input_shape[-1]}) for this model, got {values.shape}")
    if len(values) != len(labels) or len(values) < 2:
        raise ValueError(f"labels must be one list for each of at least 2 videos, got {len(labels)} for {len(values)}")
    targets = multi_hot(labels, model.output_shape[-1])
    start_at_frequencies(model, targets)
    batch_size = min(batch_size, len(values))
    steps = len(values) // batch_size * epochs
    optimizer = keras.optimizers.Adam(schedule(max(2, steps), peak=peak))
    optimizer.build(model.trainable_variables)
    step = _training_step(model, optimizer, tf.random.Generator.from_seed(seed) if mixes else None)
    order, losses = np.random.default_rng(seed), []
    for _ in range(epochs):
        rows = order.permutation(len(values))[: len(values) // batch_size * batch_size].reshape(-1, batch_size)
        losses.append(float(np.mean([float(step(values[batch], targets[batch])) for batch in rows])))
    return losses


def start_at_frequencies(model: keras.Model, targets: NDArray[np.uint8]) -> None:
    """Set the last biases to the log odds of each topic among the training videos.

    Args:
        model: One of `deepmedia.video.models`; in a mixture each expert gets the log odds.
        targets: 0 or 1 (videos, classes).
    """
    share = (targets.sum(axis=0) + 0.1) / (len(targets) + 1)  # never 0 nor 1
    names = [layer.name for layer in model.layers]
    bias = model.get_layer("experts" if "experts" in names else "logits").bias
    bias.assign(np.repeat(np.log(share / (1 - share)), bias.shape[0] // len(share)))


def video_scores(model: keras.Model, features: ArrayLike) -> NDArray[np.float32]:
    """The probabilities of a network's logits.

    Args:
        model: Features (n, width) to logits (n, classes).
        features: (n, width), finite.

    Returns:
        float32 (n, classes), 0..1.
    """
    values = as_floats(features, "features").astype(np.float32, copy=False)
    parts = [values[start : start + SCORED_TOGETHER] for start in range(0, len(values), SCORED_TOGETHER)]
    return np.concatenate([tf.sigmoid(model(part, training=False)).numpy() for part in parts])


@dataclass(frozen=True, eq=False)
class VideoClassifier:
    """A network and a kernel ridge regression, whose answers are averaged; from `train_video_classifier`."""

    network: keras.Model
    kernel: KernelRidge
    losses: tuple[float, ...]  # of the network, one an epoch

    def scores(self, features: ArrayLike) -> NDArray[np.float32]:
        """How likely each topic is: features (n, width) to float32 (n, classes), 0..1."""
        both = video_scores(self.network, features) + self.kernel.scores(features)
        return (both / 2).astype(np.float32)


def train_video_classifier(
    features: ArrayLike,
    labels: Sequence[ArrayLike],
    *,
    classes: int = TOPICS,
    visual: int = VISUAL,
    epochs: int = EPOCHS,
    seed: int = 0,
    network: Callable[..., keras.Model] = video_network,
) -> VideoClassifier:
    """The book's best model on YouTube-8M at video level.

    Args:
        features: (n, width), finite.
        labels: Of each video its topics, integers.
        classes: How many topics there are.
        visual: How many of the features, the first ones, are of the pictures.
        epochs: Passes of the network over the videos.
        seed: Of all that is drawn.
        network: Builds the network from the width, `classes` and `visual`.

    Returns:
        The trained model.

    Raises:
        TypeError: If a number is not of its kind.
        ValueError: If features and labels don't fit together, or a number is out of its range.
    """
    keras.utils.set_random_seed(seed)
    values = as_floats(features, "features").astype(np.float32, copy=False)
    kernel = fit_kernel_ridge(values, labels, classes=classes, visual=visual, seed=seed)
    model = network(values.shape[1], classes=classes, visual=visual)
    losses = fit_videos(model, values, labels, epochs=epochs, seed=seed)
    return VideoClassifier(model, kernel, tuple(losses))


def _training_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, random: tf.random.Generator | None
) -> Callable[[NDArray[np.float32], NDArray[np.uint8]], tf.Tensor]:
    @tf.function(reduce_retracing=True)
    def step(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        labels = tf.cast(labels, tf.float32)
        if random is not None:
            features, labels = mix_videos(features, labels, random)
        with tf.GradientTape() as tape:
            loss = tagging_loss(labels, model(features, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return lambda features, labels: step(tf.constant(features), tf.constant(labels))
