import keras
import numpy as np
import pytest

from deepmedia.training import fit_schedule, schedule


def tiny_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])


def tiny_examples(n, seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, n)
    images = generator.random((n, 2, 2, 1), dtype=np.float32) * 0.1
    images.reshape(n, 4)[np.arange(n), labels] += 1  # the brightest pixel is the class
    return images, labels


def test_the_rate_rises_in_a_line_and_falls_in_half_a_cosine():
    rate = schedule(100, peak=0.5)  # 20 steps up, 80 down
    assert float(rate(0)) == pytest.approx(0.05)
    assert float(rate(10)) == pytest.approx((0.05 + 0.5) / 2)
    assert float(rate(20)) == pytest.approx(0.5)
    assert float(rate(60)) == pytest.approx(0.25)  # half-way down the cosine
    assert float(rate(40)) == pytest.approx(0.5 * (1 + np.cos(np.pi / 4)) / 2)
    assert float(rate(100)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("steps", "peak", "message"),
    [
        (1, 0.1, "steps must be at least 2, .* got 1; train for more epochs or in smaller batches"),
        (10, 0.0, "peak must be positive"),
    ],
)
def test_a_schedule_that_can_not_be_is_refused(steps, peak, message):
    with pytest.raises(ValueError, match=message):
        schedule(steps, peak=peak)


@pytest.mark.parametrize(("options", "message"), [({}, "more epochs"), ({"peak": 0.0, "epochs": 2}, "peak must be")])
def test_a_training_that_can_not_be_is_refused(options, message):
    examples = tiny_examples(9, 0)
    with pytest.raises(ValueError, match=message):
        fit_schedule(tiny_model(), examples, examples, **({"epochs": 1} | options))


def test_training_learns_and_reports_each_epoch():
    model = tiny_model()
    history = fit_schedule(model, tiny_examples(90, 0), tiny_examples(30, 1), epochs=30, batch_size=8, peak=0.05)
    assert {len(values) for values in history.values()} == {30}
    assert history["val_accuracy"][-1] > 0.9


def test_the_schedule_ends_with_the_last_step_when_the_last_batch_is_short():
    model = tiny_model()
    fit_schedule(model, tiny_examples(9, 0), tiny_examples(4, 1), epochs=2, batch_size=4)  # 3 batches an epoch
    assert int(model.optimizer.iterations) == 6
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-7)


def test_weight_decay_shrinks_what_no_gradient_touches():
    # A pixel that is always 0 gives its weights no gradient: only the decay moves them.
    ends = []
    for decay in (0.0, 0.5):
        model = tiny_model()
        before = model.get_weights()[0][3].copy()
        images, labels = tiny_examples(32, 0)
        images[:, 1, 1] = 0
        fit_schedule(model, (images, labels), (images, labels), epochs=2, batch_size=8, weight_decay=decay)
        ends.append(model.get_weights()[0][3] / before)
    np.testing.assert_allclose(ends[0], 1, atol=1e-6)
    # Each of the 8 steps multiplies by 1 - rate * decay.
    rates = [float(schedule(8)(step)) for step in range(8)]
    np.testing.assert_allclose(ends[1], np.prod([1 - 0.5 * rate for rate in rates]), rtol=1e-4)


def test_label_smoothing_raises_the_least_loss():
    # With a share s of each label spread over 3 classes, the least loss is the entropy of (1 - s + s/3, s/3, s/3).
    smoothing = 0.3
    model = tiny_model()
    train = tiny_examples(90, 0)
    history = fit_schedule(
        model, train, train, epochs=60, batch_size=8, peak=0.05, weight_decay=0, label_smoothing=smoothing
    )
    share = np.array([1 - smoothing + smoothing / 3, smoothing / 3, smoothing / 3])
    entropy = -np.sum(share * np.log(share))
    assert entropy <= history["val_loss"][-1] < entropy + 0.05
