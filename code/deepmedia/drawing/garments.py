"""Garments as stencils: the silhouette cut out of a photograph of Fashion-MNIST."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from deepmedia.datasets import FASHION_CLASSES, fashion_mnist
from deepmedia.drawing.stencils import INTERPOLATING, MARGIN, ROUNDING, Stencil, enlarge

SPLITS = ("train", "validation", "test")
VALIDATION = 400  # of each class of the training sample, the last ones
DARKEST_PAPER = 8  # a pixel up to this is background, or a white place within the garment
THICK = 2  # pixels; through a hole nearer to the outline one sees what is behind, as under the handle of a bag
SMALL = 14  # pixels; but a hole up to this is a white place of a pattern
EDGE = 3  # a pixel of the outline covers so many times its value


@cache
def garments(split: str) -> list[NDArray[np.uint8]]:
    """The garments of a split by class, each uint8 (n, 28, 28), 0 (background) to 255.

    Args:
        split: ``"train"`` (1,600 of each class), ``"validation"`` (400) or ``"test"`` (200).
    """
    images, labels = fashion_mnist("test" if split == "test" else "train")
    by_class = [images[labels == label] for label in range(len(FASHION_CLASSES))]
    if split == "validation":
        return [each[-VALIDATION:] for each in by_class]
    return [each[:-VALIDATION] for each in by_class] if split == "train" else by_class


def silhouette(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The pixels that a garment fills, the white places within it among them: white as its paper.

    Args:
        image: uint8 (height, width), with a margin that is empty.
    """
    shape = image > DARKEST_PAPER
    holes, count = ndimage.label(~shape)  # the first is the paper around
    if count == 1:
        return shape
    near = holes == 1
    for _ in range(THICK):
        near = _around(near.astype(np.uint8)) > 0
    filled = np.ones(count + 1, bool)
    filled[holes[near]] = False
    filled[np.bincount(holes.reshape(-1)) <= SMALL] = True
    return shape | filled[holes]


def garment_stencil(image: NDArray[np.uint8]) -> Stencil:
    """A garment cut out of its photograph.

    Args:
        image: uint8 (28, 28), 0 (background) to 255, as in `garments`.
    """
    paper = np.pad(image, MARGIN)
    shape = silhouette(paper)
    within = np.zeros_like(shape)
    within[1:-1, 1:-1] = shape[1:-1, 1:-1] & shape[:-2, 1:-1] & shape[2:, 1:-1] & shape[1:-1, :-2] & shape[1:-1, 2:]
    outline = np.minimum(paper.astype(np.int64) * EDGE, 255)
    cover = np.where(within, 255, np.where(shape, outline, 0)).astype(np.uint8)
    return Stencil(enlarge(_without_rim(paper, shape, within), INTERPOLATING), enlarge(cover, ROUNDING))


def _without_rim(image: NDArray[np.uint8], shape: NDArray[np.bool_], within: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The tones of a garment, continued beyond its outline.

    At the outline cloth and paper were mixed, which would leave a light rim all around: such a pixel is at least as
    dark as its neighbours within the garment.
    """
    values = np.where(shape, np.maximum(image, _mean_around(image, within)), 0)
    for _ in range(2):
        values = np.where(shape, values, _mean_around(values, shape))
        shape = _around(shape.astype(np.int64)) > 0
    return values.astype(np.uint8)


def _mean_around(image: NDArray, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The mean of the known pixels among the 3 x 3 around each that is not known itself; 0 elsewhere."""
    total, count = _around(np.where(known, image, 0).astype(np.int64)), _around(known.astype(np.int64))
    return np.where(known, 0, total // np.maximum(count, 1))


def _around(values: NDArray) -> NDArray:
    """The sum over the 3 x 3 pixels around each; the picture's margin is empty."""
    rows = values.copy()
    rows[1:] += values[:-1]
    rows[:-1] += values[1:]
    sums = rows.copy()
    sums[:, 1:] += rows[:, :-1]
    sums[:, :-1] += rows[:, 1:]
    return sums
