"""Weights that outlive a run: files, and the way to Keras and back."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepmedia.arguments import check_finite
from deepmedia.fundamentals.network import Network
from deepmedia.whole_files import written_whole

KERAS_ORDER = {  # our names, in the order of a Keras layer's get_weights()
    "Dense": ("weights", "bias"),
    "BatchNormalisation": ("scale", "shift", "running_mean", "running_variance"),
}


def save_weights(network: Network, path: str | Path) -> None:
    """Write parameters and running statistics to an .npz file.

    The file appears under its name only once it is whole: a kill in between leaves the old file, or none.
    """
    with written_whole(path) as file:
        np.savez(file, **(network.parameters | network.state))  # type: ignore[arg-type]


def load_weights(network: Network, path: str | Path) -> None:
    """Read what ``save_weights`` wrote into a network of the same layers, which takes on the saved one's precision.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, or does not fit; the network is unchanged then.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, ValueError, TypeError, EOFError) as error:
        raise ValueError(f"{path} is not a whole .npz file ({error}); write it again with save_weights") from error
    _assign(network, arrays, str(path))


def copy_to_keras(network: Network, model: Any) -> None:
    """Give a Keras model the weights of this network.

    Layers with weights must follow in the same order: Dense for Dense, BatchNormalization for BatchNormalisation. Set
    Keras's ``momentum`` and ``epsilon`` yourself where ours are not the defaults.

    Raises:
        ValueError: If number or shapes of the weights differ; the model is unchanged then.
    """
    pairs = _pairs(network, model)
    for ours, theirs in pairs:
        theirs.set_weights([array.copy() for array in ours.values()])


def copy_from_keras(network: Network, model: Any) -> None:
    """Give this network the weights of a Keras model; the rules are those of ``copy_to_keras``."""
    for ours, theirs in _pairs(network, model):
        for array, value in zip(ours.values(), theirs.get_weights(), strict=True):
            array[...] = value


def _pairs(network: Network, model: Any) -> list[tuple[dict[str, np.ndarray], Any]]:
    """Our arrays in Keras's order beside the Keras layer, for every layer with weights."""
    own = [layer for layer in network.layers if layer.parameters]
    others = [layer for layer in model.layers if layer.get_weights()]
    if len(own) != len(others):
        raise ValueError(f"network has {len(own)} layers with weights, model {model.name!r} has {len(others)}")
    pairs = []
    for layer, other in zip(own, others, strict=True):
        stored = layer.parameters | layer.state
        arrays = {name: stored[name] for name in KERAS_ORDER[type(layer).__name__]}
        shapes, theirs = [a.shape for a in arrays.values()], [w.shape for w in other.get_weights()]
        if shapes != theirs:
            raise ValueError(f"{layer} has arrays {shapes}, Keras layer {other.name!r} has {theirs}; build it alike")
        pairs.append((arrays, other))
    return pairs


def _assign(network: Network, arrays: Mapping[str, np.ndarray], source: str) -> None:
    """Copy arrays into the network's own; all are checked before the first is changed."""
    targets = network.parameters | network.state
    if set(targets) != set(arrays):
        odd = ", ".join(sorted(set(targets) ^ set(arrays)))
        raise ValueError(f"{source} is of other layers than {network}: only one has {odd}")
    for name, target in targets.items():
        if arrays[name].shape != target.shape:
            raise ValueError(f"{source}: {name} must be {target.shape} for {network}, got {arrays[name].shape}")
        check_finite(arrays[name], f"{source}: {name}")
    network.assign(arrays)
