"""A folder of pictures and labels, as training data: everything that is wrong with it is found and said."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_number
from deepmedia.cnn.picture_files import BadPicture, read_picture
from deepmedia.datasets.voc import ImageLabels, read_voc
from deepmedia.detection import label_report as kinds
from deepmedia.detection.coco_labels import read_coco
from deepmedia.detection.label_report import LabelFault, LabelReport
from deepmedia.detection.labels import chosen, truth_of
from deepmedia.detection.records import Truth
from deepmedia.detection.yolo_labels import read_yolo_labels

TIFF = (".tif", ".tiff")
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", *TIFF)
ROLES = {"images", "jpegimages", "pictures", "photos", "labels", "annotations", "xmls"}  # folders that name a role
SPLITS = {"train", "val", "valid", "validation", "test", "trainval"}
NO_LABEL_FILES = {"classes", "readme", "license", "notes", *SPLITS}  # text files
SMALL_SIDE = 3  # pixels; a box with a shorter side is reported

Key = tuple[str, ...]
Found = tuple[dict[Path, ImageLabels], tuple[str, ...]]  # labels of each picture, and the classes that files state


@dataclass(frozen=True, eq=False)
class LabelledFolder:
    """Pictures with their labels; ``paths`` and ``truths`` have one element a picture."""

    paths: tuple[Path, ...]
    truths: tuple[Truth, ...]
    class_names: tuple[str, ...]
    report: LabelReport


def read_labelled_folder(
    folder: str | PathLike[str], *, labels: str = "voc", class_names: Sequence[str] = (), strict: bool = False
) -> LabelledFolder:
    """Find the pictures below a folder, read their labels, and report all that is wrong.

    A picture and its label file have the same name but for its ending, and lie in the same folder or in two that
    differ in the name of a role alone: ``train/images/1.jpg`` and ``train/labels/1.txt``, or ``JPEGImages/1.jpg`` and
    ``Annotations/1.xml``. In folders of other names they belong together if no second picture and no second label
    file has that name; ``train``, ``val`` and ``test`` are kept apart. In COCO's format the one JSON file below the
    folder names the pictures. Names that begin with a dot are no one's pictures or labels.

    Nothing is left out in silence. Each fault stands in the report with what was done:

    - picture without a label file, or that can't be read, or whose label file can't: the picture is left out (an empty
      label file says that there is no object);
    - labels without a picture: left out;
    - two pictures or two label files for one name: the first by name is taken;
    - the same picture twice, byte for byte: both are kept; put them in one split, and see whether the labels agree;
    - a size in the label file that isn't the picture's, as after turning it by its EXIF note: kept if all boxes lie in
      the picture, else the picture is left out;
    - unknown class, or a box without area: the box is left out;
    - a box that leaves the picture: cut at the edge, or left out if nothing remains;
    - a box with a side shorter than 3 pixels: kept, and no fault for ``strict``.

    Args:
        folder: Of pictures and labels, at any depth.
        labels: Their format, ``"voc"``, ``"yolo"`` or ``"coco"``.
        class_names: All classes, in the order of their ids. Without them: for YOLO the lines of a file ``classes.txt``
            below the folder, if there is one, else the numbers; for COCO the file's categories; for VOC all names that
            occur, in the order of the alphabet.
        strict: Whether a fault is an error.

    Returns:
        Paths, boxes and classes in the order of the paths, and the report.

    Raises:
        NotADirectoryError: If there is no such folder.
        ValueError: If the format is another, no picture can be used, or with ``strict`` something is wrong; the text
            is the report.
    """
    if labels not in FORMATS:
        raise ValueError(f"labels must be one of {', '.join(FORMATS)}, got {labels!r}")
    if not Path(folder).is_dir():
        raise NotADirectoryError(f"{folder} must be a folder of pictures and labels")
    search = _Search(Path(folder))
    found, stated = FORMATS[labels](search, class_names)
    names = tuple(class_names) or stated or _names_in(found.values())
    checked = {path: _checked(search, path, each, names) for path, each in found.items()}
    truths = {path: truth for path, truth in checked.items() if truth is not None}
    _report_doubles(search, list(truths))
    report = _report(truths, names, search.faults)
    if not truths or (strict and any(fault.kind not in kinds.HARMLESS for fault in report.faults)):
        trouble = "something is wrong with the labels" if truths else "no picture with labels can be used"
        raise ValueError(f"{folder}: {trouble}.\n{report}")
    return LabelledFolder(tuple(truths), tuple(truths.values()), names, report)


def split_folder(
    folder: LabelledFolder, *, share: float = 0.25, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which pictures to learn from, and which to test on; copies of one picture stay together.

    Args:
        folder: Of at least two different pictures.
        share: Of the different pictures that are held out for the test, at least one of them.
        seed: Of the draw.

    Returns:
        Rows of ``folder.paths`` for training and for the test, each in rising order.

    Raises:
        ValueError: If there is but one picture, or the share is not between 0 and 1.
    """
    check_number("share", share, "between 0 and 1", low=0, high=1, ends="()")
    content = [hashlib.sha256(path.read_bytes()).digest() for path in folder.paths]
    _, which = np.unique(np.array(content), return_inverse=True)  # copies have the same number
    different = int(which.max()) + 1
    if different < 2:
        raise ValueError(f"folder must hold at least 2 different pictures to split, got {different}; label more")
    held = min(max(1, round(share * different)), different - 1)
    in_test = np.isin(which, np.random.default_rng(seed).permutation(different)[:held])
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


@dataclass(frozen=True, eq=False)
class _Search:
    """A folder, what was found wrong in it, and how large its pictures are."""

    folder: Path
    faults: list[LabelFault] = field(default_factory=list)
    sizes: dict[Path, tuple[int, int] | None] = field(default_factory=dict)

    def below(self, path: Path) -> str:
        """A file's place in the folder."""
        return path.relative_to(self.folder).as_posix()

    def add(self, kind: str, path: Path, what: str) -> None:
        """Note a fault."""
        self.faults.append(LabelFault(kind, self.below(path), what))

    def size(self, path: Path) -> tuple[int, int] | None:
        """Width and height of a picture, None for one that can't be read, which is noted."""
        if path not in self.sizes:
            self.sizes[path] = picture_size(path)
            if self.sizes[path] is None:
                self.add(kinds.BAD_PICTURE, path, "left out")
        return self.sizes[path]

    def files(self, *endings: str) -> list[Path]:
        """The files with such an ending, sorted; hidden ones and those in hidden folders are left out."""
        files = (path for path in self.folder.rglob("*") if path.suffix.lower() in endings and path.is_file())
        return sorted(path for path in files if "/." not in f"/{self.below(path)}")

    def by_key(self, *endings: str) -> dict[Key, Path]:
        """Files by what a picture has in common with its label file."""
        found: dict[Key, Path] = {}
        for path in self.files(*endings):
            parts = path.relative_to(self.folder).parent.parts
            key = (*(part for part in parts if part.lower() not in ROLES), path.stem)
            if key in found:
                self.add(kinds.SAME_NAME, path, f"left out: {self.below(found[key])} has the same name")
            found.setdefault(key, path)
        return found


def _voc_labels(search: _Search, class_names: Sequence[str]) -> Found:
    del class_names  # VOC's files hold names
    return _pairs(search, search.by_key(".xml"), lambda label_file, _: read_voc(label_file)), ()


def _yolo_labels(search: _Search, class_names: Sequence[str]) -> Found:
    lists = [path for path in search.files(".txt") if path.stem.lower() == "classes"]
    lines = lists[0].read_text("utf-8", errors="replace").splitlines() if lists else []
    names = tuple(class_names) or tuple(line.strip() for line in lines if line.strip())
    label_files = {key: path for key, path in search.by_key(".txt").items() if key[-1].lower() not in NO_LABEL_FILES}
    return _pairs(search, label_files, partial(read_yolo_labels, class_names=names)), names


def _coco_labels(search: _Search, class_names: Sequence[str]) -> Found:
    del class_names  # COCO's file holds names
    files = search.files(".json")
    if len(files) != 1:
        raise ValueError(f"{search.folder} must hold one JSON file of COCO's format, found {len(files)}")
    coco = read_coco(files[0])
    pictures = search.files(*PICTURES)
    by_name = {name: path for path in reversed(pictures) for name in (path.name, search.below(path))}
    found = {by_name[name]: labels for name, labels in coco.images.items() if name in by_name}
    for name in coco.images:
        if name not in by_name:
            search.faults.append(LabelFault(kinds.NO_PICTURE, name, "left out"))
    for path in pictures:
        if path not in found:
            search.add(kinds.NO_LABELS, path, f"left out; {files[0].name} doesn't name it")
    return {path: found[path] for path in pictures if path in found and search.size(path)}, coco.class_names


FORMATS: dict[str, Callable[[_Search, Sequence[str]], Found]] = {
    "voc": _voc_labels,
    "yolo": _yolo_labels,
    "coco": _coco_labels,
}


def _pairs(
    search: _Search, label_files: dict[Key, Path], read: Callable[[Path, tuple[int, int]], ImageLabels]
) -> dict[Path, ImageLabels]:
    """The labels of each picture that has a label file."""
    labels = {}
    pictures = search.by_key(*PICTURES)
    label_files = _beside_pictures(label_files, pictures)
    for key, picture in pictures.items():
        if key not in label_files:
            search.add(kinds.NO_LABELS, picture, "left out; an empty label file says that it shows nothing")
        elif (size := search.size(picture)) is not None:
            try:
                labels[picture] = read(label_files[key], size)
            except (ValueError, OSError) as error:
                search.add(kinds.BAD_LABELS, label_files[key], f"its picture is left out: {error}")
    for key, path in label_files.items():
        if key not in pictures:
            search.add(kinds.NO_PICTURE, path, "left out")
    return labels


def _beside_pictures(label_files: dict[Key, Path], pictures: dict[Key, Path]) -> dict[Key, Path]:
    """Label files by the keys of their pictures, also of those that only a name which occurs once says."""
    by_name = {_in_split(key): key for key in pictures}
    shown, labelled = (Counter(map(_in_split, keys)) for keys in (pictures, label_files))
    once = {name for name in shown if shown[name] == labelled[name] == 1}
    return {by_name[_in_split(key)] if _in_split(key) in once else key: path for key, path in label_files.items()}


def _in_split(key: Key) -> Key:
    """A key without the folders that name no split."""
    return (*(part for part in key[:-1] if part.lower() in SPLITS), key[-1])


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture as it is shown, turned by its EXIF note; None if it can't be read."""
    try:
        image = read_any_picture(path)
    except (cv2.error, OSError, ValueError):  # cv2.error: a picture of more than 2^30 pixels
        return None
    return image.shape[1], image.shape[0]


def read_any_picture(path: str | PathLike[str]) -> NDArray[np.uint8]:
    """The picture in a file of any of the kinds that a labelled folder may hold.

    Args:
        path: The file; TIFF is read by OpenCV alone, all else by `read_picture`, which sees more kinds of damage.

    Returns:
        RGB, uint8 (height, width, 3), turned by its EXIF note.

    Raises:
        FileNotFoundError: If there is no such file.
        BadPicture: If it is damaged, or no picture; a `ValueError`.
    """
    path = Path(path)
    if path.suffix.lower() not in TIFF:
        return read_picture(path, smallest=1)
    content = np.fromfile(path, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if image is None:
        raise BadPicture(f"{path} can't be decoded as a TIFF; copy or convert it again, or remove it")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _checked(search: _Search, path: Path, labels: ImageLabels, names: Sequence[str]) -> Truth | None:
    """The labels that can be trained on; None if the picture must be left out."""
    size = search.size(path) or (0, 0)
    if labels.size not in {None, size}:
        fits = not _sticks_out(labels.boxes, size).any()
        done = "kept, as all boxes lie in it" if fits else "left out; was it turned or resized after labelling?"
        search.add(kinds.OTHER_SIZE, path, f"the labels are of {labels.size}, the picture has {size}: {done}")
        if not fits:
            return None
    cut = np.clip(labels.boxes, 0, np.tile(size, 2)).astype(np.float32)
    known = np.array([name in names for name in labels.class_names], bool)
    for kind, what in _box_faults(labels, cut, known, size):
        search.add(kind, path, what)
    usable = known & _has_area(labels.boxes) & _has_area(cut)
    return truth_of(chosen(replace(labels, boxes=cut.astype(np.float64)), usable), names)


def _box_faults(
    labels: ImageLabels, cut: NDArray[np.float32], known: NDArray[np.bool_], size: tuple[int, int]
) -> Iterator[tuple[str, str]]:
    """Kind and words of each box's fault, the first that fits."""
    outside, whole, remains = _sticks_out(labels.boxes, size), _has_area(labels.boxes), _has_area(cut)
    for row, name in enumerate(labels.class_names):
        box = f"{name} {[round(float(value), 2) for value in labels.boxes[row]]}"
        if not known[row]:
            yield kinds.UNKNOWN_CLASS, f"{box} is left out"
        elif not whole[row] or not (outside[row] or remains[row]):
            yield kinds.NO_AREA, f"{box} is left out"
        elif outside[row]:
            yield kinds.OUTSIDE, f"{box} in a picture of {size} is {'cut at the edge' if remains[row] else 'left out'}"
        elif min(cut[row, 2:] - cut[row, :2]) < SMALL_SIDE:
            yield kinds.SMALL, f"{box} is kept"


def _has_area(boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
    return np.asarray((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))


def _sticks_out(boxes: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which boxes leave the picture by more than rounding."""
    beyond = np.maximum(-boxes, boxes - np.tile(size, 2)).max(axis=1, initial=-np.inf)
    return np.asarray(beyond > 1e-3)


def _report_doubles(search: _Search, paths: list[Path]) -> None:
    """Note pictures that are the same byte for byte."""
    first: dict[bytes, Path] = {}
    for path in paths:
        same = first.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
        if same != path:
            search.add(kinds.SAME_PICTURE, path, f"the same as {search.below(same)}; both are kept")


def _report(truths: dict[Path, Truth], names: Sequence[str], faults: list[LabelFault]) -> LabelReport:
    counts = Counter(names[number] for truth in truths.values() for number in truth.class_ids)
    boxes = sum(map(len, truths.values()))
    return LabelReport(len(truths), boxes, {name: counts[name] for name in names}, tuple(faults))


def _names_in(labels: Iterable[ImageLabels]) -> tuple[str, ...]:
    """All class names, numbers by value and before the others."""
    names = {name for each in labels for name in each.class_names}
    return tuple(sorted(names, key=lambda name: (not name.isdecimal(), len(name) if name.isdecimal() else 0, name)))
