"""Detections drawn on a photograph, for a copy to look at."""

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.records import Detections

FONT = cv2.FONT_HERSHEY_SIMPLEX
GOLDEN = 0.618  # the share of the circle of colours from one class to the next: neighbours differ, few repeat


def annotated(image: NDArray[np.uint8], detections: Detections, class_names: Sequence[str]) -> NDArray[np.uint8]:
    """A copy of the photograph with a frame around each object, its class and its score.

    Frames and letters grow with the photograph, so that they can be read when it fills a screen. The surest object is
    drawn last, above the others.

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
    order = np.argsort(detections.scores, kind="stable")
    for row in order:
        class_id = int(detections.class_ids[row])
        text = f"{class_names[class_id]} {detections.scores[row]:.2f}".encode("ascii", "replace").decode()
        _draw(drawn, detections.boxes[row], text, class_colour(class_id))
    return drawn


def class_colour(class_id: int) -> tuple[int, int, int]:
    """Red, green and blue of a class, 0 to 255; always the same, and bright enough for black letters."""
    red, green, blue = colorsys.hls_to_rgb(class_id * GOLDEN % 1, 0.7, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _draw(drawn: NDArray[np.uint8], box: NDArray[np.float32], text: str, colour: tuple[int, int, int]) -> None:
    """One frame with its label above it, or inside where there is no room above."""
    height, width = drawn.shape[:2]
    unit = max(1, round(min(height, width) / 250))  # pixels
    scale = 0.25 + 0.2 * unit
    x_min, y_min, x_max, y_max = (round(float(value)) for value in box)
    cv2.rectangle(drawn, (x_min, y_min), (max(x_max - 1, x_min), max(y_max - 1, y_min)), colour, unit)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, unit)
    label_height = text_height + below + 2 * unit
    top = y_min - label_height if y_min >= label_height else y_min
    left = max(0, min(x_min, width - text_width - 2 * unit))
    cv2.rectangle(drawn, (left, top), (left + text_width + 2 * unit, top + label_height), colour, cv2.FILLED)
    cv2.putText(drawn, text, (left + unit, top + text_height + unit), FONT, scale, (0, 0, 0), unit, cv2.LINE_AA)
