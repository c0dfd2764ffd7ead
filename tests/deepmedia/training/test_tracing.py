import keras
import numpy as np
import pytest

from deepmedia.training.tracing import trace_once

INPUTS = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
CLASSES = (INPUTS[:, 0] > 0).astype("int64")


class Counting(keras.layers.Layer):
    """Passes on its input and counts how often its Python runs in training: once for each trace."""

    runs = 0

    def call(self, x, training=None):
        self.runs += bool(training)
        return x


def compiled(*, named_input=True):
    keras.utils.set_random_seed(0)
    layers = [Counting(name="counting"), keras.layers.Dropout(0.5), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((4,)), *layers] if named_input else layers)
    model.compile(
        optimizer=keras.optimizers.Adam(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def train(model):
    return model.fit(INPUTS, CLASSES, batch_size=4, epochs=3, verbose=0).history


def test_the_step_is_traced_once():
    model = compiled()
    trace_once(model, INPUTS, CLASSES)
    train(model)
    assert model.get_layer("counting").runs == 1


def test_otherwise_keras_traces_the_step_twice():
    model = compiled()
    train(model)
    assert model.get_layer("counting").runs == 2


def test_a_network_without_input_gets_its_weights_before_the_optimiser_s_variables():
    model = compiled(named_input=False)
    trace_once(model, INPUTS, CLASSES)
    shapes = [tuple(variable.shape) for variable in model.optimizer.variables]
    assert shapes.count((4, 2)) == shapes.count((2,)) == 2  # Adam's two means, of kernel and bias
    train(model)
    assert model.get_layer("counting").runs == 1


@pytest.mark.parametrize("named_input", [True, False])
def test_the_training_is_the_same_to_the_last_bit(named_input):
    plain, ready = compiled(named_input=named_input), compiled(named_input=named_input)
    expected = train(plain)
    trace_once(ready, INPUTS, CLASSES)
    assert train(ready) == expected
    for mine, theirs in zip(ready.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_nothing_is_left_in_the_metrics():
    model = compiled()
    right = np.argmax(model(INPUTS), axis=1)  # so that the accuracy would be 1
    trace_once(model, INPUTS, right)
    results = {name: float(value) for name, value in model.get_metrics_result().items()}
    assert results == {"accuracy": 0, "loss": 0}
    assert int(model.optimizer.iterations) == 0


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"compiled first: call model\.compile"):
        trace_once(model, INPUTS, CLASSES)
