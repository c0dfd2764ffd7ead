"""Experiments of the page "From clip to features": what each step loses, and what tells a way to move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.video import mean_average_precision

GARMENTS = len(FASHION_CLASSES)
STRENGTH = 0.01  # C of the classifiers: small, as there are more numbers than clips


@dataclass(frozen=True)
class FeaturesOfClips:
    """Features of clips with their labels.

    Args:
        features: float32 (clips, frames, numbers).
        labels: uint8 (clips, 18), in the order of `deepmedia.video.CLIP_LABELS`.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.uint8]

    @property
    def motions(self) -> NDArray[np.uint8]:
        """Of each of the four pairs of ways to move whether it is the first, (clips, 4)."""
        return self.labels[:, GARMENTS::2]

    def opposites(self) -> "FeaturesOfClips":
        """The same clips played backwards, which move in the opposite ways."""
        garments, ways = np.split(self.labels, [GARMENTS], axis=1)
        swapped = ways.reshape(-1, 4, 2)[..., ::-1].reshape(-1, 8)
        return FeaturesOfClips(self.features[:, ::-1], np.hstack([garments, swapped]))

    def shuffled(self, orders: NDArray[np.int64]) -> "FeaturesOfClips":
        """The frames of each clip in an order of its own, (clips, frames)."""
        return FeaturesOfClips(np.take_along_axis(self.features, orders[:, :, np.newaxis], axis=1), self.labels)

    def single_frames(self) -> "FeaturesOfClips":
        """Each frame as a clip of one frame."""
        frames = self.features.shape[1]
        return FeaturesOfClips(self.features.reshape(-1, 1, self.features.shape[2]), self.labels.repeat(frames, axis=0))


def accuracy_with_opposites(train: FeaturesOfClips, test: FeaturesOfClips, opposites: FeaturesOfClips) -> float:
    """How often four classifiers, one a pair of ways to move, are right on test clips and their opposites together."""
    right = []
    for pair in range(4):
        model = LogisticRegression(C=STRENGTH, max_iter=300)
        model.fit(train.features.reshape(len(train.labels), -1), train.motions[:, pair])
        for clips in (test, opposites):
            answers = model.predict(clips.features.reshape(len(clips.labels), -1))
            right.append(np.mean(answers == clips.motions[:, pair]))
    return float(np.mean(right))


def motion_accuracies(train: FeaturesOfClips, test: FeaturesOfClips, *, seed: int = 0) -> dict[str, float]:
    """Accuracies of the same classifier on single frames, on shuffled frames and on frames in order.

    A clip and its opposite have the same sets of frames. So each shuffle of a clip is a shuffle of its opposite, too,
    and both are tried with it.
    """
    opposites = test.opposites()
    generator = np.random.default_rng(seed)
    orders, new_orders = (
        generator.permuted(np.tile(np.arange(each.features.shape[1]), (len(each.labels), 1)), axis=1)
        for each in (train, test)
    )
    same_images = new_orders.shape[1] - 1 - new_orders  # of a clip that runs backwards
    return {
        "one frame": accuracy_with_opposites(train.single_frames(), test.single_frames(), opposites.single_frames()),
        "all frames, shuffled": accuracy_with_opposites(
            train.shuffled(orders), test.shuffled(new_orders), opposites.shuffled(same_images)
        ),
        "all frames, in order": accuracy_with_opposites(train, test, opposites),
    }


def garment_precision(train: FeaturesOfClips, test: FeaturesOfClips) -> float:
    """Mean average precision over the ten classes of garments, of classifiers that see a clip's mean features."""
    means, new_means = (each.features.mean(axis=1) for each in (train, test))
    centre, spread = means.mean(axis=0), means.std(axis=0) + 1e-6
    scores = [
        LogisticRegression(C=STRENGTH, max_iter=300)
        .fit((means - centre) / spread, train.labels[:, label])
        .decision_function((new_means - centre) / spread)
        for label in range(GARMENTS)
    ]
    return float(mean_average_precision(1 / (1 + np.exp(-np.transpose(scores))), test.labels[:, :GARMENTS]))


def relative_error(features: NDArray[np.float32], restored: NDArray[np.float32], mean: NDArray[np.float64]) -> float:
    """Mean squared error, divided by the mean squared distance from the mean: 0 loses nothing, 1 everything."""
    return float(((features - restored) ** 2).mean() / ((features - mean) ** 2).mean())
