"""What Darknet itself detects on three photographs, as reference.json records it, against our `Detector`."""

import json

import numpy as np
import pytest
from tests.deepmedia.detection.darknet_cases import official

from deepmedia.cnn.picture_files import read_picture
from deepmedia.datasets import darknet_file
from deepmedia.detection.darknet import load_darknet
from deepmedia.detection.detector import Detector
from deepmedia.detection.folding import fold_normalisation
from deepmedia.detection.trained import COCO_CLASSES, trained_yolo_tiny

PHOTOS = ("dog", "person", "horses")


def darknets(name, threshold):
    """Darknet's detections above a threshold: names, scores, and boxes in pixels of the photograph."""
    height, width = photograph(name).shape[:2]
    rows = [
        row for row in json.loads(darknet_file("reference.json").read_text())[name] if row["confidence"] > threshold
    ]
    centres = np.array([[row["cx"] * width, row["cy"] * height] for row in rows])
    halves = np.array([[row["w"] * width, row["h"] * height] for row in rows]) / 2
    boxes = np.clip(np.hstack([centres - halves, centres + halves]), 0, [width, height, width, height])
    return [row["name"] for row in rows], np.array([row["confidence"] for row in rows]), boxes


def photograph(name):
    return read_picture(darknet_file(f"{name}.jpg"))


@pytest.fixture(scope="module")
def exact():
    return Detector(load_darknet(darknet_file("yolov3-tiny.cfg"), official("yolov3-tiny.weights")), COCO_CLASSES)


@pytest.fixture(scope="module")
def shipped():
    return Detector(trained_yolo_tiny(), COCO_CLASSES)


@pytest.mark.parametrize("threshold", [0.5, 0.25])
@pytest.mark.parametrize("name", PHOTOS)
def test_the_official_weights_find_what_darknet_finds(exact, name, threshold):
    names, scores, boxes = darknets(name, threshold)
    found = exact.with_thresholds(threshold=threshold).detect(photograph(name))
    assert [COCO_CLASSES[each] for each in found.class_ids] == names
    np.testing.assert_allclose(found.scores, scores, atol=0.001)
    np.testing.assert_allclose(found.boxes, boxes, atol=0.1)


def test_the_reference_holds_what_darknet_prints_in_whole_per_cent():
    # Copied from the program's own output.
    expected = {
        "dog": {("car", 0.62), ("bicycle", 0.59), ("dog", 0.56), ("truck", 0.55), ("car", 0.52)},
        "person": {("horse", 0.94), ("dog", 0.91), ("dog", 0.90), ("person", 0.86)},
        "horses": {("cow", 0.55), ("horse", 0.55), ("cow", 0.53)},
    }
    for name, objects in expected.items():
        names, scores, _ = darknets(name, 0.5)
        assert set(zip(names, scores.round(2), strict=True)) == objects


@pytest.mark.parametrize("name", PHOTOS)
def test_the_shipped_weights_find_the_same_objects(shipped, name):
    names, scores, boxes = darknets(name, 0.5)
    found = shipped.with_thresholds(threshold=0.45).detect(photograph(name))
    for expected, score, box in zip(names, scores, boxes, strict=True):
        same = [
            abs(float(each) - score)
            for each, class_id, other in zip(found.scores, found.class_ids, found.boxes, strict=True)
            if COCO_CLASSES[class_id] == expected and np.abs(other - box).max() < 0.1 * photograph(name).shape[1]
        ]
        assert min(same, default=1) <= 0.05, f"{expected} {score}"


def test_folding_the_shipped_network_changes_its_heads_by_rounding_alone(shipped):
    image = np.random.default_rng(0).random((1, 416, 416, 3), np.float32)
    for head, folded in zip(
        shipped.model(image, training=False), fold_normalisation(shipped.model)(image), strict=True
    ):
        assert np.abs(head - folded).max() < 1e-5 * np.abs(head).max()


def test_several_photographs_at_once_give_the_same(shipped):
    for name, together in zip(PHOTOS, shipped.detect_batch([photograph(each) for each in PHOTOS]), strict=True):
        alone = shipped.detect(photograph(name))
        np.testing.assert_allclose(together.boxes, alone.boxes, atol=0.01)
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-4)
