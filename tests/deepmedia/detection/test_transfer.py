import cv2
import numpy as np
import pytest

from deepmedia.detection import trained_yolo_tiny
from deepmedia.detection.detector import Detector
from deepmedia.detection.overlap import iou, size_iou
from deepmedia.detection.records import Truth
from deepmedia.detection.transfer import (
    at_stem,
    balanced_anchors,
    changed_features,
    epochs_for,
    first_and_second,
    input_size_for,
    letterboxed,
    tiny_transfer,
    train_own_objects,
    versions_for,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword"
)  # Keras's writer
ANCHORS = [(8, 8), (12, 10), (10, 14), (20, 20), (24, 30), (30, 24), (50, 50), (60, 40), (40, 60)]
STILL = {"mirror": False, "shift": 0, "zoom": 1, "brightness": 0, "saturation": 0, "hue": 0}


def discs(count, seed=0):
    """Pictures of several sizes with one or two bright squares (class 0) or discs (class 1) on noise."""
    random = np.random.default_rng(seed)
    pictures, truths = [], []
    for number in range(count):
        width, height = [(96, 96), (128, 80), (81, 99)][number % 3]
        picture = random.integers(90, 110, (height, width, 3)).astype(np.uint8)
        boxes, ids = [], []
        for x in (8, width // 2 + 4)[: 1 + number % 2]:
            side, kind, y = int(random.integers(18, 28)), int(random.integers(2)), int(random.integers(4, height - 36))
            if kind:
                cv2.circle(picture, (x + side // 2, y + side // 2), side // 2, (250, 250, 40), -1)
            else:
                picture[y : y + side, x : x + side] = (30, 60, 250)
            boxes.append([x, y, x + side, y + side])
            ids.append(kind)
        pictures.append(picture)
        truths.append(Truth(boxes, ids))
    return pictures, truths


@pytest.fixture(scope="module")
def network():
    return tiny_transfer((96, 128, 3), classes=2, anchors=ANCHORS)


def test_there_are_heads_on_three_grids(network):
    assert [head.shape[1:] for head in network.outputs] == [(3, 4, 3, 7), (6, 8, 3, 7), (12, 16, 3, 7)]


def test_the_backbone_gives_what_the_trained_network_gives(network):
    tiny = trained_yolo_tiny((96, 128, 3))
    image = np.random.default_rng(0).random((1, 96, 128, 3)).astype(np.float32)
    for stage in (4, 5, 6):
        ours, theirs = (np.asarray(_until(model, f"stage{stage}_leaky")(image)) for model in (network, tiny))
        np.testing.assert_allclose(ours, theirs, atol=1e-3 * np.abs(theirs).max())
        assert theirs.std() > 0.1


def _until(model, name):
    import keras

    return keras.Model(model.input, model.get_layer(name).output)


def test_stem_and_rest_together_are_the_network_and_share_its_weights(network):
    image = np.random.default_rng(1).random((1, 96, 128, 3)).astype(np.float32)
    stem, rest = at_stem(network)
    for whole, parts in zip(network(image), rest(stem(image)), strict=True):
        np.testing.assert_allclose(whole, parts, atol=1e-4)
    assert rest.get_layer("head8_raw") is network.get_layer("head8_raw")
    assert not {"stage1_conv", "stage2_conv", "stage3_conv"} & {layer.name for layer in rest.layers}


@pytest.mark.parametrize(
    ("shape", "settings", "words"),
    [
        ((100, 128, 3), {}, "multiples of 32"),
        ((96, 128, 1), {}, "multiples of 32"),
        ((96, 128, 3), {"anchors": ANCHORS[:4]}, "as many for each of 3 heads"),
        ((96, 128, 3), {"classes": 0}, "classes must be"),
    ],
)
def test_a_network_that_can_not_be_is_refused(shape, settings, words):
    with pytest.raises(ValueError, match=words):
        tiny_transfer(shape, **{"classes": 2, "anchors": ANCHORS} | settings)


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ([(312, 416)], (320, 416)),  # 416 * 312 / 416 = 312, nearest multiple of 32: 320
        ([(4000, 3000)] * 3, (416, 320)),  # 416 * 3/4 = 312
        ([(100, 2000)], (32, 416)),  # 20.8, at least 32
        ([(50, 100), (100, 100), (100, 50)], (416, 416)),
    ],
)
def test_the_input_has_the_middle_proportions_of_the_pictures(sizes, size):
    assert input_size_for(sizes) == size


def test_a_side_that_is_no_multiple_of_32_is_refused():
    with pytest.raises(ValueError, match="multiple of 32, got 400; take 416"):
        input_size_for([(10, 10)], side=400)


def test_boxes_move_with_their_picture_into_the_letterbox():
    # 60 x 120 into 64 x 64: scale 64 / 120, height 32, so 16 rows of grey above.
    picture = np.zeros((60, 120, 3), np.uint8)
    picture[15:45, 30:60] = 255
    images, moved = letterboxed([picture, picture], [Truth([[30, 15, 60, 45]], [1]), Truth([], [])], (64, 64))
    np.testing.assert_allclose(moved[0].boxes, [[16, 24, 32, 40]])
    assert len(moved[1]) == 0
    bright = np.argwhere(images[0, ..., 0] > 200)
    assert iou([[*bright.min(axis=0)[::-1], *(bright.max(axis=0)[::-1] + 1)]], moved[0].boxes)[0, 0] > 0.75


def test_a_rare_class_gets_anchors_of_its_own():
    random = np.random.default_rng(0)
    often = [[0, 0, *random.uniform(40, 80, 2)] for _ in range(500)]
    rare = [[0, 0, *random.uniform(8, 12, 2)] for _ in range(5)]
    anchors = balanced_anchors([Truth(often + rare, [0] * 500 + [1] * 5)], seed=0).anchors
    assert (anchors < 15).all(axis=1).sum() >= 3
    best = size_iou(np.array(rare)[:, 2:], anchors).max(axis=1)
    assert best.mean() > 0.85


@pytest.mark.parametrize("boxes", [[[0, 0, 10, 10]], [[0, 0, 10, 10], [0, 0, 10, 10], [5, 5, 25, 35]]])
def test_few_sizes_still_give_nine_anchors(boxes):
    fitted = balanced_anchors([Truth(boxes, [0] * len(boxes))], seed=0)
    assert len(np.unique(fitted.anchors, axis=0)) == 9
    assert size_iou([[10, 10]], fitted.anchors).max() > 0.8


def test_epochs_and_versions_follow_from_the_number_of_pictures():
    # 3,000 pictures seen and 820 changed ones: 3000 / 205 and 820 / 205, rounded; at the ends the limits.
    assert [epochs_for(count) for count in (1, 205, 10_000)] == [60, 15, 8]
    assert [versions_for(count) for count in (1, 205, 10_000)] == [16, 4, 2]
    assert [first_and_second(epochs) for epochs in (1, 2, 15)] == [(1, 0), (1, 1), (9, 6)]


def test_features_are_those_of_the_changed_pictures(network):
    pictures, truths = discs(3)
    images, moved = letterboxed(pictures, truths, (96, 128))
    stem, _ = at_stem(network)
    from deepmedia.detection.moving_boxes import augment_boxes

    features, changed = changed_features(stem, images, moved, None, 2, 7)
    assert features.shape == (2, 3, 12, 16, 64)
    image, truth = augment_boxes(images[2], moved[2], [7, 1, 2])
    np.testing.assert_allclose(features[1, 2], stem(image[None] / np.float32(255))[0], rtol=2e-3, atol=2e-3)
    np.testing.assert_array_equal(changed[1][2].boxes, truth.boxes)


@pytest.fixture(scope="module")
def trained():
    pictures, truths = discs(4)
    seen = []
    before = tiny_transfer((64, 64, 3), classes=2, anchors=ANCHORS)
    own = train_own_objects(
        [*pictures, np.zeros((50, 70, 3), np.uint8)],
        [*truths, Truth([], [])],
        ("square", "disc"),
        side=64,
        epochs=10,
        after_epoch=lambda epoch, log: seen.append((epoch, len(log["loss"]))),
    )
    return own, seen, before


def test_the_log_has_each_epoch_of_both_parts(trained):
    own, seen, _ = trained
    assert own.epochs == first_and_second(10)
    assert seen == [(epoch, epoch + 1) for epoch in range(10)]
    assert own.log["loss"][-1] < 0.9 * own.log["loss"][0]


def test_the_first_stages_stay_as_they_were_and_the_later_ones_learn(trained):
    own, _, before = trained
    for stage in range(1, 7):
        one, other = (model.get_layer(f"stage{stage}_conv").get_weights()[0] for model in (own.detector.model, before))
        assert np.array_equal(one, other) == (stage <= 4), stage


def test_the_detector_is_saved_and_loaded(trained, tmp_path):
    own = trained[0]
    again = Detector.load(own.detector.save(tmp_path / "own.detector"))
    picture = discs(1)[0][0]
    np.testing.assert_allclose(again.detect(picture).boxes, own.detector.detect(picture).boxes, atol=1e-2)
    assert again.class_names == ("square", "disc")


PICTURE, ONE = np.zeros((40, 40, 3), np.uint8), Truth([[1, 1, 9, 9]], [0])


@pytest.mark.parametrize(
    ("pictures", "truths", "names", "kind", "words"),
    [
        ([PICTURE], [ONE], "square", ValueError, "class_names must be different names"),
        ([PICTURE], [ONE], ("a", "a"), ValueError, "class_names must be different names"),
        ([PICTURE], [], ("a",), ValueError, "must be as many, and some, got 1 and 0"),
        ([], [], ("a",), ValueError, "must be as many, and some"),
        ([PICTURE / 255], [ONE], ("a",), TypeError, r"pictures\[0\] must be uint8"),
        ([PICTURE[..., 0]], [ONE], ("a",), ValueError, "must be RGB"),
        ([PICTURE], [Truth([], [])], ("a",), ValueError, "these pictures have none"),
        ([PICTURE], [Truth([[1, 1, 9, 9]], [1])], ("a",), ValueError, "got 1 names and the class id 1"),
        (["nowhere.jpg"], [ONE], ("a",), FileNotFoundError, "nowhere.jpg"),
    ],
)
def test_what_can_not_be_trained_on_is_refused(pictures, truths, names, kind, words):
    with pytest.raises(kind, match=words):
        train_own_objects(pictures, truths, names)
