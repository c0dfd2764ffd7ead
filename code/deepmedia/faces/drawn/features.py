"""Eyes, brows, nose and mouth, drawn on the turned surface of the head."""

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Colour, Plane, between, bump, darker, ease, flat, inside, ramp
from deepmedia.faces.drawn.hair import hair_colour
from deepmedia.faces.drawn.head import lip_colour, skin_colour
from deepmedia.faces.drawn.surface import Columns, Surface, View

EYES = np.array(
    [[52, 32, 22], [84, 52, 30], [122, 84, 44], [108, 118, 60], [74, 122, 92], [66, 112, 150], [110, 152, 186],
     [132, 142, 150]],
    np.float32,
) / np.float32(255)  # fmt: skip


def eye_colour(p: Columns) -> Colour:
    """Brown to green, blue and grey; light ones are rare where the skin is deep."""
    return ramp(p.eye_colour * (1.0 - 0.6 * ease((p.skin_tone - 0.45) * 2.5)), EYES)


def paint_eyes(canvas: Canvas, view: View, head: Surface) -> None:
    """Both at once, mirrored, but for where they look and where the light is seen in them."""
    p, pixel = view.p, view.pixel
    side = np.where(head.across < 0, np.float32(-1), np.float32(1))
    across = np.abs(head.across) - p.eye_spacing
    down = head.down - p.eye_level + p.eye_tilt * across
    place = across / p.eye_width
    arch = 1 - place * place
    opened = p.eyes_open - 0.22 * np.maximum(p.smile, 0)
    top = -p.eye_height * arch * (1.08 + 0.18 * place) * opened
    bottom = p.eye_height * arch * (0.72 - 0.10 * place) * (0.7 + 0.3 * opened)
    ball = inside(np.maximum(top - down, down - bottom), pixel) * inside(
        np.abs(place) * p.eye_width - p.eye_width, pixel
    )
    visible = inside(-head.near, 0.1)
    ball *= visible
    canvas.paint(ball, flat(0.94, 0.92, 0.90))
    canvas.light(ball * 0.6, 0.98)
    canvas.dim(ball * bump((down - top) * (down - top) * 500) * 0.25)  # the lid's shadow
    # iris
    radius = np.minimum(p.eye_width * 0.50, p.eye_height * 1.02)
    right = across - side * p.gaze_side * p.eye_width * 0.22
    below = down - p.gaze_height * p.eye_height * 0.12 + p.eye_height * 0.12
    distance = np.sqrt(right * right + below * below)
    iris = eye_colour(p)
    canvas.paint(ball * inside(distance - radius, pixel), darker(iris, 0.55))
    inner = between(darker(iris, 0.95), darker(iris, 1.45), ease(below / radius * 0.8 + 0.4))
    canvas.paint(ball * inside(distance - radius * 0.82, pixel * 1.2), inner)
    canvas.paint(ball * inside(distance - radius * 0.42, pixel), flat(0.04, 0.03, 0.03))
    glint_x, glint_y = right * side - p.light_side * radius * 0.35, below + radius * 0.38
    glint = ball * inside(np.sqrt(glint_x * glint_x + glint_y * glint_y) - radius * 0.24, pixel)
    canvas.paint(glint * 0.9, flat(1.0, 1.0, 1.0))
    # lids
    skin = skin_colour(p)
    lash = between(darker(skin, 0.25), flat(0.07, 0.05, 0.05), 0.6)
    ends = inside(np.abs(place) * p.eye_width - p.eye_width * 1.06, pixel) * visible
    thick = 0.013 + 0.010 * np.clip(place, 0, 1)
    line = inside(np.abs(down - top) - thick, pixel) * ends
    canvas.paint(line * 0.92, lash)
    line = inside(np.abs(down - bottom) - 0.005, pixel * 1.5) * ends
    canvas.paint(line * 0.45, darker(skin, 0.5))
    crease = top * 1.25 - 0.026 - 0.02 * p.lid_crease
    line = inside(np.abs(down - crease) - 0.008, pixel * 1.5) * ends
    canvas.dim(line * (0.10 + 0.32 * p.lid_crease))
    bag = bottom * 1.3 + 0.045
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


def paint_nose(canvas: Canvas, view: View, head: Surface) -> None:
    """Mostly light and shade; only the nostrils have a colour of their own."""
    p, pixel = view.p, view.pixel
    start = p.eye_level - 0.06
    part = np.clip((head.down - start) / (p.nose_level - start), 0, 1.25)
    grown = part * part
    across = head.across - (0.03 + 0.15 * grown) * view.turn[1]
    wide = p.nose_width * (p.nose_bridge * 0.62 + (1 - p.nose_bridge * 0.62) * grown)
    place = across / wide
    squares = place * place
    flank = place / (1 + squares * squares)
    shown = ease(part * 2.2) * ease((1.10 - part) * 5) * inside(-head.near, 0.2)
    dark = (0.12 + 0.05 * p.light_contrast) * bump((np.abs(place) - 0.85) * (np.abs(place) - 0.85) * 2.2)
    canvas.shade += shown * (0.28 * p.light_contrast * p.light_side * flank - dark)
    canvas.shade += shown * bump(squares * 6) * (0.05 + 0.03 * p.light_contrast)
    below = head.down - p.nose_level
    tip = bump((across * across * 5 + (below + 0.05) * (below + 0.05) * 10) / (p.nose_width * p.nose_width * 2))
    canvas.shade += tip * 0.10
    # wings and nostrils
    away = np.abs(across)
    wing_x, wing_y = (away - p.nose_width * 0.72) / (p.nose_width * 0.42), (below + 0.012) / 0.062
    wing = np.abs(np.sqrt(wing_x * wing_x + wing_y * wing_y) - 1) * 0.05 - 0.006
    canvas.dim(inside(wing, pixel * 1.6) * ease(away / p.nose_width * 3 - 1.5) * 0.30)
    hole_x, hole_y = (away - p.nose_width * 0.48) / (p.nose_width * 0.36), (below - 0.022) / 0.024
    hole = inside((np.sqrt(hole_x * hole_x + hole_y * hole_y) - 1) * 0.024, pixel * 1.3)
    canvas.paint(hole * 0.75, darker(skin_colour(p), 0.28))
    shadow_x, shadow_y = across / (p.nose_width * 1.25), (below - 0.06) / 0.07
    canvas.dim(bump(shadow_x * shadow_x + shadow_y * shadow_y) * (0.12 + 0.16 * np.maximum(p.light_height, 0)))


def paint_mouth(canvas: Canvas, view: View, head: Surface) -> None:
    """Two lips, which part where the mouth is open; corners that rise with a smile."""
    p, pixel = view.p, view.pixel
    smile, opened = p.smile, np.maximum(p.mouth_open, 0)
    across = head.across - 0.05 * view.turn[1]
    half = p.mouth_width * (1 + 0.16 * smile - 0.10 * opened)
    place = across / half
    squares = np.minimum(place * place, 1.5)
    arch = 1 - squares
    level = p.nose_level + p.mouth_gap - 0.055 * smile * squares
    below = head.down - level - 0.02 * opened
    thin = 1 - 0.18 * np.maximum(smile, 0)
    dip = 0.28 * bump(squares * 9)
    gap = 0.11 * opened * arch
    top = -p.upper_lip * thin * arch * (1 + 0.25 * (squares - dip * 1.0)) + p.upper_lip * dip * 0.55 - gap * 0.30
    bottom = p.lower_lip * thin * np.maximum(arch, 0) * (0.75 + 0.25 * arch) + gap
    ends = inside((np.abs(place) - 1) * half, pixel)
    lips = inside(np.maximum(top - below, below - bottom), pixel * 1.2) * ends
    colour = lip_colour(p)
    canvas.paint(lips, colour)
    upper = inside(below, pixel * 2)
    canvas.dim(lips * upper * 0.16)
    shine = below - bottom * 0.5 - gap * 0.4
    canvas.shade += lips * bump(shine * shine * 900 + squares * 1.6) * 0.10
    hollow = inside(np.maximum(-gap * 0.35 - below, below - gap * 0.75), pixel) * ends * ease(opened * 12)
    canvas.paint(hollow, flat(0.20, 0.07, 0.07))
    teeth = hollow * inside(below - gap * 0.12, pixel * 1.2) * ease(1.6 - squares * 1.8)
    canvas.paint(teeth * 0.92, flat(0.93, 0.91, 0.87))
    line = inside(np.abs(below) - 0.007 - 0.004 * arch, pixel * 1.2) * inside((np.abs(place) - 1.04) * half, pixel)
    canvas.paint(line * 0.75 * (1 - ease(opened * 12)), darker(colour, 0.38))
    under = head.down - level - bottom - 0.05
    canvas.dim(bump(across * across * 40 + under * under * 420) * 0.16)
    chin = head.down - level - 0.26
    canvas.shade += bump(across * across * 26 + chin * chin * 60) * 0.05
    _paint_lines(canvas, p, head, half, level)


def _paint_lines(canvas: Canvas, p: Columns, head: Surface, half: Plane, level: Plane) -> None:
    """The folds from the nose to the corners of the mouth."""
    part = (head.down - p.nose_level + 0.03) / (p.mouth_gap + 0.03)
    fold = np.abs(head.across) - p.nose_width * 1.15 - (half * 1.08 - p.nose_width * 1.05) * part
    shown = ease(part * 4) * ease((1.1 - part) * 4)
    strength = 0.04 + 0.16 * p.lines * (0.6 + 0.4 * np.maximum(p.smile, 0)) + 0.06 * np.maximum(p.smile, 0)
    canvas.dim(bump(fold * fold * 600) * shown * strength)
