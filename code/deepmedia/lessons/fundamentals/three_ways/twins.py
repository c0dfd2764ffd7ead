"""The NumPy network and its Keras twin on real images, with the same settings: how accurate are they?

A twin starts from the NumPy network's weights and sees its batches. Both train with Adam on the mean cross-entropy; the
learning rate falls from its first value to 0 along half a cosine.
"""

from dataclasses import dataclass

import numpy as np

from deepmedia.datasets import digits, fashion_mnist
from deepmedia.fundamentals import Adam, CategoricalCrossEntropy, CosineDecay
from deepmedia.fundamentals.weight_files import copy_to_keras
from deepmedia.lessons.fundamentals.three_ways.experiment import epochs_of, joined, keras_network, numpy_network
from deepmedia.splits import train_validation_split
from deepmedia.tensorflow_check import require_tensorflow
from deepmedia.training.examples import LabelledImages

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402

Answers = dict[str, np.ndarray]  # a class for each image of "validation" and of "test"


# [settings]
@dataclass(frozen=True)
class Settings:
    """How a network and its twin are trained."""

    hidden: tuple[int, ...]  # units of each hidden layer
    rate: float  # learning rate of the first step
    epochs: int
    batch_size: int


# Of those tried, the best on validation data, over two seeds or more.
SETTINGS = {
    "digits": Settings((256,), rate=0.003, epochs=30, batch_size=32),
    "garments": Settings((256, 128), rate=0.002, epochs=12, batch_size=128),
}
# [/settings]


def load_parts(data: str, *, seed: int = 0) -> dict[str, LabelledImages]:
    """Training, validation and test data.

    Args:
        data: ``"digits"``, or ``"garments"``: the Fashion-MNIST sample, 2,000 of its training photographs held out.
        seed: Of that choice; the digits' split is fixed.
    """
    if data not in SETTINGS:
        raise ValueError(f"data must be one of {', '.join(SETTINGS)}, got {data!r}")
    if data == "digits":
        return {split: _scaled(*digits(split), white=16) for split in ("train", "validation", "test")}
    images, labels = fashion_mnist("train")
    train, held_out = train_validation_split(labels, validation=2000, seed=seed)
    parts = {"train": (images[train], labels[train]), "validation": (images[held_out], labels[held_out])}
    return {split: _scaled(*part, white=255) for split, part in {**parts, "test": fashion_mnist("test")}.items()}


def numpy_answers(parts: dict[str, LabelledImages], settings: Settings, *, seed: int) -> Answers:
    """Train the NumPy network; its answers on validation and test data."""
    images, labels = parts["train"]
    network = numpy_network(_sizes(images, settings), seed=seed)
    network.fit(
        images,
        labels,
        loss=CategoricalCrossEntropy(),
        optimiser=Adam(CosineDecay(settings.rate, steps=_steps(images, settings))),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=seed,
    )
    return {split: network.predict(parts[split][0]).argmax(axis=1) for split in ("validation", "test")}


def keras_answers(parts: dict[str, LabelledImages], settings: Settings, *, seed: int) -> Answers:
    """Train the Keras twin; its answers on validation and test data."""
    images, labels = parts["train"]
    sizes = _sizes(images, settings)
    model = keras_network(sizes)
    copy_to_keras(numpy_network(sizes, seed=seed), model)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(settings.rate, _steps(images, settings))),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for batches in epochs_of(images, labels, epochs=settings.epochs, batch_size=settings.batch_size, seed=seed):
        ordered_images, ordered_labels, size = joined(batches)
        model.fit(ordered_images, ordered_labels, batch_size=size, shuffle=False, verbose=0)
    return {split: model.predict(parts[split][0], verbose=0).argmax(axis=1) for split in ("validation", "test")}


def nearest_mean_answers(parts: dict[str, LabelledImages], settings: Settings, *, seed: int) -> Answers:
    """The baseline: the class whose average training image is nearest. It has no settings and no seed."""
    images, labels = parts["train"]
    means = np.stack([images[labels == label].mean(axis=0) for label in np.unique(labels)])  # (classes, pixels)
    # |x - m|^2 = |x|^2 - 2 x m + |m|^2, and |x|^2 is the same for all classes
    half = (means**2).sum(axis=1) / 2  # (classes,)
    return {split: (parts[split][0] @ means.T - half).argmax(axis=1) for split in ("validation", "test")}


PROGRAMS = {"nearest mean": nearest_mean_answers, "NumPy": numpy_answers, "Keras": keras_answers}


def study_rows(data: str, *, seed: int) -> list[dict]:
    """All programs on one data set with one seed.

    Returns:
        A row for each: ``data``, ``program``, ``seed``, ``validation_accuracy``, ``test_accuracy`` and
        ``differs_from_numpy``: on how many test images its answer is not the NumPy network's.
    """
    parts = load_parts(data, seed=seed)
    answers = {program: train(parts, SETTINGS[data], seed=seed) for program, train in PROGRAMS.items()}
    return [
        {
            "data": data,
            "program": program,
            "seed": seed,
            **{f"{split}_accuracy": round(float(np.mean(found[split] == parts[split][1])), 4) for split in found},
            "differs_from_numpy": int(np.sum(found["test"] != answers["NumPy"]["test"])),
        }
        for program, found in answers.items()
    ]


def _scaled(images: np.ndarray, labels: np.ndarray, *, white: int) -> LabelledImages:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(white), labels


def _sizes(images: np.ndarray, settings: Settings) -> tuple[int, ...]:
    return (images.shape[1], *settings.hidden, 10)


def _steps(images: np.ndarray, settings: Settings) -> int:
    return settings.epochs * -(-len(images) // settings.batch_size)
