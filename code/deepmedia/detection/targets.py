"""What YOLOv3 should have said: for each labelled box the cell and the anchor that answer for it, and their numbers.

Source: Redmon and Farhadi (2018), "YOLOv3: An Incremental Improvement", arXiv:1804.02767v1, Sec. 2.1 and 2.2; what it
leaves open is as in Darknet's `src/yolo_layer.c`. Departs from Darknet: it reads at most 90 boxes of an image, here all
count; a centre on the right or lower edge belongs to the last cell, where Darknet writes into the next row.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.detection.overlap import size_iou
from deepmedia.detection.records import Truth

SMALLEST = 0.001  # of the image's side: a box that is narrower or lower is no object


class HeadTargets(NamedTuple):
    """What one head should say; all float32, and 0 where no object is."""

    position: NDArray[np.float32]  # (n, rows, columns, anchors, 2): the centre in its cell, 0..1, after the sigmoid
    size: NDArray[np.float32]  # (n, rows, columns, anchors, 2): tw, th, logarithms of box through anchor
    scale: NDArray[np.float32]  # (n, rows, columns, anchors): weight of position and size, 2 less the box's area, 1..2
    objectness: NDArray[np.float32]  # (n, rows, columns, anchors): 1 where an object is
    classes: NDArray[np.float32]  # (n, rows, columns, anchors, classes): 1 for each class that is there


class YOLOTargets(NamedTuple):
    """What all heads should say, and the boxes that objectness is measured against."""

    heads: list[HeadTargets]
    boxes: NDArray[np.float32]  # (n, most of an image, 4), pixels of the input; rows of zeros fill up


def yolo_targets(
    truths: Sequence[Truth],
    anchors: Sequence[ArrayLike],
    grids: Sequence[tuple[int, int]],
    size: int | tuple[int, int],
    classes: int,
) -> YOLOTargets:
    """Share out the boxes of some images among cells and anchors.

    A box belongs to the one anchor of all heads whose shape is most like its own (the largest IoU with both centred; of
    equals the first, counted from the finest head), and to the cell that holds its centre. Where two boxes want the
    same place, the later one has position and size, and both classes are set. A crowd is no object, but no prediction
    is blamed for lying on it: it stands among the boxes.

    Args:
        truths: Of each image, in pixels of the network's input.
        anchors: Of each head, coarsest first, rows (width, height) in pixels of the input, as `anchors_of` gives them.
        grids: Rows and columns of each head.
        size: Of the input in pixels: its side, or height and width.
        classes: Their number.

    Returns:
        The targets; a box below a thousandth of the input's width or height is left out.

    Raises:
        ValueError: If heads, anchors and grids do not fit, a class is not among the classes, or the centre of a box
            lies outside of the input.

    >>> heads, boxes = yolo_targets([Truth([[10, 10, 30, 50]], [2])], [[[20, 40]]], [(2, 2)], 64, 3)
    >>> heads[0].position[0, 0, 0, 0].tolist(), heads[0].classes[0, 0, 0, 0].tolist()
    ([0.625, 0.9375], [0.0, 0.0, 1.0])
    """
    check_count("classes", classes)
    height, width = input_sides(size)
    tables = _checked_anchors(anchors, grids)
    boxes, images = _all_boxes(truths)
    ids = np.concatenate([np.zeros(0, np.int64), *(truth.class_ids for truth in truths)])
    crowd = np.concatenate([np.zeros(0, bool), *(np.asarray(truth.is_crowd) for truth in truths)])
    _check_classes(ids, images, classes)

    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 / (width, height)  # 0..1
    sides = (boxes[:, 2:] - boxes[:, :2]) / (width, height)  # 0..1
    _check_centres(centres, boxes, images, (height, width))
    wide_enough = sides.min(axis=1, initial=1) >= SMALLEST
    head_of, anchor_of = _best_anchors(sides * (width, height), tables)

    heads = []
    for number, (table, (rows, columns)) in enumerate(zip(tables, grids, strict=True)):
        mine = np.flatnonzero(wide_enough & ~crowd & (head_of == number))
        at = centres[mine] * (columns, rows)  # in cells
        cell = np.minimum(at.astype(int), (columns - 1, rows - 1))  # a centre on the edge is in the last one
        place = (images[mine], cell[:, 1], cell[:, 0], anchor_of[mine])
        head = _empty((len(truths), rows, columns, len(table)), classes)
        head.position[place] = at - cell  # of two boxes in one place NumPy keeps the later
        head.size[place] = np.log(sides[mine] * (width, height) / table[anchor_of[mine]])
        head.scale[place] = 2 - sides[mine].prod(axis=1)
        head.objectness[place] = 1
        head.classes[(*place, ids[mine])] = 1
        heads.append(head)
    return YOLOTargets(heads, _padded(boxes, images, wide_enough, len(truths)))


def input_sides(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of an input that is given by them or by its side."""
    height, width = size if isinstance(size, tuple | list) else (size, size)
    check_count("size", height)
    check_count("size", width)
    return int(height), int(width)


def _best_anchors(sides: NDArray, tables: list[NDArray]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The head of each box (n, 2) in pixels, and the number of the anchor in it."""
    finest_first = range(len(tables) - 1, -1, -1)  # Darknet numbers the anchors so
    owners = [(head, anchor) for head in finest_first for anchor in range(len(tables[head]))]
    best = size_iou(sides, np.concatenate([tables[head] for head in finest_first])).argmax(axis=1)
    heads, anchors = np.array(owners)[best].T
    return heads, anchors


def _empty(shape: tuple[int, ...], classes: int) -> HeadTargets:
    def zeros(*more: int) -> NDArray[np.float32]:
        return np.zeros((*shape, *more), np.float32)

    return HeadTargets(zeros(2), zeros(2), zeros(), zeros(), zeros(classes))


def _all_boxes(truths: Sequence[Truth]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The boxes of all images, and each one's image."""
    for number, truth in enumerate(truths):
        if not isinstance(truth, Truth):
            raise TypeError(f"truths[{number}] must be a Truth(boxes, class_ids), got {type(truth).__name__}")
    boxes = np.concatenate([np.zeros((0, 4)), *(truth.boxes for truth in truths)])
    return boxes, np.repeat(np.arange(len(truths)), [len(truth) for truth in truths])


def _padded(boxes: NDArray, images: NDArray[np.int64], kept: NDArray[np.bool_], count: int) -> NDArray[np.float32]:
    """The boxes image by image, (count, most of an image, 4), filled up with zeros."""
    boxes, images = boxes[kept], images[kept]
    numbers = np.bincount(images, minlength=count)
    padded = np.zeros((count, numbers.max(initial=0), 4), np.float32)
    padded[images, np.arange(len(images)) - (np.cumsum(numbers) - numbers)[images]] = boxes
    return padded


def _checked_anchors(anchors: Sequence[ArrayLike], grids: Sequence[tuple[int, int]]) -> list[NDArray[np.float64]]:
    tables = [np.asarray(table, np.float64) for table in anchors]
    if not tables or any(table.ndim != 2 or table.shape[1] != 2 or len(table) == 0 for table in tables):
        raise ValueError(
            "anchors must be a table of rows (width, height) for each head, got shapes "
            f"{[table.shape for table in tables]}; of a single head: [anchors]"
        )
    if min(table.min() for table in tables) <= 0:
        raise ValueError(f"anchors must be above 0 pixels, got {min(table.min() for table in tables):g}")
    if len(grids) != len(tables) or any(len(grid) != 2 or min(grid) < 1 for grid in grids):
        raise ValueError(f"grids must be (rows, columns) for each of {len(tables)} heads, got {list(grids)}")
    return tables


def _check_classes(ids: NDArray[np.int64], images: NDArray[np.int64], classes: int) -> None:
    wrong = np.flatnonzero(ids >= classes)
    if len(wrong):
        raise ValueError(
            f"class_ids must lie in 0..{classes - 1} for {classes} classes, got {ids[wrong[0]]} in image "
            f"{images[wrong[0]]}; number the classes from 0, or make the network with more classes"
        )


def _check_centres(centres: NDArray, boxes: NDArray, images: NDArray[np.int64], size: tuple[int, int]) -> None:
    wrong = np.flatnonzero(((centres < 0) | (centres > 1)).any(axis=1))
    if len(wrong):
        raise ValueError(
            f"boxes must have their centre in the input, got {boxes[wrong[0]].tolist()} in image {images[wrong[0]]} "
            f"for {size[1]} wide and {size[0]} high; scale the boxes as the image was scaled, or clip them to the image"
        )
