import keras
import numpy as np
import pytest
from scipy.special import expit

from deepmedia.detection.darknet import darknet_network
from deepmedia.detection.darknet_cfg import parse_cfg
from deepmedia.detection.records import Detections
from deepmedia.lessons.detection.darknets_weights.experiment import (
    all_scores,
    centre_of_sight,
    followed,
    panned,
    steadied,
    with_keras_normalisation,
    with_same_padding,
)

TWO_LAYERS = """[net]
height=4
width=4
channels=1
[convolutional]
batch_normalize=1
filters=1
size=3
stride=2
pad=1
activation=linear
[convolutional]
filters=1
size=1
activation=linear"""


@pytest.fixture
def network():
    """Sums of 3 x 3 pixels at stride 2, normalised by a variance of 0.01."""
    model = darknet_network(parse_cfg(TWO_LAYERS))
    model.get_layer("conv_0").set_weights([np.ones((3, 3, 1, 1))])
    model.get_layer("bn_0").set_weights([np.ones(1), np.zeros(1), np.zeros(1), np.full(1, 0.01)])
    model.get_layer("conv_1").set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    return model


IMAGE = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)


def test_keras_adds_its_epsilon_to_the_variance(network):
    # 1 / sqrt(0.011) in place of 1 / 0.1.
    twin = with_keras_normalisation(network, 1e-3)
    np.testing.assert_allclose(twin(IMAGE), network(IMAGE) * 0.1 / np.sqrt(0.011), rtol=1e-4)
    assert not any(type(layer).__name__ == "DarknetNormalisation" for layer in twin.layers)


def test_same_padding_sums_other_pixels(network):
    twin = with_same_padding(network)
    # Rows 0..1 and columns 0..1 where both sides are padded: 0 + 1 + 4 + 5; rows and columns 0..2 with "same".
    np.testing.assert_allclose(network(IMAGE)[0, 0, 0, 0], 10 * 10, rtol=1e-4)
    np.testing.assert_allclose(twin(IMAGE)[0, 0, 0, 0], 10 * IMAGE[0, :3, :3, 0].sum(), rtol=1e-4)
    assert twin.output.shape == network.output.shape
    assert twin.get_layer("conv_1") is network.get_layer("conv_1")
    assert isinstance(network.get_layer("pad_0"), keras.layers.ZeroPadding2D)


def test_the_sight_moves_by_one_pixel_at_each_halving():
    # One convolution: pixels 2n - 1 to 2n + 1, or 2n to 2n + 2, for n = 8 of 16. Three: 1 + 2 + 4 pixels.
    assert centre_of_sight("both", halvings=1, size=32) == pytest.approx(16, abs=1e-3)
    assert centre_of_sight("same", halvings=1, size=32) == pytest.approx(17, abs=1e-3)
    both, same = (centre_of_sight(padding, halvings=3) for padding in ("both", "same"))
    assert same - both == pytest.approx(7, abs=1e-3)


def test_scores_are_objectness_times_class_probability():
    heads = [np.random.default_rng(n).normal(size=(1, n, n, 2, 7)) for n in (1, 2)]
    scores = all_scores(heads)
    assert scores.shape == (2 + 8, 2)
    assert scores[0, 1] == pytest.approx(expit(heads[0][0, 0, 0, 0, 4]) * expit(heads[0][0, 0, 0, 0, 6]))
    assert scores[-1, 0] == pytest.approx(expit(heads[1][0, 1, 1, 1, 4]) * expit(heads[1][0, 1, 1, 1, 5]))


def test_the_camera_moves_to_the_right():
    photograph = np.arange(2 * 10 * 3, dtype=np.uint8).reshape(2, 10, 3)
    frames = list(panned(photograph, frames=3, width=4, pixels=2))
    np.testing.assert_array_equal(frames[2], photograph[:, 4:8])


def test_an_object_is_followed_by_its_class_and_its_moved_box():
    box = np.array([20, 10, 60, 50])
    frames = [
        Detections([box], [0.9], [3]),
        Detections([box - [5, 0, 5, 0], box - [5, 0, 5, 0]], [0.8, 0.95], [3, 4]),  # another class is surer
        Detections([box], [0.7], [3]),  # moved by 10 since: 30 of 50 columns, an IoU of 0.6
        Detections([np.add(box, [40, 0, 40, 0])], [0.6], [3]),
        Detections([], [], []),
    ]
    assert followed(frames, box, 3, pixels=5) == pytest.approx([0.9, 0.8, 0.7, 0, 0])


def test_what_is_shown_stays_until_it_falls_below_the_low_threshold():
    # 0.5 is not above the high threshold, 0.3 not below the low one.
    scores = [0.5, 0.6, 0.3, 0.29, 0.4, 0.51]
    assert steadied(scores, high=0.5, low=0.3) == [False, True, True, False, False, True]
