import numpy as np
import pytest

from deepmedia.detection.overlap import iou
from deepmedia.lessons.detection.your_own_objects.exercises import check_letterboxed, check_mirrored, check_unlabelled


@pytest.mark.parametrize("answer", [(104, 108, 208, 160), np.float32([104, 108, 208, 160]), [104.1, 108, 208, 160]])
def test_the_box_in_the_letterbox_is_accepted(answer):
    # 416 / 1200 < 320 / 900, so everything is times 0.34667: 416 x 312, with 4 rows of grey above.
    assert check_letterboxed(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((104, 104, 208, 156), "add the grey"),
        ((104, 112, 208, 164), "only half of it"),
        ((108, 104, 212, 156), "no grey at the left"),
        ((104, 106.67, 208, 160), "the same factor"),
        ((106.67, 106.67, 213.33, 160), "take the smaller one"),
        ((865.4, 869.4, 1730.8, 1302.1), "multiply by it"),
        ((0, 0, 1, 1), "First the factor"),
        (104, "four numbers"),
    ],
)
def test_other_boxes_in_the_letterbox_get_a_sentence_that_helps(answer, words):
    verdict = check_letterboxed(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def mirrored(boxes, width):
    return [[width - x_max, y_min, width - x_min, y_max] for x_min, y_min, x_max, y_max in boxes]


def test_mirrored_boxes_are_accepted():
    assert check_mirrored(lambda boxes, width: np.reshape(mirrored(boxes, width), (-1, 4))).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda b, w: np.stack([w - b[:, 0], b[:, 1], w - b[:, 2], b[:, 3]], axis=1), "exchange the two"),
        (lambda b, w: np.stack([w - 1 - b[:, 2], b[:, 1], w - 1 - b[:, 0], b[:, 3]], axis=1), "no minus 1"),
        (lambda b, w: np.stack([b[:, 0], w - b[:, 3], b[:, 2], w - b[:, 1]], axis=1), "top to bottom"),
        (lambda b, w: b, "where they were"),
        (lambda b, w: b + 1, "width - x"),
        (lambda b, w: None, "Return boxes"),
        (lambda b, w: 1 / 0, "ZeroDivisionError"),
        ("mirror", "Give the function itself"),
    ],
)
def test_other_mirrors_get_a_sentence_that_helps(wrong, words):
    verdict = check_mirrored(wrong)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def suspects(labels, boxes, scores, *, sure=0.5, apart=0.3, kept=True):
    best = iou(boxes, labels).max(axis=1, initial=0)
    return np.flatnonzero((scores >= sure) & ((best < apart) == kept))


@pytest.mark.parametrize("kind", [list, tuple, np.array, set])
def test_suspects_are_accepted_in_any_list(kind):
    assert check_unlabelled(lambda *arguments: kind(suspects(*arguments).tolist())).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda *a: suspects(*a, kept=False), "asked for are those that no label explains"),
        (lambda *a: suspects(*a, sure=0), "leave out scores below"),
        (lambda *a: suspects(*a, apart=0.05), "the label doesn't explain it"),
        (lambda *a: [], "should be returned, got none"),
        (lambda *a: "none", "Return a list"),
        (lambda labels, boxes, scores: iou(boxes, labels).max(axis=1) < 0.3, "Return a list"),
        (lambda labels, boxes, scores: np.flatnonzero(iou(boxes, labels).max(axis=1) < 0.3), "leave out scores"),
    ],
)
def test_other_suspects_get_a_sentence_that_helps(wrong, words):
    verdict = check_unlabelled(wrong)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
