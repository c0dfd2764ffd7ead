"""Blood cells under the microscope, each with a box: BCCD, a small data set to learn detection on."""

import zipfile
from os import PathLike
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.packaged import FILES
from deepmedia.datasets.voc import ImageLabels, parse_voc
from deepmedia.whole_files import written_whole

# In class order: what BCCD calls "RBC", "WBC" and "Platelets".
BLOOD_CELLS = ("red blood cell", "white blood cell", "platelet")
BLOOD_CELL_LABELS = ("RBC", "WBC", "Platelets")
HEIGHT, WIDTH = 312, 416  # of the pictures in the package; 480 and 640 in the original

_SPLITS = {"train": "train", "validation": "val", "test": "test"}  # split -> its folder


def blood_cell_pictures(split: str = "train") -> tuple[NDArray[np.uint8], list[ImageLabels]]:
    """Microscope pictures of blood with the labels as they are, faults and all.

    `deepmedia.detection.blood_cells` gives the same as numbers for a detector. The splits are the data set's own,
    and the pictures follow each other by name. Two boxes of the training and validation data have no area; many cells
    at the edges, or in crowds, have no box. Pictures were split, not slides: at least nine pairs in different splits
    show the same field of view, a little moved, so that a figure on the test data is somewhat too good.

    Args:
        split: ``"train"`` (205 pictures), ``"validation"`` (87) or ``"test"`` (72).

    Returns:
        Images, uint8 (n, 312, 416, 3), RGB, 0 to 255, and the labels of each, whose names are `BLOOD_CELL_LABELS` and
        whose boxes are in pixels of these images.

    Raises:
        ValueError: If there is no such split.

    Source: Shenggan, "BCCD Dataset", https://github.com/Shenggan/BCCD_Dataset, commit d272fb1, MIT licence; data and
        labels from cosmicad and akshaylamba. Changed: pictures of 640 x 480 pixels made smaller.

    >>> images, labels = blood_cell_pictures("test")
    >>> images.shape, labels[0].class_names.count("RBC")
    ((72, 312, 416, 3), 17)
    """
    if split not in _SPLITS:
        raise ValueError(f"split must be 'train', 'validation' or 'test', got {split!r}")
    import cv2  # takes long to import

    images, labels = [], []
    with zipfile.ZipFile(_archive()) as archive:
        for name in sorted(name for name in archive.namelist() if name.startswith(f"{_SPLITS[split]}/images/")):
            blue_green_red = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
            images.append(cv2.cvtColor(blue_green_red, cv2.COLOR_BGR2RGB))
            label_file = f"{_SPLITS[split]}/annotations/{PurePosixPath(name).stem}.xml"
            labels.append(parse_voc(archive.read(label_file), label_file))
    return np.stack(images), labels


def unpack_blood_cells(folder: str | PathLike[str]) -> Path:
    """Write the pictures and their label files, to practise on what a folder of one's own looks like.

    Args:
        folder: Where to; it is made if it isn't there. In it, each of ``train``, ``val`` and ``test`` gets a folder
            ``images`` of JPEG files and a folder ``annotations`` of VOC's XML files. A file that is there is replaced.

    Returns:
        The folder.
    """
    folder = Path(folder)
    with zipfile.ZipFile(_archive()) as archive:
        for name in archive.namelist():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as file:
                file.write(archive.read(name))
    return folder


def _archive() -> Path:
    return FILES / "blood-cells" / "blood-cells.zip"
