import gc
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.detection.decoding import decode
from deepmedia.detection.detector import Detector
from deepmedia.detection.heads import YOLOHead, anchors_of
from deepmedia.detection.letterboxing import letterbox
from deepmedia.detection.records import Detections

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword"
)  # Keras's writer
NAMES = ("red", "green", "blue")
ANCHORS = [[12.0, 12.0], [24.0, 16.0]]


def colour_detector_network():
    """Finds cells of 8 × 8 pixels of pure red, green or blue: the weights are set, not trained.

    Objectness is 20 · (brightest - 0.9 · sum) + a little, so that grey gives none; a class's logit 20 · (own - 0.5).
    Both anchors say the same but the second is less sure.
    """
    inputs = keras.Input((64, 96, 3))
    x = layers.AveragePooling2D(8, name="cells")(inputs)
    x = layers.Conv2D(16, 1, name="numbers")(x)
    model = keras.Model(inputs, YOLOHead(ANCHORS, name="head")(x))
    kernel, bias = np.zeros((1, 1, 3, 16), np.float32), np.zeros(16, np.float32)
    for anchor, sure in enumerate((5.0, 3.0)):
        first = 8 * anchor
        kernel[..., first + 5 : first + 8] = 20 * np.eye(3)
        bias[first + 5 : first + 8] = -10
        kernel[..., first + 4] = -10  # grey 0.5 sums to 1.5, black to 0, a pure colour to 1
        bias[first + 4] = 10 + sure
    model.get_layer("numbers").set_weights([kernel, bias])
    return model


def photograph(height=64, width=96):
    """White, with one cell of red and one of blue where the photograph is as large as the input."""
    image = np.full((height, width, 3), 255, np.uint8)
    image[16:24, 40:48] = [255, 0, 0]
    image[48:56, 8:16] = [0, 0, 255]
    return image


@pytest.fixture(scope="module")
def detector():
    return Detector(colour_detector_network(), NAMES)


def assert_same(one: Detections, other: Detections):
    np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-3)
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)
    np.testing.assert_array_equal(one.class_ids, other.class_ids)


def test_objects_are_found_where_they_are(detector):
    # Red in the cell around (44, 20), with the anchor of 12 × 12; the one of 24 × 16 overlaps it by 144 / 384 < 0.45.
    found = detector.detect(photograph())
    assert [NAMES[each] for each in found.class_ids] == ["red", "blue", "red", "blue"]
    expected = [[38, 14, 50, 26], [6, 46, 18, 58], [32, 12, 56, 28], [0, 44, 24, 60]]
    np.testing.assert_allclose(found.boxes, expected, atol=1e-3)
    np.testing.assert_allclose(found.scores[[0, 2]], [1 / (1 + np.exp(-5)), 1 / (1 + np.exp(-3))], atol=1e-4)


def test_overlapping_boxes_of_a_class_are_suppressed(detector):
    found = detector.with_thresholds(nms_threshold=0.3).detect(photograph())
    np.testing.assert_allclose(found.boxes, [[38, 14, 50, 26], [6, 46, 18, 58]], atol=1e-3)
    assert detector.nms_threshold == 0.45


def test_a_score_must_exceed_the_threshold(detector):
    low, high = (detector.with_thresholds(threshold=value).detect(photograph()) for value in (0.5, 0.97))
    assert (len(low), len(high)) == (4, 2)  # σ(5) = 0.993, σ(3) = 0.953


def test_boxes_come_back_in_pixels_of_the_photograph(detector):
    # Doubled nearest-neighbour photographs show the network nearly the same picture; the boxes double.
    large = photograph().repeat(2, axis=0).repeat(2, axis=1)
    found = detector.detect(large)
    np.testing.assert_allclose(found.boxes[:1], 2 * detector.detect(photograph()).boxes[:1], atol=2)


def test_boxes_are_cut_at_the_edges_of_the_photograph(detector):
    image = np.full((64, 96, 3), 255, np.uint8)
    image[:8, :8] = [0, 255, 0]
    (box, *_) = detector.detect(image).boxes
    np.testing.assert_allclose(box, [0, 0, 10, 10], atol=1e-3)


def test_what_lies_wholly_in_the_grey_is_no_detection():
    # Whatever it sees, this network finds an object in each cell.
    model = colour_detector_network()
    kernel, bias = model.get_layer("numbers").get_weights()
    bias[[4, 5]], kernel[..., [4, 5]] = 9, 0
    model.get_layer("numbers").set_weights([kernel, bias])
    found = Detector(model, NAMES).detect(np.zeros((16, 96, 3), np.uint8))
    assert len(found) > 10
    assert (found.boxes[:, 3] > found.boxes[:, 1]).all()
    assert found.boxes.min() >= 0
    assert found.boxes[:, 3].max() <= 16


def test_the_compiled_network_says_what_the_model_says(detector):
    image = np.random.default_rng(0).random((50, 70, 3))
    _, objectness, probabilities = decode(
        detector.model(letterbox(image, (64, 96))[None]), anchors_of(detector.model), (64, 96)
    )
    scores = objectness[0][:, None] * probabilities[0]
    found = detector.with_thresholds(threshold=0.001, nms_threshold=1.0).detect(image)
    sure = (scores > 0.001) & (objectness[0] > 0.001)[:, None]
    assert len(found) > 0
    np.testing.assert_allclose(np.sort(found.scores), np.sort(scores[sure]), rtol=1e-4)


def test_a_large_network_whose_weights_stay_variables_says_the_same(detector, monkeypatch):
    monkeypatch.setattr("deepmedia.detection.detector.LARGEST_CONSTANTS", 0)
    model = colour_detector_network()
    large = Detector(model, NAMES)
    gc.collect()
    assert_same(large.detect(photograph()), detector.detect(photograph()))
    model.get_layer("numbers").set_weights([np.zeros((1, 1, 3, 16)), np.zeros(16)])
    assert len(large.detect(photograph())) == 4  # the weights were taken when the detector was made


def test_a_batch_of_any_sizes_gives_what_each_alone_gives(detector):
    rng = np.random.default_rng(0)
    images = [photograph()[:, : rng.integers(50, 97)] for _ in range(11)]
    found = detector.detect_batch(images)
    assert len(found) == 11
    for image, together in zip(images, found, strict=True):
        assert_same(together, detector.detect(image))


def test_an_array_of_images_is_a_batch(detector):
    assert_same(detector.detect_batch(np.stack([photograph()] * 2))[1], detector.detect(photograph()))


def test_no_images_give_no_detections(detector):
    assert detector.detect_batch([]) == []


def test_nothing_found_is_no_error(detector):
    assert len(detector.detect(np.full((1, 1, 3), 255, np.uint8))) == 0


def test_a_saved_detector_is_the_same(detector, tmp_path):
    strict = detector.with_thresholds(threshold=0.97, nms_threshold=0.3)
    loaded = Detector.load(strict.save(tmp_path / "colours.zip"))
    assert (loaded.class_names, loaded.threshold, loaded.nms_threshold) == (NAMES, 0.97, 0.3)
    assert_same(loaded.detect(photograph()), strict.detect(photograph()))
    assert [path.name for path in tmp_path.iterdir()] == ["colours.zip"]


def test_a_file_that_is_no_detector_is_refused(tmp_path):
    path = tmp_path / "detector.zip"
    with pytest.raises(FileNotFoundError, match=r"Detector\.save writes one"):
        Detector.load(path)
    path.write_bytes(b"PK nonsense")
    with pytest.raises(ValueError, match="not a whole detector"):
        Detector.load(path)
    for settings in ({"format": 9}, {"format": 1, "class_names": ["a"], "other": 0}, [1]):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("detector.json", json.dumps(settings))
            archive.writestr("model.keras", b"")
        with pytest.raises(ValueError, match="of another format than 1"):
            Detector.load(path)


def test_a_detector_is_not_saved_over_a_folder_nor_into_none(detector, tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; add a name"):
        detector.save(tmp_path)
    with pytest.raises(FileNotFoundError):
        detector.save(tmp_path / "none" / "detector.zip")


def test_a_network_that_could_not_be_loaded_again_is_not_saved(tmp_path):
    class Own(layers.Layer):
        """Not registered."""

        def call(self, x):
            return x

    inputs = keras.Input((64, 96, 3))
    x = layers.Conv2D(16, 1)(layers.AveragePooling2D(8)(Own()(inputs)))
    detector = Detector(keras.Model(inputs, YOLOHead(ANCHORS)(x)), NAMES)
    with pytest.raises(ValueError, match="can't be loaded again"):
        detector.save(tmp_path / "detector.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_no_number_is_an_error():
    model = colour_detector_network()
    model.get_layer("numbers").set_weights([np.full((1, 1, 3, 16), np.nan), np.zeros(16)])
    with pytest.raises(ValueError, match="gave numbers that are not finite; did its training diverge"):
        Detector(model, NAMES).detect(photograph())


@pytest.mark.parametrize(
    ("names", "settings", "error", "words"),
    [
        (NAMES[:2], {}, ValueError, "class_names must be 3 different names, one a class, got"),
        (("red", "red", "blue"), {}, ValueError, "class_names must be 3 different names"),
        ((), {}, ValueError, "class_names must be 3 different names"),
        ("rgb", {}, ValueError, "class_names must be 3 different names"),
        (NAMES, {"threshold": 1.5}, ValueError, "threshold must be in 0..1, got 1.5"),
        (NAMES, {"nms_threshold": -0.1}, ValueError, "nms_threshold must be in 0..1, got -0.1"),
        (NAMES, {"threshold": "much"}, TypeError, "threshold must be a number in 0..1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(names, settings, error, words):
    with pytest.raises(error, match=words):
        Detector(colour_detector_network(), names, **settings)


@pytest.mark.parametrize("shape", [(None, None, 3), (64, 96, 1)])
def test_a_network_of_other_images_is_refused(shape):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, YOLOHead(ANCHORS)(layers.Conv2D(16, 1)(inputs)))
    with pytest.raises(ValueError, match="model must take RGB images of one size"):
        Detector(model, NAMES)


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((0, 5, 3), np.uint8), ValueError, "at least one pixel"),
        (np.zeros((5, 5), np.uint8), ValueError, r"image must be RGB, \(height, width, 3\)"),
        (np.zeros((5, 5, 3), int), TypeError, "image must be uint8, or float in 0..1"),
    ],
)
def test_images_that_are_none_are_refused(detector, image, error, words):
    with pytest.raises(error, match=words):
        detector.detect(image)
    with pytest.raises(error, match=words):
        detector.detect_batch([photograph(), image])


def test_one_image_is_no_batch(detector):
    with pytest.raises(ValueError, match=r"images must be several, .* use detect, or \[image\]"):
        detector.detect_batch(photograph())
