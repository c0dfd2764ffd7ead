"""Fashion-MNIST: small photographs of garments from an on-line clothes shop."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.fetching import fetch
from deepmedia.datasets.idx import read_idx
from deepmedia.datasets.packaged import FILES

# In label order: class 0 is "T-shirt/top".
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_PREFIXES = {"train": "train", "test": "t10k"}  # split -> how its files are called


def fashion_mnist(split: str = "train", *, full: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Photographs of garments, 28 x 28 pixels, grey, with their classes.

    The sample in the package holds the first 2,000 photographs of each class
    of the training file and the first 200 of each class of the test file, in
    file order. Nothing is scaled or shuffled. There is no validation split:
    take it off the training data.

    Args:
        split: ``"train"`` or ``"test"``.
        full: All photographs, from the registry (31 MB), in place of the
            sample.

    Returns:
        Images, uint8 (n, 28, 28), 0 (background) to 255, and labels, int64
        (n,), 0 to 9, which index `FASHION_CLASSES`. n is 20,000 and 2,000 in
        the sample, 60,000 and 10,000 in full.

    Raises:
        ValueError: If the split is neither.
        DataUnavailable: If the full data can't be had; the sample always can.

    Source: Xiao, Rasul and Vollgraf (2017), "Fashion-MNIST: a Novel Image
        Dataset for Benchmarking Machine Learning Algorithms",
        arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist,
        MIT licence, (c) 2017 Zalando SE.

    >>> images, labels = fashion_mnist("test")
    >>> images.shape, FASHION_CLASSES[labels[0]]
    ((2000, 28, 28), 'Ankle boot')
    """
    if split not in _PREFIXES:
        raise ValueError(f"split must be 'train' or 'test', got {split!r}; take validation data off the training data")
    prefix = _PREFIXES[split]
    images = read_idx(_file(f"{prefix}-images-idx3-ubyte.gz", full=full))
    labels = read_idx(_file(f"{prefix}-labels-idx1-ubyte.gz", full=full))
    return images, labels.astype(np.int64)


def _file(name: str, *, full: bool) -> Path:
    return fetch(f"fashion-mnist/{name}") if full else FILES / "fashion-mnist" / name
