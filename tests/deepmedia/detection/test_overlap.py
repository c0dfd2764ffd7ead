import numpy as np
import pytest

from deepmedia.detection.overlap import distance_iou, generalised_iou, intersection_areas, iou, size_iou

ALL = [iou, intersection_areas, generalised_iou, distance_iou]


def random_boxes(rng, count, side=12):
    """Boxes with whole corners, so that their pixels can be counted."""
    corners = np.sort(rng.integers(0, side, (count, 2, 2)), axis=1)
    return corners.reshape(count, 4) + np.array([0, 0, 1, 1])


def pixels(box, side=16):
    mask = np.zeros((side, side), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


def test_iou_matches_areas_counted_by_hand():
    # 2 × 2 squares shifted by 1 share 1 · 2 = 2 of 4 + 4 - 2 = 6; side by side they share nothing.
    a, b = [[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2], [2, 0, 4, 2]]
    np.testing.assert_allclose(iou(a, b), [[2 / 6, 1, 0]])


def test_iou_matches_counted_pixels():
    rng = np.random.default_rng(0)
    a, b = random_boxes(rng, 30), random_boxes(rng, 20)
    counted = [[(pixels(p) & pixels(q)).sum() / (pixels(p) | pixels(q)).sum() for q in b] for p in a]
    np.testing.assert_allclose(iou(a, b), counted)
    assert 100 < np.count_nonzero(counted) < 590  # some meet, some don't


def test_shared_areas_match_counted_pixels():
    rng = np.random.default_rng(1)
    a, b = random_boxes(rng, 9), random_boxes(rng, 7)
    counted = [[(pixels(p) & pixels(q)).sum() for q in b] for p in a]
    np.testing.assert_array_equal(intersection_areas(a, b), counted)


def test_generalised_iou_matches_a_count_of_the_box_around_both():
    rng = np.random.default_rng(2)
    a, b = random_boxes(rng, 20), random_boxes(rng, 20)
    for p, q, value in zip(a, b, np.diagonal(generalised_iou(a, b)), strict=True):
        both, either = pixels(p) & pixels(q), pixels(p) | pixels(q)
        rows, columns = np.nonzero(either)
        around = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert value == pytest.approx(both.sum() / either.sum() - (around - either.sum()) / around)


def test_distance_iou_of_a_case_worked_by_hand():
    # Centres (2, 1) and (4, 2): 5 apart squared; around both 6 × 3, diagonal 45 squared; they share 2 · 1 of 8 + 8 - 2.
    assert distance_iou([[0, 0, 4, 2]], [[2, 1, 6, 3]])[0, 0] == pytest.approx(2 / 14 - 5 / 45)


def test_size_iou_is_iou_of_boxes_with_one_centre():
    rng = np.random.default_rng(3)
    a, b = rng.uniform(1, 50, (8, 2)), rng.uniform(1, 50, (5, 2))
    centred = [np.hstack([-sizes / 2, sizes / 2]) for sizes in (a, b)]
    np.testing.assert_allclose(size_iou(a, b), iou(*centred))


@pytest.mark.parametrize("measure", [iou, generalised_iou, distance_iou])
def test_moving_and_scaling_both_changes_nothing(measure):
    rng = np.random.default_rng(4)
    a, b = random_boxes(rng, 10), random_boxes(rng, 12)
    np.testing.assert_allclose(measure(a * 2.5 + 7, b * 2.5 + 7), measure(a, b))
    np.testing.assert_allclose(measure(b, a), measure(a, b).T)


@pytest.mark.parametrize("measure", [iou, generalised_iou, distance_iou])
def test_boxes_without_area_give_numbers_and_no_warning(measure):
    point = [[3, 3, 3, 3]]
    assert measure(point, point) == [[0]]
    assert measure(point, [[0, 0, 4, 4]]) <= 0


@pytest.mark.parametrize("measure", ALL)
def test_no_boxes_give_an_empty_table(measure):
    assert measure([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert measure([[0, 0, 1, 1]], np.zeros((0, 4))).shape == (1, 0)


def test_unsigned_bytes_do_not_wrap_round():
    boxes = np.array([[0, 0, 200, 200]], np.uint8)
    assert iou(boxes, boxes) == [[1]]


@pytest.mark.parametrize("measure", ALL)
@pytest.mark.parametrize(
    ("boxes", "error", "words"),
    [
        ([[10, 10, 4, 4]], ValueError, r"boxes_b\[0\] = \[10.0, 10.0, 4.0, 4.0\] is not \(x_min, y_min, x_max, y_max"),
        ([0, 0, 1, 1], ValueError, r"boxes_b must be rows .* got shape \(4,\); one row is boxes_b\[None\]"),
        ([[0, 0, 1, np.nan]], ValueError, "boxes_b must be finite"),
        ([["a", "b", "c", "d"]], TypeError, "boxes_b must hold real numbers"),
    ],
)
def test_what_is_no_box_is_refused(measure, boxes, error, words):
    with pytest.raises(error, match=words):
        measure([[0, 0, 1, 1]], boxes)


@pytest.mark.parametrize(
    ("sizes", "words"), [([[1, -1]], "sizes_a must be at least 0, got -1"), ([[1, 2, 3]], r"rows \(width, height\)")]
)
def test_what_is_no_size_is_refused(sizes, words):
    with pytest.raises(ValueError, match=words):
        size_iou(sizes, [[1, 1]])
