"""Your own objects: a detector from a folder's worth of labelled pictures, built on what YOLOv3-tiny learned from COCO.

The first layers of a trained network find edges, spots and textures, which serve for blood cells as well as for cars,
so they are kept, and only what comes behind them is learned. What stays as it is need not be computed in every epoch:
the first three stages see each picture a few times, each time changed at random, and the training begins from what
they said.

Source: Yosinski et al. (2014), "How transferable are features in deep neural networks?", arXiv:1411.1792, for first
layers that serve other tasks; Redmon and Farhadi (2018), arXiv:1804.02767v1, Sec. 2.3, for the three scales.
Departs from YOLOv3-tiny: a third head on an 8th of the side, for small objects; its seventh convolution, which holds
half of all weights, is left out; neck and heads are those of `small_yolo`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.cnn.blocks import Shape, check_input_shape
from deepmedia.detection.anchors import FittedAnchors, anchors_by_k_means
from deepmedia.detection.detector import Detector
from deepmedia.detection.folding import fold_normalisation
from deepmedia.detection.labelled_folder import read_any_picture
from deepmedia.detection.letterboxing import Letterbox, check_image, letterbox
from deepmedia.detection.moving_boxes import BoxAugmentation, augment_boxes
from deepmedia.detection.records import Truth
from deepmedia.detection.small_yolo import NECK, darknet_conv, doubt_objects, enlarged_beside, raw_head
from deepmedia.detection.trained import trained_yolo_tiny
from deepmedia.detection.training import AfterEpoch, fit_detector
from deepmedia.detection.yolo import LEAKY_SLOPE, STEP, TINY_FILTERS, copy_alike_layers

# [recipe]
SIDE = 416  # pixels of the input's longer side
ANCHORS = 9  # three for each of three heads
FROZEN = ("stage4_conv",)  # never trained; nor are the stages before it, so they are computed beforehand
LATER = ("stage5_conv", "stage6_conv")  # frozen in the first part of the training
FIRST_PART, FIRST_RATE = 0.6, 3e-3  # share of the epochs with the whole backbone frozen, and the peak rate
SECOND_RATE = 1e-3  # the peak rate once stages 5 and 6 learn, too
BATCH = 4  # pictures a step
PICTURES_SEEN = 3000  # in all epochs together, if the next line allows it
FEWEST_EPOCHS, MOST_EPOCHS = 8, 60
CHANGED = 820  # pictures with random changes, made once
FEWEST_VERSIONS, MOST_VERSIONS = 2, 16  # of each picture
THRESHOLD, NMS_THRESHOLD = 0.4, 0.45
# [/recipe]
STEM_END = "stage3_pool"
TOGETHER = 2  # pictures that go through the first stages at once, so that their feature maps fit the cache

Picture = NDArray[np.uint8] | str | Path


@dataclass(frozen=True, eq=False)
class OwnDetector:
    """What `train_own_objects` gives."""

    detector: Detector
    anchors: FittedAnchors
    log: dict[str, list[float]]  # a value an epoch, as of `fit_detector`; both parts of the training after each other
    epochs: tuple[int, int]  # with the whole backbone frozen, and with its last stages learning


def train_own_objects(
    pictures: Sequence[Picture],
    truths: Sequence[Truth],
    class_names: Sequence[str],
    *,
    side: int = SIDE,
    epochs: int | None = None,
    augmentation: BoxAugmentation | None = None,
    after_epoch: AfterEpoch | None = None,
    seed: int = 0,
) -> OwnDetector:
    """From labelled pictures to a detector, with all settings made from the data.

    Args:
        pictures: RGB, uint8 (height, width, 3), or files, of any sizes; files are read when they are needed.
        truths: The boxes of each, in pixels of it. A picture may have none; some must have.
        class_names: In the order of the class ids.
        side: Of the network's input, pixels; a multiple of 32. The shorter side follows from the pictures' shapes.
        epochs: Passes over the pictures; None: as many as show about 3,000 pictures, at least 8 and at most 60.
        augmentation: What may change at random; None: the default of `BoxAugmentation`.
        after_epoch: Called with the number of the epoch and the log so far.
        seed: Of the weights, the changes, and the order.

    Returns:
        The detector, its anchors and the training's log.

    Raises:
        TypeError: If a picture is neither an array of uint8 nor a file.
        ValueError: If pictures, truths and names do not fit each other, or no picture has a box.
        FloatingPointError: If the training fails.
    """
    names = _checked(pictures, truths, class_names)
    input_size = input_size_for([_picture(each).shape[:2] for each in pictures], side=side)
    images, moved = letterboxed(pictures, truths, input_size)
    anchors = balanced_anchors(moved, seed=seed)
    keras.utils.set_random_seed(seed)
    model = tiny_transfer((*input_size, 3), classes=len(names), anchors=anchors.anchors)
    whole = epochs_for(len(images)) if epochs is None else epochs
    check_count("epochs", whole)
    parts = first_and_second(whole)
    log = fit_in_two_parts(model, images, moved, parts, augmentation, after_epoch, seed)
    detector = Detector(model, names, threshold=THRESHOLD, nms_threshold=NMS_THRESHOLD)
    return OwnDetector(detector, anchors, log, parts)


def epochs_for(pictures: int) -> int:
    """How many passes over so many pictures.

    >>> [epochs_for(count) for count in (25, 100, 200, 1000)]
    [60, 30, 15, 8]
    """
    return int(np.clip(round(PICTURES_SEEN / pictures), FEWEST_EPOCHS, MOST_EPOCHS))


def versions_for(pictures: int) -> int:
    """How many changed versions of each of so many pictures.

    >>> [versions_for(count) for count in (25, 100, 200, 1000)]
    [16, 8, 4, 2]
    """
    return int(np.clip(round(CHANGED / pictures), FEWEST_VERSIONS, MOST_VERSIONS))


def first_and_second(epochs: int) -> tuple[int, int]:
    """Epochs of the first and second part; of one epoch, the first part is all."""
    first = max(1, round(FIRST_PART * epochs))
    return first, epochs - first


def input_size_for(sizes: Sequence[tuple[int, ...]], *, side: int = SIDE) -> tuple[int, int]:
    """Height and width of an input that fits pictures of such heights and widths.

    Args:
        sizes: Height and width of each picture.
        side: The longer side of the input.

    Returns:
        Multiples of 32; the shorter side fits the middle one of the pictures' proportions, with little grey.

    Raises:
        ValueError: If the side is no multiple of 32.

    >>> input_size_for([(312, 416)]), input_size_for([(900, 600), (800, 800), (800, 800)])
    ((320, 416), (416, 416))
    """
    check_count("side", side)
    if side % STEP:
        raise ValueError(f"side must be a multiple of {STEP}, got {side}; take {-(-side // STEP) * STEP}")
    proportion = float(np.exp(np.median(np.log([height / width for height, width in sizes]))))
    shorter = max(STEP, STEP * round(side * min(proportion, 1 / proportion) / STEP))
    return (side, shorter) if proportion > 1 else (shorter, side)


def letterboxed(
    pictures: Sequence[Picture], truths: Sequence[Truth], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], list[Truth]]:
    """Pictures and boxes in the size of the network's input, with grey where a picture has other proportions.

    Args:
        pictures: As in `train_own_objects`.
        truths: The boxes of each.
        size: Height and width of the input.

    Returns:
        uint8 (n, height, width, 3), and the boxes in pixels of these.
    """
    images = np.empty((len(pictures), *size, 3), np.uint8)
    moved = []
    for row, (each, truth) in enumerate(zip(pictures, truths, strict=True)):
        picture = _picture(each)
        place = Letterbox(picture.shape[:2], size)
        images[row] = np.rint(letterbox(picture, size) * 255)
        boxes = np.clip(place.boxes_on_canvas(truth.boxes), 0, np.tile(size[::-1], 2)).astype(np.float32)
        seen = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        moved.append(Truth(boxes[seen], truth.class_ids[seen], np.asarray(truth.is_crowd)[seen]))
    return images, moved


def balanced_anchors(truths: Sequence[Truth], *, count: int = ANCHORS, seed: int = 0) -> FittedAnchors:
    """Anchors by k-means in which each class counts the same, however rare it is.

    Plain k-means would spend nearly all anchors on the most frequent class.

    Args:
        truths: Of each picture, in pixels of the network's input.
        count: Number of anchors.
        seed: Of the k-means.

    Returns:
        The anchors, by rising area, and their fit. Where fewer than count sizes differ, larger and smaller copies of
        them are taken along.

    Raises:
        ValueError: If there is no box.
    """
    boxes = np.concatenate([np.zeros((0, 4)), *(truth.boxes for truth in truths)])
    class_ids = np.concatenate([np.zeros(0, np.int64), *(truth.class_ids for truth in truths)])
    sizes = boxes[:, 2:] - boxes[:, :2]
    if len(sizes) == 0:
        raise ValueError("truths must hold boxes, these pictures have none; label some, or look at the label report")
    most = np.bincount(class_ids).max()
    even = np.concatenate([np.resize(sizes[class_ids == each], (most, 2)) for each in np.unique(class_ids)])
    factor = 1.0
    while len(np.unique(even, axis=0)) < count:
        factor *= 1.2
        even = np.concatenate([even, sizes * factor, sizes / factor])
    return anchors_by_k_means(even, count, seed=seed)


def tiny_transfer(input_shape: Shape, *, classes: int, anchors: ArrayLike) -> keras.Model:
    """YOLOv3-tiny's trained backbone with a new neck and three new heads.

    The backbone is six convolutions whose normalisation is folded into their kernels: with few pictures its statistics
    should not change, and so it is a part of the kernels from the beginning.

    Args:
        input_shape: Height, width and 3; height and width are multiples of 32.
        classes: How many kinds of objects there are.
        anchors: (anchors, 2), width and height in pixels of the input, by area from small to large, as many for each
            of the three heads.

    Returns:
        The model, from RGB images in 0..1, float (n, height, width, 3), to three raw heads, the coarsest grid first.

    Raises:
        ValueError: If an argument is none of these.
    """
    check_input_shape(input_shape, smallest=STEP, network="tiny_transfer")
    check_count("classes", classes)
    array = np.asarray(anchors, np.float32)
    if input_shape[0] % STEP or input_shape[1] % STEP or input_shape[2] != 3:
        raise ValueError(f"input_shape must be (height, width, 3), multiples of {STEP}, got {input_shape}")
    if array.ndim != 2 or array.shape[1] != 2 or len(array) == 0 or len(array) % 3:
        raise ValueError(f"anchors must be rows (width, height), as many for each of 3 heads, got shape {array.shape}")
    image = keras.Input(input_shape, name="image")
    heads = heads_on_three_grids(image, np.split(array, 3)[::-1], classes)  # the largest anchors on the coarsest grid
    model = keras.Model(image, heads, name="tiny_transfer")
    doubt_objects(model)
    copy_alike_layers(fold_normalisation(trained_yolo_tiny(input_shape)), model)
    return model


def heads_on_three_grids(
    image: keras.KerasTensor, anchors: Sequence[NDArray[np.float32]], classes: int
) -> list[keras.KerasTensor]:
    """Raw heads with cells of 32, 16 and 8 pixels, each from a stage's maps joined with those of the coarser grid."""
    fine, middle, coarse = folded_backbone(image)
    coarse = darknet_conv(coarse, NECK[2], 1, name="neck32")
    middle = enlarged_beside(coarse, middle, NECK[1], name="neck16")
    fine = enlarged_beside(middle, fine, NECK[0], name="neck8")
    features = {"head32": coarse, "head16": middle, "head8": fine}
    return [raw_head(x, table, classes, name=name) for (name, x), table in zip(features.items(), anchors, strict=True)]


def folded_backbone(image: keras.KerasTensor) -> tuple[keras.KerasTensor, ...]:
    """YOLOv3-tiny's first six convolutions: feature maps on an 8th, 16th and 32nd of the image's sides."""
    x, maps = image, []
    for stage, filters in enumerate((*TINY_FILTERS, 2 * TINY_FILTERS[-1]), 1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"stage{stage}_conv")(x)
        x = layers.LeakyReLU(LEAKY_SLOPE, name=f"stage{stage}_leaky")(x)
        maps.append(x)
        if stage <= len(TINY_FILTERS):
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    return tuple(maps[-3:])


def fit_in_two_parts(
    model: keras.Model,
    images: NDArray[np.uint8],
    truths: Sequence[Truth],
    epochs: tuple[int, int],
    augmentation: BoxAugmentation | None = None,
    after_epoch: AfterEpoch | None = None,
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train a network of `tiny_transfer` in place: first neck and heads alone, then stages 5 and 6 as well.

    Args:
        model: The network.
        images: uint8 (n, height, width, 3), in the size of its input.
        truths: The boxes of each, in pixels of the input.
        epochs: Of the two parts; the second may be 0.
        augmentation: What changes at random.
        after_epoch: Called with the number of the epoch, from 0, and the log so far.
        seed: Of changes and order.

    Returns:
        The log of `fit_detector`, the second part's after the first's.
    """
    stem, rest = at_stem(model)
    features, changed = changed_features(stem, images, truths, augmentation, versions_for(len(images)), seed)

    def version(_: NDArray, __: Truth, draw: list[int]) -> tuple[NDArray, Truth]:
        row = draw[-1]
        which = draw[-2] % len(features)
        return features[which, row], changed[which][row]

    log: dict[str, list[float]] = {}
    for part, (count, frozen, peak) in enumerate(
        zip(epochs, (FROZEN + LATER, FROZEN), (FIRST_RATE, SECOND_RATE), strict=True)
    ):
        if count == 0:
            continue
        before = {name: list(values) for name, values in log.items()}

        def after(epoch: int, new: dict[str, list[float]], before: dict[str, list[float]] = before) -> None:
            nonlocal log
            log = {name: before.get(name, []) + values for name, values in new.items()}
            if after_epoch is not None:
                after_epoch(len(log["loss"]) - 1, log)

        fit_detector(
            rest,
            features[0],
            changed[0],
            size=model.input_shape[1:3],
            epochs=count,
            batch_size=BATCH,
            augment=version,
            peak=peak,
            frozen=frozen,
            after_epoch=after,
            seed=2 * seed + part,
        )
    return log


def at_stem(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """The network in two: the stages that never change, and the rest; both share its weights."""
    cut = model.get_layer(STEM_END).output
    return keras.Model(model.input, cut, name="stem"), keras.Model(cut, model.outputs, name="rest")


def changed_features(
    stem: keras.Model,
    images: NDArray[np.uint8],
    truths: Sequence[Truth],
    augmentation: BoxAugmentation | None,
    versions: int,
    seed: int,
) -> tuple[NDArray[np.float16], list[list[Truth]]]:
    """What the stem says of each picture, changed at random several times.

    Args:
        stem: The first stages.
        images: uint8 (n, height, width, 3).
        truths: The boxes of each.
        augmentation: What changes.
        versions: How many of each picture.
        seed: Of the changes.

    Returns:
        float16 (versions, n, rows, columns, channels): half the bytes of float32, and with a relative error of at most
        0.05 % no loss to a training; and the boxes that belong to each.
    """
    features = np.empty((versions, len(images), *stem.output_shape[1:]), np.float16)
    changed: list[list[Truth]] = []
    for number in range(versions):
        pairs = [
            augment_boxes(image, truth, [seed, number, row], augmentation)
            for row, (image, truth) in enumerate(zip(images, truths, strict=True))
        ]
        changed.append([truth for _, truth in pairs])
        for start in range(0, len(pairs), TOGETHER):
            part = np.stack([image for image, _ in pairs[start : start + TOGETHER]])
            features[number, start : start + len(part)] = stem.predict_on_batch(part.astype(np.float32) / 255)
    return features, changed


def _picture(picture: Picture) -> NDArray[np.uint8]:
    return read_any_picture(picture) if isinstance(picture, str | Path) else picture


def _checked(pictures: Sequence[Picture], truths: Sequence[Truth], class_names: Sequence[str]) -> tuple[str, ...]:
    """The names, if pictures, truths and names can be trained on."""
    names = () if isinstance(class_names, str) else tuple(class_names)
    if not names or len(set(names)) != len(names):
        raise ValueError(f"class_names must be different names, one a class, got {class_names!r}")
    if len(pictures) != len(truths) or len(pictures) == 0:
        raise ValueError(f"pictures and truths must be as many, and some, got {len(pictures)} and {len(truths)}")
    for number, each in enumerate(pictures):
        if isinstance(each, str | Path):
            continue
        check_image(each)
        if each.dtype != np.uint8:
            raise TypeError(f"pictures[{number}] must be uint8 or a file, got {each.dtype}")
    highest = max((int(truth.class_ids.max(initial=-1)) for truth in truths), default=-1)
    if highest >= len(names):
        raise ValueError(f"class_names must hold every class, got {len(names)} names and the class id {highest}")
    if highest < 0:
        raise ValueError("truths must hold boxes, these pictures have none; label some, or look at the label report")
    return names
