"""How well the recipe for one's own objects finds blood cells, and how many labelled pictures it needs for that."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets import BLOOD_CELLS
from deepmedia.detection.coco_metrics import coco_metrics
from deepmedia.detection.counting import counting_error
from deepmedia.detection.detector import Detector
from deepmedia.detection.labels import blood_cells
from deepmedia.detection.records import Truth
from deepmedia.detection.transfer import train_own_objects
from deepmedia.memory import free_memory

QUESTION = (
    "How well does the recipe for one's own objects find the blood cells of BCCD's test pictures, trained on its "
    "training pictures, over three seeds, and what is left of it with 25 or 50 labelled pictures?"
)
SEEDS = (0, 1, 2)
EPOCHS = {205: 9, 50: 24, 25: 24}  # by pictures; fewer than the recipe's own 15, 60 and 60, to save time
FEWER = (25, 50)  # pictures of the curve, with the first seed; its last point are the runs with all
ALL_BOXES = 0.01  # score threshold for AP, which asks for the unsure boxes, too
TOLERANCES = {  # three seeds lie apart by up to half of these
    "validation_ap": 0.11,
    "validation_ap50": 0.06,
    "validation_ap50_by_class": 0.17,
    "validation_counting_error": 1.5,
    "test_ap": 0.11,
    "test_ap50": 0.06,
    "test_ap50_by_class": 0.17,
    "test_counting_error": 1.5,
}

Split = tuple[NDArray[np.uint8], list[Truth]]


def run() -> list[dict]:
    """Train with all pictures once a seed and score the test pictures then; fewer pictures see the validation alone."""
    everything = max(EPOCHS)
    return [
        one_run(count, seed) for count, seed in [*((everything, s) for s in SEEDS), *((n, SEEDS[0]) for n in FEWER)]
    ]


def one_run(count: int, seed: int) -> dict:
    """Train with so many pictures, and score."""
    free_memory()
    images, truths = blood_cells("train")
    started = time.monotonic()
    chosen = some_pictures(len(images), count, seed=seed)
    own = train_own_objects(
        list(images[chosen]),
        [truths[row] for row in chosen],
        BLOOD_CELLS,
        epochs=EPOCHS[count],
        seed=seed,
        after_epoch=_progress,
    )
    seconds = round(time.monotonic() - started)
    row = {"pictures": count, "seed": seed, "epochs": list(own.epochs)}
    row |= scores(own.detector, blood_cells("validation"), "validation")
    if count == len(images):
        row |= scores(own.detector, blood_cells("test"), "test")
    print(row, flush=True)
    return row | {"seconds": seconds}


def some_pictures(total: int, count: int, *, seed: int) -> NDArray[np.int64]:
    """Which pictures a run learns from: a smaller number's are among a larger one's."""
    return np.random.default_rng(seed).permutation(total)[:count]


def scores(detector: Detector, split: Split, name: str) -> dict:
    """AP, AP50, AP50 by class, and how far the number of each kind of cell in a picture is off on average."""
    images, truths = split
    metrics = coco_metrics(truths, detector.with_thresholds(threshold=ALL_BOXES).detect_batch(images))
    counted = counting_error(truths, detector.detect_batch(images), classes=len(BLOOD_CELLS))
    return {
        f"{name}_ap": round(metrics.ap, 4),
        f"{name}_ap50": round(metrics.ap50, 4),
        f"{name}_ap50_by_class": _rounded([metrics.ap50_by_class[number] for number in range(len(BLOOD_CELLS))], 4),
        f"{name}_counting_error": _rounded(counted.tolist(), 3),
    }


def _rounded(values: Sequence[float], digits: int) -> list[float]:
    return [round(value, digits) for value in values]


def _progress(epoch: int, log: dict[str, list[float]]) -> None:
    print(f"epoch {epoch}: loss {log['loss'][-1]:.2f}", flush=True)
