"""Is the gradient right? Back-propagation against differences of the loss itself."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_floats, check_count, check_positive
from deepmedia.fundamentals.losses import Loss
from deepmedia.fundamentals.network import Network

STEPS = (1e-4, 1e-5, 1e-6)  # tried in turn where a difference disagrees
GOOD = 1e-7  # relative error below which nothing more is tried
NUDGE = 0.01  # how far, about, a failed check moves every number


def central_difference(function: Callable[[], float], array: np.ndarray, index: tuple[int, ...], step: float) -> float:
    """Slope of a function of an array along one entry; the array is the same afterwards.

    (f(a + h) - f(a - h)) / 2h: the error falls with h^2, that of (f(a + h) - f(a)) / h only with h.
    """
    value = array[index]
    array[index] = value + step
    above = function()
    array[index] = value - step
    below = function()
    array[index] = value
    return (above - below) / (2 * step)


def numerical_gradient(function: Callable[[], float], array: np.ndarray, *, step: float = 1e-5) -> np.ndarray:
    """Slopes along every entry of an array that the function reads: slow, but independent of any derivation.

    Args:
        function: Takes nothing, returns a number that depends on ``array``.
        array: float64, changed in place and put back.
        step: h of the central difference.

    >>> w = np.array([3.0, -1.0])
    >>> numerical_gradient(lambda: float((w**2).sum()), w).round(6)
    array([ 6., -2.])
    """
    check_positive("step", step)
    if array.dtype != np.float64:
        raise TypeError(f"array must be float64, got {array.dtype}: a step of {step} is lost in seven digits")
    slopes = [central_difference(function, array, index, step) for index in np.ndindex(array.shape)]
    return np.array(slopes).reshape(array.shape)


def gradient_check(
    network: Network,
    loss: Loss,
    x: ArrayLike,
    y: ArrayLike,
    *,
    training: bool = True,
    entries: int | None = None,
    seed: int = 0,
) -> float:
    """Largest relative error of back-propagation, over all parameters and the input.

    Works on a float64 copy; the network given stays as it is. Dropout keeps one mask throughout. The relative error of
    an entry with gradient a and central difference d is

        |a - d| / max(|d|, A, 1e-3 G, 1e-5 |L|)

    where A is the largest |a| in its array, G the largest of all arrays and L the loss: the loss is known to 16 digits,
    so the difference of two losses has an error of its own, which must not count as one of a tiny gradient. An entry
    that disagrees is tried again with a tenth and a hundredth of the step, since a step may cross the kink of a ReLU.
    On a kink there is no gradient to compare with (a row that no unit of one layer lets through meets every ReLU of the
    next at 0), so a check that fails is repeated once beside that point, and the smaller error counts. Right gradients
    give less than 1e-6, wrong ones rarely less than 1e-3.

    Args:
        network: Any layers.
        loss: A loss of outputs and targets.
        x: Inputs (n, ...); a few rows are enough.
        y: Targets, as the loss takes them.
        training: Whether batch normalisation and dropout work as in training.
        entries: How many entries to look at in each array; None looks at all, with two forward passes each.
        seed: Of the choice of entries.
    """
    if entries is not None:
        check_count("entries", entries)
    network.check_loss(loss)
    network, inputs = network.copy().cast(np.float64), as_floats(x, "x").astype(np.float64)
    error = _largest_error(network, loss, inputs, y, training, entries, np.random.default_rng(seed))
    if error > GOOD:  # wrong, or on a kink: look beside it
        random = np.random.default_rng(seed)
        for array in [inputs, *network.parameters.values()]:
            array += random.normal(0, NUDGE, array.shape)
        error = min(error, _largest_error(network, loss, inputs, y, training, entries, random))
    return error


def _largest_error(
    network: Network,
    loss: Loss,
    x: np.ndarray,
    y: ArrayLike,
    training: bool,
    entries: int | None,
    random: np.random.Generator,
) -> float:
    """The largest relative error at the point where network and input are."""

    def outputs() -> np.ndarray:
        network.rewind()  # the same masks every time
        return network.forward(x, training=training)

    value, d_outputs = loss.value(outputs(), y), loss.gradient(outputs(), y)
    analytic = {"x": network.backward(d_outputs)} | network.gradients
    floor = max(1e-3 * max(abs(a).max() for a in analytic.values()), 1e-5 * abs(value))
    worst = 0.0
    for name, array in ({"x": x} | network.parameters).items():
        scale = max(abs(analytic[name]).max(), floor)
        for index in _chosen(array.shape, entries, random):
            error = _entry_error(lambda: loss.value(outputs(), y), array, index, analytic[name][index], scale)
            worst = max(worst, error)
    return worst


def _entry_error(
    function: Callable[[], float], array: np.ndarray, index: tuple[int, ...], a: float, scale: float
) -> float:
    """|a - d| / max(|d|, scale), with the step that agrees best."""
    best = np.inf
    for step in STEPS:
        d = central_difference(function, array, index, step)
        if a == d:
            return 0.0
        best = min(best, abs(a - d) / max(abs(d), scale))
        if best < GOOD:
            break
    return float(best)


def _chosen(shape: tuple[int, ...], entries: int | None, random: np.random.Generator) -> Iterable[tuple[int, ...]]:
    """Indices of all entries, or of so many drawn ones."""
    size = int(np.prod(shape))
    if entries is None or entries >= size:
        return np.ndindex(shape)
    drawn = random.choice(size, entries, replace=False)
    return (tuple(int(i) for i in np.unravel_index(flat, shape)) for flat in drawn)
