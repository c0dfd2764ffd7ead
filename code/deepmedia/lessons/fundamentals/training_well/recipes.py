"""Training recipes: what is decided before a training starts, as data, and one function that trains by them.

A comparison of techniques is then a table of recipes that differ in one entry each.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from deepmedia.fundamentals.activations import ReLU
from deepmedia.fundamentals.checkpoints import load_checkpoint, save_checkpoint
from deepmedia.fundamentals.early_stopping import EarlyStopping
from deepmedia.fundamentals.initialisation import he_normal
from deepmedia.fundamentals.layers import BatchNormalisation, Dense, Dropout, Flatten, Layer
from deepmedia.fundamentals.losses import CategoricalCrossEntropy
from deepmedia.fundamentals.network import History, Network, TrainingDiverged
from deepmedia.fundamentals.optimisers import Adam, Optimiser, Schedule
from deepmedia.training.examples import Examples

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # images (n, height, width) to others like them
CLASSES = 10


@dataclass(frozen=True)
class Recipe:
    """How a network of dense layers is built and trained."""

    hidden: tuple[int, ...] = (128,)  # units of each hidden layer
    epochs: int = 30
    batch_size: int = 32
    rule: Callable[..., Optimiser] = Adam  # the optimiser
    learning_rate: float = 0.002
    schedule: Callable[[float, int], Schedule] | None = None  # of rate, steps
    dropout: float = 0.0  # part of the units dropped in training
    weight_decay: float = 0.0
    batch_normalisation: bool = False  # before each ReLU
    augment: Augment | None = None  # applied anew in each epoch

    def network(self, image_shape: tuple[int, ...], *, seed: int = 0) -> Network:
        """An untrained network: images (n, *image_shape) to logits (n, 10)."""
        generator = np.random.default_rng(seed)
        layers: list[Layer] = [Flatten()]
        inputs = int(np.prod(image_shape))
        for number, units in enumerate(self.hidden):
            layers.append(Dense(inputs, units, initialiser=he_normal, seed=generator))
            if self.batch_normalisation:
                layers.append(BatchNormalisation(units, momentum=0.9))
            layers.append(ReLU())
            if self.dropout:
                layers.append(Dropout(self.dropout, seed=1000 * seed + number))
            inputs = units
        return Network([*layers, Dense(inputs, CLASSES, seed=generator)])

    def optimiser(self, examples: int) -> Optimiser:
        """The optimiser of a training on so many examples."""
        steps = self.epochs * -(-examples // self.batch_size)  # rounded up: the last batch of an epoch may be smaller
        rate = self.schedule(self.learning_rate, steps) if self.schedule else self.learning_rate
        return self.rule(rate, weight_decay=self.weight_decay)


def train(
    recipe: Recipe,
    training: Examples,
    validation: Examples,
    *,
    seed: int = 0,
    early_stopping: EarlyStopping | None = None,
    checkpoint: str | Path | None = None,
    on_epoch_end: Callable[[int], None] | None = None,
) -> tuple[Network, History]:
    """Train a network by a recipe.

    Args:
        recipe: What to do.
        training: Sets the weights.
        validation: Only looked at.
        seed: Of the first weights, the order of the examples, the masks of dropout and the augmentation.
        early_stopping: Ends training once the validation loss no longer falls, with the best weights. What it
            remembers is in no checkpoint.
        checkpoint: A file that is written after each epoch. Where it exists, training goes on from there.
        on_epoch_end: Called with the number of epochs finished, once the checkpoint is written.

    Returns:
        The network, and the curves of ``Network.fit``.

    Raises:
        ValueError: If the examples or the settings are wrong, or the checkpoint is of another network.
        TrainingDiverged: If loss or gradients became NaN or infinite.
    """
    loss, network = CategoricalCrossEntropy(), recipe.network(training.images.shape[1:], seed=seed)
    optimiser = recipe.optimiser(len(training.images))
    history: History = {}
    if checkpoint is not None and Path(checkpoint).exists():
        history = load_checkpoint(checkpoint, network, optimiser)
    for epoch in range(len(history.get("loss", [])), recipe.epochs):
        images = training.images
        if recipe.augment is not None:
            images = recipe.augment(images, np.random.default_rng((seed, epoch)))
        row = network.fit(
            images,
            training.labels,
            loss=loss,
            optimiser=optimiser,
            epochs=1,
            batch_size=recipe.batch_size,
            validation=validation,
            seed=1000 * seed + epoch,  # another order in every epoch
        )
        for name, numbers in row.items():
            history.setdefault(name, []).extend(numbers)
        if checkpoint is not None:
            save_checkpoint(checkpoint, network, optimiser, history)
        if on_epoch_end is not None:
            on_epoch_end(epoch + 1)
        if early_stopping is not None and early_stopping.should_stop(row["validation_loss"][0], network):
            break
    if early_stopping is not None and early_stopping.epochs:  # none, where the checkpoint was of the last epoch
        early_stopping.restore_best(network)
    return network, history


def compare_recipes(
    recipes: Mapping[str, Recipe],
    training: Examples,
    validation: Examples,
    *,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> dict[str, list[History]]:
    """Train by each recipe with each seed, and print a row of the results as soon as they are there.

    The printed numbers are means over the seeds at the end of training, the accuracies with their range.

    Args:
        recipes: Recipes by their name.
        training: Sets the weights.
        validation: Only looked at.
        seeds: One training each; recipes with the same layers start from the same weights.

    Returns:
        The curves under each recipe's name, one history a seed.
    """
    width = max(map(len, recipes))
    print(f"{'':{width}}  validation accuracy       loss   training loss")
    histories = {}
    for name, recipe in recipes.items():
        histories[name] = [train(recipe, training, validation, seed=seed)[1] for seed in seeds]
        accuracies = last(histories[name], "validation_accuracy")
        span = f"{np.mean(accuracies):.1%} ({min(accuracies):.1%} to {max(accuracies):.1%})"
        losses = (np.mean(last(histories[name], curve)) for curve in ("validation_loss", "loss"))
        print("{:{}}  {:24}  {:.3f}  {:.3f}".format(name, width, span, *losses))
    return histories


def accuracy_over_rates(
    recipe: Recipe,
    rates: Sequence[float],
    training: Examples,
    validation: Examples,
    *,
    seeds: Sequence[int] = (0, 1, 2),
) -> np.ndarray:
    """Validation accuracy at the end of training, for several learning rates.

    Args:
        recipe: What else to do.
        rates: (r,).
        training: Sets the weights.
        validation: Only looked at.
        seeds: One training each.

    Returns:
        (seeds, r). A training that diverged has no answer; it gets the accuracy of a guess, 1/10.
    """
    accuracies = np.full((len(seeds), len(rates)), 1 / CLASSES)
    for row, seed in enumerate(seeds):
        for column, rate in enumerate(rates):
            with suppress(TrainingDiverged):
                _, history = train(replace(recipe, learning_rate=rate), training, validation, seed=seed)
                accuracies[row, column] = history["validation_accuracy"][-1]
    return accuracies


def last(histories: Sequence[History], curve: str) -> list[float]:
    """Where a curve ends, for each training."""
    return [history[curve][-1] for history in histories]
