"""Kernel ridge regression: a video's topics as a weighted vote of the training videos that are like it.

For videos with features x_i and labels y_i (0 or 1 for each topic), the answer for x is

    y(x) = mean + sum over i of k(x, x_i) a_i,   (K + ridge I) a = y - mean,

where k(x, z) = exp(-|x - z|^2 / width) and K holds k between the training videos. There is one such system for all
topics together, so nothing is trained step by step.

Source: Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", 2nd edition, Sec. 5.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve

from deepmedia.arguments import as_floats, check_count, check_positive
from deepmedia.datasets.youtube8m import TOPICS, VISUAL
from deepmedia.video.metrics import multi_hot

AUDIO_WEIGHT = 0.4  # length of what is heard, where what is seen has length 1
MOST_VIDEOS = 10_000  # the table K of so many has 400 MB
FOR_WIDTH = 1000  # videos between which the distances are measured
LEAST = 1e-6  # probability


@dataclass(frozen=True, eq=False)
class KernelRidge:
    """What `fit_kernel_ridge` found."""

    videos: NDArray[np.float32]  # (n, width), what is seen and what is heard each of its own length
    votes: NDArray[np.float32]  # (n, classes)
    mean: NDArray[np.float32]  # (classes,): the share of the training videos that have a topic
    width: float  # of the kernel: a squared distance
    visual: int  # features that are seen

    def scores(self, features: ArrayLike) -> NDArray[np.float32]:
        """How likely each topic is.

        Args:
            features: (m, features), as they were for the training.

        Returns:
            float32 (m, classes), 1e-6 to 1.

        Raises:
            ValueError: If there are more or fewer features than in the training, or they are not finite.
        """
        rows = _scaled(as_floats(features, "features"), self.visual)
        if rows.shape[1] != self.videos.shape[1]:
            raise ValueError(f"features must be (m, {self.videos.shape[1]}), got {rows.shape}")
        return np.clip(_kernel(rows, self.videos, self.width) @ self.votes + self.mean, LEAST, 1)


def fit_kernel_ridge(
    features: ArrayLike,
    labels: Sequence[ArrayLike],
    *,
    classes: int = TOPICS,
    visual: int = VISUAL,
    ridge: float = 0.1,
    seed: int = 0,
) -> KernelRidge:
    """Kernel ridge regression from a video's features to its topics.

    Args:
        features: (n, features), finite.
        labels: Of each video its topics, integers.
        classes: How many topics there are.
        visual: How many of the features, the first ones, are of the pictures.
        ridge: What is added to the diagonal of K; more of it lets the videos vote more alike.
        seed: Of the draw of 10,000 videos where there are more.

    Returns:
        The fitted model; its kernel is as wide as the median squared distance between training videos.

    Raises:
        TypeError: If a label is not whole.
        ValueError: If features and labels differ in number, there are fewer than two videos, or a number is out of its
            range.
    """
    check_count("classes", classes)
    check_positive("ridge", ridge)
    values = as_floats(features, "features")
    if values.ndim != 2 or not 1 <= visual < values.shape[1]:
        raise ValueError(f"features must be (n, more than visual={visual}), got {values.shape}")
    if len(values) != len(labels) or len(values) < 2:
        raise ValueError(f"labels must be one list for each of at least 2 videos, got {len(labels)} for {len(values)}")
    random = np.random.default_rng(seed)
    order = np.arange(len(values))
    if len(order) > MOST_VIDEOS:
        order = np.sort(random.choice(order, MOST_VIDEOS, replace=False))
    videos = _scaled(values[order], visual)
    targets = np.asfortranarray(multi_hot([labels[row] for row in order.tolist()], classes), np.float32)
    mean = targets.mean(axis=0)
    targets -= mean
    some = videos[random.permutation(len(videos))[:FOR_WIDTH]]
    distances = _squared_distances(some, some)[np.triu_indices(len(some), 1)]
    width = float(np.median(distances)) or 1.0
    table = _kernel(videos, videos, width)
    table[np.diag_indices(len(table))] += ridge
    factor = cho_factor(table.T, lower=True, overwrite_a=True, check_finite=False)
    votes = np.ascontiguousarray(cho_solve(factor, targets, overwrite_b=True, check_finite=False))
    return KernelRidge(videos, votes, mean, width, visual)


def _scaled(features: NDArray, visual: int) -> NDArray[np.float32]:
    """Both parts at their lengths; one of zeros stays so."""
    parts = []
    for part, length in ((features[:, :visual], 1.0), (features[:, visual:], AUDIO_WEIGHT)):
        norm = np.linalg.norm(part, axis=1, keepdims=True)
        parts.append(part * (length / np.where(norm > 0, norm, 1)))
    return np.concatenate(parts, axis=1).astype(np.float32)


def _kernel(rows: NDArray[np.float32], others: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    table = _squared_distances(rows, others)
    table /= -np.float32(width)
    return np.exp(table, out=table)


def _squared_distances(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    table = rows @ others.T
    table *= -2
    table += np.square(rows).sum(axis=1)[:, None]
    table += np.square(others).sum(axis=1)
    return np.maximum(table, 0, out=table)
