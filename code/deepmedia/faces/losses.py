"""Losses that train embeddings of faces: FaceNet's compares faces with each other, ArcFace's with people's centres.

Source: Schroff et al. (2015), "FaceNet: A Unified Embedding for Face Recognition and Clustering", arXiv:1503.03832;
Deng et al. (2019), "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", arXiv:1801.07698.
"""

import math

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count, check_number, check_positive
from deepmedia.faces.networks import normalise

ROUNDING = 1e-2  # by how much a cosine may miss -1..1, also in float16


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


def arcface_loss(labels: ArrayLike, cosines: ArrayLike, *, margin: float = 0.5, scale: float = 64.0) -> tf.Tensor:
    """Softmax cross-entropy of scaled cosines, where the angle to the own class counts as larger by the margin.

    L = -mean log(e^(s cos(θ_y + m)) / (e^(s cos(θ_y + m)) + sum over the other classes j of e^(s cos θ_j)))

    Where θ_y + m would pass π, its cosine would rise again. There cos θ_y - m sin m stands in its place, as in the
    authors' code (github.com/deepinsight/insightface): it falls on, behind a step down of cos m + m sin m - 1. At
    cos θ_y = 1 and -1 the slope of sin θ_y, which is infinite, counts as 0, so that gradients are finite.

    Args:
        labels: Class of each embedding, (n,) or (n, 1), whole numbers 0 .. classes - 1.
        cosines: Of the angles between embeddings and the classes' centres (`ArcFace`), float (n, classes).
        margin: m, an angle in radians, 0 <= m < π / 2. With 0 this is the softmax loss of normalised embeddings.
        scale: s, above 0.

    Returns:
        A number, 0 or more.

    Raises:
        TypeError: If margin or scale is no number.
        ValueError: If shapes do not fit, or margin or scale is out of range. Outside of `tf.function` also if a label
            is no class, or a cosine lies outside of -1..1.

    Source: Deng et al. (2019), Eq. 3, with their m = 0.5 and s = 64.
    """
    _check_settings(margin, scale)
    classes, table = tf.convert_to_tensor(labels), tf.convert_to_tensor(cosines)
    _check_shapes(classes, table, "cosines", "(n, classes)")
    if tf.executing_eagerly():
        _check_classes(classes.numpy(), table.numpy())
    classes = tf.cast(tf.reshape(classes, [-1]), tf.int32)
    own = tf.gather(table, classes, batch_dims=1)  # cos θ_y, (n,)
    is_own = tf.one_hot(classes, tf.shape(table)[1], on_value=True, off_value=False)
    logits = scale * tf.where(is_own, _with_margin(own, margin)[:, None], table)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits))


class ArcFace(keras.layers.Layer):
    """ArcFace's loss with the centres of the classes, which it learns beside the network.

    Called with labels, whole numbers 0 .. classes - 1 (n,), and embeddings, float (n, embedding_size) of any length, it
    gives `arcface_loss` of the cosines between each embedding and each centre. `fit_embeddings` takes it for its loss.
    Verifying faces needs no centres: after the training only the network is kept.

    Args:
        classes: Number of people to tell apart in training.
        embedding_size: Numbers in an embedding.
        margin: As in `arcface_loss`.
        scale: As there.
        seed: Of the first centres.

    Raises:
        TypeError: If a number is of another kind.
        ValueError: If a number is out of range; in a call as `arcface_loss`.
    """

    def __init__(
        self, classes: int, embedding_size: int, *, margin: float = 0.5, scale: float = 64.0, seed: int = 0
    ) -> None:
        check_count("classes", classes)
        check_count("embedding_size", embedding_size)
        _check_settings(margin, scale)
        super().__init__(name="arcface")
        self.margin, self.scale = margin, scale
        self.centres = self.add_weight(
            shape=(classes, embedding_size), initializer=keras.initializers.GlorotUniform(seed), name="centres"
        )

    def cosines(self, embeddings: keras.KerasTensor) -> keras.KerasTensor:
        """Cosine of the angle between each embedding and each centre, float (n, classes), -1..1."""
        return keras.ops.matmul(normalise(embeddings), keras.ops.transpose(normalise(self.centres)))

    def call(self, labels: keras.KerasTensor, embeddings: keras.KerasTensor) -> keras.KerasTensor:
        """The loss of a batch, a number."""
        return arcface_loss(labels, self.cosines(embeddings), margin=self.margin, scale=self.scale)


def _with_margin(cosine: tf.Tensor, margin: float) -> tf.Tensor:
    """cos(θ + m) = cos θ cos m - sin θ sin m up to θ = π - m, and cos θ - m sin m from there on."""
    squared_sine = (1 - cosine) * (1 + cosine)
    inside = squared_sine > 0  # rounded cosines can pass 1
    sine = tf.where(inside, tf.sqrt(tf.where(inside, squared_sine, 1)), 0)  # both, or the gradient is NaN
    turned = cosine * math.cos(margin) - sine * math.sin(margin)
    return tf.where(cosine > -math.cos(margin), turned, cosine - margin * math.sin(margin))


def _semi_hard(
    labels: ArrayLike, embeddings: ArrayLike, margin: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Anchors and positives (pairs,); d(a, p) - d(a, n) + margin and whether it is mined, (pairs, n)."""
    check_positive("margin", margin)
    identities, points = tf.convert_to_tensor(labels), tf.convert_to_tensor(embeddings)
    _check_shapes(identities, points, "embeddings", "(n, size)")
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


def _check_shapes(labels: tf.Tensor, rows: tf.Tensor, name: str, form: str) -> None:
    if not rows.dtype.is_floating or rows.shape.rank != 2:
        raise ValueError(f"{name} must be float {form}, got {rows.dtype.name} of shape {tuple(rows.shape)}")
    fits = labels.shape.rank == 1 or (labels.shape.rank == 2 and labels.shape[1] == 1)
    if not fits or not labels.shape[:1].is_compatible_with(rows.shape[:1]):
        raise ValueError(
            f"labels must be one identity an embedding, (n,) or (n, 1), got shape {tuple(labels.shape)} "
            f"for {name} {tuple(rows.shape)}"
        )


def _check_identities(same: NDArray[np.bool_]) -> None:
    if same.all():
        raise ValueError("labels must name at least two identities, got one; a triplet needs a negative")
    if same.sum() == len(same):
        raise ValueError("labels must name an identity twice, got none; batches of `balanced_batches` have such pairs")


def _check_settings(margin: float, scale: float) -> None:
    check_number("margin", margin, "an angle of at least 0 and below pi / 2", low=0, high=math.pi / 2, ends="[)")
    check_positive("scale", scale)


def _check_classes(labels: np.ndarray, cosines: np.ndarray) -> None:
    wrong = (labels != np.round(labels)) | (labels < 0) | (labels >= cosines.shape[1])
    if wrong.any():
        raise ValueError(
            f"labels must be whole numbers 0..{cosines.shape[1] - 1}, a column of cosines each, got {labels[wrong][0]}"
        )
    if cosines.size == 0 or not np.abs(cosines).max() <= 1 + ROUNDING:  # NaN is not, either
        raise ValueError(
            f"cosines must lie in -1..1, got {cosines.flat[np.argmax(np.abs(cosines))] if cosines.size else 'none'}; "
            "are they logits?"
        )
