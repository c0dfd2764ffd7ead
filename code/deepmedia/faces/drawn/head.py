"""Head, ears, neck and clothes."""

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Colour, Plane, between, bump, darker, ease, hue, inside, ramp
from deepmedia.faces.drawn.surface import Columns, Surface, View

SKIN = np.array(
    [[245, 212, 190], [236, 194, 164], [224, 172, 136], [196, 140, 104], [156, 104, 74], [112, 74, 54], [78, 52, 42]],
    np.float32,
) / np.float32(255)


def skin_colour(p: Columns) -> Colour:
    """Light to deep, cool to warm."""
    red, green, blue = ramp(p.skin_tone, SKIN)
    return red * (1 + 0.02 * p.undertone), green, blue * (1 - 0.09 * p.undertone)


def lip_colour(p: Columns) -> Colour:
    """From near the skin to red."""
    red, green, blue = skin_colour(p)
    natural = red * 0.86, green * 0.66, blue * 0.66
    deep = red * 0.5 + 0.30, green * 0.34 + 0.02, blue * 0.36 + 0.06
    return between(natural, deep, p.lip_redness)


def body_light(view: View) -> Plane:
    """The light on what is not the head: brighter towards the lamp."""
    p = view.p
    return 0.8 + (0.16 * p.light_contrast) * (p.light_side * view.x - p.light_height * view.y * 0.5)


def head_light(p: Columns, surface: Surface) -> Plane:
    """The light on a rounded body: some from everywhere, more where it faces the lamp."""
    side, height = p.light_side * 0.8, p.light_height * 0.7
    ahead = 0.75 - 0.25 * np.abs(p.light_side)
    length = np.sqrt(side * side + height * height + ahead * ahead)
    right, below, front = surface.normal
    facing = (right * side - below * height + front * ahead) / length
    facing = np.maximum((facing + 0.25) / 1.25, 0)
    return 1.12 - 0.15 * p.light_contrast + p.light_contrast * (facing * 0.95 - 0.75)


def paint_clothes(canvas: Canvas, view: View) -> None:
    """Neck, shoulders and what is worn there."""
    p, x, y = view.p, view.x, view.y
    skin = skin_colour(p)
    away = np.abs(x)
    light = body_light(view)
    half_neck = p.head_width * (0.46 + 0.35 * p.jaw_width)
    low = np.maximum(y - 0.75, 0)
    neck = inside(away - half_neck - low * low * 0.35, view.pixel * 1.5) * inside(0.3 - y, view.pixel)
    canvas.paint(neck, skin)
    rounding = away / half_neck
    below_chin = ease(1.75 - y * 1.05)
    canvas.light(neck, light * (1.02 - 0.22 * rounding * rounding - 0.30 * below_chin))
    wide = 1.45 + 0.35 * p.head_width
    across = x / wide
    height = 1.22 + 0.75 * across * across * across * across + 0.10 * np.minimum(away, 0.8)
    scoop = (0.10 + 0.25 * p.neckline) * bump(x * x / ((half_neck + 0.12) * (half_neck + 0.12)))
    cloth = inside(height + scoop - y, view.pixel * 1.5)
    colour = hue(p.clothes_hue, 0.35, 0.15 + 0.7 * p.clothes_light)
    canvas.paint(cloth, colour)
    folds = bump((away - 0.75) * (away - 0.75) * 12) * 0.10
    canvas.light(cloth, light * (1 - folds))
    seam = inside(np.abs(height + scoop + 0.07 - y) - 0.02, view.pixel * 2)
    canvas.dim(seam * 0.18)


def paint_ears(canvas: Canvas, view: View) -> tuple[Plane, Colour, Plane]:
    """Both ears, behind the head.

    Returns:
        Cover, colour and light of the ear that the turned head shows before it: to be painted after the head.
    """
    p = view.p
    cos, sin = view.turn
    skin = between(skin_colour(p), lip_colour(p), 0.15)
    middle = 0.10 + p.eye_level * 0.5 + view.nod[1] * 0.2
    up = (view.y - middle) / (p.ear_size * 1.15)
    wide = p.ear_size * 0.55
    side = np.where(view.x < 0, np.float32(-1), np.float32(1))
    turned = side * -sin  # above 0 on the side that is turned to us
    shown = np.maximum(turned, 0)
    place = p.head_width * 0.97 * cos + p.ear_out - 0.02 * shown
    up_squared = up * up
    across = (np.abs(view.x) - place) / (wide * (1 + 0.6 * shown)) - 0.25 * up_squared + 0.2 * up
    squares = across * across + up_squared
    cover = inside((np.sqrt(squares) - 1) * wide, view.pixel)
    canvas.paint(cover, skin)
    hollow = bump((squares + 0.01 - 0.2 * across) * 2.4)
    light = body_light(view) * (1 + 0.15 * p.light_contrast * p.light_side * side) * (1.03 - 0.35 * hollow)
    canvas.light(cover, light)
    return cover * ease(turned * 4 - 0.4), skin, light


def paint_head(canvas: Canvas, view: View, head: Surface) -> None:
    """Skin, rounded by light and shade."""
    p = view.p
    cover = inside(head.outside, view.pixel * 1.2)
    canvas.paint(cover, skin_colour(p))
    light = head_light(p, head)
    eased = light - 0.10 * ease((head.outside + 0.10) * 10)  # the outline turns away from all light
    canvas.light(cover, eased)


def paint_cheeks(canvas: Canvas, view: View, head: Surface) -> None:
    """Blush, the shade of the eye sockets, the light on cheekbones, and a mole."""
    p = view.p
    away = np.abs(head.across)
    cheek = away - p.head_width * 0.56
    level = head.down - p.nose_level + 0.04
    red = bump((cheek * cheek + level * level) * 16)
    skin = skin_colour(p)
    canvas.paint(red * (0.10 + 0.30 * p.blush), between(skin, lip_colour(p), 0.75))
    level = head.down - p.nose_level + 0.17
    canvas.shade += bump(cheek * cheek * 10 + level * level * 40) * 0.05
    socket = away - p.eye_spacing * 0.92
    level = head.down - p.eye_level + 0.035
    canvas.dim(bump(socket * socket * 18 + level * level * 42) * 0.17)
    across = head.across - p.mole_side * p.head_width * 0.6
    level = head.down - p.mole_level
    spot = inside(np.sqrt(across * across + level * level) - 0.022, view.pixel * 1.3) * p.mole
    canvas.paint(spot * 0.85, darker(skin, 0.35))
