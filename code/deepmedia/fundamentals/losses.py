"""Losses: one number that says how wrong the outputs are, and its gradient.

``value`` is a mean over the rows, so that it does not grow with the batch. ``gradient`` is dL/d(outputs), in their
shape: what ``Network.backward`` starts from. Nothing is kept between the two calls.

The cross-entropies take logits, the numbers before softmax or sigmoid: log and exp then meet in one stable formula, and
the gradient is p - y. ``naive`` holds the two-step forms that break.
"""

# ruff: noqa: D102 - value and gradient are described once, in Loss

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_floats, as_fractions, as_labels_of, as_targets_of, check_fraction
from deepmedia.fundamentals.activations import log_softmax, sigmoid, softmax, softplus

PROBABILITY_TOLERANCE = 1e-5  # how far from 1 the sum of a float32 row of probabilities may lie


class Loss:
    """What all losses of outputs and targets share.

    Attributes:
        takes_logits: Whether a softmax or sigmoid in front of this loss would be a mistake.
    """

    takes_logits = False

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        """Mean loss of the rows."""
        raise NotImplementedError(f"{type(self).__name__} must define value")

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        """dL/d(outputs), in the shape of the outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient")

    def check_targets(self, targets: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        """The targets, checked against outputs of this shape."""
        return as_targets_of(targets, shape)

    def correct(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray | None:
        """Which outputs mean the right class, bool; None where there are no classes."""
        return None

    def _pair(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        outputs = as_floats(outputs, "outputs")
        return outputs, self.check_targets(targets, outputs.shape)


class SquaredError(Loss):
    """Mean of the squared differences, over rows and units (Keras: ``MeanSquaredError``)."""

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        outputs, targets = self._pair(outputs, targets)
        # L = 1/N sum (y_hat - y)^2, N = rows * units
        return float(((outputs - targets) ** 2).mean())

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        outputs, targets = self._pair(outputs, targets)
        # dL/dy_hat = 2 (y_hat - y) / N
        return (2 / outputs.size * (outputs - targets)).astype(outputs.dtype)  # (n, units)


class BinaryCrossEntropy(Loss):
    """Cross-entropy of yes-or-no questions, from logits: one unit, or several independent ones (multi-label).

    Targets have the outputs' shape ((n,) also serves outputs (n, 1)) and lie in 0..1. A batch of probabilities given
    for logits can't be told from its values, since logits may well lie in 0..1; ``Network`` sees a last Sigmoid.

    Args:
        label_smoothing: Part of each target that is moved to 1/2.
        accept_probabilities: Let a network train that ends in Sigmoid or Softmax (to show what goes wrong).
    """

    takes_logits = True

    def __init__(self, *, label_smoothing: float = 0.0, accept_probabilities: bool = False) -> None:
        check_fraction("label_smoothing", label_smoothing)
        self.label_smoothing, self.accept_probabilities = label_smoothing, accept_probabilities

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        z, y = self._smoothed(outputs, targets)
        # -y log p - (1 - y) log(1 - p) with p = sigmoid(z) is softplus(z) - y z, and needs no p
        return float((softplus(z) - y * z).mean())

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        z, y = self._smoothed(outputs, targets)
        # dL/dz = (p - y) / N, N = rows * units
        return (sigmoid(z) - y) / z.size  # (n, units)

    def check_targets(self, targets: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        return as_fractions(as_targets_of(targets, shape))

    def correct(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        outputs, targets = self._pair(outputs, targets)
        return (outputs > 0) == (targets > 0.5)  # z > 0 is p > 1/2

    def _smoothed(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        z, y = self._pair(outputs, targets)
        # y' = (1 - e) y + e / 2
        return z, ((1 - self.label_smoothing) * y + self.label_smoothing / 2).astype(z.dtype)


class CategoricalCrossEntropy(Loss):
    """Cross-entropy of one class out of K, from logits (n, K) and class numbers (n,).

    Probabilities given for logits train badly and in silence, hence an error: it is raised if every row lies in 0..1
    and sums to 1 within 1e-5. Real logits do that by chance in about one row of a million, so a false alarm needs
    a batch of very few rows, or logits made by hand such as [[1, 0]]; ``accept_probabilities=True`` turns it off.

    Args:
        label_smoothing: Part of the target that is spread evenly over all classes.
        accept_probabilities: Take what looks like probabilities for logits (to show what goes wrong).

    Source: smoothing as in Szegedy et al. (2016), arXiv:1512.00567.
    """

    takes_logits = True

    def __init__(self, *, label_smoothing: float = 0.0, accept_probabilities: bool = False) -> None:
        check_fraction("label_smoothing", label_smoothing)
        self.label_smoothing, self.accept_probabilities = label_smoothing, accept_probabilities

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        logits, labels = self._pair(outputs, targets)
        q = self._target_distribution(labels, logits)  # (n, K)
        # L = -1/n sum_i sum_k q_ik log p_ik
        return float(-(q * log_softmax(logits)).sum(axis=1).mean())

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        logits, labels = self._pair(outputs, targets)
        q = self._target_distribution(labels, logits)  # (n, K)
        # dL/dz = (p - q) / n
        return (softmax(logits) - q) / len(logits)  # (n, K)

    def check_targets(self, targets: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        return as_labels_of(targets, shape)

    def correct(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        return np.asarray(outputs).argmax(axis=1) == self.check_targets(targets, np.shape(outputs))

    def _target_distribution(self, labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
        # q_k = (1 - e) 1[k = label] + e / K
        q = np.full_like(logits, self.label_smoothing / logits.shape[1])  # (n, K)
        q[np.arange(len(labels)), labels] += 1 - self.label_smoothing
        return q

    def _pair(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        logits, labels = super()._pair(outputs, targets)
        if not self.accept_probabilities and looks_like_probabilities(logits):
            raise ValueError(
                "outputs must be logits, got what looks like probabilities: every row lies in 0..1 and sums to 1; "
                "leave out the softmax, or pass accept_probabilities=True if these are logits after all"
            )
        return logits, labels


def looks_like_probabilities(rows: np.ndarray) -> bool:
    """Whether every row (n, K) lies in 0..1 and sums to 1 to within rounding."""
    if rows.min() < 0 or rows.max() > 1:
        return False
    return bool((np.abs(rows.sum(axis=-1, dtype=np.float64) - 1) <= PROBABILITY_TOLERANCE).all())
