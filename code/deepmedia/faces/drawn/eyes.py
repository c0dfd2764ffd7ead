"""Eyes and brows, drawn on the turned surface of the head: both at once, mirrored."""

from dataclasses import dataclass

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Colour, Plane, between, bump, darker, ease, flat, inside, ramp
from deepmedia.faces.drawn.hair import hair_colour
from deepmedia.faces.drawn.head import skin_colour
from deepmedia.faces.drawn.surface import Columns, Surface, View

EYES = np.array(
    [[52, 32, 22], [84, 52, 30], [122, 84, 44], [108, 118, 60], [74, 122, 92], [66, 112, 150], [110, 152, 186],
     [132, 142, 150]],
    np.float32,
) / np.float32(255)  # fmt: skip


@dataclass(frozen=True)
class Eyes:
    """Where the pixels lie in the eye that is nearer to them, and where its lids are.

    Lengths in half heights of the head, across from the middle of the eye outwards.
    """

    p: Columns
    pixel: Plane
    side: Plane  # -1 for the eye on the left of the image, 1 for the other
    across: Plane
    down: Plane
    place: Plane  # across, in half widths of the eye
    top: Plane  # level of the upper lid
    bottom: Plane  # of the lower one
    visible: Plane  # 0 where the head has turned away


def eye_colour(p: Columns) -> Colour:
    """Brown to green, blue and grey; light ones are rare where the skin is deep."""
    return ramp(p.eye_colour * (1.0 - 0.6 * ease((p.skin_tone - 0.45) * 2.5)), EYES)


def paint_eyes(canvas: Canvas, view: View, head: Surface) -> None:
    """White, iris and lids."""
    eyes = _eyes(view, head)
    down, top, bottom, pixel = eyes.down, eyes.top, eyes.bottom, eyes.pixel
    width = eyes.p.eye_width
    ball = inside(np.maximum(top - down, down - bottom), pixel) * inside(np.abs(eyes.place) * width - width, pixel)
    ball *= eyes.visible
    canvas.paint(ball, flat(0.94, 0.92, 0.90))
    canvas.light(ball * 0.6, 0.98)
    canvas.dim(ball * bump((down - top) * (down - top) * 500) * 0.25)  # the lid's shadow
    _paint_iris(canvas, eyes, ball)
    _paint_lids(canvas, eyes)


def _eyes(view: View, head: Surface) -> Eyes:
    p = view.p
    side = np.where(head.across < 0, np.float32(-1), np.float32(1))
    across = np.abs(head.across) - p.eye_spacing
    down = head.down - p.eye_level + p.eye_tilt * across
    place = across / p.eye_width
    arch = 1 - place * place
    opened = p.eyes_open - 0.22 * np.maximum(p.smile, 0)
    top = -p.eye_height * arch * (1.08 + 0.18 * place) * opened
    bottom = p.eye_height * arch * (0.72 - 0.10 * place) * (0.7 + 0.3 * opened)
    return Eyes(p, view.pixel, side, across, down, place, top, bottom, inside(-head.near, 0.1))


def _paint_iris(canvas: Canvas, eyes: Eyes, ball: Plane) -> None:
    """Iris, pupil and a glint of the lamp, as far as the lids leave them free."""
    p, pixel = eyes.p, eyes.pixel
    radius = np.minimum(p.eye_width * 0.50, p.eye_height * 1.02)
    right = eyes.across - eyes.side * p.gaze_side * p.eye_width * 0.22
    below = eyes.down - p.gaze_height * p.eye_height * 0.12 + p.eye_height * 0.12
    distance = np.sqrt(right * right + below * below)
    iris = eye_colour(p)
    canvas.paint(ball * inside(distance - radius, pixel), darker(iris, 0.55))
    inner = between(darker(iris, 0.95), darker(iris, 1.45), ease(below / radius * 0.8 + 0.4))
    canvas.paint(ball * inside(distance - radius * 0.82, pixel * 1.2), inner)
    canvas.paint(ball * inside(distance - radius * 0.42, pixel), flat(0.04, 0.03, 0.03))
    glint_x, glint_y = right * eyes.side - p.light_side * radius * 0.35, below + radius * 0.38
    glint = ball * inside(np.sqrt(glint_x * glint_x + glint_y * glint_y) - radius * 0.24, pixel)
    canvas.paint(glint * 0.9, flat(1.0, 1.0, 1.0))


def _paint_lids(canvas: Canvas, eyes: Eyes) -> None:
    """Lashes, the lower lid, the crease above the eye and the bag below it."""
    p, pixel, down = eyes.p, eyes.pixel, eyes.down
    skin = skin_colour(p)
    lash = between(darker(skin, 0.25), flat(0.07, 0.05, 0.05), 0.6)
    ends = inside(np.abs(eyes.place) * p.eye_width - p.eye_width * 1.06, pixel) * eyes.visible
    thick = 0.013 + 0.010 * np.clip(eyes.place, 0, 1)
    line = inside(np.abs(down - eyes.top) - thick, pixel) * ends
    canvas.paint(line * 0.92, lash)
    line = inside(np.abs(down - eyes.bottom) - 0.005, pixel * 1.5) * ends
    canvas.paint(line * 0.45, darker(skin, 0.5))
    crease = eyes.top * 1.25 - 0.026 - 0.02 * p.lid_crease
    line = inside(np.abs(down - crease) - 0.008, pixel * 1.5) * ends
    canvas.dim(line * (0.10 + 0.32 * p.lid_crease))
    bag = eyes.bottom * 1.3 + 0.045
    canvas.dim(bump((down - bag) * (down - bag) * 900) * ends * (0.04 + 0.14 * p.lines))


def paint_brows(canvas: Canvas, view: View, head: Surface) -> None:
    """In the colour of the hair, a little darker."""
    p, pixel = view.p, view.pixel
    across = np.abs(head.across) - p.eye_spacing * 0.98
    place = across / p.brow_length
    level = p.eye_level - p.brow_gap - 0.03 * p.brow_raise - p.brow_arch * (1 - (place - 0.2) * (place - 0.2))
    level = level - p.brow_tilt * across * 0.8
    thick = p.brow_thickness * np.clip(1.05 - 0.55 * place * np.abs(place) - 0.25 * place, 0.15, 1.1)
    cover = inside(np.abs(head.down - level) - thick, pixel * 1.4)
    cover *= inside((np.abs(place) - 1) * p.brow_length, pixel * 2) * inside(-head.near, 0.1)
    canvas.paint(cover * 0.85, between(darker(hair_colour(p), 0.72), darker(skin_colour(p), 0.35), 0.25))
