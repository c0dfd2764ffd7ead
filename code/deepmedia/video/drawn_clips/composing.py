"""A clip: a photograph behind, and one to three garments that move over it, the later ones above the earlier ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.drawing.backgrounds import draw_background
from deepmedia.drawing.colours import cloth, draw_paint_apart
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.garments import SPLITS, garment_stencil, garments
from deepmedia.drawing.stencils import FULL, Cutout, Stencil, cut, turned_by
from deepmedia.video.drawn_clips.paths import MOTION_PAIRS, Path, draw_path

MOST_GARMENTS = 3
LEAST_VISIBLE = 0.5  # of a garment's pixels, over all frames
ATTEMPTS = 20  # paths that are tried for a garment
APART = 0.6  # how much its paint differs from the background, summed over the channels


@dataclass(frozen=True)
class Plan:
    """What happens in a clip, before it is drawn.

    Args:
        keys: Of the draw: seed, split, number.
        axes: For each garment, which of `MOTION_PAIRS` it moves along.
        reversed_axes: For each of the four pairs, whether its second way is taken.
    """

    keys: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]
    reversed_axes: tuple[bool, ...]

    @property
    def motions(self) -> tuple[str, ...]:
        """The four ways to move."""
        return tuple(pair[back] for pair, back in zip(MOTION_PAIRS, self.reversed_axes, strict=True))

    def backwards(self) -> "Plan":
        """The clip that has the same frames in the opposite order."""
        return Plan(self.keys, self.axes, tuple(not back for back in self.reversed_axes))


@dataclass(frozen=True)
class Clip:
    """A clip, and what is in it.

    Args:
        images: uint8 (frames, size, size, 3).
        class_ids: Of each garment.
        motions: The four ways to move.
    """

    images: NDArray[np.uint8]
    class_ids: tuple[int, ...]
    motions: tuple[str, ...]


@dataclass(frozen=True)
class Moving:
    """A garment on its way.

    Args:
        class_id: Of Fashion-MNIST.
        cutouts: One a frame.
        corners: Where the upper left corner of each lies, (x, y); part of it may lie outside.
        colours: uint8 (256, 3), of each tone.
    """

    class_id: int
    cutouts: list[Cutout]
    corners: list[tuple[int, int]]
    colours: NDArray[np.uint8]


def draw_plan(split: str, number: int, seed: int) -> Plan:
    """What happens in a clip of a split, whatever others are drawn."""
    keys = seed, SPLITS.index(split), number
    draws = Draws(*keys)
    count = 1 + draws.whole(MOST_GARMENTS)
    owners = draws.shuffle([*range(count), *(draws.whole(count) for _ in range(len(MOTION_PAIRS) - count))])
    axes = tuple(tuple(axis for axis, owner in enumerate(owners) if owner == each) for each in range(count))
    return Plan(keys, axes, tuple(draws.happens(0.5) for _ in MOTION_PAIRS))


def draw_clip(split: str, number: int, *, frames: int, size: int, seed: int) -> Clip:
    """One clip of a split."""
    return drawn(draw_plan(split, number, seed), frames=frames, size=size)


def drawn(plan: Plan, *, frames: int, size: int) -> Clip:
    """The clip of a plan. What is decided here does not depend on the sense of the ways to move."""
    split = SPLITS[plan.keys[1]]
    draws = Draws(*plan.keys, 1)
    background = draw_background(draws, split, size, size)
    moving = list[Moving]()
    for axes in plan.axes:
        of_garment = Draws(draws.next_word())
        by_class = garments(split)
        class_id = of_garment.whole(len(by_class))
        stencil = garment_stencil(by_class[class_id][of_garment.whole(len(by_class[class_id]))])
        mirrored = of_garment.happens(0.5)
        colours = _colours(of_garment, stencil, background)
        for attempt in range(ATTEMPTS):
            path = draw_path(of_garment, axes, plan.reversed_axes, frames)
            garment = Moving(class_id, *_placed(stencil, path, size, mirrored=mirrored), colours)
            if attempt == ATTEMPTS - 1 or _all_seen([*moving, garment], size):
                moving.append(garment)
                break
    images = np.empty((frames, *background.shape), np.uint8)
    images[:] = background
    for garment in moving:
        for image, cutout, corner in zip(images, garment.cutouts, garment.corners, strict=True):
            _paint(image, cutout, corner, garment.colours)
    return Clip(images, tuple(garment.class_id for garment in moving), plan.motions)


def _colours(draws: Draws, stencil: Stencil, background: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each tone of a garment, which keeps them throughout: paint that stands out from the photograph's mean."""
    pixels = background.shape[0] * background.shape[1]
    red, green, blue = (int(background[..., each].sum(dtype=np.int64)) / (255 * pixels) for each in range(3))
    mask = stencil.cover >= FULL // 2
    whole = Cutout(stencil.tone, stencil.cover.astype(np.uint16), mask)
    return cloth(whole, draw_paint_apart(draws, (red, green, blue), APART), draws.between(0.12, 0.3))


def _placed(stencil: Stencil, path: Path, size: int, *, mirrored: bool) -> tuple[list[Cutout], list[tuple[int, int]]]:
    """A garment's cutout and its corner in each frame."""
    made: dict[tuple[float, float], Cutout] = {}
    cutouts, corners = [], []
    for x, y, side, half_tangent in zip(
        path.x.tolist(), path.y.tolist(), path.side.tolist(), path.half_tangent.tolist(), strict=True
    ):
        if (side, half_tangent) not in made:  # most garments keep size or angle
            cutout = cut(stencil, side * size, turned_by(half_tangent, mirrored=mirrored))
            assert cutout is not None  # a garment of 12 pixels covers some
            made[side, half_tangent] = cutout
        cutout = made[side, half_tangent]
        cutouts.append(cutout)
        corners.append((int(x * size - cutout.width / 2 + 0.5), int(y * size - cutout.height / 2 + 0.5)))
    return cutouts, corners


def _window(cutout: Cutout, corner: tuple[int, int], size: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of a frame that a cutout lies on, and the part of the cutout that lies on it."""
    of_frame, of_cutout = [], []
    for start, length in zip(reversed(corner), cutout.mask.shape, strict=True):
        first, last = max(start, 0), max(min(start + length, size), 0)
        of_frame.append(slice(first, last))
        of_cutout.append(slice(first - start, last - start))
    return (of_frame[0], of_frame[1]), (of_cutout[0], of_cutout[1])


def _all_seen(moving: list[Moving], size: int) -> bool:
    """Whether each garment is seen well enough: its pixels that nothing hides and that lie in the frame, of all."""
    seen, whole = [0] * len(moving), [0] * len(moving)
    for frame in range(len(moving[0].cutouts)):
        owner = np.full((size, size), -1, np.int8)
        for number, garment in enumerate(moving):
            cutout = garment.cutouts[frame]
            of_frame, of_cutout = _window(cutout, garment.corners[frame], size)
            owner[of_frame][cutout.mask[of_cutout]] = number
            whole[number] += int(cutout.mask.sum())
        for number in range(len(moving)):
            seen[number] += int((owner == number).sum())
    return all(one >= LEAST_VISIBLE * other for one, other in zip(seen, whole, strict=True))


def _paint(image: NDArray[np.uint8], cutout: Cutout, corner: tuple[int, int], colours: NDArray[np.uint8]) -> None:
    """Colour a cutout's pixels, those of its edge in part."""
    of_frame, of_cutout = _window(cutout, corner, len(image))
    part, cover = image[of_frame], cutout.cover[of_cutout][..., None]
    part[:] = (part * (FULL - cover) + colours.take(cutout.tone[of_cutout], axis=0) * cover + np.uint16(FULL // 2)) >> 8
