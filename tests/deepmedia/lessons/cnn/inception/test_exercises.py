import numpy as np
import pytest

from deepmedia.lessons.cnn.inception.exercises import check_bottleneck_cost, check_separate, check_smoothing


def test_the_right_cost_is_accepted():
    # 14·14·480·16 + 14·14·16·48·25
    assert check_bottleneck_cost(1_505_280 + 3_763_200).accepted
    assert check_bottleneck_cost(np.int64(5_268_480)).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (112_896_000, "without the bottleneck"),
        (3_763_200, "left out the bottleneck"),
        (1_505_280, "left out the 5 × 5"),
        (26_880, "one place"),
        (114_401_280, "reads 16 maps"),
        (7, "add two"),
        (np.int64(112_896_000), "without the bottleneck"),
        ("many", "Give one number"),
        (np.array([5_268_480, 1]), "Give one number"),
        ([5_268_480], "Give one number"),
    ],
)
def test_wrong_costs_are_rejected_with_their_reason(answer, word):
    verdict = check_bottleneck_cost(answer)
    assert not verdict.accepted
    assert word in verdict.text


def smoothed(labels, classes, smoothing):
    rows = [[smoothing / classes + (1 - smoothing) * (k == label) for k in range(classes)] for label in labels]
    return np.array(rows)


def only_others(labels, classes, smoothing):
    rows = [[1 - smoothing if k == label else smoothing / (classes - 1) for k in range(classes)] for label in labels]
    return np.array(rows)


def test_the_right_smoothing_is_accepted():
    assert check_smoothing(smoothed).accepted
    assert check_smoothing(lambda *arguments: smoothed(*arguments).tolist()).accepted


def test_a_function_that_changes_its_labels_is_judged_by_what_it_gives():
    def answer(labels, classes, smoothing):
        rows = smoothed(labels, classes, smoothing)
        labels[:] = 0
        return rows

    assert check_smoothing(answer).accepted


def with_row_1(change):
    """Right but for the second row."""

    def answer(labels, classes, smoothing):
        rows = smoothed(labels, classes, smoothing)
        rows[1] = change(rows[1])
        return rows

    return answer


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (only_others, "own class"),
        (lambda labels, classes, smoothing: np.eye(classes)[labels] + smoothing / classes, "must add up to 1"),
        (lambda labels, classes, smoothing: np.eye(classes)[labels], "you gave"),
        (with_row_1(lambda row: 2 * row), "one has 2.000"),
        (with_row_1(lambda row: row[::-1]), "label 0 you gave [0. 0. 0. 1.]"),
        (lambda labels, classes, smoothing: labels, "shape should be"),
        (lambda labels: labels, "raised TypeError"),
        (np.eye(4), "Give the function itself"),
    ],
)
def test_wrong_smoothings_are_rejected_with_their_reason(function, word):
    verdict = check_smoothing(function)
    assert not verdict.accepted
    assert word in verdict.text


def separated(kernel):
    left, values, right = np.linalg.svd(kernel)
    return left[:, 0] * values[0], right[0]


def by_the_middle(kernel):
    middle = len(kernel) // 2
    return kernel[:, middle] / kernel[middle, middle], kernel[middle]


def test_the_right_separation_is_accepted_whatever_its_sign_and_scale():
    assert check_separate(separated).accepted
    assert check_separate(lambda kernel: [-2 * separated(kernel)[0], -separated(kernel)[1] / 2]).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (by_the_middle, "times as far from it as the nearest"),
        (lambda kernel: separated(kernel)[::-1], "swapped"),
        (lambda kernel: (separated(kernel)[0], 2 * separated(kernel)[1]), "differs from it"),
        (lambda kernel: (np.linalg.svd(kernel)[0][:, 0], np.linalg.svd(kernel)[2][0]), "first singular value"),
        (lambda kernel: (kernel, kernel), "numbers each"),
        (lambda kernel: kernel[0], "numbers each; the result has 7 parts"),
        (lambda: 3, "raised TypeError"),
        (3, "Give the function itself"),
    ],
)
def test_wrong_separations_are_rejected_with_their_reason(function, word):
    verdict = check_separate(function)
    assert not verdict.accepted
    assert word in verdict.text
