"""Images with their classes, as trainings take them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LabelledImages = tuple[NDArray[np.float32], NDArray[np.int64]]  # what Examples are without their names


class Examples(NamedTuple):
    """Images with their classes; a plain pair of the two will do wherever a training takes them."""

    images: np.ndarray  # float32 (n, ...), 0..1
    labels: np.ndarray  # int64 (n,)


def to_input(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey images as the models take them.

    Args:
        images: uint8 (n, height, width).

    Returns:
        float32 (n, height, width, 1) in 0..1.

    Raises:
        TypeError: If the images are not uint8, e.g. already scaled.
        ValueError: If the array is not three-dimensional.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"images must be uint8 (0..255), got {images.dtype}; are they scaled already?")
    if images.ndim != 3:
        raise ValueError(f"images must be (n, height, width), got shape {images.shape}; one image is images[None]")
    return images[..., None].astype(np.float32) / np.float32(255)
