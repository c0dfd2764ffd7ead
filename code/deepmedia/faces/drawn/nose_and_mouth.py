"""Nose and mouth, drawn on the turned surface of the head."""

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Plane, bump, darker, ease, flat, inside
from deepmedia.faces.drawn.head import lip_colour, skin_colour
from deepmedia.faces.drawn.surface import Columns, Surface, View


def paint_nose(canvas: Canvas, view: View, head: Surface) -> None:
    """Mostly light and shade; only the nostrils have a colour of their own."""
    p = view.p
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
    _paint_nostrils(canvas, view, across, below)


def _paint_nostrils(canvas: Canvas, view: View, across: Plane, below: Plane) -> None:
    """Nostrils, the wings around them, and the shadow of the nose."""
    p, pixel = view.p, view.pixel
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
    top = -p.upper_lip * thin * arch * (1 + 0.25 * (squares - dip)) + p.upper_lip * dip * 0.55 - gap * 0.30
    bottom = p.lower_lip * thin * np.maximum(arch, 0) * (0.75 + 0.25 * arch) + gap
    ends = inside((np.abs(place) - 1) * half, pixel)
    lips = inside(np.maximum(top - below, below - bottom), pixel * 1.2) * ends
    canvas.paint(lips, lip_colour(p))
    canvas.dim(lips * inside(below, pixel * 2) * 0.16)
    shine = below - bottom * 0.5 - gap * 0.4
    canvas.shade += lips * bump(shine * shine * 900 + squares * 1.6) * 0.10
    _paint_teeth(canvas, view, place, below, gap, half)
    under = head.down - level - bottom - 0.05
    canvas.dim(bump(across * across * 40 + under * under * 420) * 0.16)
    chin = head.down - level - 0.26
    canvas.shade += bump(across * across * 26 + chin * chin * 60) * 0.05
    _paint_lines(canvas, p, head, half, level)


def _paint_teeth(canvas: Canvas, view: View, place: Plane, below: Plane, gap: Plane, half: Plane) -> None:
    """What is between the lips: teeth, or the line where the lips meet."""
    pixel, opened = view.pixel, np.maximum(view.p.mouth_open, 0)
    squares = np.minimum(place * place, 1.5)
    ends = inside((np.abs(place) - 1) * half, pixel)
    hollow = inside(np.maximum(-gap * 0.35 - below, below - gap * 0.75), pixel) * ends * ease(opened * 12)
    canvas.paint(hollow, flat(0.20, 0.07, 0.07))
    teeth = hollow * inside(below - gap * 0.12, pixel * 1.2) * ease(1.6 - squares * 1.8)
    canvas.paint(teeth * 0.92, flat(0.93, 0.91, 0.87))
    arch = 1 - squares
    line = inside(np.abs(below) - 0.007 - 0.004 * arch, pixel * 1.2) * inside((np.abs(place) - 1.04) * half, pixel)
    canvas.paint(line * 0.75 * (1 - ease(opened * 12)), darker(lip_colour(view.p), 0.38))


def _paint_lines(canvas: Canvas, p: Columns, head: Surface, half: Plane, level: Plane) -> None:
    """The folds from the nose to the corners of the mouth."""
    part = (head.down - p.nose_level + 0.03) / (p.mouth_gap + 0.03)
    fold = np.abs(head.across) - p.nose_width * 1.15 - (half * 1.08 - p.nose_width * 1.05) * part
    shown = ease(part * 4) * ease((1.1 - part) * 4)
    strength = 0.04 + 0.16 * p.lines * (0.6 + 0.4 * np.maximum(p.smile, 0)) + 0.06 * np.maximum(p.smile, 0)
    canvas.dim(bump(fold * fold * 600) * shown * strength)
