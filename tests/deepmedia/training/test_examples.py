import numpy as np
import pytest

from deepmedia.training import to_input


def test_input_is_scaled_and_has_a_channel():
    images = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    found = to_input(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, :, :, 0], [[0, 0.2], [0.4, 1]], rtol=1e-6)


def test_input_that_is_scaled_already_is_refused():
    with pytest.raises(TypeError, match=r"must be uint8.*got float32; are they scaled already"):
        to_input(np.zeros((1, 28, 28), dtype=np.float32))


def test_a_single_image_is_refused_with_a_way_out():
    with pytest.raises(ValueError, match=r"got shape \(28, 28\); one image is images\[None\]"):
        to_input(np.zeros((28, 28), dtype=np.uint8))
