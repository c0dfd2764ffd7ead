"""YOLOv3's loss: what each number of each cell and anchor is charged for.

Source: Redmon and Farhadi (2018), "YOLOv3: An Incremental Improvement", arXiv:1804.02767v1, Sec. 2.1 and 2.2, as
computed in Darknet's `src/yolo_layer.c`. Darknet has no formula of the loss, only its derivatives, "delta": the
target minus the sigmoid, or for width and height the target minus the raw number. This loss is the one whose
derivatives they are. (The cost that Darknet prints is another number, the sum of the squared deltas.)
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from deepmedia.arguments import check_number
from deepmedia.detection.heads import BOX_NUMBERS
from deepmedia.detection.targets import HeadTargets, YOLOTargets, input_sides

IGNORE_ABOVE = 0.7  # ignore_thresh of yolov3.cfg
LARGEST_LOGARITHM = 20.0  # e^20 anchors are wider than any input; more would be infinite


def yolo_loss(
    targets: YOLOTargets,
    outputs: tf.Tensor | Sequence[tf.Tensor],
    anchors: Sequence[ArrayLike],
    size: int | tuple[int, int],
    *,
    ignore_above: float = IGNORE_ABOVE,
) -> tf.Tensor:
    """YOLOv3's loss, summed over images, cells and anchors.

    Args:
        targets: Of the images, from `yolo_targets` with the same anchors and size.
        outputs: Raw numbers of each head, float (n, rows, columns, anchors, 5 + classes), coarsest first; a single one
            may stand without a list. float64 is kept.
        anchors: Of each head, rows (width, height) in pixels of the input.
        size: Of the input in pixels: its side, or height and width.
        ignore_above: A prediction without an object whose IoU with some box of its image lies above this is not
            charged for its objectness: it is nearly right, only another cell or anchor answers for that box.

    Returns:
        A number of the outputs' type, at least 0. Its derivatives are Darknet's deltas with the sign changed. Since a
        centre is a number in 0..1 and not yes or no, the cross-entropy of a perfect answer is not 0.

    Raises:
        ValueError: If targets, outputs and anchors do not fit, or the threshold lies outside 0..1.
    """
    return tf.add_n(list(yolo_loss_terms(targets, outputs, anchors, size, ignore_above=ignore_above).values()))


def yolo_loss_terms(
    targets: YOLOTargets,
    outputs: tf.Tensor | Sequence[tf.Tensor],
    anchors: Sequence[ArrayLike],
    size: int | tuple[int, int],
    *,
    ignore_above: float = IGNORE_ABOVE,
) -> dict[str, tf.Tensor]:
    """The terms of `yolo_loss`, each a number.

    Args:
        targets: As there.
        outputs: As there.
        anchors: As there.
        size: As there.
        ignore_above: As there.

    Returns:
        ``position`` and ``size`` of the boxes, objectness where an ``object`` is and where there is only
        ``background``, and ``classes``.

    Raises:
        ValueError: As there.
    """
    check_number("ignore_above", ignore_above, "in 0..1", low=0, high=1, ends="[]")
    height, width = input_sides(size)
    outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    _check_fit(targets, outputs, anchors)
    terms: dict[str, tf.Tensor] = {}
    for target, output, table in zip(targets.heads, outputs, anchors, strict=True):
        best = best_overlap(predicted_boxes(output, table, (height, width)), targets.boxes)
        ignored = tf.stop_gradient(best > ignore_above)
        for name, value in _head_terms(target, output, ignored).items():
            terms[name] = terms[name] + value if name in terms else value
    return terms


def _head_terms(target: HeadTargets, output: tf.Tensor, ignored: tf.Tensor) -> dict[str, tf.Tensor]:
    """The terms of one head; ``ignored`` are booleans (n, rows, columns, anchors)."""
    position, size, scale, objectness, classes = (tf.cast(each, output.dtype) for each in target)
    txy, twh, raw_objectness, logits = tf.split(output, [2, 2, 1, output.shape[-1] - BOX_NUMBERS], axis=-1)
    background = (1 - objectness) * tf.cast(~ignored, output.dtype)
    of_objectness = sigmoid_cross_entropy(objectness, raw_objectness[..., 0])
    return {
        "position": tf.reduce_sum(scale[..., None] * sigmoid_cross_entropy(position, txy)),
        "size": tf.reduce_sum(scale[..., None] * (twh - size) ** 2 / 2),
        "object": tf.reduce_sum(objectness * of_objectness),
        "background": tf.reduce_sum(background * of_objectness),
        "classes": tf.reduce_sum(objectness[..., None] * sigmoid_cross_entropy(classes, logits)),
    }


def sigmoid_cross_entropy(target: tf.Tensor, raw: tf.Tensor) -> tf.Tensor:
    """-t log σ(x) - (1 - t) log (1 - σ(x)), whose derivative with respect to x is σ(x) - t; finite for every x."""
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=raw)


def predicted_boxes(output: tf.Tensor, anchors: ArrayLike, size: tuple[int, int]) -> tf.Tensor:
    """The boxes that a head's raw numbers stand for.

    Args:
        output: float (n, rows, columns, anchors, 5 + classes).
        anchors: Rows (width, height) in pixels of the input.
        size: Height and width of the input.

    Returns:
        float (n, rows, columns, anchors, 4), (x_min, y_min, x_max, y_max) in pixels of the input.
    """
    rows, columns = tf.unstack(tf.shape(output)[1:3])
    down, right = tf.meshgrid(tf.range(rows), tf.range(columns), indexing="ij")
    corner = tf.cast(tf.stack([right, down], axis=-1)[:, :, None], output.dtype)  # (rows, columns, 1, 2)
    cell = tf.cast(tf.stack([size[1] / columns, size[0] / rows]), output.dtype)  # its width and height in pixels
    centre = (corner + tf.sigmoid(output[..., :2])) * cell
    sides = tf.exp(tf.minimum(output[..., 2:4], LARGEST_LOGARITHM)) * tf.cast(np.asarray(anchors), output.dtype)
    return tf.concat([centre - sides / 2, centre + sides / 2], axis=-1)


def best_overlap(predicted: tf.Tensor, boxes: ArrayLike) -> tf.Tensor:
    """The largest IoU of each predicted box with a box of its image.

    Args:
        predicted: float (n, rows, columns, anchors, 4).
        boxes: (n, most of an image, 4); rows of zeros are none.

    Returns:
        float (n, rows, columns, anchors), 0..1; 0 where an image has no box.
    """
    one = predicted[..., None, :]  # (n, rows, columns, anchors, 1, 4)
    other = tf.cast(boxes, predicted.dtype)[:, None, None, None]  # (n, 1, 1, 1, most, 4)
    shared = tf.maximum(tf.minimum(one[..., 2:], other[..., 2:]) - tf.maximum(one[..., :2], other[..., :2]), 0)
    intersection = shared[..., 0] * shared[..., 1]
    union = _area(one) + _area(other) - intersection
    return tf.reduce_max(tf.pad(tf.math.divide_no_nan(intersection, union), [[0, 0]] * 4 + [[0, 1]]), axis=-1)


def _area(boxes: tf.Tensor) -> tf.Tensor:
    sides = boxes[..., 2:] - boxes[..., :2]
    return sides[..., 0] * sides[..., 1]


def _check_fit(targets: YOLOTargets, outputs: list[tf.Tensor], anchors: Sequence[ArrayLike]) -> None:
    if not len(targets.heads) == len(outputs) == len(anchors):
        raise ValueError(
            f"targets, outputs and anchors must be of the same heads, got {len(targets.heads)}, {len(outputs)} and "
            f"{len(anchors)}"
        )
    for number, (target, output, table) in enumerate(zip(targets.heads, outputs, anchors, strict=True)):
        shape = (*target.objectness.shape, BOX_NUMBERS + target.classes.shape[-1])
        if len(output.shape) != 5 or not tf.TensorShape(shape).is_compatible_with(output.shape):
            raise ValueError(
                f"outputs[{number}] must have shape {shape}, as the targets of that head, got {tuple(output.shape)}; "
                "the heads stand coarsest first"
            )
        if np.shape(table)[0] != output.shape[3]:
            raise ValueError(
                f"anchors[{number}] must be {output.shape[3]} rows, as its head has, got {np.shape(table)}"
            )
