import numpy as np
import pytest

from deepmedia.lessons.fundamentals.neurons.garment_features import VISIBLE, brightness_and_height


def test_features_match_pixels_counted_by_hand():
    images = np.zeros((2, 4, 5), np.uint8)
    images[0, 1, 2] = 255  # one pixel of twenty, in one row of four
    images[1, 0, :] = 102  # a row of five at 0.4
    images[1, 3, 4] = 52  # just visible
    images[1, 2, 0] = 51  # just not
    expected = [[1 / 20, 1 / 4], [(5 * 102 + 52 + 51) / 20 / 255, 2 / 4]]
    found = brightness_and_height(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_pixel_is_visible_above_a_fifth_of_full_brightness():
    assert VISIBLE == 255 // 5


@pytest.mark.parametrize(
    ("images", "error", "word"),
    [
        (np.zeros((2, 4, 5)), TypeError, "scaled already"),
        (np.zeros((4, 5), np.uint8), ValueError, r"images\[None\]"),
    ],
)
def test_wrong_images_are_refused(images, error, word):
    with pytest.raises(error, match=word):
        brightness_and_height(images)
