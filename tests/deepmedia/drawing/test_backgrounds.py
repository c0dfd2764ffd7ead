"""Backgrounds are parts of photographs, each of one split, and none with people's clothes."""

import numpy as np
import pytest

from deepmedia.datasets import photo
from deepmedia.drawing.backgrounds import (
    BACKGROUNDS,
    draw_background,
    halved,
    in_other_light,
    photograph_named,
    resampled,
)
from deepmedia.drawing.draws import Draws
from deepmedia.drawing.lanes import lane, to_lanes


def colours(words):
    return np.stack([lane(words, channel) for channel in range(3)], axis=-1)


def test_no_photograph_is_in_two_splits():
    names = [name for split in BACKGROUNDS.values() for name in split]
    assert len(set(names)) == len(names) == 17
    assert not set(names) & {"astronaut", "camera", "person"}  # people in clothes


@pytest.mark.parametrize("name", [name for split in BACKGROUNDS.values() for name in split])
def test_photographs_are_different_and_known_to_be_grey(name):
    photograph = photograph_named(name)
    largest = colours(photograph.levels[0])
    assert min(largest.shape[:2]) >= 150
    assert max(largest.shape[:2]) <= 800
    assert largest.std() > 4
    assert photograph.grey == bool((largest == largest[..., :1]).all())


def test_the_largest_level_is_the_photograph():
    np.testing.assert_array_equal(colours(photograph_named("coffee").levels[0]), photo("coffee"))


def test_halving_takes_the_rounded_mean_of_four():
    image = np.random.RandomState(0).randint(0, 256, (7, 10, 3)).astype(np.uint8)
    expected = np.floor(image[:6].reshape(3, 2, 5, 2, 3).mean(axis=(1, 3)) + 0.5)
    np.testing.assert_array_equal(halved(image), expected)


def test_resampling_is_linear_between_pixels():
    image = np.random.RandomState(1).randint(0, 256, (9, 11, 3)).astype(np.uint8)
    rows, columns = np.array([0, 300, 1000, 2047]), np.array([128, 640, 2559])
    found = colours(resampled(to_lanes(list(np.moveaxis(image, -1, 0))), rows, columns))
    for y, row in enumerate(rows / 256):
        for x, column in enumerate(columns / 256):
            top, left = int(row), int(column)
            down, right = row - top, column - left
            part = image[top : top + 2, left : left + 2].astype(float)
            upper, lower = part[:, 0] * (1 - right) + part[:, 1] * right
            np.testing.assert_allclose(found[y, x], upper * (1 - down) + lower * down, atol=1.1)


@pytest.mark.parametrize(("height", "width"), [(320, 320), (30, 90), (700, 700), (1, 1)])
def test_a_background_has_any_size(height, width):
    for number in range(12):
        assert draw_background(Draws(number), "validation", height, width).shape == (height, width, 3)


def test_backgrounds_of_a_split_vary():
    images = np.array([draw_background(Draws(3, number), "test", 64, 64) for number in range(40)], float)
    coarse = images[:, ::8, ::8]
    distances = np.abs(coarse[:, None] - coarse).mean(axis=(2, 3, 4)) + 255 * np.eye(40)
    assert distances.min() > 3
    means = images.mean(axis=(1, 2))
    assert (means.std(axis=0) > 15).all()


def test_light_keeps_the_order_of_a_grey_photographs_tones():
    grey = np.tile(np.arange(256, dtype=np.uint8), (2, 1))
    for number in range(20):
        found = in_other_light(Draws(number), to_lanes([grey] * 3), grey=True).astype(int)
        steps = np.diff(found[0].sum(axis=1))
        assert found.shape == (2, 256, 3)
        assert steps.min() >= -2  # channels are rounded one by one
        assert found[0, -1].sum() > found[0, 0].sum()
