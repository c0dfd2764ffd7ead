import numpy as np
import pytest

from deepmedia.lessons.fundamentals.training_well.random_changes import random_mirror, random_shift


def moved(image, down, right):
    """The image moved by loops, black coming in."""
    result = np.zeros_like(image)
    for row, column in np.ndindex(*image.shape):
        if 0 <= row - down < image.shape[0] and 0 <= column - right < image.shape[1]:
            result[row, column] = image[row - down, column - right]
    return result


@pytest.mark.parametrize("pixels", [1, 2])
def test_every_move_up_to_the_limit_occurs_equally_often_and_no_other(pixels):
    image = np.random.default_rng(1).random((4, 5), dtype=np.float32) + 1  # no pixel is black
    count = 4000
    shifted = random_shift(np.repeat(image[None], count, axis=0), np.random.default_rng(0), pixels=pixels)
    reach = range(-pixels, pixels + 1)
    shares = [np.mean([np.array_equal(one, moved(image, i, j)) for one in shifted]) for i in reach for j in reach]
    assert np.isclose(sum(shares), 1)
    assert np.allclose(shares, 1 / len(shares), atol=0.02)


def test_a_mirrored_image_is_reversed_left_to_right_about_half_of_the_time():
    image = np.arange(6.0).reshape(1, 2, 3)
    mirrored = random_mirror(np.repeat(image, 1000, axis=0), np.random.default_rng(0))
    reversed_rows = [[2, 1, 0], [5, 4, 3]]
    share = np.mean([np.array_equal(one, reversed_rows) for one in mirrored])
    kept = np.mean([np.array_equal(one, image[0]) for one in mirrored])
    assert share + kept == 1
    assert 0.45 < share < 0.55


@pytest.mark.parametrize("change", [random_shift, random_mirror])
def test_the_images_given_and_their_type_stay(change):
    images = np.random.default_rng(0).integers(0, 255, (20, 5, 5)).astype(np.uint8)
    before = images.copy()
    changed = change(images, np.random.default_rng(0))
    assert changed.dtype == np.uint8
    assert changed.shape == images.shape
    assert np.array_equal(images, before)
    assert not np.array_equal(changed, images)


@pytest.mark.parametrize("change", [random_shift, random_mirror])
def test_images_of_another_shape_are_refused(change):
    with pytest.raises(ValueError, match=r"\(n, height, width\), got shape \(5, 5\)"):
        change(np.zeros((5, 5)), np.random.default_rng(0))


def test_a_shift_of_no_pixels_is_refused():
    with pytest.raises(ValueError, match="pixels must be at least 1"):
        random_shift(np.zeros((1, 5, 5)), np.random.default_rng(0), pixels=0)
