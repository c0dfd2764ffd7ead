"""Scenes of an on-line shop's garments on real photographs, with a box and a class for each garment.

The garments are those of Fashion-MNIST, coloured, scaled and turned; the backgrounds are photographs that come with
scikit-image and scikit-learn. Everything ships in a package, so results agree everywhere, with and without a network.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.datasets import FASHION_CLASSES
from deepmedia.detection.drawn_scenes.composing import draw_scene
from deepmedia.detection.records import Detections, Truth
from deepmedia.detection.suppression import non_maximum_suppression
from deepmedia.drawing.garments import SPLITS

SMALLEST_SCENE = 320  # pixels; the smallest garments have about the 28 pixels of their photograph then

# Which classes of Fashion-MNIST a shop keeps on one shelf: those of a group are often hard to tell from each other.
GARMENT_GROUPS: dict[str, tuple[int, ...]] = {
    "tops": (0, 2, 4, 6),  # T-shirt, pullover, coat, shirt
    "trousers": (1,),
    "dresses": (3,),
    "shoes": (5, 7, 9),  # sandal, sneaker, ankle boot
    "bags": (8,),
}


def garment_scenes(split: str, count: int, *, size: int = 320, seed: int = 0) -> tuple[NDArray[np.uint8], list[Truth]]:
    """Scenes with one to eight garments each on a photograph, with clutter between them, and their boxes and classes.

    A later garment or piece of clutter hides what it lies on. A box is tight around the pixels of a garment that are
    seen, as those of COCO are; hidden parts are not guessed. A garment is put elsewhere, or left out, rather than
    hide more than 60 % of another one, or overlap its box with an IoU above 0.5. The longer side of each box has 8 to
    50 % of the image's.

    No garment, photograph or digit of the clutter is in two splits: test garments are those of the test sample of
    Fashion-MNIST, those for training and validation two parts of its training sample. Class, paint, size and place
    are drawn independently of each other, but that paint stands out from what is behind it.

    A scene depends on split, seed, size and its number alone: a larger draw begins with the smaller one's scenes. The
    same call gives the same pixels on every processor; the backgrounds for training include JPEG files, whose
    decoders may differ in a last bit.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        count: How many scenes; there is no end of them. A scene of 320 pixels takes 0.3 MB.
        size: Height and width in pixels, at least 320. Layouts at two sizes are alike, but not the same.
        seed: Of the draw.

    Returns:
        Images, uint8 (count, size, size, 3), RGB, and for each the `Truth`, whose class ids index `FASHION_CLASSES` of
        `deepmedia.datasets`.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If the split is none of the three, or a number is too small.

    >>> images, truths = garment_scenes("test", 2)
    >>> images.shape, [len(truth) for truth in truths]
    ((2, 320, 320, 3), [8, 2])
    """
    if split not in SPLITS:
        raise ValueError(f"split must be 'train', 'validation' or 'test', got {split!r}")
    check_count("count", count)
    check_count("size", size)
    if size < SMALLEST_SCENE:
        raise ValueError(
            f"size must be at least {SMALLEST_SCENE}, got {size}; below that the smallest garments, of 8 % of it, "
            "can't be told from each other: draw larger scenes and reduce these"
        )
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be a whole number, got {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be at least 0 and below 2^64, got {seed}")
    images = np.empty((count, size, size, 3), np.uint8)
    truths = []
    for number in range(count):
        scene = draw_scene(split, number, size=int(size), seed=int(seed))
        images[number] = scene.image
        seen = scene.garments
        truths.append(
            Truth(np.array([layer.box for layer in seen]), np.array([layer.class_id for layer in seen], np.int64))
        )
    return images, truths


def garment_group_ids(class_ids: ArrayLike) -> NDArray[np.int64]:
    """The group of each class, as a place in `GARMENT_GROUPS`.

    Args:
        class_ids: Integers, 0 to 9, of any shape.

    Returns:
        int64 of the same shape, 0 to 4.

    Raises:
        TypeError: If they are not integers.
        ValueError: If one is no class of Fashion-MNIST.

    >>> [list(GARMENT_GROUPS)[group] for group in garment_group_ids([0, 7, 8])]
    ['tops', 'shoes', 'bags']
    """
    ids = np.asarray(class_ids)
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"class_ids must be integers, got {ids.dtype}")
    if ids.size and not (ids.min() >= 0 and ids.max() < len(FASHION_CLASSES)):
        raise ValueError(f"class_ids must lie in 0..{len(FASHION_CLASSES) - 1}, got {ids.min()} to {ids.max()}")
    groups = np.empty(len(FASHION_CLASSES), np.int64)
    for group, classes in enumerate(GARMENT_GROUPS.values()):
        groups[list(classes)] = group
    return groups[ids.astype(np.int64)]


def in_garment_groups(
    truths: Sequence[Truth], detections: Sequence[Detections], *, nms_threshold: float = 0.45
) -> tuple[list[Truth], list[Detections]]:
    """The same boxes with their groups in place of their classes.

    A detector that hesitates between shirt and coat gives one box to both, which are now two boxes of one group on
    one garment. So the surest of those that overlap stays, as in `non_maximum_suppression`.

    Args:
        truths: One an image, with classes of Fashion-MNIST.
        detections: One an image.
        nms_threshold: IoU in 0..1 up to which two boxes of a group both stay.

    Returns:
        Truths and detections, whose class ids are places in `GARMENT_GROUPS`; for `coco_metrics` and the like.

    Raises:
        ValueError: If a class is none of Fashion-MNIST, or the threshold lies outside 0..1.

    >>> shirt_or_coat = Detections([[0, 0, 9, 9], [0, 0, 9, 9]], [0.3, 0.6], [6, 4])
    >>> _, (found,) = in_garment_groups([], [shirt_or_coat])
    >>> found.class_ids, found.scores
    (array([0]), array([0.6], dtype=float32))
    """
    grouped = []
    for found in detections:
        groups = garment_group_ids(found.class_ids)
        kept = non_maximum_suppression(found.boxes, found.scores, groups, threshold=nms_threshold)
        grouped.append(Detections(found.boxes[kept], found.scores[kept], groups[kept]))
    return [Truth(truth.boxes, garment_group_ids(truth.class_ids), truth.is_crowd) for truth in truths], grouped
