"""A photograph boiled down to two numbers, so that a page can draw what a network does with it."""

import numpy as np
from numpy.typing import NDArray

VISIBLE = 51  # a pixel above this, a fifth of full brightness, belongs to the garment


def brightness_and_height(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean brightness and height of the garment on each photograph.

    Args:
        images: uint8 (n, height, width), dark background.

    Returns:
        float32 (n, 2), both in 0..1: the mean over all pixels, and the part of the rows with a pixel above `VISIBLE`.

    Raises:
        TypeError: If the images are not uint8.
        ValueError: If the array is not three-dimensional.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"images must be uint8 (0..255), got {images.dtype}; are they scaled already?")
    if images.ndim != 3:
        raise ValueError(f"images must be (n, height, width), got shape {images.shape}; one image is images[None]")
    brightness = images.mean(axis=(1, 2)) / 255  # (n,)
    used_rows = images.max(axis=2) > VISIBLE  # (n, rows)
    height = used_rows.mean(axis=1)  # (n,)
    return np.stack([brightness, height], axis=1).astype(np.float32)
