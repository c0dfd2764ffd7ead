"""New training images of a face from old ones, by changes that leave the person the same."""

import math
from dataclasses import dataclass

import tensorflow as tf

from deepmedia.arguments import check_fraction, check_number


@dataclass(frozen=True)
class FaceAugmentation:
    """How far images may change. Each change is drawn for each image anew, evenly between its two ends.

    Attributes:
        mirror: Whether half of the images are turned left to right.
        shift: Part of the height and width, at most, by which the face moves each way.
        zoom: The face becomes larger or smaller by at most the factor 1 + zoom.
        turn: Degrees, at most, by which it turns in the plane, either way.
        contrast: Differences from the image's mean grow or shrink by at most this share.
        brightness: What is added to all pixels, at most and either way, in the unit of the images.

    Raises:
        TypeError: If a number is none.
        ValueError: If one is out of its range.
    """

    mirror: bool = True
    shift: float = 0.04
    zoom: float = 0.08
    turn: float = 8.0
    contrast: float = 0.2
    brightness: float = 0.15

    def __post_init__(self) -> None:
        for name in ("shift", "contrast"):
            check_fraction(name, getattr(self, name))
        check_number("turn", self.turn, "an angle of 0 to 180 degrees", low=0, high=180, ends="[]")
        for name in ("zoom", "brightness"):
            check_number(name, getattr(self, name), "finite and at least 0", low=0, high=math.inf, ends="[)")


def augment_faces(images: tf.Tensor, seed: tf.Tensor, augmentation: FaceAugmentation) -> tf.Tensor:
    """Change each image of a batch by its own random numbers: place, size and angle of the face, then the light.

    What a change brings in from outside repeats the image's edge.

    Args:
        images: float32 (n, height, width, channels).
        seed: Two integers; equal seeds give equal changes. `fit_embeddings` passes such seeds to its ``augment``.
        augmentation: How far they may change.

    Returns:
        A batch of the same shape and type.
    """
    draws = tf.random.stateless_uniform([7, tf.shape(images)[0]], seed, -1, 1)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=_backward_maps(draws[:5], augmentation, *images.shape[1:3]),
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
    moved = tf.ensure_shape(moved, images.shape)
    contrast = 1 + augmentation.contrast * draws[5, :, None, None, None]
    brightness = augmentation.brightness * draws[6, :, None, None, None]
    mean = tf.reduce_mean(moved, axis=[1, 2, 3], keepdims=True)
    return mean + contrast * (moved - mean) + brightness


def _backward_maps(draws: tf.Tensor, augmentation: FaceAugmentation, height: int, width: int) -> tf.Tensor:
    """For each image the eight numbers that lead from a pixel of the new image to its place in the old, (n, 8)."""
    angle = draws[0] * math.radians(augmentation.turn)
    shrink = tf.exp(-draws[1] * math.log(1 + augmentation.zoom))  # a larger face: a smaller step in the old image
    side = tf.where(draws[2] < 0, -1.0, 1.0) if augmentation.mirror else tf.ones_like(draws[2])
    across, down = (width - 1) / 2, (height - 1) / 2  # the image's middle, which turn, zoom and mirror leave in place
    xx, xy = side * shrink * tf.cos(angle), -side * shrink * tf.sin(angle)
    yx, yy = shrink * tf.sin(angle), shrink * tf.cos(angle)
    x = across - xx * across - xy * down + draws[3] * augmentation.shift * width
    y = down - yx * across - yy * down + draws[4] * augmentation.shift * height
    zero = tf.zeros_like(x)
    return tf.stack([xx, xy, x, yx, yy, y, zero, zero], axis=1)
