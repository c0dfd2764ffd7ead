import keras
import numpy as np
import pytest

from deepmedia.detection.anchors import anchors_by_k_means
from deepmedia.detection.heads import anchors_of
from deepmedia.detection.overlap import size_iou
from deepmedia.detection.scenes import garment_scenes
from deepmedia.detection.small_yolo import SMALL_ANCHORS, small_yolo


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return small_yolo()


def test_the_heads_stand_on_cells_of_32_16_and_8_pixels(model):
    assert [head.shape for head in model.outputs] == [
        (None, 10, 10, 3, 15),
        (None, 20, 20, 3, 15),
        (None, 40, 40, 3, 15),
    ]
    np.testing.assert_array_equal(anchors_of(model), SMALL_ANCHORS)


def test_the_anchors_fit_garments_that_they_were_not_made_of_as_well_as_anchors_can():
    _, truths = garment_scenes("train", 100, seed=7)
    corners = np.concatenate([truth.boxes for truth in truths])
    sizes = corners[:, 2:] - corners[:, :2]
    overlaps = size_iou(sizes, np.concatenate(SMALL_ANCHORS)).max(axis=1)
    assert overlaps.mean() > anchors_by_k_means(sizes, 9, seed=0).mean_best_iou - 0.01
    assert np.diff([np.prod(table, axis=1).mean() for table in SMALL_ANCHORS]).max() < 0, "coarsest first"


def conv(inputs, outputs, side):
    """Weights of a kernel without biases, and two numbers a channel of its normalisation."""
    return inputs * outputs * side**2 + 2 * outputs


def test_the_weights_are_those_counted_by_hand(model):
    def stage(inputs, filters, blocks):
        return conv(inputs, filters, 3) + blocks * (conv(filters, filters // 2, 1) + conv(filters // 2, filters, 3))

    body = conv(3, 12, 3) + conv(12, 24, 3) + stage(24, 48, 1) + stage(48, 96, 3) + stage(96, 192, 3)
    neck = conv(192, 96, 1) + conv(96, 64, 1) + conv(64 + 96, 64, 1) + conv(64, 48, 1) + conv(48 + 48, 48, 1)
    heads = sum(conv(width, 2 * width, 3) + (2 * width + 1) * 45 for width in (48, 64, 96))
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == body + neck + heads
    assert model.count_params() * 2 < 3e6, "at two bytes each they must stay below 3 MB"


def test_a_new_network_doubts_that_there_are_objects(model):
    image = np.random.default_rng(0).uniform(size=(1, 320, 320, 3)).astype("float32")
    for head in model(image, training=False):
        assert np.mean(1 / (1 + np.exp(-head[..., 4].numpy()))) < 0.05
        assert np.abs(head.numpy()).max() < 30


def test_coarse_maps_reach_the_fine_head(model):
    source = keras.Model(model.input, [model.get_layer("stage32_block3_add").output, model.outputs[2]])
    inner = keras.Model(source.outputs[0], model.get_layer("neck16_enlarge").output)
    assert inner.output.shape[1:] == (20, 20, 64)
    assert model.get_layer("neck8_beside").output.shape[1:] == (40, 40, 96)


def test_another_input_other_classes_and_anchors():
    model = small_yolo((64, 96, 1), classes=1, anchors=[[[30, 30]], [[20, 20], [10, 20]], [[5, 5]]])
    assert [head.shape[1:] for head in model.outputs] == [(2, 3, 1, 6), (4, 6, 2, 6), (8, 12, 1, 6)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"input_shape": (100, 320, 3)}, r"sides that are multiples of 32, got \(100, 320, 3\)"),
        ({"input_shape": (3, 320, 320)}, r"is it \(channels, height, width\)"),
        ({"input_shape": (0, 320, 3)}, "input_shape must be at least"),
        ({"classes": 0}, "classes must be at least 1, got 0"),
        ({"anchors": [[[10, 10]]]}, "for each of 3 heads, got 1"),
        ({"anchors": [[[10, 10]], [[10, 0]], [[1, 1]]]}, "anchors must be rows"),
    ],
)
def test_what_no_network_can_have_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        small_yolo(**settings)
