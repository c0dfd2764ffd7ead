"""How well the small YOLOv3 of the package finds garments on scenes that it never saw.

The recipe is that of `make_small_yolo`, which ships the weights that this study leaves. The validation split shows the
progress and decides how large the detector sees a scene and how much two boxes may overlap; the test split is scored
once, with the weights as they ship, their kernels in 8 bits. The training takes hours, so each of its stages leaves
weights and rows under `_build/studies`, and a run that finds them goes on from there.

Beside it stands a ceiling: the true boxes of the test scenes, with the classes that the detector gives in the places
that answer for them. There is no mistake left in it but that of the class.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.detection.coco_metrics import CocoMetrics, coco_metrics
from deepmedia.detection.detection_errors import detection_errors
from deepmedia.detection.detector import Detector
from deepmedia.detection.heads import BOX_NUMBERS, anchors_of
from deepmedia.detection.letterboxing import Letterbox, letterbox
from deepmedia.detection.overlap import iou
from deepmedia.detection.packed_weights import packed_weights, set_packed_weights
from deepmedia.detection.records import Detections, Truth
from deepmedia.detection.scenes import GARMENT_GROUPS, garment_scenes, in_garment_groups
from deepmedia.detection.targets import yolo_targets
from deepmedia.detection.trained import trained_small_yolo
from studies.make_small_yolo import (
    SCENES,
    SEED,
    STAGES,
    STUDIED,
    Stage,
    train,
    trained_classifier,
    with_backbone,
    with_weights,
)
from studies.packaged_files import npz_bytes

QUESTION = (
    "How well does the small YOLOv3 find garments on unseen scenes, by COCO's measures over the ten classes and over "
    "five groups of them, while it learns and at last on the test split, and how well would it do with perfect boxes?"
)
SEEDS = (SEED,)
TOLERANCES = {
    "loss": 1.0,
    "position": 0.3,
    "size": 0.1,
    "object": 0.3,
    "background": 0.3,
    "classes": 0.5,
    "ap": 0.05,
    "ap50": 0.05,
    "ap75": 0.05,
    "ap_small": 0.1,
    "ap_medium": 0.05,
    "ap_large": 0.05,
    "ar100": 0.05,
    "group_ap": 0.03,
    "group_ap50": 0.03,
    "accuracy": 0.03,
    "hits": 100,
    "localisation": 50,
    "classification": 100,
    "both": 30,
    "duplicate": 50,
    "background_errors": 50,
    "missed": 80,
    "nms_threshold": 0.0,  # a measured choice, but one that tells rows apart
    "input_side": 0.0,  # the same
}

VALIDATION = 100  # scenes after each epoch
CHOOSING = 200  # scenes for the two choices
INPUT_SIDES = (256, 288, 320)  # pixels of the scene that the detector sees
OVERLAPS = (0.45, 0.5, 0.6)  # IoU up to which two boxes of a class both stay
TEST = 500  # scenes
LOWEST_SCORE = 0.01  # of a box that counts in COCO's measures
SURE = 0.3  # lowest score of a box whose error is named

Scenes = tuple[NDArray[np.uint8], list[Truth]]


def run() -> list[dict]:
    """Train, choose size and overlap, score the test split, and the ceiling."""
    rows: list[dict] = []
    for number, stage in enumerate(STAGES):
        if not stage.path.exists():
            finish_stage(stage, STAGES[number - 1] if number else None)
        rows += json.loads(rows_path(stage).read_text("utf-8"))
    STUDIED.write_bytes(STAGES[-1].path.read_bytes())
    chosen = choice_rows(garment_scenes("validation", CHOOSING, seed=SEED + 1))
    best = max(chosen, key=lambda row: row["group_ap"])
    side, overlap = best["input_side"], best["nms_threshold"]
    model, scenes = shipped_as(side), garment_scenes("test", TEST, seed=SEED)
    return [
        *rows,
        *chosen,
        *test_rows(scenes[1], found_on(model, scenes[0], overlap), boxes="found", side=side, overlap=overlap),
        *test_rows(scenes[1], perfect_boxes(model, *scenes), boxes="true", side=side, overlap=max(OVERLAPS)),
    ]


def rows_path(stage: Stage) -> Path:
    """Where a finished stage's rows lie."""
    return stage.path.with_suffix(".json")


def finish_stage(stage: Stage, before: Stage | None) -> None:
    """Train through a stage and leave its rows and its weights, which are written last."""
    rows: list[dict] = []
    if before is None:
        classifier, rows = watched_classifier()
        model = with_backbone(classifier)
    else:
        with before.path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            model = with_weights(dict(archive), stage.side)
    rows += watched_training(model, stage)
    stage.path.parent.mkdir(parents=True, exist_ok=True)
    rows_path(stage).write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    stage.path.write_bytes(npz_bytes(packed_weights(model)))


def shipped_as(side: int) -> keras.Model:
    """The detector with the weights that the last stage left, for scenes of a size."""
    model = trained_small_yolo((side, side, 3))
    with STUDIED.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        set_packed_weights(model, dict(archive))
    return model


def watched_classifier() -> tuple[keras.Model, list[dict]]:
    """The trained classifier of garments that are cut out, and a row for each epoch."""
    started = time.monotonic()
    model, log = trained_classifier()
    rows = [
        {"part": "classifier", "epoch": epoch + 1, "loss": round(loss, 4), "accuracy": round(right, 4)}
        for epoch, (loss, right) in enumerate(zip(log["loss"], log["val_accuracy"], strict=True))
    ]
    rows[-1]["seconds"] = round(time.monotonic() - started)
    print(*rows, sep="\n", flush=True)
    return model, rows


def watched_training(model: keras.Model, stage: Stage) -> list[dict]:
    """Train the detector in place; a row for each epoch."""
    validation, rows = garment_scenes("validation", VALIDATION, seed=SEED), []
    started = time.monotonic()

    def after_epoch(epoch: int, log: dict[str, list[float]]) -> None:
        seconds = time.monotonic() - started
        losses = {name: round(values[-1], 4) for name, values in log.items() if name != "rate"}
        scores = summary(validation[1], found_on(model, validation[0], OVERLAPS[0]))
        place = {"part": "detector", "side": stage.side, "epoch": epoch + 1, "scenes": (epoch + 1) * SCENES}
        rows.append({**place, **losses, **scores, "seconds": round(seconds)})  # without the scoring of this epoch
        print(rows[-1], flush=True)

    train(model, stage, after_epoch)
    return rows


def found_on(model: keras.Model, images: NDArray[np.uint8], overlap: float) -> list[Detections]:
    """What the model finds on each scene, down to scores that nobody would show."""
    detector = Detector(model, FASHION_CLASSES, threshold=LOWEST_SCORE, nms_threshold=overlap)
    return detector.detect_batch(images)


def summary(truths: Sequence[Truth], found: Sequence[Detections], overlap: float = OVERLAPS[0]) -> dict[str, float]:
    """AP and AP50 over the ten classes, and over the five groups."""
    ten = coco_metrics(truths, found)
    five = coco_metrics(*in_garment_groups(truths, found, nms_threshold=overlap))
    measured = {"ap": ten.ap, "ap50": ten.ap50, "group_ap": five.ap, "group_ap50": five.ap50}
    return {name: round(value, 4) for name, value in measured.items()}


def choice_rows(scenes: Scenes) -> list[dict]:
    """The scores for each size of the scene that the detector sees, with each overlap."""
    images, truths = scenes
    rows = []
    for side in INPUT_SIDES:
        model = shipped_as(side)
        for overlap in OVERLAPS:
            scores = summary(truths, found_on(model, images, overlap), overlap)
            place = {"part": "choice of size and overlap", "input_side": side, "nms_threshold": overlap}
            rows.append({**place, "scenes": len(images), **scores})
            print(rows[-1], flush=True)
    return rows


def test_rows(truths: list[Truth], found: list[Detections], *, boxes: str, side: int, overlap: float) -> list[dict]:
    """All measures of the test split: in all, by class, by group.

    Args:
        truths: Of the scenes.
        found: On them.
        boxes: Where they come from: ``"found"`` by the detector, or the ``"true"`` ones.
        side: Of the scene that the detector saw, in pixels.
        overlap: IoU up to which two boxes of a group both stay.

    Returns:
        The rows.
    """
    setting = {"part": "test", "boxes": boxes}
    ten = coco_metrics(truths, found)
    errors = detection_errors(truths, found, threshold=SURE)
    whole = {
        **setting,
        "over": "all",
        "input_side": side,
        "nms_threshold": overlap,
        "scenes": len(truths),
        "garments": sum(map(len, truths)),
        **summary(truths, found, overlap),
        **{name: round(getattr(ten, name), 4) for name in ("ap75", "ap_small", "ap_medium", "ap_large", "ar100")},
        "accuracy": round(accuracy(truths, found), 4),
        **{name: getattr(errors, name) for name in ("hits", "localisation", "classification", "both", "duplicate")},
        "background_errors": errors.background,
        "missed": errors.missed,
    }
    grouped = in_garment_groups(truths, found, nms_threshold=overlap)
    rows = [
        whole,
        *named_rows({**setting, "over": "class"}, FASHION_CLASSES, truths, ten),
        *named_rows({**setting, "over": "group"}, tuple(GARMENT_GROUPS), grouped[0], coco_metrics(*grouped)),
    ]
    print(*rows, sep="\n", flush=True)
    return rows


def named_rows(setting: dict, names: Sequence[str], truths: Sequence[Truth], metrics: CocoMetrics) -> list[dict]:
    """A row for each class or group."""
    counts = np.bincount(np.concatenate([truth.class_ids for truth in truths]), minlength=len(names))
    return [
        {
            **setting,
            "name": name,
            "garments": int(count),
            "ap": round(metrics.ap_by_class[number], 4),
            "ap50": round(metrics.ap50_by_class[number], 4),
        }
        for number, (name, count) in enumerate(zip(names, counts, strict=True))
    ]


def accuracy(truths: Sequence[Truth], found: Sequence[Detections]) -> float:
    """Share of the garments whose class is that of the surest box on them, which has an IoU of at least a half."""
    right = 0
    for truth, boxes in zip(truths, found, strict=True):
        scores = np.where(iou(truth.boxes, boxes.boxes) >= 0.5, boxes.scores, -1)  # (garments, found)
        scores = np.pad(scores, [(0, 0), (0, 1)], constant_values=-0.5)  # the surest of a garment without a box
        surest = scores.argmax(axis=1)
        right += int((np.append(boxes.class_ids, -1)[surest] == truth.class_ids).sum())
    return right / sum(map(len, truths))


def perfect_boxes(model: keras.Model, images: NDArray[np.uint8], truths: Sequence[Truth]) -> list[Detections]:
    """The true boxes of each scene, each with all ten classes and what the detector thinks of them.

    Its answer is taken from the cell and the anchor that were to answer for that box in the training.
    """
    found = []
    anchors, size, classes = anchors_of(model), model.input_shape[1:3], len(FASHION_CLASSES)
    grids = [output.shape[1:3] for output in model.outputs]
    for image, truth in zip(images, truths, strict=True):
        heads = [head.numpy()[0] for head in model(letterbox(image, size)[np.newaxis], training=False)]
        seen = Letterbox(image.shape[:2], size).boxes_on_canvas(truth.boxes)
        answers = []
        for box, class_id in zip(seen, truth.class_ids, strict=True):
            targets = yolo_targets([Truth(box[np.newaxis], class_id[np.newaxis])], anchors, grids, size, classes)
            answers += [
                head[target.objectness[0] == 1][:, BOX_NUMBERS:]
                for head, target in zip(heads, targets.heads, strict=True)
            ]
        scores = expit(np.concatenate(answers)).ravel()
        ids = np.tile(np.arange(classes), len(truth))
        found.append(Detections(np.repeat(truth.boxes, classes, axis=0), scores, ids))
    return found
