"""Several numbers of 8 bits in one word, so that one operation serves them all: red, green and blue of a pixel.

Each has a lane of 16 bits. Weights that add up to 256 lift a number to 255 * 256 + 128 at most, which stays in its
lane, so that the lanes never reach into each other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WIDTH = 16  # bits
KEPT = np.uint64(0x00FF00FF00FF00FF)
HALVES = np.uint64(0x0080008000800080)
EIGHT = np.uint64(8)


def to_lanes(channels: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint64]:
    """Up to four arrays of one shape as one."""
    words = channels[0].astype(np.uint64)
    for number, channel in enumerate(channels[1:], start=1):
        words |= channel.astype(np.uint64) << np.uint64(WIDTH * number)
    return words


def lane(words: NDArray[np.uint64], number: int) -> NDArray[np.uint8]:
    """One of the arrays again."""
    return (words >> np.uint64(WIDTH * number)).astype(np.uint8)  # what lies above the lowest 8 bits falls away


def blended(one: NDArray[np.uint64], other: NDArray[np.uint64], part: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """All lanes, from one (where part is 0) to the other (256), rounded."""
    mixed = one * (np.uint64(256) - part)
    mixed += other * part
    mixed += HALVES
    mixed >>= EIGHT
    mixed &= KEPT
    return mixed
