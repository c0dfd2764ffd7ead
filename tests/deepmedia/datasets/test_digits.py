"""The digits and their frozen split."""

import hashlib

import numpy as np
import pytest
from sklearn.datasets import load_digits

from deepmedia.datasets import digits


def test_splits_are_frozen():
    # A change here would silently change every result on the digits.
    sums = {}
    for split in ("train", "validation", "test"):
        images, labels = digits(split)
        sums[split] = hashlib.sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert sums == {
        "train": "a06ea32c0eba841f5b269b8790ceae9e7930397a7887151f661340218be109cd",
        "validation": "0c588cbaf39507387b79c4e47c7e2223759a5cea6abe2e3a1dfddf604cc0b0f2",
        "test": "dbc7af74908c4dba879e11cb91f4cdaf74ad3410e74594ed658be78d1a4bee57",
    }


@pytest.mark.parametrize(("split", "count"), [("train", 1077), ("validation", 360), ("test", 360)])
def test_a_split_has_its_documented_shape_and_range(split, count):
    images, labels = digits(split)
    assert (images.shape, labels.shape) == ((count, 8, 8), (count,))
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0, 16)


def test_splits_together_are_all_digits_once():
    def rows(images, labels):
        return sorted(image.tobytes() + bytes([label]) for image, label in zip(images, labels, strict=True))

    data = load_digits()
    parts = [digits(split) for split in ("train", "validation", "test")]
    together = rows(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
    assert together == rows(data.images.astype(np.uint8), data.target)


def test_held_out_splits_have_36_of_each_digit():
    for split in ("validation", "test"):
        np.testing.assert_array_equal(np.bincount(digits(split)[1]), [36] * 10)


def test_a_split_keeps_the_order_of_scikit_learn():
    every = [image.tobytes() for image in load_digits().images.astype(np.uint8)]
    positions = [every.index(image.tobytes()) for image in digits("test")[0]]
    assert positions == sorted(positions)


def test_the_default_is_training_data():
    np.testing.assert_array_equal(digits()[0], digits("train")[0])


@pytest.mark.parametrize("split", ["val", "", None])
def test_another_split_is_refused(split):
    with pytest.raises(ValueError, match="split must be 'train', 'validation' or 'test', got"):
        digits(split)
