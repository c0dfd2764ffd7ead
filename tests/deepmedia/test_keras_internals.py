"""If one of these fails with a new version, Keras or TensorFlow has changed what is private to them.

Mend ``deepmedia/keras_internals.py``, and write the new version into its docstring. Seen to pass with Keras 3.7.0,
3.13.2 and 3.15.1, and with TensorFlow 2.18.0, 2.20.0 and 2.21.0.
"""

import ast
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import deepmedia
from deepmedia.keras_internals import gradients_by_name, inputs_of, place_of

PRIVATE = {"_keras_history", "_inbound_nodes", "_outbound_nodes", "_registry", "_functional", "_keras_mask"}


@pytest.fixture
def twice():
    """A layer that is called twice, and the tensors before and after each call."""
    layer, first, second = keras.layers.Dense(3), keras.Input((3,)), keras.Input((3,))
    return layer, (first, layer(first)), (second, layer(second))


def test_a_tensor_names_the_operation_and_the_call_that_made_it(twice):
    layer, (_, first), (_, second) = twice
    assert [tuple(place_of(tensor)) for tensor in (first, second)] == [(layer, 0, 0), (layer, 1, 0)]


def test_a_tensor_says_which_output_of_a_call_it_is():
    parts = keras.ops.split(keras.Input((4,)), 2, axis=1)
    assert [place_of(part).output for part in parts] == [0, 1]


def test_each_call_names_its_own_inputs(twice):
    _, (before_first, after_first), (before_second, after_second) = twice
    for before, after in ((before_first, after_first), (before_second, after_second)):
        (found,) = inputs_of(place_of(after))
        assert found is before
    joined = keras.layers.Add()([after_first, after_second])
    assert [id(tensor) for tensor in inputs_of(place_of(joined))] == [id(after_first), id(after_second)]


def test_an_input_of_a_network_has_no_inputs():
    assert inputs_of(place_of(keras.Input((3,)))) == []


def test_a_traced_custom_gradient_is_among_the_gradients():
    @tf.custom_gradient
    def double(x):
        return 2 * x, lambda upstream: 2 * upstream

    before = set(gradients_by_name())
    tf.function(double)(tf.constant(1.0))
    new = set(gradients_by_name()) - before
    assert new
    assert all(name.startswith("CustomGradient-") for name in new)
    assert {"MatMul", "Conv2D"} < before


def test_no_other_module_names_what_is_private():
    found = []
    for path in sorted(Path(deepmedia.__file__).parent.rglob("*.py")):
        if path.name == "keras_internals.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = node.attr if isinstance(node, ast.Attribute) else getattr(node, "module", None) or ""
            if named in PRIVATE or named.startswith(("keras.src", "tensorflow.python")):
                found.append(f"{path.name}: {named}")
    assert found == []
