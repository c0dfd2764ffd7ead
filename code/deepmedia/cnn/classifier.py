"""A model that someone else can use: it takes a picture's path and answers with names and probabilities."""

import contextlib
import io
import json
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.calibration import probabilities_at
from deepmedia.cnn.logits import check_logits
from deepmedia.cnn.picture_files import check_background, network_input
from deepmedia.cnn.picture_graph import inputs_from_bytes

BATCH = 32  # pictures that are read, and go through the network, at once
FORMAT = 1  # of the file; a reader that doesn't know the number refuses it

# What `Classifier.export` writes, the fingerprint since TensorFlow 2.13.
EXPORTED = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "classifier.json"}


@dataclass(frozen=True)
class Classifier:
    """A network with all that it needs to name a picture.

    Raises:
        ValueError: If the model does not take images (n, height, width, 1 or 3) of one size, or does not give
            at least two logits (as one that ends in softmax), or a setting doesn't fit it.
    """

    model: keras.Model  # images in 0..1, (n, height, width, 1 or 3), to logits
    class_names: tuple[str, ...]  # in the order of the logits
    temperature: float = 1.0  # logits are divided by it
    background: int = 0  # grey value around and behind a picture

    def __post_init__(self) -> None:
        """Check that names and network belong together."""
        classes = check_logits(self.model)
        if classes < 2:
            raise ValueError(
                f"model must give a logit for each of at least two classes, {self.model.name} gives {classes}, "
                "which softmax always takes for 100%; end it in Dense(2) for yes or no"
            )
        _check_takes_pictures(self.model)
        names = () if isinstance(self.class_names, str) else self.class_names
        if len(names) != classes or len(set(names)) != classes:
            raise ValueError(f"class_names must be {classes} different names, one a logit, got {self.class_names}")
        if not self.temperature > 0:
            raise ValueError(f"temperature must be above 0, got {self.temperature}")
        check_background(self.background)

    def prepare(self, picture: str | Path | NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the network sees of a picture.

        Args:
            picture: Path of a file, or uint8 (height, width, channels), RGB or grey as the network wants it.

        Returns:
            float32 (height, width, channels) in 0..1, in the network's size.

        Raises:
            BadPicture: If the file is no usable picture.
            ValueError: If the array has the wrong type or channels.
        """
        return network_input(picture, self.model.input_shape[1:], background=self.background)

    def probabilities(self, pictures: Sequence[str | Path | NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Probability of each class for each picture, float (n, classes).

        Args:
            pictures: Paths and arrays as in `prepare`, whose errors it raises, too.

        Raises:
            TypeError: If pictures is one path instead of a list.
        """
        if isinstance(pictures, str | Path):
            raise TypeError(f"pictures must be a list, got the one path {str(pictures)!r}; use answer, or [path]")
        if len(pictures) == 0:
            return np.zeros((0, len(self.class_names)))
        logits = []
        for start in range(0, len(pictures), BATCH):
            images = np.stack([self.prepare(picture) for picture in pictures[start : start + BATCH]])
            logits.append(np.asarray(self.model(images, training=False)))
        return probabilities_at(np.concatenate(logits), self.temperature)

    def answer(self, picture: str | Path | NDArray[np.uint8], *, top: int = 3) -> list[tuple[str, float]]:
        """The most probable classes of one picture with their probabilities, best first."""
        (values,) = self.probabilities([picture])
        return [(self.class_names[n], float(values[n])) for n in np.argsort(-values)[:top]]

    def save(self, path: str | Path) -> Path:
        """Write network, names and settings into one file.

        The file appears under its name only once it is whole; an older one of that
        name is replaced.

        Args:
            path: The file, a zip archive with ``model.keras`` and ``classifier.json``.

        Returns:
            The path.

        Raises:
            IsADirectoryError: If the path is a folder.
            ValueError: If Keras could not load the network again.
        """
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(f"path must be a file, {target} is a folder; add a name to it")
        settings = {"format": FORMAT, **self._settings()}
        with _own_folder(target.parent) as folder:
            self.model.save(folder / "model.keras")
            _check_loads(folder / "model.keras", self.model)
            with zipfile.ZipFile(folder / "whole", "w") as archive:
                archive.write(folder / "model.keras", "model.keras")
                archive.writestr("classifier.json", json.dumps(settings, indent=1))
            os.replace(folder / "whole", target)  # all at once
        return target

    @classmethod
    def load(cls, path: str | Path) -> "Classifier":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no whole classifier, or of another format.
        """
        source = Path(path)
        if not source.is_file():
            raise FileNotFoundError(f"no file {source.absolute()}; Classifier.save writes one")
        try:
            with zipfile.ZipFile(source) as archive:
                settings: dict[str, Any] = json.loads(archive.read("classifier.json"))
                content = archive.read("model.keras")
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise ValueError(f"{source} is not a whole classifier ({error}); save it again") from error
        found = settings.pop("format", None)
        if found != FORMAT:
            raise ValueError(
                f"{source} has format {found!r}, this deepmedia reads {FORMAT}; "
                "load it with the deepmedia that saved it"
            )
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / "model.keras"
            inner.write_bytes(content)
            model = keras.saving.load_model(inner, compile=False)
        settings["class_names"] = tuple(settings["class_names"])
        return cls(model, **settings)

    def export(self, folder: str | Path) -> Path:
        """Write a TensorFlow SavedModel, which runs without Keras and without this package.

        Its function ``serve`` takes images, float32 (n, height, width, channels) in
        0..1, and ``serve_files`` the contents of PNG, JPEG or BMP files, strings (n,), which it
        makes ready as `prepare` does, to a level or two of 255; both give probabilities
        (n, classes). ``classifier.json`` lies beside it, since a SavedModel has no
        place for names.

        Args:
            folder: To be made; it appears only once it is whole. An earlier export of
                that name is replaced.

        Returns:
            The folder.

        Raises:
            FileExistsError: If something else has that name, or holds files besides an export.
        """
        target = Path(folder)
        if target.exists() and not _is_export(target):
            raise FileExistsError(f"{target} exists already; remove it or export to another name")
        inputs = keras.Input(self.model.input_shape[1:], name="images")
        logits = layers.Rescaling(1 / self.temperature)(self.model(inputs))
        serving = keras.Model(inputs, layers.Softmax()(logits))
        with _own_folder(target.parent) as inner:
            with _quiet():
                self._archive(serving).write_out(str(inner / "whole"))
            text = json.dumps(self._settings(), indent=1)
            (inner / "whole" / "classifier.json").write_text(text, "utf-8")
            if target.exists():
                os.replace(target, inner / "earlier")  # and away with the hidden folder
            os.replace(inner / "whole", target)
        return target

    def _archive(self, serving: keras.Model) -> keras.export.ExportArchive:
        """What `export` writes: the model, for images and for files."""
        shape = self.model.input_shape[1:]

        def serve_files(files: tf.Tensor) -> tf.Tensor:
            return serving(inputs_from_bytes(files, shape, background=self.background))

        archive = keras.export.ExportArchive()
        archive.track(serving)
        archive.add_endpoint("serve", serving.__call__, [tf.TensorSpec((None, *shape), tf.float32, name="images")])
        archive.add_endpoint("serve_files", serve_files, [tf.TensorSpec((None,), tf.string, name="files")])
        return archive

    def _settings(self) -> dict[str, Any]:
        return {
            "class_names": list(self.class_names),
            "temperature": float(self.temperature),  # JSON knows no NumPy
            "background": int(self.background),
        }


def _check_takes_pictures(model: keras.Model) -> None:
    shape: tuple[int | None, ...] = tuple(model.input_shape) if len(model.inputs) == 1 else ()
    if len(shape) != 4 or None in shape[1:3] or shape[3] not in {1, 3}:
        raise ValueError(
            f"model must take images of one size, (n, height, width, 1 or 3), {model.name} takes {model.input_shape}; "
            "give one of any size a size: keras.Sequential([keras.Input((height, width, channels)), model])"
        )


def _check_loads(path: Path, model: keras.Model) -> None:
    """Complain about a saved model that Keras could not make again elsewhere."""
    with zipfile.ZipFile(path) as archive:
        own = sorted(_unregistered(json.loads(archive.read("config.json"))))
    hint = (
        "give a class or function of your own the decorator @keras.saving.register_keras_serializable() and get_config"
    )
    if own:
        raise ValueError(f"model {model.name} can't be loaded again: Keras does not know its {', '.join(own)}; {hint}")
    try:
        loaded = keras.saving.load_model(path, compile=False)
    except Exception as error:  # what a layer of one's own may raise
        first = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"model {model.name} can't be loaded again ({type(error).__name__}: {first}); {hint}, "
            "and put such a layer in the place of a Lambda"
        ) from error
    image = np.random.default_rng(0).random((1, *model.input_shape[1:]), np.float32)
    before, after = (np.asarray(each(image, training=False), np.float64) for each in (model, loaded))
    if not np.allclose(before, after, rtol=1e-3, atol=1e-5, equal_nan=True):
        raise ValueError(
            f"model {model.name} gives other logits when it is loaded again; keep what a layer of your own draws or "
            "learns in weights (add_weight), and its settings in get_config"
        )


def _unregistered(config: Any) -> set[str]:
    """Names of the classes in a saved model that are neither Keras's own nor registered."""
    if isinstance(config, list):
        return set().union(*map(_unregistered, config))
    if not isinstance(config, dict):
        return set()
    found = set().union(*map(_unregistered, config.values()))
    module, name = config.get("module"), config.get("class_name")
    is_own = isinstance(module, str) and module.partition(".")[0] not in {"keras", "builtins"}
    return found | {str(name)} if is_own and config.get("registered_name") == name else found


def _is_export(folder: Path) -> bool:
    """Whether it holds what `Classifier.export` writes, and nothing else."""
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    return {"saved_model.pb", "classifier.json"} <= names <= EXPORTED


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without TensorFlow's message on where it wrote, and that of older Keras: it is not yet the folder's name."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Keras 3.7 and 3.8 print whatever ``verbose`` says
            yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _own_folder(parent: Path) -> Iterator[Path]:
    """A hidden folder beside the target, on its disk so that a rename is possible; gone at the end."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
