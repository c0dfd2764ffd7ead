import numpy as np
import pytest

from deepmedia.faces.alignment import align
from deepmedia.faces.finding import find_faces
from deepmedia.lessons.faces.find_and_align.exercises import (
    check_feature,
    check_stages,
    check_transform,
    check_upright,
)
from deepmedia.lessons.faces.find_and_align.experiment import turned


def test_the_feature_computed_by_hand_is_accepted():
    # Rows 2 and 3: 6 + 7 + 8 + 6 = 27. Rows 0 and 1: 1 + 2 + 2 + 1 = 6.
    assert check_feature(27 - 6).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (-21, "sign"),
        (33, "sum of both"),
        (27, "lower sum"),
        (6, "upper sum"),
        (25, "first column"),  # 36 with 5 and 4, less 11 with 3 and 2
        (11, "two rows high"),  # 8 + 6 less 2 + 1
        (20, "six entries"),
        ([27, 6], "one number"),
    ],
)
def test_other_features_get_a_sentence_that_helps(answer, words):
    verdict = check_feature(answer)
    assert not verdict.accepted
    assert words in verdict.text.lower()


@pytest.mark.parametrize("answer", [(0.9046, 0.2861), (0.905, 0.286), np.array([0.995**20, 300_000 / 2**20])])
def test_shares_multiplied_over_twenty_stages_are_accepted(answer):
    assert check_stages(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((0.995, 150_000), "twenty"),
        ((0.9046, 0.5**20), "how many windows"),
        ((0.0954, 0.2861), "share that is lost"),
        ((0.9, 0.2861), "multiply instead"),  # 1 - 20 * 0.005
        ((0.995, 0.2861), "must pass all twenty"),
        ((0.9046, 3_000_000), "multiply the shares"),
        (0.9046, "two numbers"),
    ],
)
def test_other_shares_get_a_sentence_that_helps(answer, words):
    verdict = check_stages(answer)
    assert not verdict.accepted
    assert words in verdict.text


def test_the_transform_computed_by_hand_is_accepted():
    # e = (24, 7), g = (50, 0): a = 1200 / 625, b = -350 / 625; c = 20 - (57.6 + 28), d = 30 - (-16.8 + 96).
    assert check_transform([1.92, -0.56, -65.6, -49.2]).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((1.92, 0.56, -65.6, -49.2), "b has the wrong sign"),
        ((1.92, 0.56, -9.6, -82.8), "the wrong way"),  # 20 - (57.6 - 28), 30 - (16.8 + 96)
        ((1.92, -0.56, -10, -20), "shift comes last"),
        ((2, 0, -40, -70), "without turning"),
        ((0.96, -0.28, -22.8, -9.6), "scale is missing"),  # 20 - (28.8 + 14), 30 - (-8.4 + 48)
        (
            (0.48, 0.14, 24.6, 32.8),
            "way back",
        ),  # a = 24·50 / 2500, b = 50·7 / 2500; 30 - (9.6 - 4.2), 50 - (2.8 + 14.4)
        ((1.92, -0.56, 0, 0), "First a and b"),
        (((1.92, 0.56, -65.6), (-0.56, 1.92, -49.2)), "four numbers"),
    ],
)
def test_other_transforms_get_a_sentence_that_helps(answer, words):
    verdict = check_transform(answer)
    assert not verdict.accepted
    assert words in verdict.text


def searching(degrees, *, eyes=True, finish=align, size=80):
    """The solution with slips: fewer turns, another way to finish, another size."""

    def upright(image):
        best_score, result = 0.0, None
        for each in degrees:
            candidate = turned(image, each)
            for face in find_faces(candidate):
                if (face.eyes is not None or not eyes) and face.score > best_score:
                    best_score, result = face.score, finish(candidate, face.eyes, size=size)
        return result

    return upright


def test_a_search_in_turns_all_around_is_accepted():
    verdict = check_upright(searching(range(0, 360, 20)))
    assert verdict.accepted, verdict


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (searching([0]), "50° the result is None"),
        (searching(range(0, 360, 90)), "50° the result is None"),
        (searching(range(-90, 91, 20)), "180° the result is None"),
        (searching(range(0, 360, 20), size=160), "80 × 80"),
        (searching(range(0, 360, 20), finish=lambda *a, size: align(*a, size=size)[::-1, ::-1]), "on its head"),
        (lambda image: image[:80, :80], "not the aligned face"),
        (lambda image: np.zeros((80, 80, 3)), "not the aligned face"),
        (lambda image: searching(range(0, 360, 20))(image) if image.shape[0] > 200 else image, "None"),
        (lambda image: image.fill(0), "changes the image"),
    ],
)
def test_other_searches_get_a_sentence_that_helps(answer, words):
    verdict = check_upright(answer)
    assert not verdict.accepted
    assert words in verdict.text
