"""Turned photographs, and all patches on one sheet."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.alignment import warp
from deepmedia.faces.finding import Face, find_faces

BORDER = 12  # pixels around a patch on a sheet: a cascade wants to see a little more than the face
COLUMNS = 10  # patches in a row of a sheet


def turn_matrix(degrees: float, middle: tuple[float, float]) -> NDArray[np.float64]:
    """The similarity transform that turns an image anticlockwise about a point: float64 (2, 3).

    >>> turn_matrix(90, (2, 2)) @ (3, 2, 1)  # what was right of the middle is above it
    array([2., 1.])
    """
    sine, cosine = np.sin(np.deg2rad(degrees)), np.cos(np.deg2rad(degrees))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    return np.column_stack([turn, np.subtract(middle, turn @ middle)])


def turned(image: NDArray, degrees: float) -> NDArray:
    """An image turned anticlockwise about its middle, in its own size; corners show the nearest edge pixel."""
    height, width = image.shape[:2]
    return warp(image, turn_matrix(degrees, (width / 2, height / 2)), (height, width))


def patch_sheet(patches: Iterable[NDArray[np.uint8]], degrees: float = 0) -> NDArray[np.uint8]:
    """All patches on one sheet, each bordered by its edge pixels and turned.

    Args:
        patches: uint8 (n, height, width), grey; n a multiple of 10.
        degrees: Anticlockwise.

    Returns:
        uint8, ten patches in a row.
    """
    tiles = [turned(np.pad(patch, BORDER, mode="edge"), degrees) for patch in patches]
    return np.vstack([np.hstack(tiles[first : first + COLUMNS]) for first in range(0, len(tiles), COLUMNS)])


def found_patches(sheet: NDArray[np.uint8], faces: Iterable[Face]) -> NDArray[np.bool_]:
    """In which patches of a sheet, row by row, the middle of a face lies.

    Args:
        sheet: As `patch_sheet` makes it.
        faces: What was found in it.

    Returns:
        bool (n,).
    """
    side = sheet.shape[1] // COLUMNS
    found = np.zeros((sheet.shape[0] // side, COLUMNS), bool)
    for face in faces:
        column, row = ((face.box[:2] + face.box[2:]) / 2 / side).astype(int)
        found[row, column] = True
    return found.ravel()


def count_found(patches: NDArray[np.uint8], degrees: Iterable[float]) -> NDArray[np.int64]:
    """How many of the patches are found at each turn, int64 (turns,)."""
    sheets = [patch_sheet(patches, each) for each in degrees]
    return np.array([found_patches(sheet, find_faces(sheet, smallest=12)).sum() for sheet in sheets])
