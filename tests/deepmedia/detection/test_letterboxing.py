import math

import cv2
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.detection.letterboxing import Letterbox, letterbox, resize_aligned


def by_double_loop(image, height, width):
    """Darknet's resize_image in its own terms: first the columns, then the rows."""
    rows, columns, channels = image.shape
    part = np.zeros((rows, width, channels))
    for r in range(rows):
        for c in range(width):
            if c == width - 1 or columns == 1:
                part[r, c] = image[r, columns - 1]
            else:
                x = c * (columns - 1) / (width - 1)
                part[r, c] = (1 - x % 1) * image[r, int(x)] + x % 1 * image[r, int(x) + 1]
    result = np.zeros((height, width, channels))
    for r in range(height):
        if r == height - 1 or rows == 1:
            result[r] = part[rows - 1]
        else:
            y = r * (rows - 1) / (height - 1)
            result[r] = (1 - y % 1) * part[int(y)] + y % 1 * part[int(y) + 1]
    return result


def random_image(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_two_rows_and_three_columns_become_four_and_five():
    # The rows lie a third apart, 0, .1, .2, .3 more than the first; the columns half a step of .1 apart.
    resized = resize_aligned(np.array([[0, 0.1, 0.2], [0.3, 0.4, 0.5]]), (4, 5))
    expected = np.array([[0], [0.1], [0.2], [0.3]]) + np.array([0, 0.05, 0.1, 0.15, 0.2])
    np.testing.assert_allclose(resized, expected, atol=1e-6)


@pytest.mark.parametrize("old", [(7, 5), (1, 6), (6, 1), (1, 1), (12, 12), (2, 31)])
@pytest.mark.parametrize("new", [(3, 4), (11, 2), (1, 5), (5, 1), (12, 12)])
def test_resizing_does_what_a_double_loop_does(old, new):
    image = random_image(*old) / 255
    np.testing.assert_allclose(resize_aligned(image, new), by_double_loop(image, *new), atol=1e-6)


def test_resizing_agrees_with_tensorflows_aligned_corners():
    image = random_image(576, 768)
    theirs = tf.compat.v1.image.resize(image[None], (312, 416), align_corners=True)[0]
    np.testing.assert_allclose(resize_aligned(image, (312, 416)), theirs, atol=0.02)  # of 255; they count in float32


def test_opencvs_resizing_is_another():
    image = random_image(60, 80) / np.float32(255)
    assert np.abs(resize_aligned(image, (30, 40)) - cv2.resize(image, (40, 30))).max() > 0.1


@pytest.mark.parametrize(
    ("image", "inner", "corner"),  # width × height and x, y on paper: 768×576 -> 416×312 at (0, 52) and so on
    [
        ((576, 768), (312, 416), (52, 0)),
        ((427, 640), (277, 416), (69, 0)),
        ((500, 333), (416, 277), (0, 69)),
        ((416, 416), (416, 416), (0, 0)),
        ((1000, 1), (416, 1), (0, 207)),
    ],
)
def test_photographs_lie_where_darknet_puts_them(image, inner, corner):
    place = Letterbox(image, (416, 416))
    assert (place.height, place.width) == inner
    assert (place.top, place.left) == corner


def test_the_photograph_is_resized_and_the_rest_is_grey():
    image = random_image(9, 16)
    seen = letterbox(image, (24, 32))
    assert seen.shape == (24, 32, 3)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen[3:21], by_double_loop(image / 255, 18, 32), atol=1e-6)
    assert (seen[:3] == 0.5).all()
    assert (seen[21:] == 0.5).all()


def test_bytes_and_fractions_give_the_same():
    image = random_image(30, 20)
    np.testing.assert_allclose(letterbox(image, 64), letterbox(image / 255, 64), atol=1e-6)
    np.testing.assert_allclose(letterbox(image[::-1, ::2], 64), letterbox(image[::-1, ::2].copy(), 64))


sides = st.integers(1, 300)


@given(sides, sides, sides, sides, st.lists(st.floats(0, 1), min_size=4, max_size=4, unique=True))
def test_boxes_come_back_as_they_went(rows, columns, height, width, fractions):
    x_min, x_max = sorted(fractions[:2])
    y_min, y_max = sorted(fractions[2:])
    box = np.array([[x_min * columns, y_min * rows, x_max * columns, y_max * rows]])
    if x_max - x_min < 1e-3 or y_max - y_min < 1e-3:
        return
    place = Letterbox((rows, columns), (height, width))
    there = place.boxes_on_canvas(box)
    limits = np.array([width, height, width, height])
    assert (there > -0.01).all()
    assert (there < limits + 0.01).all()
    largest = max(rows, columns)
    np.testing.assert_allclose(place.boxes_on_image(there), box, atol=2e-4 * largest)


def test_half_a_pixel_counts_on_the_way_back():
    # 277 of 416 rows leave 139: the photograph begins at row 69, Darknet calculates with 69.5.
    place = Letterbox((427, 640), (416, 416))
    np.testing.assert_allclose(place.boxes_on_image([[0, 69.5, 416, 346.5]]), [[0, 0, 640, 427]], atol=1e-3)


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_any_photograph_fits_and_touches_two_sides(rows, columns):
    place = Letterbox((rows, columns), (416, 320))
    assert 1 <= place.height <= 416
    assert 1 <= place.width <= 320
    assert place.height == 416 or place.width == 320
    assert math.isclose(place.height / place.width, rows / columns, rel_tol=1.1 / min(place.height, place.width))


@pytest.mark.parametrize(
    ("image", "size", "error", "words"),
    [
        (np.zeros((4, 4), np.uint8), 8, ValueError, r"image must be RGB, .* got shape \(4, 4\); grey: np.repeat"),
        (np.zeros((4, 4, 1), np.uint8), 8, ValueError, r"image must be RGB, .* got shape \(4, 4, 1\)"),
        (np.zeros((1, 4, 4, 3), np.uint8), 8, ValueError, r"one of several: images\[0\]"),
        (np.zeros((4, 4, 4), np.uint8), 8, ValueError, r"without transparency: image\[..., :3\]"),
        (np.zeros((0, 4, 3), np.uint8), 8, ValueError, r"image must have at least one pixel, got shape \(0, 4, 3\)"),
        (np.zeros((4, 4, 3), int), 8, TypeError, "image must be uint8, or float in 0..1, got int64"),
        (np.full((4, 4, 3), 255.0), 8, ValueError, "must lie in 0..1, got 255 to 255; divide by 255"),
        (np.full((4, 4, 3), np.nan), 8, ValueError, "image must be finite"),
        ("dog.jpg", 8, TypeError, "image must be a NumPy array, got str; read_picture"),
        (np.zeros((4, 4, 3), np.uint8), 0, ValueError, "canvas's sides must be at least 1, got 0"),
        (np.zeros((4, 4, 3), np.uint8), (8, 8.5), TypeError, "canvas's sides must be a whole number, got 8.5"),
    ],
)
def test_what_cannot_be_letterboxed_is_refused(image, size, error, words):
    with pytest.raises(error, match=words):
        letterbox(image, size)


def test_white_stays_at_one():
    white = np.full((427, 640, 3), 255, np.uint8)
    assert letterbox(white, 416).max() == 1
