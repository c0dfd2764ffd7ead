"""Work on some images of a batch, or on a window of each, costs less than work on all pixels of all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.drawn.canvas import Canvas, Plane
from deepmedia.faces.drawn.surface import Surface, View


@dataclass(frozen=True)
class Piece:
    """Some images of a batch, and of each the window of that size from its own corner."""

    images: NDArray[np.int64]
    tops: NDArray[np.int64]
    lefts: NDArray[np.int64]
    height: int
    width: int

    def take(self, plane: Plane) -> Plane:
        """A copy of the piece; one number an image stays one."""
        if plane.shape[1:] == (1, 1):
            return plane[self.images]
        if self.height == plane.shape[1]:
            return plane[self.images]
        found = np.empty((len(self.images), self.height, self.width), plane.dtype)
        for number, (image, top, left) in enumerate(zip(self.images, self.tops, self.lefts, strict=True)):
            found[number] = plane[image, top : top + self.height, left : left + self.width]
        return found

    def put(self, plane: Plane, part: Plane) -> None:
        """Write the piece back."""
        if self.height == plane.shape[1]:
            plane[self.images] = part
            return
        for number, (image, top, left) in enumerate(zip(self.images, self.tops, self.lefts, strict=True)):
            plane[image, top : top + self.height, left : left + self.width] = part[number]


def images_where(chosen: NDArray[np.bool_], view: View) -> Piece:
    """Whole images, those that are chosen."""
    images = np.flatnonzero(chosen)
    none = np.zeros(len(images), np.int64)
    return Piece(images, none, none, view.size, view.size)


def window(view: View, *, level: float, up: float, aside: float) -> Piece:
    """In each image, what lies so far above, below and beside the middle of the face on that level.

    Lengths in half heights of the head, before the camera turns and moves it.
    """
    p, size = view.p, view.size
    largest = np.float32(size * 0.41)  # pixels in a half height, at most
    height = min(size, int(np.ceil(2 * up * largest)))
    width = min(size, int(np.ceil(2 * aside * largest)))
    x = view.turn[1] * p.head_width * 0.8
    y = level + view.nod[1] * 0.72
    cos, sin = view.tilt
    right = (x * cos - y * sin) * p.zoom + p.shift_x
    below = (y * cos + x * sin) * p.zoom + p.shift_y
    half = np.float32(size / 2)
    lefts = np.rint((right + 1) * half - width / 2).astype(np.int64).reshape(-1)
    tops = np.rint((below + 1) * half - height / 2).astype(np.int64).reshape(-1)
    images = np.arange(len(lefts))
    return Piece(images, np.clip(tops, 0, size - height), np.clip(lefts, 0, size - width), height, width)


@contextmanager
def painting(piece: Piece, canvas: Canvas, view: View, *bodies: Surface) -> Iterator[tuple]:
    """The piece of canvas, view and bodies; what is painted there is kept."""
    part = Canvas(np.stack([piece.take(channel) for channel in canvas.rgb]), piece.take(canvas.shade))
    yield part, view.piece(piece.take, piece.images), *[body.piece(piece.take) for body in bodies]
    for channel, painted in zip(canvas.rgb, part.rgb, strict=True):
        piece.put(channel, painted)
    piece.put(canvas.shade, part.shade)
