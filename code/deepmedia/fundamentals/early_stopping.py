"""Early stopping: end training when the validation loss no longer falls."""

import math
from typing import Protocol

import numpy as np

from deepmedia.arguments import check_count, check_number


class Trainable(Protocol):
    """What early stopping needs of a network: its arrays by name, which can be changed in place."""

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """What training changes."""

    @property
    def state(self) -> dict[str, np.ndarray]:
        """What it notes besides, such as running statistics."""


class EarlyStopping:
    """Stops after ``patience`` epochs without a new lowest loss; training then ends with the weights that had it.

    Use a new one for each training.

    Args:
        patience: Epochs to wait for a better one.
        min_delta: How much lower a loss must be to count as better.

    Attributes:
        best_loss: Lowest loss so far; infinite before the first.
        best_epoch: Its number, counted from 0; -1 before the first.
    """

    def __init__(self, *, patience: int = 3, min_delta: float = 0.0) -> None:
        check_count("patience", patience)
        check_number("min_delta", min_delta, "finite and at least 0", low=0, high=math.inf, ends="[)")
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch, self.epochs = math.inf, -1, 0
        self.best_arrays: dict[str, np.ndarray] = {}

    def should_stop(self, loss: float, network: Trainable) -> bool:
        """Note the validation loss of one more epoch, and the weights if it is the lowest; NaN never is."""
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = loss, self.epochs
            self.best_arrays = {name: array.copy() for name, array in (network.parameters | network.state).items()}
        self.epochs += 1
        return self.epochs - 1 - self.best_epoch >= self.patience

    def restore_best(self, network: Trainable) -> None:
        """Give the network the weights of the lowest loss; ``Network.fit`` does so when it ends.

        Raises:
            ValueError: If no epoch with a finite loss was noted; there are no best weights then.
        """
        if self.best_epoch < 0:
            raise ValueError(
                f"no epoch has had a finite validation loss ({self.epochs} noted), so there are no best weights; "
                "call should_stop after each epoch, and lower the learning rate if the loss is NaN or infinite"
            )
        for name, array in (network.parameters | network.state).items():
            array[...] = self.best_arrays[name]
