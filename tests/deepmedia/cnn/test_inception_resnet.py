import keras
import numpy as np
import pytest
from keras import layers
from tests.deepmedia.cnn.comparing import photos, same_outputs, scramble

from deepmedia.cnn.inception_resnet import (
    ScaledSum,
    embedding_head,
    inception_residual_block,
    inception_resnet_v1,
    inception_resnet_v2,
    scaled_residual,
)
from deepmedia.cnn.weight_copying import copy_weights

# Prefix of the layers, last layer, its height = width and channels for 160 x 160, parameters without gamma, those
# not trained: counted from FaceNet's source in TensorFlow-slim.
V1_STAGES = (
    ("Conv2d_1a_3x3", "Conv2d_1a_3x3_Activation", (79, 32), 960, 64),
    ("Conv2d_2a_3x3", "Conv2d_2a_3x3_Activation", (77, 32), 9_312, 64),
    ("Conv2d_2b_3x3", "Conv2d_2b_3x3_Activation", (77, 64), 18_624, 128),
    ("MaxPool_3a_3x3", "MaxPool_3a_3x3", (38, 64), 0, 0),
    ("Conv2d_3b_1x1", "Conv2d_3b_1x1_Activation", (38, 80), 5_360, 160),
    ("Conv2d_4a_3x3", "Conv2d_4a_3x3_Activation", (36, 192), 138_816, 384),
    ("Conv2d_4b_3x3", "Conv2d_4b_3x3_Activation", (17, 256), 443_136, 512),
    ("Block35_", "Block35_5_Activation", (17, 256), 5 * 77_632, 1_920),
    ("Mixed_6a", "Mixed_6a", (8, 896), 1_711_104, 2_048),
    ("Block17_", "Block17_10_Activation", (8, 896), 10 * 690_560, 10_240),
    ("Mixed_7a", "Mixed_7a", (3, 1792), 3_348_096, 3_840),
    ("Block8_", "Block8_6_ScaledSum", (3, 1792), 6 * 1_601_536, 9_216),
)
V2_STAGES = (  # for 299 x 299, from the comments of Keras's source
    ("Conv2d_4a_3x3_Activation", (71, 192)),
    ("MaxPool_5a_3x3", (35, 192)),
    ("Mixed_5b", (35, 320)),
    ("Block35_10_Activation", (35, 320)),
    ("Mixed_6a", (17, 1088)),
    ("Block17_20_Activation", (17, 1088)),
    ("Mixed_7a", (8, 2080)),
    ("Block8_10_ScaledSum", (8, 2080)),
    ("Conv2d_7b_1x1_Activation", (8, 1536)),
)


@pytest.fixture(scope="module")
def bodies():
    """Version 1 without its top, by whether its normalisations have gamma."""
    return {gamma: inception_resnet_v1((160, 160, 3), include_top=False, gamma=gamma) for gamma in (False, True)}


@pytest.fixture(scope="module")
def v1(bodies):
    return bodies[False]


@pytest.fixture(scope="module")
def keras_v2():
    """Keras's version 2 without top, for images of every size."""
    keras.utils.set_random_seed(0)
    model = keras.applications.InceptionResNetV2(weights=None, include_top=False, input_shape=(None, None, 3))
    scramble(model)
    return model


def stage_of(name):
    """The row of V1_STAGES that a layer belongs to."""
    return max((stage for stage, *_ in V1_STAGES if name.startswith(stage)), key=len, default=None)


def counts(model):
    def numbers(weights):
        return sum(int(np.prod(weight.shape)) for weight in weights)

    return numbers(model.weights), numbers(model.trainable_weights), numbers(model.non_trainable_weights)


def test_the_scaled_residual_is_the_sum_written_out():
    random = np.random.default_rng(0)
    inputs = [keras.Input((3, 5, channels)) for channels in (4, 2, 3)]
    outputs = scaled_residual(inputs[0], inputs[1:], scale=0.25, name="b")
    model = keras.Model(inputs, outputs)
    kernel, bias = random.normal(size=(1, 1, 5, 4)), random.normal(size=4)
    model.get_layer("b_Conv2d_1x1").set_weights([kernel, bias])
    x, first, second = (random.normal(size=(2, 3, 5, channels)).astype("float32") for channels in (4, 2, 3))
    up = first @ kernel[0, 0, :2] + second @ kernel[0, 0, 2:] + bias
    assert np.any(x + 0.25 * up < -0.1)  # so that a missing ReLU shows
    np.testing.assert_allclose(model([x, first, second]), np.maximum(0, x + 0.25 * up), atol=1e-5)


def test_a_linear_block_keeps_what_is_negative():
    x = keras.Input((2, 2, 3))
    model = keras.Model(x, scaled_residual(x, [x], scale=0.0, activation=None, name="b"))
    values = np.random.default_rng(0).normal(size=(1, 2, 2, 3)).astype("float32")
    np.testing.assert_array_equal(model(values), values)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's writer, with NumPy 2
def test_a_saved_model_keeps_its_scale(tmp_path):
    x = keras.Input((2, 2, 3))
    model = keras.Model(x, scaled_residual(x, [x], scale=0.3, name="b"))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    values = np.random.default_rng(0).normal(size=(1, 2, 2, 3)).astype("float32")
    np.testing.assert_array_equal(again(values), model(values))
    assert again.get_layer("b_ScaledSum").scale == 0.3


def test_the_scaled_sum_scales_its_second_input():
    assert float(ScaledSum(0.5)([np.float32([3.0]), np.float32([4.0])])[0]) == 5.0


def test_the_small_block_has_the_parameters_counted_by_hand():
    x = keras.Input((7, 7, 24))
    model = keras.Model(x, inception_residual_block(x, filters=8, scale=0.2, momentum=0.9, name="b"))
    # six convolutions: three 1x1 from 24 maps, three 3x3 from 8; beta, mean, variance; 1x1 from 3 * 8 maps, biased
    assert model.count_params() == 3 * 24 * 8 + 3 * 9 * 8 * 8 + 6 * 3 * 8 + 24 * 24 + 24
    assert model.output.shape == (None, 7, 7, 24)
    assert model.get_layer("b_ScaledSum").scale == 0.2
    normalisations = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    assert [layer.momentum for layer in normalisations] == [0.9] * 6


def test_the_small_block_sees_five_pixels():
    x = keras.Input((9, 9, 1))
    model = keras.Model(x, inception_residual_block(x, filters=4, scale=1.0, name="b"))
    for layer in model.layers:
        layer.set_weights([np.abs(values) + 0.1 for values in layer.get_weights()])  # so that ReLU stops nothing
    point = np.zeros((1, 9, 9, 1), "float32")
    point[0, 4, 4] = 1
    touched = np.abs(model(point) - model(np.zeros_like(point)))[0, :, :, 0] > 1e-6
    rows, columns = np.nonzero(touched)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 6, 2, 6)  # two 3x3 in the longest branch


@pytest.mark.parametrize(("stage", "last", "shape"), [(stage, last, shape) for stage, last, shape, *_ in V1_STAGES])
def test_version_1_has_the_shapes_of_facenet(v1, stage, last, shape):
    side, channels = shape
    assert v1.get_layer(last).output.shape == (None, side, side, channels)


@pytest.mark.parametrize(("stage", "total", "frozen"), [(row[0], row[3], row[4]) for row in V1_STAGES])
def test_version_1_has_the_parameters_of_facenet_stage_by_stage(v1, stage, total, frozen):
    found = [layer for layer in v1.layers if stage_of(layer.name) == stage]
    assert sum(layer.count_params() for layer in found) == total
    assert sum(int(np.prod(w.shape)) for layer in found for w in layer.non_trainable_weights) == frozen


@pytest.mark.parametrize(
    ("size", "gamma", "expected"),
    [
        (128, False, (22_808_144, 22_779_312, 28_832)),
        (128, True, (22_822_560, 22_793_728, 28_832)),
        (512, False, (23_497_424, 23_467_824, 29_600)),
        (512, True, (23_512_224, 23_482_624, 29_600)),
    ],
)
def test_version_1_with_facenets_top_has_its_counts(bodies, size, gamma, expected):
    body = bodies[gamma]
    model = keras.Model(body.input, embedding_head(body.output, embedding_size=size, gamma=gamma))
    assert counts(model) == expected
    assert model.output.shape == (None, size)
    assert sum(bool(layer.weights) for layer in model.layers) == 245
    assert len(model.weights) == (602 if gamma else 490)


def test_the_embedding_is_the_formula_of_facenet():
    inputs = keras.Input((2, 3, 5))
    model = keras.Model(inputs, embedding_head(inputs, embedding_size=4, gamma=True))
    random = np.random.default_rng(0)
    kernel = random.normal(size=(5, 4))
    gamma, beta, mean, variance = random.normal(size=(4, 4)) ** 2
    model.get_layer("Bottleneck").set_weights([kernel])
    model.get_layer("Bottleneck_BatchNorm").set_weights([gamma, beta, mean, variance])
    features = random.normal(size=(2, 2, 3, 5)).astype("float32")
    dense = features.mean(axis=(1, 2)) @ kernel
    expected = gamma * (dense - mean) / np.sqrt(variance + 1e-3) + beta
    np.testing.assert_allclose(model(features), expected, atol=1e-5)


def test_the_heads_of_version_1_drop_a_fifth_of_the_features_in_training():
    classifier = inception_resnet_v1((75, 75, 3), classes=5)
    inputs = keras.Input((1, 1, 100))
    for model in (classifier, keras.Model(inputs, embedding_head(inputs, embedding_size=4))):
        assert model.get_layer("Dropout").rate == pytest.approx(0.2)
    assert classifier.output.shape == (None, 5)
    assert classifier.get_layer("logits").count_params() == 1792 * 5 + 5


def test_version_1_has_the_names_of_facenets_weights(v1):
    weighted = {layer.name for layer in v1.layers if layer.weights}
    convolutions = {name for name in weighted if not name.endswith("_BatchNorm")}
    ups = {name for name in convolutions if name.startswith("Block") and "_Branch_" not in name}
    assert ups == {
        f"{block}_{number}_Conv2d_1x1"
        for block, repeats in (("Block35", 5), ("Block17", 10), ("Block8", 6))
        for number in range(1, repeats + 1)
    }
    assert {name for name in weighted if name.endswith("_BatchNorm")} == {f"{n}_BatchNorm" for n in convolutions - ups}
    for name in (
        "Block35_3_Branch_0_Conv2d_1x1",
        "Block35_3_Branch_2_Conv2d_0c_3x3",
        "Block17_10_Branch_1_Conv2d_0b_1x7",
        "Block17_10_Branch_1_Conv2d_0c_7x1",
        "Block8_6_Branch_1_Conv2d_0b_1x3",
        "Mixed_6a_Branch_0_Conv2d_1a_3x3",
        "Mixed_6a_Branch_1_Conv2d_0b_3x3",
        "Mixed_7a_Branch_2_Conv2d_0a_1x1",
        "Mixed_7a_Branch_2_Conv2d_1a_3x3",
    ):
        assert name in convolutions
    assert len(convolutions) == 132


def test_version_1_scales_and_normalises_as_facenet_does(v1):
    scales = [layer.scale for layer in v1.layers if isinstance(layer, ScaledSum)]
    assert scales == [0.17] * 5 + [0.10] * 10 + [0.20] * 5 + [1.0]
    normalisations = [layer for layer in v1.layers if isinstance(layer, layers.BatchNormalization)]
    assert {(layer.epsilon, layer.momentum, layer.scale) for layer in normalisations} == {(0.001, 0.995, False)}


@pytest.mark.parametrize(("side", "sides"), [(75, (7, 3, 1)), (96, (9, 4, 1)), (182, (20, 9, 4)), (299, (35, 17, 8))])
def test_version_1_takes_other_sizes(side, sides):
    model = inception_resnet_v1((side, side, 3), include_top=False)
    for name, expected in zip(("Conv2d_4b_3x3", "Mixed_6a", "Mixed_7a"), sides, strict=True):
        assert model.get_layer(name).output.shape[1:3] == (expected, expected)


def test_version_2_has_the_counts_and_shapes_of_keras():
    model = inception_resnet_v2((299, 299, 3))
    assert counts(model) == (55_873_736, 55_813_192, 60_544)
    for name, (side, channels) in V2_STAGES:
        assert model.get_layer(name).output.shape == (None, side, side, channels), name


@pytest.mark.parametrize("shape", [(75, 75, 3), (139, 107, 3)])
def test_version_2_computes_what_keras_computes(keras_v2, shape):
    model = inception_resnet_v2(shape, include_top=False)
    assert copy_weights(keras_v2, model) == 448  # 244 convolutions and 204 normalisations
    assert counts(model) == (54_336_736, 54_276_192, 60_544)
    same_outputs(model, keras_v2, photos(*shape[:2]))


def test_version_2_with_its_top_gives_the_logits_of_keras():
    shape, classes = (75, 107, 3), 7
    keras.utils.set_random_seed(1)
    theirs = keras.applications.InceptionResNetV2(
        weights=None, input_shape=shape, classes=classes, classifier_activation=None
    )
    scramble(theirs, seed=1)
    ours = inception_resnet_v2(shape, classes=classes)
    assert copy_weights(theirs, ours) == 449
    assert len(ours.layers) == len(theirs.layers)  # no operation more, so that it is not slower
    same_outputs(ours, theirs, photos(*shape[:2]))


@pytest.mark.parametrize("network", [inception_resnet_v1, inception_resnet_v2])
@pytest.mark.parametrize(
    ("shape", "word"),
    [((74, 160, 3), "at least"), ((160, 74, 3), "at least"), ((3, 160, 160), "channels"), ((160, 160), "three whole")],
)
def test_a_shape_that_does_not_fit_is_refused(network, shape, word):
    with pytest.raises(ValueError, match=word):
        network(shape)


@pytest.mark.parametrize("network", [inception_resnet_v1, inception_resnet_v2])
def test_one_class_is_refused(network):
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        network((75, 75, 3), classes=1)
