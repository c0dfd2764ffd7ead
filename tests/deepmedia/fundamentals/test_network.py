import copy

import keras
import numpy as np
import pytest

from deepmedia.fundamentals import (
    SGD,
    Adam,
    BatchNormalisation,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    HingeLoss,
    Momentum,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    SquaredError,
    TrainingDiverged,
    copy_to_keras,
    he_normal,
    minibatches,
)
from deepmedia.fundamentals.optimisers import Optimiser


def blobs(count=90, classes=3, seed=0, dtype="float32"):
    """Three clouds of points that a line separates."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = np.array([[0, 2, -1], [2, -1, 0], [-2, -1, 1]])
    return (centres[labels] + random.normal(0, 0.4, (count, 3))).astype(dtype), labels


def small_network(seed=0):
    generator = np.random.default_rng(seed)
    return Network([Dense(3, 8, initialiser=he_normal, seed=generator), ReLU(), Dense(8, 3, seed=generator)])


def settings(**changes):
    return {"loss": CategoricalCrossEntropy(), "optimiser": Momentum(0.05), "epochs": 3, "batch_size": 16} | changes


def test_forward_and_backward_follow_the_layers_one_by_one():
    network, (x, _) = small_network(), blobs(6)
    hidden, bend, last = network.layers
    outputs = network.forward(x)
    np.testing.assert_array_equal(outputs, last.forward(bend.forward(hidden.forward(x))))
    upstream = np.random.default_rng(1).normal(size=outputs.shape)
    d_x = network.backward(upstream)
    np.testing.assert_array_equal(d_x, hidden.backward(bend.backward(last.backward(upstream))))


def test_parameters_are_named_by_layer_and_are_the_layers_own_arrays():
    network = Network([Dense(3, 4), BatchNormalisation(4), ReLU(), Dense(4, 2)])
    assert list(network.parameters) == [
        "layer0.weights",
        "layer0.bias",
        "layer1.scale",
        "layer1.shift",
        "layer3.weights",
        "layer3.bias",
    ]
    assert list(network.state) == ["layer1.running_mean", "layer1.running_variance"]
    assert network.parameters["layer3.bias"] is network.layers[3].parameters["bias"]
    assert network.parameter_count == (3 * 4 + 4) + (4 + 4) + (4 * 2 + 2)


def test_training_learns_and_reports_each_epoch():
    network, (x, y) = small_network(), blobs()
    before = network.evaluate(x, y, loss=CategoricalCrossEntropy())
    history = network.fit(x, y, **settings(epochs=8, validation=blobs(30, seed=1)))
    assert set(history) == {
        "loss",
        "accuracy",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
        "seconds",
    }
    assert {len(numbers) for numbers in history.values()} == {8}
    assert before["loss"] > 0.5 > 0.05 > history["validation_loss"][-1]
    assert history["validation_accuracy"][-1] == 1
    assert network.evaluate(*blobs(30, seed=1), loss=CategoricalCrossEntropy()) == {
        "loss": history["validation_loss"][-1],
        "accuracy": 1.0,
    }


@pytest.mark.parametrize("classes", [1, 2])
def test_history_has_no_accuracy_where_the_loss_has_no_classes(classes):
    x, _ = blobs(20)
    network = Network([Dense(3, classes)])
    history = network.fit(x, x[:, :classes], **settings(loss=SquaredError()))
    assert set(history) == {"loss", "learning_rate", "seconds"}


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), HingeLoss()])
def test_yes_or_no_networks_learn(loss):
    x, y = blobs()
    history = Network([Dense(3, 1)]).fit(x, y == 0, **settings(loss=loss, epochs=20))
    assert history["accuracy"][-1] == 1


def test_the_loss_of_an_epoch_is_the_mean_over_rows_before_each_update():
    x, y = blobs(5)
    network, loss = small_network(), CategoricalCrossEntropy()
    twin = network.copy()
    history = network.fit(x, y, **settings(optimiser=SGD(0.1), epochs=1, batch_size=3, seed=None))
    first, _ = twin.train_step(x[:3], y[:3], loss=loss, optimiser=SGD(0.1))
    second = loss.value(twin.forward(x[3:]), y[3:])
    assert history["loss"] == [pytest.approx((3 * first + 2 * second) / 5, rel=1e-6)]


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    """Keras computes in this precision during the test."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


# Adam's tolerance is wider: Keras rounds beta_2 to seven digits, in float64 too, so that the first steps' 1 - beta_2
# has four.
@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance"),
    [
        (Momentum(0.05), lambda: keras.optimizers.SGD(0.05, momentum=0.9), {"float32": 1e-5, "float64": 1e-6}),
        (Adam(0.01), lambda: keras.optimizers.Adam(0.01), {"float32": 5e-3, "float64": 2e-5}),
    ],
    ids=["momentum", "adam"],
)
def test_training_equals_keras_fit_from_the_same_weights(ours, theirs, tolerance, precision):
    x, y = blobs(60, dtype=precision)
    validation = blobs(30, seed=1, dtype=precision)
    network = Network([Dense(3, 8), BatchNormalisation(8), ReLU(), Dense(8, 3, seed=1)])
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dense(3)]
    )
    copy_to_keras(network, model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(theirs(), loss, metrics=["accuracy"])
    history = network.fit(x, y, **settings(optimiser=copy.deepcopy(ours), epochs=5, validation=validation, seed=None))
    expected = model.fit(x, y, batch_size=16, epochs=5, shuffle=False, validation_data=validation, verbose=0).history
    rtol = tolerance[precision]
    for name, theirs_name in (("loss", "loss"), ("accuracy", "accuracy"), ("validation_loss", "val_loss")):
        np.testing.assert_allclose(history[name], expected[theirs_name], rtol=rtol)
    np.testing.assert_allclose(network.predict(x), model.predict(x, verbose=0), atol=10 * rtol)


def test_the_seed_fixes_the_training_and_another_one_changes_it():
    x, y = blobs()
    runs = []
    for seed in (1, 1, 2):
        network = small_network()
        network.fit(x, y, **settings(seed=seed))
        runs.append(network.parameters["layer2.weights"])
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_minibatches_hold_every_row_once_in_an_order_of_seed_and_epoch():
    batches = list(minibatches(10, 4, seed=0))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    order = np.concatenate(batches)
    assert sorted(order) == list(range(10))
    assert list(order) != list(range(10))
    again, next_epoch, other_seed = (
        np.concatenate(list(minibatches(10, 4, seed=seed, epoch=epoch))) for seed, epoch in ((0, 0), (0, 1), (1, 0))
    )
    np.testing.assert_array_equal(order, again)
    assert (order != next_epoch).any()
    assert (order != other_seed).any()
    np.testing.assert_array_equal(np.concatenate(list(minibatches(10, 4, seed=None))), range(10))


def test_training_shuffles_anew_in_every_epoch():
    x, y = blobs(12)
    seen = []

    class Spy(SGD):
        def step(self, parameters, gradients):
            seen.append(network.layers[0].x[:, 0].copy())

    network = small_network()
    network.fit(x, y, **settings(optimiser=Spy(), epochs=2, batch_size=12))
    assert (seen[0] != seen[1]).any()
    np.testing.assert_array_equal(np.sort(seen[0]), np.sort(seen[1]))


def test_training_in_float64_stays_in_float64_and_float32_in_float32():
    x, y = blobs(dtype="float64")
    network = small_network()
    network.fit(x, y, **settings(epochs=1))
    assert {w.dtype for w in network.parameters.values()} == {np.dtype("float64")}
    network = small_network()
    network.fit(x.astype("float32"), y, **settings(epochs=1))
    assert {w.dtype for w in network.parameters.values()} == {np.dtype("float32")}


def test_a_cast_changes_parameters_and_statistics_and_no_value():
    network = Network([Dense(3, 4), BatchNormalisation(4)])
    before = network.parameters | network.state
    after = network.cast(np.float64).parameters | network.state
    assert {array.dtype for array in after.values()} == {np.dtype("float64")}
    for name, array in after.items():
        np.testing.assert_array_equal(array, before[name])


def test_predictions_do_not_depend_on_the_batch_size_and_use_no_dropout():
    network, (x, y) = Network([Dense(3, 4), Dropout(0.5), BatchNormalisation(4)]), blobs(10)
    network.fit(x, y, **settings(epochs=1, batch_size=5))
    np.testing.assert_allclose(network.predict(x, batch_size=3), network.predict(x), rtol=1e-6)


def test_images_go_in_as_they_are():
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 1), dtype=np.uint8)
    network = Network([Flatten(), Dense(20, 3)])
    outputs = network.forward(images)
    assert outputs.shape == (6, 3)
    assert outputs.dtype == np.float32


def test_a_copy_learns_without_the_original():
    network, (x, y) = small_network(), blobs()
    twin = network.copy()
    twin.fit(x, y, **settings())
    np.testing.assert_array_equal(network.parameters["layer0.weights"], small_network().parameters["layer0.weights"])
    assert (twin.parameters["layer0.weights"] != network.parameters["layer0.weights"]).any()


def test_the_call_at_the_end_of_an_epoch_sees_the_history_so_far():
    seen = []
    x, y = blobs(30)
    small_network().fit(
        x, y, **settings(on_epoch_end=lambda epoch, history: seen.append((epoch, len(history["loss"]))))
    )
    assert seen == [(0, 1), (1, 2), (2, 3)]


def test_the_optimiser_goes_on_where_it_was():
    x, y = blobs(30)
    once, twice, optimiser = small_network(), small_network(), Adam(0.01)
    once.fit(x, y, **settings(optimiser=Adam(0.01), epochs=2, seed=None))
    for _ in range(2):
        twice.fit(x, y, **settings(optimiser=optimiser, epochs=1, seed=None))
    np.testing.assert_array_equal(once.parameters["layer0.weights"], twice.parameters["layer0.weights"])


def test_early_stopping_ends_training_with_the_best_weights():
    class Wreck(Optimiser):
        """Two steps make the network better, all later ones worse."""

        def update(self, name, w, g, rate):
            w -= rate * g if self.steps_taken < 2 else -rate * g

    x, y = blobs(30)
    network, stopping = small_network(), EarlyStopping(patience=2)
    history = network.fit(
        x,
        y,
        **settings(optimiser=Wreck(0.1), epochs=50, batch_size=30, validation=(x, y), early_stopping=stopping),
    )
    assert stopping.best_epoch == int(np.argmin(history["validation_loss"])) == 1
    assert len(history["loss"]) == 4
    best = network.evaluate(x, y, loss=CategoricalCrossEntropy())["loss"]
    assert best == pytest.approx(min(history["validation_loss"]))


def test_training_that_diverges_says_so_and_keeps_its_history():
    x, y = blobs()
    with pytest.raises(TrainingDiverged, match=r"epoch \d+: the .* lower the learning rate") as caught:
        Network([Dense(3, 4), Dense(4, 1)]).fit(x, y, **settings(loss=SquaredError(), optimiser=SGD(5.0), epochs=50))
    assert isinstance(caught.value, FloatingPointError)
    assert caught.value.history == {} or caught.value.history["loss"]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_validation_loss_that_is_not_finite_is_a_diverged_training(early_stopping):
    (x, y), stopping = blobs(), EarlyStopping() if early_stopping else None
    network, far = Network([Dense(3, 1)]), (x[:3], np.float32([1, 1, 1e30]))  # its square is beyond float32
    with pytest.raises(TrainingDiverged, match=r"epoch 0: the validation loss is NaN or infinity") as caught:
        network.fit(x, y, **settings(loss=SquaredError(), validation=far, early_stopping=stopping))
    assert caught.value.history == {}


def test_a_last_step_that_leaves_no_finite_weights_is_a_diverged_training():
    x, y = blobs(30)
    with pytest.raises(TrainingDiverged, match=r"epoch 0: layer0\.weights holds NaN or infinity"):
        small_network().fit(x, y, **settings(optimiser=SGD(1e308), epochs=1, batch_size=30))


def test_no_layers_are_refused():
    with pytest.raises(ValueError, match="layers must hold at least one layer"):
        Network([])


def test_a_class_without_brackets_is_refused():
    with pytest.raises(TypeError, match=r"layers\[1\] must be a Layer, got .*is it a class without its brackets"):
        Network([Dense(3, 4), ReLU])  # type: ignore[list-item]


def test_one_layer_used_twice_is_refused():
    bend = ReLU()
    with pytest.raises(ValueError, match=r"layers\[2\], ReLU\(\), is in the list twice"):
        Network([bend, Dense(3, 3), bend])


def test_layers_that_do_not_fit_are_refused():
    message = r"layers\[2\], Dense\(5, 2\), must take the 4 features that Dense\(3, 4\) gives"
    with pytest.raises(ValueError, match=message):
        Network([Dense(3, 4), ReLU(), Dense(5, 2)])
    Network([BatchNormalisation(3), Flatten(), Dense(12, 2)])  # Flatten lengthens rows: no complaint


@pytest.mark.parametrize("last", [Softmax(), Sigmoid()])
@pytest.mark.parametrize("loss", [CategoricalCrossEntropy, BinaryCrossEntropy])
def test_a_loss_of_logits_behind_probabilities_is_refused_and_can_be_accepted(last, loss):
    x, y = blobs(12)
    network = Network([Dense(3, 3), last])
    y = y if loss is CategoricalCrossEntropy else np.eye(3)[y]
    for method, more in ((network.fit, settings()), (network.evaluate, {})):
        with pytest.raises(ValueError, match=rf"{loss.__name__} takes logits, but the last layer is {last}"):
            method(x, y, **more | {"loss": loss()})
    network.fit(x, y, **settings(loss=loss(accept_probabilities=True)))


def test_a_loss_of_numbers_behind_a_sigmoid_is_fine():
    x, y = blobs(12)
    Network([Dense(3, 1), Sigmoid()]).fit(x, y == 0, **settings(loss=SquaredError()))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite_are_refused_with_their_place(bad):
    x, y = blobs(12)
    x[7, 1] = bad
    for method in (small_network().forward, small_network().predict):
        with pytest.raises(ValueError, match=rf"x must be finite, got {bad} at \[7, 1\]"):
            method(x)
    with pytest.raises(ValueError, match=rf"x must be finite, got {bad} at \[7, 1\]"):
        small_network().fit(x, y, **settings())
    with pytest.raises(ValueError, match=rf"validation x must be finite, got {bad} at \[7, 1\]"):
        small_network().fit(*blobs(12), **settings(validation=(x, y)))


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match=r"x must have at least one row, got shape \(0, 3\)"):
        small_network().forward(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="x must have at least one row"):
        small_network().fit(np.zeros((0, 3)), np.zeros(0, int), **settings())


@pytest.mark.parametrize("x", [[["a", "b", "c"]], np.zeros((2, 3), complex), [[None, 1.0, 2.0]]])
def test_inputs_that_are_no_numbers_are_refused(x):
    with pytest.raises(TypeError, match="x must hold real numbers"):
        small_network().forward(x)


def test_wrong_targets_are_refused_before_anything_is_trained():
    x, y = blobs(12)
    network = small_network()
    before = network.parameters["layer0.weights"].copy()
    wrong = y.copy()
    wrong[11] = 3
    with pytest.raises(ValueError, match=r"labels must lie in 0\.\.2 for 3 classes, got 3 at row 11"):
        network.fit(x, wrong, **settings(batch_size=2))
    with pytest.raises(TypeError, match="labels must be integers, got float64"):
        network.fit(x, y.astype(float), **settings(batch_size=2))
    with pytest.raises(ValueError, match=r"x and y must have equally many rows, got \(12, 3\) and \(11,\)"):
        network.fit(x, y[1:], **settings())
    np.testing.assert_array_equal(network.parameters["layer0.weights"], before)


@pytest.mark.parametrize("name", ["epochs", "batch_size"])
@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError)])
def test_counts_of_the_training_must_be_whole_and_at_least_one(name, value, error):
    with pytest.raises(error, match=f"{name} must be "):
        small_network().fit(*blobs(12), **settings(**{name: value}))


def test_early_stopping_without_validation_data_is_refused():
    with pytest.raises(ValueError, match=r"early_stopping needs validation=\(x, y\)"):
        small_network().fit(*blobs(12), **settings(early_stopping=EarlyStopping()))


def test_backward_without_its_forward_is_refused():
    with pytest.raises(ValueError, match=r"upstream must have the shape of the latest outputs, None.*run forward"):
        small_network().backward(np.zeros((2, 3)))
    network = small_network()
    network.forward(blobs(4)[0])
    with pytest.raises(ValueError, match=r"latest outputs, \(4, 3\), got \(2, 3\)"):
        network.backward(np.zeros((2, 3)))


def test_a_network_shows_its_layers():
    assert repr(small_network()) == "Network([Dense(3, 8), ReLU(), Dense(8, 3)])"
