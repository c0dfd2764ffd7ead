"""The four numbers by which YouTube-8M judges a model that gives each video several labels.

Source: eval_util.py, average_precision_calculator.py and mean_average_precision_calculator.py of
https://github.com/google/youtube-8m, whose results these are to the last digit, ties between scores included: they
order equal scores by chance, with a seed that never changes.
"""

import heapq
import random
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, as_reals, check_count

TOP = 20  # scores of a video that the benchmark looks at


def hit_at_one(scores: ArrayLike, labels: ArrayLike) -> float:
    """Part of the videos whose highest score belongs to one of their labels.

    The first of equal scores counts as the highest. A video without labels is no hit.

    Args:
        scores: Real numbers (videos, classes).
        labels: 0 or 1 (videos, classes); from lists of class numbers: `multi_hot`.

    Returns:
        0..1.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If their shapes differ, scores are not finite, or labels not 0 or 1.

    >>> hit_at_one([[0.9, 0.2], [0.3, 0.8]], [[1, 1], [1, 0]])
    0.5
    """
    values, truth = _both(scores, labels)
    return float(truth[np.arange(len(truth)), values.argmax(axis=1)].mean())


def precision_at_equal_recall_rate(scores: ArrayLike, labels: ArrayLike) -> float:
    """PERR: of a video's n labels, the part among its n highest scores; the mean over the videos.

    A score of 0 or less never counts as found. A video without labels counts as 0.

    Args:
        scores: Real numbers (videos, classes).
        labels: 0 or 1 (videos, classes).

    Returns:
        0..1.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If their shapes differ, scores are not finite, or labels not 0 or 1.

    >>> precision_at_equal_recall_rate([[0.9, 0.2, 0.4], [0.3, 0.8, 0.1]], [[1, 1, 0], [0, 1, 0]])
    0.75
    """
    values, truth = _both(scores, labels)
    found = 0.0
    for row, flags in zip(values, truth, strict=True):
        number = int(flags.sum())
        if number:
            top = np.argpartition(row, -number)[-number:]
            found += float(flags[top][row[top] > 0].sum()) / number
    return found / len(values)


def global_average_precision(scores: ArrayLike, labels: ArrayLike, *, top: int = TOP) -> float:
    """GAP: average precision over one list, into which each video puts its highest scores.

    With the list sorted by score, GAP = sum over i of p(i) r(i): p(i) is the precision of the first i entries, and
    r(i) is 1 / (labels of all videos) where entry i is a label and 0 elsewhere. Labels beyond a video's `top` scores
    are never found, but count.

    Args:
        scores: Real numbers (videos, classes), comparable between videos.
        labels: 0 or 1 (videos, classes).
        top: How many scores of a video count.

    Returns:
        0..1; 0 if there are no labels.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If their shapes differ, scores are not finite, labels not 0 or 1, or top is below 1.

    >>> round(global_average_precision([[0.9, 0.2, 0.4], [0.3, 0.8, 0.1]], [[1, 1, 0], [0, 1, 0]]), 4)
    0.8667
    """
    values, truth = _both(scores, labels)
    chosen, order = _top_by_class(values, top)
    return _average_precision(values[chosen, order], truth[chosen, order], int(truth.sum()))


def mean_average_precision(scores: ArrayLike, labels: ArrayLike, *, top: int = TOP) -> float:
    """MAP: average precision of each class over the videos among whose highest scores it is; the mean over classes.

    Classes that no video has are left out. One that is never among the highest scores counts as 0.

    Args:
        scores: Real numbers (videos, classes).
        labels: 0 or 1 (videos, classes).
        top: How many scores of a video count; the number of classes makes it the usual mean average precision.

    Returns:
        0..1; 0 if there are no labels.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If their shapes differ, scores are not finite, labels not 0 or 1, or top is below 1.

    >>> mean_average_precision([[0.9, 0.2, 0.4], [0.3, 0.8, 0.1]], [[1, 1, 0], [0, 1, 0]], top=3)
    1.0
    """
    values, truth = _both(scores, labels)
    chosen, order = _top_by_class(values, top)
    ends = np.searchsorted(order, np.arange(values.shape[1] + 1))  # where each class begins
    precisions = [
        _average_precision(values[chosen[start:end], each], truth[chosen[start:end], each], int(truth[:, each].sum()))
        for each, (start, end) in enumerate(pairwise(ends))
        if truth[:, each].any()
    ]
    return sum(precisions) / len(precisions) if precisions else 0.0


def multi_hot(labels: Iterable[ArrayLike], classes: int) -> NDArray[np.uint8]:
    """Rows of 0 and 1 from lists of class numbers, as `youtube8m_sample` gives them.

    Args:
        labels: For each video its classes, integers (n,); n may be 0.
        classes: How many there are.

    Returns:
        uint8 (videos, classes).

    Raises:
        TypeError: If a class number is not whole.
        ValueError: If one lies outside the classes.

    >>> multi_hot([[0, 2], []], 3).tolist()
    [[1, 0, 1], [0, 0, 0]]
    """
    check_count("classes", classes)
    rows = [np.asarray(row) for row in labels]
    table = np.zeros((len(rows), classes), np.uint8)
    for number, row in enumerate(rows):
        if row.size and row.dtype.kind not in "iu":
            raise TypeError(f"labels[{number}] must be integers, got {row.dtype}")
        if row.size and not (row.min() >= 0 and row.max() < classes):
            raise ValueError(f"labels[{number}] must lie in 0..{classes - 1}, got {row.min()} to {row.max()}")
        table[number, row.astype(np.int64)] = 1
    return table


def _both(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray, NDArray[np.uint8]]:
    values, truth = as_floats(scores, "scores"), as_reals(labels, "labels")
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"scores must be (videos, classes), got shape {values.shape}; one video is scores[None]")
    if truth.shape != values.shape:
        raise ValueError(
            f"labels must have the shape of scores, {values.shape}, got {truth.shape}; "
            "from lists of class numbers: multi_hot(labels, classes)"
        )
    wrong = (truth != 0) & (truth != 1)
    if wrong.any():
        raise ValueError(f"labels must be 0 or 1, got {truth[wrong][0]}; are scores and labels exchanged?")
    return values, truth.astype(np.uint8)


def _top_by_class(scores: NDArray, top: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Video and class of the highest scores of each video, class by class, and within a class by video."""
    check_count("top", top)
    top = min(int(top), scores.shape[1])
    classes = np.argpartition(scores, -top, axis=1)[:, -top:]
    order = np.argsort(classes, axis=None, kind="stable")
    return order // top, classes.reshape(-1)[order]


def _average_precision(scores: NDArray, labels: NDArray, positives: int) -> float:
    """Mean, over the positives, of the precision at each; those that are not among the labels have precision 0."""
    if positives == 0 or len(scores) == 0:
        return 0.0
    heap: list[tuple[float, int]] = []  # it and the shuffle decide only in which order equal scores come
    for entry in zip(scores.tolist(), labels.tolist(), strict=True):
        heapq.heappush(heap, entry)
    shuffled = [heap[place] for place in random.Random(0).sample(range(len(heap)), len(heap))]
    hits = np.array([label for _, label in sorted(shuffled, key=lambda entry: entry[0], reverse=True)])
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precisions[hits > 0].sum()) / positives
