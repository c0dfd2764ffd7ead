import numpy as np
import pytest

from deepmedia.lessons.cnn.classify_images.exercises import check_calibration_error, check_selective, check_temperature


def selective(probabilities, labels, threshold):
    chosen = probabilities.max(axis=1) >= threshold
    return chosen.mean(), np.mean((probabilities.argmax(axis=1) == labels)[chosen])


def without_edge(probabilities, labels, threshold):
    return selective(probabilities, labels, threshold + 1e-9)


def over_all(probabilities, labels, threshold):
    share, accuracy = selective(probabilities, labels, threshold)
    return share, share * accuracy


def test_the_right_answers_are_accepted():
    assert check_temperature(0.731).accepted
    assert check_temperature(np.e / (np.e + 1)).accepted
    assert check_calibration_error(0.07).accepted
    assert check_selective(selective).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.881, "at temperature 1"),
        (0.982, "divide them"),
        (0.44, "not the probability"),
        (0.269, "second class"),
        (0.5, "Divide both logits"),
        ("much", "one number"),
    ],
)
def test_wrong_probabilities_are_rejected_with_their_reason(answer, word):
    verdict = check_temperature(answer)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.04, "without its sign"),
        (0.0833, "same weight"),
        (0.15, "largest gap"),
        (7.0, "Divide by the number"),
        (0.3, "For each bin"),
        ([0.07], "one number"),
    ],
)
def test_wrong_errors_are_rejected_with_their_reason(answer, word):
    verdict = check_calibration_error(answer)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda *case: selective(*case)[::-1], "wrong way round"),
        (over_all, "not by all"),
        (without_edge, "use >="),
        (lambda p, labels, threshold: selective(p, labels, 0), "should be 0.800"),
        (lambda p, labels, threshold: 1.0, "Return two numbers"),
        (lambda p: (1, 1), "raised TypeError"),
        (0.5, "Give the function itself"),
    ],
)
def test_wrong_functions_are_rejected_with_their_reason(function, word):
    verdict = check_selective(function)
    assert not verdict.accepted
    assert word in verdict.text
