"""Checkers of the exercises of the page "Inception"."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.judging import Verdict, unanswered

PLACES, CHANNELS, NARROW, FILTERS = 14 * 14, 480, 16, 48  # of the branch in the first exercise
KERNEL = 5


def check_bottleneck_cost(answer: object) -> Verdict:
    """Judge the multiply-adds of a 1×1 bottleneck and the 5×5 convolution after it.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; for the usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, int | float | np.integer | np.floating):
        return Verdict(False, "Give one number.")
    first, second = PLACES * CHANNELS * NARROW, PLACES * NARROW * FILTERS * KERNEL**2
    slips = {
        PLACES * CHANNELS * FILTERS * KERNEL**2: "That is the 5 × 5 convolution without the bottleneck.",
        second: "You left out the bottleneck: it reads all 480 maps at each of the places.",
        first: "You left out the 5 × 5 convolution after the bottleneck.",
        (first + second) // PLACES: "You counted one place; the convolutions compute 14 · 14 of them.",
        first + PLACES * CHANNELS * FILTERS * KERNEL**2: "After the bottleneck the 5 × 5 convolution reads 16 maps.",
    }
    if answer == first + second:
        return Verdict(True, "1,505,280 for the bottleneck and 3,763,200 after it, instead of 112,896,000.")
    if answer in slips:
        return Verdict(False, slips[int(answer)])
    return Verdict(
        False, "Each convolution costs places · maps read · filters · kernel height · kernel width; add two."
    )


def check_smoothing(answer: object) -> Verdict:
    """Judge a function that makes smoothed distributions of labels.

    Args:
        answer: The reader's function of (labels, classes, smoothing).

    Returns:
        Whether it gives what the formula says; smoothing over the other classes
        only, and rows that don't add up to 1, are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    labels = np.array([2, 0, 3])
    for classes, smoothing in ((4, 0.0), (4, 0.2), (5, 0.1)):
        found = _apply(answer, (labels.copy(), classes, smoothing), (len(labels), classes))
        if isinstance(found, Verdict):
            return found
        if hint := _smoothing_hint(found, labels, smoothing):
            return Verdict(False, hint)
    return Verdict(True, "Each row is a distribution, and the label's class has the most of it.")


def check_separate(answer: object) -> Verdict:
    """Judge a function that splits a kernel into a column and a row.

    Args:
        answer: The reader's function of a kernel (n, n).

    Returns:
        Whether column times row is the kernel where that is possible, and the
        nearest such product where it is not.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    random = np.random.default_rng(0)
    column, row = random.normal(size=7), random.normal(size=7)
    for kernel, kind in ((np.outer(column, row), "separable"), (random.normal(size=(3, 3)), "random")):
        try:
            found = answer(kernel.copy())
            product = np.outer(*found)
        except Exception as error:  # whatever the reader's code raises is an answer, not a crash
            return Verdict(False, f"On a {kind} kernel your function raised {type(error).__name__}: {error}")
        if product.shape != kernel.shape:
            return Verdict(False, f"The column and the row should have {len(kernel)} numbers each.")
        left, values, right = np.linalg.svd(kernel)
        best = values[0] * np.outer(left[:, 0], right[0])
        if np.allclose(product, best, atol=1e-5):
            continue
        if np.allclose(product, best.T, atol=1e-5):
            return Verdict(False, "The column and the row are swapped.")
        if np.allclose(product, best / values[0], atol=1e-5):
            return Verdict(False, "The product has the right shape but the wrong size: use the first singular value.")
        distance = np.linalg.norm(product - kernel) / np.linalg.norm(best - kernel + 1e-9)
        reason = "differs from it" if kind == "separable" else f"is {distance:.1f} times as far from it as the nearest"
        return Verdict(False, f"For a {kind} kernel, the product of your column and row {reason}.")
    return Verdict(True, "The product is the kernel, or the nearest one that a column and a row can make.")


def _smoothing_hint(found: NDArray, labels: NDArray, smoothing: float) -> str | None:
    """What is wrong with smoothed labels (n, classes), shown on a row that is wrong; None if nothing is."""
    classes = found.shape[1]
    one_hot = np.eye(classes)[labels]
    right = (1 - smoothing) * one_hot + smoothing / classes
    if np.allclose(found, right, atol=1e-6):
        return None
    others = (1 - smoothing) * one_hot + smoothing / (classes - 1) * (1 - one_hot)
    if np.allclose(found, others, atol=1e-6):
        return "The label's own class gets its part of the uniform distribution, too."
    sums = found.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-6):
        worst = sums[np.abs(sums - 1).argmax()]
        return f"Each row must add up to 1; with smoothing {smoothing} one has {worst:.3f}."
    row = np.abs(found - right).max(axis=1).argmax()
    return f"With {classes} classes, smoothing {smoothing} and label {labels[row]} you gave {found[row].round(3)}."


def _apply(function: Callable, arguments: tuple, shape: tuple[int, ...]) -> NDArray | Verdict:
    try:
        found = np.asarray(function(*arguments), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
    if found.shape != shape:
        return Verdict(False, f"With {shape[0]} labels and {shape[1]} classes the shape should be {shape}.")
    return found
