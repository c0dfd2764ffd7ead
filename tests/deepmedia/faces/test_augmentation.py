"""Changes are read off from images whose two channels are the column and the row of each pixel."""

import math

import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.augmentation import FaceAugmentation, augment_faces

STILL = {"mirror": False, "shift": 0, "zoom": 0, "turn": 0, "contrast": 0, "brightness": 0}
COLUMN, ROW = np.meshgrid(np.arange(40.0), np.arange(30.0))
PLACES = np.stack([COLUMN, ROW], axis=-1).astype(np.float32)  # (30, 40, 2)
MIDDLE = np.array([19.5, 14.5])  # of 40 columns and 30 rows
INSIDE = (slice(10, 20), slice(12, 28))  # far enough from the edge that nothing comes in


def changed(images=None, seed=(3, 4), **settings):
    images = np.repeat(PLACES[None], 50, axis=0) if images is None else images
    return augment_faces(tf.constant(images), tf.constant(seed), FaceAugmentation(**(STILL | settings))).numpy()


def offsets(images):
    """Where each inner pixel came from, from the middle, float (n, 10, 16, 2)."""
    return images[:, *INSIDE] - MIDDLE


def test_no_change_leaves_images_as_they_are():
    np.testing.assert_allclose(changed(), np.repeat(PLACES[None], 50, axis=0), atol=1e-4)


def test_about_half_of_the_images_are_mirrored_and_the_others_left():
    found = changed(mirror=True)
    is_mirrored = np.isclose(found, PLACES[:, ::-1], atol=1e-4).all(axis=(1, 2, 3))
    is_left = np.isclose(found, PLACES, atol=1e-4).all(axis=(1, 2, 3))
    assert (is_mirrored ^ is_left).all()
    assert 15 <= is_mirrored.sum() <= 35


def test_a_shift_moves_by_a_part_of_each_side_and_repeats_the_edge():
    found = changed(shift=0.1)
    moved = (found - PLACES)[:, *INSIDE]
    np.testing.assert_allclose(moved, np.broadcast_to(moved[:, :1, :1], moved.shape), atol=1e-4)  # all pixels alike
    most = np.abs(moved[:, 0, 0]).max(axis=0)
    assert 3 < most[0] <= 4  # a tenth of 40 columns
    assert 2.2 < most[1] <= 3  # of 30 rows
    assert found.min() >= 0
    assert found[..., 0].max() <= 39


def test_a_zoom_keeps_the_middle_and_grows_or_shrinks_by_the_factor():
    found = offsets(changed(zoom=0.25))
    factors = offsets(PLACES[None]) / found  # how much larger the face is
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1, :1, :1], factors.shape), rtol=1e-3)
    assert 1.2 < factors.max() <= 1.2501
    assert 0.7999 <= factors.min() < 0.84  # 1 / 1.25 = 0.8


def test_a_turn_keeps_distances_from_the_middle_and_goes_both_ways():
    found, before = offsets(changed(turn=20)), offsets(PLACES[None])
    np.testing.assert_allclose(
        np.hypot(*np.moveaxis(found, -1, 0)),
        np.broadcast_to(np.hypot(*np.moveaxis(before, -1, 0)), (50, 10, 16)),
        rtol=1e-3,
    )
    cross = before[..., 0] * found[..., 1] - before[..., 1] * found[..., 0]
    degrees = np.degrees(np.arctan2(cross, (before * found).sum(axis=-1)))
    np.testing.assert_allclose(degrees, np.broadcast_to(degrees[:, :1, :1], degrees.shape), atol=0.05)
    assert 16 < degrees.max() <= 20.05
    assert -20.05 <= degrees.min() < -16


def test_contrast_stretches_about_the_mean_of_each_image():
    images = np.random.default_rng(0).normal(3, 1, (50, 8, 8, 1)).astype(np.float32)
    found = changed(images, contrast=0.5)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), images.mean(axis=(1, 2)), rtol=1e-5)
    shares = found.std(axis=(1, 2)) / images.std(axis=(1, 2))
    assert 0.5 <= shares.min() < 0.6
    assert 1.4 < shares.max() <= 1.5


def test_brightness_adds_one_number_to_an_image():
    images = np.random.default_rng(0).normal(size=(50, 8, 8, 1)).astype(np.float32)
    added = changed(images, brightness=0.3) - images
    np.testing.assert_allclose(added, np.broadcast_to(added[:, :1, :1], added.shape), atol=1e-5)
    assert -0.3001 <= added.min() < -0.25
    assert 0.25 < added.max() <= 0.3001


def test_the_same_seed_changes_alike_and_another_otherwise():
    np.testing.assert_array_equal(changed(shift=0.1), changed(shift=0.1))
    assert np.abs(changed(shift=0.1) - changed(shift=0.1, seed=(3, 5))).max() > 0.1


def test_it_can_be_traced_for_batches_of_any_size():
    traced = tf.function(
        lambda images, seed: augment_faces(images, seed, FaceAugmentation()),
        input_signature=[tf.TensorSpec((None, 30, 40, 2)), tf.TensorSpec((2,), tf.int32)],
    )
    images, seed = tf.constant(PLACES[None]), tf.constant([1, 2])
    np.testing.assert_allclose(traced(images, seed), augment_faces(images, seed, FaceAugmentation()), atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shift": 1}, "shift must be at least 0 and below 1, got 1"),
        ({"contrast": -0.1}, "contrast must be at least 0 and below 1, got -0.1"),
        ({"turn": 181}, "turn must be an angle of 0 to 180 degrees, got 181"),
        ({"zoom": math.inf}, "zoom must be finite and at least 0, got inf"),
        ({"brightness": -1}, "brightness must be finite and at least 0, got -1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        FaceAugmentation(**settings)
