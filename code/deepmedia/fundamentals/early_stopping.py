"""Early stopping: end training when the validation loss no longer falls."""

import math
from typing import TYPE_CHECKING

import numpy as np

from deepmedia.arguments import check_count, check_number

if TYPE_CHECKING:  # network.py imports this module
    from deepmedia.fundamentals.network import Network


class EarlyStopping:
    """Stops after ``patience`` epochs without a new lowest loss; training then ends with the weights that had it.

    Use a new one for each training.

    Args:
        patience: Epochs to wait for a better one.
        min_delta: How much lower a loss must be to count as better.

    Attributes:
        best_loss: Lowest loss so far.
        best_epoch: Its number, counted from 0.
    """

    def __init__(self, *, patience: int = 3, min_delta: float = 0.0) -> None:
        check_count("patience", patience)
        check_number("min_delta", min_delta, "finite and at least 0", low=0, high=math.inf, ends="[)")
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch, self.epochs = math.inf, -1, 0
        self.best_arrays: dict[str, np.ndarray] = {}

    def should_stop(self, loss: float, network: "Network") -> bool:
        """Note the validation loss of one more epoch, and the weights if it is the lowest."""
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = loss, self.epochs
            self.best_arrays = {name: array.copy() for name, array in (network.parameters | network.state).items()}
        self.epochs += 1
        return self.epochs - 1 - self.best_epoch >= self.patience

    def restore_best(self, network: "Network") -> None:
        """Give the network the weights of the lowest loss; ``Network.fit`` does so when it ends."""
        for name, array in (network.parameters | network.state).items():
            array[...] = self.best_arrays[name]
