"""Finding objects costs about what it costs in OpenCV, and less for each of several photographs (`make benchmark`)."""

import json

import cv2
import numpy as np
import pytest
from tests.benchmarks.test_cnn_speed import Ratio, compare

from deepmedia.cnn.picture_files import read_picture
from deepmedia.datasets import darknet_file
from deepmedia.detection import COCO_CLASSES, Detector, Letterbox, save_darknet, trained_yolo_tiny

ALLOWED = 1.15  # our seconds / OpenCV's
SIZE = (416, 416)
PHOTOS = ("dog", "person", "horses")


class OpenCVDetector:
    """The same job with OpenCV alone: letterbox, network, thresholds, suppression, boxes on the photograph."""

    def __init__(self, cfg: str, weights: str) -> None:
        self.network = cv2.dnn.readNetFromDarknet(cfg, weights)
        self.network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
        self.outputs = self.network.getUnconnectedOutLayersNames()

    def detect(self, image: np.ndarray) -> list[tuple[int, float, np.ndarray]]:
        """Class id, score and box of each object."""
        place = Letterbox(image.shape[:2], SIZE)
        canvas = np.full((*SIZE, 3), 127, np.uint8)
        inner = cv2.resize(image, (place.width, place.height))
        canvas[place.top : place.top + place.height, place.left : place.left + place.width] = inner
        self.network.setInput(cv2.dnn.blobFromImage(canvas, 1 / 255))
        rows = np.concatenate(self.network.forward(self.outputs))  # x, y, w, h in 0..1, objectness, scores
        which, class_ids = np.nonzero(rows[:, 5:] > 0.5)
        scores = rows[which, 5 + class_ids]
        x, y, w, h = (rows[which, :4] * SIZE[0]).T
        boxes = np.stack([x - w / 2, y - h / 2, w, h], axis=1)
        kept = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), class_ids.tolist(), 0.5, 0.45)
        corners = place.boxes_on_image(boxes + np.pad(boxes[:, :2], ((0, 0), (2, 0))))
        return [(int(class_ids[each]), float(scores[each]), corners[each]) for each in kept]


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    return [read_picture(darknet_file(f"{name}.jpg")) for name in PHOTOS]


@pytest.fixture(scope="module")
def ours() -> Detector:
    return Detector(trained_yolo_tiny(), COCO_CLASSES)


@pytest.fixture(scope="module")
def theirs(ours: Detector, tmp_path_factory: pytest.TempPathFactory) -> OpenCVDetector:
    cfg = darknet_file("yolov3-tiny.cfg")
    weights = tmp_path_factory.mktemp("darknet") / "tiny.weights"
    save_darknet(ours.model, cfg, weights)
    return OpenCVDetector(str(cfg), str(weights))


def show(what: str, found: Ratio) -> None:
    low, high = found.interval
    result = {"what": what, "ratio": found.median, "low": low, "high": high, "rounds": len(found.ratios)}
    print(
        "\n"
        + json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in result.items()})
    )


@pytest.mark.benchmark
def test_a_photograph_costs_at_most_what_it_costs_in_opencv(ours, theirs, images):
    (dog,) = (row for row in theirs.detect(images[0]) if COCO_CLASSES[row[0]] == "dog")
    found = ours.detect(images[0])
    (box,) = (box for box, each in zip(found.boxes, found.class_ids, strict=True) if COCO_CLASSES[each] == "dog")
    np.testing.assert_allclose(box, dog[2], atol=10)  # pixels; the two resize otherwise
    result = compare(lambda: ours.detect(images[0]), lambda: theirs.detect(images[0]))
    show("Detector.detect / OpenCV, YOLOv3-tiny at 416 x 416", result)
    assert result.median <= ALLOWED, f"a photograph takes {result} times as long as in OpenCV"


@pytest.mark.benchmark
def test_a_batch_costs_less_than_one_by_one(ours, images):
    batch = images * 8
    result = compare(lambda: ours.detect_batch(batch), lambda: [ours.detect(image) for image in batch])
    show(f"Detector.detect_batch / Detector.detect, {len(batch)} photographs", result)
    assert result.median < 1, f"a batch takes {result} times as long as its images one by one"
