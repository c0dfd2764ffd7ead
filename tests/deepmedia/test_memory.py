import ctypes
import gc
import weakref

import keras
import numpy as np
import pytest
from tensorflow.python.framework import ops
from tensorflow.python.framework.func_graph import FuncGraph

from deepmedia.memory import free_memory

INPUTS = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
CLASSES = (INPUTS[:, 0] > 0).astype("int64")


def trained():
    """A network that has learnt a little; its training step is a graph of TensorFlow's."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(INPUTS, CLASSES, verbose=0)
    return model


def graphs():
    gc.collect()
    return [thing for thing in gc.get_objects() if type(thing) is FuncGraph]


def test_nothing_of_a_training_stays():
    free_memory()
    before = len(graphs())
    model = trained()
    network, step = weakref.ref(model), weakref.ref(graphs()[-1])
    assert len(graphs()) > before
    del model
    free_memory()
    assert network() is None
    assert step() is None
    assert len(graphs()) == before


def test_a_network_that_is_still_named_works_on():
    model = trained()
    weights, answers = model.get_weights(), model.predict(INPUTS, verbose=0)
    free_memory()
    np.testing.assert_array_equal(model.predict(INPUTS, verbose=0), answers)
    loss = model.evaluate(INPUTS, CLASSES, verbose=0)[0]
    model.fit(INPUTS, CLASSES, epochs=5, verbose=0)
    assert model.evaluate(INPUTS, CLASSES, verbose=0)[0] < loss
    assert not np.array_equal(model.get_weights()[0], weights[0])


def test_automatic_names_begin_anew():
    trained()
    free_memory()
    assert keras.layers.Dense(2).name == "dense"


def test_gradients_of_operations_stay():
    trained()
    free_memory()
    names = ops.gradient_registry.list()
    assert {"MatMul", "Conv2D"} < set(names)
    assert not [name for name in names if name.startswith("CustomGradient-")]


@pytest.mark.parametrize("error", [OSError("libc.so.6: cannot open"), AttributeError("malloc_trim")])
def test_without_glibc_the_rest_is_freed(monkeypatch, error):
    def missing(name):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", missing)
    network = weakref.ref(trained())
    free_memory()
    assert network() is None


def test_a_tensorflow_without_such_a_registry_is_no_error(monkeypatch):
    network = weakref.ref(trained())
    with monkeypatch.context() as patched:
        patched.delattr(ops, "gradient_registry")
        free_memory()
    assert network() is None


def test_a_registry_without_its_entries_is_no_error(monkeypatch):
    network = weakref.ref(trained())
    with monkeypatch.context() as patched:
        patched.setattr(ops, "gradient_registry", object())
        free_memory()
    assert network() is None
