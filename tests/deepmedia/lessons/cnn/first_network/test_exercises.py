import numpy as np
import pytest

from deepmedia.lessons.cnn.first_network.exercises import check_parameters, check_precision, check_shift

CONFUSION = np.array([[8, 2, 0], [3, 6, 1], [0, 0, 10]])


def test_the_right_count_is_accepted():
    assert check_parameters((3 * 3 * 32 + 1) * 64).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (18432, "bias"),
        (np.int64(18432), "bias"),
        (640, "all 32 feature maps"),
        (18497, "Count one kernel"),
        ("many", "Give one number"),
        (np.array([18496, 18496]), "Give one number"),
    ],
)
def test_wrong_counts_are_rejected_with_their_reason(answer, word):
    verdict = check_parameters(answer)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_precision_is_accepted():
    assert check_precision([8 / 11, 6 / 8, 10 / 11], CONFUSION).accepted
    assert check_precision([0.727, 0.75, 0.909], CONFUSION).accepted  # rounded to three places


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ([0.8, 0.6, 1.0], "That is recall"),
        ([0.8, 0.6], "each of the 3 classes"),
        ("x", "one number for each of the 3 classes"),
        ([0.8, [0.6, 1.0]], "one number for each of the 3 classes"),
        (None, "one number for each of the 3 classes"),
        ([0.5, 0.5, 0.5], "sum of its column"),
    ],
)
def test_wrong_precisions_are_rejected_with_their_reason(answer, word):
    verdict = check_precision(answer, CONFUSION)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize("value", [0, np.nan])
def test_a_class_that_was_never_called_may_have_any_precision(value):
    confusion = np.array([[8, 2, 0], [3, 6, 0], [1, 3, 0]])
    assert check_precision([8 / 12, 6 / 11, value], confusion).accepted
    assert "sum of its column" in check_precision([0.5, 6 / 11, value], confusion).text
    assert "That is recall" in check_precision([0.8, 6 / 9, 0], confusion).text


def right_shift(images, pixels):
    padded = np.pad(images, ((0, 0), (0, 0), (pixels, 0)))
    return padded[:, :, : images.shape[2]]


def changing_shift(images, pixels):
    images[:] = right_shift(images, pixels)
    return images


def left_shift(images, pixels):
    return np.pad(images, ((0, 0), (0, 0), (0, pixels)))[:, :, pixels:]


def down_shift(images, pixels):
    return right_shift(images.swapaxes(1, 2), pixels).swapaxes(1, 2)


def test_the_right_shift_is_accepted():
    assert check_shift(right_shift).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda images, pixels: np.roll(images, pixels, axis=2), "comes back on the left"),
        (left_shift, "to the left"),
        (changing_shift, "work on a copy"),
        (down_shift, "became"),
        (lambda images, pixels: images, "became"),
        (lambda images, pixels: images[:, :, pixels:], "the shape should stay"),
        (lambda images, pixels: images[:, :, :-pixels] + images, "raised ValueError"),
        (lambda images: images, "raised TypeError"),
        (np.zeros(3), "Give the function itself"),
    ],
)
def test_wrong_shifts_are_rejected_with_their_reason(function, word):
    verdict = check_shift(function)
    assert not verdict.accepted
    assert word in verdict.text
