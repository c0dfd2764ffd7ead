"""From a network's raw numbers to boxes: each cell's answer for each anchor, read as YOLOv3 means it.

Source: Redmon and Farhadi (2018), arXiv:1804.02767v1, Sec. 2.1; get_yolo_box in src/yolo_layer.c of
https://github.com/pjreddie/darknet.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit  # the logistic function, which overflows for no number

from deepmedia.arguments import check_count, check_finite
from deepmedia.detection.heads import BOX_NUMBERS

LARGEST_GROWTH = 10.0  # of tw and th: e¹⁰ is 22,000 anchors wide, beyond any image; e⁸⁹ would be infinite in float32
HUGE = 1e30  # which float32 holds, and σ takes for 0 or 1


class Decoded(NamedTuple):
    """What the heads say, in their order, then row by row, column by column, anchor by anchor."""

    boxes: NDArray[np.float32]  # (n, N, 4): x_min, y_min, x_max, y_max in pixels of the network's input
    objectness: NDArray[np.float32]  # (n, N), 0..1: that there is an object
    class_probabilities: NDArray[np.float32]  # (n, N, classes), 0..1: if there is one, that it is of this class


class Places(NamedTuple):
    """Where the N predictions of an image belong, in pixels of the network's input, each float32 (N, 2) as (x, y)."""

    corners: NDArray[np.float32]  # the upper left corner of the cell
    steps: NDArray[np.float32]  # the cell's width and height
    anchors: NDArray[np.float32]  # the anchor's


def decode(heads: Any, anchors: Sequence[ArrayLike], size: int | tuple[int, int]) -> Decoded:
    """Read raw heads as boxes, objectness and class probabilities.

    A cell (column i, row j) of a grid with steps s and an anchor (a_w, a_h) mean the box with the centre
    x = (i + σ(tx)) · s, y = (j + σ(ty)) · s and the size w = a_w · e^tw, h = a_h · e^th.

    Args:
        heads: Real (n, rows, columns, anchors, 5 + classes) for each scale, as a `YOLOHead` gives them; or one such.
        anchors: Rows (width, height) for each head, as `anchors_of` gives them.
        size: Side of the network's input in pixels, or (height, width).

    Returns:
        Boxes, which may reach beyond the input, objectness and class probabilities. tw and th count between -10 and 10,
        so that no number makes a box infinite.

    Raises:
        TypeError: If heads are not numbers, or size is not whole.
        ValueError: If shapes don't fit, a number is not finite, or size is below 1.
    """
    arrays = [np.asarray(head) for head in ([heads] if getattr(heads, "ndim", 0) == 5 else heads)]
    _check_heads(arrays, anchors)
    places = prediction_places([array.shape[1:3] for array in arrays], anchors, size)
    rows = np.concatenate([array.reshape(len(array), -1, array.shape[-1]) for array in arrays], axis=1)
    rows = np.clip(rows, -HUGE, HUGE).astype(np.float32)
    boxes = boxes_of(rows[..., :4], places)
    return Decoded(boxes, expit(rows[..., 4]), expit(rows[..., BOX_NUMBERS:]))


def prediction_places(
    grids: Sequence[tuple[int, ...]], anchors: Sequence[ArrayLike], size: int | tuple[int, int]
) -> Places:
    """Cell and anchor of each prediction.

    Args:
        grids: Rows and columns of each head.
        anchors: As in `decode`.
        size: As in `decode`.

    Returns:
        Three float32 (N, 2), in the order of `decode`.

    Raises:
        TypeError: If size is not whole.
        ValueError: If size is below 1.
    """
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    check_count("size", height)
    check_count("size", width)
    corners, steps, sizes = [], [], []
    for (rows, columns), each in zip(grids, anchors, strict=True):
        step = np.array([width / columns, height / rows], np.float32)
        row, column, anchor = np.indices((rows, columns, len(np.asarray(each)))).reshape(3, -1)
        corners.append(np.stack([column, row], axis=1) * step)
        steps.append(np.broadcast_to(step, (len(row), 2)))
        sizes.append(np.asarray(each, np.float32)[anchor])
    return Places(*(np.concatenate(part).astype(np.float32) for part in (corners, steps, sizes)))


def boxes_of(raw: NDArray[np.float32], places: Places) -> NDArray[np.float32]:
    """Boxes of raw numbers tx, ty, tw, th, float32 (..., N, 4), one for each of the places; see `decode`."""
    centres = places.corners + expit(raw[..., :2]) * places.steps
    halves = places.anchors * np.exp(np.clip(raw[..., 2:], -LARGEST_GROWTH, LARGEST_GROWTH)) / 2
    return np.concatenate([centres - halves, centres + halves], axis=-1)


def _check_heads(heads: list[NDArray], anchors: Sequence[ArrayLike]) -> None:
    """Complain about heads that are none, or don't belong together."""
    if len(heads) == 0 or len(heads) != len(anchors):
        raise ValueError(f"heads must be one or more, with anchors for each, got {len(heads)} and {len(anchors)}")
    for number, (head, each) in enumerate(zip(heads, anchors, strict=True)):
        if head.dtype.kind not in "fiu":
            raise TypeError(f"heads[{number}] must hold real numbers, got {head.dtype}")
        count = len(np.asarray(each))
        if head.ndim != 5 or head.shape[3] != count or head.shape[4] <= BOX_NUMBERS or 0 in head.shape[1:]:
            raise ValueError(
                f"heads[{number}] must be (n, rows, columns, {count} anchors, 5 + classes), got shape {head.shape}"
            )
        if head.shape[::4] != heads[0].shape[::4]:
            raise ValueError(f"heads must have one n and one number of classes, got {[head.shape for head in heads]}")
        check_finite(head, f"heads[{number}]")
