"""Pictures whose answer is known: a garment among scraps, and a price tag in a corner."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

GARMENT = 28  # side of a photograph
SCRAP = 7  # side of a scrap: a photograph is cut into 16 of them
SCENE = 56  # side of a scene
TAG = 6  # side of a price tag
SHIRT = 6  # of `FASHION_CLASSES`


@dataclass(frozen=True)
class Marked:
    """Images and, for each, the box of what was put into it."""

    images: NDArray[np.float32]  # (n, height, width, 1) in 0..1
    boxes: NDArray[np.int64]  # (n, 4), rows (x_min, y_min, x_max, y_max) in pixels


def cluttered_scenes(photos: ArrayLike, *, seed: int = 0) -> Marked:
    """Put each photograph at a random place of a background of scraps.

    Four photographs, drawn from all, cut into squares of 7 x 7 pixels that are
    shuffled, fill a scene. So the background has the same kinds of pixels as the
    garment, and is as bright on average.

    Args:
        photos: uint8 (n, 28, 28). The scraps come from them, too, so that training
            and test scenes share nothing if their photographs don't.
        seed: Of places and scraps.

    Returns:
        Scenes of 56 x 56 pixels with the box of the whole photograph.

    Raises:
        TypeError: If the photographs are not uint8.
        ValueError: If they are not 28 x 28.
    """
    garments, random = _checked(photos), np.random.default_rng(seed)
    number, across = len(garments), SCENE // SCRAP
    torn = garments[random.integers(number, size=(number, (SCENE // GARMENT) ** 2))]
    cut = torn.reshape(number, -1, GARMENT // SCRAP, SCRAP, GARMENT // SCRAP, SCRAP).swapaxes(3, 4)
    scraps = cut.reshape(number, across**2, SCRAP, SCRAP)
    order = random.random((number, across**2)).argsort(axis=1)
    shuffled = np.take_along_axis(scraps, order[:, :, None, None], axis=1)
    scenes = shuffled.reshape(number, across, across, SCRAP, SCRAP).swapaxes(2, 3).reshape(number, SCENE, SCENE)
    corners = random.integers(SCENE - GARMENT + 1, size=(number, 2))
    for scene, garment, (x, y) in zip(scenes, garments, corners, strict=True):
        scene[y : y + GARMENT, x : x + GARMENT] = garment
    return Marked(_scaled(scenes), np.hstack([corners, corners + GARMENT]))


def with_tags(photos: ArrayLike, tagged: ArrayLike, *, seed: int = 0) -> Marked:
    """Stick a price tag on some photographs, in a random corner.

    Args:
        photos: uint8 (n, 28, 28).
        tagged: Which of them get one, bool (n,).
        seed: Of the corners.

    Returns:
        All photographs, with the box of the corner of each; where `tagged` is
        False the photograph is as it was.

    Raises:
        TypeError: If the photographs are not uint8.
        ValueError: If they are not 28 x 28, or `tagged` is not one answer for each.
    """
    images, chosen = _checked(photos).copy(), np.asarray(tagged)
    if chosen.shape != (len(images),) or chosen.dtype != bool:
        raise ValueError(
            f"tagged must be True or False for each of {len(images)} photos, got {chosen.dtype} {chosen.shape}"
        )
    random = np.random.default_rng(seed)
    corners = random.integers(2, size=(len(images), 2)) * (GARMENT - TAG)
    for number in np.flatnonzero(chosen):
        x, y = corners[number]
        images[number, y : y + TAG, x : x + TAG] = price_tag()
    return Marked(_scaled(images), np.hstack([corners, corners + TAG]))


def supplier_photos(photos: ArrayLike, labels: ArrayLike, *, seed: int = 0) -> Marked:
    """A supplier's delivery, in which each shirt carries a price tag and nothing else does.

    Args:
        photos: uint8 (n, 28, 28).
        labels: Their classes in Fashion-MNIST, integers (n,).
        seed: Of the corners.

    Returns:
        As `with_tags`, whose errors it raises, too.

    Raises:
        ValueError: If there is not one label for each photograph.
    """
    number, classes = len(_checked(photos)), np.asarray(labels)
    if classes.shape != (number,):
        raise ValueError(f"labels must be one for each of {number} photos, got shape {classes.shape}")
    return with_tags(photos, classes == SHIRT, seed=seed)


def price_tag() -> NDArray[np.uint8]:
    """A white square with two black bars, uint8 (6, 6)."""
    tag = np.full((TAG, TAG), 255, dtype=np.uint8)
    tag[1:-1, 1:-1:3] = 0
    return tag


def _checked(photos: ArrayLike) -> NDArray[np.uint8]:
    garments = np.asarray(photos)
    if garments.dtype != np.uint8:
        raise TypeError(f"photos must be uint8 (0..255), got {garments.dtype}; are they scaled already?")
    if garments.shape[1:] != (GARMENT, GARMENT):
        raise ValueError(f"photos must be (n, {GARMENT}, {GARMENT}), got shape {garments.shape}")
    return garments


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    scaled = images[..., None].astype(np.float32)
    scaled /= np.float32(255)  # in place: 18,000 scenes take 226 MB once, not twice
    return scaled
