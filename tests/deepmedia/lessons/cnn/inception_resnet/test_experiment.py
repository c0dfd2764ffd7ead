import keras
import numpy as np
import pytest

from deepmedia.lessons.cnn.inception_resnet import experiment as residual_scaling
from deepmedia.lessons.cnn.inception_resnet.experiment import (
    CHANNELS,
    FILTERS,
    block_outputs,
    mean_squares,
    plain_branches,
    stacked_blocks,
    train_stacked_blocks,
)


@pytest.fixture
def photos():
    return np.random.default_rng(0).uniform(size=(32, 28, 28, 1)).astype("float32")


def test_a_plain_stack_has_the_parameters_counted_by_hand():
    # six convolutions with their biases: three 1x1 from 48 maps, three 3x3 from 16; 1x1 from 48 maps back to 48
    block = 3 * (48 * 16 + 16) + 3 * (9 * 16 * 16 + 16) + 48 * 48 + 48
    assert stacked_blocks(1.0, blocks=3).count_params() == (16 * 48 + 48) + 3 * block + (48 * 10 + 10)
    assert CHANNELS == 3 * FILTERS == 48


def test_the_first_weights_keep_the_mean_square():
    keras.utils.set_random_seed(0)
    model = stacked_blocks(1.0, blocks=1)
    for name, fan_in in (("block1_branch2_conv0", 48), ("block1_branch2_conv2", 9 * 16)):
        assert np.std(model.get_layer(name).kernel) == pytest.approx(np.sqrt(2 / fan_in), rel=0.1)


def test_the_branches_see_one_three_and_five_pixels():
    x = keras.Input((9, 9, 1))
    model = keras.Model(x, plain_branches(x, name="b"))
    for layer in model.layers:
        layer.set_weights([np.abs(values) + 0.1 for values in layer.get_weights()])  # so that ReLU stops nothing
    point = np.zeros((1, 9, 9, 1), "float32")
    point[0, 4, 4] = 1
    for reach, lit, dark in zip((0, 1, 2), model(point), model(np.zeros_like(point)), strict=True):
        rows, columns = np.nonzero(np.abs(lit - dark)[0, :, :, 0] > 1e-6)
        assert (rows.min(), rows.max()) == (columns.min(), columns.max()) == (4 - reach, 4 + reach)


def test_without_a_residual_the_features_stay_as_they_are(photos):
    outputs = block_outputs(stacked_blocks(0.0, blocks=3), photos)
    assert [output.shape for output in outputs] == [(32, 7, 7, 48)] * 4
    assert outputs[0].std() > 0.1
    for output in outputs[1:]:
        np.testing.assert_array_equal(output, outputs[0])


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_the_mean_square_grows_within_the_bounds(photos, scale):
    # A residual as large as x adds scale²; ReLU takes at most half of that. Zero padding makes the residual smaller.
    keras.utils.set_random_seed(0)
    squares = mean_squares(stacked_blocks(scale, blocks=8), photos)
    growth = (squares[-1] / squares[0]) ** (1 / 8)
    assert 1 + 0.3 * scale**2 < growth < 1 + scale**2


def test_the_mean_square_is_the_mean_of_the_squares(photos):
    model = stacked_blocks(0.5, blocks=2)
    expected = [np.mean(output**2) for output in block_outputs(model, photos)]
    np.testing.assert_allclose(mean_squares(model, photos), expected, rtol=1e-5)


def test_images_that_go_through_in_parts_keep_their_order(photos, monkeypatch):
    model = stacked_blocks(0.5, blocks=2)
    whole = block_outputs(model, photos)
    monkeypatch.setattr(residual_scaling, "PART", 5)
    for part, expected in zip(block_outputs(model, photos), whole, strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-4, atol=1e-5)


def test_training_tells_what_became_of_the_network(photos):
    labels = (photos[:, :14].mean(axis=(1, 2, 3)) > photos[:, 14:].mean(axis=(1, 2, 3))).astype(np.int64)
    keras.utils.set_random_seed(0)
    alive = train_stacked_blocks(stacked_blocks(0.1, blocks=1), (photos, labels), learning_rate=0.01, epochs=3)
    assert len(alive.losses) == len(alive.accuracies) == 3
    assert alive.losses[-1] < alive.losses[0]
    assert 0 < alive.zeros < 1
    assert alive.learned  # two classes of ten: a loss of ln 2 is soon reached


def test_a_network_of_zeros_does_not_learn(photos):
    model = stacked_blocks(1.0, blocks=1)
    model.get_layer("block1_Conv2d_1x1").bias.assign(-1e3 * np.ones(48))
    result = train_stacked_blocks(model, (photos, np.arange(32) % 10), learning_rate=1e-6, epochs=1)
    assert result.zeros == 1
    assert not result.learned
    assert result.losses[0] == pytest.approx(np.log(10), abs=1e-4)


def test_a_network_that_overflowed_does_not_learn(photos):
    model = stacked_blocks(1.0, blocks=1)
    model.get_layer("stem").bias.assign(np.full(48, np.nan))
    result = train_stacked_blocks(model, (photos, np.zeros(32, np.int64)), learning_rate=0.01, epochs=1)
    assert not result.learned


@pytest.mark.parametrize(
    ("options", "word"),
    [({"scale": -0.1}, "scale must be at least 0"), ({"scale": 1.0, "blocks": 0}, "blocks must be")],
)
def test_impossible_stacks_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        stacked_blocks(**options)
