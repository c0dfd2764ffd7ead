"""Checkers of the exercises of the page "Looking inside"."""

import keras
import numpy as np
from numpy.typing import ArrayLike

from deepmedia.cnn.attribution import grad_cam, mass_inside, peak_inside, resize_maps
from deepmedia.lessons.cnn.looking_inside.clutter import Marked
from deepmedia.lessons.cnn.looking_inside.network import STAGES
from deepmedia.lessons.judging import NotYet, call_for_numbers, checker, compare, read_numbers

# The maps and gradients of the first exercise, (2 maps, 2 rows, 2 columns).
MAPS = np.array([[[3, 0], [1, 5]], [[0, 4], [2, 2]]])
GRADIENTS = np.array([[[2, 2], [0, 0]], [[0, -2], [-2, 0]]])


@checker
def check_grad_cam(answer: object) -> str:
    """Judge a Grad-CAM map of 2 x 2 numbers, computed by hand from two maps and their gradients."""
    signed = np.tensordot(GRADIENTS.mean(axis=(1, 2)), MAPS, axes=1)
    each = np.maximum((GRADIENTS * MAPS).sum(axis=0), 0)
    slips = (
        (signed, "The sum is right; the ReLU is missing."),
        (4 * np.maximum(signed, 0), "The weights are means of the four gradients; you took their sums."),
        (4 * signed, "The weights are means of the four gradients, not sums, and the ReLU is missing."),
        (each, "You multiplied each value by its own gradient; average the gradients of a map first."),
        (MAPS.sum(axis=0), "You added the maps; each has a weight, the mean of its gradients."),
    )
    hint = "First average the gradients of each map: two weights. Then add the weighted maps, then ReLU."
    found = read_numbers(answer, (2, 2), "Give two rows of two numbers, such as [[1, 2], [3, 4]]")
    compare(found, np.maximum(signed, 0), slips, hint=hint)
    return "The weights are 1 and -1: the map is the first one less the second, cut off at 0."


@checker
def check_layers(answer: object, model: keras.Model, scenes: Marked, classes: ArrayLike) -> str:
    """Judge the share of Grad-CAM's mass inside the boxes, for each of the four stages.

    Args:
        answer: The reader's four shares, from the first stage to the last.
        model: A `localising_network`.
        scenes: Scenes with their boxes.
        classes: Class that each map explains, integers (n,).
    """
    wanted = f"Give {len(STAGES)} numbers, one for each stage: the mean over the scenes"
    found = read_numbers(answer, (len(STAGES),), wanted)
    names = [f"stage{number}_relu" for number in range(1, len(STAGES) + 1)]
    size = scenes.images.shape[1], scenes.images.shape[2]
    maps = [resize_maps(grad_cam(model, scenes.images, classes, layer=name), size) for name in names]
    mass, peaks = (np.array([inside(m, scenes.boxes).mean() for m in maps]) for inside in (mass_inside, peak_inside))
    slips = (
        (mass[::-1], "The values are right, but in reverse order: begin with the first stage."),
        (peaks, "These are the shares of peaks inside the box; the exercise asks for the mass."),
    )
    hint = "Explain each scene's own answer, enlarge the maps to 56 × 56, and average `mass_inside`."
    compare(found, mass, slips, hint=hint, atol=5e-3)
    return "Each share is the mean over the scenes of the mass inside the box."


@checker
def check_cover(answer: object) -> str:
    """Judge a function of (image, heat, share) that blackens the share of pixels of an image where a map is largest."""
    image = np.linspace(0.2, 1, 20, dtype=np.float32).reshape(4, 5, 1)
    rank = np.random.default_rng(0).permutation(20).reshape(4, 5)
    heat = (rank.astype(np.float32) / 19) ** 3
    for share in (0.0, 0.25, 0.13, 0.5, 1.0):  # 0.13 of 20 pixels are 2.6, so 3
        at, number = f"With share={share} ", round(share * rank.size)
        wanted = f"{at}the shape should stay {image.shape}"
        found = call_for_numbers(answer, image, heat, share, shape=image.shape, wanted=wanted, at=at, kept="the image")
        black = found[..., 0] == 0
        if black.sum() != number:
            raise NotYet(f"{at}of {rank.size} pixels, {black.sum()} became black, not {number}.")
        if not np.array_equal(black, rank >= rank.size - number):
            smallest = np.array_equal(black, rank < number)
            raise NotYet("Your function covers the smallest values." if smallest else "Other pixels became black.")
        compare(found[~black], image[~black], hint="Pixels that are not covered should stay as they were.")
    return "The pixels with the largest values are black, the others as they were."
