"""The Olivetti faces: 40 people, ten photographs each."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.fetching import DataUnavailable, fetch

BRIGHTEST = 242  # pixel of all photographs; scikit-learn divides by it
PHOTOS_SHA256 = "a3f75007cc103363b61a63e06bec8ea4846407682ef6e7c9ae1eb9c1bd0e8a00"  # of the bytes before that


def olivetti() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Photographs of 40 people, ten of each, 64 x 64 pixels, grey.

    Real data alone: it may not ship with the package. scikit-learn downloads
    it into the folder `olivetti` of the data folder, once.

    Returns:
        Images, float32 (400, 64, 64), 0 to 1 as scikit-learn gives them, and
        person, int64 (400,), 0 to 39. The ten photographs of a person follow
        each other.

    Raises:
        DataUnavailable: If it can't be had, or the file is damaged.

    Source: AT&T Laboratories Cambridge, 1992 to 1994, for research use, "please
        give credit to AT&T Laboratories Cambridge"; F. Samaria and A. Harter
        (1994), "Parameterisation of a stochastic model for human face
        identification"; in the 64 x 64 version of
        `sklearn.datasets.fetch_olivetti_faces`.
    """
    path = fetch("olivetti/olivetti_py3.pkz")
    from sklearn.datasets import fetch_olivetti_faces  # takes long to import

    try:
        data = fetch_olivetti_faces(data_home=path.parent, shuffle=False, download_if_missing=False)
        images = np.asarray(data.images, np.float32)
        pixels = np.rint(images * BRIGHTEST).astype(np.uint8)
        if hashlib.sha256(pixels.tobytes()).hexdigest() != PHOTOS_SHA256:
            raise ValueError("it holds other photographs")
    except Exception as error:  # a damaged pickle can raise anything
        raise DataUnavailable(
            f"{path} is not the file that scikit-learn makes of the Olivetti faces ({error}). Delete it, and the next "
            "call downloads it again"
        ) from error
    return images, data.target.astype(np.int64)
