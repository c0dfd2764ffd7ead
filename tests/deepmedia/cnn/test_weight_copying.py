"""Weights copied between networks; that the outputs agree is the expected value."""

import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.cnn.weight_copying import copy_weights

SHAPE = (6, 6, 2)


def images(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, *SHAPE)).astype("float32")


def randomise(model: keras.Model, seed: int = 0) -> keras.Model:
    """All weights drawn at random, batch normalisation's means and variances too."""
    values = np.random.default_rng(seed)
    model.set_weights([values.uniform(0.2, 1.0, weight.shape) for weight in model.weights])
    return model


def outputs(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(output) for output in keras.tree.flatten(model(images()))]


def two_branches(prefix: str, *, narrow_first: bool = True, filters: int = 3) -> keras.Model:
    """Two convolutions side by side, joined, normalised and classified.

    A layer without weights lengthens one branch or the other, which changes Keras's order of the layers.
    """
    inputs = keras.Input(SHAPE)
    branches = {}
    for name, width in {"narrow": filters, "wide": 5}.items():
        branches[name] = layers.ReLU()(layers.Conv2D(width, 3, name=f"{prefix}_{name}")(inputs))
    longer = "wide" if prefix == "b" else "narrow"
    branches[longer] = layers.Activation("linear")(branches[longer])
    order = ["narrow", "wide"] if narrow_first else ["wide", "narrow"]
    x = layers.BatchNormalization(name=f"{prefix}_bn")(layers.Concatenate()([branches[name] for name in order]))
    return keras.Model(inputs, layers.Dense(4, name=f"{prefix}_logits")(layers.Flatten()(x)), name=prefix)


def test_layers_are_matched_by_their_place_whatever_their_names_and_order():
    source, target = randomise(two_branches("a")), two_branches("b")
    assert [layer.name[2:] for layer in source.layers if layer.weights] != [
        layer.name[2:] for layer in target.layers if layer.weights
    ]
    before = source.get_weights()
    assert copy_weights(source, target) == 4
    np.testing.assert_array_equal(outputs(target)[0], outputs(source)[0])
    for old, new in zip(before, source.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def test_weightless_layers_of_another_kind_are_passed_over():
    def network(activation: layers.Layer) -> keras.Model:
        inputs = keras.Input(SHAPE)
        x = layers.Conv2D(3, 3)(inputs)
        return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(activation(x))))

    source, target = network(layers.ReLU()), network(layers.Lambda(lambda x: keras.ops.maximum(x, 0) * 1.0))
    assert copy_weights(randomise(source), target) == 2
    np.testing.assert_array_equal(outputs(target)[0], outputs(source)[0])


def shared(*, twice: bool) -> keras.Model:
    """One convolution used twice in a row, or two convolutions."""
    inputs = keras.Input(SHAPE)
    first = layers.Conv2D(2, 3, padding="same", name="first")
    second = first if twice else layers.Conv2D(2, 3, padding="same", name="second")
    return keras.Model(inputs, layers.Conv2D(4, 1, name="last")(second(layers.ReLU()(first(inputs)))))


def test_a_layer_that_both_use_twice_is_copied_once():
    source, target = randomise(shared(twice=True)), shared(twice=True)
    assert copy_weights(source, target) == 2
    np.testing.assert_array_equal(outputs(target)[0], outputs(source)[0])


@pytest.mark.parametrize("source_shares", [True, False])
def test_a_layer_that_one_of_them_uses_twice_is_refused(source_shares: bool):
    source, target = shared(twice=source_shares), shared(twice=not source_shares)
    assert_refused(source, target, "first is used twice where the other has second and first")


def test_a_layer_that_another_model_uses_too_is_followed_in_the_right_model():
    inputs = keras.Input(SHAPE)
    layer = layers.Conv2D(2, 3, name="everywhere")
    keras.Model(inputs, layer(layers.Conv2D(2, 3, name="elsewhere")(inputs)))  # the layer's first call is this one
    source = randomise(keras.Model(inputs, layer(inputs)))
    target = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(2, 3)])
    assert copy_weights(source, target) == 1
    np.testing.assert_array_equal(outputs(target)[0], outputs(source)[0])


def two_outputs(*, swapped: bool = False, second: int = 5) -> keras.Model:
    inputs = keras.Input(SHAPE)
    body = layers.Conv2D(3, 3, name="body")(inputs)
    heads = [layers.Conv2D(4, 1, name="four")(body), layers.Conv2D(second, 1, name="other")(body)]
    return keras.Model(inputs, heads[::-1] if swapped else heads)


def test_all_outputs_are_followed():
    source, target = randomise(two_outputs()), two_outputs()
    assert copy_weights(source, target) == 3
    for expected, found in zip(outputs(source), outputs(target), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_outputs_of_a_dictionary_are_followed():
    def network() -> keras.Model:
        inputs = keras.Input(SHAPE)
        return keras.Model(inputs, {"a": layers.Conv2D(4, 1)(inputs), "b": layers.Conv2D(4, 1)(inputs)})

    source, target = randomise(network()), network()
    assert copy_weights(source, target) == 2
    for expected, found in zip(outputs(source), outputs(target), strict=True):
        np.testing.assert_array_equal(found, expected)


def with_a_model_inside(*, swapped: bool = False) -> keras.Model:
    """A model of two outputs serves as a layer, twice; inside it another one."""
    inputs = keras.Input(SHAPE)
    inner = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(2, 3), layers.BatchNormalization()])
    start = keras.Input(SHAPE)
    middle = keras.Model(start, [layers.Dense(2, name="one")(inner(start)), layers.Dense(2, name="two")(inner(start))])
    first, second = middle(layers.ReLU()(inputs))[:: -1 if swapped else 1]
    again = middle(layers.Conv2D(2, 1)(inputs))[0]
    return keras.Model(inputs, layers.Concatenate()([first, layers.ReLU()(second), again]))


def test_models_inside_a_model_are_followed():
    source, target = randomise(with_a_model_inside()), with_a_model_inside()
    assert copy_weights(source, target) == 5
    np.testing.assert_array_equal(outputs(target)[0], outputs(source)[0])


def test_swapped_outputs_of_an_inner_model_are_refused():
    assert_refused(with_a_model_inside(), with_a_model_inside(swapped=True), "output 1 of .* is used where output 0 of")


def test_forty_shortcuts_are_walked_once_each():
    def network() -> keras.Model:
        x = inputs = keras.Input(SHAPE)
        for _ in range(40):  # 2 to the power of 40 ways from output to input
            x = layers.Add()([x, layers.ReLU()(x)])
        return keras.Model(inputs, layers.Conv2D(2, 1)(x))

    assert copy_weights(network(), network()) == 1


def assert_refused(source: keras.Model, target: keras.Model, message: str) -> None:
    """The copy fails with the message, and no weight of the target has changed."""
    randomise(source, seed=1)
    before = randomise(target, seed=2).get_weights()
    with pytest.raises(ValueError, match=message):
        copy_weights(source, target)
    for old, new in zip(before, target.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def test_another_shape_in_the_first_layer_is_refused_before_anything_is_copied():
    message = r"a_narrow \(Conv2D: kernel \(3, 3, 2, 3\), bias \(3,\)\) of source stands where b_narrow \(Conv2D"
    assert_refused(two_branches("a"), with_same_head("b", filters=7), message)


def with_same_head(prefix: str, *, filters: int) -> keras.Model:
    """As `two_branches`, but only the first layer's shape differs: a second convolution restores it."""
    inputs = keras.Input(SHAPE)
    narrow = layers.Conv2D(filters, 3, name=f"{prefix}_narrow")(inputs)[..., :3]
    wide = layers.Conv2D(5, 3, name=f"{prefix}_wide")(inputs)
    x = layers.BatchNormalization(name=f"{prefix}_bn")(layers.Concatenate()([narrow, wide]))
    return keras.Model(inputs, layers.Dense(4, name=f"{prefix}_logits")(layers.Flatten()(x)), name=prefix)


def test_branches_in_another_order_are_refused():
    assert_refused(two_branches("a"), two_branches("b", narrow_first=False), "a_wide .* stands where b_narrow")


def test_swapped_outputs_are_refused():
    assert_refused(two_outputs(), two_outputs(swapped=True), "other .* of source stands where four")


def test_another_number_of_outputs_is_refused():
    source, target = two_outputs(), two_outputs()
    target = keras.Model(target.input, target.outputs[0], name="single")
    assert_refused(source, target, "joins 2 branches, single joins 1")


def test_normalisation_without_gamma_is_not_taken_for_one_without_beta():
    def network(**settings: bool) -> keras.Model:
        return keras.Sequential([keras.Input(SHAPE), layers.BatchNormalization(**settings)])

    assert_refused(network(scale=False), network(center=False), r"beta \(2,\), .* stands where .* gamma \(2,\)")


def test_another_kind_of_layer_with_the_same_shapes_is_refused():
    def network(layer: layers.Layer) -> keras.Model:
        return keras.Sequential([keras.Input((2,)), layer])

    class Other(layers.Dense):
        """A layer of our own."""

    assert_refused(network(layers.Dense(3)), network(Other(3, name="other")), r"stands where other \(Other")


@pytest.mark.parametrize("longer", ["source", "target"])
def test_a_layer_that_only_one_of_them_has_is_refused(longer: str):
    def network(depth: int) -> keras.Model:
        return keras.Sequential([keras.Input(SHAPE), *(layers.Conv2D(2, 1, name=f"conv{i}") for i in range(depth))])

    source, target = network(3 if longer == "source" else 2), network(3 if longer == "target" else 2)
    assert_refused(source, target, r"conv0 .*no weights|no weights.* conv0")


def test_a_shortcut_that_only_one_of_them_has_is_refused():
    def network(shortcut: bool) -> keras.Model:
        inputs = keras.Input(SHAPE)
        x = layers.Conv2D(2, 1, name="conv")(inputs)
        return keras.Model(inputs, layers.Add(name="sum")([x, inputs] if shortcut else [x, x, inputs]))

    assert_refused(network(True), network(False), "sum joins 2 branches, sum joins 3")


class Subclassed(keras.Model):
    """A model without a graph."""


@pytest.mark.parametrize("model", [Subclassed(), keras.Sequential([layers.Dense(2)])], ids=["subclass", "no shape"])
@pytest.mark.parametrize("argument", ["source", "target"])
def test_a_model_without_a_graph_is_refused(argument: str, model: keras.Model):
    models = {"source": two_outputs(), "target": two_outputs()} | {argument: model}
    with pytest.raises(TypeError, match=f"{argument} must be a functional or sequential model"):
        copy_weights(**models)
