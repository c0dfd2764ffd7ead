"""What the four small networks of part 2 reach at equal compute, and what all of them reach together."""

import time

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.cost import multiply_adds
from deepmedia.cnn.first_network import small_cnn
from deepmedia.cnn.small_networks import small_inception, small_inception_resnet, small_resnet, small_rir
from deepmedia.datasets import fashion_mnist
from deepmedia.memory import free_memory
from deepmedia.splits import train_validation_split
from deepmedia.statistics import mcnemar_test
from deepmedia.training import fit, fit_schedule, to_input
from deepmedia.training.examples import LabelledImages

QUESTION = (
    "How accurate are the four small networks and their committee on the 2,000 test photos, over three seeds, "
    "and are they better than the part's first network on the same photos?"
)
SEEDS = (0, 1, 2)
NETWORKS = (small_inception, small_resnet, small_rir, small_inception_resnet)
TOLERANCES = {"validation_accuracy": 0.02, "test_accuracy": 0.02, "first_network_only": 30, "this_only": 30, "p": 1.0}

Logits = NDArray[np.float32]


def run() -> list[dict]:
    """Train all once a seed; the seed sets split, weights and order."""
    images, labels = fashion_mnist("train")
    test_images, test_labels = fashion_mnist("test")
    test = to_input(test_images), test_labels
    rows = []
    for seed in SEEDS:
        parts = [
            (to_input(images[part]), labels[part])
            for part in train_validation_split(labels, validation=2000, seed=seed)
        ]
        rows += _rows(seed, parts[0], parts[1], test)
    return rows


def _rows(seed: int, train: LabelledImages, validation: LabelledImages, test: LabelledImages) -> list[dict]:
    """The first network, the four small ones, and the committee of the four."""
    rows, members = [], []
    for build in (small_cnn, *NETWORKS):
        free_memory()
        keras.utils.set_random_seed(seed)
        model = build()
        recipe = fit if build is small_cnn else fit_schedule
        started = time.monotonic()
        recipe(model, train, validation)
        seconds = round(time.monotonic() - started, 1)
        logits = [model.predict(part[0], verbose=0) for part in (validation, test)]
        if build is small_cnn:
            first_right = logits[1].argmax(axis=1) == test[1]
        else:
            members.append([np.array(keras.ops.softmax(part)) for part in logits])
        cost = {"multiply_adds": multiply_adds(model), "parameters": model.count_params(), "seconds": seconds}
        rows.append({"model": model.name, "seed": seed, **cost, **_scores(logits, validation, test, first_right)})
        print(rows[-1], flush=True)
        del model  # for `free_memory`
    together = {key: sum(row[key] for row in rows[1:]) for key in ("multiply_adds", "parameters", "seconds")}
    mean = [np.mean([member[part] for member in members], axis=0) for part in (0, 1)]
    rows.append({"model": "committee", "seed": seed, **together, **_scores(mean, validation, test, first_right)})
    print(rows[-1], flush=True)
    return rows


def _scores(
    answers: list[Logits], validation: LabelledImages, test: LabelledImages, first_right: NDArray[np.bool_]
) -> dict:
    """Accuracies, and McNemar's test against the first network of the same seed."""
    right = answers[1].argmax(axis=1) == test[1]
    only_this, only_first, p = mcnemar_test(right, first_right)
    return {
        "validation_accuracy": round(float(np.mean(answers[0].argmax(axis=1) == validation[1])), 4),
        "test_accuracy": round(float(np.mean(right)), 4),
        "this_only": only_this,
        "first_network_only": only_first,
        "p": float(f"{p:.2g}"),
    }
