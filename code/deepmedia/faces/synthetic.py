"""Drawn faces of people who don't exist: as many as wanted, and of each image it is known what it shows.

Drawn, not photographed, so they belong to nobody and need no download; but they are no stand-in for real people:
what a network reaches on them says nothing about photographs.
"""

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.faces.drawn.painting import paint_faces
from deepmedia.faces.drawn.parameters import ATTRIBUTES, SPLITS, draw_parameters

SMALLEST = 16  # pixels; eyes are one pixel wide then
DRAWN_EYE_POSITIONS = ((0.38, 0.49), (0.62, 0.49))  # shares of width and height, on average over faces
AT_ONCE = 32 * 64 * 64  # pixels of a batch: its planes fit into a processor's cache


def synthetic_faces(
    split: str, identities: int, images_per_identity: int, *, size: int = 64, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Faces of drawn people, each in another pose, light, expression, camera and place, some partly hidden.

    The same call gives the same pixels on every processor. An image does not depend on how many are drawn: a larger
    draw holds the smaller one's images. No identity is in two splits, nor in draws of two seeds.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        identities: How many people; there is no end of them.
        images_per_identity: How many images of each.
        size: Height and width in pixels, at least 16. The same face at any size; one core draws 500 or more in a
            second at 64.
        seed: Of the draw.

    Returns:
        Images, float32 (identities * images_per_identity, size, size, 3), RGB, 0..1 in steps of 1 / 255, and the
        identity, int64, 0 to identities - 1 within the split. Images of an identity follow each other. What they
        show, `synthetic_attributes` says.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If the split is none of the three, or a number is too small.

    >>> images, identity = synthetic_faces("test", 2, 3)
    >>> images.shape, identity.tolist()
    ((6, 64, 64, 3), [0, 0, 0, 1, 1, 1])
    """
    attributes = synthetic_attributes(split, identities, images_per_identity, seed=seed)
    return draw_faces(attributes, size=size), attributes["identity"].copy()


def synthetic_attributes(split: str, identities: int, images_per_identity: int, *, seed: int = 0) -> NDArray[np.void]:
    """What each image of `synthetic_faces` with the same arguments shows.

    Args:
        split: As there.
        identities: As there.
        images_per_identity: As there.
        seed: As there.

    Returns:
        A structured array (identities * images_per_identity,), a column for each name of
        `deepmedia.faces.drawn.parameters.GROUPS`: identity (skin tone, hair, beard, proportions), pose, light,
        expression, occlusion and camera. Kinds are int64, places in `HAIR_STYLES`, `BEARDS`, `OCCLUSIONS` and
        `BACKGROUNDS` there; all else is float32.

    Raises:
        TypeError: As there.
        ValueError: As there.

    >>> from deepmedia.faces.drawn.parameters import OCCLUSIONS
    >>> attributes = synthetic_attributes("test", 2, 3)
    >>> [OCCLUSIONS[kind] for kind in attributes["occlusion"]]
    ['none', 'none', 'none', 'glasses', 'none', 'glasses']
    """
    if split not in SPLITS:
        raise ValueError(f"split must be 'train', 'validation' or 'test', got {split!r}")
    check_count("identities", identities)
    check_count("images_per_identity", images_per_identity)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be a whole number, got {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be at least 0 and below 2^64, got {seed}")
    return draw_parameters(split, int(identities), int(images_per_identity), seed=int(seed))


def draw_faces(attributes: NDArray[np.void], *, size: int = 64) -> NDArray[np.float32]:
    """Draw the images that attributes describe, so also those with some of them changed: the same face in other light.

    Args:
        attributes: From `synthetic_attributes`, (n,); a change should keep to the range in `GROUPS`.
        size: Height and width in pixels, at least 16.

    Returns:
        float32 (n, size, size, 3), RGB, 0..1 in steps of 1 / 255.

    Raises:
        TypeError: If the attributes are no such array, or the size is not whole.
        ValueError: If the size is too small.
    """
    check_count("size", size)
    if size < SMALLEST:
        raise ValueError(f"size must be at least {SMALLEST}, got {size}; below that no eye is to be seen")
    if not isinstance(attributes, np.ndarray) or attributes.dtype != ATTRIBUTES or attributes.ndim != 1:
        raise TypeError(
            f"attributes must be rows (n,) from synthetic_attributes, got {type(attributes).__name__} "
            f"of shape {np.shape(attributes)}; one image is attributes[:1]"
        )
    images = np.empty((len(attributes), size, size, 3), np.float32)
    step = max(1, AT_ONCE // size**2)
    for start in range(0, len(attributes), step):
        part = slice(start, start + step)
        np.divide(paint_faces(attributes[part], int(size)), np.float32(255), out=images[part])
    return images
