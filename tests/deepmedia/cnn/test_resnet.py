import keras
import numpy as np
import pytest
from tests.deepmedia.cnn.comparing import convolution, photos, same_outputs, scramble

from deepmedia.cnn.resnet import bottleneck_block, preactivation_block, residual_block, resnet50
from deepmedia.cnn.weight_copying import copy_weights

EPSILON = 1.001e-5  # of keras.applications.ResNet50


def block_model(build, channels, **options):
    inputs = keras.Input((7, 7, channels))
    keras.utils.set_random_seed(0)
    model = keras.Model(inputs, build(inputs, name="b", **options))
    scramble(model)
    return model


def features(channels):
    return np.random.default_rng(1).normal(size=(7, 7, channels)).astype("float32")


def convolve(model, name, x, strides=1):
    """Convolution in NumPy, "same", one image of odd size."""
    kernel, *bias = model.get_layer(f"{name}_conv").get_weights()
    return convolution(x, kernel, strides) + (bias[0] if bias else 0)


def normalise(model, name, x):
    gamma, beta, mean, variance = model.get_layer(f"{name}_bn").get_weights()
    return gamma * (x - mean) / np.sqrt(variance + EPSILON) + beta


def convolve_and_normalise(model, name, x, strides=1):
    return normalise(model, name, convolve(model, name, x, strides))


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize("build", [residual_block, preactivation_block, bottleneck_block])
def test_kernels_begin_as_he_et_al_want_them_before_a_relu(build):
    inputs = keras.Input((7, 7, 48))
    keras.utils.set_random_seed(0)
    model = keras.Model(inputs, build(inputs, 64, strides=2, name="b"))
    kernels = [layer.kernel.numpy() for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert len(kernels) == (4 if build is bottleneck_block else 3)
    for kernel in kernels:
        assert kernel.std() == pytest.approx((2 / np.prod(kernel.shape[:3])) ** 0.5, rel=0.05)


def two_layers(model, x, strides=1):
    y = relu(convolve_and_normalise(model, "b_1", x, strides))
    return convolve_and_normalise(model, "b_2", y)


def test_a_residual_block_adds_its_input_before_the_last_relu():
    model, x = block_model(residual_block, 4, filters=4), features(4)
    np.testing.assert_allclose(model(x[None])[0], relu(two_layers(model, x) + x), atol=1e-5)


@pytest.mark.parametrize(("filters", "strides"), [(6, 1), (4, 2), (6, 2)])
def test_a_residual_block_projects_what_does_not_fit(filters, strides):
    model, x = block_model(residual_block, 4, filters=filters, strides=strides), features(4)
    expected = relu(two_layers(model, x, strides) + convolve_and_normalise(model, "b_0", x, strides))
    assert model.get_layer("b_0_conv").kernel.shape[:2] == (1, 1)
    np.testing.assert_allclose(model(x[None])[0], expected, atol=1e-5)


@pytest.mark.parametrize(("filters", "strides"), [(4, 1), (6, 2)])
def test_without_shortcut_the_two_layers_are_left(filters, strides):
    options = {"filters": filters, "strides": strides, "shortcut": False}
    model, x = block_model(residual_block, 4, **options), features(4)
    np.testing.assert_allclose(model(x[None])[0], relu(two_layers(model, x, strides)), atol=1e-5)


def test_an_identity_shortcut_costs_no_parameter():
    counts = {block_model(residual_block, 4, filters=4, shortcut=shortcut).count_params() for shortcut in (True, False)}
    assert counts == {2 * (9 * 4 * 4 + 4 * 4)}


def test_a_block_whose_gamma_is_zero_passes_what_is_positive():
    model, x = block_model(residual_block, 4, filters=4), features(4)
    bn = model.get_layer("b_2_bn")
    bn.gamma.assign(np.zeros(4))
    bn.beta.assign(np.zeros(4))
    np.testing.assert_allclose(model(x[None])[0], relu(x), atol=1e-6)


def preactivated(model, x, strides=1):
    y = relu(normalise(model, "b_1", x))
    second = relu(normalise(model, "b_2", convolve(model, "b_1", y, strides)))
    return y, convolve(model, "b_2", second)


def test_a_preactivation_block_adds_its_untouched_input_last():
    model, x = block_model(preactivation_block, 4, filters=4), features(4)
    found = np.array(model(x[None])[0])
    np.testing.assert_allclose(found, x + preactivated(model, x)[1], atol=1e-5)
    assert found.min() < 0  # nothing clips the sum


@pytest.mark.parametrize(("filters", "strides"), [(6, 1), (4, 2), (6, 2)])
def test_a_preactivation_block_projects_the_activated_input(filters, strides):
    model, x = block_model(preactivation_block, 4, filters=filters, strides=strides), features(4)
    y, residual = preactivated(model, x, strides)
    expected = convolve(model, "b_0", y, strides) + residual
    assert model.get_layer("b_0_conv").kernel.shape[:2] == (1, 1)
    np.testing.assert_allclose(model(x[None])[0], expected, atol=1e-5)


def bottleneck(model, x, strides=1):
    y = relu(convolve_and_normalise(model, "b_1", x, strides))
    y = relu(convolve_and_normalise(model, "b_2", y))
    return convolve_and_normalise(model, "b_3", y)


def test_a_bottleneck_adds_its_input_before_the_last_relu():
    model, x = block_model(bottleneck_block, 8, filters=2), features(8)
    np.testing.assert_allclose(model(x[None])[0], relu(x + bottleneck(model, x)), atol=1e-5)


@pytest.mark.parametrize(("channels", "strides"), [(4, 1), (8, 2)])
def test_a_bottleneck_projects_what_does_not_fit(channels, strides):
    model, x = block_model(bottleneck_block, channels, filters=2, strides=strides), features(channels)
    expected = relu(convolve_and_normalise(model, "b_0", x, strides) + bottleneck(model, x, strides))
    np.testing.assert_allclose(model(x[None])[0], expected, atol=1e-5)


def test_a_bottleneck_s_kernels_are_one_three_and_one():
    model = block_model(bottleneck_block, 8, filters=2)
    kernels = [layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")]
    assert kernels == [(1, 1, 8, 2), (3, 3, 2, 2), (1, 1, 2, 8)]


def test_momentum_reaches_every_normalisation():
    model = block_model(residual_block, 4, filters=6, momentum=0.8)
    found = [layer.momentum for layer in model.layers if hasattr(layer, "momentum")]
    assert found == 3 * [0.8]


@pytest.fixture(scope="module")
def full_size():
    return resnet50()


def test_the_network_has_keras_s_parameters(full_size):
    assert full_size.count_params() == 25_636_712
    assert sum(int(np.prod(weight.shape)) for weight in full_size.trainable_weights) == 25_583_592
    assert sum(int(np.prod(weight.shape)) for weight in full_size.non_trainable_weights) == 53_120


def test_fifty_layers_have_weights_beside_those_on_the_shortcuts(full_size):
    weighted = [layer.name for layer in full_size.layers if hasattr(layer, "kernel")]
    assert len([name for name in weighted if not name.endswith("_0_conv")]) == 50
    assert len(weighted) == 54


@pytest.mark.parametrize(
    ("layer", "shape"),
    [  # Table 1 of the paper
        ("conv1_relu", (112, 112, 64)),
        ("pool1_pool", (56, 56, 64)),
        ("conv2_block3_out", (56, 56, 256)),
        ("conv3_block4_out", (28, 28, 512)),
        ("conv4_block6_out", (14, 14, 1024)),
        ("conv5_block3_out", (7, 7, 2048)),
        ("logits", (1000,)),
    ],
)
def test_the_stages_have_their_sizes(full_size, layer, shape):
    assert full_size.get_layer(layer).output.shape[1:] == shape


def test_no_layer_has_a_name_made_up_by_keras(full_size):
    made_up = ("conv2d", "batch_normalization", "re_lu", "activation", "add", "zero_padding", "max_pooling", "dense")
    assert [layer.name for layer in full_size.layers if layer.name.startswith(made_up)] == []


def test_with_keras_s_weights_the_logits_are_keras_s():
    keras.utils.set_random_seed(0)
    theirs = keras.applications.ResNet50(weights=None, input_shape=(96, 71, 3), classes=11, classifier_activation=None)
    scramble(theirs)
    ours = resnet50((96, 71, 3), classes=11)
    assert copy_weights(theirs, ours) == 53 + 53 + 1
    same_outputs(ours, theirs, photos(96, 71))


@pytest.fixture(scope="module")
def their_features():
    keras.utils.set_random_seed(1)
    model = keras.applications.ResNet50(weights=None, include_top=False)
    scramble(model, seed=1)
    return model


@pytest.mark.parametrize("size", [(32, 32), (133, 98)])
def test_with_keras_s_weights_the_features_are_keras_s(their_features, size):
    ours = resnet50((*size, 3), include_top=False)
    assert ours.count_params() == 23_587_712
    assert copy_weights(their_features, ours) == 53 + 53
    same_outputs(ours, their_features, photos(*size))


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((31, 224, 3), {}, r"at least \(32, 32, channels\) for resnet50, got \(31, 224, 3\)"),
        ((224, 31, 3), {}, r"at least \(32, 32, channels\)"),
        ((3, 224, 224), {}, r"is it \(channels, height, width\)\?"),
        ((224, 224), {}, "three whole numbers"),
        ((224, 224, 3), {"classes": 1}, "classes must be at least 2, got 1"),
    ],
)
def test_what_the_network_cannot_take_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        resnet50(shape, **options)
