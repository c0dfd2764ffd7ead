import keras
import numpy as np
import pytest

from deepmedia.detection.normalisation import DarknetNormalisation

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # keras, h5py

GAMMA, BETA, MEAN = [1.0, 2, 3, 4], [0.5, 0, 0, -1], [0.1, 0.2, 0.3, 0.4]
VARIANCE = [0.0, 1e-12, 1e-4, 2]


def built(**settings):
    layer = DarknetNormalisation(**settings)
    layer.build((None, 2, 2, 4))
    layer.set_weights([np.array(values, "float32") for values in (GAMMA, BETA, MEAN, VARIANCE)])
    return layer


def test_small_variances_are_taken_as_darknet_takes_them():
    x = np.random.default_rng(0).normal(size=(3, 2, 2, 4)).astype("float32")
    expected = np.empty(x.shape)
    for place in np.ndindex(*x.shape):  # blas.c, normalize_cpu
        f = place[-1]
        variance = float(np.float32(VARIANCE[f]))
        expected[place] = GAMMA[f] * (x[place] - np.float32(MEAN[f])) / (variance**0.5 + 0.000001) + BETA[f]
    np.testing.assert_allclose(built()(x), expected, rtol=1e-5)


def test_in_training_the_batch_decides_and_the_averages_move():
    layer = built()
    x = np.random.default_rng(0).normal(5, 3, (8, 2, 2, 4)).astype("float32")
    y = layer(x, training=True)
    normal = (x - x.mean((0, 1, 2))) / x.std((0, 1, 2))
    np.testing.assert_allclose(y, normal * np.array(GAMMA) + BETA, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(layer.moving_mean, 0.99 * np.array(MEAN) + 0.01 * x.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, 0.99 * np.array(VARIANCE) + 0.01 * x.var((0, 1, 2)), rtol=1e-5)


def test_a_frozen_layer_keeps_its_averages():
    layer = built(trainable=False)
    x = np.random.default_rng(0).normal(size=(3, 2, 2, 4)).astype("float32")
    np.testing.assert_array_equal(layer(x, training=True), layer(x))
    np.testing.assert_array_equal(layer.moving_mean, np.array(MEAN, "float32"))


def test_a_channel_that_never_changes_has_a_gradient():
    layer = built()
    tensorflow = pytest.importorskip("tensorflow")
    x = tensorflow.ones((2, 2, 2, 4))
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        loss = keras.ops.sum(layer(x, training=True) ** 2)
    assert np.isfinite(tape.gradient(loss, x)).all()


def test_a_saved_network_computes_the_same(tmp_path):
    inputs = keras.Input((2, 2, 4))
    model = keras.Model(inputs, built()(inputs))
    model.save(tmp_path / "a.keras")
    x = np.random.default_rng(0).normal(size=(3, 2, 2, 4)).astype("float32")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "a.keras")(x), model(x))
