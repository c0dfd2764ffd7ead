from functools import partial

import keras
import numpy as np
import pytest

from deepmedia.fundamentals import (
    SGD,
    Adam,
    CategoricalCrossEntropy,
    CosineDecay,
    Dense,
    Network,
    ReLU,
    SquaredError,
    StepDecay,
    WarmUp,
    learning_rate_range_test,
)
from deepmedia.fundamentals.learning_rate import _endless_minibatches


def data(count=64):
    random = np.random.default_rng(0)
    x = random.normal(size=(count, 4)).astype("float32")
    return x, (x[:, 0] > 0).astype(int)


def test_step_decay_equals_keras():
    expected = keras.optimizers.schedules.ExponentialDecay(0.2, decay_steps=10, decay_rate=0.5, staircase=True)
    for step in (0, 1, 9, 10, 19, 20, 55):
        assert StepDecay(0.2, factor=0.5, every=10)(step) == pytest.approx(float(expected(step)))


def test_cosine_decay_equals_keras():
    expected = keras.optimizers.schedules.CosineDecay(0.2, decay_steps=40, alpha=0.25)
    for step in (0, 1, 13, 20, 39, 40, 90):
        assert CosineDecay(0.2, steps=40, final=0.05)(step) == pytest.approx(float(expected(step)))


def test_warm_up_climbs_to_the_rate_of_the_schedule_behind_it():
    rate = WarmUp(StepDecay(0.4, factor=0.5, every=2), steps=4)
    np.testing.assert_allclose([rate(step) for step in range(9)], [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(0.0), "initial must be finite and above 0"),
        (lambda: StepDecay(0.1, factor=1.5), "factor must be above 0 and at most 1, got 1.5"),
        (lambda: StepDecay(0.1, factor=0.0), "factor must be above 0 and at most 1, got 0.0"),
        (lambda: StepDecay(0.1, every=0), "every must be at least 1"),
        (lambda: CosineDecay(-1.0, steps=10), "initial must be finite and above 0"),
        (lambda: CosineDecay(0.1, steps=0), "steps must be at least 1"),
        (lambda: CosineDecay(0.1, steps=10, final=0.2), "final must be from 0 to initial, got 0.2"),
        (lambda: WarmUp(StepDecay(0.1), steps=0), "steps must be at least 1"),
    ],
)
def test_schedules_refuse_settings_outside_their_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_warm_up_refuses_a_number_where_a_schedule_belongs():
    with pytest.raises(TypeError, match=r"after must be a schedule, got 0\.1; for a constant rate: lambda step: rate"):
        WarmUp(0.1, steps=3)  # type: ignore[arg-type]


def test_the_range_test_tries_growing_rates_until_the_loss_explodes():
    x, y = data()
    network = Network([Dense(4, 8), ReLU(), Dense(8, 1)])
    rates, losses = learning_rate_range_test(
        network, x, y * 3.0, loss=SquaredError(), lowest=1e-4, highest=1e3, steps=60, batch_size=16
    )
    assert rates[0] == pytest.approx(1e-4)
    np.testing.assert_allclose(rates[1:] / rates[:-1], (1e3 / 1e-4) ** (1 / 59))
    assert len(rates) == len(losses) < 60
    assert losses[-2] <= 4 * losses[:-1].min()  # the first loss beyond four times the lowest ends it
    assert losses[-1] > 4 * losses.min()
    assert losses.min() < 0.5 * losses[0]
    assert 1e-3 < rates[losses.argmin()] < 10


def test_the_range_test_smooths_the_losses_of_the_same_steps_done_by_hand():
    x, y = data(16)
    network, loss = Network([Dense(4, 2)]), CategoricalCrossEntropy()
    rates, losses = learning_rate_range_test(network, x, y, loss=loss, highest=0.01, steps=3, batch_size=16)
    assert len(rates) == 3
    copy = network.copy()
    values = [copy.train_step(x, y, loss=loss, optimiser=SGD(rate))[0] for rate in rates]
    weights = np.array([0.81, 0.9, 1.0])  # 0.9 to the age; the mean with these weights is the corrected average
    np.testing.assert_allclose(losses[-1], (weights * values).sum() / weights.sum(), rtol=1e-5)


def test_the_range_test_leaves_network_and_optimiser_as_they_were():
    x, y = data()
    network, optimiser = Network([Dense(4, 2)]), Adam(0.123)
    before = network.parameters["layer0.weights"].copy()
    learning_rate_range_test(network, x, y, loss=CategoricalCrossEntropy(), optimiser=optimiser, steps=20)
    np.testing.assert_array_equal(network.parameters["layer0.weights"], before)
    assert (optimiser.learning_rate, optimiser.steps_taken, optimiser.memory) == (0.123, 0, {})


def test_the_range_test_uses_the_rule_it_is_given():
    x, y = data()
    test = partial(learning_rate_range_test, Network([Dense(4, 2)]), x, y, loss=CategoricalCrossEntropy(), steps=20)
    _, plain = test(highest=0.1)
    _, adam = test(highest=0.1, optimiser=Adam())
    assert abs(plain[-1] - adam[-1]) > 1e-3


def test_the_range_test_shuffles_anew_whenever_the_rows_are_used_up():
    batches = list(_endless_minibatches(6, 4, seed=0, steps=5))
    assert [len(batch) for batch in batches] == [4, 2, 4, 2, 4]
    first, second = np.concatenate(batches[:2]), np.concatenate(batches[2:4])
    np.testing.assert_array_equal(np.sort(first), np.sort(second))
    assert (first != second).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lowest": 0}, "lowest must be finite and above 0"),
        ({"lowest": 1.0, "highest": 0.5}, "highest must be finite and above lowest, got 0.5"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_the_range_test_refuses_settings_outside_their_range(options, message):
    with pytest.raises(ValueError, match=message):
        learning_rate_range_test(Network([Dense(4, 2)]), *data(), loss=CategoricalCrossEntropy(), **options)


def test_the_range_test_refuses_bad_data_as_training_does():
    x, y = data()
    with pytest.raises(ValueError, match="equally many rows"):
        learning_rate_range_test(Network([Dense(4, 2)]), x, y[1:], loss=CategoricalCrossEntropy())
