import keras
import numpy as np
import pytest

from deepmedia.cnn import small_networks
from deepmedia.cnn.cost import multiply_adds
from deepmedia.cnn.small_networks import small_inception, small_inception_resnet, small_resnet, small_rir

NETWORKS = (small_inception, small_resnet, small_rir, small_inception_resnet)


def test_the_residual_network_has_the_parameters_counted_by_hand():
    # Convolutions without bias, each with four numbers a map of batch normalisation.
    stem = 9 * 32 + 4 * 32
    block1 = 2 * (9 * 32 * 32 + 4 * 32)
    block2 = 9 * 32 * 48 + 9 * 48 * 48 + 32 * 48 + 3 * 4 * 48
    head = 7 * 7 * 48 * 10 + 10
    assert small_resnet().count_params() == stem + block1 + block2 + head


def test_the_residual_network_costs_the_multiply_adds_counted_by_hand():
    stem = 28 * 28 * 9 * 32
    block1 = 14 * 14 * 2 * 9 * 32 * 32
    block2 = 7 * 7 * (9 * 32 * 48 + 9 * 48 * 48 + 32 * 48)
    assert multiply_adds(small_resnet()) == stem + block1 + block2 + 7 * 7 * 48 * 10


def test_all_four_cost_the_same_to_within_a_twentieth_of_their_mean():
    costs = np.array([multiply_adds(build()) for build in NETWORKS])
    assert np.all(np.abs(costs / costs.mean() - 1) <= 0.05)


@pytest.mark.parametrize(
    ("build", "channels"),
    [
        (small_inception, 64 + 64 + 56 + 32),
        (small_resnet, 48),
        (small_rir, 24 + 24),
        (small_inception_resnet, 32 + 24 + 32),  # the blocks add to what the reduction makes
    ],
)
def test_the_last_maps_are_a_quarter_as_wide_and_have_these_channels(build, channels):
    assert build().get_layer("flatten").input.shape == (None, 7, 7, channels)


@pytest.mark.parametrize("build", NETWORKS)
def test_all_moving_averages_follow_a_short_training(build):
    norms = [layer for layer in build().layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) >= 6
    assert {layer.momentum for layer in norms} == {0.9}


@pytest.mark.parametrize("build", NETWORKS)
def test_each_takes_other_sizes_channels_and_classes(build):
    model = build((9, 14, 3), classes=4)
    images = np.random.default_rng(0).random((2, 9, 14, 3), dtype=np.float32)
    assert model(images).shape == (2, 4)
    assert model.name == build.__name__


@pytest.mark.parametrize("build", NETWORKS)
def test_the_answers_are_logits_and_not_probabilities(build):
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((8, 28, 28, 1), dtype=np.float32)
    logits = np.array(build()(images))
    assert logits.min() < 0
    assert not np.allclose(logits.sum(axis=1), 1, atol=0.01)


def test_the_streams_of_rir_share_the_maps_of_the_stem_and_do_not_repeat_them():
    model = small_rir()
    joined = model.get_layer("block1_layer1_join").output
    assert joined.shape[-1] == small_networks.STEM_FILTERS


@pytest.mark.parametrize("build", NETWORKS)
@pytest.mark.parametrize(
    ("shape", "classes", "message"),
    [
        ((3, 28, 1), 10, "at least .4, 4, channels."),
        ((28, 28), 10, "three whole numbers"),
        ((1, 28, 28), 10, r"is it \(channels, height, width\)"),
        ((28, 28, 1), 1, "classes must be at least 2"),
    ],
)
def test_impossible_input_is_refused(build, shape, classes, message):
    with pytest.raises(ValueError, match=message):
        build(shape, classes=classes)
