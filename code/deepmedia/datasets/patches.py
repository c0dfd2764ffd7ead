"""Small patches of photographs with and without a face."""

import hashlib

import numpy as np
from numpy.typing import NDArray

PATCHES_SHA256 = "4621670220ef7f4ca9261a20601e1aaa9d7d4275b6535ce42cd1abed1b185953"  # of the bytes


def lfw_patches() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Patches of photographs that were published with the news: 100 faces, and 100 from their backgrounds.

    Returns:
        Faces, uint8 (100, 25, 25), and others, uint8 (100, 25, 25), grey, 0 to
        255. A face fills its patch from the brows to the chin. They are in
        scikit-image's order, its floats rounded to whole grey values.

    Raises:
        ValueError: If this scikit-image holds other patches.

    Source: scikit-image's `skimage.data.lfw_subset`, drawn from Labeled Faces in
        the Wild: Huang et al. (2007), University of Massachusetts, Amherst,
        Technical Report 07-49.

    >>> faces, others = lfw_patches()
    >>> faces.shape, others.shape
    ((100, 25, 25), (100, 25, 25))
    """
    from skimage import data

    patches = np.rint(255 * np.asarray(data.lfw_subset())).astype(np.uint8)
    if hashlib.sha256(patches.tobytes()).hexdigest() != PATCHES_SHA256:
        raise ValueError(
            "skimage.data.lfw_subset holds other patches than those of scikit-image 0.26; install that version"
        )
    return patches[:100], patches[100:]
