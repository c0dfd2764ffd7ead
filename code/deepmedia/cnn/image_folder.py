"""From a folder of pictures, one subfolder a class, to batches that a network can learn from.

    shop/
        Coat/     0001.png  0002.png  ...
        Dress/    ...

`list_pictures` finds the files, `check_pictures` reads each once and reports
all that is wrong, `split_pictures` sets a part aside, and `picture_batches`
streams them.
"""

import contextlib
import difflib
import hashlib
import os
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.cnn.augmentation import Augmentation, augment
from deepmedia.cnn.picture_files import (
    SMALLEST,
    SUFFIXES,
    BadPicture,
    check_background,
    check_channels,
    read_picture,
    resize_and_pad,
)

Batch = tuple[tf.Tensor, tf.Tensor]  # pictures and their labels

MOST_REPORTED = 10  # faults that one error lists
TRAINING_FOLDERS = {"train", "training"}  # whose classes count for a folder beside it, too


@dataclass(frozen=True)
class Pictures:
    """Files with their classes."""

    paths: tuple[Path, ...]
    labels: NDArray[np.int64]  # (n,), which index class_names
    class_names: tuple[str, ...]  # in the order of the labels
    skipped: tuple[Path, ...] = ()  # what lay there and was no picture of a class

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.paths)

    def part(self, indices: ArrayLike) -> "Pictures":
        """Some of the pictures, with the same class names.

        Args:
            indices: Places in the list, integers (k,), or a mask, bool (n,).

        Raises:
            ValueError: If they are neither, or a place does not exist.
        """
        chosen = np.asarray(indices)
        if chosen.dtype == bool and chosen.shape == (len(self),):
            chosen = np.flatnonzero(chosen)
        if chosen.size == 0:
            chosen = chosen.astype(np.int64)  # NumPy takes an empty list for floats
        is_places = chosen.ndim == 1 and np.issubdtype(chosen.dtype, np.integer)
        if not is_places or np.any((chosen < -len(self)) | (chosen >= len(self))):
            raise ValueError(
                f"indices must be integers (k,) below {len(self)}, the number of pictures, or a mask, "
                f"bool ({len(self)},), got {chosen.dtype} {chosen.shape}"
                + (f" up to {chosen.max()}" if is_places else "")
            )
        return Pictures(tuple(self.paths[n] for n in chosen), self.labels[chosen], self.class_names)


def list_pictures(folder: str | Path, *, class_names: Sequence[str] | None = None) -> Pictures:
    """The pictures of a folder that has one subfolder a class.

    Names that begin with a dot are passed over: computers put such files
    everywhere. All else that is no picture of a class (other types, pictures
    outside the class folders, folders within them) is listed as skipped.

    A label is a place in the list of classes, so a folder to test with needs the
    classes of the folder to train with, in the same order. If that lies beside it
    as ``train`` or ``training``, its classes are taken; else give their names:
    ``list_pictures("photos", class_names=train.class_names)``.

    Args:
        folder: The subfolders' names are the classes. Letters with accents count as
            one, whichever of Unicode's two spellings (NFC or NFD) a disk uses.
        class_names: All classes that there may be, in the order of their labels; the
            folder may lack some. None takes the names of the subfolders of ``train`` or
            ``training`` beside the folder, or else of its own, sorted, capitals before
            small letters.

    Returns:
        The pictures, sorted by label, then by file name; class names in NFC.

    Raises:
        FileNotFoundError: If there is no such folder.
        NotADirectoryError: If it is a file.
        ValueError: If there are fewer than two classes, or a class folder has no
            picture, is none of the class names, begins or ends with a space, or differs
            from another in capitals or spelling of accents only.
    """
    root = Path(folder)
    if not root.exists():
        raise FileNotFoundError(f"folder {root} does not exist; the current folder is {Path.cwd()}")
    if not root.is_dir():
        raise NotADirectoryError(f"folder must be a folder with one subfolder a class, {root} is a file")
    folders, skipped = _folders_and_rest(root)
    known, where = _known_classes(root, class_names)
    _check_classes(root, folders, skipped, fewest=1 if known else 2)
    _check_names(folders)
    names = known or tuple(sorted(map(_class_name, folders)))
    _check_known(folders, names, where)
    paths: list[Path] = []
    labels: list[int] = []
    for label, class_folder in sorted((names.index(_class_name(each)), each) for each in folders):
        inner, files = _folders_and_rest(class_folder)
        found = [path for path in files if _is_picture(path)]
        others = inner + [path for path in files if not _is_picture(path)]
        if not found:
            raise ValueError(
                f"class folder {class_folder} has no picture ({', '.join(SUFFIXES)}), {_count(others, 'other entry')}; "
                "put pictures into it" + (f", or remove it: labels follow {where}" if known else "")
            )
        paths += found
        labels += [label] * len(found)
        skipped += others
    return Pictures(tuple(paths), np.array(labels, np.int64), names, tuple(skipped))


def check_pictures(pictures: Pictures, *, channels: int = 3, smallest: int = SMALLEST) -> None:
    """Read each picture once, and report all bad files together.

    Args:
        pictures: What `list_pictures` found.
        channels: 3 for RGB, 1 for grey.
        smallest: Least height and width in pixels.

    Raises:
        ValueError: If a file is no usable picture; the text lists the first ten.
    """
    check_channels(channels)
    faults = []
    for path in pictures.paths:
        try:
            read_picture(path, channels=channels, smallest=smallest)
        except (BadPicture, OSError) as error:
            faults.append(str(error))
    if faults:
        more = f"\n... and {len(faults) - MOST_REPORTED} more" if len(faults) > MOST_REPORTED else ""
        listed = "\n".join(faults[:MOST_REPORTED])
        raise ValueError(f"{len(faults)} of {len(pictures)} pictures can't be used:\n{listed}{more}")


def duplicates(*parts: Pictures) -> list[tuple[Path, ...]]:
    """Files with the same bytes, in groups of two or more.

    Args:
        *parts: One collection, or several that should share nothing.

    Returns:
        With one collection, all groups within it; with several, the groups that
        lie in more than one of them.
    """
    owners: dict[str, set[int]] = defaultdict(set)
    groups: dict[str, list[Path]] = defaultdict(list)
    for number, pictures in enumerate(parts):
        for path, checksum in zip(pictures.paths, checksums(pictures), strict=True):
            owners[checksum].add(number)
            groups[checksum].append(path)
    wanted = min(2, len(parts))
    return [tuple(group) for key, group in groups.items() if len(group) > 1 and len(owners[key]) >= wanted]


def checksums(pictures: Pictures) -> list[str]:
    """SHA-256 of each file."""
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures.paths]


def split_pictures(pictures: Pictures, *, validation: float = 0.1, seed: int = 0) -> tuple[Pictures, Pictures]:
    """Set a part of each class aside, by whole files and without a file in both parts.

    Files with the same bytes stay on one side, even under different names or in
    different classes.

    Args:
        pictures: To be split.
        validation: Share of each class that is set aside, between 0 and 1; kept
            to as nearly as groups of equal files allow.
        seed: Of the draw.

    Returns:
        Training part and validation part, each in the order of the list.

    Raises:
        ValueError: If the share is impossible, or a part would lack a class.
    """
    if not 0 < validation < 1:
        raise ValueError(f"validation must be a share between 0 and 1, got {validation}")
    groups: dict[str, list[int]] = defaultdict(list)
    for number, checksum in enumerate(checksums(pictures)):
        groups[checksum].append(number)
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names))
    wanted = np.maximum(1, np.round(counts * validation)).astype(int)
    held_out = np.zeros(len(pictures), bool)
    drawn = np.random.default_rng(seed).permutation(len(groups))
    members = list(groups.values())
    for number in drawn:  # whole groups, as long as each class has room
        group = members[number]
        added = np.bincount(pictures.labels[group], minlength=len(counts))
        if np.all(added <= wanted):
            wanted -= added
            held_out[group] = True
    parts = pictures.part(np.flatnonzero(~held_out)), pictures.part(np.flatnonzero(held_out))
    for name, part in zip(("training", "validation"), parts, strict=True):
        lacking = set(range(len(counts))) - set(part.labels.tolist())
        if lacking:
            names = ", ".join(pictures.class_names[label] for label in sorted(lacking))
            raise ValueError(
                f"with validation={validation} the {name} part would have no picture of {names}; "
                "add pictures that are not copies, or choose another share"
            )
    return parts


def picture_batches(
    pictures: Pictures,
    *,
    size: tuple[int, int] = (28, 28),
    channels: int = 1,
    background: int = 0,
    smallest: int = SMALLEST,
    batch_size: int = 64,
    augmentation: Augmentation | None = None,
    shuffle: bool = False,
    seed: int = 0,
) -> tf.data.Dataset:
    """A stream of batches: read once, kept as bytes, shuffled, changed, scaled.

    Args:
        pictures: The files.
        size: Height and width that each picture is brought to, proportions kept.
        channels: 3 for RGB, 1 for grey.
        background: Grey value of what is transparent or added, 0 to 255.
        smallest: Least height and width of a file's picture, in pixels.
        batch_size: Pictures a batch; the last batch may be smaller.
        augmentation: Random changes of each batch, for training; they never repeat from epoch to epoch.
        shuffle: Whether each epoch has an order of its own, for training.
        seed: Of the order and of the changes.

    Returns:
        A dataset of images, float32 (batch, height, width, channels) in 0..1,
        and labels, int64 (batch,). A bad file raises TensorFlow's error with our
        text in it; call `check_pictures` first.

    Raises:
        ValueError: If channels is neither 1 nor 3, or background is no grey value.
    """
    check_channels(channels)
    check_background(background)

    def read(path: bytes) -> NDArray[np.uint8]:
        picture = read_picture(os.fsdecode(path), channels=channels, background=background, smallest=smallest)
        return resize_and_pad(picture, size, background=background)

    def load(path: tf.Tensor, label: tf.Tensor) -> Batch:
        image = tf.numpy_function(read, [path], tf.uint8)
        return tf.ensure_shape(image, (*size, channels)), label

    names = [os.fsencode(path) for path in pictures.paths]
    data = tf.data.Dataset.from_tensor_slices((names, pictures.labels))
    data = data.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if shuffle:
        data = data.shuffle(len(pictures), seed=seed)  # anew each epoch
    data = data.batch(batch_size)
    if augmentation is not None:
        data = _changed(data, augmentation, seed=seed, background=background)
    data = data.map(lambda images, labels: (_scaled(images), labels))
    return data.prefetch(tf.data.AUTOTUNE)  # the next while the network works


def _changed(data: tf.data.Dataset, augmentation: Augmentation, *, seed: int, background: int) -> tf.data.Dataset:
    seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
    pairs = seeds.batch(2, drop_remainder=True)

    def change(batch: Batch, pair: tf.Tensor) -> Batch:
        images, labels = batch
        return augment(images, pair, augmentation, background=background), labels

    return tf.data.Dataset.zip((data, pairs)).map(change)


def _scaled(images: tf.Tensor) -> tf.Tensor:
    return tf.cast(images, tf.float32) / 255


def _folders_and_rest(folder: Path) -> tuple[list[Path], list[Path]]:
    """What a folder holds, sorted by name: its subfolders and the rest, without hidden entries."""
    with os.scandir(folder) as entries:  # knows what is a folder without asking the disk for each file
        kinds = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    return [folder / name for name, inner in kinds if inner], [folder / name for name, inner in kinds if not inner]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _class_name(folder: Path) -> str:
    """A folder's name with each accented letter as one character, as most keyboards write it."""
    return unicodedata.normalize("NFC", folder.name)


def _check_classes(root: Path, folders: Sequence[Path], files: Sequence[Path], *, fewest: int) -> None:
    if len(folders) >= fewest:
        return
    loose = [path for path in files if _is_picture(path)]
    wanted = "two subfolders" if fewest == 2 else "one subfolder"
    raise ValueError(
        f"folder {root} must hold at least {wanted}, one a class; it holds {len(folders)}, "
        f"and {_count(loose, 'picture')} directly in it; "
        "move each picture into a subfolder that has its class's name"
    )


def _check_names(folders: Sequence[Path]) -> None:
    """Complain about two classes that other computers, or people, would take for one."""
    first: dict[str, Path] = {}
    for folder in folders:
        if folder.name != folder.name.strip():
            raise ValueError(f"class folder {str(folder)!r} must not begin or end with a space; rename it")
        other = first.setdefault(unicodedata.normalize("NFC", _class_name(folder).casefold()), folder)
        if other is not folder:
            what = "in capitals" if _class_name(other) != _class_name(folder) else "in Unicode's spelling of accents"
            raise ValueError(
                f"class folders {other} and {folder} differ {what} only, and are the same on other computers; "
                "rename one, or move the pictures together"
            )


def _known_classes(root: Path, class_names: Sequence[str] | None) -> tuple[tuple[str, ...], str]:
    """The classes that are given, or those of a training folder beside it, and where they are from; () if neither."""
    if class_names is None:
        return _training_classes(root.resolve())
    names = () if isinstance(class_names, str) else tuple(unicodedata.normalize("NFC", name) for name in class_names)
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"class_names must be at least two different names, got {class_names!r}")
    return names, "class_names"


def _training_classes(place: Path) -> tuple[tuple[str, ...], str]:
    if place.name.lower() not in TRAINING_FOLDERS:
        with contextlib.suppress(PermissionError):  # then nobody can look
            for folder in _folders_and_rest(place.parent)[0]:
                classes = _folders_and_rest(folder)[0] if folder.name.lower() in TRAINING_FOLDERS else []
                if len(classes) >= 2:
                    _check_names(classes)
                    return tuple(sorted(map(_class_name, classes))), f"the class folders of {folder}"
    return (), ""


def _check_known(folders: Sequence[Path], names: Sequence[str], where: str) -> None:
    """Complain about a class folder that is none of the classes: misspelt, or one that nothing was trained for."""
    for folder in folders:
        if (name := _class_name(folder)) not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f" rename it, perhaps to {near[0]!r}," if near else ""
            raise ValueError(
                f"class folder {folder} is none of {where} ({', '.join(names)});{hint or ' move it out of the way,'} "
                "or give the right class_names"
            )


def _count(items: Sequence, what: str) -> str:
    plural = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{len(items)} {what if len(items) == 1 else plural}"
