"""Experiments of the page "Darknet's weights": networks with one detail wrong, and scores from frame to frame."""

from collections.abc import Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray
from scipy.special import expit

from deepmedia.detection.normalisation import DarknetNormalisation
from deepmedia.detection.overlap import iou
from deepmedia.detection.records import Detections


def with_keras_normalisation(model: keras.Model, epsilon: float) -> keras.Model:
    """The same weights with Keras's own batch normalisation, which divides by √(variance + epsilon)."""

    def replaced(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, DarknetNormalisation):
            return layers.BatchNormalization(epsilon=epsilon, name=layer.name)
        return type(layer).from_config(layer.get_config())

    twin = keras.models.clone_model(model, clone_function=replaced)
    twin.set_weights(model.get_weights())
    return twin


def with_same_padding(model: keras.Model) -> keras.Model:
    """The network with "same" where it pads one pixel on all sides of a convolution of stride 2.

    All other layers are the model's own, so that the twin needs hardly any memory.
    """
    strided = [each for each in model.layers if isinstance(each, layers.Conv2D) and max(each.strides) > 1]

    def replaced(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, layers.ZeroPadding2D):
            return layers.Identity(name=layer.name)
        if any(layer is each for each in strided):
            return layers.Conv2D.from_config(layer.get_config() | {"padding": "same"})
        return layer

    twin = keras.models.clone_model(model, clone_function=replaced)
    for layer in strided:
        twin.get_layer(layer.name).set_weights(layer.get_weights())
    return twin


def centre_of_sight(padding: str, *, halvings: int = 5, size: int = 416) -> float:
    """Where on the image the middle one of the last map's places looks, in pixels.

    Args:
        padding: ``"same"``, or ``"both"`` for one pixel on both sides.
        halvings: Convolutions of stride 2, with kernels of three equal numbers, so that the sight is symmetrical.
        size: Pixels of the image, which has one row: a multiple of 2 ** halvings.

    Returns:
        The mean position of the pixels, weighted by the derivative of the place with respect to each; the place's own
        cell begins at pixel number · 2 ** halvings.
    """
    kernel = tf.fill((3, 1, 1), 1 / 3)
    image = tf.zeros((1, size, 1))
    with tf.GradientTape() as tape:
        tape.watch(image)
        x = image
        for _ in range(halvings):
            x = tf.pad(x, [[0, 0], [1, 1], [0, 0]]) if padding == "both" else x
            x = tf.nn.conv1d(x, kernel, 2, "VALID" if padding == "both" else "SAME")
        answer = x[0, x.shape[1] // 2, 0]
    weights = tape.gradient(answer, image).numpy().ravel()
    return float((weights * np.arange(size)).sum() / weights.sum())


def all_scores(heads: Sequence[NDArray]) -> NDArray[np.float64]:
    """Objectness times class probability of every box, (N, classes), for one image's raw heads."""
    rows = np.concatenate([np.asarray(head, float).reshape(-1, head.shape[-1]) for head in heads])
    return expit(rows[:, 4:5]) * expit(rows[:, 5:])


def panned(photograph: NDArray[np.uint8], *, frames: int, width: int, pixels: int) -> Iterable[NDArray[np.uint8]]:
    """A camera that moves over a photograph: cuts of one size, each some pixels further right."""
    for number in range(frames):
        yield np.ascontiguousarray(photograph[:, number * pixels : number * pixels + width])


def followed(found: Sequence[Detections], box: NDArray, class_id: int, *, pixels: int) -> list[float]:
    """The score of one object in each frame of a pan, 0 where no box of its class meets it by an IoU above 0.3.

    Args:
        found: Detections of each frame.
        box: Of the object in the first frame.
        class_id: Its class.
        pixels: That the camera moves to the right from frame to frame.
    """
    scores = []
    for number, each in enumerate(found):
        moved = np.asarray(box, float) - [number * pixels, 0, number * pixels, 0]
        fits = (iou(moved[None], each.boxes)[0] > 0.3) & (each.class_ids == class_id)
        scores.append(float(each.scores[fits].max(initial=0.0)))
    return scores


def steadied(scores: Sequence[float], *, high: float, low: float) -> list[bool]:
    """Whether an object is shown in each frame: from a score above ``high`` on, until one falls below ``low``."""
    shown, result = False, []
    for score in scores:
        shown = score > high or (shown and score >= low)
        result.append(shown)
    return result
