"""Checkers of the exercises of the page "Neurons, activations, losses"."""

import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.judging import Verdict, unanswered

WEIGHTS, BIAS, EXAMPLE = (2.0, -1.0), -2.0, (1.5, 0.5)  # of the first exercise
TOLERANCE = 0.006  # two decimal places


def check_probability(answer: object) -> Verdict:
    """Judge the probability that the logistic unit of the exercise gives.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; the score in its place and three slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (int, float, np.number)):
        return Verdict(False, "Give one number.")
    products = WEIGHTS[0] * EXAMPLE[0], WEIGHTS[1] * EXAMPLE[1]
    score = sum(products) + BIAS
    if abs(answer - _logistic(score)) <= TOLERANCE:
        return Verdict(
            True, f"The score is {score:g}, a little above 0, so the probability is a little above one half."
        )
    slips = {
        score: "That is the score z. Put it into the sigmoid.",
        _logistic(sum(products)): "You left out the bias.",
        _logistic(products[0] - products[1] + BIAS): "The second weight is negative: it takes 0.5 away.",
        1 - _logistic(score): "That is 1 − p, the probability of the other kind: mind the sign in the exponent.",
    }
    for value, text in slips.items():
        if abs(answer - value) <= TOLERANCE:
            return Verdict(False, text)
    return Verdict(False, "Compute the score w₁x₁ + w₂x₂ + b first, then 1 / (1 + e⁻ᶻ).")


def check_log_sum_exp(answer: object) -> Verdict:
    """Judge a function that computes the logarithm of the sum of exponentials of each row.

    Args:
        answer: The reader's function of logits (n, K).

    Returns:
        Whether small and large logits give what they should; overflow, a wrong
        axis, and the largest logit not put back are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    small = np.array([[0.0, 1.0, 2.0], [-1.0, 3.0, 0.5]])
    right = np.array([math.log(sum(math.exp(z) for z in row)) for row in small.tolist()])
    found = _apply(answer, small)
    if isinstance(found, Verdict):
        return found
    if found.shape == (3,):
        return Verdict(False, "There should be one value for each row; you added up over the rows.")
    if found.shape == () or found.shape == (1,):
        return Verdict(False, "There should be one value for each row, not one for the whole array.")
    if found.shape != (2,):
        return Verdict(False, f"For logits of shape (2, 3) the result should have shape (2,), not {found.shape}.")
    if np.allclose(found, right - small.max(axis=1)):
        return Verdict(False, "The largest logit that you subtracted has to be added again, after the logarithm.")
    if not np.allclose(found, right):
        return Verdict(
            False, f"For the logits 0, 1, 2 your function gives {found[0]:.4f}, and it should be {right[0]:.4f}."
        )
    return _check_large_logits(answer)


def _check_large_logits(function: Callable) -> Verdict:
    large = np.array([[1000.0, 1000.0], [-1000.0, -1000.0], [1000.0, -1000.0]])
    found = _apply(function, large)
    if isinstance(found, Verdict):
        return found
    if np.allclose(found, [1000 + math.log(2), -1000 + math.log(2), 1000]):
        return Verdict(True, "It is right for small logits, and survives those of ±1000.")
    if not np.isfinite(found).all():
        return Verdict(False, f"Right for small logits, but for ±1000 it gives {found[0]} and {found[1]}.")
    if math.isclose(found[0], 1000 + math.log(2)) and math.isclose(found[2], 1000):
        return Verdict(False, "For logits of −1000 it is wrong: subtract the largest logit, not the largest size.")
    return Verdict(
        False, "For several rows of large logits it is wrong: take the largest logit of each row for itself."
    )


def check_swish(answer: object) -> Verdict:
    """Judge a function that gives swish and its slope.

    Args:
        answer: The reader's function of z (n,).

    Returns:
        Whether both are right; the slope is compared with central differences of
        the reader's own values, so that an error in either is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    z, step = np.linspace(-4, 4, 17), 1e-5
    results = []
    for shift in (0, step, -step):
        result = _values_and_slopes(answer, z + shift)
        if isinstance(result, Verdict):
            return result
        results.append(result)
    (a, slope), (above, _), (below, _) = results
    sigmoid = 1 / (1 + np.exp(-z))
    if not np.allclose(a, z * sigmoid):
        return Verdict(False, "The first array is not z σ(z).")
    if np.allclose(slope, (above - below) / (2 * step), atol=1e-6):
        return Verdict(True, "Your slope agrees with differences of your values at 17 places.")
    if np.allclose(slope, sigmoid):
        return Verdict(False, "σ(z) is the first half of the product rule; z times the slope of σ(z) is missing.")
    if np.allclose(slope, z * sigmoid * (1 - sigmoid)) or np.allclose(slope, sigmoid * (1 - sigmoid)):
        return Verdict(
            False, "σ(z) depends on z, but so does the factor in front of it: the product rule has two terms."
        )
    return Verdict(False, "The slope does not agree with differences of your values.")


def _logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _apply(function: Callable, logits: NDArray) -> NDArray | Verdict:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # overflow is judged by what comes out
            return np.asarray(function(logits.copy()), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")


def _values_and_slopes(function: Callable, z: NDArray) -> tuple[NDArray, NDArray] | Verdict:
    try:
        pair = function(z.copy())
    except Exception as error:  # as above
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return Verdict(False, "Return two arrays: the values and the slopes.")
    a, slope = (np.asarray(array, dtype=float) for array in pair)
    if a.shape != z.shape or slope.shape != z.shape:
        return Verdict(
            False, f"Both arrays should have the shape of z, {z.shape}; yours are {a.shape} and {slope.shape}."
        )
    return a, slope
