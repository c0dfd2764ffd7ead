"""How large the numbers in a deep network are: scores on the way forward, gradients on the way back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_floats, check_count
from deepmedia.fundamentals.initialisation import Initialiser
from deepmedia.fundamentals.layers import Dense, Flatten, Layer
from deepmedia.fundamentals.losses import Loss
from deepmedia.fundamentals.network import Network

WIDTH = 64  # units of each hidden layer


@dataclass(frozen=True)
class Flow:
    """Sizes at each dense layer, first to last, float (layers,) each. A size is the root of the mean of squares.

    Attributes:
        scores: Of the layer's output z.
        gradients: Of dL/dz.
    """

    scores: np.ndarray
    gradients: np.ndarray


def deep_network(
    activation: type[Layer], initialiser: Initialiser, *, depth: int, inputs: int = 64, classes: int = 10, seed: int = 0
) -> Network:
    """Hidden dense layers of equal width, an activation behind each, and a last dense layer for the logits.

    Args:
        activation: A class of activation, such as ``ReLU``.
        initialiser: Draws the weights of all dense layers.
        depth: Number of hidden layers.
        inputs: Numbers of an example, after flattening.
        classes: Number of logits.
        seed: Of the one generator that serves all layers.
    """
    check_count("depth", depth)
    generator = np.random.default_rng(seed)
    layers: list[Layer] = [Flatten()]
    for fan_in in [inputs] + [WIDTH] * (depth - 1):
        layers.append(Dense(fan_in, WIDTH, initialiser=initialiser, seed=generator))
        layers.append(activation())
    layers.append(Dense(WIDTH, classes, initialiser=initialiser, seed=generator))
    return Network(layers)


def measure_flow(network: Network, loss: Loss, x: ArrayLike, y: ArrayLike) -> Flow:
    """Send a batch through a network and its gradient back, and note the sizes at each dense layer.

    Args:
        network: Any layers.
        loss: A loss of outputs and targets.
        x: Inputs (n, ...).
        y: Targets, as the loss takes them.
    """
    outputs, scores, gradients = as_floats(x, "x"), [], []
    for layer in network.layers:
        outputs = layer.forward(outputs, training=True)
        if isinstance(layer, Dense):
            scores.append(size(outputs))
    upstream = loss.gradient(outputs, y)
    for layer in reversed(network.layers):
        if isinstance(layer, Dense):
            gradients.append(size(upstream))
        upstream = layer.backward(upstream)
    return Flow(np.array(scores), np.array(gradients[::-1]))


def size(numbers: np.ndarray) -> float:
    """Root of the mean of squares.

    >>> size(np.array([3.0, -4.0, 0.0, 0.0]))
    2.5
    """
    return float(np.sqrt(np.mean(np.square(numbers, dtype=np.float64))))
