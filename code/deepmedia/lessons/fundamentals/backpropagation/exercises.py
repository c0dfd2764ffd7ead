"""Checkers of the exercises of the page "Back-propagation by hand"."""

import numpy as np

from deepmedia.fundamentals.activations import softplus
from deepmedia.fundamentals.gradients import gradient_check
from deepmedia.fundamentals.layers import Dense, Layer
from deepmedia.fundamentals.losses import SquaredError
from deepmedia.fundamentals.network import Network
from deepmedia.fundamentals.optimisers import Optimiser
from deepmedia.lessons.judging import NotYet, checker, compare, read_numbers, readers_code

SLOPES = np.array([-12.0, -4.0, -4.0])  # z = 3 - 2 + 1 = 2, 2 (z - y) = -4; for w1, w2, b
EPSILON = 1e-7  # under AdaGrad's root
RATE = 0.1
START = np.array([0.5, 0.5, 0.0])  # weights before AdaGrad's three steps
GRADIENTS = np.array([[1.0, -2.0, 3.0], [0.5, -2.0, -1.0], [2.0, 1.0, 0.2]])  # of the three steps


@checker
def check_slopes(answer: object) -> str:
    """Judge the derivatives of the squared error of the exercise's unit with respect to w1, w2 and b."""
    compare(
        read_numbers(answer, (3,), "Give three numbers, for w₁, w₂ and b, as in (1, 2, 3)"),
        SLOPES,
        (
            (
                -SLOPES,
                "The signs are the wrong way round: the derivative with respect to z is 2(z − y), and z is 2, y is 4.",
            ),
            (SLOPES / 2, "The square has the derivative 2(z − y); you left out the 2."),
            (
                [-4] * 3,
                "That is the derivative with respect to z, three times; those of z for the weights are x₁ and x₂.",
            ),
            ([-4, 8, -4], "The derivative of z with respect to a weight is its input; you took the weight itself."),
        ),
        hint="Compute z first, then 2(z − y), then multiply by x₁, by x₂ and by 1.",
    )
    return "All three share the factor 2(z − y) = −4."


@checker
def check_softplus(answer: object) -> str:
    """Judge a class, a `Layer` that computes softplus: its values, and its gradients by central differences."""
    if not (isinstance(answer, type) and issubclass(answer, Layer)):
        raise NotYet("Give a class derived from Layer, without calling it: class Softplus(Layer): …")
    z = np.linspace(-3, 3, 8).reshape(2, 4)
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(6, 3)), generator.normal(size=(6, 1))
    with readers_code("your layer"):
        layer = answer()
        values = _shaped_like(z, layer.forward(z.copy(), training=True), "forward")
        compare(values, softplus(z), hint="forward does not give log(1 + exp(z)).")
        _refuse_overflow(answer)
        once, twice = (_shaped_like(z, layer.backward(np.full_like(z, factor)), "backward") for factor in (1.0, 2.0))
        if np.allclose(once, twice):
            raise NotYet("backward returns the derivative alone; it must be multiplied by the upstream gradient.")
        network = Network([Dense(3, 5, seed=generator), answer(), Dense(5, 1, seed=generator)])
        error = gradient_check(network, SquaredError(), x, y)
    if not error <= 1e-6:
        raise NotYet(f"The gradients disagree with central differences: the relative error is {error:.0e}.")
    return f"The gradients agree with central differences, to {error:.0e}."


@checker
def check_adagrad(answer: object) -> str:
    """Judge a class, an `Optimiser` that divides by the root of the sum of all squared gradients, by three steps."""
    if not (isinstance(answer, type) and issubclass(answer, Optimiser)):
        raise NotYet("Give a class derived from Optimiser, without calling it: class AdaGrad(Optimiser): …")
    parameters = {"a": START[:2].copy(), "b": START[2:].copy()}
    with readers_code("your optimiser"):
        optimiser = answer(RATE)
        for g in GRADIENTS:
            optimiser.step(parameters, {"a": g[:2].copy(), "b": g[2:].copy()})
    found, sums = np.concatenate([parameters["a"], parameters["b"]]), np.cumsum(GRADIENTS**2, axis=0)  # at each step
    steps = GRADIENTS / np.sqrt(sums + EPSILON)
    counts = np.arange(1, 4)[:, None]
    compare(
        found,
        START - RATE * steps.sum(axis=0),
        (
            (START, "The weights did not move: change w in place, with w -= …"),
            (_after(GRADIENTS / (sums + EPSILON)), "You divide by the sum of squares itself; take its root."),
            (_after(np.sign(GRADIENTS)), "Your sum forgets: it should hold the squares of all gradients so far."),
            (_after(GRADIENTS / np.sqrt(sums / counts + EPSILON)), "You divide by the root of the mean; take the sum."),
            (_after(-steps), "The steps go uphill: the gradient is to be subtracted."),
        ),
        hint="Three steps don't come out right: s ← s + g², then w ← w − η g / √(s + 10⁻⁷), for each weight.",
    )
    return "Three steps come out as they should, and each weight has its own sum."


def _refuse_overflow(layer: type[Layer]) -> None:
    """Refuse a softplus whose values or derivatives are not finite, or wrong, at scores of a thousand."""
    z = np.array([[1000.0, -1000.0]])
    with np.errstate(all="ignore"):
        softplus_layer = layer()
        values = np.asarray(softplus_layer.forward(z.copy(), training=True), dtype=float)
        slopes = np.asarray(softplus_layer.backward(np.ones_like(z)), dtype=float)
    way_out = "the package's softplus and sigmoid don't overflow."
    if not np.allclose(values, [[1000, 0]]):
        raise NotYet(f"forward is right for small scores, but overflows for z = 1000: {way_out}")
    if not np.allclose(slopes, [[1, 0]]):
        raise NotYet(f"backward is right for small scores, but overflows for z = ±1000: {way_out}")


def _shaped_like(z: np.ndarray, result: object, method: str) -> np.ndarray:
    return read_numbers(result, z.shape, f"{method} should return the shape of its input, {z.shape}", who="the result")


def _after(steps: np.ndarray) -> np.ndarray:
    """Weights after steps (3, 3) of this size at the exercise's rate."""
    return START - RATE * steps.sum(axis=0)
