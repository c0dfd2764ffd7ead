"""Checkers of the exercises of the page "Inception-ResNet"."""

import numpy as np

from deepmedia.lessons.judging import call_for_numbers, checker, compare, read_number

BLOCKS = 40  # of the second exercise


@checker
def check_block_parameters(answer: object) -> str:
    """Judge the number of parameters of a Block8 of version 1."""
    kernels, up = 2 * 1792 * 192 + 2 * 3 * 192 * 192, 384 * 1792 + 1792
    right = kernels + 4 * 3 * 192 + up
    slips = (
        (right - 1792, "The 1x1 convolution at the end has a bias for each of its 1792 maps."),
        (kernels + up, "Each of the four normalised convolutions has three more numbers for each map."),
        (right + 4 * 192, "Without gamma, batch normalisation has three numbers for each map, not four."),
        (
            right - 2 * 4 * 192,
            "The moving mean and variance count as parameters too, although no gradient sets them.",
        ),
        (right - up, "The branches are right; the 1x1 convolution back to 1792 maps is missing."),
    )
    hint = "Count the five convolutions one by one, then three numbers for each normalised map."
    compare(read_number(answer), right, slips, hint=hint)
    return "Almost half of them are in the 1x1 convolution back to 1792 maps."


@checker
def check_scale(answer: object) -> str:
    """Judge the largest scale at which 40 blocks at most double the mean square, to two digits."""
    growth = 2 ** (1 / BLOCKS) - 1  # of one block
    slips = (
        (growth, "That is the square of the scale; the growth of a block is 1 + scale²."),
        (np.sqrt(2 * growth), "Use the upper bound, 1 + scale² for each block, and 2 for all of them together."),
    )
    hint = f"Solve (1 + scale²) to the power of {BLOCKS} = 2 for the scale."
    compare(read_number(answer), np.sqrt(growth), slips, hint=hint, atol=0.003)
    return "It lies in the range that the paper's authors found by trying: 0.1 to 0.3."


@checker
def check_scaled_sum(answer: object) -> str:
    """Judge a function of (x, branches, kernel, bias, scale) that joins branches, scales them and adds them to x."""
    random = np.random.default_rng(0)
    for scale in (0.3, 0.6):
        x, *branches = (random.normal(size=(2, 3, 4, channels)) for channels in (5, 2, 3))
        kernel, bias = random.normal(size=(5, 5)), random.normal(size=5)
        up = np.concatenate(branches, axis=-1) @ kernel + bias
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
        hint = "Join the branches along the last axis, multiply by the kernel, add the bias: that is up."
        wanted, arguments = f"The result should have the shape of x, {x.shape}", (x, branches, kernel, bias, scale)
        found = call_for_numbers(answer, *arguments, shape=x.shape, wanted=wanted, kept="x or another argument")
        compare(found, np.maximum(0, x + scale * up), slips, hint=hint)
    return "This is one Inception-ResNet block after its branches."
