"""Recurrent networks by hand: the same as Keras's layers, forward and back, and as central differences."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.video import gru, gru_gradients, lstm, lstm_gradients, rnn, rnn_gradients

BATCH, STEPS, FEATURES, UNITS = 3, 7, 4, 5
KINDS: dict[str, tuple[Any, Any, dict[str, Any], Any]] = {
    "rnn": (rnn, rnn_gradients, {}, keras.layers.SimpleRNN),
    "lstm": (lstm, lstm_gradients, {}, keras.layers.LSTM),
    "gru": (gru, gru_gradients, {"reset_after": True}, keras.layers.GRU),
    "gru, reset first": (gru, gru_gradients, {"reset_after": False}, keras.layers.GRU),
}
GATES = {"rnn": 1, "lstm": 4, "gru": 3, "gru, reset first": 3}
rng = np.random.default_rng(0)
INPUTS = rng.normal(size=(BATCH, STEPS, FEATURES)).astype("float32")
UPSTREAM = rng.normal(size=(BATCH, STEPS, UNITS)).astype("float32")
MASKS = {
    "no mask": None,
    "ends early": np.arange(STEPS) < np.array([[7], [4], [1]]),
    "starts late, with a gap, all masked": np.array([[0, 0, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 0, 1], [0] * 7], bool),
}


def weights_of(kind, dtype="float32", seed=1):
    draws = np.random.default_rng(seed)
    width = GATES[kind] * UNITS
    bias = (2, width) if kind == "gru" else (width,)
    return [draws.normal(0, 0.7, shape).astype(dtype) for shape in ((FEATURES, width), (UNITS, width), bias)]


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_gradients_are_those_of_keras(kind, mask):
    forward, backward, options, layer_class = KINDS[kind]
    layer = layer_class(UNITS, return_sequences=True, **options)
    layer.build(INPUTS.shape)
    weights = weights_of(kind)
    layer.set_weights(weights)
    inputs = tf.constant(INPUTS)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, mask=None if mask is None else tf.constant(mask))
        loss = tf.reduce_sum(outputs * UPSTREAM)
    expected = tape.gradient(loss, [inputs, *[each.value for each in layer.trainable_variables]])
    np.testing.assert_allclose(forward(INPUTS, *weights, mask=mask, **options), outputs, atol=1e-5)
    found = backward(INPUTS, *weights, UPSTREAM, mask=mask, **options)
    for name, theirs in zip(found._fields[:4], expected, strict=True):
        np.testing.assert_allclose(getattr(found, name), theirs, atol=1e-5, err_msg=name)
        assert np.abs(theirs).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_central_differences(kind):
    forward, backward, options, _ = KINDS[kind]
    mask = np.array([[1, 1, 0, 1, 1, 1, 0], [0, 1, 1, 1, 1, 1, 1], [1] * 7], bool)
    arrays = [INPUTS.astype(float), *weights_of(kind, float, seed=2)]
    found = backward(*arrays, UPSTREAM.astype(float), mask=mask, **options)

    def loss():
        return (forward(*arrays, mask=mask, **options) * UPSTREAM).sum()

    for name, array in zip(found._fields[:4], arrays, strict=True):
        flat = array.reshape(-1)
        for place in np.random.default_rng(3).choice(flat.size, min(15, flat.size), replace=False):
            value = flat[place]
            flat[place] = value + 1e-5
            above = loss()
            flat[place] = value - 1e-5
            slope = (above - loss()) / 2e-5
            flat[place] = value
            assert getattr(found, name).reshape(-1)[place] == pytest.approx(slope, abs=1e-7), name


def test_one_step_of_an_lstm_by_hand():
    # one unit, one feature, all weights ln 3 on x = 1: gates sigmoid(ln 3) = 3/4, candidate tanh(ln 3) = 4/5
    weight = np.full((1, 4), np.log(3))
    (((h,),),) = lstm([[[1.0]]], weight, np.zeros((1, 4)), np.zeros(4))
    assert h == pytest.approx(0.75 * np.tanh(0.75 * 0.8))


def test_one_step_of_a_gru_by_hand():
    # update gate 3/4 and candidate 4/5 from zero: a quarter of the candidate
    weight = np.full((1, 3), np.log(3))
    (((h,),),) = gru([[[1.0]]], weight, np.zeros((1, 3)), np.zeros((2, 3)))
    assert h == pytest.approx(0.25 * 0.8)


def test_a_plain_network_by_hand():
    # h1 = tanh(1), h2 = tanh(0.5 h1): d h2 / d h1 = 0.5 (1 - h2^2)
    outputs = rnn([[[1.0], [0.0]]], [[1.0]], [[0.5]], [0.0])
    first, second = np.tanh(1), np.tanh(0.5 * np.tanh(1))
    np.testing.assert_allclose(outputs, [[[first], [second]]])
    found = rnn_gradients([[[1.0], [0.0]]], [[1.0]], [[0.5]], [0.0], [[[0.0], [1.0]]])
    np.testing.assert_allclose(found.hidden, [[[0.5 * (1 - second**2)], [1.0]]])


@pytest.mark.parametrize("kind", KINDS)
def test_masked_steps_keep_the_state_and_learn_nothing(kind):
    forward, backward, options, _ = KINDS[kind]
    weights, mask = weights_of(kind), MASKS["ends early"]
    outputs = forward(INPUTS, *weights, mask=mask, **options)
    np.testing.assert_array_equal(outputs[1, 4:], np.repeat(outputs[1, 3:4], 3, axis=0))
    changed = INPUTS.copy()
    changed[1, 4:] = 9
    np.testing.assert_array_equal(forward(changed, *weights, mask=mask, **options), outputs)
    assert not backward(INPUTS, *weights, UPSTREAM, mask=mask, **options).inputs[1, 4:].any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_does_not_see_the_future(kind):
    forward, _, options, _ = KINDS[kind]
    weights, changed = weights_of(kind), INPUTS.copy()
    changed[:, 4] += 1
    one, other = (forward(each, *weights, **options) for each in (INPUTS, changed))
    np.testing.assert_array_equal(one[:, :4], other[:, :4])
    assert np.abs(one[:, 4:] - other[:, 4:]).max() > 0.01


def test_double_precision_stays():
    assert lstm(INPUTS.astype(float), *weights_of("lstm", float)).dtype == np.float64
    assert lstm(INPUTS, *weights_of("lstm")).dtype == np.float32


def test_large_numbers_don_t_overflow():
    assert np.isfinite(gru(1e6 * INPUTS, *weights_of("gru"))).all()


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"inputs": INPUTS[0]}, ValueError, r"inputs must be \(batch, steps, 4\), .* got \(7, 4\)"),
        ({"inputs": INPUTS[:, :0]}, ValueError, "at least one step"),
        ({"inputs": INPUTS[..., :3]}, ValueError, r"inputs must be \(batch, steps, 4\)"),
        ({"inputs": INPUTS * np.nan}, ValueError, "inputs must be finite, got nan"),
        ({"kernel": np.zeros((4, 19))}, ValueError, r"kernel must be \(4, 20\) for 5 units"),
        ({"recurrent_kernel": np.zeros((5, 15))}, ValueError, r"recurrent_kernel must be \(5, 20\)"),
        ({"bias": np.zeros((2, 20))}, ValueError, r"bias must be \(20,\) for 5 units"),
        ({"mask": np.ones((3, 6), bool)}, ValueError, r"mask must be \(batch, steps\), \(3, 7\), got \(3, 6\)"),
        ({"mask": np.ones((3, 7))}, TypeError, "mask must be booleans, got float64"),
        ({"upstream": UPSTREAM[:, -1]}, ValueError, r"upstream must be \(batch, steps, units\), \(3, 7, 5\), got"),
    ],
)
def test_wrong_input_is_refused(changed, error, message):
    kernel, recurrent_kernel, bias = weights_of("lstm")
    arguments = {"inputs": INPUTS, "kernel": kernel, "recurrent_kernel": recurrent_kernel, "bias": bias}
    with pytest.raises(error, match=message):
        lstm_gradients(**{**arguments, "upstream": UPSTREAM, **changed})


def test_a_gru_wants_the_biases_of_its_kind():
    kernel, recurrent_kernel, bias = weights_of("gru")
    with pytest.raises(ValueError, match=r"bias must be \(15,\) for 5 units"):
        gru(INPUTS, kernel, recurrent_kernel, bias, reset_after=False)
    with pytest.raises(ValueError, match=r"bias must be \(2, 15\) for 5 units"):
        gru(INPUTS, kernel, recurrent_kernel, bias[0])
