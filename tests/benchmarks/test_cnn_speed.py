"""A step of our large networks costs no more than one of keras.applications (`make benchmark`)."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pytest
from scipy.stats import binom

from deepmedia.cnn.inception import inception_v3
from deepmedia.cnn.inception_resnet import inception_resnet_v2
from deepmedia.cnn.resnet import resnet50
from deepmedia.cnn.weight_copying import copy_weights

ALLOWED = 1.05  # our seconds / Keras's seconds
ROUNDS = (12, 72)  # measure at least and at most so often
INPUT_SHAPE, CLASSES, BATCH = (128, 128, 3), 100, 8
NETWORKS = {
    "inception_v3": (inception_v3, keras.applications.InceptionV3),
    "resnet50": (resnet50, keras.applications.ResNet50),
    "inception_resnet_v2": (inception_resnet_v2, keras.applications.InceptionResNetV2),
}


@dataclass(frozen=True)
class Ratio:
    """How long one action takes, compared with another."""

    ratios: list[float]  # one a round

    @property
    def median(self) -> float:
        """The middle of all rounds: a disturbance of a few of them doesn't move it."""
        return statistics.median(self.ratios)

    @property
    def interval(self) -> tuple[float, float]:
        """A 95% interval of the median: from order statistics, so that no distribution is assumed."""
        ordered, rounds = sorted(self.ratios), len(self.ratios)
        outside = int(binom.ppf(0.025, rounds, 0.5))
        return ordered[max(outside - 1, 0)], ordered[min(rounds - outside, rounds - 1)]

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.median:.3f} ({low:.3f} to {high:.3f}, {len(self.ratios)} rounds)"


def compare(
    ours: Callable[[], object], theirs: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter
) -> Ratio:
    """Time two actions in turns, in random order, until the interval lies on one side of `ALLOWED`.

    A machine that is busy with something else slows both of a round alike.
    """
    order, ratios = random.Random(0), []
    actions = {"ours": ours, "theirs": theirs}
    for action in (ours, theirs, ours, theirs):
        action()  # compiles, and fills the caches
    for round_number in range(1, ROUNDS[1] + 1):
        seconds = {}
        for name in order.sample(list(actions), 2):
            started = clock()
            actions[name]()
            seconds[name] = clock() - started
        ratios.append(seconds["ours"] / seconds["theirs"])
        low, high = Ratio(ratios).interval
        if round_number >= ROUNDS[0] and not low <= ALLOWED < high:
            break
    return Ratio(ratios)


class NoisyMachine:
    """A clock for pretended work: each action is disturbed a little, one in six a lot."""

    def __init__(self, seed: int) -> None:
        self.now, self.values = 0.0, np.random.default_rng(seed)

    def work(self, seconds: float) -> Callable[[], None]:
        """An action that takes so long where nothing disturbs it."""

        def action() -> None:
            disturbed = self.values.uniform(1.2, 3.0) if self.values.uniform() < 1 / 6 else 1.0
            self.now += seconds * disturbed * np.exp(0.03 * self.values.normal())

        return action


def decisions(ratio: float) -> list[bool]:
    """Whether 100 noisy machines find that work of this ratio costs at most what is allowed."""
    machines = [NoisyMachine(seed) for seed in range(100)]
    found = [compare(m.work(ratio), m.work(1.0), clock=lambda m=m: m.now) for m in machines]  # type: ignore[misc]
    return [result.median <= ALLOWED for result in found]


def test_the_measurement_tells_a_fifth_more_from_the_same_on_a_noisy_machine():
    assert sum(decisions(1.0)) >= 99
    assert sum(decisions(1.2)) == 0
    assert sum(decisions(1.1)) <= 5


def test_a_faster_network_is_never_refused():
    assert sum(decisions(0.9)) == 100


def test_interval_of_a_median_covers_it_in_95_of_100_samples():
    values = np.random.default_rng(0)
    intervals = [Ratio(list(values.exponential(size=25))).interval for _ in range(1000)]
    covered = sum(low <= np.log(2) <= high for low, high in intervals)
    assert 940 <= covered <= 985  # counts are whole, so the interval is a little wide


@pytest.mark.benchmark
@pytest.mark.parametrize(("times", "is_allowed"), [(20, True), (24, False)], ids=["the same", "a fifth more"])
def test_this_machine_tells_a_fifth_more_from_the_same(times: int, is_allowed: bool):
    matrix = np.random.default_rng(0).normal(size=(400, 400)).astype("float32")

    def multiply(count: int) -> None:
        for _ in range(count):
            matrix @ matrix

    found = compare(lambda: multiply(times), lambda: multiply(20))
    print(f"\n{times} products against 20: {found}")
    assert (found.median <= ALLOWED) == is_allowed


@pytest.fixture(scope="module", params=NETWORKS)
def networks(request: pytest.FixtureRequest):
    """Our network and Keras's with the same weights and optimiser."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    build, build_theirs = NETWORKS[request.param]
    ours = build(INPUT_SHAPE, classes=CLASSES)
    theirs = build_theirs(weights=None, input_shape=INPUT_SHAPE, classes=CLASSES, classifier_activation=None)
    copy_weights(theirs, ours)
    for model in (ours, theirs):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(1e-3), loss, jit_compile=False)  # as Keras does on CPUs
    return request.param, ours, theirs


@pytest.mark.benchmark
@pytest.mark.parametrize("what", ["a forward pass", "a training step"])
def test_cost_is_at_most_that_of_keras(networks: tuple, what: str):
    name, ours, theirs = networks
    values = np.random.default_rng(0)
    images = values.uniform(-1, 1, (BATCH, *INPUT_SHAPE)).astype("float32")
    labels = values.integers(0, CLASSES, BATCH)
    if what == "a forward pass":
        np.testing.assert_allclose(ours.predict_on_batch(images), theirs.predict_on_batch(images), atol=1e-4)
        found = compare(lambda: ours.predict_on_batch(images), lambda: theirs.predict_on_batch(images))
    else:
        found = compare(lambda: ours.train_on_batch(images, labels), lambda: theirs.train_on_batch(images, labels))
    print(f"\n{name}, {what}: {found} times Keras's")
    assert found.median <= ALLOWED, f"{what} of {name} takes {found} times as long as Keras's"
