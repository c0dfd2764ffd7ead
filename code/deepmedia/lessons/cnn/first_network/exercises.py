"""Checkers of the exercises of the page "A first network for photographs"."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.lessons.judging import Verdict, unanswered

KERNEL, CHANNELS_IN, CHANNELS_OUT = 3, 32, 64  # of the convolution in the first exercise


def check_parameters(answer: object) -> Verdict:
    """Judge the number of parameters of a 3×3 convolution from 32 to 64 feature maps.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; for the two usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (int, float, np.number)):
        return Verdict(False, "Give one number.")
    weights = KERNEL * KERNEL * CHANNELS_IN * CHANNELS_OUT
    slips = {
        weights: "You counted the weights; each of the 64 kernels also has a bias.",
        (KERNEL * KERNEL + 1) * CHANNELS_OUT: "Each kernel looks at all 32 feature maps below it, not at one.",
    }
    if answer == weights + CHANNELS_OUT:
        return Verdict(True, "Each of the 64 kernels has 3 · 3 · 32 weights and one bias.")
    for slip, hint in slips.items():
        if answer == slip:
            return Verdict(False, hint)
    return Verdict(False, "Count one kernel first: its height, its width, the maps that it looks at, its bias.")


def check_precision(answer: object, matrix: ArrayLike) -> Verdict:
    """Judge the precision of each class, read off a confusion matrix.

    Args:
        answer: The reader's values, one a class.
        matrix: Counts (n, n); entry [i, j] is how often class i was called class j.

    Returns:
        Whether they are right; recall in its place is told apart. A class that was never called has no precision, so
        that any value will do.
    """
    if verdict := unanswered(answer):
        return verdict
    counts = np.asarray(matrix)
    found = _as_values(answer)
    if found is None or found.shape != (len(counts),):
        return Verdict(False, f"There should be one number for each of the {len(counts)} classes.")
    if _are_shares(found, counts, axis=0):
        return Verdict(True, "Of all the photos that were called a class, this share belongs to it.")
    if _are_shares(found, counts, axis=1):
        return Verdict(False, "That is recall: you divided by the rows, the photos that belong to the class.")
    return Verdict(False, "Divide the diagonal by how often each class was called: the sum of its column.")


def check_shift(answer: object) -> Verdict:
    """Judge a function that moves images to the right and fills with black.

    Args:
        answer: The reader's function of (images, pixels).

    Returns:
        Whether it moves small arrays as it should; wrapping round, moving the
        wrong way and changing its argument are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    images = np.arange(1, 25, dtype=np.uint8).reshape(2, 3, 4)
    kept = images.copy()
    for pixels in (0, 1, 3):
        moved = _apply(answer, images, pixels)
        if isinstance(moved, Verdict):
            return moved
        if not np.array_equal(images, kept):
            return Verdict(False, "Your function changes the images it is given; work on a copy.")
        right = _shifted(images, pixels)
        if np.array_equal(moved, right):
            continue
        if np.array_equal(moved, np.roll(images, pixels, axis=2)):
            return Verdict(False, "What leaves on the right comes back on the left; those columns should be 0.")
        if np.array_equal(moved, _shifted(images[:, :, ::-1], pixels)[:, :, ::-1]):
            return Verdict(False, "Your function moves the images to the left.")
        return Verdict(False, f"With pixels={pixels} the row 1 2 3 4 became {moved[0, 0].tolist()}.")
    return Verdict(True, "The images move, and black comes in from the left.")


def _as_values(answer: object) -> NDArray[np.float64] | None:
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError):  # words, lists of unequal length
        return None


def _are_shares(found: NDArray[np.float64], counts: NDArray, *, axis: int) -> bool:
    """Whether these are the shares of the diagonal in its columns (axis 0) or rows (axis 1), where there are any."""
    totals = counts.sum(axis=axis)
    some = totals > 0
    return np.allclose(found[some], np.diag(counts)[some] / totals[some], atol=5e-4)


def _apply(function: Callable, images: NDArray, pixels: int) -> NDArray | Verdict:
    try:
        moved = np.asarray(function(images, pixels))
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"With pixels={pixels} your function raised {type(error).__name__}: {error}")
    if moved.shape != images.shape:
        return Verdict(False, f"With pixels={pixels} the shape changed from {images.shape} to {moved.shape}.")
    return moved


def _shifted(images: NDArray, pixels: int) -> NDArray:
    moved = np.zeros_like(images)
    moved[:, :, pixels:] = images[:, :, : images.shape[2] - pixels]
    return moved
