"""One network four times: in NumPy, and three ways in TensorFlow, from the same first weights and on the same batches.

The ways are a step written with variables and a tape, Keras's ``fit``, and ``fit`` with a training step of our own. All
take a gradient step of the mean cross-entropy,

    w <- w - rate * dL/dw,

so whatever differs afterwards is rounding, or a mistake.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from deepmedia.arguments import check_count
from deepmedia.fundamentals import (
    CategoricalCrossEntropy,
    Dense,
    Layer,
    Momentum,
    Network,
    ReLU,
    he_normal,
    minibatches,
)
from deepmedia.fundamentals.weight_files import copy_to_keras
from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402

Variables = Sequence[tf.Variable]
Weights = list[np.ndarray]  # weights and bias of each layer in turn
Batches = list[tuple[np.ndarray, np.ndarray]]  # images (n, pixels) and labels (n,) of each batch of an epoch


def numpy_network(sizes: Sequence[int], *, seed: int = 0) -> Network:
    """Dense layers with ReLU between them, in NumPy.

    Args:
        sizes: Pixels, units of each hidden layer, classes; e.g. (64, 256, 10).
        seed: Of the first weights.
    """
    _check_sizes(sizes)
    generator = np.random.default_rng(seed)
    parts: list[Layer] = []
    for inputs, units in itertools.pairwise(sizes[:-1]):
        parts += [Dense(inputs, units, initialiser=he_normal, seed=generator), ReLU()]
    return Network([*parts, Dense(*sizes[-2:], seed=generator)])


def keras_network(sizes: Sequence[int], *, model_class: type[keras.Model] = keras.Model) -> keras.Model:
    """The same layers in Keras, with first weights of Keras's own.

    Args:
        sizes: As for ``numpy_network``.
        model_class: ``keras.Model``, or a class of ours with another training step.
    """
    _check_sizes(sizes)
    pixels, *hidden, classes = sizes
    images = keras.Input((pixels,), name="images")
    x = images
    for number, units in enumerate(hidden, start=1):
        x = layers.Dense(units, activation="relu", name=f"hidden{number}")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return model_class(images, logits)


def logits_of(variables: Variables, images: tf.Tensor) -> tf.Tensor:
    """Logits (n, classes) of a network with one hidden layer."""
    w1, b1, w2, b2 = variables
    hidden = tf.nn.relu(images @ w1 + b1)  # (n, hidden)
    return hidden @ w2 + b2  # (n, classes)


def tape_step(
    variables: Variables,
    images: tf.Tensor,
    labels: tf.Tensor,
    rate: float | tf.Variable,
) -> tf.Tensor:
    """A gradient step; the mean loss before it."""
    with tf.GradientTape() as tape:
        logits = logits_of(variables, images)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, variables)
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(rate * gradient)
    return loss


@keras.saving.register_keras_serializable("deepmedia")  # for load_model
class OwnStep(keras.Model):
    """A Keras model whose ``fit`` takes this step for each batch."""

    def train_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, Any]:
        """Images and labels of a batch, and their weights if there are any; the metrics so far."""
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            logits = self(images, training=True)
            loss = self.compute_loss(images, labels, logits, weights)
            scaled = self.optimizer.scale_loss(loss)  # for float16
        gradients = tape.gradient(scaled, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        mean_loss, *_ = self.metrics  # the others are updated below
        mean_loss.update_state(loss, sample_weight=tf.shape(images)[0])
        return self.compute_metrics(images, labels, logits, weights)


def epochs_of(images: np.ndarray, labels: np.ndarray, *, epochs: int, batch_size: int, seed: int) -> Iterator[Batches]:
    """The batches of each epoch, in the order that ``Network.fit`` takes with this seed."""
    check_count("epochs", epochs)
    for epoch in range(epochs):
        rows = minibatches(len(images), batch_size, seed=seed, epoch=epoch)
        yield [(images[batch], labels[batch]) for batch in rows]


def train_numpy(
    network: Network, epochs: Iterator[Batches], *, rate: float, momentum: float = 0.0
) -> Iterator[Weights]:
    """Train a copy of the network; its weights after each epoch."""
    network, loss = network.copy(), CategoricalCrossEntropy()
    optimiser = Momentum(rate, momentum=momentum)  # with momentum 0, plain gradient descent
    for batches in epochs:
        for images, labels in batches:
            network.train_step(images, labels, loss=loss, optimiser=optimiser)
        yield [array.copy() for array in network.parameters.values()]


def train_tape(network: Network, epochs: Iterator[Batches], *, rate: float) -> Iterator[Weights]:
    """Train variables with the tape; the weights after each epoch."""
    variables = [tf.Variable(array) for array in network.parameters.values()]
    step = tf.function(tape_step)
    for batches in epochs:
        for images, labels in batches:
            step(variables, images, labels, rate)
        yield [variable.numpy() for variable in variables]


def train_keras(
    network: Network,
    epochs: Iterator[Batches],
    *,
    rate: float,
    model_class: type[keras.Model] = keras.Model,
) -> Iterator[Weights]:
    """Train a Keras model with ``fit``; the weights after each epoch."""
    model = keras_network(sizes_of(network), model_class=model_class)
    copy_to_keras(network, model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss)
    for batches in epochs:
        images, labels, size = joined(batches)
        model.fit(images, labels, batch_size=size, shuffle=False, verbose=0)
        yield model.get_weights()


def train_own_step(network: Network, epochs: Iterator[Batches], *, rate: float) -> Iterator[Weights]:
    """The same with the training step of ``OwnStep``."""
    return train_keras(network, epochs, rate=rate, model_class=OwnStep)


def joined(batches: Batches) -> tuple[np.ndarray, np.ndarray, int]:
    """Images and labels of an epoch in its order, and the size of all batches but perhaps the last."""
    images, labels = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    return images, labels, len(batches[0][0])


WAYS = {"variables and tape": train_tape, "Keras fit": train_keras, "own training step": train_own_step}


def differences(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    dtype: str,
    hidden: int = 64,
    rate: float = 0.2,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 0,
) -> dict[str, list[float]]:
    """How far each way is from NumPy: the largest difference of a weight, after each epoch.

    Args:
        images: Float (n, pixels).
        labels: Classes (n,), 0 to 9.
        dtype: ``"float32"`` or ``"float64"``: the precision of all four.
        hidden: Units of the hidden layer.
        rate: Learning rate of plain gradient descent.
        epochs: Passes over the images.
        batch_size: Images of a step.
        seed: Of the first weights and of the order.
    """
    images = images.astype(dtype)
    network = numpy_network((images.shape[1], hidden, 10), seed=seed).cast(np.dtype(dtype).type)
    runs = {}
    with precision(dtype):
        for name, train in {"NumPy": train_numpy, **WAYS}.items():
            order = epochs_of(images, labels, epochs=epochs, batch_size=batch_size, seed=seed)
            runs[name] = list(train(network, order, rate=rate))
    return {
        name: [largest_difference(own, ours) for own, ours in zip(runs[name], runs["NumPy"], strict=True)]
        for name in WAYS
    }


def largest_difference(first: Weights, second: Weights) -> float:
    """The largest absolute difference of two numbers at the same place."""
    return max(float(np.abs(one - other).max()) for one, other in zip(first, second, strict=True))


def sizes_of(network: Network) -> tuple[int, ...]:
    """Pixels, hidden units and classes of a network of ``numpy_network``."""
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    return (dense[0].parameters["weights"].shape[0], *(len(layer.parameters["bias"]) for layer in dense))


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Keras computes in this precision inside the block."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def _check_sizes(sizes: Sequence[int]) -> None:
    if len(sizes) < 2:
        raise ValueError(f"sizes must be pixels, hidden units and classes, at least two numbers, got {tuple(sizes)}")
