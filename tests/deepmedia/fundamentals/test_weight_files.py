import os

import keras
import numpy as np
import pytest

from deepmedia.fundamentals import (
    BatchNormalisation,
    Dense,
    Dropout,
    Network,
    ReLU,
    copy_from_keras,
    copy_to_keras,
    load_weights,
    save_weights,
)


def network_of(seed):
    """A network whose arrays, statistics included, are all uneven."""
    network = Network([Dense(4, 6, seed=seed), BatchNormalisation(6), ReLU(), Dropout(0.2), Dense(6, 3, seed=seed + 1)])
    random = np.random.default_rng(seed)
    for name, array in (network.parameters | network.state).items():
        array[...] = random.uniform(0.5, 2, array.shape) if "variance" in name else random.normal(size=array.shape)
    return network


def keras_model(units=6):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(units),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Dense(3),
        ]
    )


X = np.random.default_rng(9).normal(size=(5, 4)).astype("float32")


def assert_same_arrays(first, second):
    arrays = first.parameters | first.state
    assert len(arrays) == 8
    for name, array in (second.parameters | second.state).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_saved_weights_come_back_exactly(tmp_path):
    saved, loaded = network_of(1), network_of(2)
    save_weights(saved, tmp_path / "network.npz")
    load_weights(loaded, tmp_path / "network.npz")
    assert_same_arrays(saved, loaded)


@pytest.mark.parametrize(("saved_in", "loaded_in"), [(np.float64, np.float32), (np.float32, np.float64)])
def test_loaded_weights_keep_their_precision(tmp_path, saved_in, loaded_in):
    saved, loaded = network_of(1).cast(saved_in), network_of(2).cast(loaded_in)
    saved.parameters["layer0.weights"][0, 0] = 1 / 3
    save_weights(saved, tmp_path / "network.npz")
    load_weights(loaded, tmp_path / "network.npz")
    assert {array.dtype for array in (loaded.parameters | loaded.state).values()} == {np.dtype(saved_in)}
    assert_same_arrays(saved, loaded)


def test_saving_again_replaces_the_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "network.npz"
    save_weights(network_of(1), path)
    save_weights(network_of(2), str(path))
    loaded = network_of(3)
    load_weights(loaded, path)
    assert_same_arrays(network_of(2), loaded)
    assert os.listdir(tmp_path) == ["network.npz"]


def test_a_failure_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "network.npz"
    save_weights(network_of(1), path)

    def half_a_file(file, **arrays):
        file.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", half_a_file)
    with pytest.raises(OSError, match="no space"):
        save_weights(network_of(2), path)
    loaded = network_of(3)
    load_weights(loaded, path)
    assert_same_arrays(network_of(1), loaded)
    assert os.listdir(tmp_path) == ["network.npz"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        load_weights(network_of(1), tmp_path / "nowhere.npz")


@pytest.mark.parametrize("part", [b"", b"hello", None])
def test_a_file_that_is_not_whole_is_refused(tmp_path, part):
    path = tmp_path / "network.npz"
    save_weights(network_of(1), path)
    path.write_bytes(path.read_bytes()[:700] if part is None else part)
    with pytest.raises(ValueError, match=r"network\.npz is not a whole \.npz file"):
        load_weights(network_of(2), path)


def test_weights_of_other_layers_are_refused_and_change_nothing(tmp_path):
    path = tmp_path / "network.npz"
    save_weights(Network([Dense(4, 5)]), path)
    network = network_of(1)
    with pytest.raises(ValueError, match=r"is of other layers than Network\(.*only one has layer1\.running_mean"):
        load_weights(network, path)
    with pytest.raises(ValueError, match=r"layer0\.weights must be \(4, 6\) for .*, got \(4, 5\)"):
        load_weights(Network([Dense(4, 6)]), path)
    assert_same_arrays(network, network_of(1))


def test_weights_that_are_not_finite_are_refused_and_change_nothing(tmp_path):
    broken, network = network_of(1), network_of(2)
    broken.parameters["layer4.bias"][2] = np.nan
    save_weights(broken, tmp_path / "network.npz")
    with pytest.raises(ValueError, match=r"layer4\.bias must be finite, got nan at \[2\]"):
        load_weights(network, tmp_path / "network.npz")
    assert_same_arrays(network, network_of(2))


def test_keras_gives_the_same_outputs_with_our_weights():
    network, model = network_of(1), keras_model()
    copy_to_keras(network, model)
    np.testing.assert_allclose(np.asarray(model(X)), network.forward(X), rtol=1e-5, atol=1e-5)


def test_we_give_the_same_outputs_with_weights_of_keras():
    network, model = network_of(1), keras_model()
    copy_to_keras(network_of(2), model)
    copy_from_keras(network, model)
    assert_same_arrays(network, network_of(2))


def test_a_model_built_otherwise_is_refused():
    with pytest.raises(ValueError, match=r"network has 1 layers with weights, model '.*' has 3"):
        copy_to_keras(Network([Dense(4, 3)]), keras_model())
    model = keras_model(units=7)
    before = model.layers[0].get_weights()[0]
    with pytest.raises(
        ValueError, match=r"Dense\(4, 6\) has arrays \[\(4, 6\), \(6,\)\], Keras layer .* has \[\(4, 7\)"
    ):
        copy_to_keras(network_of(1), model)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], before)
