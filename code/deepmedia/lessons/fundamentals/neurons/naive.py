"""Textbook formulas that break in floating point, kept to be broken on a page.

They are right on paper and return inf, NaN or 0 for large inputs, with NumPy's warning. The stable forms are in
``activations`` and ``losses``.
"""

import numpy as np


def naive_sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)): exp overflows below z = -88 in float32 (-709 in float64)."""
    return 1 / (1 + np.exp(-z))


def naive_softmax(z: np.ndarray) -> np.ndarray:
    """exp(z) / sum of exp(z) along the last axis: inf / inf = NaN above z = 88 in float32 (709 in float64)."""
    e = np.exp(z)  # (..., classes)
    return e / e.sum(axis=-1, keepdims=True)  # (..., classes)


def naive_cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """-mean of log p(label): infinite as soon as one probability was rounded to 0."""
    p = probabilities[np.arange(len(labels)), labels]  # (n,)
    return float(-np.log(p).mean())


def naive_binary_cross_entropy(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """-mean of y log p + (1 - y) log(1 - p): NaN (0 * inf) as soon as one p was rounded to 0 or 1."""
    losses = -(targets * np.log(probabilities) + (1 - targets) * np.log(1 - probabilities))  # (n,)
    return float(losses.mean())
