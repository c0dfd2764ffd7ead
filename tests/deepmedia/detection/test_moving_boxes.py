import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.detection.moving_boxes import BoxAugmentation, augment_boxes, draw_colours, move_truth
from deepmedia.detection.records import Truth

STILL = {"mirror": False, "shift": 0, "zoom": 1, "brightness": 0, "saturation": 0, "hue": 0}


def only(**settings):
    """An augmentation that does this alone."""
    return BoxAugmentation(**{**STILL, **settings})


def scene(box, size=(90, 120)):
    """A red rectangle on green."""
    image = np.zeros((*size, 3), np.uint8)
    image[...] = (0, 200, 0)
    x_min, y_min, x_max, y_max = box
    image[y_min:y_max, x_min:x_max] = (250, 0, 0)
    return image


def seen_box(image):
    """The box around the pixels that are mostly red."""
    pixels = image.astype(float) if image.dtype == np.uint8 else image * 255.0
    red = (pixels[..., 0] > 125) & (pixels[..., 1] < 100)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


def test_nothing_changes_where_nothing_may():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    truth = Truth([[1, 2, 9, 8]], [4])
    after, boxes = augment_boxes(image, truth, 0, only())
    np.testing.assert_array_equal(after, image)
    np.testing.assert_array_equal(boxes.boxes, truth.boxes)


def test_a_mirror_swaps_columns_and_the_sides_of_boxes():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    results = [augment_boxes(image, Truth([[1, 2, 9, 8]], [4]), seed, only(mirror=True)) for seed in range(20)]
    mirrored = [(after, truth) for after, truth in results if not np.array_equal(after, image)]
    assert 4 < len(mirrored) < 16
    for after, truth in mirrored:
        np.testing.assert_array_equal(after, image[:, ::-1])
        np.testing.assert_array_equal(truth.boxes, [[30 - 9, 2, 30 - 1, 8]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_a_rectangle_stays_in_its_box(seed, as_float):
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 80), random.integers(0, 60)
    box = [x, y, x + random.integers(12, 40), y + random.integers(12, 30)]
    image = scene(box) if not as_float else scene(box).astype(np.float32) / 255
    settings_of = {"mirror": True, "shift": 0.3, "zoom": 1.5, "least_visible": 0.3}
    after, truth = augment_boxes(image, Truth([box], [3]), seed, only(**settings_of))
    assert after.shape == image.shape
    assert after.dtype == image.dtype
    if len(truth):
        np.testing.assert_allclose(truth.boxes[0], seen_box(after), atol=1.01)
        assert truth.class_ids.tolist() == [3]


def test_pixels_and_boxes_move_by_the_same_distance_to_a_tenth_of_a_pixel():
    # Red less blue is 250 on the rectangle, and 0 on green and on the grey that comes in.
    box = [50, 40, 70, 60]
    for seed in range(10):
        after, truth = augment_boxes(scene(box), Truth([box], [0]), seed, only(shift=0.2, zoom=1.2))
        weights = (after[..., 0].astype(float) - after[..., 2]) / 250
        rows, columns = np.arange(90) + 0.5, np.arange(120) + 0.5
        centre = [(weights.sum(axis=0) @ columns) / weights.sum(), (weights.sum(axis=1) @ rows) / weights.sum()]
        expected = (truth.boxes[0, :2] + truth.boxes[0, 2:]) / 2
        np.testing.assert_allclose(centre, expected, atol=0.1)
        assert weights.sum() == pytest.approx(np.prod(truth.boxes[0, 2:] - truth.boxes[0, :2]), rel=0.03)


def test_a_box_is_clipped_and_dropped_below_the_visible_share():
    # Everything 60 to the right in 100 x 100: of the first box 20 of 40 columns are left, of the second 5 of 20.
    truth = Truth([[20, 10, 60, 30], [35, 0, 55, 50], [50, 0, 60, 9]], [5, 6, 7], [False, True, False])
    right = np.array([[1, 0, 60], [0, 1, 0.0]])
    half = move_truth(truth, right, (100, 100), least_visible=0.5)
    assert half.boxes.tolist() == [[80, 10, 100, 30]]
    quarter = move_truth(truth, right, (100, 100), least_visible=0.25)
    assert quarter.boxes.tolist() == [[80, 10, 100, 30], [95, 0, 100, 50]]
    assert quarter.class_ids.tolist() == [5, 6]
    assert quarter.is_crowd.tolist() == [False, True]


def test_the_same_seed_gives_the_same_and_another_another():
    image, truth = scene([30, 30, 60, 60]), Truth([[30, 30, 60, 60]], [0])
    one, again, other = (augment_boxes(image, truth, seed) for seed in ([3, 5], [3, 5], [3, 6]))
    np.testing.assert_array_equal(one[0], again[0])
    np.testing.assert_array_equal(one[1].boxes, again[1].boxes)
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[1].boxes, other[1].boxes)


def test_an_image_without_boxes_has_none_afterwards():
    after, truth = augment_boxes(scene([3, 3, 9, 9]), Truth([], []), 1)
    assert len(truth) == 0
    assert after.shape == (90, 120, 3)


def colours(**settings):
    """The tables of 300 draws."""
    return [draw_colours(np.random.default_rng(seed), only(**settings)) for seed in range(300)]


def test_brightness_multiplies_all_values_within_its_bounds():
    factors = [matrix @ [0.2, 0.4, 0.3] / [0.2, 0.4, 0.3] for matrix in colours(brightness=0.3)]
    np.testing.assert_allclose(np.ptp(factors, axis=1), 0, atol=1e-3)
    assert 0.7 <= np.min(factors) < 0.72
    assert 1.28 < np.max(factors) <= 1.3


def test_saturation_moves_a_colour_on_its_line_to_grey():
    colour = np.array([0.8, 0.2, 0.1])
    grey = np.full(3, 0.299 * 0.8 + 0.587 * 0.2 + 0.114 * 0.1)
    parts = [(matrix @ colour - grey) / (colour - grey) for matrix in colours(saturation=1.0)]
    np.testing.assert_allclose(np.ptp(parts, axis=1), 0, atol=1e-2)
    assert np.min(parts) < 0.02
    assert np.max(parts) > 1.98


def test_hue_turns_colours_and_leaves_grey_and_brightness():
    colour = [0.6, 0.4, 0.3]
    for matrix in colours(hue=0.1):
        np.testing.assert_allclose(matrix @ [0.5, 0.5, 0.5], 0.5, atol=2e-3)
        assert matrix @ colour @ [0.299, 0.587, 0.114] == pytest.approx(
            0.6 * 0.299 + 0.4 * 0.587 + 0.3 * 0.114, abs=1e-3
        )
    turned = [colorsys.rgb_to_hsv(*(matrix @ colour))[0] for matrix in colours(hue=0.1)]
    before = colorsys.rgb_to_hsv(*colour)[0]
    distances = [abs((hue - before + 0.5) % 1 - 0.5) for hue in turned]
    assert 0.05 < max(distances) < 0.16


def test_colours_stay_in_range():
    for image in (np.full((4, 4, 3), 250, np.uint8), np.full((4, 4, 3), 0.99, np.float32)):
        for seed in range(20):
            after, _ = augment_boxes(image, Truth([], []), seed, only(brightness=0.9, saturation=1.0))
            assert 0 <= after.min() <= after.max() <= (255 if image.dtype == np.uint8 else 1)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"shift": 1.0}, "shift must be at least 0 and below 1, got 1.0"),
        ({"zoom": 0.8}, "zoom must be 1 to 10, where 1 is none, got 0.8"),
        ({"brightness": -0.1}, "brightness must be at least 0"),
        ({"saturation": 1.5}, r"saturation must be in 0\.\.1, got 1\.5"),
        ({"hue": 0.6}, r"hue must be in 0\.\.0\.5, got 0\.6"),
        ({"least_visible": 0}, "least_visible must be above 0 and at most 1, got 0"),
    ],
)
def test_settings_out_of_range_are_refused(setting, words):
    with pytest.raises(ValueError, match=words):
        BoxAugmentation(**setting)


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((4, 4, 3)), TypeError, "image must be uint8 or float32, got float64"),
        (np.zeros((4, 4), np.uint8), ValueError, r"image must be RGB, .* got shape \(4, 4\)"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, "image must be RGB"),
    ],
)
def test_what_is_no_image_is_refused(image, error, words):
    with pytest.raises(error, match=words):
        augment_boxes(image, Truth([], []), 0)
