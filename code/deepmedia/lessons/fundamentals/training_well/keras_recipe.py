"""The recipe of the page "Training well", as Keras spells it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from deepmedia.lessons.fundamentals.training_well.recipes import CLASSES
from deepmedia.tensorflow_check import require_tensorflow
from deepmedia.training.examples import Examples

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402
from keras import layers  # noqa: E402


def compiled_network(side: int, *, steps: int) -> keras.Model:
    """A network for grey images (n, side, side, 1), ready for ``fit``."""
    images = keras.Input((side, side, 1), name="images")
    pixel = 1 / side
    x = layers.RandomTranslation(pixel, pixel, fill_mode="constant")(images)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.2)(x)
    model = keras.Model(images, layers.Dense(CLASSES, name="logits")(x))
    rate = keras.optimizers.schedules.CosineDecay(0.002, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def train_with_backups(
    training: Examples,
    validation: Examples,
    backup: str | Path,
    *,
    epochs: int,
    batch_size: int = 32,
    seed: int = 0,
    on_epoch_end: Callable[[int], None] | None = None,
) -> tuple[list[np.ndarray], float]:
    """Train ``compiled_network`` with a backup after each epoch, from which it goes on if there is one.

    Args:
        training: Sets the weights.
        validation: Only looked at.
        backup: A folder, which is emptied when the training ends.
        epochs: In all, with those before an interruption.
        batch_size: Images of a step.
        seed: Of Keras's random numbers.
        on_epoch_end: Called with the number of epochs finished, once the backup is written.

    Returns:
        The weights, and the validation accuracy at the end.
    """
    keras.utils.set_random_seed(seed)
    model = compiled_network(training.images.shape[1], steps=epochs * -(-len(training.images) // batch_size))
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: on_epoch_end(epoch + 1) if on_epoch_end else None
    )
    saver = keras.callbacks.BackupAndRestore(backup, double_checkpoint=True)
    log = model.fit(
        training.images[..., None],
        training.labels,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(validation.images[..., None], validation.labels),
        callbacks=[saver, report],
        verbose=0,
    )
    return model.get_weights(), log.history["val_accuracy"][-1]
