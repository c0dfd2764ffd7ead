"""Checkers of the exercises of the page "Images and convolution"."""

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.convolution import conv2d, conv2d_gradients
from deepmedia.cnn.receptive_field import Window, receptive_field
from deepmedia.lessons.judging import call_for_numbers, checker, compare, read_number

LAYERS = (Window(3), Window(2, stride=2), Window(3, dilation=2), Window(3))  # of the first exercise
BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256  # of the second


@checker
def check_field(answer: object) -> str:
    """Judge the receptive field of the first exercise's four layers, in pixels."""
    right, without_stride, without_dilation = (
        receptive_field([layer._replace(**changes) for layer in LAYERS])[-1][0]
        for changes in ({}, {"stride": 1}, {"dilation": 1})
    )
    slips = (
        (without_stride, "After the pooling a step is two pixels of the image; yours is one."),
        (without_dilation, "The third layer's dilation is missing: its weights are two steps apart."),
    )
    hint = "Go layer by layer: add (k - 1) · d · step, then multiply the step by the stride."
    compare(read_number(answer), right, slips, hint=hint)
    return "1 + 2 + 1 + 2 · 2 · 2 + 2 · 2 = 16 pixels."


@checker
def check_halve(answer: object) -> str:
    """Judge a function of a grey image (height, width) that blurs it and keeps each second row and column."""
    for size in ((12, 14), (9, 11)):
        image = np.random.default_rng(0).random(size).astype(np.float32)
        blurred = _blurred(image)
        right = blurred[::2, ::2]
        wanted = f"For an image of shape {size} the result should have the shape {right.shape}"
        compare(
            call_for_numbers(answer, image, shape=right.shape, wanted=wanted),
            right,
            (
                (image[::2, ::2], "You picked pixels without blurring them first."),
                (_blurred(image[::2, ::2]), "You picked first and blurred afterwards; by then the harm is done."),
                (
                    cv2.pyrDown(image),
                    "Right inside, but OpenCV's pyrDown mirrors the image at its border, and here zeros lie beyond it.",
                ),
                (
                    blurred[1::2, 1::2],
                    'Right blur, other pixels: on an even size, padding="same" with stride 2 starts at the second '
                    "pixel. Filter with stride 1, then keep rows and columns 0, 2, 4, ...",
                ),
            ),
            hint="The shape is right, the values are not: do the weights of your kernel add up to 1?",
            atol=1e-4,
        )
    return "Blurred first, then picked: fine patterns fade instead of turning into coarse ones."


def _blurred(image: NDArray[np.float32]) -> NDArray:
    """An image (height, width) after the kernel of the second exercise, with zeros beyond its border."""
    return conv2d(image[None, :, :, None], BINOMIAL[:, :, None, None])[0, :, :, 0]


@checker
def check_image_gradient(answer: object) -> str:
    """Judge a function of (upstream, kernels) that computes dL/d(images) of a convolution by another convolution."""
    random = np.random.default_rng(0)
    upstream, kernels = random.normal(size=(2, 6, 7, 4)), random.normal(size=(3, 5, 3, 4))
    right, _ = conv2d_gradients(np.zeros((2, 6, 7, 3)), kernels, upstream)
    wanted = f"The images have shape {right.shape}, and so should your gradient"
    straight = conv2d(upstream, kernels.swapaxes(2, 3))
    compare(
        call_for_numbers(answer, upstream, kernels, shape=right.shape, wanted=wanted),
        right,
        [(straight, "The channels are right, but the kernel has to be turned: reverse its rows and columns.")],
        hint="Reverse both the rows and the columns of the kernel, and swap its last two axes.",
        atol=1e-4,
    )
    return "Back through a convolution goes a convolution with the turned kernel."
