"""A scene, layer on layer: each new one hides what lies below, but never so much that a garment can't be told."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.drawn_scenes.clutter import draw_clutter
from deepmedia.drawing.backgrounds import draw_background
from deepmedia.drawing.colours import cloth, draw_paint_apart
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.garments import SPLITS, garment_stencil, garments
from deepmedia.drawing.stencils import FULL, Cutout, cut, turned_by

MOST_GARMENTS = 8
MOST_CLUTTER = 6
SMALLEST, LARGEST = 0.08, 0.5  # longer side of the visible garment's box, of the image's side
MOST_OVERLAP = 0.5  # IoU of two garments' boxes
LEAST_VISIBLE = 0.4  # of a garment's pixels
LARGEST_TURN = 0.27  # tangent of half the angle: 30 degrees
BESIDE = 0.3  # chance that a garment is put next to another one
APART = 0.6  # how much its paint differs from what is behind, summed over the channels
PLACES, ATTEMPTS = 6, 8  # so many places are tried for a cutout, and so many cutouts

Box = tuple[int, int, int, int]


@dataclass
class Laid:
    """What was laid on a scene.

    Args:
        class_id: Of a garment; None for clutter.
        pixels: How many it covers, hidden ones included.
        box: Around its visible pixels.
    """

    class_id: int | None
    pixels: int
    box: Box


@dataclass
class Scene:
    """An image as it grows.

    Args:
        image: uint8 (size, size, 3).
        owner: int8 (size, size): which layer is seen at a pixel, by its number in `layers`; -1 for the background.
        layers: From the lowest to the uppermost.
    """

    image: NDArray[np.uint8]
    owner: NDArray[np.int8]
    layers: list[Laid] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Height and width in pixels."""
        return len(self.owner)

    @property
    def garments(self) -> list[Laid]:
        """The layers that get a label."""
        return [layer for layer in self.layers if layer.class_id is not None]

    def window(self, cutout: Cutout, x: int, y: int) -> tuple[slice, slice]:
        """The rows and columns of a cutout whose upper left corner lies at x, y."""
        return slice(y, y + cutout.height), slice(x, x + cutout.width)

    def lay(self, cutout: Cutout, x: int, y: int, class_id: int | None) -> bool:
        """Lay a cutout on the scene, unless a garment would no longer count; whether it was laid."""
        part = self.owner[self.window(cutout, x, y)]
        lost = np.bincount(part[cutout.mask] + 1, minlength=len(self.layers) + 1)[1:]
        hit = [number for number in np.flatnonzero(lost).tolist() if self.layers[number].class_id is not None]
        before = part.copy()
        part[cutout.mask] = len(self.layers)
        changed = {number: self._seen(number) for number in hit}
        box = (x, y, x + cutout.width, y + cutout.height)
        if class_id is not None:
            changed[len(self.layers)] = (box, int(cutout.mask.sum()))
        if not self._all_count(changed):
            part[:] = before
            return False
        for number in hit:
            self.layers[number].box = changed[number][0]
        self.layers.append(Laid(class_id, int(cutout.mask.sum()), box))
        return True

    def _seen(self, number: int) -> tuple[Box, int]:
        """Box and number of the visible pixels of a layer."""
        left, top, right, bottom = self.layers[number].box
        seen = self.owner[top:bottom, left:right] == number
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if not len(rows):
            return (left, top, left, top), 0
        box = (left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1)
        return box, int(seen.sum())

    def _all_count(self, changed: dict[int, tuple[Box, int]]) -> bool:
        """Whether garments that changed are seen well enough, and no two boxes of garments overlap too much."""
        boxes = {number: layer.box for number, layer in enumerate(self.layers) if layer.class_id is not None}
        for number, (box, pixels) in changed.items():
            if number < len(self.layers) and pixels < LEAST_VISIBLE * self.layers[number].pixels:
                return False
            if not is_of_size(box, self.size):
                return False
            boxes[number] = box
        return all(
            overlap(boxes[one], boxes[other]) <= MOST_OVERLAP for one in changed for other in boxes if other != one
        )

    def paint(self, cutout: Cutout, x: int, y: int, colours: NDArray[np.uint8]) -> None:
        """Colour a cutout's pixels, those of its edge in part."""
        part = self.image[self.window(cutout, x, y)]
        cover = cutout.cover[..., None]
        part[:] = (part * (FULL - cover) + colours * cover + np.uint16(FULL // 2)) >> 8


def is_of_size(box: Box, size: int) -> bool:
    """Whether a box's longer side lies in the range of labelled garments."""
    return SMALLEST * size <= max(box[2] - box[0], box[3] - box[1]) <= LARGEST * size


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes of whole pixels."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (areas[0] + areas[1] - width * height)


def draw_scene(split: str, number: int, *, size: int, seed: int) -> Scene:
    """One scene of a split, whatever others are drawn."""
    draws = Draws(seed, SPLITS.index(split), number)
    scene = Scene(draw_background(draws, split, size, size), np.full((size, size), -1, np.int8))
    wanted = [True] * (1 + draws.whole(MOST_GARMENTS)) + [False] * draws.whole(MOST_CLUTTER + 1)
    for is_garment in draws.shuffle(wanted):
        of_layer = Draws(draws.next_word())
        if is_garment:
            _add_garment(scene, split, of_layer)
        else:
            _add_clutter(scene, split, of_layer)
    return scene


def _add_garment(scene: Scene, split: str, draws: Draws) -> None:
    """A garment in a size, turn and place that leave all garments to be seen; none if there is no such place."""
    by_class = garments(split)
    class_id = draws.whole(len(by_class))
    stencil = garment_stencil(by_class[class_id][draws.whole(len(by_class[class_id]))])
    for _ in range(ATTEMPTS):
        side = draw_side(draws, SMALLEST, LARGEST) * scene.size
        turn = turned_by(draws.between(-LARGEST_TURN, LARGEST_TURN), mirrored=draws.happens(0.5))
        cutout = cut(stencil, side, turn)
        if cutout is None or not is_of_size((0, 0, cutout.width, cutout.height), scene.size):
            continue
        for _ in range(PLACES):
            x, y = _draw_place(scene, cutout, draws)
            if scene.lay(cutout, x, y, class_id):
                scene.paint(cutout, x, y, _colours(scene, cutout, x, y, draws))
                return


def draw_side(draws: Draws, low: float, high: float) -> float:
    """Small ones more often than large ones, but not as much as if all areas were alike."""
    part = draws.between(0, 1)
    return low + (high - low) * part * (0.4 + 0.6 * part)


def _draw_place(scene: Scene, cutout: Cutout, draws: Draws) -> tuple[int, int]:
    """The upper left corner of a cutout: anywhere in the image, or next to a garment that is there."""
    right, bottom = scene.size - cutout.width, scene.size - cutout.height
    if scene.garments and draws.happens(BESIDE):
        box = draws.one_of(scene.garments).box
        x = int(draws.between(box[0] - cutout.width * 0.8, box[2] - cutout.width * 0.2))
        y = int(draws.between(box[1] - cutout.height * 0.8, box[3] - cutout.height * 0.2))
        return min(max(x, 0), right), min(max(y, 0), bottom)
    return draws.whole(right + 1), draws.whole(bottom + 1)


def _colours(scene: Scene, cutout: Cutout, x: int, y: int, draws: Draws) -> NDArray[np.uint8]:
    """Of a garment: paint that stands out from what is behind it."""
    behind = scene.image[scene.window(cutout, x, y)][::2, ::2]  # every other pixel says enough
    pixels = behind.shape[0] * behind.shape[1]
    red, green, blue = (int(behind[..., channel].sum(dtype=np.int64)) / (255 * pixels) for channel in range(3))
    paint = draw_paint_apart(draws, (red, green, blue), APART)
    return cloth(cutout, paint, draws.between(0.12, 0.3)).take(cutout.tone, axis=0)


def _add_clutter(scene: Scene, split: str, draws: Draws) -> None:
    """Clutter somewhere, if it leaves all garments to be seen."""
    drawn = draw_clutter(draws, split, draw_side(draws, 0.06, 0.45) * scene.size)
    if drawn is None:
        return
    cutout, colours = drawn
    for _ in range(PLACES):
        x, y = draws.whole(scene.size - cutout.width + 1), draws.whole(scene.size - cutout.height + 1)
        if scene.lay(cutout, x, y, None):
            scene.paint(cutout, x, y, colours)
            return
