import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.cnn.inner_layers import inner_layers, recorded_outputs


@pytest.fixture(scope="module")
def nested():
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="a"), layers.Dense(2, name="b")], name="inner")
    inputs = keras.Input((3,), name="x")
    return keras.Model(inputs, layers.Dense(1, name="a")(inner(inputs)))


def test_layers_inside_have_their_path_and_inner_inputs_are_left_out(nested):
    found = inner_layers(nested)
    assert list(found) == ["x", "inner", "inner/a", "inner/b", "a"]
    assert found["inner/a"] is nested.get_layer("inner").get_layer("a")


def test_each_call_is_recorded_and_nothing_stays_behind(nested):
    layer, x = nested.get_layer("inner").get_layer("a"), np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    with recorded_outputs(layer) as outer, recorded_outputs(layer) as calls:
        nested(x)
        nested(-x)
    weights, bias = layer.get_weights()
    assert len(calls) == len(outer) == 2
    for found, expected in zip(calls, (x @ weights + bias, bias - x @ weights), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    nested(x)
    assert len(calls) == 2
    assert "call" not in vars(layer)


def test_an_error_in_the_block_leaves_the_layer_as_it_was(nested):
    layer = nested.get_layer("a")
    with pytest.raises(RuntimeError, match="on purpose"), recorded_outputs(layer):
        raise RuntimeError("on purpose")
    assert "call" not in vars(layer)
