import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.fundamentals import (
    ELU,
    GELU,
    BatchNormalisation,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Flatten,
    HingeLoss,
    LeakyReLU,
    MultiClassHingeLoss,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    SquaredError,
    Tanh,
    copy_to_keras,
    gradient_check,
    gradients,
    he_normal,
    numerical_gradient,
)

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 5))
LABELS = np.array([0, 2, 1, 1, 0, 2])


def deep_network(outputs=3, seed=0):
    generator = np.random.default_rng(seed)
    return Network(
        [
            Flatten(),
            Dense(5, 8, initialiser=he_normal, seed=generator),
            BatchNormalisation(8),
            ReLU(),
            Dropout(0.3, seed=4),
            Dense(8, 7, seed=generator),
            Tanh(),
            Dense(7, 6, seed=generator),
            LeakyReLU(),
            Dense(6, 6, seed=generator),
            GELU(),
            Dense(6, 6, seed=generator),
            ELU(),
            Dense(6, outputs, seed=generator),
        ]
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("loss", "outputs", "targets"),
    [
        (CategoricalCrossEntropy(label_smoothing=0.1), 3, LABELS),
        (MultiClassHingeLoss(), 3, LABELS),
        (BinaryCrossEntropy(), 1, LABELS > 0),
        (HingeLoss(), 1, LABELS > 0),
        (SquaredError(), 2, RANDOM.normal(size=(6, 2))),
    ],
)
def test_all_layers_together_have_the_gradient_of_their_differences(loss, outputs, targets, training):
    assert gradient_check(deep_network(outputs), loss, X, targets, training=training) < 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_right_gradients_pass_whatever_the_weights(seed):
    x = np.random.default_rng(seed).normal(size=(9, 5))
    labels = np.random.default_rng(seed).integers(0, 3, 9)
    assert gradient_check(deep_network(seed=seed), CategoricalCrossEntropy(), x, labels) < 1e-6


def test_a_network_that_ends_in_softmax_can_be_checked_with_a_loss_of_probabilities():
    network = Network([Dense(5, 4), Sigmoid(), Dense(4, 3), Softmax()])
    assert gradient_check(network, SquaredError(), X, np.eye(3)[LABELS]) < 1e-6


class HalfDense(Dense):
    """A mistake in one gradient."""

    def backward(self, upstream):
        d_x = super().backward(upstream)
        self.gradients["bias"] = self.gradients["bias"] / 2
        return d_x


class ForgetfulReLU(ReLU):
    """A mistake in what goes to the layer before."""

    def backward(self, upstream):
        return upstream


class OneWrongEntry(Dense):
    """One weight of forty is wrong by a thousandth."""

    def backward(self, upstream):
        d_x = super().backward(upstream)
        largest = np.unravel_index(np.abs(self.gradients["weights"]).argmax(), (5, 8))
        self.gradients["weights"][largest] *= 1.001
        return d_x


def with_layers(first, second):
    return Network([first, second, Dense(8, 3, seed=1)])


@pytest.mark.parametrize(
    ("network", "at_least"),
    [
        (with_layers(HalfDense(5, 8), ReLU()), 0.1),
        (with_layers(Dense(5, 8), ForgetfulReLU()), 0.1),
        (with_layers(OneWrongEntry(5, 8), ReLU()), 5e-4),
        (Network([ForgetfulReLU(), Dense(5, 3)]), 0.1),  # only the input's gradient is wrong
    ],
)
def test_a_mistake_in_backward_shows(network, at_least):
    assert gradient_check(network, CategoricalCrossEntropy(), X, LABELS) > at_least


def test_a_tiny_gradient_is_not_blamed_for_the_rounding_of_the_loss():
    # ten sigmoids in a row: the first layer's gradient is about 1e-9 of the last one's
    layers = [layer for i in range(10) for layer in (Dense(5, 5, seed=i), Sigmoid())]
    assert gradient_check(Network([*layers, Dense(5, 3)]), CategoricalCrossEntropy(), X, LABELS) < 1e-6


def test_a_saturated_network_is_not_blamed_for_the_rounding_of_the_loss():
    network = Network([Dense(5, 3), Sigmoid()])
    network.parameters["layer0.bias"][...] = [25, 28, 30]  # slopes of about 1e-11 and below
    assert gradient_check(network, SquaredError(), X, np.zeros((6, 3))) < 1e-6


def test_a_step_over_a_kink_is_tried_again_with_a_smaller_one(monkeypatch):
    monkeypatch.setattr(gradients, "NUDGE", 0.0)
    network = Network([ReLU()])
    # 3e-5 from the kink: a step of 1e-4 crosses it, one of 1e-5 does not
    assert gradient_check(network, SquaredError(), np.array([[3e-5, 1.0]]), np.array([[2.0, 2.0]])) < 1e-6


def test_a_network_on_a_kink_is_checked_beside_it():
    # no unit lets the first row through, so that every ReLU of the second layer stands at 0
    network = Network([ReLU(), Dense(2, 4), ReLU(), Dense(4, 3)])
    x = np.array([[-1.0, -2.0], [1.0, 2.0]])
    assert gradient_check(network, CategoricalCrossEntropy(), x, LABELS[:2]) < 1e-6


def test_a_mistake_shows_on_a_kink_too():
    network = Network([ReLU(), Dense(2, 4), ForgetfulReLU(), Dense(4, 3)])
    x = np.array([[-1.0, -2.0], [1.0, 2.0]])
    assert gradient_check(network, CategoricalCrossEntropy(), x, LABELS[:2]) > 0.1


def test_checking_leaves_the_network_as_it_was():
    network = deep_network()
    before = {name: array.copy() for name, array in (network.parameters | network.state).items()}
    gradient_check(network, CategoricalCrossEntropy(), X, LABELS)
    for name, array in (network.parameters | network.state).items():
        np.testing.assert_array_equal(array, before[name])
        assert array.dtype == np.float32
    assert not network.gradients


def test_a_few_entries_are_enough_for_a_mistake_all_over_and_repeat_with_the_seed():
    network = with_layers(Dense(5, 8), ForgetfulReLU())
    errors = [gradient_check(network, CategoricalCrossEntropy(), X, LABELS, entries=3, seed=s) for s in (1, 1)]
    assert errors[0] == errors[1] > 0.1
    assert gradient_check(with_layers(Dense(5, 8), ReLU()), CategoricalCrossEntropy(), X, LABELS, entries=3) < 1e-6


def test_float32_and_whole_numbers_are_checked_in_float64():
    whole = np.arange(30).reshape(6, 5) % 7
    assert gradient_check(Network([Dense(5, 3)]), CategoricalCrossEntropy(), whole, LABELS) < 1e-6
    assert gradient_check(Network([Dense(5, 3)]), CategoricalCrossEntropy(), X.astype("float32"), LABELS) < 1e-6


def test_numerical_gradient_finds_the_slopes_of_a_polynomial_and_puts_the_array_back():
    w = np.array([[1.0, -2.0], [0.5, 3.0]])
    slopes = numerical_gradient(lambda: float((w**3).sum() + w[0, 0] * w[1, 1]), w)
    # 3 w^2, and w00 w11 adds 3 to the first and 1 to the last
    np.testing.assert_allclose(slopes, [[6.0, 12.0], [0.75, 28.0]], atol=1e-8)
    np.testing.assert_array_equal(w, [[1, -2], [0.5, 3]])


def test_central_differences_are_two_orders_better_than_the_step():
    w = np.array([1.0])
    errors = [abs(numerical_gradient(lambda: float(np.exp(w[0])), w, step=h)[0] - np.e) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.05)


def test_numerical_gradient_refuses_float32_and_steps_of_zero():
    with pytest.raises(TypeError, match="array must be float64, got float32"):
        numerical_gradient(lambda: 0.0, np.ones(2, np.float32))
    with pytest.raises(ValueError, match="step must be finite and above 0"):
        numerical_gradient(lambda: 0.0, np.ones(2), step=0)


def test_a_check_behind_a_softmax_refuses_a_loss_of_logits():
    with pytest.raises(ValueError, match=r"CategoricalCrossEntropy takes logits, but the last layer is Softmax\(\)"):
        gradient_check(Network([Dense(5, 3), Softmax()]), CategoricalCrossEntropy(), X, LABELS)


def test_the_number_of_entries_must_be_at_least_one():
    with pytest.raises(ValueError, match="entries must be at least 1"):
        gradient_check(Network([Dense(5, 3)]), CategoricalCrossEntropy(), X, LABELS, entries=0)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
def test_gradients_equal_those_of_gradient_tape(dtype, tolerance):
    generator = np.random.default_rng(3)
    network = Network(
        [
            Dense(12, 16, initialiser=he_normal, seed=generator),
            BatchNormalisation(16),
            ReLU(),
            Dense(16, 9, seed=generator),
            Tanh(),
            Dense(9, 4, seed=generator),
        ]
    ).cast(np.dtype(dtype).type)
    model = keras.Sequential(
        [
            keras.Input((12,), dtype=dtype),
            keras.layers.Dense(16, dtype=dtype),
            keras.layers.BatchNormalization(dtype=dtype),
            keras.layers.ReLU(dtype=dtype),
            keras.layers.Dense(9, activation="tanh", dtype=dtype),
            keras.layers.Dense(4, dtype=dtype),
        ]
    )
    copy_to_keras(network, model)
    x, labels = generator.normal(size=(20, 12)).astype(dtype), generator.integers(0, 4, 20)
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(x, training=True))
        value = tf.reduce_mean(losses)
    expected = tape.gradient(value, model.trainable_variables)
    loss = CategoricalCrossEntropy()
    logits = network.forward(x, training=True)
    network.backward(loss.gradient(logits, labels))
    assert loss.value(logits, labels) == pytest.approx(float(value), rel=tolerance)
    for ours, theirs in zip(network.gradients.values(), expected, strict=True):
        error = np.abs(ours - np.asarray(theirs)).max()
        assert error <= tolerance * max(np.abs(theirs).max(), np.abs(expected[-1]).max())
