"""A gallery of people whose faces are known, which says who a new face is, or that it knows nobody like it."""

import io
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_number
from deepmedia.faces.clustering import cluster_faces
from deepmedia.whole_files import written_whole

UNKNOWN = "unknown"
KIND = "deepmedia gallery 1"  # what a file says that it is
ARRAYS = ("kind", "threshold", "names", "owners", "templates")
# what NumPy and zipfile raise on a file that is damaged, or made to do harm
DAMAGE = (zipfile.BadZipFile, ValueError, TypeError, KeyError, EOFError, MemoryError, RuntimeError)
LENGTH_TOLERANCE = 1e-3  # float16 embeddings are of length one only so far


@dataclass(frozen=True)
class Match:
    """The answer for one face.

    Attributes:
        name: The person, or "unknown".
        distance: Squared distance to the nearest template, 0..4.
        nearest: Whose template that is, also where the answer is "unknown".
    """

    name: str
    distance: float
    nearest: str


class Gallery:
    """People by name, each with the embeddings of some faces, the templates.

    Templates are personal data: they stay in memory until `remove`, and in a file until it is saved again or deleted.
    The file is for its owner's eyes alone where the system knows such rights, but not encrypted. Ask the people first.

    Args:
        threshold: Largest squared distance at which two faces count as one person, above 0 and at most 4. It is a
            decision: `lfw_report` says how often each is wrong. The more templates there are, the more often
            one of them is near by chance.

    Raises:
        TypeError: If the threshold is no number.
        ValueError: If it is out of range.

    >>> gallery = Gallery(threshold=1.0)
    >>> gallery.enrol("Ann", [1.0, 0.0])
    >>> gallery.identify([0.8, 0.6]).name, gallery.identify([-1.0, 0.0]).name
    ('Ann', 'unknown')
    """

    def __init__(self, *, threshold: float) -> None:
        self.threshold = threshold
        self._templates: dict[str, NDArray[np.float32]] = {}  # (templates, size) each

    def __len__(self) -> int:
        return len(self._templates)

    def __contains__(self, name: str) -> bool:
        return _normal(name) in self._templates

    def __repr__(self) -> str:  # without names: it may land in a log
        return f"Gallery(threshold={self.threshold}) of {len(self)} people"

    @property
    def threshold(self) -> float:
        """The threshold; a new one holds from then on, whatever the templates that are there."""
        return self._threshold

    @threshold.setter
    def threshold(self, threshold: float) -> None:
        check_number("threshold", threshold, "above 0 and at most 4, a squared distance", low=0, high=4, ends="(]")
        self._threshold = float(threshold)

    @property
    def names(self) -> tuple[str, ...]:
        """The people, in the order in which they were enrolled."""
        return tuple(self._templates)

    def templates(self, name: str) -> NDArray[np.float32]:
        """All that is kept of a person, float32 (templates, size), a copy: people may ask for it.

        Raises:
            ValueError: If nobody of that name is enrolled.
        """
        return self._templates[self._known(name)].copy()

    def enrol(self, name: str, embeddings: ArrayLike, *, more: bool = False) -> None:
        """Add a person, or with ``more=True`` templates to one who is there. After an error nothing is changed.

        Args:
            name: Of the person; "unknown" is nobody's. Kept in Unicode's composed form (NFC).
            embeddings: One template (size,) or several (templates, size), float, of length one (`normalise`).
            more: Whether the person is there already.

        Raises:
            TypeError: If the name is no text or the embeddings are no numbers.
            ValueError: If the name is taken (two people can't share one), or nobody's with ``more=True``; if it is
                empty, "unknown" or has blanks at its ends; if embeddings are of another size than those in the gallery,
                not of length one, or there already; if the person's templates fall apart: from each to each other one
                must come by steps of at most the threshold, or there are two people among them.
        """
        name = self._known(name) if more else self._free(name)
        new = np.atleast_2d(_unit(embeddings))
        self._check_size(new)
        self._check_repeats(new)
        old = self._templates.get(name, new[:0])
        together = np.concatenate([old, new])
        clusters = cluster_faces(together, threshold=self.threshold, method="single")
        odd = np.flatnonzero(clusters[len(old) :] != (clusters[0] if more else 0)).tolist()
        if odd:
            raise ValueError(
                f"the templates of {name!r} must hang together, each at most threshold={self.threshold} from another; "
                f"rows {odd} of embeddings don't. Another person, or a bad image? Leave them out, or take another name"
            )
        self._templates[name] = together

    def remove(self, name: str) -> None:
        """Forget a person. A file still holds the templates until the gallery is saved there again.

        Raises:
            ValueError: If nobody of that name is enrolled.
        """
        del self._templates[self._known(name)]

    def identify(self, embedding: ArrayLike) -> Match:
        """Say whose template is nearest to a face, or "unknown" if its distance is above the threshold.

        Args:
            embedding: float (size,), of length one.

        Returns:
            The match; of equally near people the one enrolled first.

        Raises:
            TypeError: If the embedding is no numbers.
            ValueError: If the gallery is empty, or the embedding is of another size or not of length one.
        """
        if not self._templates:
            raise ValueError("the gallery must know somebody to compare with, but is empty; enrol people first")
        face = _unit(embedding)
        if face.ndim != 1:
            raise ValueError(f"embedding must be of one face, (size,), got shape {face.shape}; identify them in turn")
        self._check_size(face[None])
        distances = [np.sum((each.astype(float) - face) ** 2, axis=1).min() for each in self._templates.values()]
        best = int(np.argmin(distances))
        nearest, distance = self.names[best], float(distances[best])
        return Match(nearest if distance <= self.threshold else UNKNOWN, distance, nearest)

    def save(self, path: str | Path) -> None:
        """Write threshold, names and templates to one file, .npz without pickle, readable by its owner alone.

        The file appears under its name only once it is whole: a kill in between leaves the old file, or none.
        """
        counts = [len(each) for each in self._templates.values()]
        with written_whole(path, private=True) as file:
            np.savez(
                file,
                kind=np.array(KIND),
                threshold=np.array(self.threshold),
                names=np.array(self.names, dtype=str),
                owners=np.repeat(np.arange(len(self)), counts),
                templates=np.concatenate([np.zeros((0, 1), np.float32)] if not counts else [*self._templates.values()]),
            )

    @classmethod
    def load(cls, path: str | Path) -> "Gallery":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no gallery, or a damaged one.
        """
        raw = Path(path).read_bytes()
        try:
            return cls._from_arrays(_arrays(raw))
        except DAMAGE as error:
            raise ValueError(f"{path} is not a whole gallery ({error}); save it again, or enrol the people") from error

    @classmethod
    def _from_arrays(cls, arrays: dict[str, np.ndarray]) -> "Gallery":
        names, owners, templates = arrays["names"], arrays["owners"], arrays["templates"]
        kinds = [names.dtype.kind, *(str(array.dtype) for array in (owners, templates, arrays["threshold"]))]
        if kinds != ["U", "int64", "float32", "float64"]:
            raise ValueError(f"arrays of other types, {', '.join(kinds)}")
        # owners come first: unlike names and templates they can't be long without bytes in the file
        if owners.ndim != 1 or templates.ndim != 2 or len(templates) != len(owners) or names.ndim != 1:
            raise ValueError(f"shapes {names.shape}, {owners.shape} and {templates.shape} don't fit")
        if len(names) > len(owners) or not np.array_equal(np.unique(owners), np.arange(len(names))):
            raise ValueError("templates without owners, or people without templates")
        gallery = cls(threshold=4)  # at which all that was ever enrolled hangs together
        for number, name in enumerate(names.tolist()):
            gallery.enrol(name, templates[owners == number])
        gallery.threshold = arrays["threshold"].item()
        return gallery

    def _known(self, name: str) -> str:
        name = _normal(name)
        if name not in self._templates:
            raise ValueError(f"name must be of somebody in the gallery, got {name!r}; names lists them")
        return name

    def _free(self, name: str) -> str:
        name = _normal(name)
        if not name or name != name.strip() or not name.isprintable() or name == UNKNOWN:
            raise ValueError(f'name must be printable, without blanks at its ends, and not "unknown", got {name!r}')
        if name in self._templates:
            raise ValueError(
                f"{name!r} must be a name that nobody has yet; for another person take another name, for more "
                "templates of the same person more=True"
            )
        return name

    def _check_size(self, new: np.ndarray) -> None:
        for known in self._templates.values():
            if known.shape[1] != new.shape[1]:
                raise ValueError(
                    f"embeddings must have the size of those in the gallery, {known.shape[1]}, got {new.shape[1]}; "
                    "are they of another network?"
                )

    def _check_repeats(self, new: np.ndarray) -> None:
        owners = {row.tobytes(): name for name, rows in self._templates.items() for row in rows}
        for number, row in enumerate(new):
            if row.tobytes() in owners:
                owner = owners[row.tobytes()]
                raise ValueError(f"embeddings[{number}] must be new, but is {owner} already; is an image there twice?")
            owners[row.tobytes()] = f"embeddings[{number}]"


def _normal(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name must be text, got {name!r}")
    return unicodedata.normalize("NFC", name)


def _unit(embeddings: ArrayLike) -> NDArray[np.float32]:
    """Embeddings as float32, (size,) or (n, size), of length one."""
    array = as_floats(embeddings, "embeddings").astype(np.float32)
    if array.ndim > 2 or 0 in array.shape:
        raise ValueError(f"embeddings must be (size,) or (n, size), got shape {array.shape}")
    lengths = np.atleast_1d(np.linalg.norm(array, axis=-1))
    if np.abs(lengths - 1).max() > LENGTH_TOLERANCE:
        row = int(np.argmax(np.abs(lengths - 1)))
        raise ValueError(
            f"embeddings must be of length one, got {lengths[row]:.4g} at row {row}; the network's outputs are not: "
            "pass them through normalise"
        )
    return array


def _arrays(raw: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        # stored, not compressed: what is unpacked is no larger than the file
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.zip.infolist()):
            raise ValueError("compressed members")
        if archive.zip.testzip() is not None:
            raise ValueError("a checksum that is wrong")
        arrays = {name: archive[name] for name in ARRAYS}
    if arrays["kind"].shape != () or arrays["kind"].item() != KIND:
        raise ValueError("another kind of file")
    return arrays
