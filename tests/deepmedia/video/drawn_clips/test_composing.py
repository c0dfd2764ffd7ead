"""A clip played backwards is the clip of the opposite ways to move, pixel for pixel."""

import numpy as np
import pytest

from deepmedia.drawing.stencils import Cutout
from deepmedia.video.drawn_clips import composing
from deepmedia.video.drawn_clips.composing import Moving, draw_clip, draw_plan, drawn
from deepmedia.video.drawn_clips.paths import MOTION_PAIRS


@pytest.mark.parametrize("number", range(12))
def test_the_opposite_of_a_clip_is_the_clip_backwards(number):
    plan = draw_plan("train", number, 3)
    forwards, backwards = (drawn(each, frames=7, size=48) for each in (plan, plan.backwards()))
    np.testing.assert_array_equal(forwards.images, backwards.images[::-1])
    assert (forwards.images != backwards.images).any()
    assert forwards.class_ids == backwards.class_ids
    assert not set(forwards.motions) & set(backwards.motions)


def test_the_four_ways_are_shared_out_among_one_to_three_garments():
    counts = []
    for number in range(300):
        plan = draw_plan("validation", number, 0)
        assert sorted(axis for axes in plan.axes for axis in axes) == [0, 1, 2, 3]
        assert all(plan.axes)
        counts.append(len(plan.axes))
    assert np.abs(np.bincount(counts)[1:] - 100).max() < 40


def middles(seen):
    """Row, column and number of pixels of a garment in each frame."""
    return np.array([(*(np.mean(axis) for axis in np.nonzero(mask)), mask.sum()) for mask in seen])


def test_labels_say_how_the_pixels_move(monkeypatch):
    # on black, each garment white: where it is in the first and the last frame
    monkeypatch.setattr(composing, "draw_background", lambda *_: np.zeros((64, 64, 3), np.uint8))
    monkeypatch.setattr(composing, "_colours", lambda *_: np.full((256, 3), 255, np.uint8))
    checked = 0
    for number in range(80):
        plan = draw_plan("train", number, 0)
        if len(plan.axes) > 1:
            continue
        clip = drawn(plan, frames=5, size=64)
        masks = clip.images[..., 0] > 127
        if masks[:, [0, -1]].any() or masks[:, :, [0, -1]].any():
            continue  # partly outside: its middle can't be seen
        first, *_, last = middles(masks)
        assert ("down" in clip.motions) == (last[0] > first[0])
        assert ("right" in clip.motions) == (last[1] > first[1])
        assert ("growing" in clip.motions) == (last[2] > first[2])
        checked += 1
    assert checked >= 6


def test_clockwise_is_clockwise(monkeypatch):
    # a long thin garment turns from \ over | to / as a clock's hand does
    monkeypatch.setattr(composing, "draw_background", lambda *_: np.zeros((96, 96, 3), np.uint8))
    monkeypatch.setattr(composing, "_colours", lambda *_: np.full((256, 3), 255, np.uint8))
    checked = 0
    for number in range(200):
        plan = draw_plan("train", number, 0)
        clip = drawn(plan, frames=3, size=96) if len(plan.axes) == 1 else None
        if clip is None or clip.class_ids != (1,):  # trousers
            continue
        slopes = []
        for image in clip.images[[0, -1], ..., 0]:
            rows, columns = np.nonzero(image > 127)
            slopes.append(np.cov(rows, columns)[0, 1])
        assert ("clockwise" in clip.motions) == (slopes[1] < slopes[0])
        checked += 1
    assert checked >= 3


def test_each_garment_is_seen_well():
    hidden = 0
    for number in range(40):
        clip = draw_clip("train", number, frames=4, size=48, seed=5)
        assert 1 <= len(clip.class_ids) <= 3
        assert clip.images.std() > 3
        hidden += len(set(clip.class_ids)) < len(clip.class_ids)
    assert hidden < 20


def block(height, width):
    return Cutout(
        *(np.full((height, width), value, kind) for value, kind in ((7, np.uint8), (256, np.uint16), (1, bool)))
    )


def moving(cutout, *corners):
    return Moving(0, [cutout] * len(corners), list(corners), np.full((256, 3), 200, np.uint8))


@pytest.mark.parametrize(
    ("corners", "seen"),
    [
        ([(0, 0), (5, 5)], True),
        ([(-4, 0), (0, 0)], True),  # 60 % + 100 % of 200 % are in the frame
        ([(-6, 0), (-6, 0)], False),
        ([(17, 0), (17, 0)], False),
        ([(-30, -30), (40, 40)], False),
    ],
)
def test_half_of_a_garment_must_lie_in_the_frames(corners, seen):
    assert composing._all_seen([moving(block(10, 10), *corners)], 20) == seen


def test_half_of_a_garment_must_not_be_hidden():
    below = moving(block(10, 10), (0, 0), (0, 0))
    assert composing._all_seen([below, moving(block(10, 10), (0, 0), (10, 10))], 20)  # hidden in one of two frames
    assert not composing._all_seen([below, moving(block(10, 10), (0, 0), (9, 9))], 20)


def test_what_lies_partly_outside_is_painted_in_part():
    image = np.zeros((6, 6, 3), np.uint8)
    composing._paint(image, block(3, 4), (-2, 4), np.full((256, 3), 200, np.uint8))
    expected = np.zeros((6, 6))
    expected[4:, :2] = 200
    np.testing.assert_array_equal(image[..., 1], expected)


def test_pairs_are_opposites():
    assert len({name for pair in MOTION_PAIRS for name in pair}) == 8
