import math

import numpy as np
import pytest

from deepmedia.statistics import bootstrap_interval, mcnemar_test, mean_and_range, wilson_interval


def test_wilson_interval_matches_the_formula_by_hand():
    # n = 2000, 1780 right, z = 1.959964: centre (p + z²/2n) / (1 + z²/n).
    z, n, p = 1.959963984540054, 2000, 0.89
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert wilson_interval(1780, 2000) == pytest.approx((centre - half, centre + half), abs=1e-9)


def test_wilson_interval_stays_inside_zero_and_one():
    assert wilson_interval(0, 10)[0] == pytest.approx(0, abs=1e-12)
    assert wilson_interval(10, 10)[1] == pytest.approx(1, abs=1e-12)


def test_wilson_interval_grows_with_confidence():
    low, high = wilson_interval(50, 100)
    wide_low, wide_high = wilson_interval(50, 100, confidence=0.99)
    assert wide_low < low < high < wide_high


@pytest.mark.parametrize(("right", "total"), [(-1, 10), (11, 10), (0, 0)])
def test_wilson_interval_refuses_impossible_counts(right, total):
    with pytest.raises(ValueError, match=f"got {right} and {total}"):
        wilson_interval(right, total)


@pytest.mark.parametrize(
    ("right", "total"), [(0.895, 2000), (1789.5, 2000), (1790, 2000.5), (math.nan, 10), (1, math.inf)]
)
def test_wilson_interval_refuses_shares_in_place_of_counts(right, total):
    with pytest.raises(ValueError, match=r"must be a whole number of cases, got .*round\(share \* total\)"):
        wilson_interval(right, total)


@pytest.mark.parametrize("right", ["1790", None, [1790], True])
def test_wilson_interval_refuses_what_is_no_count(right):
    with pytest.raises(TypeError, match="right must be one whole number, got"):
        wilson_interval(right, 2000)


@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.float64, np.array])
def test_wilson_interval_takes_whole_numbers_of_any_kind(kind):
    assert wilson_interval(kind(90), kind(100)) == wilson_interval(90, 100)


def test_bootstrap_interval_of_a_mean_is_near_the_normal_one():
    values = np.random.default_rng(1).normal(5, 2, size=400)
    low, high = bootstrap_interval(values)
    error = values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.25 * error)


def test_bootstrap_interval_repeats_with_its_seed_and_takes_other_statistics():
    values = np.arange(30.0)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)
    low, high = bootstrap_interval(values, np.median)
    assert low < 14.5 < high


@pytest.mark.parametrize("values", [[1.0], [], [[1.0, 2.0]]])
def test_bootstrap_interval_refuses_what_has_no_spread(values):
    with pytest.raises(ValueError, match="at least 2 numbers"):
        bootstrap_interval(values)


def test_mcnemar_counts_and_probability_by_hand():
    # Only the first right 5 times, only the second once: 2 · (C(6,0) + C(6,1)) / 2⁶ = 14 / 64.
    first = [True] * 5 + [False] + [True] * 4 + [False] * 3
    second = [False] * 5 + [True] + [True] * 4 + [False] * 3
    only_first, only_second, probability = mcnemar_test(first, second)
    assert (only_first, only_second) == (5, 1)
    assert probability == pytest.approx(14 / 64)


def test_mcnemar_of_equal_answers_is_one():
    assert mcnemar_test([True, False], [True, False]) == (0, 0, 1.0)


def test_mcnemar_refuses_answers_to_different_questions():
    with pytest.raises(ValueError, match=r"got shapes \(2,\) and \(3,\)"):
        mcnemar_test([True, False], [True, False, True])


@pytest.mark.parametrize(
    "predicted", [[0, 1, 1], [2, 1, 7], [0.2, 0.9, 0.4], ["cat", "dog", "cat"], [True, False, None]]
)
@pytest.mark.parametrize("place", [0, 1])
def test_mcnemar_refuses_predictions(predicted, place):
    answers = [[True, False, True], [True, True, False]]
    answers[place] = predicted
    name = ("first_right", "second_right")[place]
    with pytest.raises(TypeError, match=f"{name} must hold booleans.*predicted == labels"):
        mcnemar_test(*answers)


def test_mean_and_range_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one number"):
        mean_and_range([])
