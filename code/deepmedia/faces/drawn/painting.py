"""From parameters to pixels: the layers of a drawn face, from the wall behind it to the camera before it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.drawn.canvas import Canvas
from deepmedia.faces.drawn.eyes import paint_brows, paint_eyes
from deepmedia.faces.drawn.hair import (
    hair_surface,
    paint_back_hair,
    paint_beard,
    paint_bun,
    paint_front_hair,
    paint_locks,
    style_of,
)
from deepmedia.faces.drawn.head import paint_cheeks, paint_clothes, paint_ears, paint_head
from deepmedia.faces.drawn.nose_and_mouth import paint_mouth, paint_nose
from deepmedia.faces.drawn.parameters import OCCLUSIONS
from deepmedia.faces.drawn.pieces import images_where, painting, window
from deepmedia.faces.drawn.scene import paint_background, photograph
from deepmedia.faces.drawn.surface import Columns, Surface, View, view
from deepmedia.faces.drawn.worn import paint_glasses, paint_hat, paint_scarf


def paint_faces(rows: NDArray[np.void], size: int) -> NDArray[np.uint8]:
    """Draw a batch: all at once, so some dozens at most.

    Args:
        rows: Their parameters, `ATTRIBUTES` (batch,).
        size: Height and width of each image.

    Returns:
        uint8 (batch, size, size, 3).
    """
    p = Columns(rows)
    seen = view(p, size)
    canvas = Canvas(np.zeros((3, len(rows), size, size), np.float32), np.zeros((len(rows), size, size), np.float32))
    head, hair = seen.surface(), hair_surface(seen)
    paint_background(canvas, seen)
    _where(style_of(p, "behind") > 0, paint_back_hair, canvas, seen)
    _where(style_of(p, "knot") > 0, paint_bun, canvas, seen)
    with painting(window(seen, level=1.5, up=0.5, aside=2), canvas, seen) as part:
        paint_clothes(*part)
    ear, skin, light = paint_ears(canvas, seen)
    paint_head(canvas, seen, head)
    canvas.paint(ear, skin)
    canvas.light(ear, light)
    paint_cheeks(canvas, seen, head)
    _where(p.beard > 0, paint_beard, canvas, seen, head)
    with painting(window(seen, level=0.46, up=0.60, aside=0.5), canvas, seen, head) as part:
        paint_nose(*part)
        paint_mouth(*part)
    with painting(window(seen, level=-0.10, up=0.52, aside=0.68), canvas, seen, head) as part:
        paint_eyes(*part)
        paint_brows(*part)
    _where(style_of(p, "dense") > 0, paint_front_hair, canvas, seen, head, hair)
    _where(style_of(p, "locks") > -1, paint_locks, canvas, seen, hair)
    glasses = OCCLUSIONS.index("glasses"), OCCLUSIONS.index("sunglasses")
    _where((p.occlusion == glasses[0]) | (p.occlusion == glasses[1]), paint_glasses, canvas, seen, head)
    _where(p.occlusion == OCCLUSIONS.index("hat"), paint_hat, canvas, seen, head)
    _where(p.occlusion == OCCLUSIONS.index("scarf"), paint_scarf, canvas, seen, head)
    return photograph(canvas, seen)


def _where(chosen: NDArray[np.bool_], paint: Callable[..., None], canvas: Canvas, seen: View, *bodies: Surface) -> None:
    """Paint on those images alone that are chosen, (batch, 1, 1)."""
    piece = images_where(chosen.reshape(-1), seen)
    if len(piece.images):
        with painting(piece, canvas, seen, *bodies) as part:
            paint(*part)
