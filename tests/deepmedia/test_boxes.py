import numpy as np
import pytest

from deepmedia.boxes import checked_boxes

GOOD = [[0, 0, 6, 4], [1, 2, 3, 3]]


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float32])
def test_boxes_come_back_as_they_are(kind):
    boxes = checked_boxes(np.array(GOOD, dtype=kind), within=(4, 6))
    np.testing.assert_array_equal(boxes, GOOD)
    assert boxes.dtype == kind
    assert checked_boxes(np.zeros((0, 4), kind)).shape == (0, 4)


@pytest.mark.parametrize(
    ("boxes", "error", "words"),
    [
        ([0, 0, 1, 1], ValueError, r"boxes must be \(n, 4\), got shape \(4,\); one box is boxes\[None\]"),
        ([[0, 0, 1]], ValueError, r"boxes must be \(n, 4\), got shape \(1, 3\)"),
        ([["0", "0", "1", "1"]], TypeError, "boxes must hold real numbers, got <U1"),
        ([[0, 0, 1, np.nan]], ValueError, r"boxes must be finite, got nan at \[0, 3\]"),
        ([GOOD[0], [10, 10, 4, 4]], ValueError, r"boxes\[1\] = \[10, 10, 4, 4\] is not .* is it \(x_center, y_center"),
        ([[0, 1, 1, 1]], ValueError, "y_min < y_max"),
        ([[1, 0, 1, 1]], ValueError, "x_min < x_max"),
    ],
)
def test_what_is_no_box_is_refused(boxes, error, words):
    with pytest.raises(error, match=words):
        checked_boxes(boxes)


@pytest.mark.parametrize("box", [[-1, 0, 6, 4], [0, -1, 6, 4], [0, 0, 7, 4], [0, 0, 6, 5]])
def test_a_box_that_leaves_the_image_is_refused_where_there_is_one(box):
    words = (
        rf"truths must lie within the image, got truths\[2\] = \[{box[0]}, .* for 6 wide and 4 high; resize the image"
    )
    with pytest.raises(ValueError, match=words):
        checked_boxes([*GOOD, box], within=(4, 6), name="truths")
    assert len(checked_boxes([*GOOD, box])) == 3
