"""Checkers of the exercises of the page "One look"."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.overlap import iou
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_number, read_numbers

FIRST, SECOND = (1, 1, 5, 4), (3, 2, 7, 6)  # the boxes of the first exercise
CELL, STRIDE, ANCHOR, SHARES, FACTORS = (7, 5), 32, (100, 50), (0.5, 0.25), (2, 1)  # of the second
# Of the third: boxes, scores and threshold under what each case is about.
CASES: dict[str, tuple[list[list[float]], list[float], float]] = {
    "two boxes of one object": ([[0, 0, 10, 10], [1, 0, 11, 10]], [0.6, 0.9], 0.5),
    "two boxes far apart": ([[0, 0, 10, 10], [50, 0, 60, 10]], [0.6, 0.9], 0.5),
    "a chain of three": ([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]], [0.9, 0.8, 0.7], 0.4),
    "an overlap of just the threshold": ([[0, 0, 2, 1], [0, 0, 1, 1]], [0.9, 0.8], 0.5),
    "no box": ([], [], 0.5),
}


@checker
def check_iou(answer: object) -> str:
    """Judge the IoU of the two boxes of the first exercise."""
    shared, areas = 2 * 2, (4 * 3, 4 * 4)
    slips = (
        (shared / sum(areas), "The shared area is counted twice below the fraction bar: take it away once."),
        (shared / areas[0], "That is the share of A that lies in B; divide by what both cover together."),
        (shared / areas[1], "That is the share of B that lies in A; divide by what both cover together."),
        (shared, "That is the intersection; divide it by the union."),
        (sum(areas) - shared, "That is the union; the intersection over it is asked for."),
        (3 * 3 / (4 * 5 + 5 * 5 - 3 * 3), "You added a pixel to each side; here a width is x_max - x_min."),
    )
    hint = "The intersection reaches from the larger of the two x_min to the smaller of the two x_max; y likewise."
    compare(read_number(answer), shared / (sum(areas) - shared), slips, hint=hint, atol=2e-3)
    return "4 of 24: two boxes that look alike at a glance may share little."


@checker
def check_decoding(answer: object) -> str:
    """Judge the box of the second exercise, (x_min, y_min, x_max, y_max) in pixels of the network's input."""
    centre = (np.array(CELL) + SHARES) * STRIDE
    size = np.array(ANCHOR) * FACTORS
    slips = (
        ([*centre, *size], "That is centre and size; the corners lie half a width and half a height away."),
        (_corners(np.array(CELL) * STRIDE, size), "The centre lies within the cell, not at its corner: add σ(t)."),
        (_corners(np.array(CELL) + SHARES, size), "The centre counts cells: multiply it by the stride."),
        (_corners(centre, ANCHOR), "The anchor is still to be scaled: by exp(t)."),
        (_corners(centre, np.array(ANCHOR) * (1 + np.log(FACTORS))), "Multiply the anchor by exp(t), not by 1 + t."),
        (_corners(centre[::-1], size), "You exchanged column and row."),
        ([*(centre - size), *(centre + size)], "From the centre to a side it is half the width."),
    )  # fmt: skip
    found = read_numbers(answer, (4,), "Give four numbers: x_min, y_min, x_max, y_max")
    hint = "First the centre: (cell + σ(t)) · stride. Then the size: anchor · exp(t). Then the corners."
    compare(found, _corners(centre, size), slips, hint=hint, atol=0.6)
    return "Four raw numbers, one cell and one anchor: that is all a box is made of."


@checker
def check_suppression(answer: object) -> str:
    """Judge a function of boxes, scores and a threshold that gives the numbers of the boxes that stay, best first."""
    for case, (boxes, scores, threshold) in CASES.items():
        at = f"With {case} "
        result = call(answer, np.reshape(np.array(boxes, float), (-1, 4)), np.array(scores), threshold, at=at,
                      kept="its arguments")  # fmt: skip
        found = read_numbers(_listed(result), None, "Return a list of box numbers", who="the result").ravel().tolist()
        right = _kept(np.array(boxes, float), scores, threshold)
        if found == right:
            continue
        if sorted(found) == sorted(right):
            raise NotYet(f"{at}the right boxes stay, but the best comes first: {right}.")
        if case == "a chain of three" and found == [0]:
            raise NotYet(
                f"{at}the last one stays, too: only a box that stays may suppress others, and the middle one went."
            )
        if case.startswith("an overlap of just"):
            raise NotYet(f"{at}both stay: a box goes if its IoU is above the threshold.")
        if found and set(found) == {float(scores[number]) for number in right}:
            raise NotYet("Return the numbers of the boxes, not their scores.")
        raise NotYet(f"{at}{right} should stay, got {', '.join(f'{each:g}' for each in found) or 'none'}.")
    return "Sort, keep the best, drop what overlaps it, and go on with the rest."


@checker
def check_soft_suppression(answer: object) -> str:
    """Judge a function of boxes and scores that gives the scores after soft suppression, in the order of the boxes."""
    for case, (boxes, scores, _) in CASES.items():
        at = f"With {case} "
        corners = np.reshape(np.array(boxes, float), (-1, 4))
        result = call(answer, corners, np.array(scores), at=at, kept="its arguments")
        right = _softened(corners, scores)
        slips = [(np.array(scores), f"{at}no score has changed: multiply by 1 - IoU with the box that is taken out.")]
        if len(boxes):
            others = iou(corners, corners) - np.eye(len(boxes))
            slips.append(
                (scores * np.prod(1 - others, axis=1), f"{at}even the best box loses; only the others should.")
            )
        found = read_numbers(_listed(result), (len(scores),), "Return one score a box", who="the result")
        compare(found, right, slips, hint=f"{at}the scores should be {np.round(right, 3).tolist()}.", atol=2e-3)
    return "Nothing is thrown away; the threshold on the score decides at the end."


def _corners(centre: NDArray, size: object) -> list[float]:
    half = np.asarray(size, float) / 2
    return [*(centre - half), *(centre + half)]


def _listed(result: object) -> object:
    """A tuple, set or range as a list, so that it can be read as numbers."""
    return list(result) if isinstance(result, tuple | set | range) else result


def _kept(boxes: NDArray, scores: list[float], threshold: float) -> list[int]:
    """The numbers of the boxes that stay, best first."""
    kept: list[int] = []
    for number in sorted(range(len(scores)), key=lambda each: -scores[each]):
        if all(iou(boxes[number : number + 1], boxes[other : other + 1])[0, 0] <= threshold for other in kept):
            kept.append(number)
    return kept


def _softened(boxes: NDArray, scores: list[float]) -> NDArray[np.float64]:
    """Scores after each box, best first, has lowered those of the boxes left by 1 - IoU."""
    now, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda number: now[number])
        left.remove(best)
        for other in left:
            now[other] *= 1 - iou(boxes[best : best + 1], boxes[other : other + 1])[0, 0]
    return now
