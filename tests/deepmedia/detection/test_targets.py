from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.detection.records import Truth
from deepmedia.detection.targets import yolo_targets

# Two heads of a 64 x 64 input: 2 x 2 cells of 32 pixels, 4 x 4 cells of 16.
ANCHORS = [[[40, 40], [20, 60]], [[10, 10], [8, 24]]]
GRIDS = [(2, 2), (4, 4)]


def targets(*boxes, class_ids=None, crowd=None, anchors=ANCHORS, grids=GRIDS, size=64, classes=3):
    ids = [0] * len(boxes) if class_ids is None else class_ids
    return yolo_targets([Truth(list(boxes), ids, crowd)], anchors, grids, size, classes)


def places(head):
    return [tuple(int(i) for i in place) for place in np.argwhere(head.objectness)]


def test_a_box_becomes_the_numbers_counted_by_hand():
    # 12 wide, 8 high, centre (21, 50): most like the anchor 10 x 10, whose IoU is 80 / (96 + 100 - 80).
    # Cells of 16 pixels: 21 / 16 = column 1 and 0.3125 more, 50 / 16 = row 3 and 0.125 more.
    coarse, fine = targets([15, 46, 27, 54], class_ids=[2]).heads
    assert places(coarse) == []
    assert places(fine) == [(0, 3, 1, 0)]
    np.testing.assert_allclose(fine.position[0, 3, 1, 0], [0.3125, 0.125])
    np.testing.assert_allclose(fine.size[0, 3, 1, 0], np.log([12 / 10, 8 / 10]), rtol=1e-6)
    assert fine.scale[0, 3, 1, 0] == pytest.approx(2 - 12 * 8 / 64**2)
    assert fine.classes[0, 3, 1, 0].tolist() == [0, 0, 1]
    assert fine.classes.sum() == 1


def test_all_heads_compete_for_a_box():
    # 18 x 50: IoU with 40 x 40 is 720 / (900 + 1600 - 720) = 0.40, with 20 x 60 900 / 1200 = 0.75.
    coarse, fine = targets([10, 5, 28, 55]).heads
    assert places(coarse) == [(0, 0, 0, 1)]
    assert places(fine) == []


def test_of_equal_anchors_the_first_of_the_finest_head_has_the_box():
    same = [[[30, 30]], [[30, 30], [30, 30]]]
    coarse, fine = targets([0, 0, 30, 30], anchors=same).heads
    assert places(coarse) == []
    assert places(fine) == [(0, 0, 0, 0)]


def test_of_two_boxes_in_one_place_the_later_sets_the_box_and_both_their_class():
    fine = targets([3, 3, 13, 13], [2, 2, 11, 11], class_ids=[0, 2]).heads[1]
    assert places(fine) == [(0, 0, 0, 0)]
    np.testing.assert_allclose(fine.position[0, 0, 0, 0], [6.5 / 16, 6.5 / 16])
    np.testing.assert_allclose(fine.size[0, 0, 0, 0], np.log([0.9, 0.9]), rtol=1e-6)
    assert fine.scale[0, 0, 0, 0] == pytest.approx(2 - 81 / 64**2)
    assert fine.classes[0, 0, 0, 0].tolist() == [1, 0, 1]


def test_a_centre_on_the_lower_right_corner_belongs_to_the_last_cell():
    fine = targets([59, 59, 69, 69]).heads[1]
    assert places(fine) == [(0, 3, 3, 0)]
    assert fine.position[0, 3, 3, 0].tolist() == [1, 1]


def test_a_centre_on_the_border_of_two_cells_belongs_to_the_second():
    fine = targets([11, 27, 21, 37]).heads[1]
    assert places(fine) == [(0, 2, 1, 0)]
    assert fine.position[0, 2, 1, 0].tolist() == [0, 0]


def test_height_and_width_of_a_wide_input_are_not_mixed_up():
    # 128 wide, 64 high, cells of 32: the centre (100, 40) lies in column 3, row 1.
    (head,) = targets([80, 30, 120, 50], anchors=[[[40, 20]]], grids=[(2, 4)], size=(64, 128)).heads
    assert places(head) == [(0, 1, 3, 0)]
    np.testing.assert_allclose(head.position[0, 1, 3, 0], [4 / 32, 8 / 32])
    assert head.size[0, 1, 3, 0].tolist() == [0, 0]
    assert head.scale[0, 1, 3, 0] == pytest.approx(2 - 40 * 20 / (128 * 64))


def test_a_box_below_a_thousandth_of_the_side_is_left_out():
    below, above = [30, 30, 30.06, 40], [30, 30, 30.07, 40]  # of 64 pixels, a thousandth is 0.064
    heads, boxes = targets(below, above)
    assert sum(len(places(head)) for head in heads) == 1
    np.testing.assert_allclose(boxes, [[above]])


def test_a_crowd_is_no_object_but_stands_among_the_boxes():
    crowd, one = [0, 0, 60, 60], [3, 3, 13, 13]
    heads, boxes = targets(crowd, one, crowd=[True, False])
    assert places(heads[0]) == []
    assert places(heads[1]) == [(0, 0, 0, 0)]
    np.testing.assert_array_equal(boxes, [[crowd, one]])


def test_boxes_are_filled_up_with_zeros():
    one, two = [3, 3, 13, 13], [20, 20, 30, 40]
    truths = [Truth([one], [0]), Truth([], []), Truth([one, two], [0, 1])]
    boxes = yolo_targets(truths, ANCHORS, GRIDS, 64, 3).boxes
    none = [0, 0, 0, 0]
    np.testing.assert_array_equal(boxes, [[one, none], [none, none], [one, two]])


def test_images_without_boxes_have_targets_of_zeros():
    heads, boxes = yolo_targets([Truth([], [])] * 2, ANCHORS, GRIDS, 64, 3)
    assert boxes.shape == (2, 0, 4)
    assert [head.classes.shape for head in heads] == [(2, 2, 2, 2, 3), (2, 4, 4, 2, 3)]
    assert not any(np.any(part) for head in heads for part in head)


def test_five_hundred_boxes_of_one_image_all_count():
    corners = [[x, y, x + 1.5, y + 1.5] for x in range(25) for y in range(20)]
    (head,) = targets(*corners, anchors=[[[2, 2]]], grids=[(32, 32)], size=32).heads
    assert head.objectness.sum() == 500


def one_after_another(truths, anchors, grids, size, classes):
    """What yolo_layer.c does, box after box: a dictionary from (head, image, row, column, anchor) to the numbers."""
    found = {}
    for image, truth in enumerate(truths):
        for (x_min, y_min, x_max, y_max), class_id in zip(truth.boxes.astype(float), truth.class_ids, strict=True):
            x, y, w, h = (x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min
            best, owner = 0.0, (0, 0)
            for head in reversed(range(len(anchors))):
                for number, (aw, ah) in enumerate(anchors[head]):
                    shared = min(w, aw) * min(h, ah)
                    if shared / (w * h + aw * ah - shared) > best:
                        best, owner = shared / (w * h + aw * ah - shared), (head, number)
            head, number = owner
            rows, columns = grids[head]
            i, j = int(x / size * columns), int(y / size * rows)
            aw, ah = anchors[head][number]
            place = (head, image, j, i, number)
            ids = found.get(place, ([], set()))[1] | {class_id}
            row = [x / size * columns - i, y / size * rows - j, np.log(w / aw), np.log(h / ah), 2 - w * h / size**2]
            found[place] = (row, ids)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_targets_are_those_of_a_loop_over_the_boxes(seed):
    random = np.random.default_rng(seed)
    truths = []
    for count in random.integers(0, 30, 3):
        corners, sides = random.uniform(0, 40, (count, 2)), random.uniform(1, 23, (count, 2))
        truths.append(Truth(np.concatenate([corners, corners + sides], 1), random.integers(0, 5, count)))
    heads, _ = yolo_targets(truths, ANCHORS, GRIDS, 64, 5)
    expected = one_after_another(truths, ANCHORS, GRIDS, 64, 5)
    assert {(number, *place) for number, head in enumerate(heads) for place in places(head)} == set(expected)
    for (number, *place), (row, ids) in expected.items():
        head, at = heads[number], tuple(place)
        np.testing.assert_allclose([*head.position[at], *head.size[at], head.scale[at]], row, atol=1e-5)
        assert set(np.flatnonzero(head.classes[at])) == ids


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"classes": 2, "class_ids": [2]}, ValueError, r"class_ids must lie in 0\.\.1 for 2 classes, got 2 in image 0"),
        ({"classes": 0}, ValueError, "classes must be at least 1, got 0"),
        ({"size": 8}, ValueError, "boxes must have their centre in the input, got .* for 8 wide and 8 high"),
        ({"size": 64.0}, TypeError, r"size must be a whole number, got 64\.0"),
        ({"size": (64, 0)}, ValueError, "size must be at least 1, got 0"),
        ({"anchors": [[10, 10]]}, ValueError, r"anchors must be a table of rows .* of a single head: \[anchors\]"),
        ({"anchors": []}, ValueError, "anchors must be a table of rows"),
        ({"anchors": [[[0, 1]], [[1, 1]]]}, ValueError, "anchors must be above 0 pixels, got 0"),
        ({"grids": [(2, 2)]}, ValueError, r"grids must be \(rows, columns\) for each of 2 heads, got \[\(2, 2\)\]"),
        ({"grids": [(2, 2), (0, 4)]}, ValueError, "grids must be"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, words):
    with pytest.raises(error, match=words):
        targets([3, 3, 15, 15], **change)


@pytest.mark.parametrize("box", [[-9, 3, 7, 9], [3, -9, 7, 7], [60, 3, 70, 9], [3, 60, 9, 70]])
def test_a_centre_outside_of_the_input_is_refused(box):
    with pytest.raises(ValueError, match=r"boxes must have their centre .* in image 0 for 64 wide"):
        targets(box)


def test_what_is_no_truth_is_refused():
    no_truth: Any = [1, 2, 3, 4]
    with pytest.raises(TypeError, match=r"truths\[0\] must be a Truth\(boxes, class_ids\), got list"):
        yolo_targets([no_truth], ANCHORS, GRIDS, 64, 3)
