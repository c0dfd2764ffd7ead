import keras
import numpy as np
import pytest

from deepmedia.fundamentals import Adam
from deepmedia.lessons.video.recurrent_networks.experiment import (
    FEATURES,
    GARMENTS,
    KINDS,
    LAMP_FRAMES,
    UNITS,
    first_weights,
    gap_to_keras,
    gradient_reach,
    gradients_of,
    lamp_clips,
    new_network,
    train_on_lamp,
)

LAYERS = {"RNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}
FRAMES = np.random.default_rng(0).normal(size=(3, 6, FEATURES))
MASK = np.arange(6) < np.array([[6], [3], [1]])


@pytest.mark.parametrize("kind", KINDS)
def test_first_weights_are_drawn_as_keras_draws_them(kind):
    layer = LAYERS[kind](UNITS)
    layer.build((None, None, 40))
    ours = first_weights(kind, features=40)
    for one, other in zip(ours, layer.get_weights(), strict=True):
        assert one.shape == other.shape
    # Glorot's range; U's rows orthonormal; the same bias
    assert np.abs(ours[0]).max() == pytest.approx(np.abs(layer.get_weights()[0]).max(), rel=0.05)
    for recurrent in (ours[1], layer.get_weights()[1]):
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-5)
    np.testing.assert_array_equal(ours[2], layer.get_weights()[2])


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_gates_that_remember_40_steps_start_at_39_of_40(kind):
    bias = first_weights(kind, remember=40)[2]
    gates = 1 / (1 + np.exp(-np.atleast_2d(bias)[0].astype(float)))
    keep = gates[UNITS : 2 * UNITS] if kind == "LSTM" else gates[:UNITS]
    np.testing.assert_allclose(keep, 39 / 40, atol=1e-6)
    if kind == "LSTM":
        np.testing.assert_allclose(gates[:UNITS], 1 / 40, atol=1e-6)


@pytest.mark.parametrize(("kind", "remember"), [("RNN", 40), ("LSTM", 2)])
def test_what_can_t_remember_is_refused(kind, remember):
    with pytest.raises(ValueError, match=rf"remember must be None for an RNN.* got {remember}"):
        first_weights(kind, remember=remember)


def test_the_label_is_the_garment_under_the_lamp():
    frames, labels = lamp_clips(200, 12, np.random.default_rng(0))
    assert frames.shape == (200, 12, FEATURES)
    np.testing.assert_array_equal(frames[..., :GARMENTS].sum(axis=2), 1)
    lamps = frames[..., GARMENTS]
    np.testing.assert_array_equal(lamps.sum(axis=1), 1)
    assert not lamps[:, LAMP_FRAMES:].any()
    under = (frames[..., :GARMENTS] * lamps[..., None]).sum(axis=1)
    np.testing.assert_array_equal(under, np.eye(GARMENTS)[labels])
    assert set(labels) == set(range(GARMENTS))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_central_differences(kind):
    network = {name: array.astype(float) for name, array in new_network(kind).items()}
    frames, labels = lamp_clips(4, 6, np.random.default_rng(0))
    _, found = gradients_of(network, kind, frames, labels)
    assert found.keys() == network.keys()
    for name, array in network.items():
        for number in np.random.default_rng(1).choice(array.size, 4, replace=False):
            place = np.unravel_index(number, array.shape)
            value = array[place]
            losses = []
            for moved in (value + 1e-5, value - 1e-5):
                array[place] = moved
                losses.append(gradients_of(network, kind, frames, labels)[0])
            array[place] = value
            slope = (losses[0] - losses[1]) / 2e-5
            assert found[name][place] == pytest.approx(slope, abs=1e-6), name


def test_the_reach_of_a_network_without_recurrence_is_its_last_frame():
    np.testing.assert_array_equal(gradient_reach("RNN", steps=5, gain=0.0), [1, 0, 0, 0, 0])


def test_an_open_gate_reaches_further_than_a_closed_one():
    closed, opened = (gradient_reach("LSTM", steps=40, remember=each)[-1] for each in (None, 40))
    assert closed < 1e-2 < opened


def test_a_plain_network_learns_the_task_over_a_few_frames():
    assert train_on_lamp("RNN", Adam(0.01), steps=5, updates=600) > 0.9
    assert train_on_lamp("RNN", Adam(0.01), steps=5, updates=1) < 0.6


@pytest.mark.parametrize("mask", [None, MASK], ids=["all frames", "padded"])
@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.SimpleRNN(4, return_sequences=True),
        keras.layers.LSTM(4, return_sequences=True),
        keras.layers.GRU(4, return_sequences=True),
        keras.layers.GRU(4, return_sequences=True, reset_after=False),
    ],
    ids=["rnn", "lstm", "gru", "gru, reset first"],
)
def test_ours_and_kerass_differ_by_rounding_only(layer, mask):
    assert 0 < gap_to_keras(layer, FRAMES, mask) < 1e-5


def test_another_activation_shows_as_a_gap():
    assert gap_to_keras(keras.layers.LSTM(4, return_sequences=True, activation="relu"), FRAMES) > 1e-2
