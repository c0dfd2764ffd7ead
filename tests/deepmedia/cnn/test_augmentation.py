import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.augmentation import Augmentation, augment

SEED = tf.constant([1, 2])


def noise(n=200, height=6, width=9, channels=2):
    return np.random.default_rng(0).integers(1, 255, (n, height, width, channels), np.uint8)


def moves(images, changed, pixels, background=0):
    """The move (down, right) that explains each change, found by trying all."""
    padded = np.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)), constant_values=background)
    height, width = images.shape[1:3]
    found = []
    for n in range(len(images)):
        fits = [
            (pixels - top, pixels - left)
            for top in range(2 * pixels + 1)
            for left in range(2 * pixels + 1)
            if np.array_equal(padded[n, top : top + height, left : left + width], changed[n])
        ]
        assert len(fits) == 1
        found += fits
    return np.array(found)


def test_about_half_of_the_pictures_are_mirrored_left_to_right():
    images = noise()
    changed = augment(images, SEED, Augmentation(shift=0)).numpy()
    mirrored = np.array([np.array_equal(a[:, ::-1], b) for a, b in zip(images, changed, strict=True)])
    same = np.array([np.array_equal(a, b) for a, b in zip(images, changed, strict=True)])
    assert np.all(mirrored ^ same)
    assert 70 < mirrored.sum() < 130  # 100 ± 4 standard deviations


def test_pictures_move_by_every_step_up_to_the_limit_along_both_axes():
    images = noise(n=400)
    changed = augment(images, SEED, Augmentation(mirror=False, shift=2)).numpy()
    steps = moves(images, changed, 2)
    for axis in (0, 1):
        counts = np.bincount(steps[:, axis] + 2, minlength=5)
        assert counts.min() > 40  # 80 ± 5 standard deviations
    assert abs(np.corrcoef(steps.T)[0, 1]) < 0.2  # the axes are independent


@pytest.mark.parametrize(("unit", "background"), [(np.uint8(1), 255), (np.float32(1 / 255), 0.5)])
def test_a_shift_brings_the_background_in(unit, background):
    images = noise(n=50) * unit
    changed = augment(images, SEED, Augmentation(mirror=False, shift=2), background=background).numpy()
    assert changed.dtype == images.dtype
    assert len(moves(images, changed, 2, background)) == 50  # each change is explained, its edges included


def test_mirroring_and_moving_are_independent():
    images = noise(n=400)
    changed = augment(images, SEED, Augmentation(mirror=True, shift=1)).numpy()
    shifted = augment(images, SEED, Augmentation(mirror=False, shift=1)).numpy()
    same = np.array([np.array_equal(a, b) for a, b in zip(shifted, changed, strict=True)])
    down = moves(images, shifted, 1)[:, 0]
    assert abs(np.corrcoef(same, down)[0, 1]) < 0.2


def test_equal_seeds_give_equal_changes():
    images = noise()
    first, again, other = (augment(images, tf.constant(pair), Augmentation()) for pair in ([1, 2], [1, 2], [1, 3]))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_changes_the_pictures_stay():
    images = noise(n=5)
    unchanged = augment(images, SEED, Augmentation(mirror=False, shift=0))
    np.testing.assert_array_equal(unchanged, images)
    assert unchanged.dtype == tf.uint8


def test_a_negative_shift_is_refused():
    with pytest.raises(ValueError, match="shift must be 0 or more pixels, got -1"):
        Augmentation(shift=-1)
