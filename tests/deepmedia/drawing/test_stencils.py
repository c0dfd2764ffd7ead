"""Small pictures become stencils, and stencils lie in a scene as they should."""

import cv2
import numpy as np
import pytest

from deepmedia.drawing.stencils import (
    ENLARGED,
    FULL,
    INTERPOLATING,
    ROUNDING,
    SHARE,
    Stencil,
    Turn,
    cubic_weights,
    cut,
    enlarge,
    enlarging_table,
    turned_by,
)

STRAIGHT = Turn()


def bar(width=40, height=16, side=128):
    """A bar in the middle of a stencil, with a tone that grows to the right."""
    cover, top, left = np.zeros((side, side), np.uint8), (side - height) // 2, (side - width) // 2
    cover[top : top + height, left : left + width] = 255
    return Stencil(np.tile(np.arange(side, dtype=np.uint8), (side, 1)), cover)


@pytest.mark.parametrize("eighths", [1, 3, 5, 7])
def test_weights_are_those_of_the_two_cubic_curves(eighths):
    t = eighths / 8
    spline = [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]
    catmull_rom = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    np.testing.assert_allclose(np.array(cubic_weights(eighths, ROUNDING)) / SHARE, np.array(spline) / 6)
    np.testing.assert_allclose(np.array(cubic_weights(eighths, INTERPOLATING)) / SHARE, np.array(catmull_rom) / 2)


@pytest.mark.parametrize("way", [INTERPOLATING, ROUNDING])
def test_weights_are_whole_numbers_that_add_up(way):
    table = enlarging_table(12, way)
    assert table.shape == (48, 12)
    np.testing.assert_array_equal(table, np.rint(table))
    np.testing.assert_array_equal(table.sum(axis=1), SHARE)


def test_enlarging_is_cubic_interpolation():
    # OpenCV's cubic has a = -0.75 where Catmull and Rom have -0.5: near, not equal, for a smooth picture
    image = cv2.GaussianBlur(np.random.RandomState(0).randint(0, 256, (20, 16)).astype(np.uint8), (0, 0), 1.5)
    reference = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    assert np.abs(enlarge(image, INTERPOLATING).astype(int) - reference).max() <= 5


@pytest.mark.parametrize("way", [INTERPOLATING, ROUNDING])
def test_enlarging_is_exact(way):
    image = np.random.RandomState(1).randint(0, 256, (6, 5)).astype(np.uint8)
    rows, columns = enlarging_table(6, way).astype(int).tolist(), enlarging_table(5, way).astype(int).tolist()
    found = enlarge(image, way)
    for y in range(24):
        for x in range(20):
            total = sum(rows[y][i] * columns[x][j] * int(image[i, j]) for i in range(6) for j in range(5))
            assert found[y, x] == min(max((2 * total + SHARE**2) // (2 * SHARE**2), 0), 255)


@pytest.mark.parametrize("angle", [-80, -30, 0, 10, 45])
@pytest.mark.parametrize("side", [26, 70, 160])
def test_the_longer_side_is_as_wanted_and_the_mask_touches_all_edges(angle, side):
    cutout = cut(bar(), side, turned_by(np.tan(np.radians(angle / 2))))
    assert abs(max(cutout.width, cutout.height) - side) <= 2
    for edge in (cutout.mask[0], cutout.mask[-1], cutout.mask[:, 0], cutout.mask[:, -1]):
        assert edge.any()
    np.testing.assert_array_equal(cutout.mask, cutout.cover >= FULL // 2)


def test_a_stencil_is_turned_clockwise_in_the_image():
    # by 90 degrees what was on the right, the light tones, comes to lie at the bottom
    cutout = cut(bar(), 80, turned_by(1.0))
    assert cutout.height > 2 * cutout.width
    middle = cutout.tone[:, cutout.width // 2].astype(int)
    assert middle[-4] > middle[3] + 20


def test_a_mirrored_stencil_gives_the_mirrored_cutout():
    one, other = cut(bar(), 80, STRAIGHT), cut(bar(), 80, Turn(mirrored=True))
    assert np.abs(one.tone.astype(int) - other.tone[:, ::-1]).max() <= 1
    np.testing.assert_array_equal(one.mask, other.mask[:, ::-1])


def test_squeezing_changes_the_height_alone():
    cutout = cut(bar(height=40), 80, Turn(squeeze=0.5))
    assert abs(cutout.width - 80) <= 1
    assert abs(cutout.height - 40) <= 1


def test_an_edge_is_about_a_pixel_wide_at_any_scale():
    # of the gap between two bars
    picture = np.zeros((32, 32), np.uint8)
    picture[8:24, 8:13] = picture[8:24, 19:24] = 255
    stencil = Stencil(np.zeros((128, 128), np.uint8), enlarge(picture, ROUNDING))
    for side in (30, 64, 160):
        rows = cut(stencil, side, turned_by(0.1)).cover[side // 3 : -side // 3]
        assert (rows == 0).any(axis=1).all()
        assert 0.7 < np.mean(np.sum((rows > 0) & (rows < FULL), axis=1)) / 4 < 1.6  # four edges a row


def test_a_cutout_at_the_stencils_own_size_is_the_stencil():
    stencil = bar()
    cutout = cut(stencil, 40, STRAIGHT)
    np.testing.assert_array_equal(cutout.mask, np.ones((16, 40), bool))
    np.testing.assert_array_equal(cutout.tone, stencil.tone[56:72, 44:84])


def test_of_nothing_there_is_no_cutout():
    assert cut(Stencil(*np.zeros((2, 64, 64), np.uint8)), 30, STRAIGHT) is None
