"""Stencils: what is laid on a scene, at a fixed size, and how one is enlarged, turned and scaled.

A stencil has a tone and a cover for each of its pixels. Small pictures (garments of 28 x 28, digits of 8 x 8) become
stencils by smooth enlargement; shapes are drawn as stencils.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from deepmedia.drawing.lanes import blended, lane, to_lanes

ENLARGED = 4  # a stencil has so many pixels for each of a small picture
MARGIN = 2  # of the small picture, empty, on each side
FULL = 256  # a pixel that is wholly covered

# Weights of four neighbours at 1/8, 3/8, 5/8 and 7/8 between the second and the third: whole numbers of `SHARE`.
# Cubic interpolation (Catmull and Rom, 1974) keeps what it goes through; the cubic B-spline rounds off stairs.
SHARE = 3072
INTERPOLATING = "interpolating"
ROUNDING = "rounding"


@dataclass(frozen=True)
class Stencil:
    """What is laid on a scene.

    Args:
        tone: uint8 (height, width), what the colour of each pixel is looked up with.
        cover: uint8 (height, width), 0 outside to 255 inside; the edge runs through 128. The outermost pixels are 0.
    """

    tone: NDArray[np.uint8]
    cover: NDArray[np.uint8]


@dataclass(frozen=True)
class Cutout:
    """A stencil after it was turned and scaled, in pixels of the scene.

    Args:
        tone: uint8 (height, width), as the stencil's.
        cover: uint16 (height, width), 0 to `FULL`: how much of the pixel it covers.
        mask: Booleans (height, width), the pixels that count as covered, half or more. They touch all four edges.
    """

    tone: NDArray[np.uint8]
    cover: NDArray[np.uint16]
    mask: NDArray[np.bool_]

    @property
    def height(self) -> int:
        """In pixels of the scene."""
        return self.mask.shape[0]

    @property
    def width(self) -> int:
        """In pixels of the scene."""
        return self.mask.shape[1]


@dataclass(frozen=True)
class Turn:
    """How a stencil lies in a scene.

    Args:
        cosine: Of the angle.
        sine: Of the angle.
        mirrored: Left and right are exchanged first.
        squeeze: Height in pixels of the scene for one of width, of a square.
    """

    cosine: float = 1.0
    sine: float = 0.0
    mirrored: bool = False
    squeeze: float = 1.0


def turned_by(half_tangent: float, *, mirrored: bool = False, squeeze: float = 1.0) -> Turn:
    """A turn by the tangent of half its angle, so that sine and cosine are divisions.

    >>> turned_by(1.0)
    Turn(cosine=0.0, sine=1.0, mirrored=False, squeeze=1.0)
    """
    square = half_tangent * half_tangent
    return Turn((1 - square) / (1 + square), 2 * half_tangent / (1 + square), mirrored, squeeze)


@cache
def enlarging_table(length: int, way: str) -> NDArray[np.float64]:
    """Weights (ENLARGED * length, length) that enlarge one axis; whole numbers, each row adds up to `SHARE`."""
    table = np.zeros((ENLARGED * length, length))
    for row in range(ENLARGED * length):
        start, eighths = divmod(2 * row + 1 - ENLARGED, 2 * ENLARGED)
        for place, weight in enumerate(cubic_weights(eighths, way)):
            table[row, min(max(start - 1 + place, 0), length - 1)] += weight
    return table


def cubic_weights(eighths: int, way: str) -> tuple[int, int, int, int]:
    """Of four neighbours, for a place between the middle two, t = eighths / 8; whole numbers of `SHARE`."""
    t, one = eighths, 2 * ENLARGED
    if way == INTERPOLATING:  # (-t + 2t^2 - t^3) / 2 and so on, times 8^3 * 6
        before = -t * one * one + 2 * t * t * one - t**3
        left = 2 * one**3 - 5 * t * t * one + 3 * t**3
        right = t * one * one + 4 * t * t * one - 3 * t**3
        return 3 * before, 3 * left, 3 * right, SHARE - 3 * (before + left + right)
    before, left = (one - t) ** 3, 4 * one**3 - 6 * one * t * t + 3 * t**3  # (1 - t)^3 / 6 and so on
    return before, left, SHARE - before - left - t**3, t**3


def enlarge(image: NDArray[np.uint8], way: str) -> NDArray[np.uint8]:
    """A small picture, `ENLARGED` times as high and wide.

    The products are whole numbers far below 2^53, so no processor rounds them, in whatever order it adds.
    """
    height, width = image.shape
    sums = enlarging_table(height, way) @ image.astype(np.float64) @ enlarging_table(width, way).T
    sums /= SHARE * SHARE
    sums += 0.5
    np.maximum(sums, 0, out=sums)
    np.minimum(sums, 255, out=sums)
    return sums.astype(np.uint8)


def cut(stencil: Stencil, longer_side: float, turn: Turn) -> Cutout | None:
    """Turn and scale a stencil so that the box around it has this longer side.

    Args:
        stencil: What to lay on a scene.
        longer_side: In pixels of the scene; met to about a pixel.
        turn: How it lies.

    Returns:
        The cutout, or None if nothing of it covers half a pixel.
    """
    ends = _ends(stencil.cover >= 128, turn)
    if ends is None:
        return None
    scale = longer_side / max(ends[2] - ends[0] + 1, ends[3] - ends[1] + 1)
    words = _sampled(stencil, scale, turn, ends)
    # the edge is as wide as a pixel of the scene, at any scale
    steepness = max(1.0, 2 * ENLARGED * scale * 0.8)
    ramp = np.clip(np.floor((np.arange(256) - 128) * steepness + 128.5), 0, FULL).astype(np.uint16)
    return _trimmed(lane(words, 0), ramp.take(lane(words, 1)))


def _ends(mask: NDArray[np.bool_], turn: Turn) -> tuple[float, float, float, float] | None:
    """How far a shape reaches to the left, up, right and down of its stencil's middle once it is turned."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    side, mask = len(mask), mask[rows]
    first, last = mask.argmax(axis=1), side - 1 - mask[:, ::-1].argmax(axis=1)  # no others are outermost
    down = (np.concatenate([rows, rows]) + (0.5 - side / 2)) * turn.squeeze
    right = (np.concatenate([first, last]) + (0.5 - side / 2)) * (-1.0 if turn.mirrored else 1.0)
    x, y = right * turn.cosine - down * turn.sine, right * turn.sine + down * turn.cosine
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _sampled(stencil: Stencil, scale: float, turn: Turn, ends: tuple[float, float, float, float]) -> NDArray[np.uint64]:
    """Tone and cover, as lanes, of each pixel of a cutout, from the four nearest of the stencil."""
    side = len(stencil.cover)
    left, top = int(ends[0] * scale) - 2, int(ends[1] * scale) - 2
    width, height = int(ends[2] * scale) + 3 - left, int(ends[3] * scale) + 3 - top
    x, y = (np.arange(width) + (left + 0.5)) / scale, (np.arange(height) + (top + 0.5)) / scale
    flip, middle = (-1.0 if turn.mirrored else 1.0), side / 2 - 0.5
    column = _fixed(x * (turn.cosine * flip) + middle)[None] + _fixed(y * (turn.sine * flip))[:, None]
    row = _fixed(x * (-turn.sine / turn.squeeze) + middle)[None] + _fixed(y * (turn.cosine / turn.squeeze))[:, None]
    for place in (column, row):
        np.maximum(place, 0, out=place)
        np.minimum(place, 256 * (side - 1) - 1, out=place)
    right, down = (column & 255).astype(np.uint64), (row & 255).astype(np.uint64)
    words = to_lanes([stencil.tone, stencil.cover]).reshape(-1)
    corner = (row >> 8) * side + (column >> 8)
    above = blended(words.take(corner), words.take(corner + 1), right)
    corner += side
    return blended(above, blended(words.take(corner), words.take(corner + 1), right), down)


def _fixed(values: NDArray) -> NDArray[np.int64]:
    """Places in 1 / 256 of a pixel."""
    return np.rint(values * 256).astype(np.int64)


def _trimmed(tone: NDArray[np.uint8], cover: NDArray[np.uint16]) -> Cutout | None:
    """Without the rows and columns in which no pixel is covered half."""
    mask = cover >= FULL // 2
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return Cutout(tone[part], cover[part], mask[part])
