"""The training of the small YOLOv3 and its study: the parts by hand, the committed result, the shipped weights."""

import cv2
import keras
import numpy as np
import pytest

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.detection import (
    Detections,
    Truth,
    anchors_of,
    garment_scenes,
    letterbox,
    size_iou,
    trained_small_yolo,
)
from deepmedia.detection.packed_weights import packed_weights
from deepmedia.detection.small_yolo import SMALL_ANCHORS, backbone
from deepmedia.studies import load
from studies import small_yolo_scenes
from studies.make_small_yolo import STAGES, cut_outs, reduced_scenes, with_backbone, with_weights
from studies.small_yolo_scenes import accuracy, found_on, perfect_boxes, summary


@pytest.fixture(scope="module")
def rows():
    return load("small_yolo_scenes")["rows"]


@pytest.fixture(scope="module")
def scenes():
    return garment_scenes("validation", 2, seed=5)


@pytest.fixture(scope="module")
def model():
    return trained_small_yolo()


@pytest.mark.parametrize(("side", "scale"), [(192, 0.6), (256, 0.8)])
def test_scenes_are_reduced_with_their_boxes(side, scale):
    images, (first, second) = reduced_scenes([5, 9], side)
    assert images.shape == (2, side, side, 3)
    assert images.dtype == np.uint8
    (large,), (truth,) = garment_scenes("train", 1, seed=9)
    np.testing.assert_allclose(second.boxes, scale * truth.boxes, rtol=1e-5)
    assert second.class_ids.tolist() == truth.class_ids.tolist()
    assert len(first) == len(garment_scenes("train", 1, seed=5)[1][0])
    other = cv2.resize(large, (side, side), interpolation=cv2.INTER_LINEAR)  # half a pixel apart at the edges
    assert np.abs(images[1].astype(int) - other).mean() < 4


def test_garments_are_cut_out_along_their_boxes_on_grey():
    garments, ids = cut_outs("validation", [5, 9])
    images, truths = zip(*(garment_scenes("validation", 1, seed=seed) for seed in (5, 9)), strict=True)
    boxes = np.concatenate([truth.boxes for (truth,) in truths]).astype(int)
    assert garments.shape == (len(boxes), 48, 48, 3)
    assert garments.dtype == np.float32
    assert ids.tolist() == [class_id for (truth,) in truths for class_id in truth.class_ids]
    x_min, y_min, x_max, y_max = boxes[-1]
    height, width = y_max - y_min, x_max - x_min
    inner = images[1][0, y_min:y_max, x_min:x_max].mean(axis=(0, 1)) / 255
    margin = round((48 - 48 * min(height, width) / max(height, width)) / 2)
    tall = garments[-1] if height >= width else garments[-1].swapaxes(0, 1)
    assert margin >= 2
    np.testing.assert_allclose(tall[:, : margin - 1], 0.5)
    np.testing.assert_allclose(tall[:, margin + 1 : 47 - margin].mean(axis=(0, 1)), inner, atol=0.05)


def test_the_detector_starts_with_the_classifiers_backbone():
    keras.utils.set_random_seed(3)
    images = keras.Input((64, 64, 3))
    classifier = keras.Model(images, backbone(images)[-1])
    model = with_backbone(classifier)
    for name in ("stem2_conv", "stage8_block1_2_conv", "stage32_block3_2_bn"):
        for ours, theirs in zip(model.get_layer(name).weights, classifier.get_layer(name).weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_the_next_stage_keeps_the_weights_and_scales_the_anchors(model):
    packed = packed_weights(model)
    other = with_weights(packed, 192)
    assert other.input_shape == (None, 192, 192, 3)
    for head, table in zip(anchors_of(other), SMALL_ANCHORS, strict=True):
        np.testing.assert_allclose(head, 0.6 * np.array(table), rtol=1e-6)
    for ours, theirs in zip(other.weights, model.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_garment_counts_as_right_if_the_surest_box_on_it_has_its_class():
    truths = [Truth([[0, 0, 10, 10], [50, 0, 60, 10]], [6, 9]), Truth([[0, 0, 10, 10]], [1])]
    found = [
        Detections([[0, 0, 10, 10], [0, 0, 10, 9], [50, 0, 60, 10]], [0.3, 0.5, 0.2], [4, 6, 9]),
        Detections([[6, 0, 16, 10]], [0.9], [1]),  # beside the garment
    ]
    assert accuracy(truths, found) == pytest.approx(2 / 3)
    assert accuracy(truths, [Detections([], [], [])] * 2) == 0


def test_a_true_box_gets_the_answer_of_its_cell_and_of_the_anchor_most_like_it(model, scenes):
    images, truths = scenes
    perfect = perfect_boxes(model, images, truths)
    heads = [head.numpy() for head in model(np.stack([letterbox(image, 320) for image in images]))]
    anchors = np.array(SMALL_ANCHORS).reshape(9, 2) * 256 / 320
    for number, (truth, found) in enumerate(zip(truths, perfect, strict=True)):
        np.testing.assert_array_equal(found.boxes, np.repeat(truth.boxes, 10, axis=0))
        assert found.class_ids.tolist() == list(range(10)) * len(truth)
        for box, scores in zip(truth.boxes, found.scores.reshape(-1, 10), strict=True):
            head, anchor = divmod(int(size_iou([box[2:] - box[:2]], anchors)[0].argmax()), 3)
            column, row = ((box[:2] + box[2:]) / 2 // (32 >> head)).astype(int)
            raw = heads[head][number, row, column, anchor, 5:]
            np.testing.assert_allclose(scores, 1 / (1 + np.exp(-raw)), rtol=1e-3)


def test_the_committed_result_covers_each_epoch_class_and_group(rows):
    for stage in STAGES:
        epochs = [row for row in rows if row["part"] == "detector" and row["side"] == stage.side]
        assert [row["epoch"] for row in epochs] == list(range(1, stage.epochs + 1))
        assert epochs[-1]["loss"] < epochs[0]["loss"]
        assert epochs[-1]["ap"] > epochs[0]["ap"]
    for boxes in ("found", "true"):
        test = [row for row in rows if row["part"] == "test" and row["boxes"] == boxes]
        assert [row["name"] for row in test if row["over"] == "class"] == list(FASHION_CLASSES)
        assert [row["name"] for row in test if row["over"] == "group"] == list(small_yolo_scenes.GARMENT_GROUPS)
        (whole,) = [row for row in test if row["over"] == "all"]
        by_class = [row["ap"] for row in test if row["over"] == "class"]
        assert whole["ap"] == pytest.approx(np.mean(by_class), abs=2e-4)
        assert whole["scenes"] == small_yolo_scenes.TEST


def test_the_shipped_weights_score_on_the_validation_scenes_as_the_committed_ones(rows):
    images, truths = garment_scenes("validation", small_yolo_scenes.VALIDATION, seed=small_yolo_scenes.SEED)
    side = STAGES[-1].side
    model = trained_small_yolo((side, side, 3))
    scores = summary(truths, found_on(model, images, small_yolo_scenes.OVERLAPS[0]))
    last = [row for row in rows if row["part"] == "detector"][-1]
    for name, score in scores.items():
        assert score == pytest.approx(last[name], abs=0.02), name


def test_the_detector_is_scored_as_the_validation_scenes_chose(rows):
    chosen = [row for row in rows if row["part"] == "choice of size and overlap"]
    assert len(chosen) == len(small_yolo_scenes.INPUT_SIDES) * len(small_yolo_scenes.OVERLAPS)
    best = max(chosen, key=lambda row: row["group_ap"])
    for row in rows:
        if row["part"] == "test" and row["over"] == "all":
            assert row["input_side"] == best["input_side"]
        if row["part"] == "test" and row["over"] == "all" and row["boxes"] == "found":
            assert row["nms_threshold"] == best["nms_threshold"]
