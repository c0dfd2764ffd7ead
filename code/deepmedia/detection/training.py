"""Training a detector: batches made beside the training, targets, loss, AdamW."""

import queue
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.detection.heads import BOX_NUMBERS, anchors_of
from deepmedia.detection.loss import yolo_loss_terms
from deepmedia.detection.records import Truth
from deepmedia.detection.targets import YOLOTargets, yolo_targets
from deepmedia.training.recipe import schedule

BoxChange = Callable[[NDArray[np.uint8], Truth, list[int]], tuple[NDArray[np.uint8], Truth]]
AfterEpoch = Callable[[int, dict[str, list[float]]], None]

# [recipe]
DETECTOR_PEAK_RATE = 2e-3  # learning rate, after the warm-up
DETECTOR_WEIGHT_DECAY = 0.05  # AdamW's
LONGEST_GRADIENT = 100.0  # norm over all weights, above which a step's gradient is shortened
# [/recipe]
READY = 4  # batches that are made ahead


class DetectorBatch(NamedTuple):
    """What one step learns from."""

    images: NDArray[np.uint8 | np.float16]  # (batch_size, height, width, 3), or feature maps
    targets: YOLOTargets


def fit_detector(
    model: keras.Model,
    images: NDArray[np.uint8 | np.float16],
    truths: Sequence[Truth],
    *,
    size: tuple[int, int] | None = None,
    epochs: int = 10,
    batch_size: int = 8,
    augment: BoxChange | None = None,
    peak: float = DETECTOR_PEAK_RATE,
    weight_decay: float = DETECTOR_WEIGHT_DECAY,
    frozen: Collection[str] = (),
    after_epoch: AfterEpoch | None = None,
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train a detector in place on YOLOv3's loss, divided by the images of the batch.

    Args:
        model: From images in 0..1 to raw heads of `YOLOHead` layers, such as `small_yolo`.
        images: RGB, uint8 (n, height, width, 3), in the size of the model's input; they are brought to 0..1 here. Or
            float16 (n, rows, columns, channels), feature maps of images, for a model that begins there.
        truths: The boxes of each image, in pixels of it.
        size: Height and width of the images that feature maps were made of; None: those of the model's input.
        epochs: Passes over the images.
        batch_size: Images a step. The last batch of an epoch is filled up with some of its first images.
        augment: Changes an image and its boxes by a seed of whole numbers, such as `augment_boxes`.
        peak: The highest learning rate; it rises and falls as in `deepmedia.training.schedule`.
        weight_decay: AdamW's.
        frozen: Names of layers whose weights and statistics stay as they are, such as a backbone's.
        after_epoch: Called with the number of the epoch, from 0, and the log so far: to show progress, or to measure.
        seed: Of the order and the changes. The same seed gives the same batches, whatever the threads do.

    Returns:
        A value an epoch of ``loss``, for an image, and of its terms as in `yolo_loss_terms`, both while the weights
        change; and of ``rate``, the learning rate at the epoch's end.

    Raises:
        TypeError: If images are neither uint8 nor float16.
        ValueError: If images, truths and model do not fit, or a layer to freeze is not there.
        FloatingPointError: If the loss is no longer finite; the weights are of no use then.
    """
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    _check_images(model, images, truths, size)
    batches = -(-len(images) // batch_size)  # an epoch's, rounded up
    made = detector_batches(
        model, images, truths, size=size, epochs=epochs, batch_size=batch_size, augment=augment, seed=seed
    )
    with closing(made), _frozen_layers(model, frozen):
        rates = schedule(max(2, epochs * batches), peak=peak)
        step = _training_step(model, rates, weight_decay, batch_size, size or model.input_shape[1:3])
        log: dict[str, list[float]] = {}
        for epoch in range(epochs):
            sums: dict[str, float] = {}
            for number in range(batches):
                batch = next(made)
                terms = step(tf.constant(batch.images), tf.nest.map_structure(tf.constant, batch.targets))
                values = {name: float(value) for name, value in terms.items()}
                _check_loss(values, epoch, number)
                sums = {name: sums.get(name, 0) + value for name, value in values.items()}
            for name, value in sums.items():
                log.setdefault(name, []).append(value / batches)
            log.setdefault("rate", []).append(float(rates((epoch + 1) * batches)))
            if after_epoch is not None:
                after_epoch(epoch, log)
    return log


def _training_step(
    model: keras.Model,
    rates: keras.optimizers.schedules.LearningRateSchedule,
    weight_decay: float,
    batch_size: int,
    size: tuple[int, int],
) -> Callable[[tf.Tensor, YOLOTargets], dict[str, tf.Tensor]]:
    """One step: loss, gradient, change of the weights; gives the terms of the loss."""
    anchors = anchors_of(model)
    variables = model.trainable_variables
    optimizer = keras.optimizers.AdamW(rates, weight_decay=weight_decay, global_clipnorm=LONGEST_GRADIENT)
    optimizer.build(variables)

    @tf.function(reduce_retracing=True)
    def step(images: tf.Tensor, targets: YOLOTargets) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            whole = 255 if images.dtype == tf.uint8 else 1
            outputs = model(tf.cast(images, tf.float32) / whole, training=True)
            terms = yolo_loss_terms(targets, outputs, anchors, size)
            terms = {name: term / batch_size for name, term in terms.items()}
            loss = tf.add_n(list(terms.values()))
        optimizer.apply(tape.gradient(loss, variables), variables)
        return {"loss": loss, **terms}

    return step


def detector_batches(
    model: keras.Model,
    images: NDArray[np.uint8 | np.float16],
    truths: Sequence[Truth],
    *,
    size: tuple[int, int] | None = None,
    epochs: int,
    batch_size: int,
    augment: BoxChange | None = None,
    seed: int = 0,
) -> Generator[DetectorBatch, None, None]:
    """The batches of a training, made in a thread of their own while the network learns from the last ones.

    Args:
        model: As in `fit_detector`.
        images: As there.
        truths: As there.
        size: As there.
        epochs: As there.
        batch_size: As there.
        augment: As there; its seed is the training's seed, the epoch, and the number of the image.
        seed: As there.

    Yields:
        Batches of ``batch_size`` images with their targets, each epoch in another order. What goes wrong in the thread
        is raised here.
    """
    ready: queue.Queue[DetectorBatch | BaseException] = queue.Queue(READY)
    stopped = threading.Event()

    def put(item: DetectorBatch | BaseException) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                ready.put(item, timeout=0.1)
                return

    def make() -> None:
        try:
            for rows in _orders(len(images), epochs=epochs, batch_size=batch_size, seed=seed):
                if stopped.is_set():
                    return
                put(_batch(model, images, truths, rows, augment, seed, size or model.input_shape[1:3]))
        except BaseException as error:  # raised where the batch would have been used
            put(error)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        for _ in range(epochs * -(-len(images) // batch_size)):
            item = ready.get()
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


def _orders(count: int, *, epochs: int, batch_size: int, seed: int) -> Iterator[list[tuple[int, int]]]:
    """The epoch and the number of each image of each batch."""
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(count)
        filled = np.resize(order, (-(-count // batch_size), batch_size))  # begins anew where it is too short
        yield from ([(epoch, int(row)) for row in rows] for rows in filled)


def _batch(
    model: keras.Model,
    images: NDArray[np.uint8 | np.float16],
    truths: Sequence[Truth],
    rows: list[tuple[int, int]],
    augment: BoxChange | None,
    seed: int,
    size: tuple[int, int],
) -> DetectorBatch:
    """Images and targets of some rows."""
    chosen = [(images[row], truths[row]) for _, row in rows]
    if augment is not None:
        chosen = [
            augment(image, truth, [seed, epoch, row]) for (image, truth), (epoch, row) in zip(chosen, rows, strict=True)
        ]
    shapes = [output.shape for output in model.outputs]
    targets = yolo_targets(
        [truth for _, truth in chosen],
        anchors_of(model),
        [(shape[1], shape[2]) for shape in shapes],
        size,
        shapes[0][-1] - BOX_NUMBERS,
    )
    missing = max(0, max(map(len, truths)) - targets.boxes.shape[1])
    boxes = np.pad(targets.boxes, [(0, 0), (0, missing), (0, 0)])  # batches of one shape: the step is traced once
    return DetectorBatch(np.stack([image for image, _ in chosen]), targets._replace(boxes=boxes))


@contextmanager
def _frozen_layers(model: keras.Model, names: Collection[str]) -> Iterator[None]:
    """Some layers not trainable for a while."""
    missing = [name for name in names if name not in {layer.name for layer in model.layers}]
    if missing:
        raise ValueError(
            f"frozen must name layers of {model.name}, got {missing[0]!r}; see [layer.name for layer in model.layers]"
        )
    before = {name: model.get_layer(name).trainable for name in names}
    try:
        for name in names:
            model.get_layer(name).trainable = False
        yield
    finally:
        for name, trainable in before.items():
            model.get_layer(name).trainable = trainable


def _check_images(
    model: keras.Model, images: NDArray[np.uint8 | np.float16], truths: Sequence[Truth], size: tuple[int, int] | None
) -> None:
    kind = np.uint8 if size is None else np.float16
    if getattr(images, "dtype", None) != kind:
        rule = "uint8 (0..255)" if size is None else "float16, feature maps of images of that size"
        raise TypeError(f"images must be an array of {rule}, got {getattr(images, 'dtype', type(images))}")
    if images.shape[1:] != model.input_shape[1:] or len(images) == 0:
        raise ValueError(
            f"images must be (n, {', '.join(map(str, model.input_shape[1:]))}), as the input of {model.name}, got "
            f"{images.shape}; letterbox them, or build the model for their size"
        )
    if len(truths) != len(images):
        raise ValueError(f"truths must be one for each of {len(images)} images, got {len(truths)}")


def _check_loss(values: dict[str, float], epoch: int, step: int) -> None:
    if not np.isfinite(values["loss"]):
        term = next((name for name, value in values.items() if name != "loss" and not np.isfinite(value)), "loss")
        raise FloatingPointError(
            f"the loss ({term}) became {values['loss']} in epoch {epoch}, step {step}; build the model anew and train "
            "with a lower peak"
        )
