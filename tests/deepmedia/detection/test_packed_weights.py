import keras
import numpy as np
import pytest

from deepmedia.detection.packed_weights import pack_kernel, packed_weights, set_packed_weights


def network():
    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Conv2D(3, 3, name="a")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="b")(x), name="net")


def state(model):
    return {weight.path: weight.numpy().copy() for weight in model.weights}


def test_each_filter_has_its_own_scale():
    numbers, scale = pack_kernel(np.array([[254, 1], [-127, 0.25], [1, -0.5]], np.float32))
    assert [numbers.dtype.name, scale.dtype.name] == ["int8", "float32"]
    np.testing.assert_allclose(scale, [2, 1 / 127])
    assert numbers.tolist() == [[127, 127], [-64, 32], [0, -64]]  # -63.5 and 31.75, 0.5 and -63.5: to the even number


def test_no_weight_moves_by_more_than_half_a_level():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 5, 7)).astype("float32")
    numbers, scale = pack_kernel(kernel)
    assert np.abs(numbers * scale - kernel).max() <= 0.5001 * scale.max()
    np.testing.assert_array_equal(np.abs(numbers).max(axis=(0, 1, 2)), 127)


def test_a_filter_of_zeros_stays_zero():
    numbers, scale = pack_kernel(np.zeros((3, 3, 5, 2), np.float32))
    assert not numbers.any()
    assert (scale > 0).all()


def test_weights_come_back_kernels_rounded_and_the_rest_as_it_was():
    source, target = network(), network()
    source.get_layer("norm").set_weights(list(np.random.default_rng(0).uniform(1, 2, (4, 3))))
    set_packed_weights(target, packed_weights(source))
    ours, theirs = state(target), state(source)
    for name in ("a/bias", "norm/gamma", "norm/moving_variance"):
        np.testing.assert_array_equal(ours[name], theirs[name])
    for name in ("a/kernel", "b/kernel"):
        assert 0 < np.abs(ours[name] - theirs[name]).max() < np.abs(theirs[name]).max() / 127


def test_the_names_say_where_a_number_belongs():
    arrays = packed_weights(network())
    assert {name: array.dtype.name for name, array in arrays.items() if name[0] == "a"} == {
        "a/kernel": "int8",
        "a/scale": "float32",
        "a/bias": "float32",
    }


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda arrays: arrays.pop("a/kernel"), "a/kernel"),
        (lambda arrays: arrays.pop("a/scale"), r"a/kernel \(3, 3, 2, 3\)"),
        (lambda arrays: arrays.pop("norm/beta"), "norm/beta"),
        (lambda arrays: arrays.update(c=np.zeros(3)), "c"),
        (lambda arrays: arrays.update({"a/scale": np.ones(2)}), r"a/kernel \(3, 3, 2, 3\)"),
        (lambda arrays: arrays.update({"a/scale": np.full(3, np.nan)}), r"a/kernel \(3, 3, 2, 3\)"),
        (lambda arrays: arrays.update({"a/bias": np.zeros(4, "float32")}), r"a/bias \(4,\)"),
        (lambda arrays: arrays.update({"a/kernel": np.zeros((3, 3, 2, 3))}), r"a/kernel \(3, 3, 2, 3\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, name):
    model, arrays = network(), packed_weights(network())
    before = state(model)
    change(arrays)
    with pytest.raises(ValueError, match=f"my arrays must hold one array for each weight of net; .* finite: {name}"):
        set_packed_weights(model, arrays, source="my arrays")
    for weight, values in state(model).items():
        np.testing.assert_array_equal(values, before[weight])
