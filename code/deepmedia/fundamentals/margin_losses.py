"""Margin losses: satisfied as soon as the right answer leads by a margin.

The hinges take scores and labels as the losses of ``losses`` do. The last two learn distances instead of classes and
take embeddings, so their gradient has one part per embedding.
"""

# ruff: noqa: D102 - value and gradient are described once, in Loss

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_floats, as_fractions, as_labels_of, as_targets_of, check_positive
from deepmedia.fundamentals.losses import Loss


class HingeLoss(Loss):
    """Hinge of one score per row: the loss of a linear support vector machine.

    Targets are 0 or 1 (they become -1 and 1) in the scores' shape; (n,) also serves scores (n, 1).
    """

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        scores, targets = self._pair(outputs, targets)
        sign = 2 * targets - 1  # 0, 1 -> -1, 1
        # L = mean of max(0, 1 - sign s)
        return float(np.maximum(0, 1 - sign * scores).mean())

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        scores, targets = self._pair(outputs, targets)
        sign = 2 * targets - 1
        # dL/ds = -sign / N inside the margin, else 0
        inside = sign * scores < 1
        return (-sign * inside / scores.size).astype(scores.dtype)  # (n, 1)

    def check_targets(self, targets: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        array = as_fractions(as_targets_of(targets, shape))
        if not np.isin(array, (0, 1)).all():
            raise ValueError("targets must be 0 or 1, got numbers between; round them, or use BinaryCrossEntropy")
        return array

    def correct(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        scores, targets = self._pair(outputs, targets)
        return (scores > 0) == (targets > 0.5)


class MultiClassHingeLoss(Loss):
    """The label's score must lead its strongest rival by a margin. Scores (n, K), labels (n,).

    Source: Crammer and Singer (2001), JMLR 2. Weston and Watkins add up all rivals instead.
    """

    def __init__(self, *, margin: float = 1.0) -> None:
        check_positive("margin", margin)
        self.margin = margin

    def value(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        scores, labels = self._pair(outputs, targets)
        lead, _ = self._lead(scores, labels)
        # L = mean of max(0, margin - (s_label - max over the others))
        return float(np.maximum(0, self.margin - lead).mean())

    def gradient(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        scores, labels = self._pair(outputs, targets)
        lead, rivals = self._lead(scores, labels)
        # dL/ds = -1/n for the label and 1/n for its strongest rival, inside the margin, else 0
        step = (lead < self.margin) / len(scores)  # (n,)
        gradient, rows = np.zeros_like(scores), np.arange(len(scores))
        gradient[rows, labels] = -step
        gradient[rows, rivals] = step
        return gradient  # (n, K)

    def check_targets(self, targets: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        return as_labels_of(targets, shape)

    def correct(self, outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
        return np.asarray(outputs).argmax(axis=1) == self.check_targets(targets, np.shape(outputs))

    def _lead(self, scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the label is ahead of its strongest rival (n,), and that rival (n,)."""
        rows = np.arange(len(scores))
        others = scores.copy()
        others[rows, labels] = -np.inf
        rivals = others.argmax(axis=1)
        return scores[rows, labels] - scores[rows, rivals], rivals


class ContrastiveLoss:
    """Pulls pairs of one kind together, pushes pairs of two kinds apart up to a margin.

    Source: Hadsell, Chopra and LeCun (2006), "Dimensionality reduction by learning an invariant mapping"; here
        the mean over the pairs.
    """

    def __init__(self, *, margin: float = 1.0) -> None:
        check_positive("margin", margin)
        self.margin = margin

    def value(self, first: ArrayLike, second: ArrayLike, same: ArrayLike) -> float:
        """Loss of the pairs.

        Args:
            first: Embeddings, float (n, d).
            second: Embeddings, float (n, d); row i belongs to row i of ``first``.
            same: Whether pair i is of one kind, bool (n,).
        """
        first, second, same = self._checked(first, second, same)
        d = np.sqrt(((first - second) ** 2).sum(axis=1))  # (n,)
        # L = mean of 1/2 d^2 for a pair of one kind, 1/2 max(0, margin - d)^2 for others
        return float(np.where(same, d**2, np.maximum(0, self.margin - d) ** 2).mean() / 2)

    def gradient(self, first: ArrayLike, second: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """dL/d(first) and dL/d(second), (n, d) each."""
        first, second, same = self._checked(first, second, same)
        difference = first - second  # (n, d)
        d = np.sqrt((difference**2).sum(axis=1))  # (n,)
        # with dd/d(first) = difference / d: same: difference; others: -max(0, margin - d) / d difference.
        # Two different things at one point (d = 0) have no direction to part in: 0
        push = np.divide(np.maximum(0, self.margin - d), d, out=np.zeros_like(d), where=d > 0)  # (n,)
        pull = np.where(same, 1, -push)[:, np.newaxis]  # (n, 1)
        d_first = pull * difference / len(first)  # (n, d)
        return d_first, -d_first

    @staticmethod
    def _checked(first: ArrayLike, second: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, second = _embeddings(first=first, second=second)
        same = np.asarray(same)
        if same.dtype != bool or same.shape != first.shape[:1]:
            raise ValueError(
                f"same must be bool ({len(first)},), got {same.dtype} {same.shape}; from 0 and 1: astype(bool)"
            )
        return first, second, same


class TripletLoss:
    """An anchor must be nearer to its positive than to its negative, by a margin, in squared distance.

    Source: Schroff, Kalenichenko and Philbin (2015), "FaceNet", arXiv:1503.03832; here the mean over the triplets,
        theirs is the sum.
    """

    def __init__(self, *, margin: float = 0.2) -> None:
        check_positive("margin", margin)
        self.margin = margin

    def value(self, anchors: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> float:
        """Loss of the triplets; embeddings float (n, d) each."""
        return float(np.maximum(0, self._excess(anchors, positives, negatives)).mean())

    def gradient(
        self, anchors: ArrayLike, positives: ArrayLike, negatives: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """dL/d(anchors), dL/d(positives), dL/d(negatives), (n, d) each."""
        a, p, n = _embeddings(anchors=anchors, positives=positives, negatives=negatives)
        active = (self._excess(a, p, n) > 0).astype(a.dtype)[:, np.newaxis]  # (n, 1)
        # of |a - p|^2 - |a - n|^2: by a 2 (n - p), by p -2 (a - p), by n 2 (a - n); 0 where the margin is kept
        scale = 2 * active / len(a)  # (n, 1)
        return scale * (n - p), -scale * (a - p), scale * (a - n)

    def _excess(self, anchors: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> np.ndarray:
        a, p, n = _embeddings(anchors=anchors, positives=positives, negatives=negatives)
        # |a - p|^2 - |a - n|^2 + margin
        return ((a - p) ** 2).sum(axis=1) - ((a - n) ** 2).sum(axis=1) + self.margin  # (n,)


def _embeddings(**named: ArrayLike) -> list[np.ndarray]:
    arrays = [as_floats(array, name) for name, array in named.items()]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1 or arrays[0].ndim != 2:
        found = ", ".join(f"{name} {array.shape}" for name, array in zip(named, arrays, strict=True))
        raise ValueError(f"embeddings must all be (n, d) of one shape, got {found}")
    return arrays
