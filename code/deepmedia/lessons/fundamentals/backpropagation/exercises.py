"""Checkers of the exercises of the page "Back-propagation by hand"."""

from typing import Any

import numpy as np

from deepmedia.fundamentals.activations import softplus
from deepmedia.fundamentals.gradients import gradient_check
from deepmedia.fundamentals.layers import Dense, Layer
from deepmedia.fundamentals.losses import SquaredError
from deepmedia.fundamentals.network import Network
from deepmedia.fundamentals.optimisers import Optimiser
from deepmedia.lessons.judging import Verdict, unanswered

SLOPES = (-12.0, -4.0, -4.0)  # z = 3 - 2 + 1 = 2, 2 (z - y) = -4; along w1, w2, b
EPSILON = 1e-7  # under AdaGrad's root


def check_slopes(answer: object) -> Verdict:
    """Judge the three slopes of the squared error of the exercise's unit.

    Args:
        answer: The reader's slopes along w1, w2 and b.

    Returns:
        Whether they are right; four slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (3,):
        return Verdict(False, "Give three numbers, along w₁, w₂ and b, as in (1, 2, 3).")
    right = np.array(SLOPES)
    if np.allclose(found, right):
        return Verdict(True, "All three share the factor 2(z − y) = −4.")
    slips = {
        "The signs are the wrong way round: the slope along z is 2(z − y), and z is 2, y is 4.": -right,
        "The square has the slope 2(z − y); you left out the 2.": right / 2,
        "That is the slope along z, three times; the slopes of z along the weights are x₁ and x₂.": np.full(3, -4.0),
        "The slope of z along a weight is its input; you took the weight itself.": np.array([-4.0, 8.0, -4.0]),
    }
    for text, wrong in slips.items():
        if np.allclose(found, wrong):
            return Verdict(False, text)
    return Verdict(False, "Compute z first, then 2(z − y), then multiply by x₁, by x₂ and by 1.")


def check_softplus(answer: object) -> Verdict:
    """Judge a layer that computes softplus, forward and backward.

    Args:
        answer: The reader's class.

    Returns:
        Whether values are right and gradients agree with central differences; an
        ignored upstream gradient is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not (isinstance(answer, type) and issubclass(answer, Layer)):
        return Verdict(False, "Give a class derived from Layer, without calling it: class Softplus(Layer): …")
    try:
        return _judge_softplus(answer)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your layer raised {type(error).__name__}: {error}")


def _judge_softplus(make: Any) -> Verdict:
    z = np.linspace(-3, 3, 8).reshape(2, 4)
    layer = make()
    if not np.allclose(layer.forward(z, training=True), softplus(z)):
        return Verdict(False, "forward does not give log(1 + exp(z)).")
    once, twice = (np.asarray(layer.backward(np.full_like(z, upstream))) for upstream in (1.0, 2.0))
    if once.shape != z.shape:
        return Verdict(False, f"backward should return the shape of its input, {z.shape}, not {once.shape}.")
    if np.allclose(once, twice):
        return Verdict(False, "backward returns the slope alone; it must be multiplied by the upstream gradient.")
    generator = np.random.default_rng(0)
    network = Network([Dense(3, 5, seed=generator), make(), Dense(5, 1, seed=generator)])
    x, y = generator.normal(size=(6, 3)), generator.normal(size=(6, 1))
    error = gradient_check(network, SquaredError(), x, y)
    if error <= 1e-6:
        return Verdict(True, f"The gradients agree with central differences, to {error:.0e}.")
    return Verdict(False, f"The gradients disagree with central differences: the relative error is {error:.0e}.")


def check_adagrad(answer: object) -> Verdict:
    """Judge an optimiser that divides by the root of the sum of all squared gradients.

    Args:
        answer: The reader's class.

    Returns:
        Whether three steps of two weights come out right; a mean for the sum, a
        missing root, shared memory and a w that stays are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not (isinstance(answer, type) and issubclass(answer, Optimiser)):
        return Verdict(False, "Give a class derived from Optimiser, without calling it: class AdaGrad(Optimiser): …")
    gradients = [{"a": np.array([1.0, -2.0]), "b": np.array([3.0])} for _ in range(3)]
    parameters = {"a": np.array([0.5, 0.5]), "b": np.array([0.0])}
    try:
        optimiser = answer(0.1)
        for step in gradients:
            optimiser.step(parameters, step)
    except Exception as error:  # as above
        return Verdict(False, f"Your optimiser raised {type(error).__name__}: {error}")
    found = np.concatenate([parameters["a"], parameters["b"]])
    return _judge_adagrad(found)


def _judge_adagrad(found: np.ndarray) -> Verdict:
    start, g = np.array([0.5, 0.5, 0.0]), np.array([1.0, -2.0, 3.0])
    sums = np.cumsum([g**2] * 3, axis=0)  # after each step
    if np.allclose(found, start - 0.1 * (g / np.sqrt(sums + EPSILON)).sum(axis=0)):
        return Verdict(True, "Three steps come out as they should, and each weight has its own sum.")
    if np.allclose(found, start):
        return Verdict(False, "The weights did not move: change w in place, with w -= …")
    slips = {
        "You divide by the sum of squares itself; take its root.": (g / (sums + EPSILON)).sum(axis=0),
        "Your sum forgets: after three equal gradients it should be three times the square.": 3 * np.sign(g),
        "The steps go uphill: the gradient is to be subtracted.": -(g / np.sqrt(sums + EPSILON)).sum(axis=0),
    }
    for text, wrong in slips.items():
        if np.allclose(found, start - 0.1 * wrong, atol=1e-6):
            return Verdict(False, text)
    return Verdict(
        False, "Three steps don't come out right: s ← s + g², then w ← w − η g / √(s + 10⁻⁷), for each weight."
    )
