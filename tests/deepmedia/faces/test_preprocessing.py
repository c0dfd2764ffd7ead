import numpy as np
import pytest

from deepmedia.faces.preprocessing import fixed_scaling, whiten


def test_fixed_scaling_by_hand():
    # (0 - 127.5) / 128, (64 - 127.5) / 128, (255 - 127.5) / 128
    scaled = fixed_scaling(np.uint8([0, 64, 255]))
    np.testing.assert_array_equal(scaled, np.float32([-0.99609375, -0.49609375, 0.99609375]))
    assert scaled.dtype == np.float32


def test_whitening_takes_each_image_by_itself_over_all_its_channels():
    # 1, 3, 5, 7: mean 4, population variance (9 + 1 + 1 + 9) / 4 = 5; the second image is that times ten
    image = np.float32([1, 3, 5, 7]).reshape(1, 2, 2)
    white = whiten(np.stack([image, 10 * image]))
    expected = np.array([-3, -1, 1, 3]) / np.sqrt(5)
    np.testing.assert_allclose(white.reshape(2, 4), [expected, expected], rtol=1e-6)
    assert white.dtype == np.float32


def test_whitening_divides_a_nearly_flat_image_by_one_over_the_root_of_its_size():
    # size 4: the bound is 1 / 2; deviation 0.1 is below it
    image = np.array([0.9, 1.1, 0.9, 1.1]).reshape(1, 2, 2, 1)
    np.testing.assert_allclose(whiten(image).ravel(), [-0.2, 0.2, -0.2, 0.2], rtol=1e-5)
    np.testing.assert_array_equal(whiten(np.full((1, 3, 3, 3), 7, np.uint8)), 0)


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"images must be \(n, height, width, channels\), got shape \(4, 4, 3\)"):
        whiten(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match="images must be finite"):
        whiten(np.full((1, 2, 2, 1), np.nan))
    with pytest.raises(ValueError, match=r"pixels 0..255, got -1 to 1; are they scaled already"):
        fixed_scaling([-1.0, 1.0])
    with pytest.raises(ValueError, match=r"floats up to 0.5; from 0..1: 255"):
        fixed_scaling([0.0, 0.5])
