from itertools import pairwise

import numpy as np
import pytest
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import KFold

from deepmedia.faces.protocol import lfw_report, roc
from deepmedia.statistics import wilson_interval

# Two folds: .375 parts the first without error; the second errs once with it.
DISTANCES = np.array([0.1, 0.25, 0.5, 0.9, 0.2, 0.6, 0.4, 0.8])
SAME = np.array([True, True, False, False] * 2)


def random_pairs(seed, *, folds=10, levels=30):
    """Pairs with many ties, half of them of one person in each fold."""
    random = np.random.default_rng(seed)
    same = np.tile(np.repeat([True, False], 20), folds)
    distances = np.clip(np.round(random.normal(np.where(same, 0.4, 0.6), 0.15) * levels), 0, levels) / levels
    return distances, same


def test_the_curve_counts_what_each_threshold_accepts():
    curve = roc([0.5, 0.25, 0.25, 1.0, 0.75], [True, True, False, False, True])
    np.testing.assert_array_equal(curve.thresholds, [-np.inf, 0.375, 0.625, 0.875, 1.0])
    np.testing.assert_array_equal(curve.true_accepts, [0, 1, 2, 3, 3])
    np.testing.assert_array_equal(curve.false_accepts, [0, 1, 1, 1, 2])
    np.testing.assert_allclose(curve.true_accept_rates, [0, 1 / 3, 2 / 3, 1, 1])
    np.testing.assert_allclose(curve.false_accept_rates, [0, 0.5, 0.5, 0.5, 1])


@pytest.mark.parametrize("seed", range(4))
def test_curve_and_area_are_those_of_scikit_learn(seed):
    distances, same = random_pairs(seed)
    curve = roc(distances, same)
    false, true, thresholds = roc_curve(same, -distances, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_accept_rates, false)
    np.testing.assert_allclose(curve.true_accept_rates, true)
    assert curve.auc == pytest.approx(roc_auc_score(same, -distances), abs=1e-12)
    assert len(thresholds) == len(curve.thresholds)
    for threshold, accepted in zip(curve.thresholds, curve.true_accepts + curve.false_accepts, strict=True):
        assert np.sum(distances <= threshold) == accepted


@pytest.mark.parametrize("seed", range(4))
def test_the_equal_error_rate_is_where_a_root_finder_sees_the_curve_cross(seed):
    distances, same = random_pairs(seed)
    curve = roc(distances, same)
    line = interp1d(curve.false_accept_rates, curve.true_accept_rates)
    assert curve.equal_error_rate == pytest.approx(brentq(lambda x: line(x) - (1 - x), 0, 1, xtol=1e-12), abs=1e-9)


def test_equal_error_rates_counted_by_hand():
    # accepted: s | s d | d. Behind the first FAR 0, misses 1/2; behind the tie FAR 1/2, misses 0: they meet at 1/4.
    assert roc([0.1, 0.2, 0.2, 0.3], [True, True, False, False]).equal_error_rate == 0.25
    assert roc([0.1, 0.2, 0.3, 0.4], [True, True, False, False]).equal_error_rate == 0
    assert roc([0.1, 0.2, 0.3, 0.4], [False, False, True, True]).equal_error_rate == 1
    assert roc([0.1, 0.2, 0.3, 0.4], [True, False, True, False]).equal_error_rate == 0.5


def test_a_tie_counts_half_in_the_area():
    # 2 x 2 comparisons: .1 wins both, .2 ties one and wins one
    assert roc([0.1, 0.2, 0.2, 0.3], [True, True, False, False]).auc == 3.5 / 4


def test_order_and_a_rising_function_of_the_distances_change_nothing():
    distances, same = random_pairs(5)
    order = np.random.default_rng(0).permutation(len(same))
    curve, other = roc(distances, same), roc(np.exp(3 * distances[order]), same[order])
    np.testing.assert_array_equal(curve.true_accepts, other.true_accepts)
    np.testing.assert_array_equal(curve.false_accepts, other.false_accepts)
    assert curve.equal_error_rate == other.equal_error_rate


def test_neighbouring_floats_are_kept_apart():
    low = 1.0
    for _ in range(4):
        high = np.nextafter(low, 2)
        curve = roc([low, high], [True, False])
        assert low <= curve.thresholds[1] < high
        low = high


def test_a_report_worked_by_hand():
    report = lfw_report(DISTANCES, SAME, folds=2)
    # Fold 1 alone: accepting .2, 3 of 4 are right; accepting up to .6 too; the smaller threshold is .3.
    np.testing.assert_allclose(report.thresholds, [0.3, 0.375])
    np.testing.assert_array_equal(report.fold_accuracies, [1, 0.75])
    assert report.accuracy == 0.875
    assert report.accuracy_interval == (wilson_interval(7, 8)[0], 1)  # folds drawn again: .75 to 1
    assert report.standard_error == pytest.approx(0.125)  # s = .25 / sqrt(2), and through sqrt(2)
    assert report.auc == 14 / 16  # .6 is nearer than .8 and .9 alone
    assert report.equal_error_rate == 0.25  # at .4: one of four accepted falsely, one missed
    assert report.validation_rate == 0.75  # below .4 fold 0 has both; below .5 fold 1 has one of two
    assert report.false_accept_rate == 0
    np.testing.assert_array_equal(report.roc.true_accepts, roc(DISTANCES, SAME).true_accepts)


def test_a_far_that_allows_one_in_two_moves_the_threshold():
    report = lfw_report(DISTANCES, SAME, folds=2, false_accept_rate=0.5)
    assert report.validation_rate == 1  # both thresholds are .7
    assert report.false_accept_rate == 0.5
    assert lfw_report(DISTANCES, SAME, folds=2, false_accept_rate=0.499).validation_rate == 0.75


def test_a_thousand_pairs_of_two_people_allow_exactly_one_false_accept_at_a_far_of_a_thousandth():
    same = np.tile(np.repeat([True, False], [10, 1000]), 2)
    distances = np.where(same, 0, np.tile(np.arange(1010), 2))  # two people: 10, 11, 12, ... in both folds
    distances[:10] = distances[1010:1020] = [0, 1, 2, 3, 4, 5, 10.6, 10.4, 11.4, 11.6]
    report = lfw_report(distances, same, folds=2)
    # 10 may be accepted, 11 not: of the others 10.4 and 10.6, whose midway to the next, 11, is 10.8
    assert report.validation_rate == 0.8
    assert report.false_accept_rate == 1e-3


def by_loops(distances, same, folds, far):
    """Accuracy and VAL of each fold, by trying every number of accepted pairs."""
    accuracies, validated = [], []
    size = len(same) // folds
    for k in range(folds):
        test = range(k * size, (k + 1) * size)
        rest = [i for i in range(len(same)) if i not in test]
        levels = sorted({distances[i] for i in rest})
        candidates = [-np.inf, *[(a + b) / 2 for a, b in pairwise(levels)], levels[-1]]
        best, strict = None, None
        for threshold in candidates:
            right = sum((distances[i] <= threshold) == same[i] for i in rest)
            false = sum(distances[i] <= threshold and not same[i] for i in rest)
            if best is None or right > best[0]:
                best = right, threshold
            if false / sum(not same[i] for i in rest) <= far:
                strict = threshold
        accuracies.append(np.mean([(distances[i] <= best[1]) == same[i] for i in test]))
        validated.append(np.mean([distances[i] <= strict for i in test if same[i]]))
    return accuracies, validated


@pytest.mark.parametrize("seed", range(3))
def test_folds_are_decided_as_plain_loops_decide_them(seed):
    distances, same = random_pairs(seed)
    report = lfw_report(distances, same, false_accept_rate=0.1)
    accuracies, validated = by_loops(distances, same, 10, 0.1)
    np.testing.assert_allclose(report.fold_accuracies, accuracies)
    assert report.validation_rate == pytest.approx(np.mean(validated))
    assert len(set(accuracies)) > 3


def test_where_its_grid_fits_the_accuracies_are_those_of_facenets_own_validation():
    # calculate_roc of David Sandberg: contiguous folds, thresholds .01 apart, accepted below the first best one
    random = np.random.default_rng(0)
    same = np.tile(np.repeat([True, False], 150), 10)
    distances = (np.clip(np.round(random.normal(np.where(same, 8, 14), 4)), 0, 25) + 0.5) / 100
    grid, expected = np.arange(0, 4, 0.01), []
    for rest, test in KFold(10).split(same):
        right = [np.mean((distances[rest] < threshold) == same[rest]) for threshold in grid]
        expected.append(np.mean((distances[test] < grid[np.argmax(right)]) == same[test]))
    np.testing.assert_array_equal(lfw_report(distances, same).fold_accuracies, expected)
    assert len(set(expected)) > 3


def test_distances_that_part_everything_make_a_perfect_report():
    report = lfw_report(np.where(SAME, 0.1, 0.9), SAME, folds=2)
    assert (report.accuracy, report.auc, report.equal_error_rate, report.validation_rate) == (1, 1, 0, 1)
    np.testing.assert_allclose(report.thresholds, 0.5)  # in the middle of the gap
    assert report.auc_interval == (1, 1)
    assert report.accuracy_interval[0] == pytest.approx(8 / (8 + 1.959964**2))  # Wilson at 8 of 8


def test_distances_that_are_all_equal_know_nothing():
    report = lfw_report(np.full(8, 0.7), SAME, folds=2)
    assert (report.accuracy, report.auc, report.equal_error_rate, report.validation_rate) == (0.5, 0.5, 0.5, 0)
    assert np.isneginf(report.thresholds).all()


def test_intervals_are_those_of_folds_drawn_again_as_a_whole():
    distances, same = random_pairs(2)
    report = lfw_report(distances, same)
    parts = [slice(40 * k, 40 * (k + 1)) for k in range(10)]
    random = np.random.default_rng(1)
    areas, rates = [], []
    for _ in range(600):
        drawn = random.integers(0, 10, 10)
        curve = roc(np.concatenate([distances[parts[k]] for k in drawn]), np.tile(same[:40], 10))
        areas.append(curve.auc)
        rates.append(curve.equal_error_rate)
    np.testing.assert_allclose(report.auc_interval, np.percentile(areas, [2.5, 97.5]), atol=0.01)
    np.testing.assert_allclose(report.equal_error_rate_interval, np.percentile(rates, [2.5, 97.5]), atol=0.015)
    assert report.auc_interval[0] < report.auc < report.auc_interval[1]
    assert report.validation_rate_interval[0] < report.validation_rate < report.validation_rate_interval[1]
    assert report.accuracy_interval[0] < report.accuracy < report.accuracy_interval[1]


def test_the_test_fold_has_no_part_in_its_threshold():
    distances, same = random_pairs(3)
    changed = distances.copy()
    changed[:40] = np.random.default_rng(0).uniform(0, 1, 40)
    report, other = lfw_report(distances, same), lfw_report(changed, same)
    assert report.thresholds[0] == other.thresholds[0]
    assert report.fold_accuracies[0] != other.fold_accuracies[0]


def test_pairs_of_few_people_have_the_wide_interval_of_their_folds():
    # .9 of 2,000 decisions, all errors in one fold of ten: Wilson's interval is .886 to .912
    same = np.tile(np.repeat([True, False], 100), 10)
    distances = np.where(same, 0.1, 0.9)
    distances[:200] = 1 - distances[:200]
    low, high = lfw_report(distances, same).accuracy_interval
    assert low == pytest.approx(0.7)  # of ten draws three are that fold or more in 7% of the cases, four in 1.3%
    assert high == 1


def test_zeros_and_ones_are_taken_for_same():
    np.testing.assert_array_equal(roc(DISTANCES, SAME.astype(int)).true_accepts, roc(DISTANCES, SAME).true_accepts)


@pytest.mark.parametrize("function", [roc, lfw_report])
def test_pairs_that_do_not_fit_are_refused(function):
    with pytest.raises(TypeError, match="same must hold True and False, or 1 and 0, got int64; of two labels"):
        function(DISTANCES, np.arange(8))
    with pytest.raises(TypeError, match=r"same must hold True and False.*got float64"):
        function(DISTANCES, SAME.astype(float))
    with pytest.raises(TypeError, match="distances must hold real numbers"):
        function(["near"] * 8, SAME)
    with pytest.raises(ValueError, match=r"lists of one length, got shapes \(8,\) and \(7,\)"):
        function(DISTANCES, SAME[:7])
    with pytest.raises(ValueError, match=r"got shapes \(2, 4\) and \(2, 4\)"):
        function(DISTANCES.reshape(2, 4), SAME.reshape(2, 4))
    with pytest.raises(ValueError, match=r"distances must be finite, got nan at \[2\]"):
        function(np.where(np.arange(8) == 2, np.nan, DISTANCES), SAME)
    with pytest.raises(ValueError, match="pairs of both kinds, got 8 that are all True"):
        function(DISTANCES, np.full(8, True))
    with pytest.raises(ValueError, match="pairs of both kinds, got 8 that are all False"):
        function(DISTANCES, np.full(8, False))
    with pytest.raises(ValueError, match="distances must have at least one row"):
        function([], [])


def test_folds_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must fall into folds=3 of equal size, got 8; drop 2"):
        lfw_report(DISTANCES, SAME, folds=3)
    with pytest.raises(ValueError, match="got 4 of one person among 4 in fold 0; order the pairs fold after fold"):
        lfw_report(DISTANCES, np.repeat([True, False], 4), folds=2)
    with pytest.raises(ValueError, match="folds must be at least 2, got 1; for one curve without folds use roc"):
        lfw_report(DISTANCES, SAME, folds=1)
    with pytest.raises(TypeError, match="folds must be a whole number"):
        lfw_report(DISTANCES, SAME, folds=2.0)
    with pytest.raises(ValueError, match="false_accept_rate must be at least 0 and below 1, got 1"):
        lfw_report(DISTANCES, SAME, folds=2, false_accept_rate=1)
