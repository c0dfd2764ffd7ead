"""Paints and cloth: all colours, and the same for light and dark garments."""

import colorsys

import numpy as np
import pytest

from deepmedia.drawing.colours import (
    between_paints,
    cloth,
    draw_paint,
    draw_paint_apart,
    paint_of,
    shades,
)
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.stencils import Cutout


def cutout_of(tones):
    tone = np.array(tones, np.uint8)
    return Cutout(tone, np.full(tone.shape, 256, np.uint16), np.ones(tone.shape, bool))


@pytest.mark.parametrize("paint", [(0.1, 0.8, 0.3), (0.55, 0.4, 0.7), (0.99, 1.0, 0.5), (0.3, 0.0, 0.2)])
def test_paints_are_those_of_the_standard_library(paint):
    hue, saturation, lightness = paint
    np.testing.assert_allclose(paint_of(*paint), colorsys.hls_to_rgb(hue, lightness, saturation), atol=1e-12)


def test_paints_cover_all_hues_and_some_are_grey():
    draws = Draws(0)
    paints = np.array([draw_paint(draws) for _ in range(600)])
    spread = paints.max(axis=1) - paints.min(axis=1)
    hues = [colorsys.rgb_to_hsv(*paint)[0] for paint in paints]
    assert np.histogram(hues, 6, (0, 1))[0].min() > 60
    assert 0.1 < np.mean(spread < 0.1) < 0.45
    assert (spread > 0.6).any()


def test_a_paint_apart_is_apart():
    for number in range(40):
        other = draw_paint(Draws(9, number))
        paint = draw_paint_apart(Draws(number), other, 0.6)
        assert sum(abs(one - two) for one, two in zip(paint, other, strict=True)) >= 0.6


def test_where_nothing_is_far_enough_the_farthest_is_taken():
    draws = Draws(4)
    draw_paint(draws)  # what it starts with
    tried = [draw_paint(draws) for _ in range(5)]
    farthest = max(tried, key=lambda paint: sum(abs(value - 0.5) for value in paint))
    assert draw_paint_apart(Draws(4), (0.5, 0.5, 0.5), 9, tries=5) == farthest


def test_dark_and_light_cloth_of_the_same_pattern_get_the_same_colours():
    pattern = np.random.RandomState(0).randint(0, 80, (20, 20))
    light, dark = cutout_of(pattern), cutout_of(pattern + 150)
    paint = (0.2, 0.5, 0.7)
    one, other = cloth(light, paint, 0.3)[light.tone], cloth(dark, paint, 0.3)[dark.tone]
    assert np.abs(one.astype(int) - other).max() <= 3
    assert one.std(axis=(0, 1)).min() > 10


def test_higher_tones_are_darker():
    colours = cloth(cutout_of([[0, 100, 200]]), (0.5, 0.5, 0.5), 0.3).astype(int)
    assert colours[0].sum() > colours[100].sum() > colours[200].sum()
    np.testing.assert_array_equal(colours[100], [128, 128, 128])


def test_shades_reach_from_black_over_the_paint_to_white():
    found = shades((0.2, 0.4, 1.0), np.array([-1, -0.5, 0, 0.5, 1]))
    assert found.tolist() == [[0, 0, 0], [26, 51, 128], [51, 102, 255], [153, 179, 255], [255, 255, 255]]


def test_between_two_paints():
    found = between_paints((0, 0.2, 1), (1, 0.2, 0))
    assert found.shape == (256, 3)
    assert (found[0].tolist(), found[255].tolist(), found[51].tolist()) == ([0, 51, 255], [255, 51, 0], [51, 51, 204])
