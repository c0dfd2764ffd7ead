"""FaceNet with the weights that David Sandberg trained, where you have their file.

His four models exist as Keras's HDF5 files, converted by keras-facenet. `load_facenet_weights` reads what
`save_weights` of Keras 1 and 2 wrote, and the weights (never the code) of a whole model written by `save`:

    [model_weights/] layer / layer / weight:0       Conv2d_1a_3x3/Conv2d_1a_3x3/kernel:0, float32 (3, 3, 3, 32)
                                                    Bottleneck_BatchNorm/Bottleneck_BatchNorm/beta:0, float32 (128,)

Nothing is downloaded: give the path. The book's tests read files of this layout with random weights; the published
ones could not be had where this was written, so of these only addresses and checksums stand here, as keras-facenet
0.3.2 (keras_facenet/metadata.py, MIT licence) names them. The models were trained on photographs of people whom
nobody asked, and Microsoft withdrew MS-Celeb-1M in 2019: read the terms of the data before you do more than learn.

Sources, on github.com: davidsandberg/facenet (MIT licence; models and accuracies: README), nyoki-mtl/keras-facenet
(names and conversion: tf_to_keras.ipynb; states no licence), faustomorales/keras-facenet (the files).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.faces.preprocessing import fixed_scaling, whiten

ADDRESS = "https://github.com/faustomorales/keras-facenet/releases/download/v0.3.1/{}-weights.h5"
MODEL = "model_weights/"  # where a whole model keeps them
BOTTLENECK = "Bottleneck/kernel"
HDF5 = b"\x89HDF\r\n\x1a\n"  # the first bytes


@dataclass(frozen=True)
class PublishedWeights:
    """One of David Sandberg's models as a Keras weights file.

    Attributes:
        name: When its training began, by which it is known.
        embedding_size: Numbers that describe a face.
        trained_on: Whose photographs.
        accuracy: On LFW, as its author states it.
        preprocess: What it wants done to pixels 0..255 of aligned faces (n, 160, 160, 3), RGB.
        sha256: Of the file.
    """

    name: str
    embedding_size: int
    trained_on: str
    accuracy: float
    preprocess: Callable[[NDArray], NDArray[np.float32]]
    sha256: str

    @property
    def address(self) -> str:
        """Where the file lies."""
        return ADDRESS.format(self.name)


PUBLISHED = (
    PublishedWeights("20180402-114759", 512, "VGGFace2", 0.9965, fixed_scaling,
                     "8b71e7045497e841c00ee568f031d1a4d30908fceadf6884aef2dec4d545202b"),
    PublishedWeights("20180408-102900", 512, "CASIA-WebFace", 0.9905, fixed_scaling,
                     "af526097bd89ff84dda94dc071ff39c4cf39922cf0a9d9dea652853cda9616be"),
    PublishedWeights("20170512-110547", 128, "MS-Celeb-1M", 0.992, whiten,
                     "668e950140ad76f1e21e3a2bc1d3ad9c673734ea8ea1abbf4ecc44d1dbdd400b"),
    PublishedWeights("20170511-185253", 128, "CASIA-WebFace", 0.987, whiten,
                     "28db99aaafce0e62b2cdb1db5ac733ffa9e52a365e1a3ca0a13c5159bd4363c4"),
)  # fmt: skip


def load_facenet_weights(model: keras.Model, path: str | Path) -> PublishedWeights | None:
    """Set the weights of a network to those in a file.

    Each weight of the network is looked for under its layer's and its own name, and must be there in the same shape,
    as finite float32; nothing else may be. All are read before the first one is set. What the file holds besides
    weights is not looked at, and no code in it is run.

    Args:
        model: `facenet(embedding_size=128)` for the models of 2017, 512 for those of 2018. A network around it
            without weights of its own is fine.
        path: The HDF5 file.

    Returns:
        Which of `PUBLISHED` it is, by its checksum: use its `preprocess`. None for another file, such as
        facenet_keras.h5 or facenet_keras_weights.h5 of nyoki-mtl's keras-facenet (20170512-110547, so `whiten`).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is damaged, or does not fit the network, which is then as it was before.

    >>> {weights.name: weights.embedding_size for weights in PUBLISHED}["20180402-114759"]
    512
    """
    source = Path(path)
    variables = {variable.path: variable for variable in model.weights}
    if not variables:
        raise ValueError(f"model must have weights, {model.name!r} has none yet; give facenet(), or build it first")
    _check_file(source)
    values = _read(source, {name: tuple(variable.shape) for name, variable in variables.items()})
    for name, variable in variables.items():
        variable.assign(values[name])
    with source.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    return next((weights for weights in PUBLISHED if weights.sha256 == checksum), None)


def _check_file(path: Path) -> None:
    """Complain about what is no HDF5 file."""
    if not path.is_file():
        addresses = "\n".join(f"  {weights.address}" for weights in PUBLISHED)
        raise FileNotFoundError(f"{path} is no file; give the path of one of these, downloaded:\n{addresses}")
    with path.open("rb") as file:
        start = file.read(len(HDF5))
    if start != HDF5:
        found = f"it begins with {start!r}" if start else "it is empty"
        raise ValueError(f"{path} is no HDF5 file: {found}; is it a web page in its place? Download it again")


class _Misfit(ValueError):
    """A whole file that is not for this network."""


def _read(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
    """The weights that a network wants, by name."""
    try:
        with h5py.File(path, "r") as file:
            found = _weights(file)
            _check_fit(shapes, found)
            values = {name: found[name][...] for name in shapes}
        _check_numbers(values)
    except _Misfit as misfit:
        raise ValueError(f"{path} {misfit}") from None
    except Exception as error:  # damage shows as OSError, RuntimeError, KeyError, UnicodeDecodeError and others
        raise ValueError(f"{path} is cut off or damaged ({error}); download it again") from error
    return values


def _weights(file: h5py.File) -> dict[str, h5py.Dataset]:
    """The weights in a file, by layer and name as in Bottleneck/kernel. No link is followed."""
    places: dict[str, h5py.Dataset] = {}

    def note(place: str, entry: object) -> None:
        if isinstance(entry, h5py.Dataset):
            places[place] = entry

    file.visititems(note)
    model = {place.removeprefix(MODEL): entry for place, entry in places.items() if place.startswith(MODEL)}
    weights: dict[str, h5py.Dataset] = {}
    for place, entry in (model or places).items():
        layer, *_, weight = place.split("/")
        name = f"{layer}/{weight.removesuffix(':0')}"
        if layer in {"layers", "_layer_checkpoint_dependencies"}:
            raise _Misfit("was written by save_weights of Keras 3; read it with model.load_weights(path)")
        if name in weights:
            raise _Misfit(f"holds {name} twice; save the weights of the network alone, not of a model around it")
        weights[name] = entry
    return weights


def _check_fit(shapes: Mapping[str, tuple[int, ...]], found: Mapping[str, h5py.Dataset]) -> None:
    """Complain unless the file holds what the network wants, and no more."""
    missing = sorted(shapes.keys() - found.keys())
    unknown = sorted(found.keys() - shapes.keys())
    others = [name for name in shapes if name in found and _described(found[name]) != f"float32 {shapes[name]}"]
    problems = (
        _listed("missing", missing),
        _listed("unknown to the network", unknown),
        _listed("of another kind", [f"{name} {_described(found[name])}, not {shapes[name]}" for name in others]),
    )
    if any(problems):
        sizes = [found[name].shape[1] for name in others if name == BOTTLENECK and found[name].ndim == 2]
        settings = [f"embedding_size={size}" for size in sizes]
        if any(name.endswith("/gamma") for name in missing + unknown):
            settings.append(f"gamma={bool(unknown)}")
        way_out = f"the file is for facenet({', '.join(settings)})" if settings else "give FaceNet's file to facenet()"
        raise _Misfit(f"does not fit the network. {''.join(problems)}Way out: {way_out}")


def _listed(title: str, names: list[str]) -> str:
    """A sentence with the first three names; nothing for none."""
    more = ", …" if len(names) > 3 else ""
    return f"{len(names)} {title}: {', '.join(names[:3])}{more}. " if names else ""


def _described(dataset: h5py.Dataset) -> str:
    """Kind and shape of a dataset, and whether its numbers are not its own."""
    place = " kept in another file" if dataset.external or dataset.is_virtual else ""
    return f"{dataset.dtype} {dataset.shape}{place}"


def _check_numbers(values: Mapping[str, NDArray[np.float32]]) -> None:
    """Complain about numbers that no training gives."""
    for name, numbers in values.items():
        if not np.isfinite(numbers).all():
            raise _Misfit(f"holds a number in {name} that is not finite; it is damaged, download it again")
        if name.endswith("/moving_variance") and (numbers < 0).any():
            raise _Misfit(f"holds a variance below 0 in {name}; it is damaged, download it again")
