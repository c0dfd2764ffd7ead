"""What margin, embedding size, composition of batches and loss do to a short training of the small FaceNet."""

import time
from dataclasses import asdict, replace

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.faces.facenet.settings import (
    IMAGES_EACH,
    JUDGED_IMAGES,
    JUDGED_PEOPLE,
    PEOPLE,
    Setting,
    accuracy_on,
    prepared_faces,
    trained_with,
)
from deepmedia.memory import free_memory

QUESTION = (
    "How well does the small FaceNet tell unseen drawn people apart after equally many images, by the margin, the size "
    "of the embedding and the people in a batch, and with ArcFace in place of the triplet loss, over three seeds?"
)
SEEDS = (0, 1, 2)
TUNING_SEED = 100  # draws other people, on whom the rate of each loss is chosen
# Of accuracies: on another processor the training rounds otherwise, and ends elsewhere.
TOLERANCES = {"validation_accuracy": 0.03, "test_accuracy": 0.03, "margin": 0.0, "scale": 0.0, "rate": 0.0}

TRIPLET = Setting()
ARCFACE = Setting(loss="arcface", margin=0.5, scale=16.0)  # the paper's scale is 64, with many more people
RATES = (3e-3, 1e-2, 3e-2, 1e-1)
MARGINS = (0.05, 0.8)
SIZES = (8, 256)
PEOPLE_IN_BATCH = (48, 6)
Faces = tuple[NDArray[np.float32], NDArray[np.int64]]


def run() -> list[dict]:
    """Choose the rate of each loss with people of its own, then train all settings once a seed.

    A seed draws the people, the weights and the batches, so that settings can be compared seed by seed. Default and
    ArcFace are scored on test people, too, once each seed.
    """
    drawn = _drawn(TUNING_SEED)
    rows = [
        _row("rate", replace(setting, rate=rate), TUNING_SEED, *drawn)
        for setting in (TRIPLET, ARCFACE)
        for rate in RATES
    ]
    settings = compared(best_rate(rows, "triplet"), best_rate(rows, "arcface"))
    for seed in SEEDS:
        drawn = _drawn(seed)
        rows += [_row(varied, setting, seed, *drawn) for varied, setting in settings]
    return rows


def best_rate(rows: list[dict], loss: str) -> float:
    """The rate with which a loss was most accurate on the validation people; of equal ones the first."""
    tuned = [row for row in rows if row["varied"] == "rate" and row["loss"] == loss]
    return max(tuned, key=lambda row: row["validation_accuracy"])["rate"]


def compared(triplet_rate: float, arcface_rate: float) -> list[tuple[str, Setting]]:
    """The default and all that differs from it in one thing, with the name of that."""
    default = replace(TRIPLET, rate=triplet_rate)
    return [
        ("default", default),
        *(("margin", replace(default, margin=margin)) for margin in MARGINS),
        *(("embedding_size", replace(default, embedding_size=size)) for size in SIZES),
        *(("people", replace(default, people=people)) for people in PEOPLE_IN_BATCH),
        ("loss", replace(ARCFACE, rate=arcface_rate)),
    ]


def _drawn(seed: int) -> tuple[Faces, Faces]:
    """The people who teach and those of the validation."""
    train = prepared_faces("train", PEOPLE, IMAGES_EACH, seed=seed)
    return train, prepared_faces("validation", JUDGED_PEOPLE, JUDGED_IMAGES, seed=seed)


def _row(varied: str, setting: Setting, seed: int, train: Faces, validation: Faces) -> dict:
    free_memory()  # the last row's network is gone
    started = time.monotonic()
    model = trained_with(setting, *train, seed=seed)
    seconds = round(time.monotonic() - started, 1)
    row = {
        "varied": varied,
        **asdict(setting),
        "seed": seed,
        "validation_accuracy": round(accuracy_on(model, *validation, seed=seed), 4),
        "test_accuracy": _test_accuracy(model, seed) if varied in {"default", "loss"} else None,
        "seconds": seconds,
    }
    print(row, flush=True)
    return row


def _test_accuracy(model: keras.Model, seed: int) -> float:
    return round(accuracy_on(model, *prepared_faces("test", JUDGED_PEOPLE, JUDGED_IMAGES, seed=seed), seed=seed), 4)
