"""Layers of a scene: who hides whom, what is refused, and how edges are coloured."""

import numpy as np
import pytest

from deepmedia.detection.drawn_scenes.composing import Scene, draw_side, overlap
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.stencils import Cutout

SHIRT, CLUTTER = 6, None


def empty(size=100):
    return Scene(np.zeros((size, size, 3), np.uint8), np.full((size, size), -1, np.int8))


def block(height, width):
    return Cutout(
        *(np.full((height, width), value, kind) for value, kind in ((7, np.uint8), (256, np.uint16), (1, bool)))
    )


def test_overlap_matches_areas_counted_by_hand():
    # 4 x 4 and 4 x 4, shifted by 2 and 1: they share 2 * 3 = 6 of 32 - 6
    assert overlap((0, 0, 4, 4), (2, 1, 6, 5)) == 6 / 26
    assert overlap((0, 0, 4, 4), (4, 0, 8, 4)) == 0
    assert overlap((0, 0, 4, 4), (0, 0, 4, 4)) == 1


def test_a_box_shrinks_to_what_is_still_seen():
    scene = empty()
    assert scene.lay(block(20, 30), 10, 40, SHIRT)
    assert scene.lay(block(20, 10), 10, 40, CLUTTER)  # a third of it, at the left
    assert scene.layers[0].box == (20, 40, 40, 60)
    assert scene.layers[0].pixels == 600
    assert np.sum(scene.owner == 0) == 400
    assert np.sum(scene.owner == 1) == 200


def test_clutter_may_be_hidden_wholly():
    scene = empty()
    assert scene.lay(block(10, 10), 10, 10, CLUTTER)
    assert scene.lay(block(30, 30), 5, 5, SHIRT)
    assert not (scene.owner == 0).any()
    assert scene.garments == [scene.layers[1]]


@pytest.mark.parametrize(
    ("cutout", "place", "reason"),
    [
        (block(20, 19), (10, 40), "19 of 30 columns hidden: less than 40 % is left"),
        (block(30, 30), (10, 35), "wholly hidden"),
    ],
)
@pytest.mark.parametrize("class_id", [SHIRT, CLUTTER])
def test_a_garment_is_not_hidden_too_much(cutout, place, reason, class_id):
    scene = empty()
    scene.lay(block(20, 30), 10, 40, SHIRT)
    before = scene.owner.copy()
    assert not scene.lay(cutout, *place, class_id), reason
    np.testing.assert_array_equal(scene.owner, before)
    assert len(scene.layers) == 1
    assert scene.layers[0].box == (10, 40, 40, 60)


def test_a_garment_that_18_of_30_columns_hide_still_counts():
    scene = empty()
    scene.lay(block(20, 30), 10, 40, SHIRT)
    assert scene.lay(block(20, 18), 10, 40, CLUTTER)
    assert scene.layers[0].box == (28, 40, 40, 60)


def test_what_is_left_of_a_garment_must_be_large_enough():
    scene = empty(320)
    scene.lay(block(10, 40), 10, 40, SHIRT)
    assert not scene.lay(block(10, 16), 10, 40, CLUTTER)  # 24 pixels are left, 8 % are 25.6
    assert scene.lay(block(10, 14), 10, 40, CLUTTER)


def test_boxes_of_garments_overlap_by_one_half_at_most():
    # a frame seen all around a smaller one: the box stays, 31 x 31 of 40 x 40 is 0.60, 28 x 28 is 0.49
    for side, laid in ((31, False), (28, True)):
        scene = empty()
        scene.lay(block(40, 40), 10, 10, SHIRT)
        cutout = block(side, side)
        cutout.mask[2:-2, 2:-2] = False  # so that it hides little
        assert scene.lay(cutout, 14, 14, SHIRT) == laid


def test_clutter_may_overlap_a_garments_box_as_it_likes():
    scene = empty()
    scene.lay(block(40, 40), 10, 10, SHIRT)
    cutout = block(38, 38)
    cutout.mask[2:-2, 2:-2] = False
    assert scene.lay(cutout, 11, 11, CLUTTER)


def test_paint_is_mixed_where_a_pixel_is_covered_in_part():
    scene = empty()
    scene.image[:] = 200
    cutout = Cutout(np.zeros((1, 3), np.uint8), np.array([[0, 64, 256]], np.uint16), np.array([[False, False, True]]))
    scene.paint(cutout, 4, 9, np.full((1, 3, 3), 100, np.uint8))
    assert scene.image[9, 4:8, 0].tolist() == [200, 175, 100, 200]


def test_sides_lie_in_their_range_and_small_ones_are_more_frequent():
    draws = Draws(1)
    sides = np.array([draw_side(draws, 0.1, 0.5) for _ in range(2000)])
    assert 0.1 <= sides.min() < 0.105
    assert 0.49 < sides.max() < 0.5
    assert 0.58 < np.mean(sides < 0.3) < 0.72
