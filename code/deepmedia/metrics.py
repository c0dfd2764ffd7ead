"""How good is a classifier? Counts of what it gets right and wrong, and the ratios made from them.

Every part may use them: they take class numbers, and don't ask what gave the answers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_labels, check_count


@dataclass(frozen=True)
class ClassScores:
    """Per-class ratios, float (num_classes,) each; ``support`` is the number of rows of each class."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray

    @property
    def macro_f1(self) -> float:
        """Mean of the classes' F1: a rare class counts as much as a frequent one."""
        return float(self.f1.mean())


def accuracy(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Part of the rows whose predicted class is the label; class numbers (n,) both."""
    true, guess = _both(labels, predicted, _classes_in(labels, predicted))
    return float((true == guess).mean())


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, *, num_classes: int | None = None) -> np.ndarray:
    """Counts of every (label, predicted) pair, int64 (num_classes, num_classes).

    Args:
        labels: True class numbers (n,).
        predicted: Predicted class numbers (n,).
        num_classes: Size of the table; without it, the largest class number decides.

    Returns:
        Row i, column j: how many rows of class i were taken for class j.

    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1])
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 1, 0]])
    """
    num_classes = _classes_in(labels, predicted) if num_classes is None else num_classes
    check_count("num_classes", num_classes)
    labels, predicted = _both(labels, predicted, num_classes)
    counts = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def class_scores(
    labels: ArrayLike, predicted: ArrayLike, *, num_classes: int | None = None, undefined: float = 0.0
) -> ClassScores:
    """Precision, recall and F1 of every class.

    Args:
        labels: True class numbers (n,).
        predicted: Predicted class numbers (n,).
        num_classes: Number of classes; without it, the largest class number decides.
        undefined: Value of 0 / 0: the precision of a class never predicted, the recall of one that never occurs.
    """
    counts = confusion_matrix(labels, predicted, num_classes=num_classes)
    hits, claimed, support = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)  # (num_classes,) each
    return ClassScores(
        # of the rows called k, the part that is k
        precision=_ratio(hits, claimed, undefined),
        # of the rows that are k, the part called k
        recall=_ratio(hits, support, undefined),
        # harmonic mean of the two: 2 hits / (claimed + support)
        f1=_ratio(2 * hits, claimed + support, undefined),
        support=support,
    )


def _ratio(part: np.ndarray, whole: np.ndarray, undefined: float) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), float(undefined)), where=whole > 0)


def _classes_in(labels: ArrayLike, predicted: ArrayLike) -> int:
    """One more than the largest class number; at least 1, so that wrong input meets the checks of ``_both``."""
    return max(
        [1, *(int(np.max(a)) + 1 for a in (labels, predicted) if np.size(a) and np.asarray(a).dtype.kind in "iu")]
    )


def _both(labels: ArrayLike, predicted: ArrayLike, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    labels, predicted = as_labels(labels, num_classes), as_labels(predicted, num_classes, "predicted")
    if len(labels) != len(predicted):
        raise ValueError(f"labels and predicted must be equally long, got {len(labels)} and {len(predicted)}")
    return labels, predicted
