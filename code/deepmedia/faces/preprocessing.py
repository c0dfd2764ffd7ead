"""What happens to pixels before FaceNet sees them: one of two rules, and the weights say which.

| Published weights | Rule |
|---|---|
| keras-facenet, FaceNet's models of 2017 (20170511-185253, 20170512-110547) | `whiten` |
| FaceNet's models of 2018 (20180402-114759, 20180408-102900) | `fixed_scaling` |

The wrong one costs accuracy without any error. Source: github.com/davidsandberg/facenet, src/facenet.py
(`prewhiten`, FIXED_STANDARDIZATION) and its README.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats

MIDDLE, HALF_RANGE = 127.5, 128.0  # of FIXED_STANDARDIZATION


def fixed_scaling(images: ArrayLike) -> NDArray[np.float32]:
    """Scale pixels by the same two numbers in all images: (x - 127.5) / 128.

    Args:
        images: Pixels 0..255, uint8 or float, of any shape.

    Returns:
        float32 of the same shape, -0.996..0.996.

    Raises:
        TypeError: If the images are not numbers.
        ValueError: If there are none, a pixel is not finite or outside 0..255, or floats lie in 0..1, the
            range of images that are scaled already.

    >>> fixed_scaling([0, 127.5, 255])
    array([-0.99609375,  0.        ,  0.99609375], dtype=float32)
    """
    pixels = as_floats(images, "images")
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 255:
        raise ValueError(f"images must hold pixels 0..255, got {low:g} to {high:g}; are they scaled already?")
    if np.asarray(images).dtype.kind == "f" and 0 < high <= 1:
        raise ValueError(f"images must hold pixels 0..255, got floats up to {high:g}; from 0..1: 255 * images")
    return ((pixels - MIDDLE) / HALF_RANGE).astype(np.float32)


def whiten(images: ArrayLike) -> NDArray[np.float32]:
    """Bring each image to mean 0 and standard deviation 1: (x - mean) / max(std, 1 / sqrt(size)).

    Mean and standard deviation (divided by the size, not by size - 1) are taken over all pixels and channels of an
    image. The bound keeps an image of one colour, which becomes 0 everywhere, from a division by zero.

    Args:
        images: uint8 or float (n, height, width, channels); a factor common to all
            pixels, such as 0..1 in place of 0..255, changes nothing unless the bound does.

    Returns:
        float32 of the same shape.

    Raises:
        TypeError: If the images are not numbers.
        ValueError: If they are not four-dimensional, there are none, or a pixel is not finite.
    """
    pixels = as_floats(images, "images").astype(np.float64)
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise ValueError(
            f"images must be (n, height, width, channels), got shape {pixels.shape}; one image is image[None]"
        )
    mean = pixels.mean(axis=(1, 2, 3), keepdims=True)
    deviation = pixels.std(axis=(1, 2, 3), keepdims=True)
    least = 1 / np.sqrt(pixels[0].size)
    pixels -= mean  # a copy of the images, in place: two more of this size would be made otherwise
    pixels /= np.maximum(deviation, least)
    return pixels.astype(np.float32)
