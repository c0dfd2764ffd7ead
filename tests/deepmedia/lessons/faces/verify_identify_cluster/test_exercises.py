import numpy as np
import pytest

from deepmedia.faces.protocol import roc
from deepmedia.lessons.faces.verify_identify_cluster.exercises import check_choose, check_rates, check_stranger


@pytest.mark.parametrize("answer", [(0.25, 0.75), [np.float32(0.25), 0.75], np.array([0.25, 0.75])])
def test_the_right_rates_are_accepted(answer):
    # two people: 0.6 of 0.6, 0.8, 1.1, 1.4; one: 0.2, 0.5, 0.3 of four
    assert check_rates(answer).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((0.75, 0.25), "FAR comes first"),
        ((1 / 8, 3 / 8), "all eight"),
        ((1, 3), "counts"),
        ((0.25, 0.25), "VAL counts"),
        ((1 - 0.25, 1 - 0.75), "FAR comes first"),  # the rejected shares are the same two numbers here
        ((25, 75), "per cent"),
        ((0.5, 0.5), "nearer than 0.7"),
        (0.25, "two numbers"),
        ("0.25, 0.75", "quotation"),
    ],
)
def test_wrong_rates_are_rejected_with_their_reason(answer, word):
    verdict = check_rates(answer)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize("answer", [0.3936, 0.39, np.float64(0.39362), np.array(0.3936)])
def test_the_right_probability_is_accepted(answer):
    missed = 1.0
    for _ in range(500):
        missed *= 0.999
    assert 1 - missed == pytest.approx(0.3936, abs=1e-4)
    assert check_stranger(answer).accepted is (abs(float(answer) - 0.3936) < 2e-3)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (0.5, "near two people"),
        (0.606379, "near nobody"),
        (0.001, "500"),
        (0, "500"),  # 0.001 ** 500
        (0.999, "far from one"),
        (39.36, "per cent"),
        (0.4, "rounded"),
        (0.45, "far from all 500"),
        (None, "None"),
    ],
)
def test_wrong_probabilities_are_rejected_with_their_reason(answer, word):
    verdict = check_stranger(answer)
    assert not verdict.accepted
    assert word in verdict.text


def by_roc(distances, same, rate):
    curve = roc(distances, same)
    return curve.thresholds[curve.false_accept_rates <= rate][-1]


def by_sorting(distances, same, rate):
    """Without `roc`: just below the first distance of two people that must not be accepted."""
    others = np.sort(distances[~same])
    allowed = int(np.floor(rate * len(others) + 1e-9))
    return np.nextafter(others[allowed], -np.inf) if allowed < len(others) else np.inf


@pytest.mark.parametrize("choose", [by_roc, by_sorting, lambda *each: np.array(by_roc(*each))])
def test_right_functions_are_accepted(choose):
    assert check_choose(choose).accepted


@pytest.mark.parametrize(
    ("choose", "word"),
    [
        (lambda d, s, r: 0.7, "too many"),  # right for the first pairs, by chance
        (lambda d, s, r: np.sort(d[~s])[int(r * (~s).sum()) - 1], "equal distances"),  # forgets ties
        (lambda d, s, r: -1.0, "accepts more"),
        (lambda d, s, r: by_roc(d, s, r / 2), "accepts more"),
        (lambda d, s, r: np.quantile(d, r), "accepts"),
        (lambda d, s, r: by_roc(d, s, r) + 0.5, "too many"),
        (lambda d, s, r: None, "None"),
        (lambda d, s: 0.5, "raised TypeError"),
        (lambda d, s, r: d.sort(), "changes"),
        (0.7, "the function itself"),
    ],
)
def test_wrong_functions_are_rejected_with_their_reason(choose, word):
    verdict = check_choose(choose)
    assert not verdict.accepted
    assert word in verdict.text
