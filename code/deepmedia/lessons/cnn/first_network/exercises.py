"""Checkers of the exercises of the page "A first network for photographs"."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.lessons.judging import call_for_numbers, checker, compare, read_number, read_numbers

KERNEL, CHANNELS_IN, CHANNELS_OUT = 3, 32, 64  # of the convolution in the first exercise


@checker
def check_parameters(answer: object) -> str:
    """Judge the number of parameters of a 3×3 convolution from 32 to 64 feature maps."""
    weights = KERNEL * KERNEL * CHANNELS_IN * CHANNELS_OUT
    slips = (
        (weights, "You counted the weights; each of the 64 kernels also has a bias."),
        ((KERNEL * KERNEL + 1) * CHANNELS_OUT, "Each kernel looks at all 32 feature maps below it, not at one."),
    )
    hint = "Count one kernel first: its height, its width, the maps that it looks at, its bias."
    compare(read_number(answer), weights + CHANNELS_OUT, slips, hint=hint)
    return "Each of the 64 kernels has 3 · 3 · 32 weights and one bias."


@checker
def check_precision(answer: object, matrix: ArrayLike) -> str:
    """Judge the precision of each class, read off a confusion matrix.

    Args:
        answer: The reader's values, one a class; any value will do for a class that was never called.
        matrix: Counts (n, n); entry [i, j] is how often class i was called class j.
    """
    counts = np.asarray(matrix)
    wanted = f"There should be one number for each of the {len(counts)} classes"
    found = read_numbers(answer, (len(counts),), wanted, finite=False)
    called, present, right = counts.sum(axis=0), counts.sum(axis=1), np.diag(counts)
    recall = np.where(present > 0, right / np.maximum(present, 1), found)  # without photos any value will do
    some = called > 0
    slips = [(recall[some], "That is recall: you divided by the rows, the photos that belong to the class.")]
    hint = "Divide the diagonal by how often each class was called: the sum of its column."
    compare(found[some], right[some] / called[some], slips, hint=hint, atol=5e-4)
    return "Of all the photos that were called a class, this share belongs to it."


@checker
def check_shift(answer: object) -> str:
    """Judge a function of (images, pixels) that moves images to the right and fills with black."""
    images = np.arange(1, 25, dtype=np.uint8).reshape(2, 3, 4)
    for pixels in (0, 1, 3):
        at = f"With pixels={pixels} "
        wanted = f"{at}the shape should stay {images.shape}"
        moved = call_for_numbers(answer, images, pixels, shape=images.shape, wanted=wanted, at=at, kept="the images")
        compare(
            moved,
            _shifted(images, pixels),
            (
                (
                    np.roll(images, pixels, axis=2),
                    "What leaves on the right comes back on the left; those columns should be 0.",
                ),
                (_shifted(images[:, :, ::-1], pixels)[:, :, ::-1], "Your function moves the images to the left."),
            ),
            hint=f"{at}the row 1 2 3 4 became {moved[0, 0].tolist()}.",
        )
    return "The images move, and black comes in from the left."


def _shifted(images: NDArray, pixels: int) -> NDArray:
    moved = np.zeros_like(images)
    moved[:, :, pixels:] = images[:, :, : images.shape[2] - pixels]
    return moved
