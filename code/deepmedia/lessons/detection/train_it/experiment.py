"""What the page "Train it" trains on, measures and breaks."""

from collections.abc import Sequence

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from deepmedia.detection.coco_metrics import CocoMetrics, coco_metrics
from deepmedia.detection.detector import Detector
from deepmedia.detection.heads import BOX_NUMBERS
from deepmedia.detection.loss import yolo_loss
from deepmedia.detection.records import Detections, Truth
from deepmedia.detection.scenes import garment_scenes
from deepmedia.detection.targets import YOLOTargets, yolo_targets

SCENE = 320  # pixels a side, before the scenes are made smaller
LOWEST_SCORE = 0.02  # of what counts for average precision
SURE = 8.0  # a raw number whose sigmoid is nearly 1


def small_scenes(split: str, count: int, *, side: int = 160, seed: int = 0) -> tuple[NDArray[np.uint8], list[Truth]]:
    """Garment scenes made smaller, which are cheaper to learn from, with one class: a garment.

    Args:
        split: Of `garment_scenes`.
        count: How many.
        side: Height and width of a scene in pixels.
        seed: Of the draw.

    Returns:
        Images, uint8 (count, side, side, 3), and for each the boxes in its pixels, all of class 0.
    """
    images, truths = garment_scenes(split, count, size=SCENE, seed=seed)
    smaller = np.stack([cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images])
    return smaller, [Truth(truth.boxes * (side / SCENE), np.zeros_like(truth.class_ids)) for truth in truths]


def measure(model: keras.Model, images: NDArray[np.uint8], truths: Sequence[Truth]) -> CocoMetrics:
    """COCO's numbers of a network with one class."""
    detector = Detector(model, ("garment",), threshold=LOWEST_SCORE)
    return coco_metrics(truths, detector.detect_batch(images))


def perfect_answers(targets: YOLOTargets) -> list[NDArray[np.float32]]:
    """Raw numbers of a network that says just what it should, however it came to them.

    Args:
        targets: Of some images.

    Returns:
        float32 (n, rows, columns, anchors, 5 + classes) for each head.
    """
    heads = []
    for head in targets.heads:
        position = logit(np.clip(head.position, 1e-4, 1 - 1e-4))
        doubt = SURE * (2 * head.objectness[..., None] - 1)
        heads.append(np.concatenate([position, head.size, doubt, SURE * (2 * head.classes - 1)], axis=-1))
    return [head.astype(np.float32) for head in heads]


def five_detections() -> tuple[Truth, Detections]:
    """Four objects of one class and five detections, whose IoU with an object is 0.92, 0, 0.78, 0.64 and 0.

    A detection that shows the upper h of 100 rows of an object, and nothing else, has the IoU h / 100 with it.
    """
    lefts = np.arange(4, dtype=np.float32) * 150
    objects = np.stack([lefts, 0 * lefts, lefts + 100, 0 * lefts + 100], axis=1)
    found = np.array(
        [[0, 0, 100, 92], [600, 0, 700, 100], [150, 0, 250, 78], [300, 0, 400, 64], [750, 0, 850, 100]], np.float32
    )
    none = np.zeros(5, np.int64)
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5], np.float32)
    return Truth(objects, none[:4]), Detections(found, scores, none)


def worst_scenes(kinds: Sequence[Sequence[str]], missed: Sequence[NDArray], count: int) -> list[int]:
    """The images with the most mistakes, wrong detections and missed objects together, the worst first."""
    right = {"hit", "crowd", "unsure"}
    mistakes = [sum(kind not in right for kind in each) + len(rows) for each, rows in zip(kinds, missed, strict=True)]
    return np.argsort(-np.array(mistakes), kind="stable")[:count].tolist()


def answers_near(box: ArrayLike, anchor: ArrayLike, grid: int, size: int, *, doubt: float) -> NDArray[np.float32]:
    """Raw numbers of a grid all of whose cells see one object, and say its box as well as a cell can.

    A cell can put the centre of its box only within itself.

    Args:
        box: (x_min, y_min, x_max, y_max) in pixels of the input.
        anchor: (width, height), the only one of this grid.
        grid: Cells a side.
        size: Of the input.
        doubt: The raw objectness of every cell.

    Returns:
        float32 (1, grid, grid, 1, 6).
    """
    corners = np.asarray(box, float)
    row, column = np.indices((grid, grid))
    inside = (corners[:2] + corners[2:]) / 2 * grid / size - np.stack([column, row], axis=-1)
    position = logit(np.clip(inside, 1e-3, 1 - 1e-3))
    growth = np.broadcast_to(np.log((corners[2:] - corners[:2]) / anchor), position.shape)
    rest = np.broadcast_to([doubt, 0.0], position.shape)
    return np.concatenate([position, growth, rest], axis=-1)[None, :, :, None].astype(np.float32)


def objectness_slopes(
    output: ArrayLike, boxes: ArrayLike, anchor: ArrayLike, size: int, *, ignore_above: float
) -> NDArray[np.float32]:
    """The derivative of the loss with respect to each cell's raw objectness.

    Args:
        output: Of `answers_near`.
        boxes: (n, 4), what is labelled, in pixels of the input.
        anchor: (width, height), the only one.
        size: Of the input.
        ignore_above: As in `yolo_loss`.

    Returns:
        float32 (rows, columns).
    """
    raw = tf.convert_to_tensor(output)
    rows, columns = raw.shape[1:3]
    truth = Truth(np.asarray(boxes), np.zeros(len(np.asarray(boxes)), int))
    targets = yolo_targets([truth], [np.array([anchor])], [(rows, columns)], size, 1)
    with tf.GradientTape() as tape:
        tape.watch(raw)
        loss = yolo_loss(targets, raw, [np.array([anchor])], size, ignore_above=ignore_above)
    return np.asarray(tape.gradient(loss, raw))[0, :, :, 0, BOX_NUMBERS - 1]
