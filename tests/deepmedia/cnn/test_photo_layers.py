"""The shipped detector's first layers: the same numbers as the detector itself gives, loaded another way."""

import keras
import numpy as np
import pytest

from deepmedia.cnn import photo_layers as module
from deepmedia.cnn.photo_layers import photo_layers
from deepmedia.datasets import photo
from deepmedia.detection import trained_yolo_tiny

IMAGES = photo("astronaut")[None, :64, 200:264].astype(np.float32) / 255


@pytest.mark.parametrize("stages", [1, 4, 6])
def test_the_layers_are_the_detectors(stages):
    whole = trained_yolo_tiny((64, 64, 3))
    expected = np.asarray(keras.Model(whole.input, whole.get_layer(f"stage{stages}_leaky").output)(IMAGES))
    assert expected.std() > 0.05
    np.testing.assert_allclose(photo_layers(64, stages=stages)(IMAGES), expected, atol=1e-5 * np.abs(expected).max())


def test_nothing_in_it_learns():
    assert not photo_layers(32, stages=6).trainable_weights


@pytest.mark.parametrize(
    ("side", "stages", "error", "text"),
    [
        (20, 4, ValueError, "side must be a multiple of 8, got 20; take 24"),
        (40, 6, ValueError, "side must be a multiple of 32, got 40; take 64"),
        (64, 7, ValueError, "stages must be 1 to 6, got 7"),
        (64, 0, ValueError, "stages must be at least 1"),
        (64.0, 4, TypeError, "side must be a whole number"),
    ],
)
def test_what_can_not_be_is_refused(side, stages, error, text):
    with pytest.raises(error, match=text):
        photo_layers(side, stages=stages)


def test_a_package_without_the_weights_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "WEIGHTS_FILE", tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError, match=r"the package lacks .*none.npz; install it again"):
        photo_layers(64, stages=4)
