import keras
import numpy as np
import pytest
from keras import layers, ops

from deepmedia.cnn.logits import check_logits


def model(*tail, classes=3):
    return keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(classes), *tail], name="net")


def functional(last):
    inputs = keras.Input((4,))
    return keras.Model(inputs, last(layers.Dense(3)(inputs)), name="net")


class Halved(layers.Layer):
    def call(self, x):
        return x / 2


@pytest.mark.parametrize(
    "tail",
    [(), (layers.ReLU(),), (layers.Activation("linear"),), (layers.Softmax(), layers.Dense(3)), (Halved(),),
     (layers.Activation("log_softmax"),), (layers.Dropout(0.1),)],
)  # fmt: skip
def test_logits_are_counted(tail):
    # The logarithm of softmax gives logits, too: its softmax is the same.
    assert check_logits(model(*tail)) == 3


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ((layers.Dense(3, activation="softmax"),), "softmax"),
        ((layers.Dense(3, activation="sigmoid"),), "sigmoid"),
        ((layers.Activation("hard_sigmoid"),), "hard_sigmoid"),
        ((layers.Softmax(),), "Softmax"),
        ((layers.Softmax(), layers.Activation("linear", dtype="float32")), "Softmax"),
        ((layers.Dense(3, activation="softmax"), layers.Dropout(0.2), layers.Flatten()), "softmax"),
        ((keras.Sequential([keras.Input((3,)), layers.Dense(3, activation="softmax")]),), "softmax"),
        ((layers.Lambda(ops.softmax),), "softmax"),
    ],
)
def test_probabilities_are_refused(tail, name):
    with pytest.raises(ValueError, match=rf"model must put out logits, net ends in {name}; build the same network"):
        check_logits(model(*tail))


@pytest.mark.parametrize("function", [ops.softmax, ops.sigmoid])
def test_probabilities_by_a_function_are_refused(function):
    with pytest.raises(ValueError, match=r"net ends in (Softmax|Sigmoid)"):
        check_logits(functional(function))


def test_the_way_out_gives_the_logits():
    sure, plain = model(layers.Dense(3, activation="softmax")), model(layers.Dense(3))
    plain.set_weights(sure.get_weights())
    image = np.random.default_rng(0).random((2, 4, 4, 1))
    assert check_logits(plain) == 3
    np.testing.assert_allclose(ops.softmax(plain(image)), sure(image), rtol=1e-5)


def test_models_that_can_not_be_looked_into_are_refused():
    with pytest.raises(ValueError, match=r"functional, or sequential with keras\.Input .*; loose is neither, or not"):
        check_logits(keras.Sequential([layers.Dense(3)], name="loose"))
    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match=r"must put out logits \(n, classes\) alone, two gives"):
        check_logits(keras.Model(inputs, [layers.Dense(3)(inputs), layers.Dense(2)(inputs)], name="two"))
    with pytest.raises(ValueError, match=r"must put out logits \(n, classes\) alone"):
        check_logits(keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(3, 1)]))
