import contextlib
import io
import math

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from deepmedia.detection.coco_metrics import coco_metrics, overlaps_of
from deepmedia.detection.records import Detections, Truth

STATS = ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100"]
STATS += ["ar_small", "ar_medium", "ar_large"]  # in pycocotools' order
FIRST, SECOND = [0, 0, 10, 10], [20, 0, 30, 10]
NOTHING = Detections([], [], [])


def of_coco(truths, detections):
    """pycocotools' evaluation of the same records."""
    classes = {int(each) for record in (*truths, *detections) for each in record.class_ids}
    true = [
        {"image_id": image, "category_id": int(class_id), "bbox": sides(box), "iscrowd": int(crowd)}
        for image, truth in enumerate(truths)
        for box, class_id, crowd in zip(truth.boxes, truth.class_ids, truth.is_crowd, strict=True)
    ]
    for number, row in enumerate(true, start=1):
        row |= {"id": number, "area": row["bbox"][2] * row["bbox"][3]}
    found = [
        {"image_id": image, "category_id": int(class_id), "bbox": sides(box), "score": float(score)}
        for image, each in enumerate(detections)
        for box, score, class_id in zip(each.boxes, each.scores, each.class_ids, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO()
        data.dataset = {
            "images": [{"id": image} for image in range(len(truths))],
            "categories": [{"id": class_id} for class_id in classes],
            "annotations": true,
        }
        data.createIndex()
        run = COCOeval(data, _results(data, found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run


def _results(data, found):
    if found:
        return data.loadRes(found)
    empty = COCO()  # loadRes refuses an empty list
    empty.dataset = {**data.dataset, "annotations": []}
    empty.createIndex()
    return empty


def sides(box):
    x_min, y_min, x_max, y_max = map(float, box)
    return [x_min, y_min, x_max - x_min, y_max - y_min]


def random_case(seed):
    """Images with few or many objects, found badly: moved, doubled, in another class, or not at all."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(1, 5)
    size = rng.choice([20, 100, 400])  # of boxes, so that all three areas occur
    grid = rng.choice([1, 10])  # on the coarse grid many overlaps are equal
    spread = rng.choice([40, 300])
    truths, detections = [], []
    for _ in range(rng.integers(1, 7)):
        true = random_boxes(rng, rng.choice([0, 1, 4, 12]), size, grid, spread)
        true_ids = rng.integers(0, classes, len(true)) * 2  # not all numbers are classes
        truths.append(Truth(true, true_ids, rng.random(len(true)) < rng.choice([0, 0.3])))
        again = rng.integers(0, len(true), rng.integers(0, 3 * len(true) + 1)) if len(true) else []
        moved = true[again] + grid * np.rint(rng.normal(0, rng.choice([0, 1, 0.1 * size]), (len(again), 4)) / grid)
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + grid)
        found = np.concatenate([moved, random_boxes(rng, rng.choice([0, 2, 250]), size, grid, spread)])
        ids = np.concatenate([true_ids[again], rng.integers(0, classes + 1, len(found) - len(again)) * 2]).astype(int)
        scores = rng.integers(0, rng.choice([4, 1000]), len(found)) / 1000  # with many ties, or few
        detections.append(Detections(found, scores, ids) if rng.random() > 0.1 else NOTHING)
    return truths, detections


def random_boxes(rng, count, size, grid, spread):
    corner = grid * rng.integers(0, spread // grid, (count, 2))
    return np.concatenate([corner, corner + grid * rng.integers(1, size // grid + 1, (count, 2))], axis=1).astype(float)


@pytest.mark.parametrize("block", range(10))
def test_the_numbers_are_those_of_pycocotools(block):
    for seed in range(20 * block, 20 * block + 20):
        truths, detections = random_case(seed)
        measured, run = coco_metrics(truths, detections), of_coco(truths, detections)
        expected = np.where(run.stats == -1, np.nan, run.stats)  # -1: there was nothing to measure
        np.testing.assert_allclose([getattr(measured, name) for name in STATS], expected, rtol=0, atol=1e-6)
        precision = run.eval["precision"][..., 0, 2]  # (thresholds, recalls, classes): all areas, 100 detections
        precision = np.where(precision == -1, np.nan, precision)
        assert list(measured.ap_by_class) == run.params.catIds
        for number, class_id in enumerate(run.params.catIds):
            ap50 = precision[0, :, number].mean()
            np.testing.assert_allclose(measured.ap_by_class[class_id], precision[..., number].mean(), atol=1e-6)
            np.testing.assert_allclose(measured.ap50_by_class[class_id], ap50, atol=1e-6)
            np.testing.assert_allclose(measured.precision50[class_id], precision[0, :, number], atol=1e-6)


def test_the_random_cases_have_what_is_hard():
    cases = [random_case(seed) for seed in range(200)]
    truths = [truth for truths, _ in cases for truth in truths]
    found = [each for _, detections in cases for each in detections]
    assert sum(truth.is_crowd.any() for truth in truths) > 50
    assert sum(len(truth) == 0 for truth in truths) > 50
    assert sum(len(each) > 100 for each in found) > 20
    values = np.array([coco_metrics(*case).ap for case in cases])
    assert np.nanmax(values) > 0.5
    assert ((values > 0.05) & (values < 0.95)).sum() > 80


def test_one_hit_is_perfect():
    measured = coco_metrics([Truth([FIRST], [3])], [Detections([FIRST], [0.1], [3])])
    assert (measured.ap, measured.ap50, measured.ar1, measured.ap_small) == (1, 1, 1, 1)
    assert math.isnan(measured.ap_large)  # no object is large
    assert measured.ap_by_class == {3: 1}


def test_a_double_that_comes_last_costs_nothing_and_one_that_comes_first_halves():
    truth = [Truth([FIRST], [0])]
    near = [0, 0, 10, 9]  # IoU 0.9
    assert coco_metrics(truth, [Detections([FIRST, near], [0.9, 0.8], [0, 0])]).ap50 == 1
    # In each image the better box takes the object. Over both images, by score: hit, double, hit.
    # Precision is 1 up to recall 0.5 (51 of 101 recalls), then 2/3.
    other = Detections([FIRST], [0.7], [0])
    measured = coco_metrics(truth * 2, [Detections([FIRST, near], [0.9, 0.8], [0, 0]), other])
    assert measured.ap50 == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_a_miss_ends_the_curve():
    measured = coco_metrics([Truth([FIRST, SECOND], [0, 0])], [Detections([FIRST], [0.9], [0])])
    assert measured.ap50 == pytest.approx(51 / 101)  # recalls 0, 0.01, ..., 0.5
    assert measured.ar100 == 0.5
    np.testing.assert_array_equal(measured.precision50[0], np.r_[np.ones(51), np.zeros(50)])


def test_an_iou_of_sixty_five_hundredths_counts_at_four_of_ten_thresholds():
    box = [0, 0, 10, 6.5]  # within FIRST: 65 of 100; at 0.50, 0.55, 0.60 and, exactly reached, 0.65
    measured = coco_metrics([Truth([FIRST], [0])], [Detections([box], [0.9], [0])])
    assert (measured.ap, measured.ap50, measured.ap75) == (0.4, 1, 0)


def test_a_class_without_objects_is_not_a_number_and_counts_in_no_mean():
    found = Detections([FIRST, SECOND], [0.9, 0.9], [0, 5])
    measured = coco_metrics([Truth([FIRST], [0])], [found])
    assert measured.ap == 1
    assert math.isnan(measured.ap_by_class[5])


def test_detections_in_a_crowd_are_no_mistakes():
    truth = Truth([[0, 0, 100, 100], [200, 0, 210, 10]], [0, 0], [True, False])
    found = Detections([FIRST, SECOND, [200, 0, 210, 10]], [0.9, 0.8, 0.7], [0, 0, 0])
    assert coco_metrics([truth], [found]).ap == 1


def test_of_nothing_nothing_is_measured():
    for case in (([], []), ([Truth([], [])], [NOTHING])):
        measured = coco_metrics(*case)
        assert math.isnan(measured.ap)
        assert measured.ap_by_class == {}


def test_overlap_with_a_crowd_is_the_part_that_lies_in_it():
    # 10x10 in the left half of 20x10: they share 100 of 200; all of the first lies in it.
    overlaps = overlaps_of([FIRST, SECOND], [[0, 0, 20, 10]] * 2, [False, True])
    np.testing.assert_array_equal(overlaps, [[0.5, 1], [0, 0]])


@pytest.mark.parametrize(
    ("truths", "detections", "error", "words"),
    [
        ([Truth([], [])], [], ValueError, r"one each for each image, got 1 and 0; .* Detections\(\[\], \[\], \[\]\)"),
        ([NOTHING], [NOTHING], TypeError, "truths must be a list of Truth, .* got Detections"),
        ([Truth([], [])], [[FIRST]], TypeError, "detections must be a list of Detections, .* got list"),
    ],
)
def test_what_is_not_one_record_of_each_kind_an_image_is_refused(truths, detections, error, words):
    with pytest.raises(error, match=words):
        coco_metrics(truths, detections)
