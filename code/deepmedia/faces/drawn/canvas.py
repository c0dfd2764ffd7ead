"""Colour and light of a batch of images, and how a shape is laid on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = np.ndarray  # float32 (batch, height, width), or (batch, 1, 1) for one number an image
Colour = tuple[Plane, Plane, Plane]


@dataclass
class Canvas:
    """What has been painted so far: colour by itself, and how much light falls on it."""

    rgb: NDArray[np.float32]  # (3, batch, height, width)
    shade: Plane

    def paint(self, cover: Plane, colour: Colour) -> None:
        """Lay a colour over what is there, where it covers."""
        for channel, value in zip(self.rgb, colour, strict=True):
            change = value - channel
            change *= cover
            channel += change

    def light(self, cover: Plane, shade: Plane | float) -> None:
        """Let other light fall where it covers."""
        change = shade - self.shade
        change *= cover
        self.shade += change

    def dim(self, amount: Plane) -> None:
        """Take away that part of the light."""
        self.shade -= self.shade * amount


def inside(distance: Plane, softness: Plane | float) -> Plane:
    """How much of a pixel a shape covers, from the distance to its edge (negative inside): 1 to 0 over the softness."""
    covered = distance / -softness
    covered += 0.5
    return np.clip(covered, 0, 1, out=covered)


def ease(position: Plane) -> Plane:
    """0 below 0, 1 above 1, in between without corners."""
    t = np.clip(position, 0, 1)
    return t * t * (3 - 2 * t)


def bump(squares: Plane) -> Plane:
    """A soft hill: 1 where the squared distance is 0, 0 from 1 on."""
    rest = 1 - squares
    np.maximum(rest, 0, out=rest)
    rest *= rest
    return rest


def zigzag(position: Plane) -> Plane:
    """A wave of straight lines, -1 to 1, of period 1."""
    return np.abs(position - np.floor(position) - 0.5) * 4 - 1


def wave(position: Plane) -> Plane:
    """The same with round turns, near to a sine."""
    straight = zigzag(position)
    return straight * (1.5 - 0.5 * straight * straight)


def ramp(position: Plane, colours: NDArray[np.float32]) -> Colour:
    """The colour at a place 0..1 of a row of colours (n, 3), one an image."""
    place = np.clip(position, 0, 1) * (len(colours) - 1)
    left = np.minimum(np.floor(place), len(colours) - 2)
    part = place - left
    low, high = colours[left.astype(int)], colours[left.astype(int) + 1]  # (batch, 1, 1, 3)
    mixed = low + (high - low) * part[..., None]
    return mixed[..., 0], mixed[..., 1], mixed[..., 2]


def hue(angle: Plane, saturation: Plane | float, lightness: Plane) -> Colour:
    """A colour by hue 0..1, saturation 0..1 and lightness 0..1."""
    reach = saturation * np.minimum(lightness, 1 - lightness)
    found = []
    for offset in (0.0, 8.0, 4.0):
        turn = angle * 12 + offset
        turn = turn - np.floor(turn / 12) * 12
        found.append(lightness - reach * np.maximum(-1, np.minimum(np.minimum(turn - 3, 9 - turn), 1)))
    return found[0], found[1], found[2]


def darker(colour: Colour, factor: Plane | float) -> Colour:
    """The same colour with that part of its brightness."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def between(one: Colour, other: Colour, part: Plane | float) -> Colour:
    """A mixture of two colours, the first at 0 and the second at 1."""
    mixed = [a + (b - a) * part for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def flat(red: float, green: float, blue: float) -> Colour:
    """One colour for all images."""
    return tuple(np.full((1, 1, 1), value, np.float32) for value in (red, green, blue))  # type: ignore[return-value]
