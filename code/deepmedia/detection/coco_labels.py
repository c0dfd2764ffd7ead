"""Labels in COCO's format: one JSON file for all pictures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deepmedia.datasets.voc import ImageLabels

MOST_BYTES = 1_000_000_000  # COCO's own largest label file has 0.45 GB


@dataclass(frozen=True, eq=False)
class CocoLabels:
    """The labels of all pictures in a file of COCO's format."""

    class_names: tuple[str, ...]  # by rising category id, whose numbers may leave gaps
    images: Mapping[str, ImageLabels]  # file name as the file states it -> labels


def read_coco(path: str | PathLike[str]) -> CocoLabels:
    """Read a label file of COCO's format: lists ``images``, ``categories`` and ``annotations``.

    Args:
        path: The JSON file.

    Returns:
        The labels of each picture, of those without a box, too. Outlines and key points are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such JSON; the text has the file's name and the place in it.

    Source: https://cocodataset.org/#format-data
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name}: a label file holds at most {MOST_BYTES / 1e9:g} GB, this one is longer")
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise ValueError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path.name}: the outermost value must be an object, got {type(content).__name__}")
    reader = _Reader(path.name, content)
    return reader.labels()


class _Reader:
    """The content of a file, and its name for errors."""

    def __init__(self, name: str, content: dict[str, Any]) -> None:
        self.name, self.content = name, content

    def labels(self) -> CocoLabels:
        """Names, sizes and boxes, all of them checked."""
        categories = {self.identity(row): self.get(row, "name", str) for row in self.rows("categories")}
        if len(set(categories.values())) < len(self.content["categories"]):
            raise ValueError(f"{self.name}: two categories have the same id or name")
        images = {self.identity(row): row for row in self.rows("images")}
        names = {key: self.get(row, "file_name", str) for key, row in images.items()}
        if len(set(names.values())) < len(self.content["images"]):
            raise ValueError(f"{self.name}: two images have the same id or file_name")
        of_image: dict[int | str, list[tuple[str, list[float], bool]]] = {key: [] for key in images}
        for row in self.rows("annotations"):
            image, category = self.identity(row, "image_id"), self.identity(row, "category_id")
            if image not in of_image or category not in categories:
                raise ValueError(f"{self.name}: an annotation's image_id and category_id must exist, got {row!r:.120}")
            of_image[image].append((categories[category], self.box(row), bool(row.get("iscrowd", 0))))
        order = sorted(categories, key=lambda key: (isinstance(key, str), key))
        return CocoLabels(
            tuple(categories[key] for key in order),
            {names[key]: self.image_labels(images[key], found) for key, found in of_image.items()},
        )

    def rows(self, key: str) -> list[dict[str, Any]]:
        """A list of objects."""
        rows = self.content.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"{self.name}: must hold a list {key!r} of objects; is it a file of COCO's format?")
        return rows

    def get(self, row: dict[str, Any], key: str, kind: type) -> Any:
        """A value of a row, of that type."""
        value = row.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{self.name}: {key!r} must be of type {kind.__name__}, got {row!r:.120}")
        return value

    def identity(self, row: dict[str, Any], key: str = "id") -> int | str:
        """A number or a text that names a row."""
        value = row.get(key)
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise ValueError(f"{self.name}: {key!r} must be a whole number or a text, got {row!r:.120}")
        return value

    def box(self, row: dict[str, Any]) -> list[float]:
        """(x_min, y_min, x_max, y_max) of COCO's [x_min, y_min, width, height]."""
        values = self.get(row, "bbox", list)
        numbers = [float(each) for each in values if self.is_number(each)]
        if len(numbers) != 4 or len(values) != 4:
            raise ValueError(f"{self.name}: 'bbox' must be four finite numbers, got {row!r:.120}")
        x, y, width, height = numbers
        return [x, y, x + width, y + height]

    def side(self, value: Any) -> int:
        """Pixels of a side; 0 if the file states none."""
        return max(0, int(value)) if self.is_number(value) else 0

    @staticmethod
    def is_number(value: object) -> bool:
        """A finite number that float64 holds."""
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15

    def image_labels(self, row: dict[str, Any], found: list[tuple[str, list[float], bool]]) -> ImageLabels:
        """The labels of one picture."""
        width, height = (self.side(row.get(side)) for side in ("width", "height"))
        return ImageLabels(
            tuple(name for name, _, _ in found),
            np.array([box for _, box, _ in found], np.float64).reshape(-1, 4),
            (width, height) if width and height else None,
            tuple(crowd for _, _, crowd in found),
        )
