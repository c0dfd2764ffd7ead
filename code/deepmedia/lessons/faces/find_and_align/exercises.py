"""Checkers of the exercises of the page "Find and align"."""

import functools

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets import photo
from deepmedia.faces.alignment import align, similarity_transform
from deepmedia.lessons.faces.find_and_align.cascade import box_sum, integral_image
from deepmedia.lessons.faces.find_and_align.experiment import turned
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_numbers

PATCH = np.array([[3, 1, 2, 4], [2, 2, 1, 3], [5, 6, 7, 2], [4, 8, 6, 1]])
UPPER, LOWER = (1, 0, 3, 2), (1, 2, 3, 4)  # of the first exercise: (x_min, y_min, x_max, y_max)
STAGES, WINDOWS, KEPT, PASSED = 20, 300_000, 0.995, 0.5  # of the second
EYES, GOAL = ((30, 50), (54, 57)), ((20, 30), (70, 30))  # of the third
SIDE = 80  # pixels of the aligned face in the fourth
HEAD = (105, 0, 345, 240)  # box of the astronaut's head, so that turning it cuts nothing off
PUPILS = np.array([[203.5, 100.6], [246.9, 103.4]])  # read off her photograph, enlarged eight times
TURNS = (0, 50, 180, 255)  # degrees
ALIKE = 0.8  # correlation with the face aligned by these pupils


@checker
def check_feature(answer: object) -> str:
    """Judge the value of a feature of two rectangles: sum of the lower one less sum of the upper one."""
    upper, lower = (float(box_sum(integral_image(PATCH), box)) for box in (UPPER, LOWER))
    left = integral_image(PATCH)[:, 1]
    slips = (
        (upper - lower, "Right but for the sign: the feature is the lower sum less the upper one."),
        (upper + lower, "That is the sum of both; the feature is their difference."),
        (lower, "That is the lower sum; the upper one is still to be taken away."),
        (upper, "That is the upper sum; it is taken away from the lower one."),
        (lower - upper + left[4] - 2 * left[2], "You counted the first column, too: the rectangles begin at x = 1."),
        (box_sum(integral_image(PATCH), (1, 3, 3, 4)) - box_sum(integral_image(PATCH), (1, 1, 3, 2)),
         "Each rectangle is two rows high: y = 2 to 4 and y = 0 to 2."),
    )  # fmt: skip
    found = read_numbers(answer, (), "Give one number")
    compare(
        found, lower - upper, slips, hint="Six entries of the table are enough: three on the left, three on the right."
    )
    return f"{lower:g} - {upper:g}: six look-ups, since the rectangles share an edge."


@checker
def check_stages(answer: object) -> str:
    """Judge the share of the faces that pass all stages, and the number of other windows that do."""
    right = np.array([KEPT**STAGES, WINDOWS * PASSED**STAGES])
    slips = (
        ([KEPT, WINDOWS * PASSED], "That is after one stage; there are twenty."),
        ([KEPT**STAGES, PASSED**STAGES], "The first is right. The second is the share; how many windows is it?"),
        ([1 - KEPT**STAGES, WINDOWS * PASSED**STAGES], "The second is right. The first is the share that is lost."),
        ([1 - STAGES * (1 - KEPT), WINDOWS * PASSED**STAGES],
         "The second is right. A face that one stage has lost can't be lost again: multiply instead of adding up."),
        ([KEPT, WINDOWS * PASSED**STAGES], "The second is right. A face must pass all twenty stages, too."),
    )  # fmt: skip
    found = read_numbers(answer, (2,), "Give two numbers: the share of the faces, and the number of windows")
    compare(found, right, slips, hint="Whoever passes must pass every stage: multiply the shares.", atol=2e-3)
    return "Less than one false window a photograph, and nine faces in ten: both come from multiplying shares."


@checker
def check_transform(answer: object) -> str:
    """Judge the four numbers a, b, c and d of the transform that brings two eyes to their goals."""
    matrix, back = similarity_transform(EYES, GOAL), similarity_transform(GOAL, EYES)
    (a, _, c), (b, _, d) = matrix
    mirrored = np.array(GOAL[0]) - np.array([[a, b], [-b, a]]) @ EYES[0]
    move = np.subtract(GOAL[0], EYES[0])
    slips = (
        ([back[0, 0], back[1, 0], back[0, 2], back[1, 2]], "That is the way back, from the goals to the eyes."),
        ([a, -b, *mirrored], "It turns the wrong way: check the sign of b with the second eye."),
        ([a, -b, c, d], "b has the wrong sign; the rest is right."),
        ([a, b, *move], "The shift comes last: turn and scale the first eye, then see how far it is from its goal."),
        ([2, 0, *(np.array(GOAL[0]) - 2 * np.array(EYES[0]))], "You scale without turning; the eyes' line is tilted."),
        (
            [a / 2, b / 2, *(np.array(GOAL[0]) - matrix[:, :2] / 2 @ EYES[0])],
            "The scale is missing: a² + b² must be 2².",
        ),
    )
    found = read_numbers(answer, (4,), "Give four numbers, a, b, c and d")
    hint = "First a and b from the vectors between the eyes, then c and d from the eye on the left."
    compare(found, [a, b, c, d], slips, hint=hint)
    return "With these numbers the second eye arrives, too; nothing was left to choose."


@checker
def check_upright(answer: object) -> str:
    """Judge a function of an image that gives the aligned face, however the image is turned, or None without one."""
    for degrees in TURNS:
        image, expected = _turned_head(degrees)
        at = f"For the face turned by {degrees}° "
        result = call(answer, image, at=at, kept="the image")
        if result is None:
            raise NotYet(f"{at}the result is None: try more turns, all around and at most 30° apart.")
        found = read_numbers(
            result, (SIDE, SIDE, 3), f"Give an image of {SIDE} × {SIDE} × 3, by align", who="the result"
        )
        if np.std(found) > 0 and np.corrcoef(found.ravel(), expected[::-1, ::-1].ravel())[0, 1] > ALIKE:
            raise NotYet(f"{at}the result stands on its head; turn the image, and align within the turned image.")
        if np.std(found) == 0 or np.corrcoef(found.ravel(), expected.ravel())[0, 1] < ALIKE:
            raise NotYet(
                f"{at}the result is not the aligned face: take the turned image in which it was found, with that "
                "image's eyes, and among several turns the face with the highest score."
            )
    empty = photo("coffee")[100:260, 200:360]
    if call(answer, empty, at="For an image without a face ") is not None:
        raise NotYet("For an image without a face the result should be None.")
    return "Found and upright in every turn, and None where there is nothing."


@functools.cache
def _turned_head(degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The astronaut's head turned about the image's middle, and the face as it should come out."""
    x_min, y_min, x_max, y_max = HEAD
    image = photo("astronaut")[y_min:y_max, x_min:x_max]
    return turned(image, degrees), align(image, PUPILS - (x_min, y_min), size=SIDE)
