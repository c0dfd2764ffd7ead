import numpy as np
import pytest

from deepmedia.detection.overlap import iou
from deepmedia.lessons.detection.one_look.exercises import (
    check_decoding,
    check_iou,
    check_soft_suppression,
    check_suppression,
)


@pytest.mark.parametrize("answer", [4 / 24, 0.1667, np.float32(1 / 6), np.array([1 / 6])])
def test_four_of_twenty_four_is_accepted(answer):
    # A is 4 x 3, B 4 x 4, they share x from 3 to 5 and y from 2 to 4: 4 of 12 + 16 - 4.
    assert check_iou(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (4 / 28, "counted twice"),
        (4 / 12, "share of A"),
        (4 / 16, "share of B"),
        (4, "divide it by the union"),
        (24, "intersection over it"),
        (9 / 36, "share of B"),
        (16.67, "per cent"),
        (0.5, "larger of the two x_min"),
        ([4, 24], "one number"),
    ],
)
def test_other_ratios_get_a_sentence_that_helps(answer, words):
    verdict = check_iou(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


@pytest.mark.parametrize("answer", [(140, 143, 340, 193), np.float32([140, 143, 340, 193]), [140.2, 143, 340, 193]])
def test_the_box_computed_by_hand_is_accepted(answer):
    # Centre (7.5 * 32, 5.25 * 32) = (240, 168), size (2 * 100, 1 * 50).
    assert check_decoding(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((240, 168, 200, 50), "centre and size"),
        ((124, 135, 324, 185), "at its corner"),
        ((-92.5, -19.75, 107.5, 30.25), "multiply it by the stride"),
        ((190, 143, 290, 193), "still to be scaled"),
        ((155.3, 143, 324.7, 193), "not by 1 + t"),
        ((68, 215, 268, 265), "column and row"),
        ((40, 118, 440, 218), "half the width"),
        ((0, 0, 1, 1), "First the centre"),
        (240, "four numbers"),
    ],
)
def test_other_boxes_get_a_sentence_that_helps(answer, words):
    verdict = check_decoding(answer)
    assert not verdict.accepted
    assert words in verdict.text


def suppress(boxes, scores, threshold, *, order=-1, compare_with="kept", strict=True, give=list):
    kept, gone = [], []
    for number in np.argsort(order * scores, kind="stable"):
        others = kept if compare_with == "kept" else kept + gone
        overlaps = [iou(boxes[[number]], boxes[[other]])[0, 0] for other in others]
        stays = all(value <= threshold if strict else value < threshold for value in overlaps)
        (kept if stays else gone).append(int(number))
    return give(kept)


@pytest.mark.parametrize("give", [list, tuple, np.array])
def test_suppression_as_on_the_page_is_accepted(give):
    assert check_suppression(lambda *arguments: suppress(*arguments, give=give)).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda *a: suppress(*a, order=1), "[1] should stay"),
        (lambda *a: suppress(*a, compare_with="all"), "only a box that stays may suppress"),
        (lambda *a: suppress(*a, strict=False), "above the threshold"),
        (lambda *a: sorted(suppress(*a)), "the best comes first"),
        (lambda boxes, scores, threshold: [max(scores)] if len(scores) else [], "numbers of the boxes, not their"),
        (lambda boxes, scores, threshold: list(range(len(boxes))), "should stay"),
        (lambda boxes, scores, threshold: None, "None"),
        (lambda boxes, scores, threshold: boxes[9], "raised IndexError"),
        ([1], "function itself"),
    ],
)
def test_other_suppressions_get_a_sentence_that_helps(function, words):
    verdict = check_suppression(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def soften(boxes, scores):
    now, left = scores.copy(), set(range(len(scores)))
    while left:
        best = max(left, key=lambda number: now[number])
        left.remove(best)
        for other in left:
            now[other] *= 1 - iou(boxes[[best]], boxes[[other]])[0, 0]
    return now


def test_soft_suppression_is_accepted():
    assert check_soft_suppression(soften).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda boxes, scores: scores, "no score has changed"),
        (lambda b, s: s * np.prod(1 - iou(b, b) + np.eye(len(s)), axis=1), "even the best box loses"),
        (lambda boxes, scores: scores[:1], "one score a box"),
        (lambda boxes, scores: scores / 2, "should be [0.109, 0.9]"),
        (lambda boxes, scores: suppress(boxes, scores, 0.5), "one score a box"),
        (lambda boxes, scores: "much", "string"),
    ],
)
def test_other_scores_get_a_sentence_that_helps(function, words):
    verdict = check_soft_suppression(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
