import numpy as np
import pytest

from deepmedia.lessons.detection.darknets_weights.exercises import check_bytes, check_first_kernel, check_steady


@pytest.mark.parametrize("answer", [1192, 1192.0, np.int64(1192), np.array([1192])])
def test_the_length_counted_by_hand_is_accepted(answer):
    # 4 * 8 + 8 * 27 = 248 numbers, 5 + 5 * 8 = 45: 20 + 4 * 293.
    assert check_bytes(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (293, "each has 4 bytes"),
        (1172, "header is missing"),
        (313, "float32 has 4 bytes"),
        (1188, "before 0.2"),
        (1128, "Mean and variance"),
        (1064, "numbers of its own"),
        (1096, "four vectors"),
        (1224, "beta takes its place"),
        (1252, "has no normalisation"),
        (1172 + 0.4, "First convolution"),
        (616, "all 3 channels"),
        (1092, "8 maps of the first"),
        ("1192", "string"),
        ([1192, 20], "one number"),
    ],
)
def test_other_lengths_get_a_sentence_that_helps(answer, words):
    verdict = check_bytes(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def first_kernel(content, filters, channels, side, *, skip=None, order=(2, 3, 1, 0)):
    start = 20 + 16 * filters if skip is None else skip
    numbers = np.frombuffer(content, "<f4", filters * channels * side**2, start)
    return numbers.reshape(filters, channels, side, side).transpose(order)


def test_a_kernel_read_as_the_page_says_is_accepted():
    assert check_first_kernel(first_kernel).accepted
    assert check_first_kernel(lambda *a: first_kernel(*a).tolist()).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda *a: first_kernel(*a, skip=0), "start of the file"),
        (lambda c, f, *a: first_kernel(c, f, *a, skip=16 * f), "header of 20 bytes"),
        (lambda *a: first_kernel(*a, skip=20), "forgot the four vectors"),
        (lambda c, f, *a: first_kernel(c, f, *a, skip=20 + 4 * f), "left out one vector"),
        (lambda c, f, *a: first_kernel(c, f, *a, skip=16 + 16 * f), "began 4 bytes early"),
        (lambda *a: first_kernel(*a, order=(3, 2, 1, 0)), "height and width are exchanged"),
        (lambda *a: first_kernel(*a, order=(0, 1, 2, 3)), "has the shape (4, 3, 3, 3)"),
        (lambda c, f, i, s: first_kernel(c, f, i, s, order=(0, 1, 2, 3)).reshape(s, s, i, f), "to the new order of"),
        (lambda *a: first_kernel(*a) * 2, "print the first few"),
        (lambda *a: None, "None"),
        (lambda c, f, ch, s: c[9999], "raised IndexError"),
        (b"", "function itself"),
    ],
)  # fmt: skip
def test_other_kernels_get_a_sentence_that_helps(function, words):
    verdict = check_first_kernel(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def steady(scores, high, low):
    shown, result = False, []
    for score in scores:
        if score > high:
            shown = True
        elif score < low:
            shown = False
        result.append(shown)
    return result


@pytest.mark.parametrize("give", [list, tuple, np.array, lambda each: [int(value) for value in each]])
def test_two_thresholds_are_accepted(give):
    assert check_steady(lambda *a: give(steady(*a))).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda scores, high, low: [score > high for score in scores], "still goes out below the high"),
        (lambda scores, high, low: [score > low for score in scores], "appears above the low threshold already"),
        (lambda scores, high, low: [True] * len(scores), "low threshold already"),
        (lambda scores, high, low: [False] * len(scores), "it should be"),
        (lambda scores, high, low: steady(scores, high - 0.001, low), "it should be"),
        (lambda scores, high, low: scores[:1], "one value a frame"),
        (lambda scores, high, low: True, "list of True and False"),
        (lambda scores, high, low: scores.clear() or [], "changes the list of scores"),
        (lambda scores: scores, "raised TypeError"),
        (0.5, "function itself"),
    ],
)
def test_other_rules_get_a_sentence_that_helps(function, words):
    verdict = check_steady(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
