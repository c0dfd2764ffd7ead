"""What an image truly holds, and what a detector says it holds: boxes with a class each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_finite
from deepmedia.boxes import checked_boxes


@dataclass(frozen=True, eq=False)
class Truth:
    """The labelled boxes of one image.

    Args:
        boxes: Real (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the image; kept as float32. n may be 0.
        class_ids: Integers (n,), at least 0; kept as int64.
        is_crowd: Booleans (n,): the box stands for many objects and counts for no miss, as in COCO. Without it, none.

    Raises:
        TypeError: If boxes are not numbers, class ids not integers, or is_crowd not booleans.
        ValueError: If a shape is wrong, a box has no area, or a class id is negative.

    >>> Truth([[1, 2, 5, 9]], [3]).boxes
    array([[1., 2., 5., 9.]], dtype=float32)
    """

    boxes: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    is_crowd: NDArray[np.bool_] | None = None  # never None once it is made

    def __post_init__(self) -> None:
        """Check and convert what was given."""
        boxes = as_boxes(self.boxes)
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "class_ids", as_class_ids(self.class_ids, len(boxes)))
        crowd = np.zeros(len(boxes), bool) if self.is_crowd is None else np.asarray(self.is_crowd)
        if crowd.shape != (len(boxes),) or (crowd.size and crowd.dtype != bool):
            raise TypeError(f"is_crowd must be {len(boxes)} booleans, one a box, got {crowd.dtype} {crowd.shape}")
        object.__setattr__(self, "is_crowd", crowd.astype(bool))

    def __len__(self) -> int:
        """The number of boxes."""
        return len(self.boxes)


@dataclass(frozen=True, eq=False)
class Detections:
    """The boxes that a detector found in one image.

    Args:
        boxes: Real (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the image; kept as float32. n may be 0.
        scores: Real (n,), how sure the detector is, 0..1; kept as float32.
        class_ids: Integers (n,), at least 0; kept as int64.

    Raises:
        TypeError: If boxes or scores are not numbers, or class ids not integers.
        ValueError: If a shape is wrong, a box has no area, a score lies outside 0..1, or a class id is negative.

    >>> Detections([[1, 2, 5, 9]], [0.5], [3]).scores
    array([0.5], dtype=float32)
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check and convert what was given."""
        boxes = as_boxes(self.boxes)
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "class_ids", as_class_ids(self.class_ids, len(boxes)))
        object.__setattr__(self, "scores", as_scores(self.scores, len(boxes)))

    def __len__(self) -> int:
        """The number of boxes."""
        return len(self.boxes)


def as_boxes(boxes: object) -> NDArray[np.float32]:
    """Checked boxes as float32 (n, 4); an empty list is no box."""
    array = np.asarray(boxes)
    if array.size == 0 and array.shape in {(0,), (0, 4)}:
        return np.zeros((0, 4), np.float32)
    return checked_boxes(array).astype(np.float32)


def as_class_ids(class_ids: object, count: int) -> NDArray[np.int64]:
    """Class ids as int64 (count,), if they are integers from 0."""
    array = np.asarray(class_ids)
    if array.shape != (count,):
        raise ValueError(f"class_ids must be one for each of {count} boxes, got shape {array.shape}")
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"class_ids must be integers, got {array.dtype}")
    if array.size and array.min() < 0:
        raise ValueError(f"class_ids must be at least 0, got {array.min()}")
    return array.astype(np.int64)


def as_scores(scores: object, count: int) -> NDArray[np.float32]:
    """Scores as float32 (count,), if they are numbers in 0..1."""
    array = np.asarray(scores)
    if array.shape != (count,):
        raise ValueError(f"scores must be one for each of {count} boxes, got shape {array.shape}")
    if array.size and array.dtype.kind not in "fiu":
        raise TypeError(f"scores must be real numbers, got {array.dtype}")
    check_finite(array, "scores")
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(f"scores must lie in 0..1, got {array.min()} to {array.max()}; are they logits or per cent?")
    return array.astype(np.float32)
