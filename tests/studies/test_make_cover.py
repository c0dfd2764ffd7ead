"""The cover's picture: garments laid out by likeness."""

import numpy as np
import pytest
from PIL import Image

from studies.make_cover import COLUMNS, LEVELS, ROWS, SIDE, STATIC, arrange, garments, ink


@pytest.fixture(scope="module")
def squares() -> np.ndarray:
    """32 plain squares of 6 x 6 pixels with brightness 0, 8, 16, ... in random order."""
    brightness = np.random.default_rng(0).permutation(32) * 8
    return np.broadcast_to(brightness[:, None, None], (32, 6, 6)).astype(np.uint8) + np.eye(6, dtype=np.uint8)


def test_arrangement_holds_each_image_once(squares: np.ndarray):
    grid = arrange(squares, columns=8, rows=4)
    tiles = grid.reshape(4, 6, 8, 6).transpose(0, 2, 1, 3).reshape(32, 6, 6)
    assert sorted(tile.tobytes() for tile in tiles) == sorted(square.tobytes() for square in squares)


def test_neighbours_are_alike(squares: np.ndarray):
    grid = arrange(squares, columns=8, rows=4)[::6, ::6].astype(int)
    shuffled = squares[:, 0, 0].reshape(4, 8).astype(int)
    assert np.abs(np.diff(grid, axis=1)).mean() < 0.5 * np.abs(np.diff(shuffled, axis=1)).mean()


def test_wrong_number_of_images_is_refused(squares: np.ndarray):
    with pytest.raises(ValueError, match=r"columns \* rows = 30, got 32"):
        arrange(squares, columns=6, rows=5)


def test_the_committed_picture_shows_what_the_maker_chooses():
    # Where each photograph lies is t-SNE's affair, which ends elsewhere on other processors.
    picture = np.array(Image.open(STATIC / "garments.png").convert("RGBA"))[..., 3]
    tiles = picture.reshape(ROWS, SIDE, COLUMNS, SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE, SIDE)
    wanted = [np.array(ink(garment).convert("RGBA"))[..., 3].tobytes() for garment in garments()]
    assert len(set(wanted)) == COLUMNS * ROWS
    assert len(np.unique(picture)) == LEVELS
    assert sorted(tile.tobytes() for tile in tiles) == sorted(wanted)


def test_ink_is_as_dense_as_the_picture_is_bright():
    pixels = np.array(ink(np.array([[0, 128, 255]], dtype=np.uint8)).convert("RGBA"))
    nothing, half, full = pixels[0]
    assert nothing[3] == 0
    assert full.tolist() == [16, 32, 43, 255]
    assert nothing[3] < half[3] < full[3]
