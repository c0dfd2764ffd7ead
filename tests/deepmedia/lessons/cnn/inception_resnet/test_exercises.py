import numpy as np
import pytest

from deepmedia.cnn.inception_resnet import inception_resnet_v1
from deepmedia.lessons.cnn.inception_resnet.exercises import check_block_parameters, check_scale, check_scaled_sum


def test_the_count_of_the_built_block_is_accepted():
    model = inception_resnet_v1((75, 75, 3), include_top=False)
    found = sum(layer.count_params() for layer in model.layers if layer.name.startswith("Block8_1_"))
    assert check_block_parameters(found).accepted
    assert check_block_parameters(np.int64(found)).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (1_599_744, "bias"),
        (1_599_232, "three more numbers"),
        (1_602_304, "not four"),
        (1_600_000, "moving mean"),
        (911_616, "is missing"),
        (1_601_537, "one by one"),
        (np.int64(911_616), "is missing"),
        ("many", "Give one number"),
        (np.array([1_601_536, 1]), "Give one number"),
        ([1_601_536], "Give one number"),
    ],
)
def test_wrong_counts_are_rejected_with_their_reason(answer, word):
    verdict = check_block_parameters(answer)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize("answer", [0.132, 0.13, np.float64(0.1322)])
def test_the_right_scale_is_accepted(answer):
    assert 1.9 < (1 + float(answer) ** 2) ** 40 < 2.05  # what the exercise asks for
    assert check_scale(answer).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.0175, "square of the scale"),
        (0.187, "upper bound"),
        (0.188, "upper bound"),
        (0.1, "rounded too far"),
        (13.2, "per cent"),
        (1.0, "Solve"),
        (np.int64(1), "Solve"),
        ("x", "one number"),
        (np.array([0.132, 0.1]), "one number"),
    ],
)
def test_wrong_scales_are_rejected_with_their_reason(answer, word):
    verdict = check_scale(answer)
    assert not verdict.accepted
    assert word in verdict.text


def right(x, branches, kernel, bias, scale):
    up = np.einsum("nhwc,cf->nhwf", np.concatenate(branches, -1), kernel) + bias
    return np.where(x + scale * up > 0, x + scale * up, 0)


def changing(x, branches, kernel, bias, scale):
    x[:] = right(x, branches, kernel, bias, scale)
    return x


def changing_a_branch(x, branches, kernel, bias, scale):
    found = right(x, branches, kernel, bias, scale)
    branches[0][:] = 0
    return found


def test_the_right_function_is_accepted():
    assert check_scaled_sum(right).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda x, b, k, bias, s: x + s * (np.concatenate(b, -1) @ k + bias), "ends in ReLU"),
        (lambda x, b, k, bias, s: right(x, b, k, bias, 1), "not scaled"),
        (lambda x, b, k, bias, s: s * right(x, b, k, bias, 1), "Only the residual"),
        (lambda x, b, k, bias, s: right(x, b, k, 0, s), "bias is missing"),
        (lambda x, b, k, bias, s: right(x, b, k, bias / s, s), "scaled too"),
        (lambda x, b, k, bias, s: x + right(0 * x, b, k, bias, s), "after the sum"),
        (lambda x, b, k, bias, s: right(x, b[::-1], k, bias, s), "wrong order"),
        (changing, "work on a copy"),
        (changing_a_branch, "work on a copy"),
        (lambda x, b, k, bias, s: right(x, b, k, bias, 0.3), "Join the branches"),  # the scale of the first try
        (lambda x, b, k, bias, s: 2 * x, "Join the branches"),
        (lambda x, b, k, bias, s: b[0], "shape of x"),
        (lambda x, b, k, bias, s: x @ k[:2], "raised ValueError"),
        (lambda x: x, "raised TypeError"),
        (np.zeros(3), "the function itself"),
    ],
)
def test_wrong_functions_are_rejected_with_their_reason(function, word):
    verdict = check_scaled_sum(function)
    assert not verdict.accepted
    assert word in verdict.text
