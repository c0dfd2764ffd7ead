"""Boxes: rows (x_min, y_min, x_max, y_max) in pixels.

x counts columns to the right and y rows downwards, from 0 at the image's upper
left corner: its first pixel reaches from 0 to 1, so that a box around the whole
image is (0, 0, width, height), and x_max - x_min is a width in pixels.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_finite


def checked_boxes(
    boxes: ArrayLike, *, within: tuple[int, ...] | None = None, holder: str = "image", name: str = "boxes"
) -> NDArray:
    """The boxes as an array of their own type, if they are boxes.

    Args:
        boxes: (n, 4), rows (x_min, y_min, x_max, y_max); n may be 0.
        within: Height and width of an image that they may not leave.
        holder: What that image is, for the error.
        name: Of the argument, for the error.

    Returns:
        (n, 4), integers or floats as they came.

    Raises:
        TypeError: If they are not real numbers.
        ValueError: If they are not rows of four, a number is not finite, a box has no area,
            or one reaches beyond the image.

    >>> checked_boxes([[1, 0, 3, 2]], within=(2, 3))
    array([[1, 0, 3, 2]])
    """
    array = np.asarray(boxes)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"{name} must be (n, 4), got shape {array.shape}; one box is {name}[None]")
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    check_finite(array, name)
    for number, box in enumerate(array.tolist()):
        x_min, y_min, x_max, y_max = box
        if x_min >= x_max or y_min >= y_max:
            raise ValueError(
                f"{name}[{number}] = {box} is not (x_min, y_min, x_max, y_max) with x_min < x_max and y_min < y_max; "
                "is it (x_center, y_center, width, height)?"
            )
        if within and (x_min < 0 or y_min < 0 or x_max > within[1] or y_max > within[0]):
            raise ValueError(
                f"{name} must lie within the {holder}, got {name}[{number}] = {box} for {within[1]} wide and "
                f"{within[0]} high; resize the {holder} first?"
            )
    return array
