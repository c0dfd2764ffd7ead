"""The detectors in the package."""

import numpy as np
import pytest
from tests.deepmedia.detection.darknet_cases import official

from deepmedia.datasets import darknet_file, photo
from deepmedia.detection import trained
from deepmedia.detection.decoding import decode
from deepmedia.detection.heads import anchors_of
from deepmedia.detection.letterboxing import letterbox
from deepmedia.detection.packed_weights import packed_weights
from deepmedia.detection.suppression import non_maximum_suppression
from deepmedia.detection.trained import COCO_CLASSES, trained_small_yolo, trained_yolo_tiny
from studies.make_tiny_yolo import exact_yolo_tiny

# Darknet's own detections at threshold 0.5 with the exact weights: reference.json.
DARKNET = {
    "dog": [("bicycle", 0.5864), ("car", 0.5186), ("car", 0.6176), ("dog", 0.5639), ("truck", 0.5535)],
    "horses": [("cow", 0.5343), ("cow", 0.5495), ("horse", 0.5463)],
    "person": [("dog", 0.8991), ("dog", 0.9111), ("horse", 0.9427), ("person", 0.8610)],
}


@pytest.fixture(scope="module")
def tiny():
    return trained_yolo_tiny()


def found(model, name):
    """Class and score of each object above 0.5, by name and score."""
    decoded = decode(model(letterbox(photo(name), 416)[None]), anchors_of(model), 416)
    scores = decoded.objectness[0, :, None] * decoded.class_probabilities[0]
    rows, classes = np.nonzero(scores > 0.5)
    kept = non_maximum_suppression(decoded.boxes[0][rows], scores[rows, classes], classes)
    return sorted((COCO_CLASSES[classes[i]], float(scores[rows[i], classes[i]])) for i in kept)


def assert_found(detections, expected, *, tolerance):
    assert [name for name, _ in detections] == [name for name, _ in expected]
    np.testing.assert_allclose([score for _, score in detections], [score for _, score in expected], atol=tolerance)


@pytest.mark.parametrize("name", DARKNET)
def test_it_finds_what_darknet_finds(tiny, name):
    assert_found(found(tiny, name), DARKNET[name], tolerance=0.05)


def test_the_exact_weights_find_it_with_darknets_scores():
    official("yolov3-tiny.weights")
    model = exact_yolo_tiny()
    for name, expected in DARKNET.items():
        assert_found(found(model, name), expected, tolerance=0.001)


def test_the_script_makes_the_file_of_the_package():
    official("yolov3-tiny.weights")
    made = packed_weights(exact_yolo_tiny())
    with np.load(trained.FILE, allow_pickle=False) as shipped:
        assert set(shipped.files) == set(made)
        for name in made:
            np.testing.assert_array_equal(shipped[name], made[name])
            assert shipped[name].dtype == made[name].dtype


def test_the_file_holds_8_bits_for_each_number_of_a_kernel():
    assert trained.FILE.stat().st_size < 7_400_000
    with np.load(trained.FILE, allow_pickle=False) as archive:
        kernels = [archive[name] for name in archive.files if name.endswith("/kernel")]
    assert sum(kernel.size for kernel in kernels) == 8_845_488
    assert {kernel.dtype.name for kernel in kernels} == {"int8"}


def test_images_of_another_size_are_taken():
    assert trained_yolo_tiny((320, 416, 3)).output[1].shape == (None, 20, 26, 3, 85)


def test_the_classes_are_those_of_darknets_list():
    assert list(COCO_CLASSES) == darknet_file("coco.names").read_text().splitlines()
    assert (len(COCO_CLASSES), COCO_CLASSES[0], COCO_CLASSES[79]) == (80, "person", "toothbrush")


def test_the_small_detector_has_heads_for_ten_classes_and_8_bit_kernels():
    model = trained_small_yolo()
    assert [head.shape[1:] for head in model.outputs] == [(10, 10, 3, 15), (20, 20, 3, 15), (40, 40, 3, 15)]
    assert trained_small_yolo((224, 256, 3)).output[0].shape == (None, 7, 8, 3, 15)
    assert trained.SMALL_FILE.stat().st_size < 1_400_000
    with np.load(trained.SMALL_FILE, allow_pickle=False) as archive:
        kernels = {name: archive[name] for name in archive.files if name.endswith("/kernel")}
        assert {kernel.dtype.name for kernel in kernels.values()} == {"int8"}
        for name, kernel in kernels.items():
            scale = archive[name.replace("/kernel", "/scale")]
            value = next(np.asarray(weight) for weight in model.weights if weight.path == name)
            np.testing.assert_allclose(value, kernel * scale, rtol=1e-6)


DETECTORS = [("FILE", trained_yolo_tiny), ("SMALL_FILE", trained_small_yolo)]


@pytest.mark.parametrize(("file", "load"), DETECTORS)
def test_a_file_that_is_cut_off_is_refused(file, load, monkeypatch, tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(getattr(trained, file).read_bytes()[:500_000])
    monkeypatch.setattr(trained, file, path)
    with pytest.raises(ValueError, match=r"weights\.npz is cut off or damaged .*; install the package again"):
        load()


@pytest.mark.parametrize(("file", "load"), DETECTORS)
def test_a_missing_file_is_named(file, load, monkeypatch, tmp_path):
    monkeypatch.setattr(trained, file, tmp_path / "gone.npz")
    with pytest.raises(FileNotFoundError, match=r"gone\.npz"):
        load()


@pytest.mark.parametrize(("file", "load"), DETECTORS)
def test_a_file_of_another_network_is_refused(file, load, monkeypatch, tmp_path):
    np.savez(tmp_path / "other.npz", kernel=np.zeros((3, 3)))
    monkeypatch.setattr(trained, file, tmp_path / "other.npz")
    with pytest.raises(ValueError, match=r"other\.npz must hold one array for each weight of .*yolo.*; missing"):
        load()
