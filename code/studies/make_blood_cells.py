"""Make the blood cells that ship in the package: python -m studies.make_blood_cells FOLDER.

It takes the 364 pictures of BCCD, 640 x 480 pixels, makes them 416 x 312, moves the boxes with them, and packs
pictures and labels by split. FOLDER is ``BCCD`` in a checkout of https://github.com/Shenggan/BCCD_Dataset at commit
d272fb14cdff6e473fafeeeba32aba5f560e9e43, or holds the same files in folders ``images``, ``annotations`` and ``splits``.
They are not in the registry: 9 MB in 731 files, of which the package holds what the book uses.
"""

import argparse
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from deepmedia.datasets.blood_cells import HEIGHT, WIDTH
from deepmedia.datasets.voc import CORNERS, ImageLabels, read_voc
from studies.packaged_files import write

QUALITY = 85  # of JPEG: 5 MB in all
SPLITS = ("train", "val", "test")


def picture_bytes(path: Path) -> bytes:
    """A picture of the original, smaller, as JPEG."""
    smaller = cv2.resize(cv2.imread(str(path), cv2.IMREAD_COLOR), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    return bytes(cv2.imencode(".jpg", smaller, options)[1].tobytes())


def label_bytes(path: Path) -> bytes:
    """The labels of a picture, as VOC's XML in pixels of the smaller picture."""
    labels = read_voc(path)
    if labels.size != (640, 480):
        raise ValueError(f"{path.name} must be of a picture of 640 x 480 pixels, it says {labels.size}")
    return voc_bytes(f"{path.stem}.jpg", labels, WIDTH / 640)


def voc_bytes(file_name: str, labels: ImageLabels, scale: float) -> bytes:
    """Labels as a file of VOC's format, with boxes and picture scaled."""
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = file_name
    size = ElementTree.SubElement(root, "size")
    for side, value in zip(("width", "height", "depth"), (WIDTH, HEIGHT, 3), strict=True):
        ElementTree.SubElement(size, side).text = str(value)
    for class_name, box in zip(labels.class_names, scale * labels.boxes, strict=True):
        each = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(each, "name").text = class_name
        corners = ElementTree.SubElement(each, "bndbox")
        for corner, value in zip(CORNERS, box, strict=True):
            ElementTree.SubElement(corners, corner).text = f"{np.round(value, 2):g}"
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8")


def members(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in the archive."""
    original = (folder / "JPEGImages").is_dir()
    places = ("JPEGImages", "Annotations", "ImageSets/Main") if original else ("images", "annotations", "splits")
    pictures, labels, splits = (folder / place for place in places)
    for split in SPLITS:
        for name in sorted((splits / f"{split}.txt").read_text().split()):
            yield f"{split}/images/{name}.jpg", picture_bytes(pictures / f"{name}.jpg")
            yield f"{split}/annotations/{name}.xml", label_bytes(labels / f"{name}.xml")


def archive_bytes(folder: Path) -> bytes:
    """The archive, the same bytes each time: pictures as they are, labels packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members(folder):
            entry = zipfile.ZipInfo(name)  # of 1 January 1980
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return file.getvalue()


def main() -> None:
    """Write the archive into the package."""
    parser = argparse.ArgumentParser(prog="python -m studies.make_blood_cells", description="See the module's text.")
    parser.add_argument("folder", type=Path, help="BCCD's pictures, labels and splits")
    write({"blood-cells/blood-cells.zip": archive_bytes(parser.parse_args().folder)})


if __name__ == "__main__":
    main()
