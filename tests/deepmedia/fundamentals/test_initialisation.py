from functools import partial

import keras
import numpy as np
import pytest

from deepmedia.fundamentals import (
    Dense,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    normal,
    zeros,
)

SHAPE = (400, 100)
FAMILIES = [glorot_uniform, glorot_normal, he_uniform, he_normal, normal]


# 40,000 draws: the sample's variance lies within 3 % of the true one (four standard deviations of a normal's variance).
@pytest.mark.parametrize(
    ("initialiser", "variance"),
    [
        (glorot_uniform, 2 / 500),
        (glorot_normal, 2 / 500),
        (he_uniform, 2 / 400),
        (he_normal, 2 / 400),
        (partial(normal, scale=0.3), 0.09),
    ],
)
def test_weights_have_the_variance_that_the_formula_asks_for(initialiser, variance):
    weights = initialiser(SHAPE, seed=3)
    assert weights.var() == pytest.approx(variance, rel=0.03)
    assert abs(weights.mean()) < 4 * np.sqrt(variance / 40_000)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(glorot_uniform, keras.initializers.GlorotUniform), (he_uniform, keras.initializers.HeUniform)],
)
def test_uniform_weights_reach_as_far_as_those_of_keras(ours, theirs):
    expected = np.abs(np.asarray(theirs(seed=0)(SHAPE))).max()
    assert np.abs(ours(SHAPE)).max() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("initialiser", FAMILIES)
def test_the_seed_fixes_the_weights(initialiser):
    np.testing.assert_array_equal(initialiser((4, 3), seed=5), initialiser((4, 3), seed=5))
    assert (initialiser((4, 3), seed=5) != initialiser((4, 3), seed=6)).all()


@pytest.mark.parametrize("initialiser", [*FAMILIES, zeros])
def test_weights_are_float32_of_the_shape_asked_for(initialiser):
    weights = initialiser((4, 3), seed=0)
    assert weights.shape == (4, 3)
    assert weights.dtype == np.float32


def test_zeros_are_zero():
    assert not zeros((4, 3)).any()


def test_dense_uses_the_initialiser_it_is_given():
    np.testing.assert_array_equal(
        Dense(4, 3, initialiser=he_normal, seed=7).parameters["weights"], he_normal((4, 3), seed=7)
    )


def test_a_scale_of_zero_is_refused():
    with pytest.raises(ValueError, match="scale must be finite and above 0, got 0"):
        normal((4, 3), scale=0)
