"""Checkers of the exercises of the page "Your own objects"."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.overlap import iou
from deepmedia.lessons.judging import NotYet, call, call_for_numbers, checker, compare, read_numbers

PICTURE, CANVAS, BOX = (1200, 900), (416, 320), (300, 300, 600, 450)  # of the first exercise, width before height
# Of the third: labels, detections and scores under what each case is about.
LABELS: list[list[float]] = [[10, 10, 30, 30], [60, 10, 80, 30]]
CASES: dict[str, tuple[list[list[float]], list[list[float]], list[float]]] = {
    "one detection on a label and one on nothing": (LABELS, [[10, 10, 30, 30], [10, 60, 30, 80]], [0.9, 0.8]),
    "an unsure detection on nothing": (LABELS, [[10, 60, 30, 80], [60, 60, 80, 80]], [0.2, 0.95]),
    "a detection beside a label": (LABELS, [[26, 10, 46, 30], [100, 60, 120, 80]], [0.9, 0.7]),
    "no labels": ([], [[10, 10, 30, 30]], [0.9]),
    "no detections": (LABELS, [], []),
}
SURE, APART = 0.5, 0.3  # the settings of the third exercise


@checker
def check_letterboxed(answer: object) -> str:
    """Judge the box of the first exercise, (x_min, y_min, x_max, y_max) in pixels of the network's input."""
    width, height = PICTURE
    scale = min(CANVAS[0] / width, CANVAS[1] / height)
    above = (CANVAS[1] - scale * height) / 2
    box = np.array(BOX, float)
    grey = np.array([0, above, 0, above])
    right = box * scale + grey
    larger = max(CANVAS[0] / width, CANVAS[1] / height)
    slips = (
        (box * scale, "The picture is lower than the input: add the grey above it to y_min and y_max."),
        (right + grey, "The grey is shared out above and below: only half of it lies above."),
        (box * scale + grey[[1, 0, 1, 0]], "There is no grey at the left and right: x stays as it is after scaling."),
        (box * np.tile([CANVAS[0] / width, CANVAS[1] / height], 2), "Both sides shrink by the same factor."),
        (box * larger, "With the larger of the two factors the picture would not fit; take the smaller one."),
        (box / scale + grey, "You divided by the factor; multiply by it."),
    )
    found = read_numbers(answer, (4,), "Give four numbers: x_min, y_min, x_max, y_max")
    hint = "First the factor: the smaller of 416 / 1200 and 320 / 900. Then half of the rows that are left over."
    compare(found, right, slips, hint=hint, atol=0.3)
    return "The same factor for both sides, and the grey on top. Forget either, and every box is a little off."


@checker
def check_mirrored(answer: object) -> str:
    """Judge a function of boxes (n, 4) and the width of their picture that gives the boxes after a mirror."""
    cases: tuple[tuple[list[list[float]], int], ...] = (
        ([[10, 20, 40, 50], [0, 0, 100, 60]], 100),
        ([[3.5, 1, 7, 2]], 64),
        ([], 50),
    )
    for boxes, width in cases:
        corners = np.reshape(np.array(boxes, float), (-1, 4))
        found = call_for_numbers(answer, corners, width, shape=corners.shape, kept="the boxes",
                                 wanted=f"Return boxes of the shape {corners.shape}")  # fmt: skip
        x_min, y_min, x_max, y_max = corners.T
        slips = (
            (_rows(width - x_min, y_min, width - x_max, y_max), "x_min is now the larger one: exchange the two."),
            (_rows(width - 1 - x_max, y_min, width - 1 - x_min, y_max), "Edges are mirrored, not pixels: no minus 1."),
            (_rows(x_min, width - y_max, x_max, width - y_min), "You mirrored top to bottom."),
            (corners, "The boxes are where they were."),
        )
        compare(found, _rows(width - x_max, y_min, width - x_min, y_max), slips, hint="What was x is now width - x.")
    return "The picture's edge at the right is now at the left, and so is the box's."


@checker
def check_unlabelled(answer: object) -> str:
    """Judge a function of labels, detections and scores that gives the numbers of the sure detections on nothing."""
    for case, (labels, found, scores) in CASES.items():
        at = f"With {case} "
        truth, boxes = (np.reshape(np.array(each, float), (-1, 4)) for each in (labels, found))
        result = call(answer, truth, boxes, np.array(scores), at=at, kept="its arguments")
        listed = list(result) if isinstance(result, set | range) else result
        numbers = read_numbers(listed, None, "Return a list of detections' numbers", who="the result").ravel().tolist()
        right = suspects(truth, boxes, np.array(scores))
        if sorted(numbers) == right:
            continue
        if case.startswith("an unsure") and 0 in numbers:
            raise NotYet(f"{at}only what is sure is worth a look: leave out scores below {SURE:g}.")
        if case.startswith("one detection on a label") and numbers == [0]:
            raise NotYet(f"{at}the one on the label was returned; asked for are those that no label explains.")
        if case.startswith("a detection beside"):
            raise NotYet(
                f"{at}the IoU with the label is {4 / 36:.2f}, so the label doesn't explain it: below {APART:g}."
            )
        raise NotYet(f"{at}{right or 'none'} should be returned, got {[int(each) for each in numbers] or 'none'}.")
    return "Such a list, sorted by score, is the quickest way through your own labels."


def suspects(labels: NDArray, found: NDArray, scores: NDArray) -> list[int]:
    """The sure detections that overlap no label by an IoU of 0.3 or more."""
    explained = (iou(found, labels) >= APART).any(axis=1) if len(labels) else np.zeros(len(found), bool)
    return [int(number) for number in np.flatnonzero((scores >= SURE) & ~explained)]


def _rows(*columns: NDArray) -> NDArray[np.float64]:
    return np.stack([np.asarray(column, float) for column in columns], axis=1)
