"""New training images from old ones, by changes that move the boxes along."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_fraction, check_number
from deepmedia.detection.records import Truth

GREY = 0.5  # of what comes in from outside, as a letterbox has it
LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look, ITU-R BT.601


@dataclass(frozen=True)
class BoxAugmentation:
    """How an image and its boxes may change; all draws are even between the bounds.

    Args:
        mirror: Left to right, half of the images.
        shift: Part of each side by which the content moves at most, either way.
        zoom: The content gets at most so many times larger, or smaller.
        brightness: All values are multiplied by at most 1 plus this, at least 1 less this.
        saturation: How much more or less colourful, in the same way; 1 may take all colour away.
        hue: Turn of the colour circle, in parts of the whole, either way.
        least_visible: Part of a box's area that must be left inside; a box of which less is left is dropped.

    Raises:
        TypeError: If a setting is no number.
        ValueError: If one lies outside of what it can be.
    """

    mirror: bool = True
    shift: float = 0.15
    zoom: float = 1.3
    brightness: float = 0.3
    saturation: float = 0.4
    hue: float = 0.05
    least_visible: float = 0.4

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("shift", "brightness"):
            check_fraction(name, getattr(self, name))
        check_number("zoom", self.zoom, "1 to 10, where 1 is none", low=1, high=10, ends="[]")
        check_number("saturation", self.saturation, "in 0..1", low=0, high=1, ends="[]")
        check_number("hue", self.hue, "in 0..0.5", low=0, high=0.5, ends="[]")
        check_number("least_visible", self.least_visible, "above 0 and at most 1", low=0, high=1, ends="(]")


def augment_boxes(
    image: NDArray, truth: Truth, seed: int | list[int], augmentation: BoxAugmentation | None = None
) -> tuple[NDArray, Truth]:
    """One image and its boxes, changed by random numbers of their own.

    Args:
        image: RGB (height, width, 3), uint8 or float32 in 0..1.
        truth: Its boxes, in pixels of it.
        seed: One or several whole numbers, such as epoch and image; equal ones give equal changes.
        augmentation: What may change; None is the default of each.

    Returns:
        An image of the same shape and type, and the boxes that are left in it, clipped to it. Classes and crowds go
        along with the boxes.

    Raises:
        TypeError: If the image is neither uint8 nor float32.
        ValueError: If it is not RGB.
    """
    if image.dtype not in (np.uint8, np.float32):
        raise TypeError(f"image must be uint8 or float32, got {image.dtype}")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must be RGB, (height, width, 3), got shape {image.shape}")
    chosen = augmentation or BoxAugmentation()
    random = np.random.default_rng(seed)
    matrix = draw_movement(random, (image.shape[0], image.shape[1]), chosen)
    moved = move_image(image, matrix)
    boxes = move_truth(truth, matrix, (image.shape[0], image.shape[1]), least_visible=chosen.least_visible)
    return recolour(moved, draw_colours(random, chosen)), boxes


def draw_movement(
    random: np.random.Generator, size: tuple[int, int], augmentation: BoxAugmentation
) -> NDArray[np.float64]:
    """Mirror, zoom and shift as one table of numbers.

    Args:
        random: Where the draws come from.
        size: Height and width of the image.
        augmentation: What may change.

    Returns:
        float64 (2, 3), rows (a, 0, b) and (0, c, d): a point (x, y) goes to (a x + b, c y + d).
    """
    height, width = size
    turn = -1 if augmentation.mirror and random.random() < 0.5 else 1
    zoom = np.exp(random.uniform(-1, 1) * np.log(augmentation.zoom))
    shift = random.uniform(-1, 1, 2) * augmentation.shift * (width, height)
    scale = np.array([turn * zoom, zoom])
    centre = np.array([width, height]) / 2
    return np.column_stack([np.diag(scale), centre - scale * centre + shift])


def move_image(image: NDArray, matrix: NDArray[np.float64]) -> NDArray:
    """The image, moved as `draw_movement` says; grey comes in from outside.

    A box's corner (x, y) lies on the edge of a pixel, whose middle is (x + 0.5, y + 0.5); OpenCV counts from middles.
    """
    half = np.array([0.5, 0.5])
    of_middles = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ half - half])
    grey = GREY * 255 if image.dtype == np.uint8 else GREY
    height, width = image.shape[:2]
    return cv2.warpAffine(image, of_middles, (width, height), borderValue=(grey, grey, grey))


def move_truth(truth: Truth, matrix: NDArray[np.float64], size: tuple[int, int], *, least_visible: float) -> Truth:
    """The boxes after a movement, clipped to the image.

    Args:
        truth: The boxes before, in pixels.
        matrix: Of `draw_movement`.
        size: Height and width of the image.
        least_visible: Part of a box's area that must be left for it to stay.

    Returns:
        The boxes that stay, in their order.
    """
    height, width = size
    scale, shift = np.diag(matrix[:, :2]), matrix[:, 2]
    corners = truth.boxes.reshape(-1, 2, 2) * scale + shift  # (n, 2 corners, x and y)
    low, high = corners.min(axis=1), corners.max(axis=1)  # a mirror swaps left and right
    inside_low, inside_high = np.clip(low, 0, (width, height)), np.clip(high, 0, (width, height))
    left = np.prod(inside_high - inside_low, axis=1) / np.prod(high - low, axis=1)
    kept = left >= least_visible - 1e-6  # rounding of float32 boxes
    boxes = np.concatenate([inside_low, inside_high], axis=1)[kept]
    return Truth(boxes, truth.class_ids[kept], np.asarray(truth.is_crowd)[kept])


def draw_colours(random: np.random.Generator, augmentation: BoxAugmentation) -> NDArray[np.float64]:
    """Brightness, saturation and hue as one table: new red, green and blue as sums of the old ones.

    Args:
        random: Where the draws come from.
        augmentation: What may change.

    Returns:
        float64 (3, 3). Grey stays grey, and hue and saturation keep its brightness.
    """
    bright, vivid, turn = random.uniform(-1, 1, 3) * (
        augmentation.brightness,
        augmentation.saturation,
        augmentation.hue,
    )
    to_grey = np.tile(LUMA, (3, 1))
    return (1 + bright) * (to_grey + (1 + vivid) * (_turned_hue(2 * np.pi * turn) - to_grey))


def _turned_hue(angle: float) -> NDArray[np.float64]:
    """A turn of the two numbers that stand for colour, in NTSC's YIQ, beside the brightness."""
    to_yiq = np.array([LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)])
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    return np.linalg.solve(to_yiq, turn @ to_yiq)


def recolour(image: NDArray, matrix: NDArray[np.float64]) -> NDArray:
    """The image with each pixel's colour multiplied by a table of `draw_colours`, clipped to what its type holds."""
    changed = cv2.transform(image, matrix)
    return changed if image.dtype == np.uint8 else np.clip(changed, 0, 1)
