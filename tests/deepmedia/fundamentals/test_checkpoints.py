import os
import zipfile
from functools import partial

import numpy as np
import pytest

from deepmedia.fundamentals import Adam, CategoricalCrossEntropy, CosineDecay, Dropout, Network, ReLU
from deepmedia.fundamentals.checkpoints import load_checkpoint, save_checkpoint
from deepmedia.lessons.fundamentals.training_well.recipes import Recipe

RECIPE = Recipe(hidden=(8,), dropout=0.5, batch_normalisation=True)  # has all kinds of state
generator = np.random.default_rng(0)
IMAGES, LABELS = generator.random((60, 3, 3), dtype=np.float32), generator.integers(0, 10, 60)


def optimiser():
    return Adam(CosineDecay(0.01, steps=6))


def fit(network, rule, *, seed):
    return network.fit(IMAGES, LABELS, loss=CategoricalCrossEntropy(), optimiser=rule, epochs=1, seed=seed)


def savez_before_numpy_2_2(file, *arrays, **named):
    """It took each setting for an array of that name."""
    named |= {f"arr_{i}": array for i, array in enumerate(arrays)}
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in named.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.asarray(array))


def everything(network):
    return network.parameters | network.state


def assert_equal(first, second):
    assert everything(first).keys() == everything(second).keys()
    for name, array in everything(first).items():
        np.testing.assert_array_equal(array, everything(second)[name], err_msg=name)


@pytest.fixture
def saved(tmp_path):
    """A network after one epoch, its optimiser, its curves, and the checkpoint of all that."""
    network, rule, path = RECIPE.network((3, 3)), optimiser(), tmp_path / "checkpoint.npz"
    history = fit(network, rule, seed=1)
    save_checkpoint(path, network, rule, history)
    return network, rule, history, path


def test_a_loaded_training_goes_on_as_the_one_that_was_saved(saved):
    network, rule, history, path = saved
    other, other_rule = RECIPE.network((3, 3), seed=5), optimiser()
    assert load_checkpoint(path, other, other_rule) == history
    assert_equal(network, other)
    fit(network, rule, seed=2), fit(other, other_rule, seed=2)
    assert_equal(network, other)
    assert rule.steps_taken == other_rule.steps_taken == 4


@pytest.mark.parametrize("stray", [{}, {"allow_pickle": False}])
def test_a_checkpoint_written_by_an_older_numpy_is_read(saved, monkeypatch, stray):
    network, rule, history, path = saved
    monkeypatch.setattr(np, "savez", partial(savez_before_numpy_2_2, **stray))  # stray: as our first version called it
    save_checkpoint(path, network, rule, history)
    with np.load(path) as archive:
        assert ("allow_pickle" in archive.files) == bool(stray)
    other = RECIPE.network((3, 3), seed=5)
    assert load_checkpoint(path, other, optimiser()) == history
    assert_equal(network, other)


def test_a_training_in_float64_goes_on_without_rounding(tmp_path):
    def go_on(network, rule):
        images = IMAGES.astype(np.float64)
        return network.fit(images, LABELS, loss=CategoricalCrossEntropy(), optimiser=rule, epochs=1)

    network, rule, path = RECIPE.network((3, 3)), optimiser(), tmp_path / "checkpoint.npz"
    save_checkpoint(path, network, rule, go_on(network, rule))
    other, other_rule = RECIPE.network((3, 3), seed=5), optimiser()
    load_checkpoint(path, other, other_rule)
    assert {array.dtype for array in everything(other).values()} == {np.dtype(np.float64)}
    assert_equal(network, other)
    go_on(network, rule), go_on(other, other_rule)
    assert_equal(network, other)


@pytest.mark.parametrize("forget", ["memory", "steps", "masks"])
def test_each_part_of_the_state_is_needed(saved, forget):
    network, rule, _, path = saved
    other, other_rule = RECIPE.network((3, 3)), optimiser()
    load_checkpoint(path, other, other_rule)
    if forget == "memory":
        other_rule.memory = {}
    elif forget == "steps":
        other_rule.steps_taken = 0
    else:
        other.rewind()
    fit(network, rule, seed=2), fit(other, other_rule, seed=2)
    with pytest.raises(AssertionError, match="Mismatched elements"):
        assert_equal(network, other)


def test_a_failure_while_writing_leaves_the_old_file_alone(saved, monkeypatch):
    network, rule, history, path = saved
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError("No space left on device")

    fit(network, rule, seed=2)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(path, network, rule, history)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_half_a_file_is_refused_and_changes_nothing(saved):
    _, _, _, path = saved
    path.write_bytes(path.read_bytes()[:500])
    other, untouched = RECIPE.network((3, 3), seed=5), RECIPE.network((3, 3), seed=5)
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(path, other, optimiser())
    assert_equal(other, untouched)


def test_a_file_of_weights_alone_is_no_checkpoint(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, **RECIPE.network((3, 3)).parameters)
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(path, RECIPE.network((3, 3)), optimiser())


@pytest.mark.parametrize("rest", ["[]", "{}", "3", '{"steps_taken": 1, "history": {}}'])
def test_a_file_whose_text_is_another_is_no_checkpoint(tmp_path, rest):
    path = tmp_path / "checkpoint.npz"
    np.savez(path, rest=np.array(rest), **RECIPE.network((3, 3)).parameters)
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(path, RECIPE.network((3, 3)), optimiser())


def test_a_single_array_is_no_checkpoint(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(tmp_path / "array.npy", RECIPE.network((3, 3)), optimiser())


@pytest.mark.parametrize(
    "other",
    [
        Recipe(hidden=(9,), dropout=0.5, batch_normalisation=True),
        Recipe(hidden=(8,), dropout=0.5),
        Recipe(hidden=(8,), batch_normalisation=True),
    ],
)
def test_a_checkpoint_of_another_network_is_refused_and_changes_nothing(saved, other):
    _, _, _, path = saved
    network, untouched = other.network((3, 3), seed=5), other.network((3, 3), seed=5)
    with pytest.raises(ValueError, match="of another network"):
        load_checkpoint(path, network, optimiser())
    assert_equal(network, untouched)


def test_a_network_that_draws_no_random_numbers_is_another_network(saved):
    _, _, _, path = saved
    layers = [ReLU() if isinstance(layer, Dropout) else layer for layer in RECIPE.network((3, 3), seed=5).layers]
    network = Network(layers)  # its parameters have the names and shapes of those saved
    untouched = network.copy()
    with pytest.raises(ValueError, match="of another network"):
        load_checkpoint(path, network, optimiser())
    assert_equal(network, untouched)


def test_a_missing_checkpoint_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none.npz", RECIPE.network((3, 3)), optimiser())
