"""What kind of mistakes does a detector make? Each wrong detection and each missed object gets one reason.

Source: Bolya et al. (2020), "TIDE: A General Toolbox for Identifying Object Detection Errors", arXiv:2008.08115v1,
Sec. 2.2, for the six kinds and their thresholds; where a detection fits several, the order is that of its program,
tidecv 1.0.1. Departs from it: an IoU that just reaches a threshold is above it for every kind, what the program leaves
over as "other" is "both", and the mistakes are counted; TIDE also asks how much AP each kind costs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_number
from deepmedia.detection.coco_metrics import check_pairs, overlaps_of
from deepmedia.detection.records import Detections, Truth

KINDS = ("localisation", "class", "both", "duplicate", "background")  # of wrong detections


@dataclass(frozen=True, eq=False)
class DetectionErrors:
    """How often each kind occurs, and where.

    ``kinds`` has a tuple for each image, with a word for each of its detections in their order: a kind, or
    ``"hit"``, ``"crowd"`` (in a crowd's box, so neither hit nor mistake) or ``"unsure"`` (scores too low to be asked).
    ``missed_objects`` has the rows of each image's truth that count as missed.
    """

    hits: int
    localisation: int  # right class, but the IoU only reaches the background's threshold
    classification: int  # well placed on an object of another class
    both: int  # of another class and badly placed
    duplicate: int  # well placed on an object of its class that a surer detection took
    background: int  # on nothing
    missed: int  # objects without a hit that no localisation or class mistake is about
    kinds: tuple[tuple[str, ...], ...]
    missed_objects: tuple[NDArray[np.int64], ...]


def detection_errors(
    truths: Sequence[Truth],
    detections: Sequence[Detections],
    *,
    iou_threshold: float = 0.5,
    background_threshold: float = 0.1,
    threshold: float = 0.0,
) -> DetectionErrors:
    """Say of each detection whether it is a hit, and if not, why not.

    In each image the detections, from the highest score down, each take the free object of their class that they
    overlap most, if the IoU reaches ``iou_threshold``: a hit. Of the others,

    - *localisation*: the IoU with an object of its class reaches ``background_threshold``, with none
      ``iou_threshold``;
    - *class*: the IoU with an object of another class reaches ``iou_threshold``;
    - *duplicate*: the IoU with an object of its class, which is taken, reaches ``iou_threshold``;
    - *both*: the IoU with an object of another class reaches ``background_threshold``;
    - *background*: the rest;

    and the first that fits counts.

    Args:
        truths: One an image.
        detections: One an image, in the same order and in the same pixels.
        iou_threshold: From which a box is well placed, above ``background_threshold``, at most 1.
        background_threshold: From which a box has to do with an object, above 0.
        threshold: Lowest score, 0..1, of a detection that is asked at all. Average precision takes them all, but a
            thousand boxes with a score of 0.01 are nobody's mistakes.

    Returns:
        The counts, and the kind of each detection.

    Raises:
        TypeError: If an element is not a `Truth`, or not `Detections`, or a threshold not a number.
        ValueError: If they are not as many of one as of the other, or a threshold lies outside its range.

    >>> truth = Truth([[0, 0, 10, 10], [50, 0, 60, 10]], [0, 1])
    >>> found = Detections([[0, 0, 10, 9], [0, 0, 10, 8], [50, 0, 60, 10]], [0.9, 0.8, 0.7], [0, 0, 0])
    >>> detection_errors([truth], [found]).kinds
    (('hit', 'duplicate', 'class'),)
    """
    check_pairs(truths, detections)
    check_number("iou_threshold", iou_threshold, "above 0 and at most 1", low=0, high=1, ends="(]")
    check_number(
        "background_threshold",
        background_threshold,
        "above 0 and below iou_threshold",
        low=0,
        high=iou_threshold,
        ends="()",
    )
    check_number("threshold", threshold, "0 to 1", low=0, high=1, ends="[]")
    images = [
        _image_errors(truth, found, iou_threshold, background_threshold, threshold)
        for truth, found in zip(truths, detections, strict=True)
    ]
    counts = Counter(kind for kinds, _ in images for kind in kinds)
    return DetectionErrors(
        hits=counts["hit"],
        localisation=counts["localisation"],
        classification=counts["class"],
        both=counts["both"],
        duplicate=counts["duplicate"],
        background=counts["background"],
        missed=sum(len(missed) for _, missed in images),
        kinds=tuple(kinds for kinds, _ in images),
        missed_objects=tuple(missed for _, missed in images),
    )


def _image_errors(
    truth: Truth, found: Detections, well_placed: float, background: float, threshold: float
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The kind of each detection of an image, and the rows of the missed objects."""
    crowd = np.asarray(truth.is_crowd)
    overlaps = overlaps_of(found.boxes, truth.boxes, crowd)  # (d, g)
    same = found.class_ids[:, np.newaxis] == truth.class_ids
    alone = np.where(crowd, 0, overlaps)
    asked = [row for row in np.argsort(-found.scores, kind="stable") if found.scores[row] >= threshold]
    taken = _taken_objects(np.where(same, alone, 0), asked, well_placed)
    kinds = ["unsure"] * len(found)
    explained = np.zeros(len(truth), bool)
    explained[list(taken.values())] = True
    for row in asked:
        in_crowd = np.max(overlaps[row], where=crowd & same[row], initial=0) >= well_placed
        if row in taken or in_crowd:
            kinds[row] = "hit" if row in taken else "crowd"
            continue
        kinds[row] = _kind(alone[row], same[row], well_placed, background)
        if kinds[row] in {"localisation", "class"}:  # had it been right, the object would not be missed
            explained[np.argmax(np.where(same[row] == (kinds[row] == "localisation"), alone[row], 0))] = True
    return tuple(kinds), np.flatnonzero(~explained & ~crowd)


def _taken_objects(overlaps: NDArray[np.float64], asked: list[int], well_placed: float) -> dict[int, int]:
    """Which object each hit takes; overlaps (d, g) are 0 between classes."""
    free, taken = overlaps.copy(), {}
    for row in asked if overlaps.shape[1] else []:
        best = int(np.argmax(free[row]))
        if free[row, best] >= well_placed:
            taken[row] = best
            free[:, best] = 0
    return taken


def _kind(overlaps: NDArray[np.float64], same: NDArray[np.bool_], well_placed: float, background: float) -> str:
    """Why a detection is no hit, from its IoU (g,) with all objects, and which of them are of its class."""
    of_its_class = np.max(overlaps, where=same, initial=0)
    of_others = np.max(overlaps, where=~same, initial=0)
    if background <= of_its_class < well_placed:
        return "localisation"
    if of_others >= well_placed:
        return "class"
    if of_its_class >= well_placed:
        return "duplicate"
    return "both" if of_others >= background else "background"
