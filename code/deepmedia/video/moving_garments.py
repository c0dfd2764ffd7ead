"""Clips of an on-line shop's garments that move over real photographs, with labels for what appears and how it moves.

Ways to move come in pairs of which one is the other played backwards, and a clip is as likely as the same clip played
backwards. So no single frame tells a way to move, nor do all frames in any other order than that of time.
"""

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.datasets import FASHION_CLASSES
from deepmedia.drawing.garments import SPLITS
from deepmedia.video.drawn_clips.composing import draw_clip
from deepmedia.video.drawn_clips.paths import MOTION_PAIRS

SMALLEST_CLIP = 48  # pixels; the smallest garments have 12 then

MOTIONS: tuple[str, ...] = tuple(name for pair in MOTION_PAIRS for name in pair)
CLIP_LABELS: tuple[str, ...] = (*FASHION_CLASSES, *MOTIONS)


def garment_clips(
    split: str, count: int, *, frames: int = 16, size: int = 64, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Clips of one to three garments that move over a photograph.

    In each clip something goes left or right, something goes up or down, something grows or shrinks, and something
    turns one way or the other. These four are shared out among the garments: one alone does all of them, of three one
    does two. So each of `MOTIONS` has a chance of one half, whatever is seen in any frame; only the order of the frames
    tells which of a pair it is. A clip and the same clip played backwards are equally likely.

    No garment and no photograph is in two splits: test garments are those of the test sample of Fashion-MNIST, those
    for training and validation two parts of its training sample. Garments may hide each other and reach beyond the
    edge, but at least half of each is seen over the clip, save for the rare one that finds no such way.

    A clip depends on split, seed, frames, size and its number alone: a larger draw begins with the smaller one's
    clips. The same call gives the same pixels on every processor; the backgrounds for training include JPEG files,
    whose decoders may differ in a last bit.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        count: How many clips; there is no end of them. A clip of 16 frames of 64 pixels takes 0.2 MB.
        frames: Of a clip, at least 2.
        size: Height and width in pixels, at least 48.
        seed: Of the draw.

    Returns:
        Clips, uint8 (count, frames, size, size, 3), RGB, and labels, uint8 (count, 18), 0 or 1, in the order of
        `CLIP_LABELS`: 10 classes of garments, of which one to three appear, and 8 ways to move, of which four occur.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If the split is none of the three, or a number is too small.

    >>> clips, labels = garment_clips("test", 2)
    >>> clips.shape, labels.shape
    ((2, 16, 64, 64, 3), (2, 18))
    """
    if split not in SPLITS:
        raise ValueError(f"split must be 'train', 'validation' or 'test', got {split!r}")
    check_count("count", count)
    for name, value, least in (("frames", frames, 2), ("size", size, SMALLEST_CLIP)):
        check_count(name, value)
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be a whole number, got {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be at least 0 and below 2^64, got {seed}")
    clips = np.empty((count, frames, size, size, 3), np.uint8)
    labels = np.zeros((count, len(CLIP_LABELS)), np.uint8)
    for number in range(count):
        clip = draw_clip(split, number, frames=int(frames), size=int(size), seed=int(seed))
        clips[number] = clip.images
        labels[number, list(clip.class_ids)] = 1
        labels[number, [len(FASHION_CLASSES) + MOTIONS.index(name) for name in clip.motions]] = 1
    return clips, labels
