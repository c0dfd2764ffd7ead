"""A folder of your own photographs: its faces, found and aligned, and what could not be found.

Reading changes nothing in the folder.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.cnn.picture_files import SUFFIXES, BadPicture, read_picture
from deepmedia.faces.alignment import EYE_POSITIONS, SIZE, align, as_eye_positions, as_size, check_margin, crop
from deepmedia.faces.finding import Face, check_search, find_faces
from deepmedia.faces.sheets import is_sheet, many, shown


@dataclass(frozen=True, eq=False)
class AlbumFace:
    """A face of an album.

    Attributes:
        picture: Name of its file, relative to the album's folder, with "/" between folders.
        image: uint8 (height, width, 3), RGB: aligned by the eyes, or cropped around the box where they were not found.
        face: Where it is, in pixels of the picture turned upright.
    """

    picture: str
    image: NDArray[np.uint8]
    face: Face


@dataclass(frozen=True, eq=False)
class Album:
    """What `read_album` found in a folder.

    Attributes:
        folder: The folder.
        size: Height and width of the faces, in pixels.
        faces: In the order of the files' names; in a picture with several the surest first.
        pictures: Names of all files that could be searched.
        unusable: Why a picture can't be searched, by its name.
        skipped: Names of the files that are no PNG, JPEG, BMP or WebP by their suffix, and of earlier contact sheets.
    """

    folder: Path
    size: tuple[int, int]
    faces: tuple[AlbumFace, ...] = ()
    pictures: tuple[str, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    @property
    def images(self) -> NDArray[np.uint8]:
        """The faces as one array, uint8 (n, height, width, 3), RGB."""
        return np.array([face.image for face in self.faces], np.uint8).reshape(-1, *self.size, 3)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each face: its file's, with (2), (3) … for further faces of one picture."""
        counts: dict[str, int] = {}
        names = []
        for face in self.faces:
            counts[face.picture] = number = counts.get(face.picture, 0) + 1
            names.append(shown(face.picture) + (f" ({number})" if number > 1 else ""))
        return tuple(names)

    @property
    def counts(self) -> dict[str, int]:
        """How many faces each searched picture has, by its name."""
        counts = dict.fromkeys(self.pictures, 0)
        for face in self.faces:
            counts[face.picture] += 1
        return counts

    @property
    def without_face(self) -> tuple[str, ...]:
        """Names of the pictures in which no face was found."""
        return tuple(name for name, count in self.counts.items() if count == 0)

    @property
    def with_several(self) -> tuple[str, ...]:
        """Names of the pictures in which several faces were found."""
        return tuple(name for name, count in self.counts.items() if count > 1)

    def report(self) -> str:
        """What was found and what was not, each picture by its name, as text to print."""
        searched, found = len(self.pictures), len(self.faces)
        counts = self.counts
        cropped = [name for name, face in zip(self.names, self.faces, strict=True) if face.face.eyes is None]
        parts = [
            f"{shown(str(self.folder))}: {many(found, 'face')} in {searched - len(self.without_face)} "
            f"of {many(searched, 'picture')}",
            *_listed("without a face", map(shown, self.without_face)),
            *_listed("with several faces", (f"{shown(name)}: {counts[name]}" for name in self.with_several)),
            *_listed("eyes not found, so neither turned nor sure to be a face", cropped),
            *_listed("can't be used", self.unusable.values()),
            *_listed("passed over: no PNG, JPEG, BMP or WebP, or an earlier sheet", map(shown, self.skipped)),
        ]
        return "\n".join(parts)


def read_album(
    folder: str | Path,
    *,
    size: int | tuple[int, int] = SIZE,
    eye_positions: ArrayLike = EYE_POSITIONS,
    margin: float = 0.15,
    smallest: int = 24,
    longest: int = 1024,
    neighbours: int = 3,
    progress: Callable[[int, int], None] | None = None,
) -> Album:
    """Find the faces in a folder's pictures, and align them.

    Pictures are PNG, JPEG, BMP or WebP files in the folder and its subfolders, read one at a time and turned upright
    as the camera noted. Hidden files and folders are passed over, links to folders not followed. A picture that can't
    be read stops nothing: it is listed in the album with the reason.

    Args:
        folder: The folder; nothing in it is changed.
        size: Of the faces: one side in pixels, or (height, width).
        eye_positions: As in `align`: where the network expects the eyes.
        margin: As in `crop`, for faces whose eyes were not found. With (0.4 / d - 1) / 2 they come out about as large
            as aligned ones: d is the distance of the eye positions, and in a box the eyes are about 0.4 apart.
        smallest: As in `find_faces`.
        longest: As in `find_faces`: larger pictures are reduced for the search, not for the faces that are cut out.
        neighbours: As in `find_faces`.
        progress: Called after each picture with the number of those done and of all.

    Returns:
        The album; print its `report()`.

    Raises:
        FileNotFoundError: If there is no such folder.
        NotADirectoryError: If it is a file.
        PermissionError: If it can't be opened.
        TypeError: If a setting is of another kind.
        ValueError: If the folder holds no picture, or a setting is refused by `find_faces`, `align` or `crop`.
    """
    root = Path(folder)
    _check_folder(root)
    sides = as_size(size)
    goal = as_eye_positions(eye_positions)
    check_margin(margin)
    check_search(smallest, longest, neighbours)
    files, unusable = _files(root)
    candidates = [name for name in files if Path(name).suffix.lower() in SUFFIXES and not is_sheet(root / name)]
    skipped = tuple(sorted(set(files) - set(candidates)))
    if not candidates:
        raise ValueError(
            f"folder {shown(str(root))} must hold a PNG, JPEG, BMP or WebP, got {many(len(skipped), 'other file')}; "
            "give the folder of your photographs, and convert HEIC or RAW files to JPEG first"
        )
    faces: list[AlbumFace] = []
    pictures = []
    for number, name in enumerate(candidates, start=1):
        try:
            picture = _read(root / name, smallest)
        except (BadPicture, OSError, MemoryError) as error:
            unusable[name] = _reason(root / name, name, error)
        else:
            pictures.append(name)
            found = find_faces(picture, smallest=smallest, longest=longest, neighbours=neighbours)
            faces += [AlbumFace(name, _cut(picture, face, sides, goal, margin), face) for face in found]
        if progress:
            progress(number, len(candidates))
    return Album(root, sides, tuple(faces), tuple(pictures), unusable, skipped)


def _check_folder(root: Path) -> None:
    """Complain about a folder that is none."""
    if not root.exists():
        raise FileNotFoundError(f"folder {shown(str(root))} does not exist; the current folder is {shown(os.getcwd())}")
    if not root.is_dir():
        raise NotADirectoryError(f"folder {shown(str(root))} is a file; give the folder that it lies in")


def _files(root: Path) -> tuple[list[str], dict[str, str]]:
    """Names of all files that are not hidden, sorted, and why a folder can't be opened."""
    unusable: dict[str, str] = {}

    def note(error: OSError) -> None:
        if Path(error.filename) == root:
            raise error
        name = Path(error.filename).relative_to(root).as_posix()
        unusable[name] = f"{shown(name)} can't be opened ({error.strerror}); ask its owner for the right to read it"

    names = []
    for place, folders, files in os.walk(root, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names += [(Path(place) / name).relative_to(root).as_posix() for name in files if not name.startswith(".")]
    return sorted(names), unusable


def _read(path: Path, smallest: int) -> NDArray[np.uint8]:
    """The picture in a file."""
    if path.exists() and not path.is_file():  # reading from a pipe would wait for ever
        raise BadPicture(f"{path} is a pipe or device, no file; remove it")
    return read_picture(path, smallest=smallest)


def _reason(path: Path, name: str, error: Exception) -> str:
    """Why a picture can't be used, with its name in place of the path."""
    if isinstance(error, BadPicture):
        return shown(str(error).replace(str(path), name))
    if isinstance(error, FileNotFoundError):
        return f"{shown(name)} has gone, or is a link to a file that does not exist; remove it"
    if isinstance(error, MemoryError):
        return f"{shown(name)} is too large for this computer's memory; reduce it, or remove it"
    return f"{shown(name)} can't be read ({getattr(error, 'strerror', None) or error}); ask its owner for the right to"


def _cut(
    picture: NDArray[np.uint8], face: Face, size: tuple[int, int], eye_positions: NDArray[np.float64], margin: float
) -> NDArray[np.uint8]:
    """The face, aligned where its eyes are known."""
    if face.eyes is None:
        return crop(picture, face.box, margin=margin, size=size)
    return align(picture, face.eyes, size=size, eye_positions=eye_positions)


def _listed(title: str, names: Iterable[str]) -> list[str]:
    """A title with the number of names, and a line for each; nothing for none."""
    lines = [f"  {name}" for name in names]
    return [f"{title} ({len(lines)}):", *lines] if lines else []
