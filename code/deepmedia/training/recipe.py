"""The recipe by which the book trains its small networks: AdamW, and a learning rate that rises and falls."""

import keras

from deepmedia.training.examples import LabelledImages
from deepmedia.training.fitting import fit

# [recipe]
PEAK_RATE = 3e-3  # learning rate, after the warm-up
WARM_UP = 0.2  # share of the steps in which the rate rises from a tenth
WEIGHT_DECAY = 0.2  # AdamW's: a step shrinks the weights by rate times this
# [/recipe]


def schedule(steps: int, *, peak: float = PEAK_RATE) -> keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate that rises in a line to its peak, then falls to 0 in half a cosine.

    Args:
        steps: Steps of the whole training, at least 2.
        peak: The highest rate.

    Returns:
        The schedule, for an optimiser of Keras.

    Raises:
        ValueError: If there are too few steps to rise and fall, or the peak is not positive.
    """
    if steps < 2:
        raise ValueError(
            f"steps must be at least 2, one to rise and one to fall, got {steps}; "
            f"train for more epochs or in smaller batches"
        )
    if not peak > 0:
        raise ValueError(f"peak must be positive, got {peak}")
    warm_up = max(1, round(WARM_UP * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / 10,
        decay_steps=steps - warm_up,
        warmup_target=peak,
        warmup_steps=warm_up,
    )


def fit_schedule(
    model: keras.Model,
    train: LabelledImages,
    validation: LabelledImages,
    *,
    epochs: int = 8,
    batch_size: int = 128,
    peak: float = PEAK_RATE,
    weight_decay: float = WEIGHT_DECAY,
    label_smoothing: float = 0.0,
) -> dict[str, list[float]]:
    """Train a model in place with AdamW and a learning rate that rises and falls.

    Args:
        model: Takes images, gives logits.
        train: Images, float32 (n, height, width, channels), and classes, int64 (n,).
        validation: The same; these images only measure progress.
        epochs: Passes over the training images, at least 1.
        batch_size: Images a step.
        peak: The highest learning rate.
        weight_decay: Of AdamW; 0 for plain Adam.
        label_smoothing: Share of each label that is spread over all classes, in 0..1.

    Returns:
        A value an epoch of ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``.
        Those of training are means over the epoch, while the weights change.

    Raises:
        TypeError: If labels are not integers.
        ValueError: If the epochs leave fewer than two steps, the peak is not positive, or a label is not one of
            the model's classes.

    Source: Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization",
        arXiv:1711.05101, for AdamW; the same authors (2017), arXiv:1608.03983, for
        the cosine.
    """
    steps = -(-len(train[0]) // batch_size) * epochs  # rounded up
    return fit(
        model,
        train,
        validation,
        optimizer=keras.optimizers.AdamW(
            schedule(steps, peak=peak),
            weight_decay=weight_decay,
        ),
        epochs=epochs,
        batch_size=batch_size,
        label_smoothing=label_smoothing,
    )
