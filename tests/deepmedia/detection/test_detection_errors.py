import numpy as np
import pytest

from deepmedia.detection.coco_metrics import matches_of_class
from deepmedia.detection.detection_errors import KINDS, detection_errors
from deepmedia.detection.records import Detections, Truth

OBJECT, OTHER = [0, 0, 10, 10], [50, 0, 60, 10]
NEAR = [0, 0, 10, 8]  # IoU 80/100 with OBJECT
HALF = [0, 0, 10, 4]  # 40/100
TENTH = [0, 0, 10, 1]  # 10/100
BESIDE = [0, 0, 10, 0.9]  # 9/100
FAR = [100, 100, 110, 110]


def errors_of(boxes, class_ids, *, truth=None, scores=None, **settings):
    """Of one image with an object of class 0; scores fall in the order of the boxes."""
    scores = np.linspace(0.9, 0.5, len(boxes)) if scores is None else scores
    return detection_errors([truth or Truth([OBJECT], [0])], [Detections(boxes, scores, class_ids)], **settings)


@pytest.mark.parametrize(
    ("box", "class_id", "kind", "missed"),
    [
        (NEAR, 0, "hit", 0),
        (HALF, 0, "localisation", 0),
        (TENTH, 0, "localisation", 0),
        (BESIDE, 0, "background", 1),
        (NEAR, 1, "class", 0),
        (HALF, 1, "both", 1),
        (BESIDE, 1, "background", 1),
        (FAR, 0, "background", 1),
    ],
)
def test_one_detection_of_one_object_has_the_kind_seen_by_hand(box, class_id, kind, missed):
    errors = errors_of([box], [class_id])
    assert (errors.kinds, errors.missed) == (((kind,),), missed)
    names = ["hits" if kind == "hit" else "classification" if kind == "class" else kind]
    assert {name for name in ("hits", "classification", *KINDS) if getattr(errors, name, 0)} == set(names)


def test_a_second_box_on_the_same_object_is_a_duplicate_whichever_comes_first_in_the_list():
    assert errors_of([NEAR, OBJECT], [0, 0]).kinds == (("hit", "duplicate"),)
    assert errors_of([NEAR, OBJECT], [0, 0], scores=[0.5, 0.9]).kinds == (("duplicate", "hit"),)


def test_a_detection_takes_the_object_that_it_overlaps_most():
    truth = Truth([[0, 0, 10, 10], [0, 0, 10, 8]], [0, 0])
    errors = errors_of([NEAR, OBJECT], [0, 0], truth=truth)
    assert (errors.hits, errors.missed) == (2, 0)


def test_a_box_on_two_classes_counts_as_the_wrong_class_before_the_duplicate():
    truth = Truth([OBJECT, OBJECT], [0, 1])
    assert errors_of([OBJECT, NEAR], [0, 0], truth=truth).kinds == (("hit", "class"),)


def test_a_poor_box_on_its_class_goes_before_a_good_one_on_another():
    truth = Truth([HALF, OBJECT], [0, 1])
    # NEAR overlaps HALF by 40/80 and OBJECT by 80/100; at 0.6 the first is too little, the second enough.
    assert errors_of([NEAR], [0], truth=truth, iou_threshold=0.6).kinds == (("localisation",),)


def test_an_object_of_which_only_the_box_was_wrong_is_not_missed_and_its_neighbour_is():
    errors = errors_of([HALF], [0], truth=Truth([OTHER, OBJECT], [0, 0]))
    assert [rows.tolist() for rows in errors.missed_objects] == [[0]]


def test_an_object_of_which_only_the_class_was_wrong_is_not_missed_and_one_of_that_class_is():
    errors = errors_of([NEAR], [1], truth=Truth([OTHER, OBJECT], [1, 0]))
    assert [rows.tolist() for rows in errors.missed_objects] == [[0]]


def test_what_lies_in_a_crowd_is_neither_hit_nor_mistake():
    truth = Truth([[0, 0, 100, 100]], [0], [True])
    assert errors_of([OBJECT, OBJECT], [0, 1], truth=truth).kinds == (("crowd", "background"),)
    assert errors_of([OBJECT], [0], truth=truth).missed == 0


def test_detections_below_the_threshold_are_not_asked():
    errors = errors_of([OBJECT, FAR], [0, 0], scores=[0.3, 0.2], threshold=0.3)
    assert (errors.kinds, errors.background) == ((("hit", "unsure"),), 0)


def test_images_without_objects_or_detections_are_counted():
    errors = detection_errors(
        [Truth([], []), Truth([OBJECT], [0]), Truth([], [])],
        [Detections([OBJECT], [0.9], [0]), Detections([], [], []), Detections([], [], [])],
    )
    assert (errors.background, errors.missed, errors.hits) == (1, 1, 0)
    assert errors.kinds == (("background",), (), ())


def test_every_detection_has_one_kind_and_the_hits_are_those_of_coco():
    rng = np.random.default_rng(0)

    def boxes(count):
        corner = rng.uniform(0, 30, (count, 2))
        return np.concatenate([corner, corner + rng.uniform(5, 20, (count, 2))], axis=1)

    truths = [Truth(boxes(6), np.zeros(6, int)) for _ in range(30)]
    found = [Detections(boxes(9), rng.random(9), np.zeros(9, int)) for _ in range(30)]
    errors = detection_errors(truths, found)
    assert errors.hits + sum(getattr(errors, kind) for kind in KINDS if kind != "class") == 270
    assert errors.classification == errors.both == 0
    of_coco = [matches_of_class(*pair, 0).hits[0, 0].sum() for pair in zip(truths, found, strict=True)]  # IoU 0.5
    assert errors.hits == sum(of_coco) > 10


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"iou_threshold": 0}, "iou_threshold must be above 0 and at most 1, got 0"),
        ({"background_threshold": 0.5}, "background_threshold must be above 0 and below iou_threshold, got 0.5"),
        ({"threshold": 1.5}, "threshold must be 0 to 1, got 1.5"),
    ],
)
def test_thresholds_out_of_range_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        errors_of([OBJECT], [0], **settings)


def test_records_that_do_not_fit_each_other_are_refused():
    with pytest.raises(ValueError, match="one each for each image, got 1 and 0"):
        detection_errors([Truth([], [])], [])
