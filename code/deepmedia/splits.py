"""Validation data split off the training data, so that the test data stays unseen."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split


def train_validation_split(
    labels: ArrayLike, *, validation: int, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of training and validation cases, each class in the same share.

    Args:
        labels: Class of each case, integers (n,).
        validation: How many cases the validation part gets, over all classes.
        seed: Of the draw.

    Returns:
        Sorted indices of the training part and of the validation part; together
        they are all cases, and no case is in both.

    Raises:
        ValueError: If either part would lack a class.
    """
    classes = np.asarray(labels)
    number = len(np.unique(classes))
    if not number <= validation <= len(classes) - number:
        raise ValueError(
            f"validation must leave both parts one of each of the {number} classes, got {validation} of {len(classes)}"
        )
    train, held_out = train_test_split(
        np.arange(len(classes)), test_size=validation, stratify=classes, random_state=seed
    )
    return np.sort(train), np.sort(held_out)
