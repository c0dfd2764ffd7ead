"""Frames as vectors: the first layers of a network that was trained on photographs, over a small grid of places.

The layers are the first four of YOLOv3-tiny (`deepmedia.cnn.photo_layers`).
"""

from functools import cache, partial

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.cnn.photo_layers import photo_layers

STAGES = 4  # convolutions; the fourth has 128 channels
FRAME_SIDE = 64  # pixels, to which frames are brought
STRIDE = 2 ** (STAGES - 1)  # pixels between two places of its map
BATCH_PIXELS = 128 * FRAME_SIDE**2  # of the frames that go through the network at once


def frame_features(frames: NDArray[np.uint8], *, grid: int = 4, side: int = FRAME_SIDE) -> NDArray[np.float32]:
    """What a convolutional network sees in each frame, and where.

    Each frame is brought to side × side pixels, whatever its proportions. The network's last map is averaged within
    each of grid × grid equal cells, so that the vector holds 128 numbers a cell, the cells from left to right and
    from top to bottom. With one cell it says what is seen, but not where.

    Args:
        frames: uint8 (..., height, width, 3), RGB: frames (n, ...) or clips of equal length (clips, n, ...).
        grid: Cells along a side; side / 8 must be a multiple of it.
        side: Pixels, a multiple of 8; more of them for small things, at a cost that grows with the square.

    Returns:
        float32 (..., grid² · 128): 2,048 numbers a frame with the defaults.

    Raises:
        TypeError: If the frames are not uint8, or grid or side not whole.
        ValueError: If the frames have another shape or there are none, or grid and side don't fit each other.
        FileNotFoundError: If the package lacks the weights.

    >>> from deepmedia.video import garment_clips
    >>> frame_features(garment_clips("train", 2, frames=3)[0]).shape
    (2, 3, 2048)
    """
    frames = np.asarray(frames)
    if frames.ndim < 4 or frames.shape[-1] != 3 or 0 in frames.shape:
        raise ValueError(
            f"frames must be (n, height, width, 3), at least one, got shape {frames.shape}; one frame is frame[None]"
        )
    if frames.dtype != np.uint8:
        raise TypeError(f"frames must be uint8, 0 to 255, got {frames.dtype}; read_frames gives such")
    check_count("grid", grid)
    check_count("side", side)
    if side % (STRIDE * grid):
        raise ValueError(
            f"side must be a multiple of {STRIDE} · grid, got side {side} and grid {grid}; "
            f"try side={-(-side // (STRIDE * grid)) * STRIDE * grid}"
        )
    network = _photo_layers(int(side))
    flat = frames.reshape(-1, *frames.shape[-3:])
    step = max(1, BATCH_PIXELS // side**2)
    rows = [_vectors(network, flat[start : start + step], side, grid) for start in range(0, len(flat), step)]
    return np.concatenate(rows).reshape(*frames.shape[:-3], -1)


_photo_layers = cache(partial(photo_layers, stages=STAGES))  # reading and building it takes longer than a clip


def _vectors(network: keras.Model, frames: NDArray[np.uint8], side: int, grid: int) -> NDArray[np.float32]:
    """The features of one batch: (n, height, width, 3) to (n, grid² · channels)."""
    import cv2

    if frames.shape[1:3] != (side, side):
        method = cv2.INTER_AREA if min(frames.shape[1:3]) >= side else cv2.INTER_LINEAR
        frames = np.stack([cv2.resize(frame, (side, side), interpolation=method) for frame in frames])
    maps = np.asarray(network(frames.astype(np.float32) / 255, training=False))
    count, places, _, channels = maps.shape
    cell = places // grid
    cells = maps.reshape(count, grid, cell, grid, cell, channels).mean(axis=(2, 4))
    return cells.reshape(count, -1)
