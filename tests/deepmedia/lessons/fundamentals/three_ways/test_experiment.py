import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.fundamentals import SGD, CategoricalCrossEntropy, Momentum, glorot_uniform
from deepmedia.lessons.fundamentals.three_ways.experiment import (
    WAYS,
    OwnStep,
    differences,
    epochs_of,
    keras_network,
    largest_difference,
    logits_of,
    numpy_network,
    precision,
    sizes_of,
    tape_step,
    train_numpy,
)


def blobs(count=70, classes=10, seed=0):
    """Clouds of points, one for each class, float64 (count, 5) and their classes."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return random.normal(size=(classes, 5))[labels] + random.normal(0, 0.3, (count, 5)), labels


def test_the_layers_have_the_sizes_asked_for_in_numpy_and_keras():
    network, model = numpy_network((5, 7, 4, 3)), keras_network((5, 7, 4, 3))
    shapes = [(5, 7), (7,), (7, 4), (4,), (4, 3), (3,)]
    assert [array.shape for array in network.parameters.values()] == shapes
    assert [tuple(weight.shape) for weight in model.weights] == shapes
    assert sizes_of(network) == (5, 7, 4, 3)


def test_the_seed_fixes_the_first_weights_and_no_two_layers_start_alike():
    first, again, other = (list(numpy_network((5, 5, 5, 5), seed=seed).parameters.values()) for seed in (1, 1, 2))
    assert largest_difference(first, again) == 0
    assert largest_difference(first, other) > 0.1
    assert np.abs(first[0] - first[2]).max() > 0.1
    afresh = glorot_uniform((5, 5), seed=1)  # the last layer, if it began the random numbers again
    assert np.abs(first[4] - afresh).max() > 0.1


@pytest.mark.parametrize("build", [numpy_network, keras_network])
def test_hidden_units_pass_nothing_negative_and_logits_do(build):
    # 1 pixel -> hidden units with weights 1 and -1 -> the difference of the two: x for any x, if both are ReLUs.
    network = build((1, 2, 2))
    weights = [np.array([[1.0, -1.0]]), np.zeros(2), np.array([[1.0, 0.0], [-1.0, -1.0]]), np.zeros(2)]
    if isinstance(network, keras.Model):
        network.set_weights(weights)
        logits = np.asarray(network(np.array([[3.0], [-2.0]])))
    else:
        for array, value in zip(network.parameters.values(), weights, strict=True):
            array[...] = value
        logits = network.forward(np.array([[3.0], [-2.0]]))
    np.testing.assert_allclose(logits, [[3, 0], [-2, -2]])


@pytest.mark.parametrize("build", [numpy_network, keras_network])
def test_a_single_size_is_refused(build):
    with pytest.raises(ValueError, match=r"sizes must be pixels, hidden units and classes.*got \(64,\)"):
        build((64,))


def test_the_logits_of_the_variables_are_those_of_the_numpy_network():
    images, _ = blobs()
    network = numpy_network((5, 6, 10)).cast(np.float64)
    variables = [tf.Variable(array) for array in network.parameters.values()]
    np.testing.assert_allclose(logits_of(variables, images), network.forward(images), atol=1e-14)


def test_a_step_of_the_tape_is_a_step_of_the_numpy_network():
    images, labels = blobs()
    network = numpy_network((5, 6, 10)).cast(np.float64)
    variables = [tf.Variable(array) for array in network.parameters.values()]
    loss = tape_step(variables, images, labels, 0.3)
    expected, _ = network.train_step(images, labels, loss=CategoricalCrossEntropy(), optimiser=SGD(0.3))
    assert float(loss) == pytest.approx(expected, abs=1e-14)
    assert largest_difference([v.numpy() for v in variables], list(network.parameters.values())) < 1e-14


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_three_ways_agree_with_numpy_to_rounding_over_several_epochs(dtype):
    images, labels = blobs()
    found = differences(images, labels, dtype=dtype, hidden=6, epochs=4, batch_size=16, seed=3)
    assert list(found) == list(WAYS)
    assert {len(numbers) for numbers in found.values()} == {4}
    # a few units in the last place of weights of size 1
    assert max(map(max, found.values())) < 100 * np.finfo(dtype).eps


def test_float64_is_used_where_it_is_asked_for():
    images, labels = blobs()
    found = differences(images, labels, dtype="float64", hidden=6, epochs=2, batch_size=16)
    assert max(map(max, found.values())) < 1e-12  # float32 anywhere would give 1e-8 or more


def test_another_learning_rate_in_one_way_would_show(monkeypatch):
    images, labels = blobs()
    wrong = {name: lambda *run, rate, way=way: way(*run, rate=rate * 1.001) for name, way in WAYS.items()}
    monkeypatch.setattr("deepmedia.lessons.fundamentals.three_ways.experiment.WAYS", wrong)
    found = differences(images, labels, dtype="float64", hidden=6, epochs=1, batch_size=16)
    assert min(map(min, found.values())) > 1e-6


@pytest.mark.parametrize("way", WAYS)
def test_a_way_trains_from_the_given_weights_and_leaves_them_alone(way):
    images, labels = blobs()
    network = numpy_network((5, 6, 10))
    before = [array.copy() for array in network.parameters.values()]
    epochs = epochs_of(images.astype("float32"), labels, epochs=1, batch_size=16, seed=0)
    (after,) = WAYS[way](network, epochs, rate=1e-6)
    assert 0 < largest_difference(after, before) < 1e-4
    assert largest_difference(list(network.parameters.values()), before) == 0


def test_the_epochs_are_those_of_the_numpy_networks_fit():
    images, labels = blobs()
    fitted, stepped = numpy_network((5, 6, 10)), numpy_network((5, 6, 10))
    loss = CategoricalCrossEntropy()
    fitted.fit(images, labels, loss=loss, optimiser=Momentum(0.1), epochs=2, batch_size=16, seed=4)
    epochs = epochs_of(images, labels, epochs=2, batch_size=16, seed=4)
    *_, last = train_numpy(stepped.cast(np.float64), epochs, rate=0.1, momentum=0.9)
    assert largest_difference(last, list(fitted.parameters.values())) == 0


def test_no_epochs_are_refused():
    with pytest.raises(ValueError, match="epochs must be"):
        list(epochs_of(*blobs(), epochs=0, batch_size=16, seed=0))


def test_the_own_step_reports_what_keras_reports():
    images, labels = blobs()
    histories = []
    for model_class in (keras.Model, OwnStep):
        model = keras_network((5, 6, 10), model_class=model_class)
        start = numpy_network((5, 6, 10))
        model.set_weights(list(start.parameters.values()))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
        log = model.fit(images, labels, batch_size=16, epochs=3, shuffle=False, verbose=0)
        histories.append(log.history)
    assert set(histories[0]) == set(histories[1]) == {"loss", "accuracy"}
    for name in histories[0]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-5)


# Keras's: its variables don't know the keyword of NumPy 2.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_a_model_with_the_own_step_can_be_saved_and_loaded(tmp_path):
    model = keras_network((5, 6, 10), model_class=OwnStep)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded) is OwnStep
    assert largest_difference(model.get_weights(), loaded.get_weights()) == 0


def test_the_precision_holds_inside_the_block_and_is_put_back_after_an_error():
    with precision("float64"):
        assert keras_network((2, 2)).weights[0].dtype == "float64"
    with pytest.raises(ValueError, match="sizes must be"), precision("float64"):
        keras_network((2,))
    assert keras.config.floatx() == "float32"
    assert keras_network((2, 2)).weights[0].dtype == "float32"


def test_the_largest_difference_is_that_of_any_array_and_either_sign():
    assert largest_difference([np.array([1.0, 2.0]), np.array([[5.0]])], [np.array([1.5, 2.0]), np.array([[8.0]])]) == 3


def test_without_tensorflow_the_module_says_what_to_install():
    code = (
        "import sys, importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'tensorflow' else find(name, *rest)\n"
        "import deepmedia.lessons.fundamentals.three_ways.experiment"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs TensorFlow, which is not installed: run pip install 'deepmedia[tensorflow]'" in done.stderr


@pytest.mark.filterwarnings("ignore:.*float16")
def test_a_step_of_our_own_learns_in_mixed_precision_as_keras_does():
    images, labels = blobs(count=200)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        models = [keras_network((5, 16, 10), model_class=model_class) for model_class in (keras.Model, OwnStep)]
    finally:
        keras.config.set_dtype_policy("float32")
    models[1].set_weights(models[0].get_weights())
    before = models[0].get_weights()
    for model in models:
        model.compile(keras.optimizers.SGD(0.2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(images, labels, epochs=2, shuffle=False, verbose=0)
    ours, theirs = models[1].get_weights(), models[0].get_weights()
    assert largest_difference(before, theirs) > 0.05
    assert largest_difference(ours, theirs) < 0.01


def test_a_step_of_our_own_heeds_the_weights_of_examples():
    images, labels = blobs()
    weights = np.linspace(0, 3, len(labels))
    models = [keras_network((5, 10), model_class=model_class) for model_class in (keras.Model, OwnStep)]
    models[1].set_weights(models[0].get_weights())
    for model in models:
        model.compile(keras.optimizers.SGD(0.2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(images, labels, sample_weight=weights, shuffle=False, verbose=0)
    assert largest_difference(models[0].get_weights(), models[1].get_weights()) < 1e-6
