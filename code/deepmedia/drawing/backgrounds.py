"""Backgrounds: parts of real photographs, near or far, sharp or not, in other light."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets import photo
from deepmedia.drawing.colours import between_paints, draw_paint, to_bytes
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.lanes import blended, lane, to_lanes

# Each photograph is in one split. Those of validation and test are lossless files (PNG): JPEG decoders may differ in
# a last bit. astronaut and camera are left out, since people wear garments there, and Darknet's three, which the
# book's detectors are tried on.
BACKGROUNDS = {
    "train": (
        "brick", "china", "flower", "hubble_deep_field", "moon", "motorcycle", "retina", "rocket", "text",
    ),
    "validation": ("clock", "coins", "gravel", "immunohistochemistry"),
    "test": ("chelsea", "coffee", "grass", "page"),
}  # fmt: skip
LARGEST_PHOTOGRAPH = 800  # pixels; larger ones are halved
LEVELS = 4  # sizes of a photograph that are kept, each half the one before


@dataclass(frozen=True)
class Photograph:
    """A photograph at several sizes.

    Args:
        levels: Each uint64 (height, width), red, green and blue as lanes, half as high and wide as the one before.
        grey: Whether it has no colours.
    """

    levels: tuple[NDArray[np.uint64], ...]
    grey: bool


@cache
def photograph_named(name: str) -> Photograph:
    """One of `BACKGROUNDS`."""
    image = _read(name)
    if name == "retina":  # without the black around it
        image = image[250:1150, 250:1150]
    while max(image.shape) > LARGEST_PHOTOGRAPH:
        image = halved(image)
    levels = [image]
    while len(levels) < LEVELS:
        levels.append(halved(levels[-1]))
    grey = bool((image[..., 0] == image[..., 1]).all() and (image[..., 0] == image[..., 2]).all())
    return Photograph(tuple(to_lanes([level[..., channel] for channel in range(3)]) for level in levels), grey)


def _read(name: str) -> NDArray[np.uint8]:
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(f"{name}.jpg"))
    if name == "motorcycle":
        from skimage import data

        return np.asarray(data.stereo_motorcycle()[0])
    return photo(name)


def halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as high and wide: the rounded mean of each 2 x 2 pixels. An odd row or column at the end is dropped."""
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    wide = image[:height, :width].astype(np.uint16)
    return ((wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2] + 2) >> 2).astype(np.uint8)


def draw_background(draws: Draws, split: str, height: int, width: int) -> NDArray[np.uint8]:
    """A part of one of a split's photographs, uint8 (height, width, 3)."""
    photograph = photograph_named(draws.one_of(BACKGROUNDS[split]))
    full = photograph.levels[0]
    largest = min(full.shape[0] / height, full.shape[1] / width)  # of its pixels for one of the scene
    step = largest * draws.between(0.45, 1.0)
    blurred = draws.one_of((0, 0, 0, 1, 2))  # how many levels coarser than it could be
    level = min(LEVELS - 1, blurred + (step > 1.5))
    image = photograph.levels[level]
    if draws.happens(0.5):
        image = image[:, ::-1]
    rows = _span(draws, image.shape[0], height, step / 2**level)
    columns = _span(draws, image.shape[1], width, step / 2**level)
    return in_other_light(draws, resampled(image, rows, columns), grey=photograph.grey)


def _span(draws: Draws, available: int, wanted: int, step: float) -> NDArray[np.int64]:
    """Places along an axis, in 1 / 256 of a pixel, of the wanted number, that step apart."""
    start = draws.between(0, 1) * max(0.0, available - wanted * step)
    places = np.rint((start + (np.arange(wanted) + 0.5) * step - 0.5) * 256).astype(np.int64)
    return np.clip(places, 0, (available - 1) * 256 - 1)


def resampled(image: NDArray[np.uint64], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """An image at other places, linearly between its pixels.

    Args:
        image: Colours as lanes, uint64 (height, width).
        rows: Places in 1 / 256 of a pixel, from 0 to below 256 (height - 1), rising.
        columns: The same, to below 256 (width - 1).
    """
    first = int(columns[0] >> 8)
    image = image[:, first : int(columns[-1] >> 8) + 2]
    above, below = rows >> 8, (rows & 255).astype(np.uint64)[:, None]
    tall = blended(image[above], image[above + 1], below)
    left, right = (columns >> 8) - first, (columns & 255).astype(np.uint64)
    return blended(tall.take(left, axis=1), tall.take(left + 1, axis=1), right)


def in_other_light(draws: Draws, image: NDArray[np.uint64], *, grey: bool) -> NDArray[np.uint8]:
    """Another brightness, contrast and tint; a grey photograph gets two colours, for its dark and its light places.

    Args:
        draws: What decides.
        image: Colours as lanes, uint64 (height, width).
        grey: Whether it has no colours.

    Returns:
        uint8 (height, width, 3).
    """
    contrast, brightness = draws.between(0.6, 1.05), draws.between(-0.12, 0.12)
    levels = np.clip((np.arange(256) / 255 - 0.5) * contrast + 0.5 + brightness, 0, 1)
    if grey and draws.happens(0.8):
        dark, light = draw_paint(draws), draw_paint(draws)
        if dark[0] + dark[1] + dark[2] > light[0] + light[1] + light[2]:
            dark, light = light, dark
        tints = between_paints(dark, light)[np.floor(levels * 255 + 0.5).astype(np.int64)]
    else:
        tints = to_bytes(levels[:, None] * np.array([draws.between(0.8, 1.15) for _ in range(3)]))
    tinted = np.empty((*image.shape, 3), np.uint8)
    for channel in range(3):
        tinted[..., channel] = tints[:, channel].take(lane(image, channel))
    return tinted
