import keras
import numpy as np
import pytest

from deepmedia.cnn.attribution import feature_maps
from deepmedia.lessons.cnn.looking_inside.network import LAST_MAPS, fit_in_batches, localising_network


def test_the_parameters_are_those_counted_by_hand():
    # Kernels 5·5·1·16, 3·3·16·32, 3·3·32·64, 3·3·64·64; per map beta, mean and variance; 64·10 + 10 at the end.
    kernels = 400 + 4608 + 18432 + 36864
    assert localising_network((56, 56, 1)).count_params() == kernels + 3 * (16 + 32 + 64 + 64) + 650


@pytest.mark.parametrize(("shape", "last"), [((56, 56, 1), (14, 14)), ((28, 28, 1), (7, 7)), ((8, 40, 3), (2, 10))])
def test_the_last_maps_are_a_quarter_as_high_and_wide(shape, last):
    model = localising_network(shape, classes=3)
    assert model.get_layer(LAST_MAPS).output.shape == (None, *last, 64)
    assert model.output_shape == (None, 3)


def test_moving_the_image_by_a_cell_moves_the_last_maps_by_a_cell():
    model = localising_network((56, 56, 1))
    image = np.zeros((1, 56, 56, 1), dtype="float32")
    image[0, 20:36, 20:36, 0] = np.random.default_rng(0).uniform(size=(16, 16))
    moved = np.roll(image, (4, -8), axis=(1, 2))
    before, after = (feature_maps(model, each, LAST_MAPS)[0] for each in (image, moved))
    middle = np.roll(before, (1, -2), axis=(0, 1))[4:-4, 4:-4]
    assert middle.max() > 0
    np.testing.assert_allclose(after[4:-4, 4:-4], middle, atol=1e-5)


def test_impossible_images_and_a_single_class_are_refused():
    with pytest.raises(ValueError, match=r"at least \(8, 8, channels\) for localising_network"):
        localising_network((7, 28, 1))
    with pytest.raises(ValueError, match="classes must be at least 2"):
        localising_network((28, 28, 1), classes=1)


def linear(weights):
    """Logits x·w for images (n, 1, 2, 1)."""
    inputs = keras.Input((1, 2, 1))
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False)(keras.layers.Flatten()(inputs)))
    model.set_weights([np.array(weights, dtype="float32")])
    return model


@pytest.fixture
def points():
    images = np.random.default_rng(0).normal(size=(10, 1, 2, 1)).astype("float32")
    return images, (images[:, 0, 0, 0] > images[:, 0, 1, 0]).astype(np.int64)


def test_training_takes_the_steps_of_adam_done_by_hand(points):
    images, labels = points
    start = np.array([[0.3, -0.2], [0.1, 0.4]])
    model = linear(start)
    found = fit_in_batches(model, images, labels, epochs=2, batch_size=4, learning_rate=0.1, seed=7)
    weights, first, second, step, means = start.copy(), np.zeros((2, 2)), np.zeros((2, 2)), 0, []
    random = np.random.default_rng(7)
    for _ in range(2):
        losses = []
        for rows in random.permutation(10)[:8].reshape(2, 4):  # two batches of four; two images are left out
            x, y = images[rows].reshape(4, 2), labels[rows]
            p = np.exp(x @ weights) / np.exp(x @ weights).sum(axis=1, keepdims=True)
            losses.append(-np.log(p[range(4), y]).mean())
            gradient = x.T @ (p - np.eye(2)[y]) / 4
            rate = 0.1 * (1 + np.cos(np.pi * step / 4)) / 2
            step += 1
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-7)
        means.append(np.mean(losses))
    np.testing.assert_allclose(model.get_weights()[0], weights, atol=1e-5)
    np.testing.assert_allclose(found, means, rtol=1e-4)


@pytest.mark.parametrize(
    ("number", "options", "words"),
    [
        (9, {"epochs": 1}, "one for each of the 10 images, got 9"),
        (10, {"epochs": 0, "batch_size": 4}, "epochs must be at least 1"),
        (10, {"epochs": 1, "batch_size": 11}, "batch_size between 1 and 10, got 1 and 11"),
        (10, {"epochs": 1, "batch_size": 0}, "batch_size between 1 and 10"),
    ],
)
def test_trainings_that_can_not_be_are_refused(points, number, options, words):
    images, labels = points
    with pytest.raises(ValueError, match=words):
        fit_in_batches(linear(np.zeros((2, 2))), images, labels[:number], **options)
