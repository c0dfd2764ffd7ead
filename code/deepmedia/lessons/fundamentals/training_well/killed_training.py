"""A training in a process of its own, that can be killed and started again.

``run_training`` starts this module with ``python -m`` and the arguments ``KIND FOLDER EPOCHS``. That process reads its
data from the folder, keeps its checkpoints there, prints a line after each epoch, and writes at the end what it has
learnt.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepmedia.fundamentals.learning_rate import CosineDecay
from deepmedia.lessons.fundamentals.training_well.random_changes import random_shift
from deepmedia.lessons.fundamentals.training_well.recipes import Recipe, train
from deepmedia.training.examples import Examples

KINDS = ("numpy", "keras")


@dataclass(frozen=True)
class Run:
    """How a training's process ended.

    Attributes:
        epochs: Numbers of the epochs that it finished, counted from 1; those before an interruption are not its own.
        weights: What it learnt, or none if it was killed.
        accuracy: Of the validation data at the end, or NaN if it was killed.
    """

    epochs: list[int]
    weights: list[np.ndarray]
    accuracy: float

    def difference(self, other: "Run") -> float:
        """The largest difference of two weights at the same place."""
        pairs = zip(self.weights, other.weights, strict=True)
        return max(float(np.abs(one - theirs).max()) for one, theirs in pairs)


def recipe_of(epochs: int) -> Recipe:
    """The recipe of the NumPy training: it draws random numbers for the order, the shifts and the masks."""
    return Recipe(epochs=epochs, schedule=CosineDecay, dropout=0.2, augment=random_shift)


def run_training(
    kind: str,
    folder: str | Path,
    training: Examples,
    validation: Examples,
    *,
    epochs: int = 30,
    kill_after: int | None = None,
) -> Run:
    """Train in a process of its own, and wait for its end or kill it.

    Args:
        kind: ``"numpy"`` or ``"keras"``.
        folder: Where the process works. A training that was killed there goes on.
        training: Sets the weights.
        validation: Only looked at.
        epochs: In all.
        kill_after: The process is killed as soon as it reports this epoch; None lets it finish.

    Returns:
        How it ended.

    Raises:
        ValueError: If there is no such kind.
        RuntimeError: If the process failed, or had finished before it could be killed.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = (*training, *validation)
    np.savez(folder / "data.npz", *arrays)
    finished = _watch(kind, folder, epochs, kill_after)
    if kill_after is not None:
        return Run(finished, [], float("nan"))
    with np.load(folder / "learnt.npz", allow_pickle=False) as archive:
        accuracy, *weights = (archive[name] for name in archive.files)
    return Run(finished, weights, float(accuracy))


def _watch(kind: str, folder: Path, epochs: int, kill_after: int | None) -> list[int]:
    """Start the process and wait until it ends, or kill it; the epochs that it reported."""
    finished: list[int] = []
    with tempfile.TemporaryFile("w+") as messages:
        command = [sys.executable, "-m", "deepmedia.lessons.fundamentals.training_well.killed_training"]
        with subprocess.Popen(
            [*command, kind, str(folder), str(epochs)],
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
        ) as process:
            for line in process.stdout or ():
                finished.append(int(line.removeprefix("epoch ")))
                if finished[-1] == kill_after:
                    process.kill()  # at once: it can't refuse or tidy up
        if (process.returncode != 0) != (kill_after is not None):
            messages.seek(0)
            ending = f"training ended with status {process.returncode} after epochs {finished}"
            raise RuntimeError(f"{ending}: {messages.read()[-2000:]}")
    return finished


def main(kind: str, folder: Path, epochs: int) -> None:
    """What the process does."""
    with np.load(folder / "data.npz", allow_pickle=False) as archive:
        arrays = [archive[name] for name in archive.files]
    training, validation = Examples(*arrays[:2]), Examples(*arrays[2:])
    if kind == "keras":
        from deepmedia.lessons.fundamentals.training_well.keras_recipe import (
            train_with_backups,  # here: the NumPy training needs no TensorFlow
        )

        weights, accuracy = train_with_backups(
            training, validation, folder / "backup", epochs=epochs, on_epoch_end=_report
        )
    else:
        network, history = train(
            recipe_of(epochs), training, validation, checkpoint=folder / "checkpoint.npz", on_epoch_end=_report
        )
        weights, accuracy = list(network.parameters.values()), history["validation_accuracy"][-1]
    np.savez(folder / "learnt.npz", np.array(accuracy), *weights)


def _report(epoch: int) -> None:
    print("epoch", epoch, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
