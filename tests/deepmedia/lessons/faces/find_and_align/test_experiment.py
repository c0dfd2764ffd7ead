import numpy as np
import pytest

from deepmedia.datasets import lfw_patches
from deepmedia.faces.finding import Face, find_faces
from deepmedia.lessons.faces.find_and_align.experiment import (
    BORDER,
    count_found,
    found_patches,
    patch_sheet,
    turn_matrix,
    turned,
)

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, -1])
def test_quarter_turns_are_those_of_numpy(quarters):
    image = RANDOM.integers(0, 256, (12, 12, 3), np.uint8)
    np.testing.assert_array_equal(turned(image, 90 * quarters), np.rot90(image, quarters))


def test_a_turn_keeps_size_middle_and_distances():
    matrix = turn_matrix(30, (7, 4))
    np.testing.assert_allclose(matrix @ (7, 4, 1), (7, 4))
    np.testing.assert_allclose(np.hypot(*(matrix @ (10, 8, 1) - (7, 4))), 5)
    assert turned(np.zeros((9, 14), np.uint8), 30).shape == (9, 14)


def test_a_sheet_holds_ten_bordered_patches_a_row_in_order():
    patches = RANDOM.integers(0, 256, (20, 5, 5), np.uint8)
    sheet = patch_sheet(patches)
    side = 5 + 2 * BORDER
    assert sheet.shape == (2 * side, 10 * side)
    for number, patch in enumerate(patches):
        row, column = divmod(number, 10)
        tile = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        np.testing.assert_array_equal(tile[BORDER:-BORDER, BORDER:-BORDER], patch)
        assert (tile[:BORDER, :BORDER] == patch[0, 0]).all()


def test_each_patch_of_a_sheet_is_turned_by_itself():
    patches = RANDOM.integers(0, 256, (10, 5, 5), np.uint8)
    np.testing.assert_array_equal(patch_sheet(patches, 90), patch_sheet(np.rot90(patches, axes=(1, 2))))


def test_a_face_counts_for_the_patch_in_which_its_middle_lies():
    sheet = np.zeros((2 * 49, 490), np.uint8)
    boxes = [(60, 60, 80, 80), (40, 5, 70, 35), (41, 6, 71, 36)]  # middles (70, 70), and twice (55, 20)
    found = found_patches(sheet, [Face(np.array(box, float), 55.0, None) for box in boxes])
    assert np.flatnonzero(found).tolist() == [1, 11]


def test_upright_faces_are_found_and_those_on_their_side_are_not():
    faces, _ = lfw_patches()
    some = faces[:10]
    expected = found_patches(patch_sheet(some), find_faces(patch_sheet(some), smallest=12)).sum()
    upright, lying = count_found(some, (0, 90))
    assert upright == expected >= 8
    assert lying <= 1
