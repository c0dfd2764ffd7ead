import numpy as np
import pytest

from deepmedia.detection.records import Detections, Truth
from deepmedia.studies import load
from studies import blood_cells

ROWS = load("blood_cells")["rows"]
FULL = [row for row in ROWS if row["pictures"] == 205]


def test_all_pictures_are_tried_with_each_seed_and_fewer_with_the_first():
    assert [row["seed"] for row in FULL] == list(blood_cells.SEEDS)
    assert {(row["pictures"], row["seed"]) for row in ROWS if row not in FULL} == {(n, 0) for n in blood_cells.FEWER}


def test_the_test_pictures_are_scored_with_all_pictures_alone():
    assert all(("test_ap" in row) == (row["pictures"] == 205) for row in ROWS)


def test_blood_cells_are_found_as_well_as_the_issue_asks():
    assert min(row["test_ap50"] for row in FULL) >= 0.82
    assert min(row["test_ap"] for row in FULL) >= 0.42


def test_ap50_is_the_mean_over_classes():
    for row in ROWS:
        assert row["validation_ap50"] == pytest.approx(np.mean(row["validation_ap50_by_class"]), abs=2e-4)


def test_fewer_pictures_are_among_more():
    more, fewer = (set(blood_cells.some_pictures(205, count, seed=0)) for count in (50, 25))
    assert fewer < more
    assert len(more) == 50


class Perfect:
    """Gives the labels back; at its usual threshold it lacks the last box of an image."""

    def __init__(self, truths, last=None):
        self.truths, self.last = truths, last

    def with_thresholds(self, *, threshold):
        assert threshold == 0.01
        return Perfect(self.truths)

    def detect_batch(self, images):
        return [
            Detections(t.boxes[: self.last], np.ones(len(t))[: self.last], t.class_ids[: self.last])
            for t in self.truths
        ]


def test_scores_ask_for_unsure_boxes_in_ap_and_for_sure_ones_in_counts():
    truths = [Truth([[0, 0, 9, 9], [20, 20, 40, 40], [50, 50, 60, 60]], [0, 1, 2])] * 2
    scores = blood_cells.scores(Perfect(truths, last=2), (np.zeros((2, 70, 70, 3), np.uint8), truths), "validation")
    assert (scores["validation_ap"], scores["validation_ap50"]) == (1, 1)
    assert scores["validation_counting_error"] == [0, 0, 1]
