"""Detections drawn on a photograph, for a copy to look at."""

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.overlap import intersection_areas
from deepmedia.detection.records import Detections

FONT = cv2.FONT_HERSHEY_SIMPLEX
GOLDEN = 0.618  # the share of the circle of colours from one class to the next: neighbours differ, few repeat


def annotated(image: NDArray[np.uint8], detections: Detections, class_names: Sequence[str]) -> NDArray[np.uint8]:
    """A copy of the photograph with a frame around each object, its class and its score.

    Frames and letters grow with the photograph, so that they can be read when it fills a screen. The surest object's
    frame lies above the others, and its label gets the first choice of place: above the frame, inside, or below.

    Args:
        image: uint8 (height, width, 3), RGB.
        detections: Boxes in pixels of this image.
        class_names: In the order of the class ids. Letters that OpenCV can't write appear as question marks.

    Returns:
        uint8 (height, width, 3), RGB.

    Raises:
        ValueError: If the image is not uint8 RGB, or a class has no name.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be uint8 (height, width, 3), RGB, got {image.dtype} {image.shape}")
    if len(detections) and detections.class_ids.max() >= len(class_names):
        raise ValueError(f"class_names must hold class {detections.class_ids.max()}, got {len(class_names)} names")
    drawn = np.ascontiguousarray(image).copy()
    unit = max(1, round(min(image.shape[:2]) / 250))  # pixels
    order = np.argsort(-detections.scores, kind="stable")
    for row in order[::-1]:
        _draw_frame(drawn, detections.boxes[row], class_colour(int(detections.class_ids[row])), unit)
    taken: list[NDArray] = []
    for row in order:
        class_id = int(detections.class_ids[row])
        text = f"{class_names[class_id]} {detections.scores[row]:.2f}".encode("ascii", "replace").decode()
        taken.append(_draw_label(drawn, detections.boxes[row], text, class_colour(class_id), unit, taken))
    return drawn


def class_colour(class_id: int) -> tuple[int, int, int]:
    """Red, green and blue of a class, 0 to 255; always the same, and bright enough for black letters."""
    red, green, blue = colorsys.hls_to_rgb(class_id * GOLDEN % 1, 0.7, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _draw_frame(drawn: NDArray[np.uint8], box: NDArray[np.float32], colour: tuple[int, int, int], unit: int) -> None:
    x_min, y_min, x_max, y_max = (round(float(value)) for value in box)
    cv2.rectangle(drawn, (x_min, y_min), (max(x_max - 1, x_min), max(y_max - 1, y_min)), colour, unit)


def _draw_label(
    drawn: NDArray[np.uint8],
    box: NDArray[np.float32],
    text: str,
    colour: tuple[int, int, int],
    unit: int,
    taken: list[NDArray],
) -> NDArray:
    """Write class and score at the first place at the frame that no surer label takes; that place as a box."""
    scale, thickness = 0.25 + 0.2 * unit, max(1, unit - 1)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, thickness)
    width, height = text_width + 2 * unit, text_height + below + unit
    x_min, y_min, _, y_max = (round(float(value)) for value in box)
    left = max(0, min(x_min, drawn.shape[1] - width))
    tops = [y_min - height, y_min, y_max, y_max - height, *(y_min + number * height for number in range(1, 8))]
    places = [np.array([left, top, left + width, top + height]) for top in tops]
    free = [
        place
        for place in places
        if place[1] >= 0 and place[3] <= drawn.shape[0] and not (taken and intersection_areas(place[None], taken).any())
    ]
    place = free[0] if free else places[1]
    top = int(place[1])
    cv2.rectangle(drawn, (left, top), (left + width - 1, top + height - 1), colour, cv2.FILLED)
    origin = (left + unit, top + text_height + unit // 2)
    cv2.putText(drawn, text, origin, FONT, scale, (0, 0, 0), thickness, cv2.LINE_AA)
    return place
