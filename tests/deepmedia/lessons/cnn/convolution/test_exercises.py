import cv2
import numpy as np
import pytest

from deepmedia.cnn.convolution import conv2d
from deepmedia.cnn.filters import BOX, filter_image
from deepmedia.lessons.cnn.convolution.exercises import BINOMIAL, check_field, check_halve, check_image_gradient


def test_the_right_field_is_accepted():
    # 3, 4 (step 2), + 2 * 2 * 2 = 12, + 2 * 2 = 16
    assert check_field(16).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [(10, "two pixels of the image"), (12, "dilation is missing"), (9, "layer by layer")]
    + [(answer, "Give one number") for answer in (np.array([16, 16]), [16], "many", None)],
)
def test_wrong_fields_are_rejected_with_their_reason(answer, word):
    verdict = check_field(answer)
    assert not verdict.accepted
    assert word in verdict.text


def test_a_number_of_numpys_is_a_number():
    assert check_field(np.int64(16)).accepted
    assert "dilation is missing" in check_field(np.int64(12)).text


def halve(image):
    return filter_image(image, BINOMIAL)[::2, ::2]


def halve_by_opencv(image):
    return cv2.filter2D(image, -1, BINOMIAL, borderType=cv2.BORDER_CONSTANT)[::2, ::2]


@pytest.mark.parametrize("function", [halve, halve_by_opencv])
def test_the_right_halving_is_accepted(function):
    assert check_halve(function).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda image: image[::2, ::2], "without blurring"),
        (lambda image: filter_image(image[::2, ::2], BINOMIAL), "picked first"),
        (cv2.pyrDown, "mirrors the image"),
        (lambda image: filter_image(image, BINOMIAL, stride=2), "starts at the second pixel"),
        (
            lambda image: filter_image(image, BINOMIAL),
            "the result should have the shape (6, 7); the result has the shape (12, 14)",
        ),
        (lambda image: filter_image(image, BOX)[::2, ::2], "add up to 1"),
        (lambda image: filter_image(image, BINOMIAL * 256)[::2, ::2], "add up to 1"),
        (lambda image: np.multiply(image, 0, out=image)[::2, ::2], "add up to 1"),
        (lambda image: image + np.ones(3), "raised ValueError"),
        (np.zeros((3, 3)), "function itself"),
    ],
)
def test_wrong_halvings_are_rejected_with_their_reason(function, word):
    verdict = check_halve(function)
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_gradient_is_accepted():
    assert check_image_gradient(lambda upstream, kernels: conv2d(upstream, kernels[::-1, ::-1].swapaxes(2, 3))).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda upstream, kernels: conv2d(upstream, kernels.swapaxes(2, 3)), "has to be turned"),
        (lambda upstream, kernels: conv2d(upstream, kernels[::-1].swapaxes(2, 3)), "both the rows and the columns"),
        (lambda upstream, kernels: conv2d(upstream, kernels[::-1, ::-1]), "raised ValueError"),
        (lambda upstream, kernels: np.multiply(upstream, 0, out=upstream)[..., :3], "both the rows and the columns"),
        (lambda upstream, kernels: upstream, "have shape"),
        (3, "function itself"),
    ],
)
def test_wrong_gradients_are_rejected_with_their_reason(function, word):
    verdict = check_image_gradient(function)
    assert not verdict.accepted
    assert word in verdict.text
