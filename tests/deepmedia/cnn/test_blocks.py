"""What the networks share, against NumPy."""

import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.cnn.blocks import bn_relu, check_classes, check_input_shape, classifier_head, conv_bn


def block(shape: tuple[int, int, int] = (5, 6, 3), **settings: object) -> keras.Model:
    """`conv_bn` alone, with random weights and statistics."""
    inputs = keras.Input(shape)
    model = keras.Model(inputs, conv_bn(inputs, 4, name="block", **settings))
    values = np.random.default_rng(0)
    conv, norm = model.get_layer("block_conv"), model.get_layer("block_bn")
    conv.set_weights([values.normal(size=conv.kernel.shape)])
    norm.set_weights([values.normal(size=4), values.normal(size=4), values.uniform(0.01, 2, size=4)])
    return model


def images(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, *shape)).astype("float32")


def test_conv_bn_is_convolution_normalisation_and_relu():
    model = block(kernel_size=1)
    kernel, beta, mean, variance = model.get_weights()
    x = images(2, 5, 6, 3)
    normalised = (x @ kernel[0, 0] - mean) / np.sqrt(variance + 1e-3) + beta  # a 1x1 kernel is a matrix
    assert normalised.min() < -1
    np.testing.assert_allclose(model(x), np.maximum(normalised, 0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"kernel_size": 3}, (5, 6, 4)),
        ({"kernel_size": 3, "padding": "valid"}, (3, 4, 4)),
        ({"kernel_size": 3, "strides": 2}, (3, 3, 4)),
        ({"kernel_size": 3, "strides": 2, "padding": "valid"}, (2, 2, 4)),
        ({"kernel_size": (1, 5), "padding": "valid"}, (5, 2, 4)),
    ],
)
def test_kernel_strides_and_padding_give_these_sizes(settings: dict, shape: tuple):
    assert block(**settings).output_shape[1:] == shape


def test_conv_bn_has_neither_bias_nor_gamma():
    names = [weight.name for weight in block(kernel_size=(3, 2)).weights]
    assert sorted(names) == ["beta", "kernel", "moving_mean", "moving_variance"]
    assert block(kernel_size=(3, 2)).count_params() == 3 * 2 * 3 * 4 + 3 * 4


def test_momentum_says_how_much_of_the_moving_average_stays():
    model = block(kernel_size=1, momentum=0.75)
    x = images(8, 5, 6, 3)
    old = model.get_layer("block_bn").moving_mean.numpy()
    model(x, training=True)
    batch_mean = (x @ model.get_layer("block_conv").kernel.numpy()[0, 0]).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(model.get_layer("block_bn").moving_mean, 0.75 * old + 0.25 * batch_mean, atol=1e-5)


def test_layers_are_named_after_the_block():
    assert [layer.name for layer in block(kernel_size=1).layers[1:]] == ["block_conv", "block_bn", "block_relu"]


def test_bias_gamma_and_epsilon_are_in_the_formula():
    inputs = keras.Input((5, 6, 3))
    model = keras.Model(
        inputs, conv_bn(inputs, 4, 1, bias=True, gamma=True, epsilon=0.5, activation=None, name="block")
    )
    values = np.random.default_rng(0)
    model.set_weights([values.uniform(0.1, 2, size=weight.shape) for weight in model.weights])
    kernel, bias, gamma, beta, mean, variance = model.get_weights()
    x = images(2, 5, 6, 3)
    expected = gamma * (x @ kernel[0, 0] + bias - mean) / np.sqrt(variance + 0.5) + beta
    assert expected.min() < -1  # no activation
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-4)


def test_another_activation_comes_last():
    inputs = keras.Input((5, 6, 3))
    x = images(2, 5, 6, 3)
    layer = keras.Model(inputs, conv_bn(inputs, 4, 1, activation="tanh", name="block"))
    before = keras.Model(inputs, layer.get_layer("block_bn").output)
    np.testing.assert_allclose(layer(x), np.tanh(before(x)), atol=1e-6)


def test_suffixes_name_the_layers():
    inputs = keras.Input((5, 6, 3))
    named = keras.Model(inputs, conv_bn(inputs, 4, 1, name="block", suffixes=("", "_norm", "_end")))
    assert [layer.name for layer in named.layers[1:]] == ["block", "block_norm", "block_end"]


def test_first_weights_are_those_of_the_initialiser():
    inputs = keras.Input((5, 6, 300))
    keras.utils.set_random_seed(0)
    glorot, he = (
        keras.Model(inputs, conv_bn(inputs, 100, 3, name="block", **settings)).get_layer("block_conv").kernel.numpy()
        for settings in ({}, {"initialiser": "he_normal"})
    )
    assert glorot.std() == pytest.approx((2 / (9 * 300 + 9 * 100)) ** 0.5, rel=0.02)
    assert he.std() == pytest.approx((2 / (9 * 300)) ** 0.5, rel=0.02)


def test_bn_relu_normalises_scales_and_cuts_off():
    inputs = keras.Input((5, 6, 4))
    model = keras.Model(inputs, bn_relu(inputs, momentum=0.75, epsilon=0.5, name="block"))
    assert [layer.name for layer in model.layers[1:]] == ["block_bn", "block_relu"]
    values = np.random.default_rng(0)
    model.set_weights([values.uniform(0.1, 2, size=4) for _ in model.weights])
    gamma, beta, mean, variance = model.get_weights()
    x = images(8, 5, 6, 4)
    normalised = gamma * (x - mean) / np.sqrt(variance + 0.5) + beta
    np.testing.assert_allclose(model(x), np.maximum(normalised, 0), rtol=1e-4, atol=1e-5)
    model(x, training=True)
    moved = model.get_layer("block_bn").moving_mean
    np.testing.assert_allclose(moved, 0.75 * mean + 0.25 * x.mean(axis=(0, 1, 2)), atol=1e-5)


def test_classifier_head_is_a_linear_function_of_the_mean_of_each_map():
    inputs = keras.Input((4, 5, 3))
    model = keras.Model(inputs, classifier_head(layers.ReLU()(inputs), 7))
    kernel, bias = np.random.default_rng(0).normal(size=(3, 7)), np.random.default_rng(1).normal(size=7)
    model.get_layer("logits").set_weights([kernel, bias])
    x = images(2, 4, 5, 3)
    expected = np.maximum(x, 0).mean(axis=(1, 2)) @ kernel + bias
    assert expected.min() < 0  # no softmax
    np.testing.assert_allclose(model(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(32, 40, 3), (40, 32, 1), (32, 32, 4), [32, 32, 3]])
def test_shapes_of_images_pass(shape: tuple):
    check_input_shape(shape, smallest=32, network="a_network")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((31, 40, 3), r"at least \(32, 32, channels\) for a_network, got \(31, 40, 3\)"),
        ((40, 31, 3), r"at least \(32, 32, channels\) for a_network, got \(40, 31, 3\)"),
        ((64, 64), r"three whole numbers \(height, width, channels\), got \(64, 64\)"),
        ((1, 64, 64, 3), "three whole numbers"),
        ((None, None, 3), r"three whole numbers .*, got \(None, None, 3\)"),
        ((64.0, 64, 3), "three whole numbers"),
        ((64, 64, 0), r"channels, 1 to 4 \(3 for RGB\), got \(64, 64, 0\)$"),
        ((64, 64, 5), r"channels, 1 to 4 .* got \(64, 64, 5\)$"),
        ((3, 64, 64), r"got \(3, 64, 64\); is it \(channels, height, width\)\?"),
    ],
)
def test_other_shapes_are_refused_with_the_way_out(shape: tuple, message: str):
    with pytest.raises(ValueError, match=message):
        check_input_shape(shape, smallest=32, network="a_network")


@pytest.mark.parametrize("classes", [1, 0, -3])
def test_fewer_than_two_classes_are_refused(classes: int):
    with pytest.raises(ValueError, match=f"classes must be at least 2, got {classes}"):
        check_classes(classes)


def test_two_classes_are_enough():
    check_classes(2)
