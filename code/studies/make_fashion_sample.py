"""Make the Fashion-MNIST sample that ships in the package: python -m studies.make_fashion_sample.

It takes the first 2,000 photographs of each class of the training file and the
first 200 of each class of the test file, keeps them in file order, and writes
them in the same format, so that one reader reads both. Needs the whole files
(31 MB, `fetch` gets them) and a few seconds.
"""

import gzip
import struct

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.fetching import fetch
from deepmedia.datasets.idx import read_idx
from studies.packaged_files import write

PER_CLASS = {"train": 2000, "t10k": 200}  # prefix of the files -> photographs of each class


def first_of_each(labels: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Indices of the first `count` rows of each class, rising.

    >>> first_of_each(np.array([1, 0, 1, 1, 0, 0], np.uint8), 2)
    array([0, 1, 2, 4])
    """
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]))


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    """An array of bytes in the IDX format (the table is in `read_idx`).

    >>> idx_bytes(np.array([[7], [8]], np.uint8)).hex(" ", -4)
    '00000802 00000002 00000001 0708'
    """
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 0x08, values.ndim, *values.shape) + values.tobytes()


def sample() -> dict[str, bytes]:
    """The sample's files, not yet packed, by name."""
    files = {}
    for prefix, count in PER_CLASS.items():
        images_name, labels_name = f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"
        labels = read_idx(fetch(f"fashion-mnist/{labels_name}"))
        chosen = first_of_each(labels, count)
        files[images_name] = idx_bytes(read_idx(fetch(f"fashion-mnist/{images_name}"))[chosen])
        files[labels_name] = idx_bytes(labels[chosen])
    return files


def main() -> None:
    """Write the sample into the package."""
    write({f"fashion-mnist/{name}": gzip.compress(content, 9, mtime=0) for name, content in sample().items()})


if __name__ == "__main__":
    main()
