"""Augmentation: new training images made of old ones, by changes that leave the label true.

Each function draws its random numbers from the generator that it is given, so that a seed fixes what comes out.
"""

import numpy as np

from deepmedia.arguments import check_count


def random_shift(images: np.ndarray, generator: np.random.Generator, *, pixels: int = 1) -> np.ndarray:
    """Move each image by up to so many pixels, up or down and to the left or right; black comes in.

    Args:
        images: (n, height, width).
        generator: Of the random moves; each move from -pixels to pixels is equally likely, along both axes.
        pixels: The largest move.

    Returns:
        Images of the same shape and type; those given stay as they are.

    Raises:
        ValueError: If the images are not (n, height, width), or pixels is below 1.
    """
    check_count("pixels", pixels)
    n, height, width = _shape(images)
    border = ((0, 0), (pixels, pixels), (pixels, pixels))
    padded = np.pad(images, border)  # black on all sides
    top, left = generator.integers(0, 2 * pixels + 1, (2, n, 1, 1))
    rows = top + np.arange(height)[:, None]  # (n, height, 1)
    columns = left + np.arange(width)  # (n, 1, width)
    return padded[np.arange(n)[:, None, None], rows, columns]


def random_mirror(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Mirror each image, left to right, with probability one half.

    Args:
        images: (n, height, width).
        generator: Of the random choices.

    Returns:
        Images of the same shape and type; those given stay as they are.

    Raises:
        ValueError: If the images are not (n, height, width).
    """
    n, _, _ = _shape(images)
    mirrored = generator.random((n, 1, 1)) < 0.5
    return np.where(mirrored, images[:, :, ::-1], images)


def _shape(images: np.ndarray) -> tuple[int, int, int]:
    if images.ndim != 3:
        raise ValueError(f"images must be (n, height, width), got shape {images.shape}; one image is images[None]")
    n, height, width = images.shape
    return n, height, width
