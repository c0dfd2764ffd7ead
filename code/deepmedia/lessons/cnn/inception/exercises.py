"""Checkers of the exercises of the page "Inception"."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.judging import call_for_numbers, call_for_pair, checker, compare, read_number, read_numbers

PLACES, CHANNELS, NARROW, FILTERS = 14 * 14, 480, 16, 48  # of the branch in the first exercise
KERNEL = 5


@checker
def check_bottleneck_cost(answer: object) -> str:
    """Judge the multiply-adds of a 1×1 bottleneck and the 5×5 convolution after it."""
    first, second = PLACES * CHANNELS * NARROW, PLACES * NARROW * FILTERS * KERNEL**2
    direct = PLACES * CHANNELS * FILTERS * KERNEL**2
    slips = (
        (direct, "That is the 5 × 5 convolution without the bottleneck."),
        (second, "You left out the bottleneck: it reads all 480 maps at each of the places."),
        (first, "You left out the 5 × 5 convolution after the bottleneck."),
        ((first + second) / PLACES, "You counted one place; the convolutions compute 14 · 14 of them."),
        (first + direct, "After the bottleneck the 5 × 5 convolution reads 16 maps."),
    )
    hint = "Each convolution costs places · maps read · filters · kernel height · kernel width; add two."
    compare(read_number(answer), first + second, slips, hint=hint)
    return "1,505,280 for the bottleneck and 3,763,200 after it, instead of 112,896,000."


@checker
def check_smoothing(answer: object) -> str:
    """Judge a function of (labels, classes, smoothing) that makes smoothed distributions of labels, one a row."""
    labels = np.array([2, 0, 3])
    for classes, smoothing in ((4, 0.0), (4, 0.2), (5, 0.1)):
        shape = (len(labels), classes)
        wanted = f"With {shape[0]} labels and {classes} classes the shape should be {shape}"
        found = call_for_numbers(answer, labels, classes, smoothing, shape=shape, wanted=wanted)
        one_hot = np.eye(classes)[labels]
        right = (1 - smoothing) * one_hot + smoothing / classes
        others = (1 - smoothing) * one_hot + smoothing / (classes - 1) * (1 - one_hot)
        slips = [(others, "The label's own class gets its part of the uniform distribution, too.")]
        compare(found, right, slips, hint=_smoothing_hint(found, right, labels, smoothing), atol=1e-6)
    return "Each row is a distribution, and the label's class has the most of it."


@checker
def check_separate(answer: object) -> str:
    """Judge a function of a kernel (n, n) that gives the column and the row whose product comes nearest to it."""
    random = np.random.default_rng(0)
    column, row = random.normal(size=7), random.normal(size=7)
    for kernel, kind in ((np.outer(column, row), "separable"), (random.normal(size=(3, 3)), "random")):
        wanted = f"Give the column and the row, {len(kernel)} numbers each"
        parts = call_for_pair(answer, kernel, wanted=wanted, at=f"On a {kind} kernel ")
        product = np.outer(*(read_numbers(part, None, wanted, who="one of them").ravel() for part in parts))
        read_numbers(product, kernel.shape, wanted, who="their product")
        left, values, right = np.linalg.svd(kernel)
        best = values[0] * np.outer(left[:, 0], right[0])
        slips = (
            (best.T, "The column and the row are swapped."),
            (best / values[0], "The product has the right shape but the wrong size: use the first singular value."),
        )
        distance = np.linalg.norm(product - kernel) / np.linalg.norm(best - kernel + 1e-9)
        reason = "differs from it" if kind == "separable" else f"is {distance:.1f} times as far from it as the nearest"
        compare(product, best, slips, hint=f"For a {kind} kernel, the product of your column and row {reason}.")
    return "The product is the kernel, or the nearest one that a column and a row can make."


def _smoothing_hint(found: NDArray, right: NDArray, labels: NDArray, smoothing: float) -> str:
    """What is wrong with smoothed labels (n, classes), shown on the row that is farthest off."""
    sums = found.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-6):
        worst = sums[np.abs(sums - 1).argmax()]
        return f"Each row must add up to 1; with smoothing {smoothing} one has {worst:.3f}."
    row = np.abs(found - right).max(axis=1).argmax()
    classes = found.shape[1]
    return f"With {classes} classes, smoothing {smoothing} and label {labels[row]} you gave {found[row].round(3)}."
