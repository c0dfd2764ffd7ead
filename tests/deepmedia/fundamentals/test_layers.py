import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.fundamentals import (
    BatchNormalisation,
    Dense,
    Dropout,
    Flatten,
    Network,
    ReLU,
    SquaredError,
    gradient_check,
)


def uneven(*shape, seed=0):
    """Numbers of mixed sign and size, away from kinks."""
    random = np.random.default_rng(seed)
    return random.normal(0.3, 1.0, shape) * random.uniform(0.2, 3.0, shape[-1])


def check(layer, x, *, training=True):
    """Gradient error of one layer behind a squared error with random targets."""
    network = Network([layer])
    targets = uneven(*network.copy().forward(x, training=training).shape, seed=1)
    return gradient_check(network, SquaredError(), x, targets, training=training)


def test_dense_matches_a_product_by_hand():
    layer = Dense(2, 2)
    layer.parameters["weights"][...] = [[1, 2], [3, 4]]
    layer.parameters["bias"][...] = [10, 20]
    # (1, -1): 1 - 3 + 10 = 8 and 2 - 4 + 20 = 18;  (0, 2): 6 + 10 = 16 and 8 + 20 = 28
    outputs = layer.forward(np.array([[1.0, -1.0], [0.0, 2.0]]))
    np.testing.assert_array_equal(outputs, [[8, 18], [16, 28]])
    d_x = layer.backward(np.array([[1.0, 0.0], [1.0, 5.0]]))
    # bias: 1 + 1 and 0 + 5;  weight (0, 0): 1 * 1 + 0 * 1;  (1, 1): -1 * 0 + 2 * 5;  x (1, 0): 1 * 1 + 5 * 2
    np.testing.assert_array_equal(layer.gradients["bias"], [2, 5])
    np.testing.assert_array_equal(layer.gradients["weights"], [[1, 0], [1, 10]])
    np.testing.assert_array_equal(d_x, [[1, 3], [11, 23]])


def test_dense_has_the_gradient_of_its_differences():
    assert check(Dense(4, 3, seed=2), uneven(5, 4)) < 1e-6


def test_dense_draws_its_weights_from_the_seed_and_starts_its_bias_at_zero():
    first, same, other = (Dense(5, 4, seed=seed).parameters["weights"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).all()
    assert not Dense(5, 4).parameters["bias"].any()


def test_one_generator_gives_every_layer_other_weights():
    generator = np.random.default_rng(0)
    first, second = Dense(3, 3, seed=generator), Dense(3, 3, seed=generator)
    assert (first.parameters["weights"] != second.parameters["weights"]).all()


def test_dense_refuses_rows_of_another_length():
    with pytest.raises(ValueError, match=r"input of Dense\(4, 2\) must be \(n, 4\), got \(3, 5\)$"):
        Dense(4, 2).forward(np.zeros((3, 5)))
    with pytest.raises(ValueError, match=r"got \(3, 2, 2\); put Flatten\(\) in front"):
        Dense(4, 2).forward(np.zeros((3, 2, 2)))


@pytest.mark.parametrize("units", [0, -3])
def test_dense_refuses_sizes_below_one(units):
    with pytest.raises(ValueError, match=f"outputs must be at least 1, got {units}"):
        Dense(4, units)
    with pytest.raises(ValueError, match=f"inputs must be at least 1, got {units}"):
        Dense(units, 4)


@pytest.mark.parametrize("units", [2.0, True, "8"])
def test_dense_refuses_sizes_that_are_not_whole_numbers(units):
    with pytest.raises(TypeError, match="outputs must be a whole number"):
        Dense(4, units)


def test_flatten_keeps_the_order_of_rows_and_undoes_itself():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    layer = Flatten()
    np.testing.assert_array_equal(layer.forward(x), [np.arange(12), np.arange(12, 24)])
    np.testing.assert_array_equal(layer.backward(np.arange(24.0).reshape(2, 12)), x)


def test_dropout_changes_nothing_outside_training():
    x, layer = uneven(6, 5), Dropout(0.7)
    layer.forward(x, training=True)
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)


def test_dropout_drops_its_rate_and_scales_the_rest_so_that_the_mean_stays():
    outputs = Dropout(0.25, seed=3).forward(np.full((1000, 100), 3.0), training=True)
    # 100,000 draws: four standard deviations of the part are 4 sqrt(0.25 * 0.75 / 1e5) = 0.0055
    assert np.isclose((outputs == 0).mean(), 0.25, atol=0.0055)
    np.testing.assert_allclose(np.unique(outputs), [0, 3 / 0.75])


def test_dropout_sends_gradients_where_it_sent_values():
    layer, x = Dropout(0.5, seed=1), np.ones((4, 5))
    np.testing.assert_array_equal(layer.forward(x, training=True), layer.backward(x))
    assert check(Dropout(0.4, seed=2), uneven(4, 5)) < 1e-6


def test_dropout_draws_a_new_mask_each_time_and_the_first_again_after_rewind():
    layer, x = Dropout(0.5, seed=1), np.ones((8, 8))
    first, second = layer.forward(x, training=True), layer.forward(x, training=True)
    assert (first != second).any()
    layer.rewind()
    np.testing.assert_array_equal(layer.forward(x, training=True), first)


@pytest.mark.parametrize("rate", [-0.1, 1.0, np.nan])
def test_dropout_refuses_rates_outside_zero_to_one(rate):
    with pytest.raises(ValueError, match="rate must be at least 0 and below 1"):
        Dropout(rate)


def test_batch_normalisation_matches_two_rows_by_hand():
    layer = BatchNormalisation(2, momentum=0.75, epsilon=1.0)
    layer.parameters["scale"][...] = [1, 10]
    layer.parameters["shift"][...] = [0, 5]
    # column 0: mean 3, variance 3, s = 1 / sqrt(3 + 1);  column 1: mean 0, variance 0, s = 1
    root = np.sqrt(3)
    x = np.array([[3 - root, 0.0], [3 + root, 0.0]])
    np.testing.assert_allclose(layer.forward(x, training=True), [[-root / 2, 5], [root / 2, 5]])
    # 0.75 of the old mean 0 and variance 1, 0.25 of the batch's
    np.testing.assert_allclose(layer.state["running_mean"], [0.75, 0], rtol=1e-6)
    np.testing.assert_allclose(layer.state["running_variance"], [1.5, 0.75], rtol=1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (2, 2, 3, 4)])
def test_batch_normalisation_has_the_gradient_of_its_differences(shape, training):
    layer = BatchNormalisation(shape[-1])
    layer.parameters["scale"][...] = uneven(shape[-1], seed=4)
    layer.parameters["shift"][...] = uneven(shape[-1], seed=5)
    layer.state["running_mean"][...] = uneven(shape[-1], seed=6)
    layer.state["running_variance"][...] = np.linspace(0.5, 2, shape[-1])
    assert check(layer, uneven(*shape), training=training) < 1e-6


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2, 3)])
def test_batch_normalisation_equals_keras_in_training_and_after(shape):
    ours, theirs = (
        BatchNormalisation(3, momentum=0.8, epsilon=1e-2),
        keras.layers.BatchNormalization(momentum=0.8, epsilon=1e-2),
    )
    theirs.build(shape)
    for seed in range(3):
        x = uneven(*shape, seed=seed).astype("float32")
        expected = np.asarray(theirs(x, training=True))
        np.testing.assert_allclose(ours.forward(x, training=True), expected, atol=2e-6)
    np.testing.assert_allclose(ours.state["running_mean"], np.asarray(theirs.moving_mean), atol=1e-6)
    np.testing.assert_allclose(ours.state["running_variance"], np.asarray(theirs.moving_variance), rtol=1e-5)
    np.testing.assert_allclose(ours.forward(x), np.asarray(theirs(x, training=False)), atol=2e-6)


def test_batch_normalisation_outside_training_leaves_its_statistics_alone():
    layer = BatchNormalisation(3)
    layer.forward(uneven(5, 3))
    assert not layer.state["running_mean"].any()
    assert (layer.state["running_variance"] == 1).all()


def test_batch_normalisation_refuses_wrong_shapes_and_a_single_row():
    with pytest.raises(ValueError, match=r"must be \(n, \.\.\., 3\), got \(5, 2\)"):
        BatchNormalisation(3).forward(np.zeros((5, 2)))
    with pytest.raises(ValueError, match=r"needs at least two rows in training, got shape \(1, 3\).*batch_size"):
        BatchNormalisation(3).forward(np.zeros((1, 3)), training=True)


@pytest.mark.parametrize(("option", "value"), [("momentum", 1.0), ("epsilon", 0.0), ("epsilon", -1e-3)])
def test_batch_normalisation_refuses_settings_that_break_it(option, value):
    with pytest.raises(ValueError, match=option):
        BatchNormalisation(3, **{option: value})


@given(rows=st.integers(2, 6), shift=st.floats(-5, 5), stretch=st.floats(0.5, 4))
def test_batch_normalisation_forgets_shift_and_scale_of_its_input(rows, shift, stretch):
    x = uneven(rows, 3)
    layer = BatchNormalisation(3, epsilon=1e-12)
    np.testing.assert_allclose(
        layer.forward(x, training=True), layer.forward(stretch * x + shift, training=True), atol=1e-6
    )


@pytest.mark.parametrize("layer", [Dense(3, 2), BatchNormalisation(3), Dropout(0.5), ReLU(), Flatten()])
def test_layers_keep_float64_and_stay_in_float32(layer):
    network = Network([layer])
    for dtype in ("float32", "float64"):
        outputs = network.forward(uneven(4, 3).astype(dtype), training=True)
        assert outputs.dtype == dtype
        assert network.backward(np.ones_like(outputs)).dtype == dtype


def test_layers_name_themselves_with_their_sizes():
    layers = [Dense(3, 2), BatchNormalisation(2), Dropout(0.5), Flatten()]
    assert repr(layers) == "[Dense(3, 2), BatchNormalisation(2), Dropout(0.5), Flatten()]"
