import keras
import numpy as np
import pytest

from deepmedia.training import Examples, fit, fit_schedule


def tiny_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])


def examples(labels):
    images = np.zeros((len(labels), 2, 2, 1), np.float32)
    images.reshape(-1, 4)[np.arange(len(labels)), np.abs(labels) % 3] = 1  # one bright pixel: the class
    return Examples(images, np.asarray(labels))


@pytest.mark.parametrize("train", [fit, fit_schedule])
@pytest.mark.parametrize("wrong", [-1, 3])
def test_a_label_that_is_no_class_is_refused_and_nothing_trained(train, wrong):
    model = tiny_model()
    before = model.get_weights()
    with pytest.raises(ValueError, match=rf"labels of train must lie in 0..2, the model's classes, got {wrong}"):
        train(model, examples([0, 1, wrong, 2]), examples([0, 1, 2]), epochs=2, batch_size=1)
    with pytest.raises(ValueError, match=rf"labels of validation must lie in 0..2.*got {wrong}"):
        train(model, examples([0, 1, 2]), examples([wrong, 1, 2]), epochs=2, batch_size=1)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_labels_that_are_not_integers_or_too_few_are_refused():
    images, labels = examples([0, 1, 2])
    with pytest.raises(TypeError, match="labels of train must be integers, got float64"):
        fit(tiny_model(), (images, labels + 0.5))
    with pytest.raises(ValueError, match=r"labels of train must be one for each of 3 images, got shape \(2,\)"):
        fit(tiny_model(), (images, labels[:2]))


def test_training_goes_by_the_optimiser_that_is_given():
    # One step of gradient descent: the bias falls by rate times the mean of softmax minus label.
    model = tiny_model()
    model.layers[-1].set_weights([np.zeros((4, 3)), np.zeros(3)])
    history = fit(model, examples([0, 0, 1]), optimizer=keras.optimizers.SGD(0.3), epochs=1, batch_size=3)
    np.testing.assert_allclose(
        model.layers[-1].get_weights()[1], -0.3 * (np.ones(3) / 3 - [2 / 3, 1 / 3, 0]), atol=1e-6
    )
    assert history["loss"] == pytest.approx([np.log(3)])
    assert set(history) == {"loss", "accuracy"}  # no validation data, no validation


def test_smoothed_labels_give_the_loss_of_the_formula():
    model = tiny_model()
    model.layers[-1].set_weights([np.zeros((4, 3)), np.array([2.0, 0.0, 0.0])])
    log_p = np.array([2.0, 0, 0]) - np.log(np.exp(2) + 2)
    expected = -(0.9 * log_p[1] + 0.1 * log_p.mean())  # one photograph of class 1
    history = fit(model, examples([1]), optimizer=keras.optimizers.SGD(0.0), epochs=1, label_smoothing=0.1)
    assert history["loss"][0] == pytest.approx(expected, rel=1e-6)
