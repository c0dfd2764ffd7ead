"""How good is a detector? Average precision and average recall, as the COCO benchmark defines them.

Source: Lin et al. (2014), "Microsoft COCO: Common Objects in Context", arXiv:1405.0312, for the benchmark; the rules
are those of its program, `COCOeval` of pycocotools 2.0.11, for boxes. Departs from it: an object's area, which
decides whether it is small, is that of its box, since `Truth` knows no outline (COCO's files state the outline's
area); and what can't be measured is NaN, not -1.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.detection.overlap import intersection_areas, iou
from deepmedia.detection.records import Detections, Truth

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST_DETECTIONS = (1, 10, 100)  # of a class in an image, for recall; what scores lower is left out
AREAS = np.array([(0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10)])  # square pixels, both ends included
ALL, SMALL, MEDIUM, LARGE = range(4)  # rows of AREAS


@dataclass(frozen=True, eq=False)
class CocoMetrics:
    """What `coco_metrics` measures: ratios 0 to 1, NaN where there was no object to find.

    A class that no truth holds, though it was detected, is NaN in the tables by class and counts in no mean.
    """

    ap: float  # mean over classes and the IoU thresholds 0.50, 0.55, ..., 0.95
    ap50: float  # at the IoU threshold 0.50 alone
    ap75: float
    ap_small: float  # objects of at most 32² pixels
    ap_medium: float
    ap_large: float  # of at least 96²
    ar1: float  # recall, mean as for ap, of one detection a class and image
    ar10: float
    ar100: float
    ar_small: float  # of 100 detections, as the next two
    ar_medium: float
    ar_large: float
    ap_by_class: Mapping[int, float]  # class id -> AP
    ap50_by_class: Mapping[int, float]
    precision50: Mapping[int, NDArray[np.float64]]  # class id -> (101,), at the recalls 0, 0.01, ..., 1 and IoU 0.50


@dataclass(frozen=True, eq=False)
class Matches:
    """One class in one image: what became of its detections at each area and IoU threshold."""

    scores: NDArray[np.float32]  # (d,), falling
    hits: NDArray[np.bool_]  # (areas, thresholds, d): took an object that counts
    ignored: NDArray[np.bool_]  # (areas, thresholds, d): neither hit nor mistake
    objects: NDArray[np.int64]  # (areas,): how many count


def coco_metrics(truths: Sequence[Truth], detections: Sequence[Detections]) -> CocoMetrics:
    """Compare what a detector found with what there is.

    In each image and class the detections, from the highest score down, each take the object that they overlap most
    among those left, if their IoU reaches the threshold: a hit. The others are mistakes. Over all images, sorted by
    score, each detection gives a point (recall, precision). The precision at a recall is the best at that recall or a
    higher one, and average precision is its mean over 101 recalls.

    A box that stands for a crowd can be taken by any number of detections that lie in it, which are then neither hits
    nor mistakes. So is, for the small objects' sake, whatever takes a large object or none, if it is large itself.

    Args:
        truths: One an image.
        detections: One an image, in the same order and in the same pixels.

    Returns:
        COCO's twelve numbers, AP by class, and the curves of precision over recall.

    Raises:
        TypeError: If an element is not a `Truth`, or not `Detections`.
        ValueError: If they are not as many of one as of the other.

    >>> truth = Truth([[0, 0, 10, 10], [20, 0, 30, 10]], [0, 0])
    >>> found = Detections([[0, 0, 10, 10]], [0.9], [0])  # a hit and a miss: precision 1 up to recall 0.5, which is
    >>> round(coco_metrics([truth], [found]).ap50, 4)  # at 51 of the 101 recalls
    0.505
    """
    check_pairs(truths, detections)
    rows: dict[int, list[Matches]] = defaultdict(list)
    for truth, found in zip(truths, detections, strict=True):
        for class_id in np.union1d(truth.class_ids, found.class_ids).tolist():
            rows[class_id].append(matches_of_class(truth, found, class_id))
    precision = np.full((len(rows), len(AREAS), len(IOU_THRESHOLDS), len(RECALLS)), np.nan)
    recall = np.full((len(rows), len(MOST_DETECTIONS), len(AREAS), len(IOU_THRESHOLDS)), np.nan)
    for i, class_id in enumerate(sorted(rows)):
        precision[i] = _precision(rows[class_id])
        recall[i] = [_recall(rows[class_id], most) for most in MOST_DETECTIONS]
    return _summary(sorted(rows), precision, recall)


def check_pairs(truths: Sequence[Truth], detections: Sequence[Detections]) -> None:
    """Refuse what is not one `Truth` and one `Detections` for each image."""
    for name, records, kind in (("truths", truths, Truth), ("detections", detections, Detections)):
        strange = [type(record).__name__ for record in records if not isinstance(record, kind)]
        if strange:
            raise TypeError(f"{name} must be a list of {kind.__name__}, one for each image, got {strange[0]} in it")
    if len(truths) != len(detections):
        raise ValueError(
            f"truths and detections must be one each for each image, got {len(truths)} and {len(detections)}; an "
            "image without detections is Detections([], [], [])"
        )


def matches_of_class(truth: Truth, found: Detections, class_id: int) -> Matches:
    """Let the detections of a class, from the highest score down, take the objects that they overlap most."""
    mine, theirs = truth.class_ids == class_id, found.class_ids == class_id
    order = np.argsort(-found.scores[theirs], kind="stable")[: MOST_DETECTIONS[-1]]
    boxes = found.boxes[theirs][order]
    crowd = np.asarray(truth.is_crowd)[mine]
    uncounted = crowd | ~_within(_areas(truth.boxes[mine]))  # (areas, objects)
    taker = _taken(overlaps_of(boxes, truth.boxes[mine], crowd), uncounted, crowd)  # (areas, thresholds, d)
    hits = np.zeros(taker.shape, bool)
    ignored = (taker < 0) & ~_within(_areas(boxes))[:, np.newaxis]
    for area in range(len(AREAS)):
        took = taker[area] >= 0
        hits[area][took] = ~uncounted[area][taker[area][took]]
    ignored |= (taker >= 0) & ~hits
    return Matches(found.scores[theirs][order], hits, ignored, (~uncounted).sum(axis=1))


def overlaps_of(found: ArrayLike, true: ArrayLike, is_crowd: ArrayLike) -> NDArray[np.float64]:
    """IoU of each pair of boxes; with a crowd's box, how much of the detection lies in it.

    Args:
        found: Real (d, 4), rows (x_min, y_min, x_max, y_max).
        true: Real (g, 4).
        is_crowd: Booleans (g,).

    Returns:
        float64 (d, g), 0 to 1.
    """
    shared_part = intersection_areas(found, true) / _areas(found)[:, np.newaxis]
    return np.asarray(np.where(is_crowd, shared_part, iou(found, true)))


def _areas(boxes: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(boxes, np.float64)
    return np.asarray((array[..., 2] - array[..., 0]) * (array[..., 3] - array[..., 1]))


def _within(areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(areas, n): which of n areas lie in each row of AREAS."""
    return (AREAS[:, :1] <= areas) & (areas <= AREAS[:, 1:])


def _taken(overlaps: NDArray[np.float64], uncounted: NDArray[np.bool_], crowd: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(areas, thresholds, d): which object each detection takes, -1 for none; one that counts goes before others."""
    count, objects = overlaps.shape
    taken = np.full((len(AREAS), len(IOU_THRESHOLDS), count), -1)
    if objects == 0:
        return taken
    free = np.ones((len(AREAS), len(IOU_THRESHOLDS), objects), bool)
    for number in range(count):
        may = (free | crowd) & (overlaps[number] >= IOU_THRESHOLDS[:, np.newaxis])
        if not may.any():
            continue
        counted = may & ~uncounted[:, np.newaxis]
        pool = np.where(counted.any(axis=-1, keepdims=True), counted, may)
        # Of equal overlaps the last is taken, as in COCO's program.
        best = objects - 1 - np.argmax(np.where(pool, overlaps[number], -1)[..., ::-1], axis=-1)
        area, threshold = np.nonzero(pool.any(axis=-1))
        taken[area, threshold, number] = best[area, threshold]
        free[area, threshold, best[area, threshold]] = False
    return taken


def _precision(matches: list[Matches]) -> NDArray[np.float64]:
    """(areas, thresholds, 101): the precision of a class at each recall of RECALLS, NaN without objects."""
    order = np.argsort(-np.concatenate([each.scores for each in matches]), kind="stable")
    hits = np.concatenate([each.hits for each in matches], axis=-1)[..., order]
    ignored = np.concatenate([each.ignored for each in matches], axis=-1)[..., order]
    found, wrong = np.cumsum(hits, axis=-1), np.cumsum(~hits & ~ignored, axis=-1)
    here = found / np.maximum(found + wrong, 1)
    best = np.maximum.accumulate(here[..., ::-1], axis=-1)[..., ::-1]  # at this recall or a higher one
    best = np.concatenate([best, np.zeros((*best.shape[:-1], 1))], axis=-1)  # 0 where a recall is never reached
    precision = np.full((*best.shape[:-1], len(RECALLS)), np.nan)
    for area, objects in enumerate(_objects(matches)):
        for threshold in range(len(IOU_THRESHOLDS) if objects else 0):
            places = np.searchsorted(found[area, threshold] / objects, RECALLS)
            precision[area, threshold] = best[area, threshold, places]
    return precision


def _recall(matches: list[Matches], most: int) -> NDArray[np.float64]:
    """(areas, thresholds): the part of a class's objects that the best detections of each image find."""
    found = np.sum([each.hits[..., :most].sum(axis=-1) for each in matches], axis=0)
    objects = _objects(matches)[:, np.newaxis]
    return np.where(objects, found / np.maximum(objects, 1), np.nan)


def _objects(matches: list[Matches]) -> NDArray[np.int64]:
    return np.asarray(np.sum([each.objects for each in matches], axis=0))


def _summary(classes: list[int], precision: NDArray[np.float64], recall: NDArray[np.float64]) -> CocoMetrics:
    """The numbers of the tables (classes, areas, thresholds, recalls) and (classes, mosts, areas, thresholds)."""
    return CocoMetrics(
        ap=_mean(precision[:, ALL]),
        ap50=_mean(precision[:, ALL, 0]),
        ap75=_mean(precision[:, ALL, 5]),
        ap_small=_mean(precision[:, SMALL]),
        ap_medium=_mean(precision[:, MEDIUM]),
        ap_large=_mean(precision[:, LARGE]),
        ar1=_mean(recall[:, 0, ALL]),
        ar10=_mean(recall[:, 1, ALL]),
        ar100=_mean(recall[:, 2, ALL]),
        ar_small=_mean(recall[:, 2, SMALL]),
        ar_medium=_mean(recall[:, 2, MEDIUM]),
        ar_large=_mean(recall[:, 2, LARGE]),
        ap_by_class={class_id: _mean(table[ALL]) for class_id, table in zip(classes, precision, strict=True)},
        ap50_by_class={class_id: _mean(table[ALL, 0]) for class_id, table in zip(classes, precision, strict=True)},
        precision50={class_id: table[ALL, 0] for class_id, table in zip(classes, precision, strict=True)},
    )


def _mean(values: NDArray[np.float64]) -> float:
    """Mean of the values that are numbers, NaN if none is."""
    numbers = values[~np.isnan(values)]
    return float(numbers.mean()) if numbers.size else float("nan")
