"""Checkers of the exercises of the page "ResNet"."""

import numpy as np

from deepmedia.lessons.cnn.resnet.experiment import stacked_network
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_number

WIDE, NARROW = 256, 64  # channels outside and inside of the first exercise's bottleneck
DEPTHS = {(3, 4, 6, 3): 50, (3, 4, 23, 3): 101, (3, 8, 36, 3): 152, (2, 2): 14}  # blocks of each stage: layers


@checker
def check_weights(answer: object) -> str:
    """Judge the number of weights in the kernels of a bottleneck of 256, 64, 64 and 256 channels."""
    ones, threes = WIDE * NARROW, 9 * NARROW * NARROW
    right = ones + threes + ones
    slips = (
        (9 * WIDE * WIDE, "That is one 3×3 convolution at the full width."),
        (2 * 9 * WIDE * WIDE, "Those are two 3×3 convolutions at the full width, which the bottleneck avoids."),
        (ones + threes, "The last convolution is missing: it brings the maps back to 256."),
        (right + 2 * NARROW + WIDE, "You counted the biases, too; the question is about the kernels' weights."),
        (right + WIDE * WIDE, "The shortcut is the identity here, it has no weights."),
    )
    hint = "Count the three kernels one by one: height × width × maps in × maps out."
    compare(read_number(answer), right, slips, hint=hint)
    return "16,384 + 36,864 + 16,384: two 3×3 convolutions of 256 maps would have 17 times as many."


@checker
def check_depth(answer: object) -> str:
    """Judge a function from the blocks of each stage, a tuple, to the layers of a bottleneck network."""
    for blocks, depth in DEPTHS.items():
        result = call(answer, blocks)
        found = read_number(result, "The function should return a whole number", who="the result")
        problem, total = f"For {blocks} it gives {result}, but should give {depth}.", sum(blocks)
        slips = (
            (
                3 * total,
                "Two layers have weights besides those of the blocks: the first convolution and the classifier.",
            ),
            (3 * total + 1, "One layer is missing: the first convolution and the classifier both count."),
            (2 * total + 2, "A bottleneck has three convolutions, not two."),
            (3 * total + 2 + len(blocks), "The convolutions on the shortcuts do not count."),
        )
        hint = f"{problem} Count the convolutions of a block, the blocks, and what stands before and after."
        compare(found, depth, [(wrong, f"{problem} {reason}") for wrong, reason in slips], hint=hint)
    return "Three layers a block, the first convolution, and the classifier."


@checker
def check_quiet_start(answer: object) -> str:
    """Judge a function of a network from `stacked_network` that sets each block's last gamma to 0, and nothing else."""
    model = stacked_network(3)
    before = {weight.path: np.array(weight.numpy()) for weight in model.weights}
    call(answer, model)
    last = [model.get_layer(f"block{number}_2_bn").gamma for number in (1, 2, 3)]
    if not all(hasattr(gamma, "assign") for gamma in last):
        raise NotYet("Keep each gamma as it is, a variable of Keras, and change its value: layer.gamma.assign(...).")
    if any(np.any(gamma.numpy()) for gamma in last):
        raise NotYet("At least one block's last gamma is not 0; they belong to the layers block1_2_bn, ...")
    rest = [w for w in model.weights if w.path not in {gamma.path for gamma in last}]
    changed = [w.path for w in rest if not np.array_equal(w.numpy(), before[w.path])]
    if changed:
        raise NotYet(f"Something else changed as well, first of all {changed[0]}. Only the last gammas should.")
    return "Each block starts as the identity; the network is as shallow as one can be until it learns."
