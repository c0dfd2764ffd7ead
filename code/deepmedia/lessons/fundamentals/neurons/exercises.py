"""Checkers of the exercises of the page "Neurons, activations, losses"."""

import numpy as np
from scipy.special import expit, logsumexp

from deepmedia.lessons.judging import (
    NotYet,
    call_for_numbers,
    call_for_pair,
    checker,
    compare,
    read_number,
    read_numbers,
)

WEIGHTS, BIAS, EXAMPLE = (2.0, -1.0), -2.0, (1.5, 0.5)  # of the first exercise
TOLERANCE = 0.006  # two decimal places


@checker
def check_probability(answer: object) -> str:
    """Judge the probability that the logistic unit of the exercise gives."""
    products = WEIGHTS[0] * EXAMPLE[0], WEIGHTS[1] * EXAMPLE[1]
    score = sum(products) + BIAS
    compare(
        read_number(answer),
        expit(score),
        (
            (score, "That is the score z. Put it into the sigmoid."),
            (expit(sum(products)), "You left out the bias."),
            (expit(products[0] - products[1] + BIAS), "The second weight is negative: it takes 0.5 away."),
            (expit(-score), "That is 1 − p, the probability of the other kind: mind the sign in the exponent."),
        ),
        hint="Compute the score w₁x₁ + w₂x₂ + b first, then 1 / (1 + e⁻ᶻ).",
        atol=TOLERANCE,
    )
    return f"The score is {score:g}, a little above 0, so the probability is a little above one half."


@checker
def check_log_sum_exp(answer: object) -> str:
    """Judge a function of logits (n, K) that gives the logarithm of the sum of exponentials of each row, (n,)."""
    small = np.array([[0.0, 1.0, 2.0], [-1.0, 3.0, 0.5]])
    right, wanted = logsumexp(small, axis=1), "There should be one value for each row"
    found = call_for_numbers(answer, small, shape=None, wanted=wanted)
    if found.shape != (2,):
        whole = "not one for the whole array."
        reasons = {(3,): "you added up over the rows.", (): whole, (1,): whole}
        reason = f"for logits of shape (2, 3) the shape should be (2,), not {found.shape}."
        raise NotYet(f"{wanted}; {reasons.get(found.shape, reason)}")
    reason = "The largest logit that you subtracted has to be added again, after the logarithm."
    hint = f"For the logits 0, 1, 2 your function gives {found[0]:.4f}, and it should be {right[0]:.4f}."
    compare(found, right, [(right - small.max(axis=1), reason)], hint=hint)
    large = np.array([[1000.0, 1000.0], [-1000.0, -1000.0], [1000.0, -1000.0]])
    found, right = call_for_numbers(answer, large, shape=(3,), wanted=wanted), logsumexp(large, axis=1)
    if not np.isfinite(found).all():
        raise NotYet(f"Right for small logits, but for ±1000 it gives {found[0]} and {found[1]}.")
    hint = "For several rows of large logits it is wrong: take the largest logit of each row for itself."
    if np.allclose(found[[0, 2]], right[[0, 2]]):
        hint = "For logits of −1000 it is wrong: subtract the largest logit, not the largest size."
    compare(found, right, hint=hint, atol=0.01)
    return "It is right for small logits, and survives those of ±1000."


@checker
def check_swish(answer: object) -> str:
    """Judge a function of z (n,) that gives swish and its slope, compared with differences of the reader's values."""
    z, step = np.linspace(-4, 4, 17), 1e-5
    (a, slope), (above, _), (below, _) = (_values_and_slopes(answer, each) for each in (z, z + step, z - step))
    sigmoid, two_terms = (
        expit(z),
        "σ(z) depends on z, but so does the factor in front of it: the product has two terms.",
    )
    compare(a, z * sigmoid, hint="The first array is not z σ(z).")
    compare(
        slope,
        (above - below) / (2 * step),
        (
            (sigmoid, "σ(z) is the first half of the product rule; z times the slope of σ(z) is missing."),
            (z * sigmoid * (1 - sigmoid), two_terms),
            (sigmoid * (1 - sigmoid), two_terms),
        ),
        hint="The slope does not agree with differences of your values.",
    )
    return f"Your slope agrees with differences of your values at {len(z)} places."


def _values_and_slopes(function: object, z: np.ndarray) -> list[np.ndarray]:
    pair = call_for_pair(function, z, wanted="Return two arrays: the values and the slopes")
    wanted = f"Both arrays should have the shape of z, {z.shape}"
    return [read_numbers(each, z.shape, wanted, who="one of them", finite=False) for each in pair]
