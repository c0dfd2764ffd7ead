"""From what a label file says to what a detector is trained on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.blood_cells import BLOOD_CELL_LABELS, blood_cell_pictures
from deepmedia.datasets.voc import ImageLabels
from deepmedia.detection.records import Truth


def truth_of(labels: ImageLabels, class_names: Sequence[str]) -> Truth:
    """The labels of a picture with class ids in place of names.

    Args:
        labels: As read from a file.
        class_names: All classes, in the order of their ids.

    Returns:
        The boxes as they are, float32.

    Raises:
        ValueError: If a class is not among the names, or a box has no area: `with_area` leaves such boxes out.
    """
    names = list(class_names)
    unknown = sorted({name for name in labels.class_names if name not in names})
    if unknown:
        raise ValueError(f"class_names must hold every class of the labels, {', '.join(unknown)} is not in {names}")
    class_ids = np.array([names.index(name) for name in labels.class_names], np.int64)
    crowd = np.array(labels.is_crowd, bool) if labels.is_crowd else None
    return Truth(labels.boxes.astype(np.float32), class_ids, crowd)


def with_area(labels: ImageLabels) -> ImageLabels:
    """The labels without the boxes that have no area, as 32-bit numbers."""
    boxes = labels.boxes.astype(np.float32)
    return chosen(labels, (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))


def chosen(labels: ImageLabels, keep: NDArray[np.bool_]) -> ImageLabels:
    """The labels of some of the boxes."""
    rows = np.flatnonzero(keep).tolist()
    crowd = tuple(labels.is_crowd[row] for row in rows) if labels.is_crowd else ()
    return ImageLabels(tuple(labels.class_names[row] for row in rows), labels.boxes[rows], labels.size, crowd)


def blood_cells(split: str = "train") -> tuple[NDArray[np.uint8], list[Truth]]:
    """Microscope pictures of blood, each cell with a box: real data of three classes, one of them rare.

    The names of the classes are `deepmedia.datasets.BLOOD_CELLS`. The splits, the source and the licence are those of
    `deepmedia.datasets.blood_cell_pictures`, which gives the labels as they are; here the two boxes without an area,
    one in the training data and one in the validation data, are left out.

    Args:
        split: ``"train"`` (205 pictures), ``"validation"`` (87) or ``"test"`` (72).

    Returns:
        Images, uint8 (n, 312, 416, 3), RGB, 0 to 255, and one `Truth` an image.

    Raises:
        ValueError: If there is no such split.

    >>> images, truths = blood_cells("test")
    >>> len(images), sum(map(len, truths))
    (72, 945)
    """
    images, labels = blood_cell_pictures(split)
    return images, [truth_of(with_area(each), BLOOD_CELL_LABELS) for each in labels]
