"""How many are there? Counting by detection, and how far the counts are off."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.detection.coco_metrics import check_pairs
from deepmedia.detection.records import Detections, Truth


def class_counts(records: Sequence[Truth] | Sequence[Detections], *, classes: int) -> NDArray[np.int64]:
    """How many boxes of each class each image has.

    Args:
        records: Of each image.
        classes: Number of classes.

    Returns:
        int64 (images, classes).

    Raises:
        ValueError: If a class id is not below the number of classes.

    >>> class_counts([Truth([[0, 0, 1, 1], [2, 2, 3, 3]], [1, 1]), Truth([], [])], classes=2).tolist()
    [[0, 2], [0, 0]]
    """
    check_count("classes", classes)
    highest = max((int(each.class_ids.max(initial=-1)) for each in records), default=-1)
    if highest >= classes:
        raise ValueError(f"classes must be above every class id, got {classes} and the class id {highest}")
    counts = [np.bincount(each.class_ids, minlength=classes) for each in records]
    return np.array(counts, np.int64).reshape(len(counts), classes)


def counting_error(truths: Sequence[Truth], detections: Sequence[Detections], *, classes: int) -> NDArray[np.float64]:
    """By how many objects of a class the number of detections in an image is off, on average, too many or too few.

    Args:
        truths: One an image; crowds count as one.
        detections: One an image, of a detector at the threshold at which it will be used.
        classes: Number of classes.

    Returns:
        float64 (classes,), NaN without images.

    Raises:
        TypeError: If an element is not a `Truth`, or not `Detections`.
        ValueError: If they are not as many of one as of the other, or a class id is not below the number of classes.
    """
    check_pairs(truths, detections)
    off = class_counts(detections, classes=classes) - class_counts(truths, classes=classes)
    return np.abs(off).mean(axis=0) if len(off) else np.full(classes, np.nan)
