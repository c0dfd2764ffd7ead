"""Hair, behind and around the face, and beards."""

from dataclasses import dataclass

import numpy as np

from deepmedia.faces.drawn.canvas import Canvas, Colour, Plane, between, bump, darker, ease, inside, ramp, wave, zigzag
from deepmedia.faces.drawn.head import head_light
from deepmedia.faces.drawn.parameters import BEARDS
from deepmedia.faces.drawn.surface import Columns, Surface, View

HAIR = np.array(
    [[24, 20, 20], [40, 28, 24], [66, 44, 32], [96, 62, 40], [120, 66, 36], [150, 74, 38], [168, 122, 70],
     [206, 166, 104], [226, 204, 156], [190, 188, 186]],
    np.float32,
) / np.float32(255)  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How a kind of hair is cut. Lengths in half heights of the head, levels downwards."""

    above: float  # how much higher than the skull
    around: float  # how much wider
    front: float  # level of the hairline in the middle of the forehead; below 0 is up
    temples: float = 0.62  # how much lower it is at the temples
    slant: float = 0.0  # how much one side of the parting lies lower than the other
    apart: float = 0.0  # how steeply the hair falls to both sides of the parting
    nape: float = 0.35  # how far down it reaches at the back of the head
    sides: float = -0.05  # and where it stands out from the head
    locks: float = -1.0  # how far down it hangs beside the face; -1 for not at all
    behind: float = 0.0  # how far down it hangs behind the neck
    curl: float = 0.0  # of its outline
    dense: float = 1.0  # how much of the skin it hides
    knot: float = 0.0  # size of a bun


STYLES = (
    Style(0.0, 0.0, -1.5, dense=0.0),  # bald
    Style(0.03, 0.02, -0.86, 0.95),  # receding
    Style(0.02, 0.012, -0.60, dense=0.80),  # buzz cut
    Style(0.09, 0.045, -0.58),  # short
    Style(0.14, 0.05, -0.56, slant=0.30),  # swept
    Style(0.10, 0.06, -0.26, 0.30),  # fringe
    Style(0.20, 0.20, -0.52, curl=0.04, nape=0.55, sides=0.5),  # curly
    Style(0.11, 0.10, -0.32, 0.28, locks=0.78, behind=0.9),  # bob
    Style(0.12, 0.08, -0.74, 0.10, apart=0.75, locks=0.30, behind=0.5),  # curtains
    Style(0.10, 0.09, -0.66, 0.25, slant=0.16, apart=0.35, locks=1.5, behind=2.0),  # long
    Style(0.13, 0.14, -0.60, 0.35, slant=0.22, apart=0.2, locks=1.35, behind=2.0, curl=0.035),  # wavy
    Style(0.04, 0.03, -0.68, 0.55, knot=0.30),  # bun
)


def hair_colour(p: Columns) -> Colour:
    """Black to blond and grey; light ones are rare where the skin is deep."""
    place = p.hair_colour * (1.0 - 0.55 * ease((p.skin_tone - 0.4) * 2.5))
    return darker(ramp(place, HAIR), 1 + 0.12 * p.hair_shade)


def style_of(p: Columns, name: str) -> Plane:
    """One column of the styles, as the identities have it."""
    column = np.array([getattr(style, name) for style in STYLES], np.float32)
    return column[p.rows["hair_style"]][:, None, None]


def hair_surface(view: View) -> Surface:
    """The body that the hair is: the skull, and more where the style has volume."""
    volume = _volume(view.p)
    return view.surface(wider=style_of(view.p, "around") * volume, higher=style_of(view.p, "above") * volume)


def _volume(p: Columns) -> Plane:
    return 0.7 + 0.6 * p.hair_volume


def paint_back_hair(canvas: Canvas, view: View) -> None:
    """What hangs behind the neck."""
    p, x, y = view.p, view.x, view.y
    colour = hair_colour(p)
    length, around, curl = style_of(p, "behind"), style_of(p, "around"), style_of(p, "curl")
    turned = x + 0.10 * view.turn[1]
    half = p.head_width + around * _volume(p) + 0.10 * np.clip(y, 0, 1.5) * (length > 1)
    edge = np.abs(turned) - half - curl * wave(y * 2.6 + p.hair_part)
    hanging = inside(edge, view.pixel * 1.5) * inside(y - length, view.pixel * 2) * inside(-0.1 - y, view.pixel)
    canvas.paint(hanging, darker(colour, 0.80))
    strands = 0.08 * zigzag(turned * 7 + curl * 20 * zigzag(y * 1.3)) + 0.05 * zigzag(turned * 17)
    canvas.light(hanging, 0.72 + strands)


def paint_bun(canvas: Canvas, view: View) -> None:
    """A knot of hair above the head."""
    p, y = view.p, view.y
    turned = view.x + 0.10 * view.turn[1]
    size = style_of(p, "knot") * (0.8 + 0.4 * p.hair_volume)
    up = y + 1.0 + size * 0.45
    distance = np.sqrt(turned * turned + up * up)
    knot = inside(distance - size, view.pixel * 1.3)
    canvas.paint(knot, hair_colour(p))
    canvas.light(knot, 0.78 + 0.25 * (p.light_side * view.x - up) + 0.10 * zigzag(distance * 9 + turned * 3))


def paint_front_hair(canvas: Canvas, view: View, head: Surface, hair: Surface) -> None:
    """What covers skull, forehead, temples and ears."""
    p, dense = view.p, style_of(view.p, "dense")
    cover, edge = _front(view, head, hair)
    canvas.dim(bump((edge - 0.03) * (edge - 0.03) * 130) * inside(hair.outside, view.pixel) * 0.16 * dense)
    away = hair.across / p.head_width
    strands = _strands(hair.across - p.hair_part * 0.35, hair.down, style_of(p, "curl"))
    gloss = hair.down + 0.62 - 0.35 * (away * away)
    sheen = bump(gloss * gloss * 22) * (0.16 + 0.35 * strands)
    cover = cover * dense
    canvas.paint(cover, hair_colour(p))
    canvas.light(cover, head_light(p, hair) * (0.92 + strands) + sheen)


def _front(view: View, head: Surface, hair: Surface) -> tuple[Plane, Plane]:
    """Where there is hair, and how far below the hairline each pixel is."""
    p, pixel, across, down = view.p, view.pixel, hair.across, hair.down
    curl = style_of(p, "curl")
    away = across / p.head_width
    squares = away * away
    level = style_of(p, "front") + p.hairline
    level = level + style_of(p, "temples") * squares * squares * np.minimum(squares, 1.4)
    level = level + style_of(p, "slant") * (across * np.sign(p.hair_part) + 0.2)
    level = level + style_of(p, "apart") * np.abs(across - p.hair_part * 0.35)
    ragged = 0.020 * zigzag(across * 9 + p.hair_part) + 0.012 * zigzag(across * 23)
    edge = down - level - ragged - curl * wave(across * 3.1 + p.hair_part * 2)
    fringe = inside(edge, pixel * 2)
    back = inside(hair.near, 0.08) * inside(down - style_of(p, "nape"), pixel * 3)
    beyond = inside(-head.outside, pixel) * inside(down - style_of(p, "sides") - ragged * 2, pixel * 2)
    outline = hair.outside + curl * (wave(across * 2.7 + view.y * 1.1) + wave(view.y * 3.7 - view.x * 1.3) - 0.6)
    return np.maximum(np.maximum(fringe, back), beyond) * inside(outline, pixel * 1.3), edge


def _strands(across: Plane, down: Plane, curl: Plane) -> Plane:
    """Light and dark lines that run away from the parting."""
    along = across * (1.6 + 0.5 * down) + curl * 6 * zigzag(down * 2.1 + across)
    return 0.07 * zigzag(along * 4.3) + 0.05 * zigzag(along * 11.7 + down * 0.6)


def paint_locks(canvas: Canvas, view: View, hair: Surface) -> None:
    """Hair that hangs down beside the face, before the ears."""
    p, x, y = view.p, view.x, view.y
    length, around, curl = style_of(p, "locks"), style_of(p, "around"), style_of(p, "curl")
    turned = x - 0.06 * view.turn[1]
    away = np.abs(turned)
    swing = curl * wave(y * 2.6 + p.hair_part)
    inner = p.head_width * (0.86 - 0.10 * np.clip(y + 0.2, 0, 0.9)) - swing * 0.6
    outer = p.head_width + around * _volume(p) + 0.07 * np.clip(y, 0, 1.2) * (length > 1) + swing
    cover = inside(np.maximum(inner - away, away - outer), view.pixel * 1.5)
    tip = length - 0.25 * (away - inner)
    cover *= inside(y - tip, view.pixel * 2.5) * inside(-0.55 - y, 0.2)
    cover *= np.where(y < 0, inside(hair.outside, view.pixel * 1.5), np.float32(1))
    colour = hair_colour(p)
    shadow = bump((inner - away) * (inner - away) * 220) * inside(hair.outside, view.pixel)
    canvas.dim(shadow * inside(y - tip, 0.1) * 0.18)
    canvas.paint(cover, colour)
    strands = 0.09 * zigzag(away * 7.3 + swing * 4) + 0.06 * zigzag(away * 17.9 + swing * 9)
    lit = 0.86 + 0.2 * p.light_contrast * p.light_side * turned
    canvas.light(cover, lit + strands - 0.10 * ease(y * 0.8))


def paint_beard(canvas: Canvas, view: View, head: Surface) -> None:
    """Stubble, moustache, goatee or full beard."""
    p, pixel = view.p, view.pixel
    kind = p.beard
    across, down = head.across, head.down
    away = np.abs(across) / p.head_width
    squares = away * away
    mouth = p.nose_level + p.mouth_gap
    ragged = 0.015 * zigzag(across * 13) + 0.01 * zigzag(across * 29 + down * 3)
    cheeks = inside(mouth - 0.10 - 0.95 * squares * squares - down + ragged, 0.09)
    strip_y = down - (p.nose_level + 0.62 * p.mouth_gap) - 0.10 * squares * 4 * 0.5
    strip = inside(np.abs(strip_y) - 0.055 + 0.06 * squares * 3, pixel * 2.5) * inside(away - 0.42, 0.08)
    chin_x, chin_y = across / 0.24, (down - mouth - 0.24) / 0.24
    chin = inside((np.sqrt(chin_x * chin_x + chin_y * chin_y) - 1) * 0.22 + ragged, pixel * 3)
    sides = inside(np.abs(np.abs(across) - p.mouth_width * 1.08) - 0.035, pixel * 2.5) * inside(
        np.abs(down - mouth - 0.06) - 0.14, 0.06
    )
    full = np.maximum(cheeks, strip)
    goatee = np.maximum(np.maximum(strip, chin), sides)
    is_moustache, is_goatee, is_stubble = (kind == BEARDS.index(name) for name in ("moustache", "goatee", "stubble"))
    shape = np.where(is_moustache, strip, np.where(is_goatee, goatee, full))
    strength = np.where(is_stubble, np.float32(0.38), np.float32(0.90))
    cover = shape * strength * inside(head.outside + 0.01, pixel * 2)
    colour = between(darker(hair_colour(p), 0.88), darker(hair_colour(p), 0.62), 0.3)
    canvas.paint(cover, colour)
    canvas.shade += cover * (0.10 * zigzag(across * 14 + down * 2) - 0.02)
