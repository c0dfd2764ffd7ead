import keras
import numpy as np
import pytest

from deepmedia.lessons.cnn.resnet.exercises import check_depth, check_quiet_start, check_weights


def test_the_right_weights_are_accepted():
    assert check_weights(69_632).accepted
    assert check_weights(np.int64(69_632)).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (589_824, "one 3×3 convolution"),
        (1_179_648, "two 3×3 convolutions"),
        (53_248, "last convolution is missing"),
        (69_632 + 384, "biases"),
        (69_632 + 65_536, "shortcut is the identity"),
        (3, "one by one"),
        (np.int64(589_824), "one 3×3 convolution"),
        ("many", "Give one number"),
        (np.array([69_632, 1]), "Give one number"),
        ([69_632], "Give one number"),
    ],
)
def test_wrong_weights_are_rejected_with_their_reason(answer, word):
    verdict = check_weights(answer)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_depth_is_accepted():
    assert check_depth(lambda blocks: 3 * sum(blocks) + 2).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda blocks: 3 * sum(blocks), "Two layers have weights besides"),
        (lambda blocks: 3 * sum(blocks) + 1, "One layer is missing"),
        (lambda blocks: 2 * sum(blocks) + 2, "three convolutions, not two"),
        (lambda blocks: 3 * sum(blocks) + 2 + len(blocks), "do not count"),
        (lambda blocks: 50, "For (3, 4, 23, 3) it gives 50, but should give 101"),
        (lambda blocks: [50], "a whole number; the result is a list"),
        (lambda: 50, "raised TypeError"),
        (50, "Give the function itself"),
    ],
)
def test_wrong_depths_are_rejected_with_their_reason(function, word):
    verdict = check_depth(function)
    assert not verdict.accepted
    assert word in verdict.text


def set_gammas(model, ends, value=0.0):
    for layer in model.layers:
        if layer.name.endswith(ends):
            layer.gamma.assign(value * layer.gamma)


def replace_the_gammas(model):
    for number in (1, 2, 3):
        model.get_layer(f"block{number}_2_bn").gamma = 0


def shift_the_stem(model):
    set_gammas(model, "_2_bn")
    model.get_layer("stem_conv").kernel.assign(0 * model.get_layer("stem_conv").kernel)


def test_the_right_start_is_accepted():
    assert check_quiet_start(lambda model: set_gammas(model, "_2_bn")).accepted


def test_the_check_leaves_the_reader_s_seed_alone():
    answers = []
    for number in range(2):
        keras.utils.set_random_seed(7)
        if number:
            check_quiet_start(lambda model: set_gammas(model, "_2_bn"))
        answers.append(np.random.random())  # noqa: NPY002 - the state that set_random_seed sets
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda model: None, "is not 0"),
        (lambda model: set_gammas(model, "_1_bn"), "is not 0"),
        (lambda model: set_gammas(model, "block1_2_bn"), "is not 0"),
        (lambda model: set_gammas(model, "_2_bn", 0.1), "is not 0"),
        (lambda model: set_gammas(model, ("_1_bn", "_2_bn")), "block1_1_bn/gamma"),
        (replace_the_gammas, "layer.gamma.assign"),
        (shift_the_stem, "stem_conv/kernel"),
        (lambda: None, "raised TypeError"),
        ("model", "Give the function itself"),
    ],
)
def test_wrong_starts_are_rejected_with_their_reason(function, word):
    verdict = check_quiet_start(function)
    assert not verdict.accepted
    assert word in verdict.text
