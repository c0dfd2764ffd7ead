"""Checkers of the exercises of the page "Inception-ResNet"."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.judging import Verdict, unanswered

BLOCKS = 40  # of the second exercise


def check_block_parameters(answer: object) -> Verdict:
    """Judge the number of parameters of a Block8 of version 1.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; for the usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, int | float | np.integer | np.floating):
        return Verdict(False, "Give one number.")
    kernels = 2 * 1792 * 192 + 2 * 3 * 192 * 192
    up = 384 * 1792 + 1792
    right = kernels + 4 * 3 * 192 + up
    slips = {
        right - 1792: "The 1x1 convolution at the end has a bias for each of its 1792 maps.",
        kernels + up: "Each of the four normalised convolutions has three more numbers for each map.",
        right + 4 * 192: "Without gamma, batch normalisation has three numbers for each map, not four.",
        right - 2 * 4 * 192: "The moving mean and variance count as parameters too, although no gradient sets them.",
        right - up: "The branches are right; the 1x1 convolution back to 1792 maps is missing.",
    }
    if answer == right:
        return Verdict(True, "Almost half of them are in the 1x1 convolution back to 1792 maps.")
    if answer in slips:
        return Verdict(False, slips[int(answer)])
    return Verdict(False, "Count the five convolutions one by one, then three numbers for each normalised map.")


def check_scale(answer: object) -> Verdict:
    """Judge the largest scale at which 40 blocks at most double the mean square.

    Args:
        answer: The reader's scale.

    Returns:
        Whether it is right to two digits; for the usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, int | float | np.integer | np.floating):
        return Verdict(False, "Give one number.")
    scale, growth = float(answer), 2 ** (1 / BLOCKS) - 1  # of one block
    if abs(scale - np.sqrt(growth)) < 0.003:
        return Verdict(True, "It lies in the range that the paper's authors found by trying: 0.1 to 0.3.")
    if abs(scale - growth) < 0.003:
        return Verdict(False, "That is the square of the scale; the growth of a block is 1 + scale².")
    if abs(scale - np.sqrt(2 * growth)) < 0.003:
        return Verdict(False, "Use the upper bound, 1 + scale² for each block, and 2 for all of them together.")
    return Verdict(False, f"Solve (1 + scale²) to the power of {BLOCKS} = 2 for the scale.")


def check_scaled_sum(answer: object) -> Verdict:
    """Judge a function that joins branches, scales and adds them, in NumPy.

    Args:
        answer: The reader's function of (x, branches, kernel, bias, scale).

    Returns:
        Whether it gives ReLU(x + scale * up) on small arrays; usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    random = np.random.default_rng(0)
    x, *branches = (random.normal(size=(2, 3, 4, channels)) for channels in (5, 2, 3))
    kernel, bias, scale = random.normal(size=(5, 5)), random.normal(size=5), 0.3
    found = _apply(answer, x, branches, kernel, bias, scale)
    if isinstance(found, Verdict):
        return found
    up = np.concatenate(branches, axis=-1) @ kernel + bias
    if np.allclose(found, np.maximum(0, x + scale * up), atol=1e-5):
        return Verdict(True, "This is one Inception-ResNet block after its branches.")
    swapped = np.concatenate(branches[::-1], axis=-1) @ kernel + bias
    slips = (
        (x + scale * up, "The result holds negative numbers; the block ends in ReLU."),
        (np.maximum(0, x + up), "The residual is not scaled."),
        (np.maximum(0, scale * (x + up)), "Only the residual is scaled; x goes through unchanged."),
        (np.maximum(0, x + scale * (up - bias)), "The bias is missing."),
        (np.maximum(0, x + scale * (up - bias) + bias), "The bias belongs to the residual, so it is scaled too."),
        (x + np.maximum(0, scale * up), "ReLU comes after the sum, not before it."),
        (np.maximum(0, x + scale * swapped), "The branches are joined in the wrong order."),
    )
    for wrong, text in slips:
        if np.allclose(found, wrong, atol=1e-5):
            return Verdict(False, text)
    return Verdict(False, "Join the branches along the last axis, multiply by the kernel, add the bias: that is up.")


def _apply(function: Callable, x: NDArray, branches: list[NDArray], *rest: object) -> NDArray | Verdict:
    kept = x.copy()
    try:
        found = np.asarray(function(x, branches, *rest), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
    if not np.array_equal(x, kept):
        return Verdict(False, "Your function changes x; work on a copy.")
    if found.shape != x.shape:
        return Verdict(False, f"The result should have the shape of x, {x.shape}, not {found.shape}.")
    return found
