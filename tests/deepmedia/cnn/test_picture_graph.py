"""Files made ready in TensorFlow's operations, against OpenCV's and NumPy's."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.picture_files import network_input
from deepmedia.cnn.picture_graph import inputs_from_bytes
from deepmedia.datasets import photo

PHOTO = photo("coffee")[..., ::-1]  # 400 × 600, as OpenCV writes it
TRANSPARENT = np.dstack([PHOTO, np.linspace(0, 255, 600, dtype=np.uint8)[None].repeat(400, axis=0)])
PICTURES = {
    "large.png": PHOTO,
    "small.png": PHOTO[::40, ::40],
    "grey.png": PHOTO[..., 1],
    "tall.bmp": PHOTO[:, 100:180],
    "photo.jpg": PHOTO,
    "grey.jpg": PHOTO[..., 1],
    "transparent.png": TRANSPARENT,
    "line.png": PHOTO[:1],
}


@pytest.mark.parametrize("shape", [(64, 64, 3), (50, 70, 1)])
@pytest.mark.parametrize("name", PICTURES)
def test_a_file_gives_what_opencv_makes_of_it(tmp_path, name, shape):
    cv2.imwrite(str(tmp_path / name), PICTURES[name])
    expected = network_input(tmp_path / name, shape, background=128)
    (found,) = inputs_from_bytes(tf.constant([(tmp_path / name).read_bytes()]), shape, background=128).numpy()
    assert expected.std() > 0.02 or name == "line.png"
    assert np.abs(found - expected).max() * 255 <= 2.01  # both round, one after the other
    assert np.abs(found - expected).mean() * 255 < 0.3


def test_several_files_of_several_sizes_become_a_batch(tmp_path):
    for name in ("large.png", "tall.bmp"):
        cv2.imwrite(str(tmp_path / name), PICTURES[name])
    contents = [(tmp_path / name).read_bytes() for name in ("large.png", "tall.bmp")]
    found = inputs_from_bytes(tf.constant(contents), (32, 32, 3)).numpy()
    expected = [network_input(tmp_path / name, (32, 32, 3)) for name in ("large.png", "tall.bmp")]
    np.testing.assert_allclose(found, expected, atol=2.01 / 255)
    assert inputs_from_bytes(tf.constant([], tf.string), (32, 32, 3)).shape == (0, 32, 32, 3)


def test_what_is_no_picture_is_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError):
        inputs_from_bytes(tf.constant([b"<html>Please log in</html>"]), (32, 32, 3))
