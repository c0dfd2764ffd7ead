"""The learning rate: schedules that change it, and a test that finds it.

A schedule is called with the number of steps taken and returns the rate of the next one:
``Adam(CosineDecay(0.003, steps=2000))``.
"""

# ruff: noqa: D102 - a schedule's class says what calling it returns

import copy
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import check_count, check_number, check_positive
from deepmedia.fundamentals.losses import Loss
from deepmedia.fundamentals.network import Network, minibatches
from deepmedia.fundamentals.optimisers import SGD, Optimiser, Schedule


@dataclass(frozen=True)
class StepDecay:
    """The rate falls by ``factor`` after every so many steps.

    >>> rate = StepDecay(0.1, factor=0.5, every=100)
    >>> rate(99), rate(100), rate(250)
    (0.1, 0.05, 0.025)
    """

    initial: float
    factor: float = 0.1
    every: int = 1000  # steps

    def __post_init__(self) -> None:
        check_positive("initial", self.initial)
        check_number("factor", self.factor, "above 0 and at most 1", low=0, high=1, ends="(]")
        check_count("every", self.every)

    def __call__(self, step: int) -> float:
        # eta = eta_0 factor^floor(step / every)
        return self.initial * self.factor ** (step // self.every)


@dataclass(frozen=True)
class CosineDecay:
    """The rate falls along half a cosine: slowly, then fast, then slowly; afterwards it stays.

    Source: Loshchilov and Hutter (2017), "SGDR", arXiv:1608.03983, without the restarts.

    >>> rate = CosineDecay(0.1, steps=100)
    >>> round(rate(0), 3), round(rate(50), 3), round(rate(100), 3)
    (0.1, 0.05, 0.0)
    """

    initial: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        check_positive("initial", self.initial)
        check_count("steps", self.steps)
        check_number("final", self.final, "from 0 to initial", low=0, high=self.initial, ends="[]")

    def __call__(self, step: int) -> float:
        done = min(step / self.steps, 1)
        # eta = final + (initial - final) (1 + cos(pi done)) / 2
        return self.final + (self.initial - self.final) * (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True)
class WarmUp:
    """The rate climbs in equal steps to where ``after`` begins, then ``after`` takes over.

    >>> rate = WarmUp(CosineDecay(0.1, steps=100), steps=4)
    >>> [round(rate(step), 3) for step in (0, 1, 2, 3, 4, 104)]
    [0.025, 0.05, 0.075, 0.1, 0.1, 0.0]
    """

    after: Schedule
    steps: int

    def __post_init__(self) -> None:
        check_count("steps", self.steps)
        if not callable(self.after):
            raise TypeError(f"after must be a schedule, got {self.after!r}; for a constant rate: lambda step: rate")

    def __call__(self, step: int) -> float:
        if step < self.steps:
            # eta = after(0) (step + 1) / steps
            return self.after(0) * (step + 1) / self.steps
        return self.after(step - self.steps)


def learning_rate_range_test(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss,
    optimiser: Optimiser | None = None,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Train a copy of the network while the rate grows, and watch the loss.

    A good rate lies below the one with the lowest loss, by a factor of 3 to 10. The network and the optimiser given
    stay as they are. The test ends early once the loss is 4 times its lowest, or no number.

    Args:
        network: Where to start from.
        x: Inputs, (n, ...).
        y: Targets, as the loss takes them.
        loss: The loss to watch.
        optimiser: Its rule is tested, whatever its rate; plain SGD if there is none.
        lowest: The first rate.
        highest: The last rate; each is the one before times a constant.
        steps: How many batches.
        batch_size: Rows of a batch.
        seed: Of the order of the rows.

    Returns:
        Learning rates (k,) and the smoothed loss at each (k,), k <= steps.

    Source: Smith (2017), "Cyclical learning rates", arXiv:1506.01186; the smoothing is an average that keeps 0.9.
    """
    check_positive("lowest", lowest)
    check_number("highest", highest, "finite and above lowest", low=lowest, high=math.inf, ends="()")
    check_count("steps", steps)
    check_count("batch_size", batch_size)
    x, y = network.checked_data(x, y, loss)
    network, optimiser = network.copy(), copy.deepcopy(optimiser or SGD())
    rates = np.geomspace(lowest, highest, steps)  # (steps,)
    optimiser.learning_rate, optimiser.steps_taken, optimiser.memory = (lambda step: rates[step]), 0, {}
    average, smoothed = 0.0, list[float]()
    for batch in _endless_minibatches(len(x), batch_size, seed, steps):
        try:
            value, _ = network.train_step(x[batch], y[batch], loss=loss, optimiser=optimiser)
        except FloatingPointError:
            if not smoothed:
                raise
            break
        # a <- 0.9 a + 0.1 L, divided by 1 - 0.9^t because it began at 0
        average = 0.9 * average + 0.1 * value
        smoothed.append(average / (1 - 0.9 ** (len(smoothed) + 1)))
        if smoothed[-1] > 4 * min(smoothed):
            break
    return rates[: len(smoothed)], np.array(smoothed)


def _endless_minibatches(count: int, batch_size: int, seed: int, steps: int) -> Iterator[np.ndarray]:
    """As many batches as steps, shuffled anew whenever the rows are used up."""
    epochs = (minibatches(count, batch_size, seed=seed, epoch=epoch) for epoch in itertools.count())
    return itertools.islice(itertools.chain.from_iterable(epochs), steps)
