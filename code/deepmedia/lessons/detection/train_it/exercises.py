"""Checkers of the exercises of the page "Train it"."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.coco_metrics import RECALLS
from deepmedia.lessons.judging import NotYet, call, call_for_numbers, checker, compare, read_numbers

# Of the first exercise: a box in pixels of the input, the stride of its grid, its anchor.
BOX, STRIDE, ANCHOR = (96.0, 40.0, 196.0, 140.0), 32, (100.0, 50.0)
# Of the second: boxes and the width of their image under what each case is about.
MIRRORED: dict[str, tuple[list[list[float]], float]] = {
    "a box at the left edge": ([[0, 10, 30, 50]], 100),
    "two boxes": ([[10, 0, 30, 20], [60, 5, 95, 40]], 120),
    "no box": ([], 100),
}
# Of the third: whether each detection is a hit, the surest first, and how many objects there are.
RANKED: dict[str, tuple[list[bool], int]] = {
    "every object found": ([True, True], 2),
    "the five detections of this page": ([True, False, True, True, False], 4),
    "a mistake before the only hit": ([False, True], 1),
    "hits that come late": ([False, True, False, True, True], 3),
    "no detection": ([], 3),
}


@checker
def check_targets(answer: object) -> str:
    """Judge what the cell of the first exercise should say: column, row, σ(tx), σ(ty), tw, th."""
    corners = np.array(BOX)
    centre, sides = (corners[:2] + corners[2:]) / 2, corners[2:] - corners[:2]
    cell, inside = np.divmod(centre / STRIDE, 1)
    growth = np.log(sides / ANCHOR)
    corner_cell, corner_inside = np.divmod(corners[:2] / STRIDE, 1)
    slips = (
        ([*cell[::-1], *inside, *growth], "You exchanged column and row: the column goes with x."),
        ([*cell, *inside, *(sides / ANCHOR)], "Take the logarithm: the box is anchor · e^t."),
        ([*cell, *inside, *-growth], "The anchor goes below: ln(box / anchor)."),
        ([*cell, *(inside * STRIDE), *growth], "σ(t) is a share of the cell: divide the pixels by the stride."),
        ([*cell, *(centre / STRIDE), *growth], "σ(t) is the place within the cell: leave out the whole cells."),
        ([*corner_cell, *corner_inside, *growth], "The cell is that of the box's centre, not of its corner."),
        ([*cell, *np.log(inside / (1 - inside)), *growth], "That is t itself; give σ(t), the place in the cell."),
    )  # fmt: skip
    found = read_numbers(answer, (6,), "Give six numbers: column, row, σ(tx), σ(ty), tw, th")
    hint = "Centre through stride: the whole part is the cell, the rest σ(t). Then tw = ln(width / anchor's width)."
    compare(found, [*cell, *inside, *growth], slips, hint=hint, atol=6e-3)
    return "One box, one cell, one anchor: these four numbers and two ones are all that it is charged for."


@checker
def check_mirror(answer: object) -> str:
    """Judge a function of boxes and the image's width that gives the boxes after a mirror, left to right."""
    for case, (rows, width) in MIRRORED.items():
        at = f"With {case} "
        boxes = np.reshape(np.array(rows, float), (-1, 4))
        right = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)
        swapped = right[:, [2, 1, 0, 3]]
        one_less = right - (1, 0, 1, 0)
        found = call_for_numbers(
            answer, boxes, width, shape=boxes.shape, wanted=f"Return as many rows of four as there are boxes ({case})",
            at=at, kept="its boxes",
        )  # fmt: skip
        slips = (
            (boxes, f"{at}no box has moved."),
            (swapped, f"{at}x_min and x_max have changed sides: what was right is left now, so exchange them."),
            (one_less, f"{at}you took away a pixel: a box's sides lie between pixels, so width - x is enough."),
            (np.stack([right[:, 0], width - boxes[:, 3], right[:, 2], width - boxes[:, 1]], axis=1),
             f"{at}you turned y, too; a mirror from left to right leaves it."),
        )  # fmt: skip
        compare(found, right, slips if len(boxes) else (), hint=f"{at}the boxes should be {right.tolist()}.", atol=1e-3)
    return "The image and its boxes now tell the same story."


@checker
def check_average_precision(answer: object) -> str:
    """Judge a function of hits, the surest detection first, and the number of objects that gives COCO's AP."""
    for case, (hits, objects) in RANKED.items():
        at = f"With {case} "
        result = call(answer, np.array(hits, bool), objects, at=at, kept="its arguments")
        found = read_numbers(result, (), "Return one number", who="the result", finite=False)
        if np.isnan(found):
            raise NotYet(f"{at}the result is not a number; is there a division of nothing by nothing?")
        recall, precision = _curve(hits, objects)
        right = _mean_at_recalls(recall, precision)
        slips = [
            (_mean_at_recalls(recall, precision, best=False),
             f"{at}the precision at a recall is the best at that recall or a higher one."),
            (_exact_area(recall, precision), f"{at}that is the whole area; COCO takes the mean at 101 recalls."),
            (_mean_at_recalls(recall, precision, grid=np.linspace(0, 1, 11)),
             f"{at}that is the mean at 11 recalls, as in Pascal VOC until 2009; take 101."),
            (sum(hits) / max(1, len(hits)), f"{at}that is the precision of all detections; let them in one by one."),
            (sum(hits) / objects, f"{at}that is the recall."),
        ]  # fmt: skip
        if sum(hits):
            slips.append((float(np.mean(precision[np.array(hits)])), f"{at}recalls that are never reached count 0."))
        slips = [slip for slip in slips if abs(slip[0] - right) > 2e-4]
        compare(found, right, slips, hint=f"{at}AP should be {right:.4f}.", atol=1e-4)
    return "Sort, count, take the best that is still to come, and average: that is AP50 of one class."


def _curve(hits: list[bool], objects: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = np.cumsum(np.array(hits, float))
    return found / objects, found / np.arange(1, len(hits) + 1)


def _mean_at_recalls(recall: NDArray, precision: NDArray, *, grid: NDArray = RECALLS, best: bool = True) -> float:
    """The mean precision at some recalls: the best from there on, or that of the first detection that reaches it."""
    values = [precision[recall >= level - 1e-9] for level in grid]
    return float(np.mean([(each.max() if best else each[0]) if len(each) else 0.0 for each in values]))


def _exact_area(recall: NDArray, precision: NDArray) -> float:
    """The area under the best precision from each recall on."""
    if not len(recall):
        return 0.0
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * best))
