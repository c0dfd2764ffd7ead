"""The triplet loss of FaceNet: a face lies nearer to each face of its own person than to any other's.

Source: Schroff et al. (2015), "FaceNet: A Unified Embedding for Face Recognition and Clustering", arXiv:1503.03832.
"""

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_positive


def semi_hard_triplet_loss(labels: ArrayLike, embeddings: ArrayLike, *, margin: float = 0.2) -> tf.Tensor:
    """Mean of d(a, p) - d(a, n) + margin over the semi-hard triplets of a batch; d is the squared distance.

    All pairs of an anchor a and a positive p of the same identity are taken, in both orders, and with each pair all
    negatives n with d(a, p) < d(a, n) < d(a, p) + margin: farther than the positive, but not by the margin.

    Args:
        labels: Identity of each embedding, (n,) or (n, 1), whole numbers.
        embeddings: float (n, size), of length one (`normalise`), or the margin has no unit.
        margin: By how much a negative should be farther.

    Returns:
        A number, 0 or more. Where no triplet is semi-hard it is 0, and so is its gradient: the batch changes nothing.
        That is so, too, of a network that has collapsed to one point.

    Raises:
        ValueError: If shapes do not fit, or the margin is not positive. Outside of `tf.function` (inside of it labels
            are not yet known) also if no two labels are equal, or all are.

    Source: Eq. 3 and 4 with the mining of Sec. 3.2; the paper adds the triplets up, this is their mean.
    """
    _, _, violations, mined = _semi_hard(labels, embeddings, margin)
    mined = tf.cast(mined, violations.dtype)
    return tf.reduce_sum(violations * mined) / tf.maximum(tf.reduce_sum(mined), 1)


def mined_triplets(labels: ArrayLike, embeddings: ArrayLike, *, margin: float = 0.2) -> NDArray[np.int64]:
    """Which triplets `semi_hard_triplet_loss` takes.

    Args:
        labels: As there.
        embeddings: As there.
        margin: As there.

    Returns:
        int64 (triplets, 3), rows of anchor, positive and negative, in rising order.

    Raises:
        ValueError: As there.
    """
    anchors, positives, _, mined = _semi_hard(labels, embeddings, margin)
    pair, negative = np.nonzero(mined.numpy())
    return np.stack([anchors.numpy()[pair], positives.numpy()[pair], negative], axis=1).astype(np.int64)


def _semi_hard(
    labels: ArrayLike, embeddings: ArrayLike, margin: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Anchors and positives (pairs,); d(a, p) - d(a, n) + margin and whether it is mined, (pairs, n)."""
    check_positive("margin", margin)
    identities, points = tf.convert_to_tensor(labels), tf.convert_to_tensor(embeddings)
    _check_shapes(identities, points)
    identities = tf.reshape(identities, [-1])
    same = identities[:, None] == identities[None, :]  # (n, n)
    if tf.executing_eagerly():
        _check_identities(same.numpy())
    # (n, n): differences, not |x|^2 + |y|^2 - 2xy, whose rounding would mine triplets among equal points
    distances = tf.reduce_sum((points[:, None] - points[None]) ** 2, axis=-1)
    pairs = same & ~tf.eye(tf.shape(points)[0], dtype=tf.bool)
    anchors, positives = tf.unstack(tf.where(pairs), num=2, axis=1)
    to_positive = tf.boolean_mask(distances, pairs)[:, None]  # (pairs, 1)
    to_all = tf.gather(distances, anchors)  # (pairs, n)
    negative = ~tf.gather(same, anchors)
    mined = negative & (to_positive < to_all) & (to_all < to_positive + margin)
    return anchors, positives, to_positive - to_all + margin, mined


def _check_shapes(labels: tf.Tensor, embeddings: tf.Tensor) -> None:
    if not embeddings.dtype.is_floating or embeddings.shape.rank != 2:
        raise ValueError(
            f"embeddings must be float (n, size), got {embeddings.dtype.name} of shape {tuple(embeddings.shape)}"
        )
    fits = labels.shape.rank == 1 or (labels.shape.rank == 2 and labels.shape[1] == 1)
    if not fits or not labels.shape[:1].is_compatible_with(embeddings.shape[:1]):
        raise ValueError(
            f"labels must be one identity an embedding, (n,) or (n, 1), got shape {tuple(labels.shape)} "
            f"for embeddings {tuple(embeddings.shape)}"
        )


def _check_identities(same: NDArray[np.bool_]) -> None:
    if same.all():
        raise ValueError("labels must name at least two identities, got one; a triplet needs a negative")
    if same.sum() == len(same):
        raise ValueError("labels must name an identity twice, got none; batches of `balanced_batches` have such pairs")
