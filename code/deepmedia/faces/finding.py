"""Faces and eyes in a photograph, found by OpenCV's cascades.

A cascade slides a window over the image in many sizes and asks ever harder
questions about differences of brightness; most windows fall at the first ones.

Source: Viola and Jones (2001), "Rapid object detection using a boosted cascade
of simple features", CVPR. The trained cascades are OpenCV's: for faces
`haarcascade_frontalface_alt2` (Lienhart and Maydt (2002), "An extended set of
Haar-like features for rapid object detection", ICIP; 20 x 20 pixels), for eyes
`haarcascade_eye`. They know upright faces that look at the camera.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count

FACE_CASCADE = "haarcascade_frontalface_alt2.xml"
EYE_CASCADE = "haarcascade_eye.xml"
WINDOW = 20  # pixels, side of the window that the cascade for faces was trained on
SMALLEST = 8  # pixels, side of a face that can be asked for
COMFORTABLE = 24  # pixels: below that faces are enlarged before the search
STEP = 1.1  # from one size of the window to the next
FACE_SIDE = 200  # pixels to which a face is brought before its eyes are searched
STEEPEST = 0.6  # rise from eye to eye over their distance across: 31 degrees
EYE_DISTANCE = (0.25, 0.6)  # of the face's width; typical is 0.36 to 0.43
PATCH_BORDER = 0.25  # of a patch's side, added around it: a cascade wants to see a little more than the face


@dataclass(frozen=True, eq=False)
class Face:
    """A face in an image.

    Attributes:
        box: float64 (4,), (x_min, y_min, x_max, y_max) in pixels of the image: pixel [0, 0] reaches from 0 to 1.
        score: What the cascade's last stage added up, more for a surer face; see `find_faces`.
        eyes: float64 (2, 2), rows (x, y) in the box's unit: first the eye on the image's left, then the other.
            None where not both were found.
    """

    box: NDArray[np.float64]
    score: float
    eyes: NDArray[np.float64] | None


@dataclass(frozen=True)
class PatchScore:
    """How often a search said "face" on patches with a face, and on others."""

    found: int
    faces: int
    false_alarms: int
    others: int

    @property
    def recall(self) -> float:
        """Share of the faces that were found."""
        return self.found / self.faces

    @property
    def false_alarm_rate(self) -> float:
        """Share of the other patches that were taken for a face."""
        return self.false_alarms / self.others


def find_faces(image: NDArray[np.uint8], *, smallest: int = 24, longest: int = 1024, neighbours: int = 3) -> list[Face]:
    """The upright faces in an image that look at the camera.

    Args:
        image: uint8, (height, width, 3) RGB, or (height, width) or (height, width, 1) grey.
        smallest: Side in pixels of the smallest face to look for. Below 24 the image is enlarged for the search.
        longest: A larger image is reduced for the search until its longer side has so many pixels. Then a
            face's side must be at least 20 of the reduced pixels: about 80 in a photograph of 4000 x 3000.
        neighbours: A face is dropped where this many windows or fewer find it. More gives fewer false alarms, and finds
            less.

    Returns:
        The faces, the highest score first, larger ones first among equals; none for an image without any. A
        score is the sum of the votes in the cascade's last stage, about 54 to 57 for this cascade. It is no
        probability, and many good faces share the same one.

    Raises:
        TypeError: If the image is not uint8, or a setting is no whole number.
        ValueError: If the image has another shape, or a side below smallest; if smallest is below
            8 or longest below 24.
        FileNotFoundError: If this OpenCV comes without its cascades.
    """
    check_search(smallest, longest, neighbours)
    grey = _as_grey(image)
    if min(grey.shape) < smallest:
        raise ValueError(
            f"image is {grey.shape[0]} × {grey.shape[1]} pixels, smaller than the smallest face to look for; "
            f"smallest must be at most {min(grey.shape)}, got {smallest}"
        )
    eye_cascade = _cascade(EYE_CASCADE)
    found = _search(_cascade(FACE_CASCADE), grey, smallest, longest, neighbours)
    faces = [Face(box, score, _eyes(eye_cascade, grey, box)) for box, score in found]
    return sorted(faces, key=lambda face: (-face.score, face.box[0] - face.box[2], *face.box))


def score_on_patches(
    faces: NDArray[np.uint8], others: NDArray[np.uint8], *, smallest: int = 12, neighbours: int = 3
) -> PatchScore:
    """How well the search tells patches with a face from patches without.

    A patch is bordered by its edge pixels and enlarged before the search, since
    a cascade finds no face that fills the image or is smaller than its window.

    Args:
        faces: uint8 (n, height, width), grey patches with one face each, as `deepmedia.datasets.lfw_patches` gives.
        others: uint8 (m, height, width), patches without a face.
        smallest: As in `find_faces`.
        neighbours: As in `find_faces`.

    Returns:
        The counts. A patch counts as a face if at least one is found in it.

    Raises:
        TypeError: If the patches are not uint8.
        ValueError: If they are no stack of at least one patch, or smaller than smallest.
    """
    return PatchScore(
        _count_with_face(faces, "faces", smallest, neighbours),
        len(faces),
        _count_with_face(others, "others", smallest, neighbours),
        len(others),
    )


def check_search(smallest: int, longest: int, neighbours: int) -> None:
    """Complain about settings that `find_faces` can't search with, as it does."""
    for name, value in (("smallest", smallest), ("longest", longest), ("neighbours", neighbours)):
        check_count(name, value)
    if smallest < SMALLEST:
        raise ValueError(f"smallest must be at least {SMALLEST} pixels, for less shows no eyes, got {smallest}")
    if longest < COMFORTABLE:
        raise ValueError(f"longest must be at least {COMFORTABLE} pixels, got {longest}")


def _count_with_face(patches: NDArray[np.uint8], name: str, smallest: int, neighbours: int) -> int:
    """In how many patches a face is found."""
    if np.ndim(patches) != 3 or len(patches) == 0:
        raise ValueError(f"{name} must be at least one grey patch, (n, height, width), got shape {np.shape(patches)}")
    found = 0
    for patch in patches:
        border = round(PATCH_BORDER * max(patch.shape))
        wide = np.pad(patch, border, mode="edge")
        found += bool(find_faces(wide, smallest=smallest, neighbours=neighbours))
    return found


def _as_grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image as uint8 (height, width)."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise TypeError(
            f"image must be an array of uint8, 0 to 255, got {kind}; of floats in 0..1 make it by "
            "np.round(255 * image).astype(np.uint8)"
        )
    if 0 in image.shape or image.ndim not in {2, 3} or image.shape[2:] not in {(), (1,), (3,)}:
        raise ValueError(
            f"image must be (height, width, 3) RGB, or (height, width) or (height, width, 1) grey, got {image.shape}; "
            "of several images give one at a time, of RGBA image[..., :3]"
        )
    if image.ndim == 2:
        return image
    return image[..., 0] if image.shape[2] == 1 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _cascade(name: str) -> cv2.CascadeClassifier:
    """One of OpenCV's trained cascades, read anew: 10 ms, and no two threads share one, which they may not."""
    path = Path(cv2.__file__).parent / "data" / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; install 'opencv-python-headless<5', which brings it")
    return cv2.CascadeClassifier(str(path))


def _search(
    cascade: cv2.CascadeClassifier, grey: NDArray[np.uint8], smallest: int, longest: int, neighbours: int
) -> list[tuple[NDArray[np.float64], float]]:
    """Boxes in pixels of the image, with their scores."""
    height, width = grey.shape
    scale = min(max(1.0, COMFORTABLE / smallest), longest / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    least = max(WINDOW, round(smallest * scale))
    places, scores = _windows(cascade, scaled, neighbours, (least, None))
    corners = np.concatenate([places[:, :2], places[:, :2] + places[:, 2:]], axis=1)
    corners *= np.tile([width / size[0], height / size[1]], 2)
    return list(zip(corners, scores.tolist(), strict=True))


def _windows(
    cascade: cv2.CascadeClassifier, grey: NDArray, neighbours: int, sides: tuple[int, int | None]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a cascade finds: float64 (n, 4), rows (x, y, width, height), and scores (n,)."""
    least, most = sides
    places, _, scores = cascade.detectMultiScale3(
        grey,
        scaleFactor=STEP,
        minNeighbors=neighbours,
        minSize=(least, least),
        maxSize=(most, most) if most else (0, 0),
        outputRejectLevels=True,
    )
    return np.asarray(places, np.float64).reshape(-1, 4), np.asarray(scores, np.float64).reshape(-1)


def _eyes(cascade: cv2.CascadeClassifier, grey: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray | None:
    """The two eyes in the upper half of a box, or None."""
    left, top, right, bottom = box.round().astype(int)
    top, left = max(top, 0), max(left, 0)
    face = grey[top:bottom, left:right]
    sides = np.array([face.shape[1], face.shape[0]])
    square = cv2.resize(face, (FACE_SIDE, FACE_SIDE), interpolation=cv2.INTER_LINEAR)
    upper = square[: round(0.6 * FACE_SIDE)]  # an eye's window reaches below the half, its centre does not
    places, scores = _windows(cascade, upper, 3, (FACE_SIDE // 6, FACE_SIDE // 2))
    centres = (places[:, :2] + places[:, 2:] / 2) / FACE_SIDE  # of the face's sides
    eyes = []
    for is_side in (centres[:, 0] < 0.5, centres[:, 0] >= 0.5):
        candidates = np.flatnonzero(is_side & (centres[:, 1] < 0.5))
        if not len(candidates):
            return None
        eyes.append(centres[candidates[np.argmax(scores[candidates])]])
    across, down = eyes[1] - eyes[0]
    if not (EYE_DISTANCE[0] <= across <= EYE_DISTANCE[1] and abs(down) <= STEEPEST * across):
        return None
    return np.asarray(eyes) * sides + (left, top)
