"""One training for all classifiers in Keras: the cross-entropy of their logits, by whichever optimiser."""

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.training.examples import LabelledImages
from deepmedia.training.tracing import trace_once


def fit(
    model: keras.Model,
    train: LabelledImages,
    validation: LabelledImages | None = None,
    *,
    optimizer: keras.optimizers.Optimizer | None = None,
    epochs: int = 10,
    batch_size: int = 32,
    label_smoothing: float = 0.0,
) -> dict[str, list[float]]:
    """Train a model in place on the cross-entropy of its logits.

    Args:
        model: Takes images, gives logits (n, classes).
        train: Images, float32 (n, height, width, channels), and classes (n,), integers from 0.
        validation: The same; these images only measure progress. None measures nothing.
        optimizer: The rule of the steps; None is Adam with a learning rate of 0.001.
        epochs: Passes over the training images.
        batch_size: Images a step.
        label_smoothing: Share of each label that is spread over all classes, in 0..1.

    Returns:
        A value an epoch of ``loss``, ``accuracy`` and, with validation data, ``val_loss``, ``val_accuracy``.
        Those of training are means over the epoch, while the weights change.

    Raises:
        TypeError: If labels are not integers.
        ValueError: If images and labels differ in number, or a label is not one of the model's classes.
    """
    for name, examples in (("train", train), ("validation", validation)):
        if examples is not None:
            _check_labels(name, *examples, classes=model.output_shape[-1])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if label_smoothing:  # Keras smooths one-hot labels only
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing)
        train = _one_hot(train, model.output_shape[-1])
        validation = validation and _one_hot(validation, model.output_shape[-1])
    model.compile(
        optimizer=optimizer or keras.optimizers.Adam(1e-3),
        loss=loss,
        metrics=["accuracy"],
    )
    trace_once(model, *train)
    log = model.fit(
        *train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        verbose=0,
    )
    return log.history


def _one_hot(examples: LabelledImages, classes: int) -> tuple[NDArray, NDArray]:
    images, labels = examples
    return images, np.eye(classes, dtype=np.float32)[labels]


def _check_labels(name: str, images: NDArray[np.float32], labels: NDArray[np.int64], *, classes: int) -> None:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels of {name} must be integers, got {labels.dtype}")
    if labels.shape != (len(images),):
        raise ValueError(f"labels of {name} must be one for each of {len(images)} images, got shape {labels.shape}")
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(f"labels of {name} must lie in 0..{classes - 1}, the model's classes, got {wrong}")
