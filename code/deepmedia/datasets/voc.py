"""Labels in Pascal VOC's format: an XML file for each picture, which names its objects and their boxes.

The file may come from anywhere. What makes XML dangerous (a document type with entities, which grow to gigabytes or
open other files) is refused before it is read, and so is a file of a size or depth that no label file has.
"""

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from deepmedia.whole_files import written_whole

MOST_BYTES = 10_000_000  # of a label file; a picture with a thousand boxes has 0.3 MB
DEEPEST = 50  # elements within elements; VOC has 4
CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, eq=False)
class ImageLabels:
    """What a label file says of one picture, faults and all: boxes may lie outside of it, or have no area."""

    class_names: tuple[str, ...]  # one a box
    boxes: NDArray[np.float64]  # (n, 4), rows (x_min, y_min, x_max, y_max) in pixels, finite
    size: tuple[int, int] | None = None  # width and height of the picture as the file states them, if it does
    is_crowd: tuple[bool, ...] = ()  # one a box; empty: none is a crowd

    def __len__(self) -> int:
        """The number of boxes."""
        return len(self.boxes)


def read_voc(path: str | PathLike[str], *, first_pixel: int = 0) -> ImageLabels:
    """Read one label file of Pascal VOC's format.

    Args:
        path: The XML file.
        first_pixel: What the file calls the picture's first column and row. 0: the numbers are the edges of the box,
            as most labelling programs write them, and are taken as they are. 1: they name the first and the last
            pixel in it, counted from 1, as in the files of the VOC challenge itself, so that x_min and y_min are
            lowered by 1.

    Returns:
        Names and boxes of all objects, in file order; an object's parts are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such XML; the text has the file's name.

    Source: "The PASCAL Visual Object Classes Challenge 2012 (VOC2012) Development Kit", on its annotation files.
    """
    if first_pixel not in (0, 1):
        raise ValueError(f"first_pixel must be 0 or 1, got {first_pixel!r}")
    path = Path(path)
    return parse_voc(limited_bytes(path), path.name, first_pixel=first_pixel)


def write_voc(path: str | PathLike[str], labels: ImageLabels, *, picture: str) -> Path:
    """Write one label file of Pascal VOC's format, which `read_voc` reads back.

    Args:
        path: The XML file; one that is there is replaced once the new one is whole.
        labels: Names and boxes; the numbers are written as they are, as edges of the box.
        picture: Name of the picture's file.

    Returns:
        The path.

    Raises:
        ValueError: If a class has no name, or names and boxes are not as many.
    """
    if len(labels.class_names) != len(labels.boxes) or not all(name.strip() for name in labels.class_names):
        raise ValueError(f"labels must have a name for each of {len(labels.boxes)} boxes, got {labels.class_names}")
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = picture
    if labels.size is not None:
        size = ElementTree.SubElement(root, "size")
        for side, pixels in zip(("width", "height", "depth"), (*labels.size, 3), strict=True):
            ElementTree.SubElement(size, side).text = str(pixels)
    for name, box in zip(labels.class_names, labels.boxes.tolist(), strict=True):
        each = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(each, "name").text = name
        bounds = ElementTree.SubElement(each, "bndbox")
        for corner, value in zip(CORNERS, box, strict=True):
            ElementTree.SubElement(bounds, corner).text = f"{value:.12g}"
    ElementTree.indent(root)
    target = Path(path)
    with written_whole(target) as file:
        file.write(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    return target


def parse_voc(content: bytes, name: str, *, first_pixel: int = 0) -> ImageLabels:
    """The labels in the bytes of a VOC file, whose name stands in errors; see `read_voc`."""
    root = _tree(content, name)
    if root.tag != "annotation":
        raise ValueError(f"{name}: a VOC label file's outermost element is <annotation>, this one's is <{root.tag}>")
    objects = root.findall("object")
    boxes = [[_number(_text(each, f"bndbox/{corner}", name), corner, name) for corner in CORNERS] for each in objects]
    array = np.array(boxes, np.float64).reshape(-1, 4)
    array[:, :2] -= first_pixel
    return ImageLabels(tuple(_text(each, "name", name) for each in objects), array, _size(root, name))


def limited_bytes(path: Path) -> bytes:
    """The content of a label file, if it is no longer than a label file can be."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path.name}: a label file holds at most {MOST_BYTES / 1e6:g} MB, this one is longer")
    return content


def _tree(content: bytes, name: str) -> ElementTree.Element:
    """The elements of an XML file without a document type."""
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"{name}: a VOC label file nests at most {DEEPEST} elements, this one nests more")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise ValueError(f"{name}: a VOC label file has no document type (<!DOCTYPE ...>); its entities are not read")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, LookupError, AssertionError) as error:  # LookupError: an encoding that doesn't exist
        raise ValueError(f"{name} is not well-formed XML: {error}") from error


def _text(element: ElementTree.Element, place: str, name: str) -> str:
    """The text at a place within an element; there must be one."""
    text = (element.findtext(place) or "").strip()
    if not text:
        raise ValueError(f"{name}: an <{element.tag}> lacks <{place.replace('/', '><')}>")
    return text


def _number(text: str, what: str, name: str) -> float:
    number = float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII) else math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name}: <{what}> must be a finite number, got {text[:40]!r}")
    return number


def _size(root: ElementTree.Element, name: str) -> tuple[int, int] | None:
    """Width and height, None where the file has none or says 0, as some programs do."""
    sides = tuple(_sides(root, name))
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) else None


def _sides(root: ElementTree.Element, name: str) -> Iterator[int]:
    for side in ("width", "height"):
        if text := (root.findtext(f"size/{side}") or "").strip():
            number = _number(text, side, name)
            if number < 0 or number != int(number):
                raise ValueError(f"{name}: <{side}> must be a whole number of pixels, got {text[:40]!r}")
            yield int(number)
