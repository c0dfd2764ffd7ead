"""How well boxes cover each other: intersection over union, and its kin.

Boxes are rows (x_min, y_min, x_max, y_max); the area of one is (x_max - x_min) · (y_max - y_min), without the pixel
that Pascal VOC's own program adds to each side. A box may have no area here, since a network can predict one, but it
may not be turned round.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_finite


def iou(boxes_a: ArrayLike, boxes_b: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of every pair of boxes.

    IoU(A, B) = |A ∩ B| / |A ∪ B|

    Args:
        boxes_a: Real (N, 4), rows (x_min, y_min, x_max, y_max) in pixels; N may be 0.
        boxes_b: Real (M, 4), same format and unit.

    Returns:
        float64 (N, M); entry [i, j] compares boxes_a[i] with boxes_b[j]. A pair whose union is empty has IoU 0.

    Raises:
        TypeError: If they are not real numbers.
        ValueError: If an array is not (K, 4), a number is not finite, or a box has x_max < x_min or y_max < y_min.

    Source: Rezatofighi et al. (2019), "Generalized Intersection over Union", arXiv:1902.09630v2, Sec. 1.

    >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [5, 5, 6, 6]])
    array([[0.33333333, 0.        ]])
    """
    a, b = _boxes(boxes_a, "boxes_a"), _boxes(boxes_b, "boxes_b")
    shared = _shared_areas(a, b)
    return _ratio(shared, _united_areas(a, b, shared))


def intersection_areas(boxes_a: ArrayLike, boxes_b: ArrayLike) -> NDArray[np.float64]:
    """The area that every pair of boxes shares, float64 (N, M), in square pixels; arguments and errors as in `iou`."""
    return _shared_areas(_boxes(boxes_a, "boxes_a"), _boxes(boxes_b, "boxes_b"))


def generalised_iou(boxes_a: ArrayLike, boxes_b: ArrayLike) -> NDArray[np.float64]:
    """IoU that tells boxes far apart from boxes that nearly touch.

    GIoU(A, B) = IoU(A, B) - |C outside A ∪ B| / |C|, where C is the smallest box around both

    Args:
        boxes_a: Real (N, 4), as in `iou`, whose errors it raises, too.
        boxes_b: Real (M, 4).

    Returns:
        float64 (N, M), above -1 and at most 1; never above IoU, and the same where C is covered by the two boxes.

    Source: Rezatofighi et al. (2019), arXiv:1902.09630v2, Algorithm 1.

    >>> generalised_iou([[0, 0, 1, 1]], [[0, 0, 1, 1], [1, 0, 2, 1], [3, 0, 4, 1]])
    array([[ 1. ,  0. , -0.5]])
    """
    a, b = _boxes(boxes_a, "boxes_a"), _boxes(boxes_b, "boxes_b")
    shared = _shared_areas(a, b)
    united = _united_areas(a, b, shared)
    around = np.prod(_sides_around(a, b), axis=-1)  # |C|, (N, M)
    return _ratio(shared, united) - _ratio(around - united, around)


def distance_iou(boxes_a: ArrayLike, boxes_b: ArrayLike) -> NDArray[np.float64]:
    """IoU less the squared distance of the centres, measured by the diagonal of the smallest box around both.

    DIoU(A, B) = IoU(A, B) - d² / c²

    Args:
        boxes_a: Real (N, 4), as in `iou`, whose errors it raises, too.
        boxes_b: Real (M, 4).

    Returns:
        float64 (N, M), above -1 and at most 1; the same as IoU where the centres are the same.

    Source: Zheng et al. (2020), "Distance-IoU Loss", arXiv:1911.08287v1, which states it as a loss, 1 - DIoU.

    >>> distance_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [2, 0, 4, 2]])
    array([[ 1. , -0.2]])
    """
    a, b = _boxes(boxes_a, "boxes_a"), _boxes(boxes_b, "boxes_b")
    shared = _shared_areas(a, b)
    centres_a, centres_b = (a[:, :2] + a[:, 2:]) / 2, (b[:, :2] + b[:, 2:]) / 2
    squared_distances = np.sum((centres_a[:, None] - centres_b) ** 2, axis=-1)  # (N, M)
    squared_diagonals = np.sum(_sides_around(a, b) ** 2, axis=-1)
    return _ratio(shared, _united_areas(a, b, shared)) - _ratio(squared_distances, squared_diagonals)


def size_iou(sizes_a: ArrayLike, sizes_b: ArrayLike) -> NDArray[np.float64]:
    """IoU of every pair of boxes if all had the same centre, so that only width and height count.

    Args:
        sizes_a: Real (N, 2), rows (width, height), at least 0; N may be 0.
        sizes_b: Real (M, 2), in the same unit.

    Returns:
        float64 (N, M); 0 where neither has an area.

    Raises:
        TypeError: If they are not real numbers.
        ValueError: If an array is not (K, 2), or a number is negative or not finite.

    Source: Redmon and Farhadi (2017), "YOLO9000", arXiv:1612.08242v1, Sec. 2, "Dimension Clusters".

    >>> size_iou([[2, 2]], [[2, 2], [4, 1]])
    array([[1.        , 0.33333333]])
    """
    a, b = checked_sizes(sizes_a, "sizes_a"), checked_sizes(sizes_b, "sizes_b")
    shared = np.prod(np.minimum(a[:, None], b), axis=-1)
    return _ratio(shared, np.prod(a, axis=1)[:, None] + np.prod(b, axis=1) - shared)


def checked_sizes(sizes: ArrayLike, name: str) -> NDArray[np.float64]:
    """Rows (width, height) as float64 (n, 2), if they are sizes; errors as of `size_iou`."""
    array = _rows(sizes, 2, "(width, height)", name)
    if array.size and array.min() < 0:
        raise ValueError(f"{name} must be at least 0, got {array.min():g}; is it a box with corners?")
    return array


def _boxes(boxes: ArrayLike, name: str) -> NDArray[np.float64]:
    """Boxes as float64 (n, 4); they may have no area."""
    array = _rows(boxes, 4, "(x_min, y_min, x_max, y_max)", name)
    turned = (array[:, 2:] < array[:, :2]).any(axis=1)
    if turned.any():
        row = int(np.argmax(turned))
        raise ValueError(
            f"{name}[{row}] = {array[row].tolist()} is not (x_min, y_min, x_max, y_max); "
            "is it (x_center, y_center, width, height)?"
        )
    return array


def _rows(values: ArrayLike, length: int, what: str, name: str) -> NDArray[np.float64]:
    """Rows of finite numbers as float64; an empty list is no row."""
    array = np.asarray(values)
    if array.shape == (0,):
        return np.zeros((0, length))
    if array.ndim != 2 or array.shape[1] != length:
        raise ValueError(f"{name} must be rows {what}, got shape {array.shape}; one row is {name}[None]")
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    check_finite(array, name)
    return array.astype(np.float64)


def _shared_areas(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    sides = np.minimum(a[:, None, 2:], b[:, 2:]) - np.maximum(a[:, None, :2], b[:, :2])  # (N, M, 2)
    return np.prod(np.maximum(sides, 0), axis=-1)


def _united_areas(a: NDArray, b: NDArray, shared: NDArray) -> NDArray[np.float64]:
    areas_a, areas_b = np.prod(a[:, 2:] - a[:, :2], axis=1), np.prod(b[:, 2:] - b[:, :2], axis=1)
    return areas_a[:, None] + areas_b - shared


def _sides_around(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Width and height of the smallest box around each pair, (N, M, 2)."""
    return np.maximum(a[:, None, 2:], b[:, 2:]) - np.minimum(a[:, None, :2], b[:, :2])


def _ratio(part: NDArray, whole: NDArray) -> NDArray[np.float64]:
    """Quotient, and 0 where the whole is nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
