"""Real photographs that are there without a network."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.shipped import darknet_file

# In scikit-image's wheel; the others of its names need a network or are drawings.
_SCIKIT_IMAGE = (
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "clock",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "moon",
    "page",
    "retina",
    "rocket",
    "text",
)
_DARKNET = ("dog", "horses", "person")  # in this package

PHOTOS = tuple(sorted(_SCIKIT_IMAGE + _DARKNET))


def photo(name: str) -> NDArray[np.uint8]:
    """A photograph by name, always in colour format.

    Args:
        name: One of `PHOTOS`. astronaut, chelsea (a cat), coffee,
            hubble_deep_field, immunohistochemistry, retina, rocket, dog,
            horses and person are in colour. brick, camera, clock, coins,
            grass, gravel, moon, page and text are grey: their three channels
            are equal.

    Returns:
        uint8 (height, width, 3), RGB, 0 to 255, in the size of the file.

    Raises:
        ValueError: If there is no photograph of that name.

    Source: scikit-image's `skimage.data`, and Darknet's repository for dog,
        horses and person. Licences differ by photograph: see the book's page
        "Data sets and their licences".

    >>> photo("dog").shape
    (576, 768, 3)
    """
    if name not in PHOTOS:
        raise ValueError(f"name must be one of {', '.join(PHOTOS)}, got {name!r}")
    if name in _DARKNET:
        import cv2  # as the detector's reference results were made

        blue_green_red = cv2.imread(str(darknet_file(f"{name}.jpg")), cv2.IMREAD_COLOR)
        return np.asarray(cv2.cvtColor(blue_green_red, cv2.COLOR_BGR2RGB))
    from skimage import data

    image = np.asarray(getattr(data, name)())
    return image if image.ndim == 3 else np.stack([image] * 3, axis=-1)
