"""Anchors that fit the boxes of a data set, by k-means with overlap as the measure.

Source: Redmon and Farhadi (2017), "YOLO9000: Better, Faster, Stronger", arXiv:1612.08242v1, Sec. 2, "Dimension
Clusters". Departs from it: the first anchors are drawn as k-means++ does, far from each other (Arthur and
Vassilvitskii 2007), several starts are tried, and the best anchors seen on the way are kept, because a mean need not
be the best answer to this distance.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.detection.overlap import checked_sizes, size_iou

STARTS, STEPS = 5, 200  # a start ends earlier where no box changes its anchor


class FittedAnchors(NamedTuple):
    """Anchors, and how well they fit the boxes that they were made of."""

    anchors: NDArray[np.float32]  # (count, 2): rows (width, height), by rising area
    mean_best_iou: float  # of each box with the anchor nearest to it, as if both had one centre


def anchors_by_k_means(sizes: ArrayLike, count: int, *, seed: int) -> FittedAnchors:
    """Group the sizes of boxes so that each is near its group's mean, where near means a high IoU.

    The distance is 1 - IoU of two boxes with one centre: in pixels, 10 more would be as much for a large box as for a
    small one.

    Args:
        sizes: Real (n, 2), rows (width, height) above 0, in pixels of the network's input.
        count: Number of anchors.
        seed: Of the starts; the same sizes, count and seed give the same anchors.

    Returns:
        The anchors, and the mean IoU of a box with its nearest anchor.

    Raises:
        TypeError: If sizes are not numbers, or count is no whole number.
        ValueError: If sizes are no such rows, or fewer than count of them differ.

    >>> anchors_by_k_means([[9, 10], [10, 10], [11, 10], [80, 38], [80, 40], [80, 42]], 2, seed=0).anchors
    array([[10., 10.],
           [80., 40.]], dtype=float32)
    """
    check_count("count", count)
    rows = checked_sizes(sizes, "sizes")
    if rows.size and rows.min() <= 0:
        raise ValueError("sizes must be above 0, got a box without area; leave such labels out")
    different = len(np.unique(rows, axis=0))
    if different < count:
        raise ValueError(
            f"sizes must hold at least count = {count} different ones, got {different} different of {len(rows)}; "
            "ask for fewer anchors, or label more boxes"
        )
    rng = np.random.default_rng(seed)
    anchors, fit = max((_one_start(rows, count, rng) for _ in range(STARTS)), key=lambda found: found[1])
    by_area = np.lexsort((anchors[:, 0], np.prod(anchors, axis=1)))
    return FittedAnchors(anchors[by_area].astype(np.float32), fit)


def _one_start(sizes: NDArray[np.float64], count: int, rng: np.random.Generator) -> tuple[NDArray, float]:
    """Assign and average in turns; the best anchors on the way, and their mean best IoU."""
    anchors = _first_anchors(sizes, count, rng)
    best, before = (anchors, -1.0), None
    for _ in range(STEPS):
        overlaps = size_iou(sizes, anchors)  # (n, count)
        nearest, fit = overlaps.argmax(axis=1), overlaps.max(axis=1)
        if fit.mean() > best[1]:
            best = anchors, float(fit.mean())
        if before is not None and np.array_equal(nearest, before):
            break
        before = nearest
        anchors = _means(sizes, nearest, fit, count)
    return best


def _first_anchors(sizes: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Some of the sizes, each drawn the more probably the farther it is from those drawn before."""
    chosen = [int(rng.integers(len(sizes)))]
    while len(chosen) < count:
        distances = 1 - size_iou(sizes, sizes[chosen]).max(axis=1)
        chosen.append(int(rng.choice(len(sizes), p=distances / distances.sum())))
    return sizes[chosen]


def _means(sizes: NDArray, nearest: NDArray, fit: NDArray, count: int) -> NDArray[np.float64]:
    """The mean of each group; a group without members gets one of the sizes that fit worst."""
    members = np.bincount(nearest, minlength=count)
    sums = np.stack([np.bincount(nearest, weights=sizes[:, side], minlength=count) for side in (0, 1)], axis=1)
    anchors = sums / np.maximum(members, 1)[:, None]
    empty = np.flatnonzero(members == 0)
    anchors[empty] = sizes[np.argsort(fit, kind="stable")[: len(empty)]]
    return anchors
