"""What is around the head, and what the camera makes of it."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.drawn.canvas import Canvas, Colour, Plane, bump, ease, hue, zigzag
from deepmedia.faces.drawn.parameters import mix
from deepmedia.faces.drawn.surface import Columns, View

FEW, MANY = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)


def paint_background(canvas: Canvas, view: View) -> None:
    """A wall, soft lights, stripes or a horizon, out of focus."""
    p = view.p
    place = (np.arange(view.size, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / view.size) - 1
    x, y = place[None, None, :], place[None, :, None]
    one = hue(p.background_hue, 0.35, p.background_light)
    other = hue(p.background_hue + 0.15 + 0.3 * p.background_other, 0.4, 0.15 + 0.7 * p.background_other)
    for kind, pattern in enumerate((_plain, _blobs, _stripes, _horizon)):
        some = np.flatnonzero(p.rows["background"] == kind)
        if len(some):
            part = pattern(Columns(p.rows[some]), x, y)
            for channel, (a, b) in enumerate(zip(_some(one, some), _some(other, some), strict=True)):
                canvas.rgb[channel, some] = a + (b - a) * part
    canvas.shade += 0.95


def _some(colour: Colour, some: NDArray[np.int64]) -> Colour:
    return colour[0][some], colour[1][some], colour[2][some]


def _plain(p: Columns, x: Plane, y: Plane) -> Plane:
    return 0.25 + 0.2 * p.background_place * x + 0.25 * y


def _blobs(p: Columns, x: Plane, y: Plane) -> Plane:
    found = 0.15 * y
    for number in range(3):
        turn = p.background_place * (1.3 + number) + p.background_other * (2.1 - number) + 0.7 * number
        right, below = x - zigzag(turn) * 0.95, y - zigzag(turn * 1.7 + 0.3) * 0.8
        found = found + (0.9 - 0.25 * number) * bump((right * right + below * below) * (2.0 + 1.5 * number))
    return np.clip(found, 0, 1)


def _stripes(p: Columns, x: Plane, y: Plane) -> Plane:
    along = x + 0.7 * p.background_place * y
    return ease(zigzag(along * (0.8 + 1.6 * p.background_other) + p.background_place) * 1.2 + 0.5)


def _horizon(p: Columns, x: Plane, y: Plane) -> Plane:
    return ease((y - 0.5 * p.background_place + 0.12 * p.background_other * x) * 4 + 0.5)


def photograph(canvas: Canvas, view: View) -> NDArray[np.uint8]:
    """What the camera gives: light of a colour, contrast, blur, noise, whole numbers.

    Returns:
        uint8 (batch, height, width, 3).
    """
    p = view.p
    rgb = canvas.rgb
    rgb *= np.maximum(canvas.shade, 0.04)
    lamp: Colour = (
        p.exposure * (1 + p.warmth),
        p.exposure * (1 + p.tint),
        p.exposure * (1 - p.warmth),
    )
    for channel, strength in zip(rgb, lamp, strict=True):
        channel *= strength
        channel -= 0.5
        channel *= p.contrast
        channel += 0.5
        np.maximum(channel, 0, out=channel)
    # a film's shoulder: bright colours come near to white, but keep their differences
    bright = np.maximum(rgb - 0.75, 0)
    rgb -= bright * bright / (bright + 0.35)
    _blur(rgb, np.maximum(p.blur, 0))
    _add_noise(rgb, p.rows["key"], p.noise)
    rgb *= 255
    pixels = np.rint(np.clip(rgb, 0, 255, out=rgb), out=rgb)
    return np.ascontiguousarray(pixels.astype(np.uint8).transpose(1, 2, 3, 0))


def _blur(rgb: NDArray[np.float32], strength: Plane) -> None:
    """Mix each pixel with its neighbours."""
    some = np.flatnonzero(strength.reshape(-1) > 0)
    if not len(some):
        return
    part, keep = rgb[:, some], strength[some] * 0.5
    for axis in (2, 3):
        before, after = np.roll(part, 1, axis), np.roll(part, -1, axis)
        edge = [slice(None)] * 4
        edge[axis] = 0  # type: ignore[call-overload]
        before[tuple(edge)] = part[tuple(edge)]
        edge[axis] = -1  # type: ignore[call-overload]
        after[tuple(edge)] = part[tuple(edge)]
        before += after
        before *= 0.5
        before -= part
        before *= keep * 1.3
        part += before
    rgb[:, some] = part


def _add_noise(rgb: NDArray[np.float32], keys: NDArray[np.uint64], strength: Plane) -> None:
    """Grain, from a hash of image and pixel."""
    height, width = rgb.shape[2:]
    start = (mix(keys) >> np.uint64(32)).astype(np.uint32)[:, None, None]
    places = np.arange(height * width, dtype=np.uint32).reshape(1, height, width) * np.uint32(0x9E3779B9)
    grain = places ^ start
    grain ^= grain >> np.uint32(16)
    grain *= FEW
    grain ^= grain >> np.uint32(15)
    grain *= MANY
    grain ^= grain >> np.uint32(16)
    for channel, shift in enumerate((0, 11, 21)):
        values = ((grain >> np.uint32(shift)) & np.uint32(1023)).astype(np.float32)
        values -= 511.5
        values *= strength * np.float32(1 / 512)
        rgb[channel] += values
