"""Where each pixel lies on the head, as the camera, the roll and the turn of the head have it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.drawn.canvas import Plane

DEPTH = 0.85  # of the head, front to middle, in half heights


class Columns:
    """The columns of a structured array as planes (batch, 1, 1), to be combined with pixels."""

    def __init__(self, rows: NDArray[np.void]) -> None:
        """Keep the rows; a column is read by its name."""
        self.rows = rows

    def __getattr__(self, name: str) -> Plane:
        plane = self.rows[name][:, None, None].astype(np.float32)
        self.__dict__[name] = plane  # found without this function next time
        return plane


@dataclass(frozen=True)
class Surface:
    """A rounded body that a pixel may see, and the point of it that the pixel sees.

    Lengths are in half heights of the head, x and y to the right and down in the image; across, down and near are a
    point's place on the body itself, however it is turned.
    """

    pixel: Plane  # size of a pixel
    outside: Plane  # distance from the outline, negative inside
    normal: tuple[Plane, Plane, Plane]  # of length one, to the right, down and to the viewer
    across: Plane
    down: Plane
    near: Plane  # above 0 on the side where the face is, 0 at the ears

    def piece(self, take: Callable[[Plane], Plane]) -> "Surface":
        """The same for a piece of the images."""
        right, below, front = self.normal
        return Surface(
            take(self.pixel),
            take(self.outside),
            (take(right), take(below), take(front)),
            take(self.across),
            take(self.down),
            take(self.near),
        )


@dataclass(frozen=True)
class View:
    """Where the pixels are, seen from the head, and how the head is turned."""

    p: Columns
    size: int
    pixel: Plane
    x: Plane
    y: Plane
    turn: tuple[Plane, Plane]  # cosine and sine of the yaw
    nod: tuple[Plane, Plane]  # of the pitch
    tilt: tuple[Plane, Plane]  # of the roll

    def piece(self, take: Callable[[Plane], Plane], images: NDArray[np.int64]) -> "View":
        """The same for a piece of the images."""
        turns = [(take(cos), take(sin)) for cos, sin in (self.turn, self.nod, self.tilt)]
        return View(Columns(self.p.rows[images]), self.size, take(self.pixel), take(self.x), take(self.y), *turns)

    def surface(self, *, wider: Plane | float = 0.0, higher: Plane | float = 0.0) -> Surface:
        """The head, or what lies around it so much wider and higher."""
        p = self.p
        y = self.y / (1 + higher)
        level = np.clip(y, -1, 1.2)
        jaw = p.jaw_width * level * np.abs(level)
        jaw += (0.02 + 0.05 * p.jaw_width) * (level - 1) + 1
        half = p.head_width * jaw
        half += wider
        x = self.x / half
        y_squared = y * y
        boxy = (y > 0) * (p.chin_squareness - np.float32(0.15)) + np.float32(0.15)
        rest = y_squared * (1 + boxy * (y_squared - 1))
        rest += x * x - 1
        # half the gradient of x^2 + height: x / half, and about y (1 + boxy (2 y^2 - 1))
        slope_x, slope_y = x / half, y * (1 + boxy * (2 * y_squared - 1))
        steep = slope_x * slope_x + slope_y * slope_y
        z_squared = np.maximum(-rest, 0)
        z = np.sqrt(z_squared)
        rest *= 0.5 / np.sqrt(steep + np.float32(0.01))
        steep += z_squared * (1 / (DEPTH * DEPTH)) + np.float32(1e-4)
        length = 1 / np.sqrt(steep)
        (cos_yaw, sin_yaw), (cos_pitch, sin_pitch) = self.turn, self.nod
        down = y * cos_pitch - z * (DEPTH * sin_pitch)
        deep = z * cos_pitch + y * (sin_pitch / DEPTH)
        return Surface(
            self.pixel,
            rest,
            (slope_x * length, slope_y * length, z * length * (1 / DEPTH)),
            (x * cos_yaw - deep * sin_yaw) * half,
            down,
            x * sin_yaw + deep * cos_yaw,
        )


def view(p: Columns, size: int) -> View:
    """Where the pixels of an image of that size are, seen from the heads."""
    place = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / size) - 1
    cos, sin = _turn(p.roll)
    right, below = place[None, None, :] - p.shift_x, place[None, :, None] - p.shift_y
    x = (right * cos + below * sin) / p.zoom
    y = (below * cos - right * sin) / p.zoom
    return View(p, size, np.float32(2 / size) / p.zoom, x, y, _turn(p.yaw), _turn(p.pitch), (cos, sin))


def _turn(half_tangent: Plane) -> tuple[Plane, Plane]:
    """Cosine and sine of an angle from the tangent of its half: no processor rounds a division differently."""
    squared = half_tangent * half_tangent
    return (1 - squared) / (1 + squared), 2 * half_tangent / (1 + squared)
