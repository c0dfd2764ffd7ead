import keras
import numpy as np
import pytest

from deepmedia.cnn.weight_copying import copy_weights
from deepmedia.datasets import darknet_file
from deepmedia.detection.darknet import darknet_network, load_darknet, save_darknet
from deepmedia.detection.heads import anchors_of
from deepmedia.detection.normalisation import DarknetNormalisation
from deepmedia.detection.yolo import (
    copy_alike_layers,
    darknet53,
    darknet_residual_block,
    leaky_convolution,
    yolo_v3,
    yolo_v3_tiny,
)

TINY = darknet_file("yolov3-tiny.cfg")


def images(*shape):
    return np.random.default_rng(1).uniform(size=shape).astype("float32")


def scrambled(model):
    """The model with other statistics than those of a new network, which hide mistakes."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, DarknetNormalisation):
            low, high = np.array([[0.5, -0.3, -0.3, 0.5], [1.5, 0.3, 0.3, 1.5]])  # gamma, beta, mean, variance
            layer.set_weights(list(rng.uniform(low, high, (layer.gamma.shape[0], 4)).T))
    return model


@pytest.fixture(scope="module")
def whole():
    return scrambled(yolo_v3((64, 96, 3)))


def trained_numbers(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def assert_computes_as_described(model, name, layers_with_weights):
    described = darknet_network(darknet_file(name), size=model.input.shape[1:3])
    assert copy_weights(model, described) == layers_with_weights
    x = images(1, *model.input.shape[1:])
    for ours, theirs in zip(model(x), described(x), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5 * np.ptp(theirs))
        assert np.ptp(ours) > 0.1
    for ours, theirs in zip(anchors_of(model), anchors_of(described), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_yolo_v3_computes_what_darknets_description_says(whole):
    assert_computes_as_described(whole, "yolov3.cfg", 75 + 72)


def test_yolo_v3_tiny_computes_what_darknets_description_says():
    assert_computes_as_described(scrambled(yolo_v3_tiny((64, 96, 3))), "yolov3-tiny.cfg", 13 + 11)


def test_yolo_v3_has_the_published_counts_of_parameters(whole):
    assert (whole.count_params(), trained_numbers(whole)) == (62_001_757, 61_949_149)


def test_yolo_v3_tiny_has_the_published_counts_of_parameters():
    model = yolo_v3_tiny()
    assert (model.count_params(), trained_numbers(model)) == (8_858_734, 8_852_366)


def test_heads_come_coarsest_first(whole):
    assert [head.shape for head in whole.outputs] == [(None, 2, 3, 3, 85), (None, 4, 6, 3, 85), (None, 8, 12, 3, 85)]


def test_the_largest_anchors_go_to_the_coarsest_grid():
    anchors = [[1, 2], [3, 4], [5, 6], [7, 8]]
    model = yolo_v3_tiny((32, 32, 3), classes=1, anchors=anchors)
    assert [each.tolist() for each in anchors_of(model)] == [[[5, 6], [7, 8]], [[1, 2], [3, 4]]]
    assert model.output[0].shape == (None, 1, 1, 2, 6)


def test_darknet_53_has_the_sizes_of_the_papers_table():
    scales = darknet53(keras.Input((256, 256, 3)))
    assert [scale.shape[1:] for scale in scales] == [(32, 32, 256), (16, 16, 512), (8, 8, 1024)]


def test_a_residual_block_that_adds_nothing_gives_back_its_input():
    inputs = keras.Input((4, 4, 8))
    block = keras.Model(inputs, darknet_residual_block(inputs, 8, name="b"))
    block.get_layer("b_expand_conv").set_weights([np.zeros((3, 3, 4, 8))])
    x = images(2, 4, 4, 8) - 0.5
    np.testing.assert_array_equal(block(x), x)


def test_a_step_of_two_begins_one_pixel_outside_the_image():
    # A kernel that takes its upper left corner: what stands at rows and columns -1, 1, 3 of the image.
    inputs = keras.Input((6, 6, 1))
    block = keras.Model(inputs, leaky_convolution(inputs, 1, 3, strides=2, name="b"))
    kernel = np.zeros((3, 3, 1, 1))
    kernel[0, 0] = 1
    block.get_layer("b_conv").set_weights([kernel])
    x = images(1, 6, 6, 1)
    expected = np.pad(x[0, ..., 0], 1)[0:6:2, 0:6:2]
    assert (expected[0] == 0).all()
    np.testing.assert_allclose(block(x)[0, ..., 0], expected, rtol=1e-5)


def test_negative_numbers_shrink_to_a_tenth():
    inputs = keras.Input((1, 1, 1))
    block = keras.Model(inputs, leaky_convolution(inputs, 1, 1, name="b"))
    block.get_layer("b_conv").set_weights([np.ones((1, 1, 1, 1))])
    np.testing.assert_allclose(block(np.array([[[[-5.0]]], [[[5.0]]]]))[:, 0, 0, 0], [-0.5, 5], rtol=1e-5)


def test_a_saved_network_computes_the_same(tmp_path):
    model = scrambled(yolo_v3_tiny((32, 32, 3), classes=2))
    with pytest.warns(DeprecationWarning, match="__array__ implementation doesn't accept a copy keyword"):  # Keras
        model.save(tmp_path / "a.keras")
    x = images(1, 32, 32, 3)
    for ours, theirs in zip(keras.saving.load_model(tmp_path / "a.keras")(x), model(x), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_darknets_file_is_written_from_it_and_read_back(tmp_path):
    model = scrambled(yolo_v3_tiny((64, 64, 3)))
    save_darknet(model, TINY, tmp_path / "a.weights")
    assert (tmp_path / "a.weights").stat().st_size == 35_434_956
    again = yolo_v3_tiny((64, 64, 3))
    copy_weights(load_darknet(TINY, tmp_path / "a.weights"), again)
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_network_for_other_classes_takes_over_all_but_the_last_layers():
    source, target = scrambled(yolo_v3_tiny((64, 64, 3))), yolo_v3_tiny((96, 96, 3), classes=3)
    before = target.get_layer("head32_out").get_weights()[0]
    copied = copy_alike_layers(source, target)
    assert len(copied) == 13 + 11 - 2
    assert {layer.name for layer in target.layers if layer.weights} - set(copied) == {"head32_out", "head16_out"}
    for name in copied:
        for ours, theirs in zip(
            target.get_layer(name).get_weights(), source.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(target.get_layer("head32_out").get_weights()[0], before)


def test_networks_without_a_common_layer_are_refused():
    inputs = keras.Input((32, 32, 3))
    other = keras.Model(inputs, keras.layers.Conv2D(7, 3, name="stage1_conv")(inputs), name="other")
    with pytest.raises(ValueError, match="other and yolo_v3_tiny have no layer of one name and shape; copy_weights"):
        copy_alike_layers(other, yolo_v3_tiny((32, 32, 3), classes=1))


@pytest.mark.parametrize("network", [yolo_v3, yolo_v3_tiny])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"input_shape": (400, 416, 3)}, r"height and a width that are multiples of 32, got \(400, 416, 3\)"),
        ({"input_shape": (3, 416, 416)}, r"must end in the channels, .* is it \(channels, height, width\)"),
        ({"input_shape": (0, 0, 3)}, r"must be at least \(32, 32, channels\)"),
        ({"input_shape": (None, None, 3)}, "must be three whole numbers"),
        ({"classes": 0}, "classes must be a whole number of at least 1, got 0"),
        ({"classes": 2.0}, r"classes must be a whole number of at least 1, got 2\.0"),
        ({"anchors": [[1, 2]] * 5}, r"as many for each of \d scales, got \[\[1, 2\]"),
        ({"anchors": []}, r"as many for each of \d scales, got \[\]"),
        ({"anchors": [[9, 9]] + [[1, 2]] * 5}, r"by area from small to large, got areas \[81\.0, 2\.0.* sort them"),
        ({"anchors": [[0, 9]] * 6}, r"anchors must be rows \(width, height\) above 0, .* \[\[0, 9\]"),
    ],
)
def test_what_no_network_can_have_is_refused(network, settings, message):
    with pytest.raises(ValueError, match=message):
        network(**settings)
