"""A folder as people have them: photographs, drawn people, pictures without a face, and files that are none."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets import photo
from deepmedia.faces.synthetic import draw_faces, synthetic_attributes

SIDE = 240  # pixels of a drawn face
EDGE = 60  # pixels around it
PEOPLE, PICTURES = 5, 4


def drawn_pictures() -> NDArray[np.uint8]:
    """Pictures of drawn people of the validation split, nothing before their faces.

    Returns:
        uint8 (people, pictures, height, width, 3), RGB.
    """
    rows = synthetic_attributes("validation", PEOPLE, PICTURES)
    rows["occlusion"] = 0
    faces = np.rint(255 * draw_faces(rows, size=SIDE)).astype(np.uint8)
    framed = np.pad(faces, ((0, 0), (EDGE, EDGE), (EDGE, EDGE), (0, 0)), mode="edge")
    return framed.reshape(PEOPLE, PICTURES, *framed.shape[1:])


def make_folder(folder: Path) -> None:
    """Write an album: drawn people and photographs, two people in one picture, and files that can't be used.

    Args:
        folder: That exists and is empty.
    """
    pictures = drawn_pictures()
    for person, name in enumerate(("Ada", "Ben", "Cleo", "Dev", "Eva")):
        for number, picture in enumerate(pictures[person][:-1], start=1):
            _write(folder / f"{name.lower()}-{number}.jpg", picture)
    _write(folder / "party.png", np.hstack([pictures[0, -1], pictures[2, -1]]))
    for name in ("astronaut", "coffee", "chelsea"):
        _write(folder / f"{name}.jpg", photo(name))
    whole = (folder / "ada-1.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "notes.txt").write_text("Ask all of them before the album goes on-line.\n", "utf-8")


def _write(path: Path, image: NDArray[np.uint8]) -> None:
    done, data = cv2.imencode(path.suffix, image[..., ::-1])  # OpenCV's order is blue, green, red
    assert done
    path.write_bytes(data.tobytes())
