"""ResNet in ResNet, against its two equations in NumPy and against counts of other implementations."""

import math
import re

import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.cnn.rir import STAGES, generalised_layer, resnet_in_resnet, rir_block

CHANNELS = 3  # of each stream in the small cases
Streams = tuple[np.ndarray, np.ndarray]


def randomise(model: keras.Model) -> keras.Model:
    values = np.random.default_rng(0)
    model.set_weights([values.uniform(0.1, 1.0, weight.shape) * _sign(weight, values) for weight in model.weights])
    return model


def _sign(weight: keras.Variable, values: np.random.Generator) -> np.ndarray | float:
    """Kernels get both signs, statistics and gammas stay positive."""
    return values.choice([-1.0, 1.0], weight.shape) if weight.name == "kernel" else 1.0


def streams(*, residual: float = 1.0, transient: float = 1.0, size: int = 6) -> Streams:
    values = np.random.default_rng(1)
    r, t = values.normal(size=(2, 2, size, size, CHANNELS)).astype("float32")
    return residual * r, transient * t


def build(part=generalised_layer, filters: int = CHANNELS, *, size: int = 6, **settings: object) -> keras.Model:
    """A layer or block alone, from both streams to both streams, with random weights."""
    inputs = [keras.Input((size, size, CHANNELS), name=name) for name in ("r", "t")]
    return randomise(keras.Model(inputs, part(*inputs, filters, name="x", **settings)))


def convolve(x: np.ndarray, kernel: np.ndarray, strides: int = 1) -> np.ndarray:
    """Convolution with padding "same", one tap of the kernel after the other."""
    size, taps = x.shape[1], len(kernel)
    out = math.ceil(size / strides)
    missing = max((out - 1) * strides + taps - size, 0)
    sides = (missing // 2, missing - missing // 2)
    padded = np.pad(x, ((0, 0), sides, sides, (0, 0)))
    total = np.zeros((len(x), out, out, kernel.shape[-1]))
    for row in range(taps):
        for column in range(taps):
            view = padded[:, row : row + out * strides : strides, column : column + out * strides : strides]
            total += view[:, :out, :out] @ kernel[row, column]
    return total


def normalise(x: np.ndarray, layer: layers.Layer) -> np.ndarray:
    """Batch normalisation with stored statistics, then ReLU."""
    gamma, beta, mean, variance = layer.get_weights()
    return np.maximum(gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta, 0)


def by_the_equations(model: keras.Model, r: np.ndarray, t: np.ndarray, *, strides: int = 1, name: str = "x") -> Streams:
    """The layer's two equations with four kernels, cut out of the one of the model."""
    kernel = model.get_layer(f"{name}_conv").get_weights()[0]
    into, filters = r.shape[-1], kernel.shape[-1] // 2
    w_rr, w_rt = kernel[:, :, :into, :filters], kernel[:, :, :into, filters:]
    w_tr, w_tt = kernel[:, :, into:, :filters], kernel[:, :, into:, filters:]
    shortcut = r
    if any(layer.name == f"{name}_shortcut" for layer in model.layers):
        shortcut = convolve(r, model.get_layer(f"{name}_shortcut").get_weights()[0], strides)
    summed = convolve(r, w_rr, strides) + convolve(t, w_tr, strides) + shortcut
    crossed = convolve(r, w_rt, strides) + convolve(t, w_tt, strides)
    return (
        normalise(summed, model.get_layer(f"{name}_residual_bn")),
        normalise(crossed, model.get_layer(f"{name}_transient_bn")),
    )


def assert_equal(found: list, expected: Streams) -> None:
    for one, other in zip(found, expected, strict=True):
        assert 0.1 < np.mean(other > 0) < 1  # neither dead nor without a ReLU at work
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("filters", "strides", "size"),
    [(CHANNELS, 1, 6), (5, 1, 6), (CHANNELS, 2, 6), (6, 2, 6), (6, 2, 7)],
    ids=["same shape", "wider", "smaller", "both", "both, odd size"],
)
def test_one_convolution_gives_the_four_of_the_equations(filters: int, strides: int, size: int):
    model = build(filters=filters, strides=strides, size=size)
    r, t = streams(size=size)
    found = model([r, t])
    assert found[0].shape == found[1].shape == (2, math.ceil(size / strides), math.ceil(size / strides), filters)
    assert_equal(found, by_the_equations(model, r, t, strides=strides))


def test_without_a_residual_stream_the_layer_is_a_plain_convolution():
    model = build()
    inputs = keras.Input((6, 6, CHANNELS))
    x = layers.Conv2D(CHANNELS, 3, padding="same", use_bias=False, name="conv")(inputs)
    plain = keras.Model(inputs, layers.ReLU()(layers.BatchNormalization(name="bn")(x)))
    kernel = model.get_layer("x_conv").get_weights()[0]
    plain.get_layer("conv").set_weights([kernel[:, :, CHANNELS:, CHANNELS:]])
    plain.get_layer("bn").set_weights(model.get_layer("x_transient_bn").get_weights())
    r, t = streams(residual=0)
    np.testing.assert_allclose(model([r, t])[1], plain(t), rtol=1e-5, atol=1e-5)


def test_without_a_transient_stream_the_layer_is_a_residual_block_of_one_convolution():
    model = build()
    inputs = keras.Input((6, 6, CHANNELS))
    x = layers.Conv2D(CHANNELS, 3, padding="same", use_bias=False, name="conv")(inputs)
    x = layers.BatchNormalization(name="bn")(layers.Add()([x, inputs]))
    residual = keras.Model(inputs, layers.ReLU()(x))
    kernel = model.get_layer("x_conv").get_weights()[0]
    residual.get_layer("conv").set_weights([kernel[:, :, :CHANNELS, :CHANNELS]])
    residual.get_layer("bn").set_weights(model.get_layer("x_residual_bn").get_weights())
    r, t = streams(transient=0)
    np.testing.assert_allclose(model([r, t])[0], residual(r), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("filters", "strides"), [(CHANNELS, 1), (4, 2)], ids=["same shape", "another shape"])
@pytest.mark.parametrize("outer_shortcut", [True, False])
def test_block_is_two_layers_and_an_outer_shortcut_on_the_residual_stream(
    filters: int, strides: int, outer_shortcut: bool
):
    model = build(rir_block, filters, strides=strides, outer_shortcut=outer_shortcut)
    r, t = streams()
    middle = by_the_equations(model, r, t, strides=strides, name="x_layer1")
    expected, transient = by_the_equations(model, *middle, name="x_layer2")
    if outer_shortcut and strides == 1:
        expected = expected + r
    elif outer_shortcut:
        expected = expected + convolve(r, model.get_layer("x_outer_shortcut").get_weights()[0], strides)
    assert_equal(model([r, t]), (expected, transient))


def test_momentum_reaches_every_normalisation():
    norms = [layer for layer in build(rir_block, momentum=0.8).layers if isinstance(layer, layers.BatchNormalization)]
    assert [norm.momentum for norm in norms] == [0.8] * 4


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return randomise(resnet_in_resnet(classes=10))


def trainable(model: keras.Model) -> int:
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize(("classes", "weights"), [(10, 9_492_980), (100, 9_527_720)])
def test_without_outer_shortcuts_it_has_the_weights_that_osmr_asserts(classes: int, weights: int):
    assert trainable(resnet_in_resnet(classes=classes, outer_shortcut=False)) == weights


def test_weights_are_those_counted_by_hand(network: keras.Model):
    stem = 2 * (9 * 3 * 48 + 2 * 48)
    total, into = stem, 48
    for filters, blocks in ((48, 2), (96, 3), (192, 3)):
        for block in range(blocks):
            if block == 0 and filters != into:
                total += 2 * into * filters  # the inner and the outer projection
            total += 4 * 9 * into * filters + 2 * 2 * filters  # four kernels; gamma and beta of two streams
            total += 4 * 9 * filters * filters + 2 * 2 * filters
            into = filters
    total += 384 * 10 + 2 * 10
    assert total == 9_492_980 + 48 * 96 + 96 * 192
    assert trainable(network) == total
    normalised = 2 * 48 + 2 * (4 * 48 + 6 * 96 + 6 * 192) + 10  # channels, each with a mean and a variance
    assert network.count_params() - total == 2 * normalised


def test_stages_have_the_sizes_of_the_table(network: keras.Model):
    for stage, size, filters in ((1, 32, 48), (2, 16, 96), (3, 8, 192)):
        last = max(layer.name for layer in network.layers if layer.name.startswith(f"stage{stage}_block"))
        assert last.startswith(f"stage{stage}_block{STAGES[stage - 1][1]}_")
        for block in range(1, STAGES[stage - 1][1] + 1):
            for stream in ("residual", "transient"):
                shape = network.get_layer(f"stage{stage}_block{block}_layer1_{stream}_relu").output.shape
                assert shape[1:] == (size, size, filters)
    assert network.output_shape == (None, 10)


def test_it_is_eighteen_layers_deep(network: keras.Model):
    convolutions = [layer.name for layer in network.layers if isinstance(layer, layers.Conv2D)]
    deep = [name for name in convolutions if "shortcut" not in name and "stem_transient" not in name]
    assert len(deep) == 18


def test_every_layer_says_where_it_stands(network: keras.Model):
    pattern = re.compile(r"images|features|logits|(stem|class_maps|stage[123]_block[123])_[a-z0-9_]*[a-z]")
    assert [layer.name for layer in network.layers if not pattern.fullmatch(layer.name)] == []


@pytest.mark.parametrize("size", [(32, 32), (4, 4), (13, 30)])
def test_without_its_top_it_ends_in_both_streams(size: tuple[int, int]):
    model = resnet_in_resnet((*size, 1), include_top=False)
    assert model.output_shape == (None, math.ceil(size[0] / 4), math.ceil(size[1] / 4), 384)
    joined = [tensor._keras_history.operation.name for tensor in model.layers[-1].input]
    assert joined == ["stage3_block3_outer_add", "stage3_block3_layer2_transient_relu"]


def test_logits_are_means_of_normalised_maps_of_the_features(network: keras.Model):
    x = np.random.default_rng(2).uniform(size=(2, 32, 32, 3)).astype("float32")
    features, logits = keras.Model(network.input, [network.get_layer("features").output, network.output])(x)
    kernel = network.get_layer("class_maps_conv").get_weights()[0][0, 0]
    gamma, beta, mean, variance = network.get_layer("class_maps_bn").get_weights()
    expected = gamma * (np.mean(features, axis=(1, 2)) @ kernel - mean) / np.sqrt(variance + 1e-3) + beta
    assert expected.min() < 0 < expected.max()  # neither softmax nor ReLU
    np.testing.assert_allclose(logits, expected, rtol=1e-3)


def test_it_comes_back_from_its_configuration():
    model = build(rir_block, 4, strides=2)
    copy = keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    for found, expected in zip(copy([*streams()]), model([*streams()]), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("shape", "classes", "message"),
    [
        ((3, 32, 3), 10, r"input_shape must be at least \(4, 4, channels\) for resnet_in_resnet, got \(3, 32, 3\)"),
        ((32, 32), 10, "three whole numbers"),
        ((32, 32, 3), 1, "classes must be at least 2, got 1"),
    ],
)
def test_wrong_settings_are_refused(shape: tuple, classes: int, message: str):
    with pytest.raises(ValueError, match=message):
        resnet_in_resnet(shape, classes=classes)
