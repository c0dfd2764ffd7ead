"""Checkpoints: all that a training needs to go on as if it had never been interrupted.

That is more than the weights: what the optimiser remembers, how many steps it has taken, the random numbers still to
come, and the curves so far.
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from deepmedia.fundamentals.layers import Dropout
from deepmedia.fundamentals.network import History, Network
from deepmedia.fundamentals.optimisers import Optimiser
from deepmedia.whole_files import written_whole


def save_checkpoint(path: str | Path, network: Network, optimiser: Optimiser, history: History) -> None:
    """Write a training's state after some epochs to a file.

    The file appears under its name only once it is whole: a kill in between leaves the old file, or none.

    Args:
        path: The file, .npz.
        network: Its parameters, running statistics and the state of its random masks are kept.
        optimiser: Its memory and number of steps are kept, its settings are not.
        history: The curves so far, of ``Network.fit``.
    """
    arrays: dict[str, Any] = network.parameters | network.state | _memory(optimiser)
    generators = [layer.generator for layer in _dropouts(network)]
    rest = {
        "steps_taken": optimiser.steps_taken,
        "random": [generator.bit_generator.state for generator in generators],
        "history": history,  # as long as the number of epochs
    }
    text = np.array(json.dumps(rest))
    with written_whole(path) as file:
        np.savez(file, rest=text, **arrays)


def load_checkpoint(path: str | Path, network: Network, optimiser: Optimiser) -> History:
    """Put a training back to where ``save_checkpoint`` saw it.

    Args:
        path: The file.
        network: A network of the same layers. It takes on the precision of the saved one.
        optimiser: An optimiser of the same rule and settings.

    Returns:
        The curves until then.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no checkpoint, or of another network; nothing is changed then.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        rest: dict[str, Any] = json.loads(arrays.pop("rest").item())
        steps_taken, states, history = rest["steps_taken"], rest["random"], rest["history"]
    except (zipfile.BadZipFile, zlib.error, ValueError, TypeError, EOFError, KeyError) as error:
        raise ValueError(f"{path} is not a whole checkpoint ({error}); delete it and start anew") from error
    arrays.pop("allow_pickle", None)  # our first version, with NumPy below 2.2, saved this setting as an array
    own, dropouts = network.parameters | network.state, _dropouts(network)
    saved = {name: array.shape for name, array in arrays.items() if not name.startswith("memory/")}
    if saved != {name: array.shape for name, array in own.items()} or len(states) != len(dropouts):
        raise ValueError(f"{path} is of another network than {network}; delete it, or build the network as it was")
    network.assign(arrays)
    for layer, state in zip(dropouts, states, strict=True):
        layer.generator.bit_generator.state = state
    optimiser.steps_taken, optimiser.memory = steps_taken, {}
    for name in arrays.keys() - own.keys():
        _, kind, parameter = name.split("/")
        optimiser.memory.setdefault(kind, {})[parameter] = arrays[name]
    return history


def _memory(optimiser: Optimiser) -> dict[str, np.ndarray]:
    """What the optimiser remembers, under names such as ``memory/velocity/layer0.weights``."""
    kinds = optimiser.memory.items()
    return {f"memory/{kind}/{name}": array for kind, arrays in kinds for name, array in arrays.items()}


def _dropouts(network: Network) -> list[Dropout]:
    return [layer for layer in network.layers if isinstance(layer, Dropout)]
