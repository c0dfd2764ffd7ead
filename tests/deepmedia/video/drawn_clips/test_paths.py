"""Paths hold the same numbers in both senses, move where they should, and stay in the clip."""

import numpy as np
import pytest

from deepmedia.drawing.draws import Draws
from deepmedia.video.drawn_clips.paths import ANGLE, LARGEST_SIDE, LEAST_SIDE, SIZE, draw_path

FORWARDS = (False,) * 4
FIELDS = ("x", "y", "side", "half_tangent")


def drawn(number, axes, reversed_axes=FORWARDS, frames=9):
    return draw_path(Draws(number), axes, reversed_axes, frames)


@pytest.mark.parametrize("axis", range(4))
def test_only_the_axes_of_a_path_move(axis):
    for number in range(20):
        path = drawn(number, (axis,))
        for other, name in enumerate(FIELDS):
            steps = np.diff(getattr(path, name))
            assert (steps > 0.01).all() if other == axis else (steps == 0).all()


@pytest.mark.parametrize("axis", range(4))
def test_the_other_sense_holds_the_same_numbers(axis):
    back = tuple(each == axis for each in range(4))
    for number in range(20):
        one, other = drawn(number, (0, 1, 2, 3)), drawn(number, (0, 1, 2, 3), back)
        for each, name in enumerate(FIELDS):
            expected = getattr(one, name)[::-1] if each == axis else getattr(one, name)
            assert getattr(other, name).tolist() == expected.tolist()


def test_paths_stay_within_the_clip_and_its_sizes():
    paths = [drawn(number, axes) for number in range(300) for axes in ((0, 1, 2, 3), ())]
    for name, low, high in (("x", 0.2, 0.8), ("y", 0.2, 0.8), ("side", LEAST_SIDE, LARGEST_SIDE)):
        values = np.concatenate([getattr(path, name) for path in paths])
        assert low - 1e-9 <= values.min() < low + 0.02
        assert high - 0.02 < values.max() <= high + 1e-9


def test_ends_are_symmetric():
    # angle: as far to the left as to the right; size and place: no end is preferred by the other axes
    turned = drawn(4, (ANGLE,)).half_tangent
    np.testing.assert_allclose(turned, -turned[::-1])
    assert 1.6 <= drawn(4, (SIZE,)).side[-1] / drawn(4, (SIZE,)).side[0] <= 2
