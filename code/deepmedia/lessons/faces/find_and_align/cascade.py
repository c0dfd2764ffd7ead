"""A cascade in NumPy, which decides about every window as OpenCV's does.

Source: Viola and Jones (2001), "Rapid object detection using a boosted cascade
of simple features", CVPR. The trained numbers are read from OpenCV's
`haarcascade_frontalface_alt2.xml`, whose stages are sums of small trees with
two questions each (Lienhart and Maydt (2002), ICIP), not of single questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

WINDOW = 20  # pixels, side of the window of the trained cascade
STEP = 2  # pixels from one window to the next
SLACK = 1e-5  # by which OpenCV lowers the sum that a stage asks for

Corners = tuple[NDArray, NDArray]  # x and y of the upper left corners of windows


@dataclass(frozen=True)
class Rectangle:
    """A part of the window, with the weight of the sum of its pixels."""

    box: tuple[int, int, int, int]  # (x_min, y_min, x_max, y_max) in pixels of the window
    weight: float


@dataclass(frozen=True)
class Question:
    """Is a feature below a threshold? Yes leads to one answer, no to another."""

    rectangles: tuple[Rectangle, ...]
    threshold: float
    answers: tuple[int, int]  # above 0: the number of a further question; otherwise minus the number of a vote


@dataclass(frozen=True)
class Tree:
    """Questions that end in a vote."""

    questions: tuple[Question, ...]
    votes: tuple[float, ...]


@dataclass(frozen=True)
class Stage:
    """A window passes if the votes of its trees add up to the threshold."""

    trees: tuple[Tree, ...]
    threshold: float


@dataclass(frozen=True)
class Search:
    """What a search left over.

    Attributes:
        counts: int64 (stages + 1,), windows before the first stage and after each.
        boxes: For each stage the windows that passed it, float64 (n, 4) in pixels of the image.
    """

    counts: NDArray[np.int64]
    boxes: tuple[NDArray[np.float64], ...]


def integral_image(image: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers (height, width) to (height + 1, width + 1): entry [y, x] is the sum of image[:y, :x]."""
    sums = np.asarray(image, np.int64).cumsum(axis=0).cumsum(axis=1)
    return np.pad(sums, ((1, 0), (1, 0)))  # a row and a column of zeros


def box_sum(table: NDArray, box: Sequence[Any]) -> NDArray:
    """The sum of the pixels in a box, or in many: each of its four numbers may be an array."""
    x_min, y_min, x_max, y_max = box
    return table[y_max, x_max] - table[y_min, x_max] - table[y_max, x_min] + table[y_min, x_min]


def read_stages() -> tuple[Stage, ...]:
    """The stages of OpenCV's trained cascade for faces."""
    path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"
    cascade = ElementTree.parse(path).getroot().find("cascade")
    features = [
        tuple(_rectangle(each.text) for each in feature.find("rects"))  # type: ignore[union-attr]
        for feature in cascade.find("features")  # type: ignore[union-attr]
    ]
    return tuple(
        Stage(
            tuple(_tree(tree, features) for tree in stage.find("weakClassifiers")),  # type: ignore[union-attr]
            float(stage.findtext("stageThreshold", "")),
        )
        for stage in cascade.find("stages")  # type: ignore[union-attr]
    )


def search_windows(grey: NDArray[np.uint8], stages: tuple[Stage, ...], *, smallest: int, growth: float = 1.1) -> Search:
    """Send windows of all places and sizes through the stages.

    Args:
        grey: uint8 (height, width).
        stages: As `read_stages` gives them.
        smallest: Side in pixels of the smallest windows, at least 20.
        growth: From one size of the window to the next.

    Returns:
        The counts over all sizes, and the windows that were left after each stage.
    """
    side, counts, boxes = float(smallest), np.zeros(len(stages) + 1, np.int64), [[np.empty((0, 4))] for _ in stages]
    while side <= min(grey.shape):
        size = tuple(round(length * WINDOW / side) for length in grey.shape[::-1])
        scaled = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        scale = np.array(grey.shape[::-1]) / size
        corners = [np.stack(places, axis=1) for places in passing_windows(scaled, stages)]
        counts += [len(places) for places in corners]
        for found, places in zip(boxes, corners[1:], strict=True):
            found.append(np.hstack([places * scale, (places + WINDOW) * scale]))
        side *= growth
    return Search(counts, tuple(np.concatenate(found) for found in boxes))


def passing_windows(grey: NDArray, stages: Sequence[Stage]) -> list[Corners]:
    """The windows of 20 x 20 pixels: all, and those left after each stage."""
    table = integral_image(grey)
    squares = integral_image(np.square(grey, dtype=np.int64))
    places = np.subtract(grey.shape, WINDOW) + 1  # rows and columns
    y, x = np.mgrid[: places[0] : STEP, : places[1] : STEP].reshape(2, -1)
    contrast = _contrast(table, squares, x, y)
    left = [(x, y)]
    for stage in stages:
        votes = sum(_vote(tree, table, x, y, contrast) for tree in stage.trees)
        passed = votes >= stage.threshold - SLACK
        x, y, contrast = x[passed], y[passed], contrast[passed]
        left.append((x, y))
    return left


def _contrast(table: NDArray, squares: NDArray, x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Pixels times standard deviation of the windows without their outermost pixels; 1 for one even grey."""
    inner = x + 1, y + 1, x + WINDOW - 1, y + WINDOW - 1
    spread = (WINDOW - 2) ** 2 * box_sum(squares, inner) - box_sum(table, inner) ** 2
    return np.sqrt(np.where(spread > 0, spread, 1))


def _vote(tree: Tree, table: NDArray, x: NDArray, y: NDArray, contrast: NDArray) -> NDArray[np.float64]:
    """What a tree says of each window, the last question first, for an answer leads to later ones alone."""
    votes: dict[int, NDArray] = {}
    for number in reversed(range(len(tree.questions))):
        question = tree.questions[number]
        feature = sum(
            each.weight * box_sum(table, (x + each.box[0], y + each.box[1], x + each.box[2], y + each.box[3]))
            for each in question.rectangles
        )
        yes, no = (votes[answer] if answer > 0 else tree.votes[-answer] for answer in question.answers)
        votes[number] = np.where(feature / contrast < question.threshold, yes, no)
    return votes[0]


def _rectangle(text: str | None) -> Rectangle:
    """A rectangle written as x, y, width, height, weight."""
    x, y, width, height, weight = (float(word) for word in (text or "").split())
    return Rectangle((int(x), int(y), int(x + width), int(y + height)), weight)


def _tree(tree: ElementTree.Element, features: list[tuple[Rectangle, ...]]) -> Tree:
    """A tree: four numbers a question, then its votes."""
    numbers = np.array(tree.findtext("internalNodes", "").split(), float).reshape(-1, 4)
    questions = tuple(
        Question(features[int(feature)], float(threshold), (int(yes), int(no)))
        for yes, no, feature, threshold in numbers
    )
    return Tree(questions, tuple(float(word) for word in tree.findtext("leafValues", "").split()))
