from functools import partial

import numpy as np
import pytest

from deepmedia.fundamentals import CategoricalCrossEntropy, Dense, Network, ReLU, SquaredError, Tanh, he_normal, normal
from deepmedia.lessons.fundamentals.backpropagation.gradient_flow import WIDTH, deep_network, measure_flow, size


def test_sizes_of_a_tiny_network_match_those_by_hand():
    first, second = Dense(1, 2), Dense(2, 1)
    first.parameters["weights"][:] = [[3.0, -4.0]]
    second.parameters["weights"][:] = [[1.0], [1.0]]
    flow = measure_flow(Network([first, ReLU(), second]), SquaredError(), [[1.0]], [[1.0]])
    # z1 = (3, -4), a = (3, 0), z2 = 3; dL/dz2 = 2 (3 - 1) = 4; dL/da = (4, 4), dL/dz1 = (4, 0)
    np.testing.assert_allclose(flow.scores, [np.sqrt((9 + 16) / 2), 3])
    np.testing.assert_allclose(flow.gradients, [np.sqrt(16 / 2), 4])


def test_measured_gradients_are_those_that_give_the_biases_theirs():
    random = np.random.default_rng(0)
    network = deep_network(Tanh, he_normal, depth=3)
    x, y = random.random((1, 8, 8)), [4]
    flow = measure_flow(network, CategoricalCrossEntropy(), x, y)
    biases = [g for name, g in network.gradients.items() if name.endswith("bias")]  # with one row, dL/db = dL/dz
    np.testing.assert_allclose(flow.gradients, [size(g) for g in biases], rtol=1e-6)


def test_he_keeps_the_size_of_relu_scores_and_small_weights_shrink_it():
    x = np.random.default_rng(0).normal(size=(500, WIDTH))
    y = np.zeros(500, int)
    kept = measure_flow(deep_network(ReLU, he_normal, depth=8), CategoricalCrossEntropy(), x, y)
    assert 0.4 < kept.scores[7] / kept.scores[0] < 2.5
    small = measure_flow(deep_network(ReLU, partial(normal, scale=0.01), depth=8), CategoricalCrossEntropy(), x, y)
    ratio = (small.scores[7] / small.scores[0]) ** (1 / 7)
    assert ratio == pytest.approx(np.sqrt(WIDTH * 0.01**2 / 2), rel=0.15)


def test_a_deep_network_has_the_layers_asked_for():
    network = deep_network(Tanh, he_normal, depth=3, inputs=5, classes=3)
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    assert [layer.parameters["weights"].shape for layer in dense] == [
        (5, WIDTH),
        (WIDTH, WIDTH),
        (WIDTH, WIDTH),
        (WIDTH, 3),
    ]
    assert sum(isinstance(layer, Tanh) for layer in network.layers) == 3
    assert not np.array_equal(dense[1].parameters["weights"], dense[2].parameters["weights"])


def test_seeds_decide_the_weights():
    first, same, other = (deep_network(ReLU, he_normal, depth=1, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.parameters["layer1.weights"], same.parameters["layer1.weights"])
    assert not np.array_equal(first.parameters["layer1.weights"], other.parameters["layer1.weights"])


def test_a_network_without_hidden_layers_is_refused():
    with pytest.raises(ValueError, match="depth must be at least 1"):
        deep_network(ReLU, he_normal, depth=0)
