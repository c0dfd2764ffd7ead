"""Clutter has many forms, and none of another split."""

import numpy as np
import pytest

from deepmedia.datasets import digits
from deepmedia.detection.drawn_scenes import clutter
from deepmedia.detection.drawn_scenes.clutter import PATTERNS, SHAPES, digit_stencil, draw_clutter, shape_stencil
from deepmedia.drawing.draws import Draws

# area of a square of side 2, by geometry, with r = 0.85: the crescent is a disc less its part in another one
AREAS = {
    "ellipse": np.pi * 0.85**2,
    "rectangle": 1.7**2,
    "triangle": 1.7 * 1.7 / 2,
    "ring": np.pi * (0.85**2 - 0.5**2),
    "cross": 2 * 1.7 * 0.56 - 0.56**2,
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_end_within_their_stencil_and_have_a_pattern(shape, pattern):
    stencil = shape_stencil(shape, pattern)
    mask = stencil.cover >= 128
    assert not (mask[0] | mask[-1] | mask[:, 0] | mask[:, -1]).any()
    assert stencil.tone[mask].std() > 30


@pytest.mark.parametrize("shape", AREAS)
def test_shapes_have_their_area(shape):
    mask = shape_stencil(shape, "stripes").cover >= 128
    assert mask.mean() * 4 == pytest.approx(AREAS[shape], rel=0.03)


def test_all_shapes_and_patterns_differ():
    looks = {shape_stencil(shape, "fading").cover.tobytes() for shape in SHAPES}
    tones = {shape_stencil("ellipse", pattern).tone.tobytes() for pattern in PATTERNS}
    assert (len(looks), len(tones)) == (len(SHAPES), len(PATTERNS))


def test_a_digit_is_cut_along_its_ink():
    image = digits("train")[0][0]
    stencil = digit_stencil(image)
    middles = stencil.cover.reshape(12, 4, 12, 4).mean(axis=(1, 3))[2:-2, 2:-2]
    assert np.corrcoef(middles.reshape(-1), image.reshape(-1))[0, 1] > 0.9


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_digits_are_those_of_the_split(split):
    np.testing.assert_array_equal(clutter._digits(split), digits(split)[0])


def test_clutter_has_a_colour_for_each_pixel_and_the_wanted_size():
    kinds = set()
    for number in range(60):
        drawn = draw_clutter(Draws(number), "train", 50)
        assert drawn is not None
        cutout, colours = drawn
        assert colours.shape == (*cutout.mask.shape, 3)
        assert abs(max(cutout.mask.shape) - 50) <= 2
        kinds.add(Draws(number).one_of(clutter.KINDS))
    assert kinds == set(clutter.KINDS)
