import numpy as np
import pytest

from deepmedia.lessons.detection.train_it.exercises import check_average_precision, check_mirror, check_targets

# Centre (146, 90) of a box of 100 x 100: 4.5625 and 2.8125 cells; ln(100 / 100) and ln(100 / 50).
RIGHT = (4, 2, 0.5625, 0.8125, 0, 0.6931)


@pytest.mark.parametrize("answer", [RIGHT, np.float32(RIGHT), list(RIGHT), (4, 2, 0.56, 0.81, 0, 0.69)])
def test_the_numbers_computed_by_hand_are_accepted(answer):
    assert check_targets(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((2, 4, 0.5625, 0.8125, 0, 0.6931), "column and row"),
        ((4, 2, 0.5625, 0.8125, 1, 2), "logarithm"),
        ((4, 2, 0.5625, 0.8125, 0, -0.6931), "anchor goes below"),
        ((4, 2, 18, 26, 0, 0.6931), "share of the cell"),
        ((4, 2, 4.5625, 2.8125, 0, 0.6931), "leave out the whole cells"),
        ((3, 1, 0, 0.25, 0, 0.6931), "not of its corner"),
        ((4, 2, 0.2513, 1.4663, 0, 0.6931), "t itself"),
        ((4, 2, 0.5, 0.5, 0, 0), "whole part is the cell"),
        ((4, 2), "six numbers"),
    ],
)
def test_other_numbers_get_a_sentence_that_helps(answer, words):
    verdict = check_targets(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def mirror(boxes, width):
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


@pytest.mark.parametrize(
    "function", [mirror, lambda b, w: mirror(b, w).tolist(), lambda b, w: np.float32(mirror(b, w))]
)
def test_a_mirror_is_accepted(function):
    # Counted by hand: in an image 100 wide, x from 0 to 30 becomes x from 70 to 100.
    assert np.array_equal(mirror(np.array([[0, 10, 30, 50]]), 100), [[70, 10, 100, 50]])
    verdict = check_mirror(function)
    assert verdict.accepted or "no box" in verdict.text  # an empty list of a list has no four columns


def in_place(boxes, width):
    boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
    return boxes


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda boxes, width: boxes, "no box has moved"),
        (lambda boxes, width: np.abs(boxes - (width, 0, width, 0)), "exchange them"),
        (lambda boxes, width: mirror(boxes, width) - (1, 0, 1, 0), "a pixel"),
        (lambda boxes, width: np.abs(mirror(boxes, width) - (0, width, 0, width))[:, [0, 3, 2, 1]], "turned y"),
        (lambda boxes, width: mirror(boxes, 100), "With two boxes the boxes should be"),  # right only at this width
        (in_place, "changes its boxes"),
        (lambda boxes, width: boxes[0], "as many rows"),
        (lambda boxes, width: None, "None"),
        (lambda boxes, width: boxes.missing, "raised AttributeError"),
        ([1], "function itself"),
    ],
)
def test_other_mirrors_get_a_sentence_that_helps(function, words):
    verdict = check_mirror(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def average_precision(hits, objects, *, recalls=101, best=True):
    found = np.cumsum(hits)
    precision, recall = found / np.arange(1, len(hits) + 1), found / objects
    rows = [precision[recall >= level - 1e-9] for level in np.linspace(0, 1, recalls)]
    return float(np.mean([(row.max() if best else row[0]) if len(row) else 0 for row in rows]))


def area(hits, objects):
    found = np.cumsum(hits)
    precision = np.maximum.accumulate((found / np.arange(1, len(hits) + 1))[::-1])[::-1]
    return float(np.sum(precision * np.diff(found / objects, prepend=0)))


def test_average_precision_is_accepted():
    # 26 recalls of 101 with precision 1, 50 with 3/4, 25 that are never reached.
    assert average_precision([True, False, True, True, False], 4) == pytest.approx((26 + 50 * 0.75) / 101)
    assert check_average_precision(average_precision).accepted
    assert check_average_precision(lambda *a: np.float32(average_precision(*a))).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda h, n: average_precision(h, n, best=False), "or a higher one"),
        (lambda h, n: average_precision(h, n, recalls=11), "11 recalls"),
        (area, "mean at 101 recalls"),
        (lambda h, n: sum(h) / max(1, len(h)), "precision of all detections"),
        (lambda h, n: sum(h) / n, "that is the recall"),
        (lambda h, n: 1.0, "With the five detections of this page AP should be 0.6287"),
        (lambda h, n: average_precision(h, n) * (len(h) != 5) + 0.6287 * (len(h) == 5), "hits that come late"),
        (lambda h, n: [1.0, 2.0], "one number"),
        (lambda h, n: float("nan"), "not a number"),
        (lambda h, n: h[9], "raised IndexError"),
        (0.63, "function itself"),
    ],
)
def test_other_averages_get_a_sentence_that_helps(function, words):
    verdict = check_average_precision(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
