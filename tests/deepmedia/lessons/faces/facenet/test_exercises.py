import numpy as np
import pytest

from deepmedia.faces.losses import semi_hard_triplet_loss
from deepmedia.lessons.faces.facenet.exercises import check_kind, check_triplet_loss, check_triplets


@pytest.mark.parametrize("answer", [0.6, np.float32(0.6), np.array(0.6), [0.6][0]])
def test_the_right_loss_is_accepted(answer):
    a, p, n = np.array([0, 1]), np.array([0.8, 0.6]), np.array([-0.6, 0.8])
    assert ((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 0.2 == pytest.approx(0.6)  # what the exercise asks for
    assert check_triplet_loss(answer).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.4, "margin is missing"),
        (0, "easy triplet"),
        (-0.2, "exchanged"),
        (0.8944 - 0.6325 + 0.2, "take no root"),
        (0.2, "added"),
        (60, "per cent"),
        (1.2, "squared differences"),
        ("0.6", "quotation"),
        (None, "None"),
    ],
)
def test_wrong_losses_are_rejected_with_their_reason(answer, word):
    verdict = check_triplet_loss(answer)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_counted_triplets_are_accepted():
    labels = np.repeat(np.arange(10), 5)
    same = labels[:, None] == labels
    count = ((same & ~np.eye(50, dtype=bool))[:, :, None] & ~same[:, None, :]).sum()
    assert check_triplets(count).accepted
    assert check_triplets(float(count)).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (4500, "both orders"),
        (11250, "own positive"),
        (9800, "another person"),
        (117600, "any image"),
        (200, "all negatives"),
        (10, "Count the anchors"),
        ("many", "quotation"),
    ],
)
def test_wrong_counts_are_rejected_with_their_reason(answer, word):
    verdict = check_triplets(answer)
    assert not verdict.accepted
    assert word in verdict.text


def kind(to_positive, to_negative, margin):
    if to_negative <= to_positive:
        return "hard"
    return "semi-hard" if to_negative < to_positive + margin else "easy"


@pytest.mark.parametrize("form", [str, str.upper, lambda word: word.replace("-", " "), lambda word: f"{word}\n"])
def test_right_kinds_are_accepted_in_any_spelling(form):
    assert check_kind(lambda *numbers: form(kind(*numbers))).accepted


def test_the_semi_hard_cases_are_those_that_the_loss_takes():
    from deepmedia.lessons.faces.facenet.exercises import CASES, MARGIN

    for to_positive, to_negative, name in CASES:
        angles = np.arccos(1 - np.array([0, to_positive, to_negative]) / 2) * [0, 1, -1]
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        loss = float(semi_hard_triplet_loss([0, 0, 1], points, margin=MARGIN))
        from_positive = ((points[1] - points[2]) ** 2).sum()
        other = kind(to_positive, from_positive, MARGIN) == "semi-hard"
        assert (loss > 0) == (name == "semi-hard" or other)
        assert kind(to_positive, to_negative, MARGIN) == name


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda p, n, m: "easy", "nearer than the positive"),
        (lambda p, n, m: kind(n, p, m), "nearer than the positive"),
        (lambda p, n, m: kind(p, n, 0.2), "semi-hard"),  # the margin of the page, right at first
        (lambda p, n, m: "semi-hard" if abs(n - p) < m else kind(p, n, m), "not"),
        (lambda p, n, m: "hard" if n < p + m else "easy", "but not by the margin"),
        (lambda p, n, m: kind(p, n, m) == "easy", "return a string"),
        (lambda p, n, m: "medium", "Return"),
        (lambda p, n, m: None, "return a string"),
        (lambda p, n: "easy", "raised TypeError"),
        ("easy", "the function itself"),
    ],
)
def test_wrong_functions_are_rejected_with_their_reason(function, word):
    verdict = check_kind(function)
    assert not verdict.accepted
    assert word in verdict.text
