"""Checkers of the exercises of the page "Looking inside"."""

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.cnn.attribution import grad_cam, mass_inside, peak_inside, resize_maps
from deepmedia.lessons.cnn.looking_inside.clutter import Marked
from deepmedia.lessons.cnn.looking_inside.network import STAGES
from deepmedia.lessons.judging import Verdict, unanswered

# The maps and gradients of the first exercise, (2 maps, 2 rows, 2 columns).
# [maps]
MAPS = np.array([[[3, 0], [1, 5]], [[0, 4], [2, 2]]])
GRADIENTS = np.array([[[2, 2], [0, 0]], [[0, -2], [-2, 0]]])
# [/maps]


def check_grad_cam(answer: object) -> Verdict:
    """Judge a Grad-CAM map computed by hand from two maps and their gradients.

    Args:
        answer: The reader's 2 x 2 numbers.

    Returns:
        Whether they are right; for the usual slips, which one it is.
    """
    if verdict := unanswered(answer):
        return verdict
    found = _as_numbers(answer)
    if found is None or found.shape != (2, 2):
        return Verdict(False, "Give two rows of two numbers, such as [[1, 2], [3, 4]].")
    signed = np.tensordot(GRADIENTS.mean(axis=(1, 2)), MAPS, axes=1)
    if np.allclose(found, np.maximum(signed, 0)):
        return Verdict(True, "The weights are 1 and -1: the map is the first one less the second, cut off at 0.")
    slips = [
        (signed, "The sum is right; the ReLU is missing."),
        (4 * np.maximum(signed, 0), "The weights are means of the four gradients; you took their sums."),
        (4 * signed, "The weights are means of the four gradients, not sums, and the ReLU is missing."),
        (
            np.maximum((GRADIENTS * MAPS).sum(axis=0), 0),
            "You multiplied each value by its own gradient; average the gradients of a map first.",
        ),
        (np.maximum(MAPS.sum(axis=0), 0), "You added the maps; each has a weight, the mean of its gradients."),
    ]
    for slip, sentence in slips:
        if np.allclose(found, slip):
            return Verdict(False, sentence)
    return Verdict(
        False, "First average the gradients of each map: two weights. Then add the weighted maps, then ReLU."
    )


def check_layers(answer: object, model: keras.Model, scenes: Marked, classes: ArrayLike) -> Verdict:
    """Judge the share of Grad-CAM's mass inside the boxes, for each of the four stages.

    Args:
        answer: The reader's four shares, from the first stage to the last.
        model: A `localising_network`.
        scenes: Scenes with their boxes.
        classes: Class that each map explains, integers (n,).

    Returns:
        Whether they are right; a reversed order, percentages and shares of peaks are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    found = _as_numbers(answer)
    if found is None or found.shape != (len(STAGES),):
        return Verdict(False, f"Give {len(STAGES)} numbers, one for each stage: the mean over the scenes.")
    names = [f"stage{number}_relu" for number in range(1, len(STAGES) + 1)]
    size = scenes.images.shape[1], scenes.images.shape[2]
    maps = [resize_maps(grad_cam(model, scenes.images, classes, layer=name), size) for name in names]
    mass = np.array([mass_inside(each, scenes.boxes).mean() for each in maps])
    if np.allclose(found, mass, atol=5e-3):
        return Verdict(True, "Each share is the mean over the scenes of the mass inside the box.")
    if np.allclose(found, mass[::-1], atol=5e-3):
        return Verdict(False, "The values are right, but in reverse order: begin with the first stage.")
    if np.allclose(found, 100 * mass, atol=0.5):
        return Verdict(False, "Give shares between 0 and 1, not percentages.")
    if np.allclose(found, [peak_inside(each, scenes.boxes).mean() for each in maps], atol=5e-3):
        return Verdict(False, "These are the shares of peaks inside the box; the exercise asks for the mass.")
    return Verdict(False, "Explain each scene's own answer, enlarge the maps to 56 × 56, and average `mass_inside`.")


def check_cover(answer: object) -> Verdict:
    """Judge a function that blackens the pixels of an image where a map is largest.

    Args:
        answer: The reader's function of (image, heat, share).

    Returns:
        Whether it covers what it should; covering the smallest values, a wrong
        number of pixels and changing the argument are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    image = np.linspace(0.2, 1, 20, dtype=np.float32).reshape(4, 5, 1)
    heat = np.random.default_rng(0).permutation(20).reshape(4, 5).astype(np.float32)
    for share in (0.0, 0.25, 0.5, 1.0):
        verdict = _judge_cover(answer, image, heat, share)
        if verdict is not None:
            return verdict
    return Verdict(True, "The pixels with the largest values are black, the others as they were.")


def _judge_cover(function: Callable, image: NDArray, heat: NDArray, share: float) -> Verdict | None:
    kept = image.copy()
    try:
        found = np.asarray(function(image, heat, share), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"With share={share} your function raised {type(error).__name__}: {error}")
    if not np.array_equal(image, kept):
        return Verdict(False, "Your function changes the image it is given; work on a copy.")
    if found.shape != image.shape:
        return Verdict(False, f"With share={share} the shape changed from {image.shape} to {found.shape}.")
    number, black = round(share * heat.size), found[..., 0] == 0
    if black.sum() != number:
        return Verdict(False, f"With share={share} of {heat.size} pixels, {black.sum()} became black, not {number}.")
    if not np.array_equal(black, heat >= heat.size - number):  # the values of heat are 0 to 19
        few = np.array_equal(black, heat < number)
        return Verdict(False, "Your function covers the smallest values." if few else "Other pixels became black.")
    if not np.allclose(found[~black], image[~black]):
        return Verdict(False, "Pixels that are not covered should stay as they were.")
    return None


def _as_numbers(answer: object) -> NDArray[np.float64] | None:
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return None
