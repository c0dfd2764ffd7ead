"""Pooling in NumPy: one number for each window of each channel, with the gradients.

Stride and padding are TensorFlow's. Pixels that "same" adds around the image take no part: they are never the largest,
and an average does not count them.

Images must be finite: a window whose largest value is NaN hands on no gradient, and one whose largest is -inf may lose
its gradient to the pixels around the image.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_reals
from deepmedia.cnn.windows import PerAxis, Windows, as_images, as_pair, check_upstream, place_windows


def max_pool2d(
    images: ArrayLike, size: PerAxis = 2, *, stride: PerAxis | None = None, padding: str = "valid"
) -> NDArray:
    """Largest value under a window, in each channel by itself.

    Args:
        images: Numbers (n, height, width, channels).
        size: Of the window in pixels, one number or (height, width).
        stride: Step of the window, one number or (rows, columns); None for its size.
        padding: ``"valid"`` keeps the window inside the image; ``"same"`` lets it reach over the border, so that an
            output is height / stride high, rounded up.

    Returns:
        (n, output height, output width, channels); float64 if the images are, float32 otherwise.

    Raises:
        TypeError: If images does not hold numbers, or size or stride are not whole numbers.
        ValueError: If a shape or a setting is impossible.

    >>> max_pool2d([[[[1.0], [5.0], [2.0], [3.0]]]], (1, 2)).squeeze()
    array([5., 3.])
    """
    x = as_images(images)
    window, windows = _windows(x, size, stride, padding)
    padded = windows.pad(x, value=-np.inf)  # never the largest
    y = windows.at(padded, 0, 0).copy()
    for u, v in np.ndindex(*window):
        np.maximum(y, windows.at(padded, u, v), out=y)
    return y


def max_pool2d_gradient(
    images: ArrayLike, upstream: ArrayLike, size: PerAxis = 2, *, stride: PerAxis | None = None, padding: str = "valid"
) -> NDArray:
    """Gradient of a loss by the images of `max_pool2d`.

    Each output hands its gradient to the pixel that it was taken from; among equals to the first, row by row.

    Args:
        images: As for `max_pool2d`.
        upstream: dL/dy, the loss's gradient by the output, in the output's shape.
        size: As for `max_pool2d`.
        stride: As for `max_pool2d`.
        padding: As for `max_pool2d`.

    Returns:
        dL/d(images), in the shape of images.

    Raises:
        TypeError: As `max_pool2d`.
        ValueError: As `max_pool2d`, or if upstream has not the output's shape.
    """
    x, upstream = as_images(images), as_reals(upstream, "upstream")
    window, windows = _windows(x, size, stride, padding)
    largest = max_pool2d(x, size, stride=stride, padding=padding)
    check_upstream(upstream, largest.shape)
    padded = windows.pad(x, value=-np.inf)
    d_padded = np.zeros(padded.shape, np.result_type(x, upstream))
    waiting = np.ones(largest.shape, bool)  # outputs whose pixel is not found yet
    for u, v in np.ndindex(*window):
        found = waiting & (windows.at(padded, u, v) == largest)
        d_pixels = windows.at(d_padded, u, v)  # a view: += changes d_padded
        d_pixels += np.where(found, upstream, 0)
        waiting &= ~found
    return windows.crop(d_padded)


def average_pool2d(
    images: ArrayLike, size: PerAxis = 2, *, stride: PerAxis | None = None, padding: str = "valid"
) -> NDArray:
    """Mean of the pixels under a window, in each channel by itself.

    Args:
        images: As for `max_pool2d`.
        size: As for `max_pool2d`.
        stride: As for `max_pool2d`.
        padding: As for `max_pool2d`; what lies outside the image is not counted.

    Returns:
        As `max_pool2d`.

    Raises:
        TypeError: As `max_pool2d`.
        ValueError: As `max_pool2d`.

    >>> average_pool2d([[[[1.0], [5.0], [2.0]]]], (1, 2), padding="same").squeeze()
    array([3., 2.])
    """
    x = as_images(images)
    window, windows = _windows(x, size, stride, padding)
    return _sums(x, window, windows) / _counts(x, window, windows)


def average_pool2d_gradient(
    images: ArrayLike, upstream: ArrayLike, size: PerAxis = 2, *, stride: PerAxis | None = None, padding: str = "valid"
) -> NDArray:
    """Gradient of a loss by the images of `average_pool2d`: each output's, shared equally among its pixels.

    Args:
        images: As for `max_pool2d`; only their shape and kind matter.
        upstream: dL/dy, the loss's gradient by the output, in the output's shape.
        size: As for `max_pool2d`.
        stride: As for `max_pool2d`.
        padding: As for `max_pool2d`.

    Returns:
        dL/d(images), in the shape of images.

    Raises:
        TypeError: As `max_pool2d`.
        ValueError: As `max_pool2d`, or if upstream has not the output's shape.
    """
    x, upstream = as_images(images), as_reals(upstream, "upstream")
    window, windows = _windows(x, size, stride, padding)
    check_upstream(upstream, (len(x), windows.rows.places, windows.columns.places, x.shape[3]))
    share = upstream / _counts(x, window, windows)
    d_padded = np.zeros(windows.pad(x).shape, np.result_type(x, upstream))
    for u, v in np.ndindex(*window):
        d_pixels = windows.at(d_padded, u, v)  # a view: += changes d_padded
        d_pixels += share
    return windows.crop(d_padded)


def _sums(x: NDArray, window: tuple[int, int], windows: Windows) -> NDArray:
    padded = windows.pad(x)
    total = np.zeros_like(windows.at(padded, 0, 0))
    for u, v in np.ndindex(*window):
        total += windows.at(padded, u, v)
    return total


def _counts(x: NDArray, window: tuple[int, int], windows: Windows) -> NDArray:
    """How many pixels of the image lie under the window at each place, (1, output height, output width, 1)."""
    return _sums(np.ones((1, *x.shape[1:3], 1), x.dtype), window, windows)


def _windows(x: NDArray, size: PerAxis, stride: PerAxis | None, padding: str) -> tuple[tuple[int, int], Windows]:
    """The window's height and width, and its places."""
    window = as_pair(size, "size")
    return window, place_windows(x.shape[1:3], window, stride=window if stride is None else stride, padding=padding)
