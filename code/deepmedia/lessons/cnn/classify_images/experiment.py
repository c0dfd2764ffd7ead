"""A folder as a reader may have it: few real pictures, of all sizes, and not as many of each class."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from deepmedia.datasets import BLOOD_CELLS, blood_cell_pictures
from deepmedia.datasets.blood_cells import BLOOD_CELL_LABELS

MARGIN = 4  # pixels around a cell
SMALLEST = 12  # pixels of the shorter side of its box


def write_cells(folder: str | Path, split: str, counts: Sequence[int], *, seed: int = 0) -> Path:
    """Cut cells out of the blood cell pictures, each into the folder of its class.

    Args:
        folder: To be made, with one subfolder a class.
        split: Of `blood_cell_pictures`; no two splits share a picture.
        counts: How many of each class, in the order of `BLOOD_CELLS`.
        seed: Of the draw.

    Returns:
        The folder.

    Raises:
        ValueError: If there are not so many of a class.
        FileExistsError: If a class has a folder there.
    """
    pictures, labels = blood_cell_pictures(split)
    cells = [
        (number, box, BLOOD_CELL_LABELS.index(name))
        for number, label in enumerate(labels)
        for box, name in zip(label.boxes.astype(int), label.class_names, strict=True)
        if min(box[2:] - box[:2]) >= SMALLEST
    ]
    generator = np.random.default_rng(seed)
    for class_id, (name, count) in enumerate(zip(BLOOD_CELLS, counts, strict=True)):
        pool = [cell for cell in cells if cell[2] == class_id]
        if count > len(pool):
            raise ValueError(f"counts must be at most {len(pool)} for {name} in {split}, got {count}")
        (Path(folder) / name).mkdir(parents=True)
        for number in generator.permutation(len(pool))[:count]:
            row, (left, top, right, bottom), _ = pool[number]
            cut = pictures[row, max(0, top - MARGIN) : bottom + MARGIN, max(0, left - MARGIN) : right + MARGIN]
            cv2.imwrite(str(Path(folder) / name / f"{number:04}.png"), cut[..., ::-1])
    return Path(folder)
