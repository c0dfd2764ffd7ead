"""Which parts of an image an answer rests on: kernels, feature maps, Grad-CAM, occlusion.

Sources: Selvaraju et al. (2017), "Grad-CAM: Visual Explanations from Deep
Networks via Gradient-based Localization", arXiv:1610.02391, Sec. 3; Zeiler and
Fergus (2014), "Visualizing and Understanding Convolutional Networks",
arXiv:1311.2901, for occlusion.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.boxes import checked_boxes
from deepmedia.cnn.inner_layers import inner_layers, recorded_outputs
from deepmedia.cnn.logits import check_logits

BATCH = 64  # images that go through a model together
NAMES_SHOWN = 20  # layers that an error lists

Floats = NDArray[np.float32]


def layer_kernels(model: keras.Model, layer: str) -> Floats:
    """The kernels of a convolution, one picture after the other.

    Args:
        model: Built of Keras's layers.
        layer: Name of a 2D convolution in it, ``"backbone/conv1"`` for one of a model inside it.

    Returns:
        float32 (filters, height, width, channels of the layer's input).

    Raises:
        ValueError: If there is no such layer, or it is no 2D convolution.
    """
    found = {name: each for name, each in inner_layers(model).items() if isinstance(each, keras.layers.Conv2D)}
    if layer not in found:
        raise ValueError(f"layer must be a 2D convolution of {model.name}: {_listed(list(found))}, got {layer!r}")
    kernel = found[layer].get_weights()[0]  # (height, width, channels in, filters)
    return kernel.astype(np.float32).transpose(3, 0, 1, 2)


def feature_maps(model: keras.Model, images: ArrayLike, layer: str) -> Floats:
    """What a layer puts out for some images.

    Args:
        model: Takes images.
        images: float32 (n, height, width, channels), as the model takes them.
        layer: Name of a layer that puts out maps, ``"backbone/conv1"`` for one
            of a model inside the model. Its output counts, after its own activation.

    Returns:
        float32 (n, height, width, maps), in the layer's height and width.

    Raises:
        TypeError: If the images are whole numbers.
        ValueError: If the images don't fit the model, there is no such layer, or the
            model uses it more than once.
    """
    batch = _checked_images(model, images)
    maps = (_maps_and_outputs(model, layer, tf.constant(chunk))[0] for chunk in _chunks(batch))
    return np.concatenate([tf.cast(each, tf.float32).numpy() for each in maps])


def grad_cam(
    model: keras.Model, images: ArrayLike, class_ids: ArrayLike, *, layer: str, rectify: bool = True
) -> Floats:
    """Grad-CAM: where a layer's maps speak for a class.

    L^c = ReLU(sum_k alpha_k^c A^k), alpha_k^c the mean over all places of the
    gradient dy^c/dA^k (Eq. 1 and 2 of the source).

    Args:
        model: From images to logits (n, classes), without softmax.
        images: float32 (n, height, width, channels), as the model takes them.
        class_ids: Class that each map explains, integers (n,), or one for all.
        layer: Name of a layer that puts out maps, often the last one that does, ``"backbone/conv1"`` for one
            of a model inside the model. Its output counts, after its own activation.
        rectify: False leaves out the ReLU, so that a place may speak against the class.

    Returns:
        float32 (n, height, width) in the layer's height and width, not scaled:
        `resize_maps` brings them to the size of the images.

    Raises:
        TypeError: If the images are whole numbers.
        ValueError: If the images, a class or the layer don't fit the model, it ends in
            softmax, uses the layer more than once, or its logits don't depend on it.
    """
    batch, classes = _checked_images(model, images), _checked_classes(model, class_ids, len(np.asarray(images)))
    both = partial(_maps_and_outputs, model, layer)
    chunks = zip(_chunks(batch), _chunks(classes), strict=True)
    return np.concatenate([_grad_cam(both, *chunk, rectify).numpy() for chunk in chunks])


def _grad_cam(
    both: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]], batch: Floats, classes: NDArray[np.int64], rectify: bool
) -> tf.Tensor:
    images = tf.constant(batch)
    with tf.GradientTape() as tape:
        tape.watch(images)
        features, logits = both(images)
        scores = tf.gather(logits, classes, batch_dims=1)  # y^c, (n,)
    gradient = tape.gradient(scores, features)  # (n, rows, columns, maps)
    if gradient is None:
        raise ValueError("layer must be one that the logits depend on; name one on the way to them")
    gradient, features = (tf.cast(each, tf.float32) for each in (gradient, features))  # of a float16 model, too
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    maps = tf.reduce_sum(weights * features, axis=3)
    return tf.nn.relu(maps) if rectify else maps


def resize_maps(maps: ArrayLike, size: tuple[int, int]) -> Floats:
    """Maps in another size, bilinear, each value at the centre of its cell.

    Args:
        maps: (n, rows, columns).
        size: Height and width that come back.

    Returns:
        float32 (n, height, width).

    Raises:
        ValueError: If there are not three axes.
    """
    stack = np.asarray(maps, dtype=np.float32)
    if stack.ndim != 3:
        raise ValueError(f"maps must be (n, rows, columns), got shape {stack.shape}; one map is maps[None]")
    return tf.image.resize(stack[..., None], size).numpy()[..., 0]


def occlusion_map(
    model: keras.Model, image: ArrayLike, class_id: int, *, size: int, stride: int, fill: ArrayLike = 0.0
) -> Floats:
    """How much a class's logit falls when a square of the image is covered.

    The square goes over the image in steps of `stride`; a last row and column of
    squares lie at the border. A pixel's value is the mean fall over all squares
    that cover it.

    Args:
        model: From images to logits (n, classes).
        image: float32 (height, width, channels), as the model takes it.
        class_id: The class whose logit is watched.
        size: Side of the square in pixels.
        stride: Step in pixels, at most `size`, so that no pixel stays uncovered.
        fill: What the square shows: a brightness, one value a channel, or a whole
            image of the same shape to take the square from.

    Returns:
        float32 (height, width); negative where covering makes the logit rise.

    Raises:
        TypeError: If the image is of whole numbers.
        ValueError: If image or class don't fit the model, size, stride or fill don't fit
            the image, or the model ends in softmax.
    """
    picture = _checked_images(model, np.asarray(image)[None])[0]
    wanted = int(_checked_classes(model, class_id, 1)[0])
    cover = _checked_fill(fill, picture)
    rows, columns = (_starts(side, size, stride) for side in picture.shape[:2])
    places = [(slice(row, row + size), slice(column, column + size)) for row in rows for column in columns]
    before = _logits(model, picture[None])[0, wanted]
    total, times = np.zeros((2, *picture.shape[:2]), dtype=np.float32)
    for start in range(0, len(places), BATCH):
        some = places[start : start + BATCH]
        covered = np.repeat(picture[None], len(some), axis=0)
        for number, place in enumerate(some):
            covered[number][place] = cover[place]
        falls = before - _logits(model, covered)[:, wanted]
        for place, fall in zip(some, falls, strict=True):
            total[place] += fall
            times[place] += 1
    return total / times


def mass_inside(maps: ArrayLike, boxes: ArrayLike) -> NDArray[np.float64]:
    """Share of each map's positive mass that lies inside a box.

    Args:
        maps: (n, height, width); negative values count as 0.
        boxes: Integers (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the maps.

    Returns:
        float64 (n,) in 0..1; 0 for a map without positive values.

    Raises:
        ValueError: If maps and boxes don't fit each other.

    >>> mass_inside([[[1, 3], [0, -5]]], [[1, 0, 2, 2]])
    array([0.75])
    """
    positive, inside = np.maximum(np.asarray(maps, dtype=np.float64), 0), _inside(maps, boxes)
    total = positive.sum(axis=(1, 2))
    return (positive * inside).sum(axis=(1, 2)) / np.where(total > 0, total, 1)


def peak_inside(maps: ArrayLike, boxes: ArrayLike) -> NDArray[np.bool_]:
    """Whether the largest value of each map lies inside a box.

    Args:
        maps: (n, height, width).
        boxes: Integers (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the maps.

    Returns:
        bool (n,); False for a map without positive values. Of several equal peaks the first counts, row by row.

    Raises:
        ValueError: If maps and boxes don't fit each other.

    >>> peak_inside([[[1, 3], [0, -5]]], [[1, 0, 2, 2]])
    array([ True])
    """
    inside = _inside(maps, boxes).reshape(len(np.asarray(maps)), -1)
    flat = np.asarray(maps).reshape(inside.shape)
    peaks = flat.argmax(axis=1)
    numbers = np.arange(len(flat))
    return inside[numbers, peaks] & (flat[numbers, peaks] > 0)


def _inside(maps: ArrayLike, boxes: ArrayLike) -> NDArray[np.bool_]:
    """Which pixels of each map its box holds, bool (n, height, width)."""
    shape = np.shape(maps)
    if len(shape) != 3 or len(np.asarray(boxes)) != shape[0]:
        raise ValueError(f"maps must be (n, height, width) and boxes (n, 4), got shapes {shape} and {np.shape(boxes)}")
    x_min, y_min, x_max, y_max = checked_boxes(boxes, within=shape[1:], holder="maps").T[:, :, None, None]
    x, y = np.arange(shape[2])[None, None, :], np.arange(shape[1])[None, :, None]
    return (x >= x_min) & (x < x_max) & (y >= y_min) & (y < y_max)


def _chunks(values: NDArray) -> list[NDArray]:
    return [values[start : start + BATCH] for start in range(0, len(values), BATCH)]


def _logits(model: keras.Model, images: Floats) -> Floats:
    return np.concatenate([tf.cast(model(chunk, training=False), tf.float32).numpy() for chunk in _chunks(images)])


def _starts(side: int, size: int, stride: int) -> list[int]:
    """First pixels of the squares along one side; the last square ends at the border."""
    if not 1 <= size <= side:
        raise ValueError(f"size must be between 1 and the image's side of {side} pixels, got {size}")
    if not 1 <= stride <= size:
        raise ValueError(f"stride must be between 1 and size, {size}, or pixels stay uncovered; got {stride}")
    return sorted({*range(0, side - size + 1, stride), side - size})


def _checked_images(model: keras.Model, images: ArrayLike) -> Floats:
    if not getattr(model, "inputs", None):
        raise ValueError(f"model must begin with keras.Input, {model.name} does not, or is not built yet")
    if len(model.inputs) != 1:
        raise ValueError(f"model must take one array of images, {model.name} takes {len(model.inputs)} inputs")
    batch, expected = np.asarray(images), model.inputs[0].shape[1:]
    if batch.ndim != 4:
        raise ValueError(f"images must be (n, height, width, channels), got shape {batch.shape}")
    if len(batch) == 0:
        raise ValueError("images must hold at least one image, got none")
    if any(side not in (None, found) for side, found in zip(expected, batch.shape[1:], strict=True)):
        wanted = ", ".join("any" if side is None else str(side) for side in expected)
        raise ValueError(f"images must be (n, {wanted}) for {model.name}, got shape {batch.shape}")
    if not np.issubdtype(batch.dtype, np.floating):
        raise TypeError(f"images must be floats as {model.name} takes them, got {batch.dtype}; divide them by 255?")
    return batch.astype(np.float32)


def _checked_classes(model: keras.Model, class_ids: ArrayLike, number: int) -> NDArray[np.int64]:
    given, count = np.asarray(class_ids), check_logits(model)
    if not np.issubdtype(given.dtype, np.integer) or given.shape not in ((), (number,)):
        raise ValueError(f"class_ids must be one whole number, or one for each of {number} images, got {class_ids!r}")
    classes = np.broadcast_to(given, (number,)).astype(np.int64)
    if classes.min() < 0 or classes.max() >= count:
        wrong = classes[(classes < 0) | (classes >= count)][0]
        raise ValueError(f"class_ids must be from 0 to {count - 1}, the classes of {model.name}, got {wrong}")
    return classes


def _checked_fill(fill: ArrayLike, picture: Floats) -> Floats:
    values = np.asarray(fill, dtype=np.float32)
    try:
        return np.broadcast_to(values, picture.shape)
    except ValueError:
        shape = picture.shape
        raise ValueError(
            f"fill must be a number, {shape[2]} numbers or an image {shape}, got shape {values.shape}"
        ) from None


def _maps_and_outputs(model: keras.Model, layer: str, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What a layer and the whole model put out for some images, in one run."""
    found = inner_layers(model).get(layer)
    if isinstance(found, keras.layers.InputLayer):
        return images, model(images, training=False)
    if found is None:
        raise _no_maps(model, layer, images)
    with recorded_outputs(found) as calls:
        outputs = model(images, training=False)
    if not _are_maps(calls[:1], images):
        raise _no_maps(model, layer, images)
    if len(calls) > 1:
        raise ValueError(
            f"layer must be used once, {model.name} uses {layer!r} {len(calls)} times; "
            "name a layer behind one of its uses, or put one there: layers.Identity(name=...)"
        )
    return calls[0], outputs


def _no_maps(model: keras.Model, layer: str, images: tf.Tensor) -> ValueError:
    """The error that lists the layers that put out maps, found by a run of one image."""
    some, layers = images[:1], inner_layers(model)
    with contextlib.ExitStack() as stack:
        calls = {name: stack.enter_context(recorded_outputs(each)) for name, each in layers.items()}
        model(some, training=False)
    inputs = {name for name, each in layers.items() if isinstance(each, keras.layers.InputLayer)}
    names = [name for name in layers if name in inputs or _are_maps(calls[name][:1], some)]
    return ValueError(f"layer must be one of {model.name} that puts out maps: {_listed(names)}, got {layer!r}")


def _are_maps(outputs: Sequence[Any], images: tf.Tensor) -> bool:
    """Whether there is an output, with one stack of maps (height, width, maps) for each image."""
    return any(tf.is_tensor(each) and each.ndim == 4 and len(each) == len(images) for each in outputs)


def _listed(names: list[str]) -> str:
    if len(names) <= NAMES_SHOWN:
        return ", ".join(names) or "it has none"
    return f"({len(names) - NAMES_SHOWN} earlier ones), " + ", ".join(names[-NAMES_SHOWN:])
