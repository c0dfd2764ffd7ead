import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.detection.folding import fold_normalisation


@keras.saving.register_keras_serializable("tests")
class OtherNormalisation(layers.BatchNormalization):
    """Divides by the standard deviation plus a half, to show that nothing is assumed of the formula."""

    def call(self, inputs, training=None, mask=None):
        gain = self.gamma / (keras.ops.sqrt(self.moving_variance) + 0.5)
        return (inputs - self.moving_mean) * gain + self.beta


def network(normalisation=layers.BatchNormalization):
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="conv0")(inputs)
    x = first = layers.LeakyReLU(name="leaky0")(normalisation(name="bn0")(x))
    x = layers.Conv2D(8, 3, padding="same", name="conv1")(x)  # with a bias of its own
    x = layers.Add(name="add")([normalisation(name="bn1")(x), first])
    read_twice = layers.Conv2D(8, 1, name="conv2")(x)
    x = layers.Concatenate(name="both")([read_twice, normalisation(name="bn2")(read_twice)])
    active = layers.Conv2D(4, 1, activation="relu", name="conv3")(x)
    return keras.Model(inputs, [normalisation(name="bn3")(active), layers.Conv2D(2, 1, name="conv4")(x)])


def with_random_weights(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.2, 1.5, weight.shape) * 0.3 for weight in model.get_weights()])
    return model


@pytest.mark.parametrize("normalisation", [layers.BatchNormalization, OtherNormalisation])
def test_the_folded_network_gives_the_same_numbers(normalisation):
    model = with_random_weights(network(normalisation))
    image = np.random.default_rng(1).normal(size=(2, 16, 16, 3)).astype("float32")
    for before, after in zip(model(image, training=False), fold_normalisation(model)(image), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-5)
        assert np.std(before) > 0.1


def test_only_a_plain_convolution_with_one_reader_is_folded():
    # Of conv2 the normalisation is one of two readers; between conv3 and its normalisation stands a ReLU.
    folded = fold_normalisation(network())
    kinds = {name: type(folded.get_layer(name)).__name__ for name in ("bn0", "bn1", "bn2", "bn3")}
    assert kinds == {"bn0": "Identity", "bn1": "Identity", "bn2": "BatchNormalization", "bn3": "BatchNormalization"}
    assert folded.get_layer("conv0").use_bias


def test_the_model_itself_stays_as_it_was():
    model = with_random_weights(network())
    before = model.get_weights()
    fold_normalisation(model)
    for left, right in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not model.get_layer("conv0").use_bias


def test_a_network_within_a_network_is_copied():
    inner = with_random_weights(network())
    inputs = keras.Input((16, 16, 3))
    model = keras.Model(inputs, layers.ReLU()(inner(inputs)[0]))
    image = np.random.default_rng(1).normal(size=(1, 16, 16, 3)).astype("float32")
    np.testing.assert_allclose(fold_normalisation(model)(image), model(image, training=False), rtol=1e-5)
