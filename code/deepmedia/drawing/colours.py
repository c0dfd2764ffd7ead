"""Colours: of cloth and paint by a table from tone to colour, and of a photograph's light by a table a channel."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.drawing.draws import Draws
from deepmedia.drawing.stencils import Cutout

Paint = tuple[float, float, float]  # red, green, blue, 0..1

GREYISH = 0.25  # share of colours that have next to no hue, as cloth often has
FARTHEST = 2.5  # tones beyond so many mean deviations look alike
LEAST_SPREAD = 16.0  # grey values; cloth without folds gets no more contrast than its noise deserves


def paint_of(hue_turn: float, saturation: float, lightness: float) -> Paint:
    """A colour by hue, saturation and lightness, each 0..1.

    >>> paint_of(0, 1, 0.5)
    (1.0, 0.0, 0.0)
    """
    reach = saturation * min(lightness, 1 - lightness)

    def channel(offset: int) -> float:
        turn = (hue_turn * 12 + offset) % 12
        return lightness - reach * max(-1, min(turn - 3, 9 - turn, 1))

    return channel(0), channel(8), channel(4)


def draw_paint(draws: Draws) -> Paint:
    """Any colour: of all hues, light and dark, some grey."""
    saturation = draws.between(0, 0.12) if draws.happens(GREYISH) else draws.between(0.3, 0.95)
    return paint_of(draws.between(0, 1), saturation, draws.between(0.14, 0.86))


def draw_paint_apart(draws: Draws, other: Paint, distance: float, tries: int = 12) -> Paint:
    """A colour that differs from another one by at least that sum over the channels, or the farthest of so many."""
    best, farthest = draw_paint(draws), -1.0
    for _ in range(tries):
        paint = draw_paint(draws)
        apart = abs(paint[0] - other[0]) + abs(paint[1] - other[1]) + abs(paint[2] - other[2])
        if apart > farthest:
            best, farthest = paint, apart
        if apart >= distance:
            break
    return best


def cloth(cutout: Cutout, paint: Paint, contrast: float) -> NDArray[np.uint8]:
    """What colour each tone of a garment gets.

    The mean tone gets the paint itself and the others differ by their distance from it in the garment's own spread,
    so that dark and light garments, and with them the classes, get the same colours.

    Args:
        cutout: Of the garment; its higher tones are darker, as in Fashion-MNIST.
        paint: Of the mean tone.
        contrast: Brightness, as a share, that a mean deviation changes.

    Returns:
        uint8 (256, 3).
    """
    tones = cutout.tone[cutout.mask].astype(np.int64)
    mean = int(tones.sum()) / len(tones)
    spread = max(LEAST_SPREAD, int(np.abs(tones - int(mean)).sum()) / len(tones))
    light = np.clip((mean - np.arange(256)) / spread, -FARTHEST, FARTHEST) * contrast
    return shades(paint, light)


def shades(paint: Paint, light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A colour in other light: down to black at -1, up to white at 1; uint8 (n, 3)."""
    base = np.array(paint)
    towards = np.where(light[:, None] < 0, base, 1 - base)
    return to_bytes(base + towards * light[:, None])


def between_paints(one: Paint, other: Paint) -> NDArray[np.uint8]:
    """From one colour at tone 0 to the other at 255; uint8 (256, 3)."""
    part = np.arange(256)[:, None] / 255
    return to_bytes(np.array(one) + (np.array(other) - np.array(one)) * part)


def to_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """0..1 as 0..255, rounded."""
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
