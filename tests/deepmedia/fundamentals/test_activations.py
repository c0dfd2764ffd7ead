import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

from deepmedia.fundamentals import (
    ELU,
    GELU,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    SquaredError,
    Tanh,
    gradient_check,
    log_softmax,
    sigmoid,
    softmax,
    softplus,
)

Z = np.array([[-30.0, -2.5, -0.3], [0.2, 1.7, 40.0]])
LAYERS = {
    "relu": (ReLU(), keras.activations.relu),
    "leaky_relu": (LeakyReLU(0.2), lambda z: keras.activations.leaky_relu(z, negative_slope=0.2)),
    "elu": (ELU(0.7), lambda z: keras.activations.elu(z, alpha=0.7)),
    "gelu": (GELU(), lambda z: keras.activations.gelu(z, approximate=True)),
    "sigmoid": (Sigmoid(), keras.activations.sigmoid),
    "tanh": (Tanh(), keras.activations.tanh),
    "softmax": (Softmax(), keras.activations.softmax),
}
logits = arrays.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 5)), elements=st.floats(-1e3, 1e3))


@pytest.mark.parametrize("name", LAYERS)
def test_activations_equal_those_of_keras(name):
    layer, expected = LAYERS[name]
    np.testing.assert_allclose(layer.forward(Z), np.asarray(expected(Z.astype("float64"))), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_activations_have_the_gradients_of_their_differences(name):
    z = np.random.default_rng(1).normal(0, 1.5, (4, 5))
    targets = np.random.default_rng(2).normal(size=(4, 5))
    assert gradient_check(Network([LAYERS[name][0]]), SquaredError(), z, targets) < 1e-6


@pytest.mark.parametrize("name", LAYERS)
def test_activations_stay_finite_and_silent_for_huge_inputs(name):
    layer = LAYERS[name][0]
    z = np.array([[-1e4, 0.0, 1e4], [1e4, 1e4, -1e4]], np.float32)
    assert np.isfinite(layer.forward(z)).all()
    assert np.isfinite(layer.backward(np.ones_like(z))).all()


@pytest.mark.parametrize("name", LAYERS)
def test_activations_keep_the_precision_of_their_input(name):
    layer = LAYERS[name][0]
    for dtype in (np.float32, np.float64):
        assert layer.forward(Z.astype(dtype)).dtype == dtype
        assert layer.backward(np.ones_like(Z, dtype)).dtype == dtype


def test_slopes_are_those_of_the_textbook():
    def slope(layer, z):
        layer.forward(np.array([[z]]))
        return layer.backward(np.ones((1, 1))).item()

    assert slope(Sigmoid(), 0.0) == 0.25
    assert slope(Tanh(), 0.0) == 1.0
    assert [slope(ReLU(), z) for z in (-1.0, 0.0, 1.0)] == [0, 0, 1]
    assert [slope(LeakyReLU(0.1), z) for z in (-1.0, 1.0)] == [0.1, 1]
    assert slope(ELU(2.0), -1.0) == pytest.approx(2 / np.e)


def test_relu_passes_nan_on():
    assert np.isnan(ReLU().forward(np.array([np.nan]))).all()


def test_sigmoid_equals_scipy_far_out_on_both_sides():
    z = np.array([-700.0, -100.0, -1e-9, 0.0, 1e-9, 36.0, 800.0])
    np.testing.assert_allclose(sigmoid(z), special.expit(z), rtol=1e-14)


def test_softplus_equals_scipy_far_out_on_both_sides():
    z = np.array([-700.0, -100.0, -1.0, 0.0, 1.0, 36.0, 800.0])
    np.testing.assert_allclose(softplus(z), -special.log_expit(-z), rtol=1e-14)


@given(logits)
def test_softmax_and_its_logarithm_equal_scipy(z):
    np.testing.assert_allclose(softmax(z), special.softmax(z, axis=-1), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(log_softmax(z), special.log_softmax(z, axis=-1), rtol=1e-12, atol=1e-12)


@given(logits, st.floats(-100, 100))
def test_softmax_sums_to_one_and_forgets_a_constant(z, constant):
    p = softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    np.testing.assert_allclose(softmax(z + constant), p, atol=1e-9)


def test_softmax_gradient_is_the_product_with_the_whole_matrix_of_slopes():
    z, upstream = np.array([[0.5, -1.0, 2.0]]), np.array([[3.0, -1.0, 0.5]])
    layer = Softmax()
    p = layer.forward(z)[0]
    matrix = np.diag(p) - np.outer(p, p)  # dp_k/dz_j = p_k (1[j = k] - p_j)
    np.testing.assert_allclose(layer.backward(upstream)[0], matrix @ upstream[0])


@pytest.mark.parametrize(("layer", "setting"), [(LeakyReLU, "slope"), (ELU, "alpha")])
def test_slopes_of_the_negative_side_must_be_above_zero(layer, setting):
    with pytest.raises(ValueError, match=f"{setting} must be finite and above 0, got 0"):
        layer(0)
