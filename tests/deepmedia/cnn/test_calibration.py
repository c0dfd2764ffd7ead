import numpy as np
import pytest

from deepmedia.cnn.calibration import (
    _slope,
    cross_entropy,
    error_by_chance,
    fit_temperature,
    probabilities_at,
    reliability,
)


def drawn_cases(n=4000, classes=5, temperature=1.0, seed=0):
    """Logits and labels of a network that divides by the wrong temperature."""
    generator = np.random.default_rng(seed)
    honest = generator.normal(0, 2, (n, classes))
    odds = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    labels = np.array([generator.choice(classes, p=row) for row in odds])
    return honest * temperature, labels


def test_reliability_matches_a_table_made_by_hand():
    probabilities = [[0.6, 0.4], [0.3, 0.7], [0.9, 0.1], [0.95, 0.05], [0.2, 0.8]]
    labels = [0, 0, 0, 1, 1]
    # Bins of two: 0 to 0.5 is empty, (0.5, 1] has all five, of which the first, third and fifth are right.
    table = reliability(probabilities, labels, bins=2)
    assert table.counts.tolist() == [0, 5]
    assert np.isnan(table.accuracy[0])
    assert np.isnan(table.confidence[0])
    np.testing.assert_allclose([table.accuracy[1], table.confidence[1]], [3 / 5, 3.95 / 5])
    np.testing.assert_allclose(table.expected_error, 3.95 / 5 - 3 / 5)


def test_the_error_weighs_each_bin_by_its_answers_and_ignores_the_sign():
    # Bin (0.5, 0.75]: confidence 0.6, one right of one. Bin (0.75, 1]: confidence 0.9, one right of three.
    probabilities = [[0.6, 0.4], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]
    table = reliability(probabilities, [0, 0, 1, 1], bins=4)
    np.testing.assert_allclose(table.expected_error, 1 / 4 * 0.4 + 3 / 4 * (0.9 - 1 / 3))


def test_a_value_on_an_edge_belongs_to_the_lower_bin():
    table = reliability([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]], [0, 0, 0], bins=4)
    assert table.counts.tolist() == [0, 1, 1, 1]


def test_every_case_lies_in_the_bin_that_a_loop_finds():
    logits, labels = drawn_cases(300)
    probabilities = probabilities_at(logits)
    table = reliability(probabilities, labels, bins=7)
    for number in range(7):
        low, high = number / 7, (number + 1) / 7
        inside = [(row.max(), row.argmax() == c) for row, c in zip(probabilities, labels, strict=True)
                  if low < row.max() <= high]  # fmt: skip
        assert table.counts[number] == len(inside)
        if inside:
            sure, right = np.mean(inside, axis=0)
            np.testing.assert_allclose([table.confidence[number], table.accuracy[number]], [sure, right])


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_the_temperature_that_distorted_the_logits_is_found(temperature):
    assert fit_temperature(*drawn_cases(temperature=temperature)) == pytest.approx(temperature, rel=0.06)


def test_at_the_best_temperature_the_labels_logits_equal_those_expected():
    # The derivative of the loss by 1/T: mean of z_label minus mean of sum_k p_k z_k.
    logits, labels = drawn_cases(500, temperature=2.0)
    probabilities = probabilities_at(logits, fit_temperature(logits, labels))
    expected = np.mean(np.sum(probabilities * logits, axis=1))
    assert np.mean(logits[np.arange(500), labels]) == pytest.approx(expected, abs=1e-4)


def test_no_other_temperature_has_a_lower_loss():
    logits, labels = drawn_cases(500, temperature=2.0)
    best = fit_temperature(logits, labels)
    losses = [cross_entropy(logits / t, labels) for t in best * np.linspace(0.3, 3, 100)]
    assert cross_entropy(logits / best, labels) <= min(losses) + 1e-9


def test_the_temperature_changes_no_answer():
    logits, _ = drawn_cases(200)
    for temperature in (0.1, 5):
        np.testing.assert_array_equal(probabilities_at(logits, temperature).argmax(axis=1), logits.argmax(axis=1))


def test_a_network_that_is_always_right_has_no_best_temperature():
    logits, _ = drawn_cases(50)
    with pytest.raises(ValueError, match=r"no temperature .* for these 50 cases.*use more validation data"):
        fit_temperature(logits, logits.argmax(axis=1))


@pytest.mark.parametrize("scale", [1e-3, 0.3, 1, 8, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_separable_logits_have_no_best_temperature_whatever_their_size(scale, seed):
    # The colder, the lower the loss; below some temperature it is 0 to the last digit, and no lower one is best.
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, 200)
    logits = np.eye(3)[labels] * 5 + generator.uniform(-1, 1, (200, 3))
    with pytest.raises(ValueError, match=r"no temperature .*are all of them right"):
        fit_temperature(scale * logits, labels)


def test_one_wrong_answer_in_separable_logits_gives_the_temperature_done_by_hand():
    # 99 right answers and one wrong one, each by 4: the best probability is 0.99, so 4 / T = ln(99).
    logits = np.tile([4.0, 0.0], (100, 1))
    assert fit_temperature(logits, [0] * 99 + [1]) == pytest.approx(4 / np.log(99), rel=1e-9)


def test_logits_that_are_all_equal_have_no_best_temperature():
    with pytest.raises(ValueError, match="all answers noise"):
        fit_temperature(np.ones((4, 3)), [0, 1, 2, 0])


def test_the_slope_is_that_of_the_loss_by_differences():
    logits, labels = drawn_cases(200)
    ahead, step = logits - logits[np.arange(200), labels][:, None], 1e-5
    for temperature in (0.3, 1.0, 4.0):
        colder, warmer = (cross_entropy(logits / (temperature + sign * step), labels) for sign in (-1, 1))
        expected = (warmer - colder) / (2 * step) * temperature**2
        assert _slope(temperature, ahead) == pytest.approx(expected, rel=1e-5)


def test_a_network_that_knows_nothing_has_no_best_temperature():
    logits, _ = drawn_cases(50)
    with pytest.raises(ValueError, match="answers noise"):
        fit_temperature(logits, logits.argmin(axis=1))


def test_cross_entropy_matches_logarithms_by_hand():
    logits = np.log([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]) + 3  # a constant changes nothing
    np.testing.assert_allclose(cross_entropy(logits, [1, 2]), -(np.log(0.25) + np.log(0.7)) / 2)


def test_huge_logits_give_finite_probabilities():
    np.testing.assert_allclose(probabilities_at([[1e4, 0.0, -1e4]]), [[1, 0, 0]])


def test_an_honest_network_shows_the_error_of_chance_and_a_distorted_one_more():
    logits, labels = drawn_cases(1000)
    honest, sure = probabilities_at(logits), probabilities_at(logits, 0.5)
    mean, limit = error_by_chance(honest)
    assert 0 < mean < limit
    assert reliability(honest, labels).expected_error < limit
    assert reliability(sure, labels).expected_error > 2 * error_by_chance(sure)[1]


def test_the_error_of_chance_is_that_of_labels_drawn_by_the_probabilities():
    probabilities = probabilities_at(drawn_cases(400)[0])
    generator = np.random.default_rng(7)
    errors = []
    for _ in range(200):
        labels = [generator.choice(5, p=row) for row in probabilities]
        errors.append(reliability(probabilities, labels, bins=5).expected_error)
    mean, limit = error_by_chance(probabilities, bins=5)
    assert mean == pytest.approx(np.mean(errors), rel=0.1)
    assert limit == pytest.approx(np.quantile(errors, 0.95), rel=0.2)


@pytest.mark.parametrize(
    ("probabilities", "labels", "words"),
    [
        ([[0.5, 0.5]], [0, 1], r"shapes \(1, 2\), \(2,\)"),
        ([], [], "n at least 1"),
        ([[2.0, -1.0]], [0], "got -1 as the least and sums from 1 to 1; are they logits"),
        (
            [[0.5, 0.75], [0.25, 0.5]],
            [0, 0],
            "add up to 1 in each row, got 0.25 as the least and sums from 0.75 to 1.25",
        ),
        ([[0.5, 0.5], [0.5, 0.5]], [1, 2], "integers from 0 to 1, the columns of probabilities, got int64 from 1 to 2"),
        ([[0.5, 0.5]], [-1], "integers from 0 to 1, .*got int64 from -1 to -1"),
        ([[0.5, 0.5]], [0.5], "integers from 0 to 1, .*got float64 from 0.5 to 0.5"),
        ([[0.5, 0.5]], ["coat"], "integers from 0 to 1, .*got <U4 from coat to coat"),
        ([[0.5, np.nan]], [0], "probabilities must be finite, got 1 NaN or infinite values; did the training diverge"),
    ],
)
def test_impossible_input_is_refused(probabilities, labels, words):
    with pytest.raises(ValueError, match=words):
        reliability(probabilities, labels)


def test_no_bins_and_no_warmth_are_refused():
    with pytest.raises(ValueError, match="bins must be at least 1"):
        reliability([[0.5, 0.5]], [0], bins=0)
    with pytest.raises(ValueError, match="temperature must be above 0"):
        probabilities_at([[0.0, 1.0]], 0)


@pytest.mark.parametrize("judge", [fit_temperature, cross_entropy])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_of_a_diverged_training_are_refused(judge, value):
    logits, labels = drawn_cases(20)
    logits[3, :2] = value
    with pytest.raises(
        ValueError, match=r"logits must be finite, got 2 NaN or infinite values; did the training diverge"
    ):
        judge(logits, labels)


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        ([[3.0, 1.0]], "sums from 4 to 4; are they logits"),
        ([[0.5, np.nan]], "sums from nan to nan"),
        ([0.5, 0.5], r"\(n, classes\) with n at least 1, got shape \(2,\)"),
        (np.zeros((0, 2)), r"n at least 1, got shape \(0, 2\)"),
    ],
)
def test_the_error_of_chance_refuses_what_are_no_probabilities(probabilities, words):
    with pytest.raises(ValueError, match=words):
        error_by_chance(probabilities)
