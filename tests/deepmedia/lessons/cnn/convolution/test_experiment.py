import re

import keras
import numpy as np
import pytest

from deepmedia.lessons.cnn.convolution.experiment import KINDS, LocallyConnected, beside_nothing, one_layer_network

IMAGES = np.random.default_rng(0).random((2, 6, 8, 2)).astype("float32")


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_with_equal_kernels_everywhere_a_local_layer_is_a_convolution(kernel_size):
    local, shared = LocallyConnected(4, kernel_size), keras.layers.Conv2D(4, kernel_size, padding="same")
    local.build(IMAGES.shape)
    shared.build(IMAGES.shape)
    kernels, _ = shared.get_weights()
    bias = np.arange(4.0)
    shared.set_weights([kernels, bias])
    entries = kernels.reshape(1, 1, -1, 4)
    local.set_weights([np.tile(entries, (6, 8, 1, 1)), np.tile(bias, (6, 8, 1))])
    np.testing.assert_allclose(local(IMAGES), shared(IMAGES), atol=1e-5)


def test_each_place_of_a_local_layer_has_weights_of_its_own():
    local = LocallyConnected(4, 3)
    before = np.array(local(IMAGES))
    kernels, bias = local.get_weights()
    kernels[2, 3] += 1
    bias[4, 5] += 1
    local.set_weights([kernels, bias])
    changed = (np.array(local(IMAGES)) != before).any(axis=(0, 3))
    assert sorted(zip(*np.nonzero(changed), strict=True)) == [(2, 3), (4, 5)]


def test_a_local_layers_weights_start_in_the_range_of_a_convolutions():
    local = LocallyConnected(4, 3)
    local.build(IMAGES.shape)
    kernels, bias = local.get_weights()
    limit = np.sqrt(6 / (3 * 3 * (2 + 4)))  # Glorot: the 3 x 3 pixels of 2 channels in, of 4 filters out
    assert 0.9 * limit < np.abs(kernels).max() <= limit
    assert not bias.any()


def test_parameters_are_those_counted_by_hand():
    # 16 filters of 5 x 5 on one channel, 14 x 28 places, 10 classes
    last = 16 * 10 + 10
    counts = [one_layer_network(kind, (14, 28, 1)).count_params() for kind in KINDS]
    assert counts == [26 * 16 + last, 14 * 28 * 26 * 16 + last, (14 * 28 + 1) * 14 * 28 * 16 + last]


def test_all_kinds_have_a_hidden_layer_of_equal_width():
    shapes = {one_layer_network(kind, (6, 8, 2)).get_layer("relu").output.shape for kind in KINDS}
    assert shapes == {(None, 6, 8, 16)}


def test_with_shared_weights_a_moved_image_gets_the_same_logits():
    image = np.zeros((1, 12, 20, 1), "float32")
    image[:, 4:8, 4:8] = np.random.default_rng(0).random((1, 4, 4, 1))
    moved = np.roll(image, 8, axis=2)
    shared, local = (one_layer_network(kind, (12, 20, 1)) for kind in ("shared", "local"))
    np.testing.assert_allclose(shared(image), shared(moved), atol=1e-6)
    assert np.abs(np.array(local(image)) - local(moved)).max() > 1e-3


def test_a_local_layer_can_be_made_again_from_its_settings():
    again = LocallyConnected.from_config(LocallyConnected(4, 3, name="hidden").get_config())
    assert (again.filters, again.kernel_size, again.name) == (4, 3, "hidden")


def test_photos_go_to_the_side_that_was_asked_for():
    for side, kept, black in (("left", np.s_[:, :, :8], np.s_[:, :, 8:]), ("right", np.s_[:, :, 8:], np.s_[:, :, :8])):
        canvas = beside_nothing(IMAGES, side=side)
        assert canvas.shape == (2, 6, 16, 2)
        np.testing.assert_array_equal(canvas[kept], IMAGES)
        assert not canvas[black].any()


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="kind must be one of shared, local, dense, got 'conv'"):
        one_layer_network("conv", (6, 8, 2))
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        one_layer_network("shared", (6, 8, 2), classes=1)
    with pytest.raises(ValueError, match="side must be"):
        beside_nothing(IMAGES, side="top")


@pytest.mark.parametrize("kernel_size", [4, 0, -1, 1.5, (3, 3)])
def test_kernels_without_a_middle_are_refused(kernel_size):
    message = r"kernel_size must be an odd whole number \(1, 3, 5, \.\.\.\), got " + re.escape(str(kernel_size))
    with pytest.raises(ValueError, match=message):
        LocallyConnected(4, kernel_size)
    for kind in ("shared", "local"):
        with pytest.raises(ValueError, match=message):
            one_layer_network(kind, (6, 8, 2), kernel_size=kernel_size)


def test_a_network_without_kernels_does_not_care_about_their_size():
    assert one_layer_network("dense", (6, 8, 2), kernel_size=4).output_shape == (None, 10)
