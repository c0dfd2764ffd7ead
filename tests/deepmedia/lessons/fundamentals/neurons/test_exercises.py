import math

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from deepmedia.lessons.fundamentals.neurons.exercises import check_log_sum_exp, check_probability, check_swish


def test_the_right_probability_is_accepted():
    # z = 2 * 1.5 - 0.5 - 2 = 0.5
    assert check_probability(1 / (1 + math.exp(-0.5))).accepted
    assert check_probability(0.62).accepted
    assert check_probability(np.float32(0.622)).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.5, "the score z"),
        (expit(2.5), "left out the bias"),
        (expit(1.5), "second weight is negative"),
        (expit(-0.5), "1 − p"),
        (0.7, "score w₁x₁"),
        ("0.62", "one number"),
    ],
)
def test_wrong_probabilities_are_rejected_with_their_reason(answer, word):
    verdict = check_probability(answer)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_log_sum_exp_is_accepted():
    assert check_log_sum_exp(lambda z: logsumexp(z, axis=-1)).accepted


def shifted_by_one_maximum(z):
    return z.max() + np.log(np.exp(z - z.max()).sum(axis=-1))


def shifted_by_largest_size(z):
    size = np.abs(z).max(axis=-1)
    found = size + np.log(np.exp(z - size[:, None]).sum(axis=-1))
    return np.where(np.isfinite(found), found, 0)


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda z: np.log(np.exp(z).sum(axis=-1)), "for ±1000 it gives inf and -inf"),
        (lambda z: np.log(np.exp(z - z.max(axis=-1, keepdims=True)).sum(axis=-1)), "added again"),
        (lambda z: logsumexp(z, axis=0), "over the rows"),
        (lambda z: logsumexp(z), "not one for the whole array"),
        (lambda z: logsumexp(z)[None], "not one for the whole array"),
        (lambda z: logsumexp(z, axis=-1, keepdims=True), "not (2, 1)"),
        (lambda z: z.max(axis=-1), "For the logits 0, 1, 2"),
        (shifted_by_one_maximum, "for ±1000 it gives"),
        (shifted_by_largest_size, "not the largest size"),
        (lambda z: np.maximum(logsumexp(z, axis=-1), 0) - 0.5 * (z.max() > 9), "each row for itself"),
        (lambda z: z + np.ones(7), "raised ValueError"),
        (lambda z: "many", "the result is a string"),
        (3.0, "the function itself"),
    ],
)
def test_wrong_log_sum_exps_are_rejected_with_their_reason(function, word):
    verdict = check_log_sum_exp(function)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_swish_is_accepted():
    assert check_swish(lambda z: (z * expit(z), expit(z) * (1 + z * expit(-z)))).accepted
    assert check_swish(lambda z: [z * expit(z), expit(z) + z * expit(z) * (1 - expit(z))]).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda z: (expit(z), expit(z) * expit(-z)), "not z σ(z)"),
        (lambda z: (z * expit(z), expit(z)), "first half of the product rule"),
        (lambda z: (z * expit(z), expit(z) * expit(-z)), "two terms"),
        (lambda z: (z * expit(z), z * expit(z) * expit(-z)), "two terms"),
        (lambda z: (z * expit(z), -z), "does not agree"),
        (lambda z: z * expit(z), "two arrays"),
        (lambda z: (z * expit(z), 1.0), "the shape of z"),
        (lambda z: 1 / 0, "raised ZeroDivisionError"),
        (np.zeros(3), "the function itself"),
    ],
)
def test_wrong_swishes_are_rejected_with_their_reason(function, word):
    verdict = check_swish(function)
    assert not verdict.accepted
    assert word in verdict.text
