import numpy as np
import pytest

from deepmedia.detection.records import Detections, Truth

BOX = [1, 2, 5, 9]


def test_lists_become_arrays_of_the_stated_types():
    found = Detections([BOX], [1], [3])
    assert [each.dtype for each in (found.boxes, found.scores, found.class_ids)] == [np.float32, np.float32, np.int64]
    assert len(found) == 1


@pytest.mark.parametrize("empty", [[], np.zeros((0, 4))])
def test_an_image_may_hold_nothing(empty):
    assert Truth(empty, []).boxes.shape == Detections(empty, [], []).boxes.shape == (0, 4)
    assert Truth(empty, []).class_ids.dtype == np.int64


def test_without_a_word_of_crowds_there_is_none():
    assert Truth([BOX, BOX], [0, 1]).is_crowd.tolist() == [False, False]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Truth([[5, 2, 1, 9]], [0]), ValueError, r"boxes\[0\] = .* is not \(x_min, y_min, x_max, y_max\)"),
        (lambda: Truth(BOX, [0]), ValueError, r"boxes must be \(n, 4\), got shape \(4,\)"),
        (lambda: Truth([BOX], [0, 1]), ValueError, "class_ids must be one for each of 1 boxes"),
        (lambda: Truth([BOX], [0.5]), TypeError, "class_ids must be integers, got float64"),
        (lambda: Truth([BOX], [-1]), ValueError, "class_ids must be at least 0, got -1"),
        (lambda: Truth([BOX], [0], [1]), TypeError, "is_crowd must be 1 booleans"),
        (lambda: Detections([BOX], [59], [0]), ValueError, "scores must lie in 0..1, got 59 to 59"),
        (lambda: Detections([BOX], [np.nan], [0]), ValueError, "scores must be finite"),
        (lambda: Detections([BOX], [], [0]), ValueError, "scores must be one for each of 1 boxes"),
        (lambda: Detections([BOX], ["much"], [0]), TypeError, "scores must be real numbers"),
    ],
)
def test_what_is_no_record_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
