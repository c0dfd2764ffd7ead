"""Checkers of the exercises of the page "ResNet"."""

from collections.abc import Callable

import numpy as np

from deepmedia.lessons.cnn.resnet.experiment import stacked_network
from deepmedia.lessons.judging import Verdict, unanswered

WIDE, NARROW = 256, 64  # channels outside and inside of the first exercise's bottleneck
DEPTHS = {(3, 4, 6, 3): 50, (3, 4, 23, 3): 101, (3, 8, 36, 3): 152, (2, 2): 14}  # blocks of each stage: layers


def check_weights(answer: object) -> Verdict:
    """Judge the number of weights in the kernels of a bottleneck of 256, 64, 64 and 256 channels.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; for the usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, int | float | np.integer | np.floating):
        return Verdict(False, "Give one number.")
    ones, threes = WIDE * NARROW, 9 * NARROW * NARROW
    right = ones + threes + ones
    slips = {
        9 * WIDE * WIDE: "That is one 3×3 convolution at the full width.",
        2 * 9 * WIDE * WIDE: "Those are two 3×3 convolutions at the full width, which the bottleneck avoids.",
        ones + threes: "The last convolution is missing: it brings the maps back to 256.",
        right + 2 * NARROW + WIDE: "You counted the biases, too; the question is about the kernels' weights.",
        right + WIDE * WIDE: "The shortcut is the identity here, it has no weights.",
    }
    if answer == right:
        return Verdict(True, "16,384 + 36,864 + 16,384: two 3×3 convolutions of 256 maps would have 17 times as many.")
    if answer in slips:
        return Verdict(False, slips[int(answer)])
    return Verdict(False, "Count the three kernels one by one: height × width × maps in × maps out.")


def check_depth(answer: object) -> Verdict:
    """Judge a function from the blocks of each stage to the layers of a bottleneck network.

    Args:
        answer: The reader's function of a sequence of whole numbers.

    Returns:
        Whether it gives the depths of known networks; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    for blocks, depth in DEPTHS.items():
        found = _call(answer, blocks)
        if isinstance(found, Verdict):
            return found
        if not isinstance(found, int | np.integer):
            return Verdict(False, f"The function should return a whole number, not {type(found).__name__}.")
        total = sum(blocks)
        slips = {
            3 * total: "Two layers have weights besides those of the blocks: the first convolution and the classifier.",
            3 * total + 1: "One layer is missing: the first convolution and the classifier both count.",
            2 * total + 2: "A bottleneck has three convolutions, not two.",
            3 * total + 2 + len(blocks): "The convolutions on the shortcuts do not count.",
        }
        if found != depth:
            hint = slips.get(
                int(found), "Count the convolutions of a block, the blocks, and what stands before and after."
            )
            return Verdict(False, f"For {blocks} it gives {found}, but should give {depth}. {hint}")
    return Verdict(True, "Three layers a block, the first convolution, and the classifier.")


def check_quiet_start(answer: object) -> Verdict:
    """Judge a function that makes each residual block of a new network pass its input on.

    Args:
        answer: The reader's function of a network from `stacked_network`.

    Returns:
        Whether it sets the last gamma of each block to 0 and nothing else.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    model = stacked_network(3)
    before = {weight.path: np.array(weight.numpy()) for weight in model.weights}
    outcome = _call(answer, model)
    if isinstance(outcome, Verdict):
        return outcome
    last = [model.get_layer(f"block{number}_2_bn").gamma for number in (1, 2, 3)]
    if any(np.any(gamma.numpy()) for gamma in last):
        return Verdict(False, "At least one block's last gamma is not 0; they belong to the layers block1_2_bn, ...")
    rest = [w for w in model.weights if w.path not in {gamma.path for gamma in last}]
    changed = [w.path for w in rest if not np.array_equal(w.numpy(), before[w.path])]
    if changed:
        return Verdict(
            False, f"Something else changed as well, first of all {changed[0]}. Only the last gammas should."
        )
    return Verdict(True, "Each block starts as the identity; the network is as shallow as one can be until it learns.")


def _call(function: Callable, argument: object) -> object:
    try:
        return function(argument)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
