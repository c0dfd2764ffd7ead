"""Handwritten digits, 8 x 8 pixels, with a split that never changes."""

import numpy as np
from numpy.typing import NDArray

HELD_OUT = 36  # of each digit, in the test split and again in the validation split
SEED = 0


def digits(split: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Handwritten digits, 8 x 8 pixels, with their values.

    The 1,797 digits inside scikit-learn, split once and for all: 36 of each
    digit drawn with seed 0 are the test data, 36 more the validation data, and
    the rest the training data. Within a split they keep scikit-learn's order.
    The same people wrote in all three splits.

    Args:
        split: ``"train"`` (1,077), ``"validation"`` (360) or ``"test"``
            (360).

    Returns:
        Images, uint8 (n, 8, 8), 0 (paper) to 16 (ink: how many of 4 x 4 finer
        pixels were on), and labels, int64 (n,), 0 to 9.

    Raises:
        ValueError: If the split is none of the three.

    Source: E. Alpaydin and C. Kaynak (1998), "Optical Recognition of
        Handwritten Digits", UCI Machine Learning Repository; its test part, as
        `sklearn.datasets.load_digits` ships it.

    >>> images, labels = digits("test")
    >>> images.shape, int(images.max()), labels[:5].tolist()
    ((360, 8, 8), 16, [3, 7, 3, 9, 0])
    """
    from sklearn.datasets import load_digits  # takes long to import

    names = ("test", "validation", "train")
    if split not in names:
        raise ValueError(f"split must be 'train', 'validation' or 'test', got {split!r}")
    data = load_digits()
    labels = data.target.astype(np.int64)
    chosen = _splits(labels)[names.index(split)]
    return data.images[chosen].astype(np.uint8), labels[chosen]


def _splits(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Indices of the test, validation and training data, each in rising order."""
    # RandomState, not default_rng: NumPy promises that its stream stays the same in all versions (NEP 19).
    random = np.random.RandomState(SEED)
    drawn = [random.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    parts = [np.split(indices, [HELD_OUT, 2 * HELD_OUT]) for indices in drawn]
    return [np.sort(np.concatenate(same_split)) for same_split in zip(*parts, strict=True)]
