"""One box for one object: of boxes that overlap much, the one with the highest score stays."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_number
from deepmedia.detection.overlap import iou
from deepmedia.detection.records import as_class_ids, as_scores


def non_maximum_suppression(
    boxes: ArrayLike, scores: ArrayLike, class_ids: ArrayLike, *, threshold: float = 0.45
) -> NDArray[np.int64]:
    """Which boxes stay when each removes those of its class that overlap it and have a lower score.

    In each class the box with the highest score stays, and removes all whose IoU with it is above the threshold; then
    the highest of the rest does the same, until none is left. Boxes of different classes never remove each other.

    Args:
        boxes: Real (n, 4), rows (x_min, y_min, x_max, y_max) in any one unit; n may be 0.
        scores: Real (n,), 0..1. Of equal scores the earlier box comes first.
        class_ids: Integers (n,), at least 0.
        threshold: IoU in 0..1 up to which two boxes of a class both stay.

    Returns:
        int64: The rows that stay, by falling score.

    Raises:
        TypeError: If boxes or scores are not numbers, or class ids not integers.
        ValueError: If shapes don't fit, boxes are turned round, or a score or the threshold lies outside 0..1.

    Source: do_nms_sort in src/box.c of https://github.com/pjreddie/darknet, where 0.45 is the usual threshold.

    >>> non_maximum_suppression([[0, 0, 4, 4], [0, 0, 4, 5], [9, 9, 10, 10]], [0.6, 0.9, 0.7], [0, 0, 0])
    array([1, 2])
    """
    check_number("threshold", threshold, "in 0..1", low=0, high=1, ends="[]")
    rows = np.asarray(boxes)
    count = len(rows) if rows.ndim else 0
    values, classes = as_scores(scores, count), as_class_ids(class_ids, count)
    iou(boxes, [])  # refuses what is no box, of any class
    order = np.argsort(-values, kind="stable")
    stays = np.zeros(count, bool)
    for class_id in np.unique(classes):
        stays[_surviving(rows, order[classes[order] == class_id], threshold)] = True
    return order[stays[order]].astype(np.int64)


def _surviving(boxes: NDArray, candidates: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """The rows of one class that stay; candidates come by falling score."""
    kept = []
    while len(candidates):
        best, candidates = candidates[0], candidates[1:]
        kept.append(best)
        if len(candidates):
            candidates = candidates[iou(boxes[best][None], boxes[candidates])[0] <= threshold]
    return np.array(kept, np.int64)
