import keras
import numpy as np
import pytest
from tests.deepmedia.cnn.comparing import convolution, photos, same_outputs, scramble

from deepmedia.cnn.inception import (
    inception_module,
    inception_v3,
    module_8,
    module_17,
    module_35,
    naive_module,
    reduction_17,
    reduction_module,
)
from deepmedia.cnn.weight_copying import copy_weights

EPSILON = 1e-3  # of Keras's batch normalisation


def module_model(build, shape=(6, 5, 4), **options):
    inputs = keras.Input(shape)
    keras.utils.set_random_seed(0)
    model = keras.Model(inputs, build(inputs, name="m", **options))
    scramble(model)
    return model


def features(shape=(6, 5, 4)):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def convolve(model, name, x, strides=1):
    """Convolution, batch normalisation and ReLU in NumPy, "same", one image."""
    (kernel,) = model.get_layer(f"{name}_conv").get_weights()
    beta, mean, variance = model.get_layer(f"{name}_bn").get_weights()
    y = convolution(x, kernel, strides)
    return np.maximum((y - mean) / np.sqrt(variance + EPSILON) + beta, 0)


def pool(x, summary):
    """Mean or maximum of 3x3 windows, cut off at the border."""
    height, width = x.shape[:2]
    window = lambda i, j: x[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]  # noqa: E731
    return np.array([[summary(window(i, j), axis=(0, 1)) for j in range(width)] for i in range(height)])


def test_the_naive_module_is_three_convolutions_and_a_pooling_side_by_side():
    model, x = module_model(naive_module, ones=2, threes=3, fives=2), features()
    branches = [convolve(model, f"m_{name}", x) for name in ("ones", "threes", "fives")]
    expected = np.concatenate([*branches, pool(x, np.max)], axis=-1)
    assert [model.get_layer(f"m_{name}_conv").kernel.shape[0] for name in ("ones", "threes", "fives")] == [1, 3, 5]
    np.testing.assert_allclose(model(x[None])[0], expected, atol=1e-5)


def test_the_module_is_four_branches_in_their_order():
    options = {"ones": 2, "threes": (3, 4), "double_threes": (2, 5), "pooled": 3}
    model, x = module_model(inception_module, **options), features()
    threes = convolve(model, "m_threes_2", convolve(model, "m_threes_1", x))
    double = convolve(model, "m_double_threes_2", convolve(model, "m_double_threes_1", x))
    double = convolve(model, "m_double_threes_3", double)
    pooled = convolve(model, "m_pooled", pool(x, np.mean))
    expected = np.concatenate([convolve(model, "m_ones_1", x), threes, double, pooled], axis=-1)
    np.testing.assert_allclose(model(x[None])[0], expected, atol=1e-5)


def test_the_module_has_the_kernels_that_were_asked_for():
    model = module_model(inception_module, ones=2, threes=(3, 4), double_threes=(2, 5), pooled=3)
    kernels = {layer.name: layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")}
    assert kernels == {
        "m_ones_1_conv": (1, 1, 4, 2),
        "m_threes_1_conv": (1, 1, 4, 3),
        "m_threes_2_conv": (3, 3, 3, 4),
        "m_double_threes_1_conv": (1, 1, 4, 2),
        "m_double_threes_2_conv": (3, 3, 2, 5),
        "m_double_threes_3_conv": (3, 3, 5, 5),
        "m_pooled_conv": (1, 1, 4, 3),
    }


def test_the_reduction_is_two_strided_branches_and_a_pooling():
    # An odd size, where "same" at stride 2 starts at the border as correlate2d's first window does.
    model = module_model(reduction_module, (7, 5, 4), threes=3, double_threes=(2, 5))
    x = features((7, 5, 4))
    double = convolve(model, "m_double_threes_2", convolve(model, "m_double_threes_1", x))
    double = convolve(model, "m_double_threes_last", double, strides=2)
    branches = [convolve(model, "m_threes", x, strides=2), double, pool(x, np.max)[::2, ::2]]
    np.testing.assert_allclose(model(x[None])[0], np.concatenate(branches, axis=-1), atol=1e-5)


@pytest.mark.parametrize(
    ("side", "padding", "after"), [(14, "same", 7), (14, "valid", 6), (7, "same", 4), (35, "valid", 17)]
)
def test_the_reduction_halves_the_map(side, padding, after):
    inputs = keras.Input((side, side, 4))
    found = reduction_module(inputs, threes=3, double_threes=(2, 5), padding=padding, name="r")
    assert found.shape == (None, after, after, 3 + 5 + 4)


@pytest.mark.parametrize(
    ("build", "options"),
    [
        (inception_module, {"ones": 2, "threes": (3, 4), "double_threes": (2, 5), "pooled": 3}),
        (reduction_module, {"threes": 3, "double_threes": (2, 5)}),
    ],
)
def test_momentum_reaches_every_normalisation(build, options):
    model = module_model(build, momentum=0.8, **options)
    found = [layer.momentum for layer in model.layers if hasattr(layer, "momentum")]
    assert len(found) == {inception_module: 7, reduction_module: 4}[build]
    assert set(found) == {0.8}


@pytest.mark.parametrize(
    ("build", "options", "shape", "weights"),
    [
        # Kernels by hand, 3 numbers for each filter's normalisation.
        (module_35, {"pooled": 32}, (35, 35, 192), 192 * 208 + 25 * 48 * 64 + 9 * 64 * 96 + 9 * 96 * 96 + 3 * 464),
        (module_17, {"middle": 128}, (17, 17, 768), 768 * 640 + 7 * 128 * (5 * 128 - 128 + 2 * 192) + 3 * 1536),
        (reduction_17, {}, (17, 17, 768), 768 * 384 + 9 * 192 * 512 + 14 * 192 * 192 + 3 * 1280),
        (module_8, {}, (8, 8, 1280), 1280 * 1344 + 6 * 384 * 384 * 2 + 9 * 448 * 384 + 3 * (1344 + 5 * 384)),
    ],
)
def test_the_network_s_modules_have_the_weights_counted_by_hand(build, options, shape, weights):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, build(inputs, name="m", **options))
    assert model.count_params() == weights


@pytest.fixture(scope="module")
def full_size():
    return inception_v3()


def test_the_network_has_keras_s_parameters(full_size):
    assert full_size.count_params() == 23_851_784
    assert sum(int(np.prod(weight.shape)) for weight in full_size.trainable_weights) == 23_817_352
    assert sum(int(np.prod(weight.shape)) for weight in full_size.non_trainable_weights) == 34_432


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("stem4_pool", (73, 73, 64)),
        ("stem7_pool", (35, 35, 192)),
        ("mixed0", (35, 35, 256)),
        ("mixed2", (35, 35, 288)),
        ("mixed3", (17, 17, 768)),
        ("mixed7", (17, 17, 768)),
        ("mixed8", (8, 8, 1280)),
        ("mixed10", (8, 8, 2048)),
        ("logits", (1000,)),
    ],
)
def test_the_stages_have_their_sizes(full_size, layer, shape):
    assert full_size.get_layer(layer).output.shape[1:] == shape


def test_no_layer_has_a_name_made_up_by_keras(full_size):
    made_up = ("conv2d", "batch_normalization", "activation", "concatenate", "max_pooling", "average_pooling", "dense")
    assert [layer.name for layer in full_size.layers if layer.name.startswith(made_up)] == []


def test_with_keras_s_weights_the_logits_are_keras_s():
    keras.utils.set_random_seed(0)
    theirs = keras.applications.InceptionV3(
        weights=None, input_shape=(139, 107, 3), classes=11, classifier_activation=None
    )
    scramble(theirs)
    ours = inception_v3((139, 107, 3), classes=11)
    assert copy_weights(theirs, ours) == 94 + 94 + 1
    same_outputs(ours, theirs, photos(139, 107))


@pytest.fixture(scope="module")
def their_features():
    keras.utils.set_random_seed(1)
    model = keras.applications.InceptionV3(weights=None, include_top=False)
    scramble(model, seed=1)
    return model


@pytest.mark.parametrize("size", [(75, 75), (160, 128)])
def test_with_keras_s_weights_the_features_are_keras_s(their_features, size):
    ours = inception_v3((*size, 3), include_top=False)
    assert ours.count_params() == 21_802_784
    assert copy_weights(their_features, ours) == 94 + 94
    same_outputs(ours, their_features, photos(*size))


def test_the_auxiliary_head_reads_the_second_stage_and_has_the_weights_counted_by_hand(full_size):
    model = inception_v3(auxiliary=True)
    assert [output.shape for output in model.outputs] == [(None, 1000), (None, 1000)]
    assert model.get_layer("auxiliary_pool").input is model.get_layer("mixed7").output
    # 17x17x768 -> pooled 5x5 -> 1x1 to 128 -> 5x5 to 768 -> classes
    head = 768 * 128 + 3 * 128 + 5 * 5 * 128 * 768 + 3 * 768 + (768 + 1) * 1000
    assert model.get_layer("auxiliary_1_relu").output.shape == (None, 5, 5, 128)
    assert model.get_layer("auxiliary_2_relu").output.shape == (None, 1, 1, 768)
    assert model.count_params() == full_size.count_params() + head


def test_the_auxiliary_head_works_on_the_smallest_image():
    model = inception_v3((75, 75, 3), classes=4, auxiliary=True)
    first, second = model(photos(75, 75))
    assert first.shape == second.shape == (3, 4)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((74, 299, 3), {}, r"at least \(75, 75, channels\) for inception_v3, got \(74, 299, 3\)"),
        ((299, 74, 3), {}, r"at least \(75, 75, channels\)"),
        ((3, 299, 299), {}, r"is it \(channels, height, width\)\?"),
        ((299, 299), {}, "three whole numbers"),
        ((299, 299, 3), {"classes": 1}, "classes must be at least 2, got 1"),
        ((299, 299, 3), {"auxiliary": True, "include_top": False}, "auxiliary=True needs include_top=True"),
    ],
)
def test_what_the_network_cannot_take_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        inception_v3(shape, **options)
