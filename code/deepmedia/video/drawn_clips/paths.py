"""How a garment moves: its place, size and angle in each frame, and the same backwards.

A path is computed once, from its lower to its upper end, and turned round for the other of a pair: so both hold
exactly the same numbers, in opposite orders.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.drawing.draws import Draws

# The first of a pair is the path from its lower to its upper end: x and y, side and angle rise. y counts downwards.
MOTION_PAIRS = (("right", "left"), ("down", "up"), ("growing", "shrinking"), ("clockwise", "anticlockwise"))
ACROSS, ALONG, SIZE, ANGLE = range(4)

TRAVEL = (0.35, 0.6)  # of the clip's side, from end to end
LEAST_SIDE, LARGEST_SIDE = 0.25, 0.5  # longer side of a garment, of the clip's
GROWTH = (1.6, 2.0)  # side at one end for that at the other
TURN = (0.35, 0.6)  # tangent of half the angle from upright to each end: 39 to 62 degrees
LARGEST_TILT = 0.27  # the same, of what does not turn: 30 degrees


@dataclass(frozen=True)
class Path:
    """A garment's way through a clip.

    Args:
        x: Of its middle, as a part of the clip's width, (frames,).
        y: The same, of the height.
        side: Its longer side, as a part of the clip's.
        half_tangent: Tangent of half the angle that it is turned by.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    side: NDArray[np.float64]
    half_tangent: NDArray[np.float64]


def draw_path(draws: Draws, axes: tuple[int, ...], reversed_axes: tuple[bool, ...], frames: int) -> Path:
    """A path that moves along some axes, in one sense or the other, and stays as it is along all others.

    Args:
        draws: What decides; always in the same order, whatever the axes.
        axes: Which of `MOTION_PAIRS` move.
        reversed_axes: For each of the four, whether it runs from its upper to its lower end.
        frames: Of the clip.
    """
    part = np.arange(frames) / (frames - 1)
    travel_x, travel_y = draws.between(*TRAVEL), draws.between(*TRAVEL)
    middle_x, middle_y = draws.between(0, 1), draws.between(0, 1)
    growth, turn, tilt = draws.between(*GROWTH), draws.between(*TURN), draws.between(-LARGEST_TILT, LARGEST_TILT)
    least = draws.between(LEAST_SIDE, LARGEST_SIDE / growth if SIZE in axes else LARGEST_SIDE)
    ends = (
        _ends(middle_x, travel_x if ACROSS in axes else 0.0),
        _ends(middle_y, travel_y if ALONG in axes else 0.0),
        (least, least * growth if SIZE in axes else least),
        (-turn, turn) if ANGLE in axes else (tilt, tilt),
    )
    values = [low + (high - low) * part for low, high in ends]
    return Path(*(each[::-1] if back else each for each, back in zip(values, reversed_axes, strict=True)))


def _ends(middle: float, travel: float) -> tuple[float, float]:
    """Where a path begins and ends: both within the clip, by a margin that keeps the garment to be seen."""
    margin = 0.2
    low = margin + middle * (1 - 2 * margin - travel)
    return low, low + travel
