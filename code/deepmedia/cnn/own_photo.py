"""Someone's own photograph, made to look like those of the catalogue that a network was trained on.

The steps are those by which the catalogue's pictures were made, in short: trim
the edges, reduce, centre, and turn into a negative without colours. Source:
Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747. Departs from it: the
background is the median of the frame instead of the corners' colour, and it is
subtracted; what is brighter than the background stays bright, where the source
takes the negative of each picture; nothing is sharpened.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.picture_files import resize_and_pad

TOLERANCE = 40  # how far a pixel must be from the background to count as garment, of 255
LEAST_CONTRAST = 15  # how far the garment's grey must be from the wall's, of 255
WALL = (222, 216, 202)  # red, green, blue of the wall in made photographs


def catalogue_steps(photo: NDArray[np.uint8], *, size: int = 28) -> dict[str, NDArray[np.uint8]]:
    """The way from a photograph to a picture like the catalogue's.

    The garment should fill a good part of the photograph, lie on a plain
    background, and touch no edge. It should be brighter than the background, or
    darker: whichever most of it is becomes bright in the result. Parts on the
    other side of the background's grey come out black.

    Args:
        photo: uint8 (height, width, 3), RGB.
        size: Height and width of the result.

    Returns:
        The pictures on the way under their step's name, in order: ``cropped``
        (RGB), ``grey``, ``negative`` (of a garment darker than the background; a
        brighter one is bright already) and ``reduced``, all uint8, the last
        (size, size, 1) with a black background.

    Raises:
        ValueError: If the photo has another shape, nothing on it differs from its
            frame, or what does is as grey as the frame.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
        raise ValueError(f"photo must be uint8 (height, width, 3), RGB, got {photo.dtype} {photo.shape}")
    wall = _frame_colour(photo)
    far = np.abs(photo - wall).max(axis=2) > TOLERANCE
    if not far.any():
        raise ValueError(
            "photo must hold something that differs from its frame "
            f"by more than {TOLERANCE} of 255, but nothing does; "
            "use a wall of another colour"
        )
    rows, columns = (_extent(far.any(axis=1 - axis)) for axis in (0, 1))
    cropped = photo[rows, columns]
    grey = cv2.cvtColor(cropped, cv2.COLOR_RGB2GRAY)
    level = float(wall @ (0.299, 0.587, 0.114))  # the wall's grey
    garment = float(np.median(grey[far[rows, columns]]))  # the garment's grey
    if abs(garment - level) < LEAST_CONTRAST:
        raise ValueError(
            f"photo must show a garment at least {LEAST_CONTRAST} of 255 darker or brighter than its frame, "
            f"got grey {garment:.0f} on {level:.0f}; use a wall that is much darker or brighter"
        )
    white = 0 if garment < level else 255  # what becomes white: black or white cloth
    contrast = np.clip((grey - level) / (white - level), 0, 1)  # the wall: 0
    negative = (255 * contrast).astype(np.uint8)[..., None]
    reduced = resize_and_pad(negative, (size, size), background=0)
    return {"cropped": cropped, "grey": grey[..., None], "negative": negative, "reduced": reduced}


def like_the_catalogue(photo: NDArray[np.uint8], *, size: int = 28) -> NDArray[np.uint8]:
    """The last of `catalogue_steps`, uint8 (size, size, 1)."""
    return catalogue_steps(photo, size=size)["reduced"]


def made_photo(garment: NDArray[np.uint8], *, seed: int = 0) -> NDArray[np.uint8]:
    """A picture of the catalogue, as if somebody had photographed the garment on a wall.

    It is a drawing that stands for photographs which we don't have: enlarged,
    dark on a bright wall, off the centre, lit from one side, with a little noise.

    Args:
        garment: uint8 (28, 28), bright on black.
        seed: Of place, size, light and noise.

    Returns:
        uint8 (240, 320, 3), RGB.
    """
    generator = np.random.default_rng(seed)
    side = int(generator.integers(110, 200))
    large = cv2.resize(garment, (side, side), interpolation=cv2.INTER_CUBIC) / 255.0
    top, left = (int(generator.integers(8, room - side - 8)) for room in (240, 320))
    cover = np.zeros((240, 320, 1))
    cover[top : top + side, left : left + side, 0] = large
    light = np.linspace(0.95, 1.05, 320)[:: generator.choice([-1, 1])][None, :, None]
    noise = generator.normal(0, 3, (240, 320, 3))
    return np.asarray(np.clip(np.array(WALL) * light * (1 - cover) + noise, 0, 255), np.uint8)


def _frame_colour(photo: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Median colour of the outermost pixels, (3,)."""
    sides = photo[0], photo[-1], photo[:, 0], photo[:, -1]
    return np.asarray(np.median(np.concatenate(sides), axis=0), np.float64)


def _extent(used: NDArray[np.bool_]) -> slice:
    """From the first used row or column to the last."""
    places = np.flatnonzero(used)
    return slice(places[0], places[-1] + 1)
