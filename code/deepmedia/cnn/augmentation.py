"""New training pictures from old ones, by changes that leave the class as it is."""

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Augmentation:
    """How pictures may change."""

    mirror: bool = True  # left to right, half of them
    shift: int = 2  # pixels at most, each way; background comes in

    def __post_init__(self) -> None:
        """Check the shift."""
        if self.shift < 0:
            raise ValueError(f"shift must be 0 or more pixels, got {self.shift}")


def augment(images: tf.Tensor, seed: tf.Tensor, augmentation: Augmentation, *, background: float = 0) -> tf.Tensor:
    """Change each picture of a batch by its own random numbers.

    Args:
        images: (n, height, width, channels), any type.
        seed: Two integers; equal seeds give equal changes.
        augmentation: What may change.
        background: Value that a shift brings in, in the unit of the images.

    Returns:
        A batch of the same shape and type.
    """
    first, second = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    if augmentation.mirror:
        chosen = tf.random.stateless_uniform([tf.shape(images)[0]], first) < 0.5
        mirrored = tf.reverse(images, axis=[2])
        images = tf.where(chosen[:, None, None, None], mirrored, images)
    if augmentation.shift:
        images = _shifted(images, second, augmentation.shift, background)
    return images


def _shifted(images: tf.Tensor, seed: tf.Tensor, pixels: int, background: float) -> tf.Tensor:
    """Each picture moved up or down and left or right by up to so many pixels."""
    n, height, width = tf.unstack(tf.shape(images)[:3])
    edges = [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]]
    padded = tf.pad(images, edges, constant_values=tf.cast(background, images.dtype))
    corner = tf.random.stateless_uniform([2, n, 1], seed, 0, 2 * pixels + 1, tf.int32)
    rows = tf.gather(padded, corner[0] + tf.range(height), axis=1, batch_dims=1)
    moved = tf.gather(rows, corner[1] + tf.range(width), axis=2, batch_dims=1)
    return tf.ensure_shape(moved, images.shape)
