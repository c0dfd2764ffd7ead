"""Checkers of the exercises of the page "Images and convolution"."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.convolution import conv2d, conv2d_gradients
from deepmedia.cnn.receptive_field import Window, receptive_field
from deepmedia.lessons.judging import Verdict, unanswered

LAYERS = (Window(3), Window(2, stride=2), Window(3, dilation=2), Window(3))  # of the first exercise
BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256  # of the second


def check_field(answer: object) -> Verdict:
    """Judge the receptive field of the first exercise's four layers.

    Args:
        answer: The reader's number of pixels.

    Returns:
        Whether it is right; a forgotten stride or dilation is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (int, float, np.number)):
        return Verdict(False, "Give one number.")
    if answer == receptive_field(LAYERS)[-1][0]:
        return Verdict(True, "1 + 2 + 1 + 2 · 2 · 2 + 2 · 2 = 16 pixels.")
    without_stride = receptive_field([layer._replace(stride=1) for layer in LAYERS])[-1][0]
    without_dilation = receptive_field([layer._replace(dilation=1) for layer in LAYERS])[-1][0]
    if answer == without_stride:
        return Verdict(False, "After the pooling a step is two pixels of the image; yours is one.")
    if answer == without_dilation:
        return Verdict(False, "The third layer's dilation is missing: its weights are two steps apart.")
    return Verdict(False, "Go layer by layer: add (k - 1) · d · step, then multiply the step by the stride.")


def check_halve(answer: object) -> Verdict:
    """Judge a function that blurs a grey image and keeps each second row and column.

    Args:
        answer: The reader's function of an image, float (height, width).

    Returns:
        Whether it is right; picking without blur and other rows are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    for size in ((12, 14), (9, 11)):
        image = np.random.default_rng(0).random(size).astype(np.float32)
        small = _apply(answer, image)
        if isinstance(small, Verdict):
            return small
        blurred = conv2d(image[None, :, :, None], BINOMIAL[:, :, None, None])[0, :, :, 0]
        right = blurred[::2, ::2]
        if small.shape != right.shape:
            return Verdict(False, f"An image of shape {size} became one of {small.shape}; it should be {right.shape}.")
        if np.allclose(small, image[::2, ::2]):
            return Verdict(False, "You picked pixels without blurring them first.")
        if size == (12, 14) and np.allclose(small, blurred[1::2, 1::2], atol=1e-4):
            return Verdict(
                False,
                'Right blur, other pixels: on an even size, padding="same" with stride 2 starts at the second pixel. '
                "Filter with stride 1, then keep rows and columns 0, 2, 4, ...",
            )
        if not np.allclose(small, right, atol=1e-4):
            return Verdict(False, "The shape is right, the values are not: do the weights of your kernel add up to 1?")
    return Verdict(True, "Blurred first, then picked: fine patterns fade instead of turning into coarse ones.")


def check_image_gradient(answer: object) -> Verdict:
    """Judge a function that computes dL/d(images) of a convolution by another convolution.

    Args:
        answer: The reader's function of (upstream, kernels).

    Returns:
        Whether it agrees with `conv2d_gradients`; a kernel that is not turned is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    random = np.random.default_rng(0)
    upstream, kernels = random.normal(size=(2, 6, 7, 4)), random.normal(size=(3, 5, 3, 4))
    found = _apply(answer, upstream, kernels)
    if isinstance(found, Verdict):
        return found
    right, _ = conv2d_gradients(np.zeros((2, 6, 7, 3)), kernels, upstream)
    if found.shape != right.shape:
        return Verdict(False, f"The images have shape {right.shape}, your gradient has {found.shape}.")
    if np.allclose(found, right, atol=1e-4):
        return Verdict(True, "Back through a convolution goes a convolution with the turned kernel.")
    if np.allclose(found, conv2d(upstream, kernels.swapaxes(2, 3)), atol=1e-4):
        return Verdict(False, "The channels are right, but the kernel has to be turned: reverse its rows and columns.")
    return Verdict(False, "Reverse both the rows and the columns of the kernel, and swap its last two axes.")


def _apply(function: Callable, *arguments: NDArray) -> NDArray | Verdict:
    try:
        # copies: a function that works in place is judged by what it returns, against the arguments as they were
        return np.asarray(function(*(argument.copy() for argument in arguments)), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
