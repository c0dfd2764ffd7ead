"""Clutter: what lies about in a scene and is no garment: painted shapes, pieces of other photographs, digits."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets import digits
from deepmedia.drawing.backgrounds import draw_background
from deepmedia.drawing.colours import between_paints, draw_paint
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.stencils import (
    ENLARGED,
    INTERPOLATING,
    MARGIN,
    ROUNDING,
    Cutout,
    Stencil,
    Turn,
    cut,
    enlarge,
    turned_by,
)

SIDE = 128  # pixels of a shape's stencil
SHAPES = ("ellipse", "rectangle", "triangle", "ring", "cross", "crescent")
PATTERNS = ("fading", "stripes", "checks", "dots")
KINDS = ("shape", "shape", "photograph", "photograph", "digit")


@cache
def shape_stencil(shape: str, pattern: str) -> Stencil:
    """A shape with a pattern of tones."""
    place = (np.arange(SIDE) + 0.5) / (SIDE / 2) - 1
    x, y = place[None, :], place[:, None]
    inside = _depth(shape, x, y) * (SIDE / 2)  # pixels within the outline, negative outside
    cover = np.clip(np.floor(128 + inside * (128 / ENLARGED)), 0, 255)
    tone = np.clip(np.floor(_pattern(pattern, x, y) * 255), 0, 255)
    return Stencil(np.broadcast_to(tone, cover.shape).astype(np.uint8), cover.astype(np.uint8))


def _depth(shape: str, x: NDArray, y: NDArray) -> NDArray:
    """How far within its outline a place lies; the shapes reach from -0.85 to 0.85."""
    radius = np.sqrt(x * x + y * y)
    if shape == "ellipse":
        return 0.85 - radius
    if shape == "ring":
        return np.minimum(0.85 - radius, radius - 0.5)
    if shape == "rectangle":
        return np.minimum(0.85 - np.abs(x), 0.85 - np.abs(y))
    if shape == "triangle":
        return np.minimum(0.85 - y, (y + 0.85) * 0.45 - np.abs(x) * 0.9)
    if shape == "crescent":
        return np.minimum(0.85 - radius, np.sqrt((x - 0.4) * (x - 0.4) + y * y) - 0.65)
    bars = [np.minimum(0.85 - np.abs(along), 0.28 - np.abs(across)) for along, across in ((x, y), (y, x))]
    return np.maximum(bars[0], bars[1])


def _pattern(pattern: str, x: NDArray, y: NDArray) -> NDArray:
    """Tones 0..1."""
    if pattern == "fading":
        return (y + 1) / 2
    stripes = (np.floor(x * 5) % 2) * 1.0
    if pattern == "stripes":
        return stripes
    if pattern == "checks":
        return np.abs(stripes - np.floor(y * 5) % 2)
    across, down = x * 4 - np.floor(x * 4) - 0.5, y * 4 - np.floor(y * 4) - 0.5
    return (across * across + down * down < 0.08) * 1.0


@cache
def _digits(split: str) -> NDArray[np.uint8]:
    return digits(split)[0]


def digit_stencil(image: NDArray[np.uint8]) -> Stencil:
    """A handwritten digit cut out of its paper, uint8 (8, 8), 0 to 16."""
    ink = np.pad(image, MARGIN) * np.uint8(15)
    return Stencil(enlarge(ink, INTERPOLATING), enlarge(ink, ROUNDING))


def draw_clutter(draws: Draws, split: str, longer_side: float) -> tuple[Cutout, NDArray[np.uint8]] | None:
    """Something that is no garment: its cutout, and its colours, uint8 (height, width, 3)."""
    kind = draws.one_of(KINDS)
    if kind == "digit":
        images = _digits(split)
        cutout = cut(digit_stencil(images[draws.whole(len(images))]), longer_side, draw_turn(draws, 1.0))
    else:
        names = SHAPES if kind == "shape" else SHAPES[:2]
        stencil = shape_stencil(draws.one_of(names), draws.one_of(PATTERNS))
        cutout = cut(stencil, longer_side, draw_turn(draws, draws.between(0.35, 1.0)))
    if cutout is None:
        return None
    if kind == "photograph":
        return cutout, draw_background(draws, split, cutout.height, cutout.width)
    return cutout, between_paints(draw_paint(draws), draw_paint(draws)).take(cutout.tone, axis=0)


def draw_turn(draws: Draws, squeeze: float) -> Turn:
    """Any angle up to a right one, either way."""
    return turned_by(draws.between(-1, 1), mirrored=draws.happens(0.5), squeeze=squeeze)
