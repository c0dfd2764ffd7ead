"""A detector that someone else can use: it takes photographs of any size and answers with boxes on them."""

import copy
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import expit

from deepmedia.arguments import check_number
from deepmedia.detection.decoding import Places, boxes_of, prediction_places
from deepmedia.detection.folding import fold_normalisation
from deepmedia.detection.heads import BOX_NUMBERS, anchors_of
from deepmedia.detection.letterboxing import Letterbox, check_image, letterbox
from deepmedia.detection.records import Detections
from deepmedia.detection.suppression import non_maximum_suppression
from deepmedia.whole_files import written_whole

FORMAT = 1  # of the file; a reader that doesn't know the number refuses it
TOGETHER = 8  # images that go through the network at once: 100 MB of feature maps in the tiny YOLOv3
LARGEST_CONSTANTS = 100e6  # bytes of weights; TensorFlow copies constants several times, YOLOv3's 248 MB into 5 GB
SETTINGS = {"class_names", "threshold", "nms_threshold"}


class Detector:
    """A network with all that it needs to find objects on a photograph.

    The weights are taken as they are when the detector is made: train on, and make another.

    Args:
        model: A detector network of one input size: from RGB in 0..1, float (n, height, width, 3), to heads that are
            all of `YOLOHead`.
        class_names: In the order of the heads' classes.
        threshold: Score in 0..1 that a box must exceed.
        nms_threshold: IoU in 0..1 up to which two boxes of a class both stay.

    Raises:
        TypeError: If a threshold is no number.
        ValueError: If the network is none such, the names are not one for each class, or a threshold lies outside 0..1.

    Source: get_yolo_detections in src/yolo_layer.c and the program in examples/detector.c of
        https://github.com/pjreddie/darknet, whose rules and thresholds these are.
    """

    def __init__(
        self, model: keras.Model, class_names: Sequence[str], *, threshold: float = 0.5, nms_threshold: float = 0.45
    ) -> None:
        anchors = anchors_of(model)
        self.size = _input_size(model)
        self.class_names = _checked_names(model, class_names)
        self._set_thresholds(threshold, nms_threshold)
        self.model = model
        self._places = prediction_places([output.shape[1:3] for output in model.outputs], anchors, self.size)
        self._raw_rows = _frozen(model)

    def with_thresholds(self, *, threshold: float | None = None, nms_threshold: float | None = None) -> "Detector":
        """The same network with other thresholds; what is not given stays. Nothing is compiled again."""
        other = copy.copy(self)
        other._set_thresholds(
            self.threshold if threshold is None else threshold,
            self.nms_threshold if nms_threshold is None else nms_threshold,
        )
        return other

    def detect(self, image: NDArray) -> Detections:
        """The objects on one photograph.

        A box counts where its objectness exceeds the threshold, and objectness times class probability does; one box
        may count for several classes. Of boxes of one class that overlap, the best stays. Boxes are then cut at the
        photograph's edges, as Darknet does; what lies wholly in the grey around it is left out.

        Args:
            image: RGB, (height, width, 3), uint8, or float in 0..1, of any size.

        Returns:
            Boxes in pixels of this image, by falling score.

        Raises:
            TypeError: If the image is neither uint8 nor float.
            ValueError: If it has another shape, no pixel, or floats outside 0..1, or the network's answer isn't finite.
        """
        check_image(image)
        return self._found(self._answers([letterbox(image, self.size)])[0], image.shape[:2])

    def detect_batch(self, images: Sequence[NDArray] | NDArray) -> list[Detections]:
        """The objects on each of several photographs, in less time for each than one by one.

        Args:
            images: Each as for `detect`, whose errors it raises, too, before any work is done; of any sizes.

        Returns:
            What `detect` finds on each, in their order.
        """
        if isinstance(images, np.ndarray) and images.ndim != 4:
            raise ValueError(f"images must be several, got one array of shape {images.shape}; use detect, or [image]")
        pictures = list(images)
        for picture in pictures:
            check_image(picture)
        if not pictures:
            return []
        parts = [pictures[start : start + TOGETHER] for start in range(0, len(pictures), TOGETHER)]
        found: list[Detections] = []
        with ThreadPoolExecutor(os.cpu_count()) as pool:

            def prepared(part: list[NDArray]) -> list[Future]:
                return [pool.submit(letterbox, picture, self.size) for picture in part]

            waiting = prepared(parts[0])
            for part, following in zip(parts, [*parts[1:], []], strict=True):
                inputs = [each.result() for each in waiting]
                waiting = prepared(following)  # while the network is busy
                for rows, picture in zip(self._answers(inputs), part, strict=True):
                    found.append(self._found(rows, picture.shape[:2]))
        return found

    def save(self, path: str | Path) -> Path:
        """Write network, names and thresholds into one file.

        The file appears under its name only once it is whole; an older one of that name is replaced.

        Args:
            path: The file, a zip archive with ``model.keras`` and ``detector.json``.

        Returns:
            The path.

        Raises:
            FileNotFoundError: If its folder does not exist.
            IsADirectoryError: If the path is a folder.
            ValueError: If Keras could not load the network again.
        """
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(f"path must be a file, {target} is a folder; add a name to it")
        settings = {name: getattr(self, name) for name in sorted(SETTINGS)}
        with written_whole(target) as file, tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / "model.keras"
            self.model.save(inner)
            _check_loads(inner, self.model)
            with zipfile.ZipFile(file, "w") as archive:
                archive.write(inner, "model.keras")
                archive.writestr("detector.json", json.dumps({"format": FORMAT, **settings}, indent=1))
        return target

    @classmethod
    def load(cls, path: str | Path) -> "Detector":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no whole detector, or of another format.
        """
        source = Path(path)
        if not source.is_file():
            raise FileNotFoundError(f"no file {source.absolute()}; Detector.save writes one")
        try:
            with zipfile.ZipFile(source) as archive:
                settings: dict[str, Any] = json.loads(archive.read("detector.json"))
                content = archive.read("model.keras")
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError, NotImplementedError) as error:
            raise ValueError(f"{source} is not a whole detector ({error}); save it again") from error
        if not isinstance(settings, dict) or settings.pop("format", None) != FORMAT or set(settings) != SETTINGS:
            raise ValueError(f"{source} is of another format than {FORMAT}; load it with the deepmedia that saved it")
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / "model.keras"
            inner.write_bytes(content)
            model = keras.saving.load_model(inner, compile=False)
        return cls(model, **settings)

    def _set_thresholds(self, threshold: float, nms_threshold: float) -> None:
        for name, value in (("threshold", threshold), ("nms_threshold", nms_threshold)):
            check_number(name, value, "in 0..1", low=0, high=1, ends="[]")
        self.threshold, self.nms_threshold = float(threshold), float(nms_threshold)

    def _answers(self, inputs: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """The network's raw numbers, (n, N, 5 + classes), in the order of `prediction_places`."""
        rows = self._raw_rows(inputs[0][None] if len(inputs) == 1 else np.stack(inputs))
        if not np.isfinite(rows).all():
            raise ValueError(f"model {self.model.name} gave numbers that are not finite; did its training diverge?")
        return rows

    def _found(self, rows: NDArray[np.float32], image_size: tuple[int, ...]) -> Detections:
        """Boxes on the photograph from the raw numbers (N, 5 + classes) of one image."""
        objectness = expit(rows[:, BOX_NUMBERS - 1])
        sure = np.flatnonzero(objectness > self.threshold)  # a handful, so that little is left to calculate
        scores = objectness[sure, None] * expit(rows[sure, BOX_NUMBERS:])  # (sure, classes)
        which, class_ids = np.nonzero(scores > self.threshold)
        boxes = boxes_of(rows[sure, :4], Places(*(part[sure] for part in self._places)))[which]
        scores = scores[which, class_ids]
        kept = non_maximum_suppression(boxes, scores, class_ids, threshold=self.nms_threshold)
        height, width = image_size
        on_image = Letterbox((height, width), self.size).boxes_on_image(boxes[kept])
        on_image = np.clip(on_image, 0, np.array([width, height, width, height], np.float32))
        seen = (on_image[:, 2:] > on_image[:, :2]).all(axis=1)
        return Detections(on_image[seen], scores[kept][seen], class_ids[kept][seen])


def _input_size(model: keras.Model) -> tuple[int, int]:
    """Height and width of the images that the network takes."""
    shape: tuple[int | None, ...] = tuple(model.input_shape) if len(model.inputs) == 1 else ()
    if len(shape) != 4 or None in shape[1:] or shape[3] != 3:
        raise ValueError(
            f"model must take RGB images of one size, (n, height, width, 3), {model.name} takes {model.input_shape}; "
            "build it with an input_shape, such as (416, 416, 3)"
        )
    return int(shape[1] or 0), int(shape[2] or 0)


def _checked_names(model: keras.Model, class_names: Sequence[str]) -> tuple[str, ...]:
    """Names, one for each of the heads' classes."""
    classes = sorted({output.shape[-1] - BOX_NUMBERS for output in model.outputs})
    if len(classes) != 1:
        raise ValueError(f"model must have as many classes in each head, {model.name} has {classes}")
    names = () if isinstance(class_names, str) else tuple(class_names)
    if len(names) != classes[0] or len(set(names)) != classes[0] or not all(isinstance(each, str) for each in names):
        raise ValueError(f"class_names must be {classes[0]} different names, one a class, got {class_names}")
    return names


def _frozen(model: keras.Model) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """The network as one compiled call, with the weights that it has now.

    Weights of a small network become constants, which TensorFlow can rearrange for the processor once and for all.
    """
    folded = fold_normalisation(model)
    as_constants = 4 * folded.count_params() <= LARGEST_CONSTANTS
    weights = [[each.numpy() for each in part if as_constants] for part in _variables(folded)]

    @tf.function(input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)])
    def raw_rows(images: Any) -> Any:
        if as_constants:
            constants = [[tf.constant(each) for each in part] for part in weights]
            outputs, _ = folded.stateless_call(*constants, images, training=False)
        else:
            outputs = folded(images, training=False)
        heads = outputs if isinstance(outputs, list | tuple) else [outputs]
        rows = [tf.reshape(head, (tf.shape(head)[0], -1, head.shape[-1])) for head in heads]
        return tf.cast(tf.concat(rows, axis=1), tf.float32)  # (n, N, 5 + classes)

    compiled = raw_rows.get_concrete_function()

    def answers(images: NDArray[np.float32], _kept: keras.Model = folded) -> NDArray[np.float32]:
        return compiled(tf.constant(images)).numpy()  # TensorFlow does not keep the variables alive, this function does

    return answers


def _variables(model: keras.Model) -> tuple[list[Any], list[Any]]:
    return model.trainable_variables, model.non_trainable_variables


def _check_loads(path: Path, model: keras.Model) -> None:
    """Complain about a saved network that Keras could not make again, or that would answer otherwise."""
    hint = "give a layer of your own @keras.saving.register_keras_serializable() and get_config"
    try:
        loaded = keras.saving.load_model(path, compile=False)
    except Exception as error:  # what a layer of one's own may raise
        first = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"model {model.name} can't be loaded again ({type(error).__name__}: {first}); {hint}"
        ) from error
    image = np.random.default_rng(0).random((1, *model.input_shape[1:]), np.float32)
    for before, after in zip(*(_as_list(each(image, training=False)) for each in (model, loaded)), strict=True):
        if not np.allclose(before, after, rtol=1e-3, atol=1e-4, equal_nan=True):
            raise ValueError(f"model {model.name} gives other numbers when it is loaded again; {hint}")


def _as_list(outputs: Any) -> list[NDArray]:
    return [np.asarray(each) for each in (outputs if isinstance(outputs, list | tuple) else [outputs])]
