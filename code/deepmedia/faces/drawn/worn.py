"""What hides a part of the face: glasses, sunglasses, hat, scarf."""

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Plane, between, bump, darker, ease, flat, hue, inside, zigzag
from deepmedia.faces.drawn.head import head_light
from deepmedia.faces.drawn.parameters import OCCLUSIONS
from deepmedia.faces.drawn.surface import Surface, View


def paint_glasses(canvas: Canvas, view: View, head: Surface) -> None:
    """Round or square ones on the nose, clear or dark, with a little glare."""
    p, pixel = view.p, view.pixel
    dark = p.occlusion == OCCLUSIONS.index("sunglasses")
    across = head.across - 0.07 * view.turn[1]
    away = np.abs(across)
    lens = p.eye_spacing + 0.02
    wide, high = np.minimum(lens - 0.05, 0.25), 0.17 + 0.05 * p.worn_light
    x, y = (away - lens) / wide, (head.down - p.eye_level - 0.02) / high
    round_, square = x * x + y * y, x * x * x * x + y * y * y * y
    shape = np.sqrt(round_ + (np.sqrt(square) - round_) * p.frame_shape)
    edge = (shape - 1) * high
    shown = inside(-head.near - 0.1, 0.1)
    glass = inside(edge, pixel) * shown
    frame = between(flat(0.09, 0.08, 0.08), hue(p.worn_hue, 0.45, p.worn_light * 0.5 + 0.15), 0.6)
    canvas.dim(bump((edge - 0.04) * (edge - 0.04) * 400) * 0.15)
    canvas.paint(glass * np.where(dark, np.float32(0.90), np.float32(0.06)), darker(frame, np.where(dark, 0.35, 1.6)))
    glare = inside(np.abs(x * 0.8 + y - 0.25 - 0.5 * p.light_side) - 0.16, 0.1)
    canvas.paint(glass * glare * np.where(dark, np.float32(0.10), np.float32(0.14)), flat(1.0, 1.0, 1.0))
    thick = 0.018 + 0.014 * p.worn_hue
    rim = inside(np.abs(edge) - thick, pixel) * shown
    bridge = inside(np.abs(head.down - p.eye_level + 0.03 - away * 0.15) - thick, pixel) * inside(away - 0.12, pixel)
    arm = inside(np.abs(head.down - p.eye_level + 0.03) - thick, pixel) * inside(lens + wide - away, pixel)
    arm = arm * inside(head.outside, pixel)
    cover = np.maximum(rim, np.maximum(bridge, arm) * inside(-head.near - 0.25, 0.1))
    canvas.paint(cover, frame)
    canvas.light(cover, np.float32(0.85) + 0.1 * p.light_side * across)


def paint_hat(canvas: Canvas, view: View, head: Surface) -> None:
    """A knitted one, down to the forehead."""
    p, pixel = view.p, view.pixel
    hat = view.surface(wider=0.13, higher=0.20)
    colour = hue(p.worn_hue, 0.45, 0.15 + 0.6 * p.worn_light)
    level = -0.42 + 0.10 * hat.across * hat.across
    cover = inside(hat.outside, pixel * 1.2) * inside(hat.down - level, pixel * 1.2)
    ribs = 0.06 * zigzag(hat.across * 6)
    canvas.dim(bump((hat.down - level) * (hat.down - level) * 60) * inside(head.outside, pixel) * 0.25)
    canvas.paint(cover, colour)
    canvas.light(cover, head_light(p, hat) + ribs)
    band = cover * inside(level - 0.17 - hat.down, pixel * 1.5)
    canvas.paint(band, darker(colour, 0.8 + 0.35 * p.frame_shape))
    canvas.dim(inside(np.abs(hat.down - level + 0.17) - 0.012, pixel * 1.5) * cover * 0.3)


def paint_scarf(canvas: Canvas, view: View, head: Surface) -> None:
    """Around the neck, over chin and mouth."""
    p, pixel, x, y = view.p, view.pixel, view.x - 0.04 * view.turn[1], view.y
    top = 0.58 + 0.10 * p.frame_shape - 0.16 * bump(x * x * 1.6) + 0.2 * x * x
    half: Plane = p.head_width * 0.86 + 0.18 * ease(y * 1.6 - 0.6) + 0.15 * np.maximum(y - 0.9, 0)
    cover = inside(top - y, pixel * 1.3) * inside(np.abs(x) - half, pixel * 1.5) * inside(y - 1.45, pixel * 2)
    colour = hue(p.worn_hue, 0.5, 0.2 + 0.55 * p.worn_light)
    folds = zigzag((y - 0.35 * x * x) * 3.3 + 0.3 * zigzag(x * 0.9 + p.worn_hue))
    canvas.paint(cover, between(colour, darker(colour, 0.75), ease(folds * 3)))
    light = 0.85 + 0.08 * folds + 0.14 * p.light_contrast * p.light_side * x - 0.15 * x * x
    canvas.light(cover, light)
