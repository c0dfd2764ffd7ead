"""Labels in YOLO's format: a text file for each picture, with a line for each box.

A line is ``class x_center y_center width height``: the number of the class, from 0, and fractions of the picture's
width and height. A file without a line says that the picture shows no object.
"""

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.voc import ImageLabels, limited_bytes
from deepmedia.detection.records import Truth
from deepmedia.whole_files import written_whole

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
FARTHEST = 2.0  # a fraction beyond it was meant in pixels


def read_yolo_labels(
    path: str | PathLike[str], image_size: tuple[int, int], *, class_names: Sequence[str] = ()
) -> ImageLabels:
    """Read one label file of YOLO's format.

    Args:
        path: The text file.
        image_size: Width and height of its picture in pixels, at least 1.
        class_names: Of the numbers 0, 1, ...; a number without a name is its own name.

    Returns:
        Names and boxes in file order.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a size is below 1, or a line is not of that form; the text has file and line.

    Source: Darknet, https://github.com/pjreddie/darknet, whose program ``scripts/voc_label.py`` writes such files.
    """
    width, height = image_size
    if min(width, height) < 1:
        raise ValueError(f"image_size must be (width, height) of at least 1 pixel, got {image_size}")
    path = Path(path)
    try:
        lines = limited_bytes(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not text: {error.reason} at byte {error.start}") from error
    rows = [_row(line, f"{path.name}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    fractions = np.array([row[1:] for row in rows], np.float64).reshape(-1, 4)
    names = tuple(class_names[number] if number < len(class_names) else str(number) for number, *_ in rows)
    return ImageLabels(names, _corners(fractions) * (width, height, width, height), (width, height))


def write_yolo_labels(path: str | PathLike[str], truth: Truth, image_size: tuple[int, int]) -> None:
    """Write the boxes of a picture in YOLO's format, which `read_yolo_labels` reads.

    Args:
        path: The text file; one that is there is replaced.
        truth: Whose crowds, which the format doesn't know, are written as boxes.
        image_size: Width and height of the picture in pixels.
    """
    boxes = truth.boxes.astype(np.float64) / np.tile(image_size, 2)
    centres, sides = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    rows = zip(truth.class_ids, centres, sides, strict=True)
    text = "".join(f"{number} {x:.8f} {y:.8f} {w:.8f} {h:.8f}\n" for number, (x, y), (w, h) in rows)
    with written_whole(Path(path)) as file:
        file.write(text.encode())


def _row(line: str, where: str) -> tuple[int, float, float, float, float]:
    """A class number and four fractions."""
    words = line.split()
    if len(words) != 5:
        raise ValueError(f"{where}: must be class, x_center, y_center, width, height, got {len(words)} columns")
    if not re.fullmatch(r"\d{1,6}", words[0], re.ASCII):
        raise ValueError(f"{where}: the class must be a whole number from 0, got {words[0][:40]!r}")
    numbers = [float(word) if _NUMBER.fullmatch(word) else np.nan for word in words[1:]]
    if not np.abs(numbers).max() <= FARTHEST:  # NaN is not
        raise ValueError(f"{where}: the box must be fractions of the picture, 0..1, got {' '.join(words[1:])[:80]!r}")
    x, y, width, height = numbers
    return int(words[0]), x, y, width, height


def _corners(fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (x_min, y_min, x_max, y_max) of rows (x_center, y_center, width, height)."""
    centres, halves = fractions[:, :2], fractions[:, 2:] / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)
