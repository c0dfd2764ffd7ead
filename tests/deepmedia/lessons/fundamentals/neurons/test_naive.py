import numpy as np
import pytest

from deepmedia.fundamentals import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    sigmoid,
    softmax,
)
from deepmedia.lessons.fundamentals.neurons.naive import (
    naive_binary_cross_entropy,
    naive_cross_entropy,
    naive_sigmoid,
    naive_softmax,
)

Z, LABELS = np.array([[1.0, -2.0, 0.5], [3.0, 0.1, -1.0]]), np.array([2, 0])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


def test_naive_forms_equal_the_stable_ones_for_small_numbers():
    np.testing.assert_allclose(naive_sigmoid(Z), sigmoid(Z))
    np.testing.assert_allclose(naive_softmax(Z), softmax(Z))
    assert naive_cross_entropy(softmax(Z), LABELS) == pytest.approx(CategoricalCrossEntropy().value(Z, LABELS))
    assert naive_binary_cross_entropy(sigmoid(Z), Y) == pytest.approx(BinaryCrossEntropy().value(Z, Y))


def test_naive_softmax_is_nan_where_the_stable_one_is_right():
    z = np.array([[100.0, 0.0]], np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(naive_softmax(z)[0, 0])
    np.testing.assert_allclose(softmax(z), [[1, 0]], atol=1e-30)


def test_naive_sigmoid_warns_where_the_stable_one_is_silent():
    z = np.array([-100.0], np.float32)
    with pytest.warns(RuntimeWarning, match="overflow"):
        naive_sigmoid(z)
    assert sigmoid(z) < 1e-30


def test_naive_losses_break_where_the_losses_from_logits_give_the_gap_of_the_logits():
    z, labels = np.array([[200.0, 0.0]], np.float32), np.array([1])
    with np.errstate(divide="ignore", invalid="ignore"):
        assert naive_cross_entropy(softmax(z), labels) == np.inf
        assert np.isnan(naive_binary_cross_entropy(sigmoid(z), np.array([[1.0, 1.0]])))
    assert CategoricalCrossEntropy().value(z, labels) == 200
    assert BinaryCrossEntropy().value(z[:, :1], np.array([0.0])) == 200
