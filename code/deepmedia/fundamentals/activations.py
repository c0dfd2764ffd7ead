"""Activations: what bends a network, so that it is more than one big linear map.

The functions at the top are the stable forms that losses need too; the layers below put them between dense layers.
Each layer's ``backward`` multiplies the upstream gradient by the slope da/dz; give it ones to see the slope itself.
"""

# ruff: noqa: D102 - forward and backward are described once, in Layer

import math

import numpy as np

from deepmedia.arguments import check_positive
from deepmedia.fundamentals.layers import Layer

GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715  # of Hendrycks and Gimpel's tanh form


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)); exp sees no number above 0, so nothing overflows."""
    e = np.exp(-np.abs(z))
    # z >= 0: 1 / (1 + exp(-z));  z < 0: the same times exp(z) / exp(z)
    return np.where(z >= 0, 1, e) / (1 + e)


def softplus(z: np.ndarray) -> np.ndarray:
    """log(1 + exp(z)), without overflow."""
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def log_softmax(z: np.ndarray) -> np.ndarray:
    """Logarithm of softmax along the last axis: finite for finite logits."""
    # softmax(z) = softmax(z - c) for any c; with c = max(z) no exp is above 1
    shifted = z - z.max(axis=-1, keepdims=True)  # (..., classes), all <= 0
    # log p = z - log(sum of exp z)
    sums = np.exp(shifted).sum(axis=-1, keepdims=True)  # (..., 1)
    return shifted - np.log(sums)  # (..., classes)


def softmax(z: np.ndarray) -> np.ndarray:
    """exp(z) / sum of exp(z) along the last axis: positive, sums to 1, without overflow."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # (..., classes), the largest is 1
    return e / e.sum(axis=-1, keepdims=True)  # (..., classes)


class ReLU(Layer):
    """Rectified linear unit: negative inputs become 0."""

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.is_open = z > 0
        # a = max(z, 0)
        return np.maximum(z, 0)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # da/dz = 1 for z > 0, else 0 (at z = 0 any slope from 0 to 1 would do)
        return upstream * self.is_open


class LeakyReLU(Layer):
    """A ReLU that lets a little through, so that no unit dies.

    Args:
        slope: Of the negative side.
    """

    def __init__(self, slope: float = 0.1) -> None:
        super().__init__()
        check_positive("slope", slope)
        self.slope = slope

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.is_open = z > 0
        # a = z for z > 0, else slope z
        return np.where(self.is_open, z, self.slope * z)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # da/dz = 1 for z > 0, else slope
        return np.where(self.is_open, upstream, self.slope * upstream)


class ELU(Layer):
    """Exponential linear unit: a ReLU whose negative side bends smoothly to -alpha.

    Source: Clevert et al. (2016), arXiv:1511.07289.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        check_positive("alpha", alpha)
        self.alpha = alpha

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.is_open = z > 0
        # a = z for z > 0, else alpha (exp(z) - 1)
        self.a = np.where(self.is_open, z, self.alpha * np.expm1(np.minimum(z, 0)))
        return self.a

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # da/dz = 1 for z > 0, else alpha exp(z) = a + alpha
        return upstream * np.where(self.is_open, 1, self.a + self.alpha)


class GELU(Layer):
    """Gaussian error linear unit: z times the chance that a normal number is below z, in its tanh form.

    Source: Hendrycks and Gimpel (2016), arXiv:1606.08415; equals Keras's ``gelu(approximate=True)``.
    """

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.z = z
        # t = tanh(c (z + d z^3)), c = sqrt(2/pi), d = 0.044715
        self.t = np.tanh(GELU_SCALE * (z + GELU_CUBE * z**3))
        # a = z (1 + t) / 2
        return z * (1 + self.t) / 2

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # dt/dz = (1 - t^2) c (1 + 3 d z^2)
        dt = (1 - self.t**2) * GELU_SCALE * (1 + 3 * GELU_CUBE * self.z**2)
        # da/dz = (1 + t) / 2 + z / 2 dt/dz
        return upstream * ((1 + self.t) + self.z * dt) / 2


class Sigmoid(Layer):
    """Squeezes to 0..1; its slope is at most 1/4, and almost 0 beyond |z| = 5 (saturation)."""

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        # a = 1 / (1 + exp(-z))
        self.a = sigmoid(z)
        return self.a

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # da/dz = a (1 - a)
        return upstream * self.a * (1 - self.a)


class Tanh(Layer):
    """Squeezes to -1..1, with slope 1 at 0."""

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        # a = tanh(z) = 2 sigmoid(2z) - 1
        self.a = np.tanh(z)
        return self.a

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # da/dz = 1 - a^2
        return upstream * (1 - self.a**2)


class Softmax(Layer):
    """Turns each row of logits into probabilities.

    The losses of this package take logits: use this layer to look at probabilities, not in front of a cross-entropy.
    """

    def forward(self, z: np.ndarray, *, training: bool = False) -> np.ndarray:
        # p_k = exp(z_k) / sum_j exp(z_j)
        self.p = softmax(z)  # (n, classes)
        return self.p

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # dp_k/dz_j = p_k (1[j = k] - p_j): all outputs depend on all inputs, so the slope is a matrix per row.
        # Its product with the upstream u needs no matrix: dL/dz_j = p_j (u_j - sum_k p_k u_k)
        mean = (self.p * upstream).sum(axis=-1, keepdims=True)  # (n, 1)
        return self.p * (upstream - mean)  # (n, classes)
