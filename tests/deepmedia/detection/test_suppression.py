import numpy as np
import pytest

from deepmedia.detection.overlap import iou
from deepmedia.detection.suppression import non_maximum_suppression

SQUARE = [0, 0, 10, 10]


def by_double_loop(boxes, scores, class_ids, threshold):
    """Darknet's do_nms_sort in its own terms: a table of one probability for each class, set to 0 by a better box."""
    left = {}
    for class_id in sorted(set(class_ids.tolist())):
        rows = [row for row in range(len(boxes)) if class_ids[row] == class_id]
        rows.sort(key=lambda row: -scores[row])  # Python's sort is stable
        alive = dict.fromkeys(rows, True)
        for place, row in enumerate(rows):
            for other in rows[place + 1 :]:
                if alive[row] and iou([boxes[row]], [boxes[other]])[0, 0] > threshold:
                    alive[other] = False
        left |= alive
    return sorted((row for row in left if left[row]), key=lambda row: (-scores[row], row))


@pytest.mark.parametrize("seed", range(6))
def test_it_keeps_what_a_double_loop_keeps(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 40, (60, 2))
    boxes = np.hstack([corners, corners + rng.uniform(5, 30, (60, 2))])
    scores = rng.integers(1, 20, 60) / 20  # with many ties
    class_ids = rng.integers(0, 3, 60)
    kept = non_maximum_suppression(boxes, scores, class_ids, threshold=0.3)
    assert kept.tolist() == by_double_loop(boxes, scores, class_ids, 0.3)
    assert 5 < len(kept) < 55


def test_an_overlap_of_just_the_threshold_removes_nothing():
    # 10 × 10 and the lower half of it: IoU exactly 0.5.
    boxes = [SQUARE, [0, 5, 10, 10]]
    assert non_maximum_suppression(boxes, [0.9, 0.8], [0, 0], threshold=0.5).tolist() == [0, 1]
    assert non_maximum_suppression(boxes, [0.9, 0.8], [0, 0], threshold=0.499).tolist() == [0]


def test_a_removed_box_removes_no_other():
    # 0 overlaps 1, 1 overlaps 2, but 0 and 2 share only a third.
    boxes = [SQUARE, [0, 2.5, 10, 12.5], [0, 5, 10, 15]]
    assert non_maximum_suppression(boxes, [0.9, 0.8, 0.7], [0, 0, 0]).tolist() == [0, 2]


def test_other_classes_do_not_matter():
    assert non_maximum_suppression([SQUARE, SQUARE], [0.6, 0.9], [0, 1]).tolist() == [1, 0]


def test_of_equal_boxes_the_first_stays():
    assert non_maximum_suppression([SQUARE] * 4, [0.5] * 4, [2] * 4).tolist() == [0]


def test_no_boxes_are_no_boxes():
    kept = non_maximum_suppression([], [], [])
    assert kept.shape == (0,)
    assert kept.dtype == np.int64


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (([SQUARE], [0.5], [0], 1.5), "threshold must be in 0..1, got 1.5"),
        (([SQUARE], [0.5, 0.5], [0], 0.5), "scores must be one for each of 1 boxes"),
        (([SQUARE], [5.0], [0], 0.5), "scores must lie in 0..1"),
        (([[9, 9, 1, 1]], [0.5], [0], 0.5), "is not .x_min, y_min, x_max, y_max"),
        ((SQUARE, [0.5] * 4, [0] * 4, 0.5), r"boxes_a must be rows .* got shape \(4,\)"),
    ],
)
def test_wrong_input_is_refused(given, words):
    *what, threshold = given
    with pytest.raises(ValueError, match=words):
        non_maximum_suppression(*what, threshold=threshold)
