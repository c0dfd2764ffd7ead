"""A photograph of any size made to fit the network's input, and boxes brought back from there.

Darknet resizes in its own way, and a network's answers depend on it: the outermost pixels of the photograph become the
outermost ones of the result ("aligned corners"), where OpenCV aligns the outer edges of those pixels.

Source: resize_image and letterbox_image in src/image.c, correct_yolo_boxes in src/yolo_layer.c of
https://github.com/pjreddie/darknet. Departs from them: a photograph so slim that its shorter side would shrink to
nothing keeps one pixel there; Darknet takes the positions in seven digits, this module in sixteen.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count, check_finite
from deepmedia.boxes import checked_boxes

GREY = np.float32(0.5)  # what surrounds the photograph


@dataclass(frozen=True)
class Letterbox:
    """Where a photograph lies in the network's input: as large as fits, in the middle, its proportions kept.

    Attributes:
        image: Height and width of the photograph in pixels.
        canvas: Height and width of the network's input.
        height: Of the photograph on the canvas, whole pixels.
        width: The same.
        top: First row of the photograph on the canvas.
        left: First column.

    >>> Letterbox((576, 768), (416, 416))
    Letterbox(image=(576, 768), canvas=(416, 416), height=312, width=416, top=52, left=0)
    """

    image: tuple[int, int]
    canvas: tuple[int, int]
    height: int = 0  # these follow from the two above
    width: int = 0
    top: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        """Place the photograph."""
        for name in ("image", "canvas"):
            for side in getattr(self, name):
                check_count(f"{name}'s sides", side)
        (rows, columns), (height, width) = self.image, self.canvas
        if width * rows < height * columns:  # the width decides
            inner = max(1, rows * width // columns), width
        else:
            inner = height, max(1, columns * height // rows)
        for name, value in zip(("height", "width"), inner, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "top", (height - inner[0]) // 2)
        object.__setattr__(self, "left", (width - inner[1]) // 2)

    def boxes_on_image(self, boxes: ArrayLike) -> NDArray[np.float32]:
        """Boxes on the canvas as boxes on the photograph.

        The photograph was placed on whole pixels, but Darknet calculates back with half a pixel where the grey can't
        be halved. So does this method; the network learned with it.

        Args:
            boxes: Real (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the canvas.

        Returns:
            float32 (n, 4), in pixels of the photograph; what lay in the grey reaches beyond it.
        """
        scale, offset = self._scale_and_offset()
        return ((np.asarray(boxes, np.float64).reshape(-1, 4) - offset) / scale).astype(np.float32)

    def boxes_on_canvas(self, boxes: ArrayLike) -> NDArray[np.float32]:
        """Boxes on the photograph as boxes on the canvas, the inverse of `boxes_on_image`.

        Args:
            boxes: Real (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of the photograph.

        Returns:
            float32 (n, 4), in pixels of the canvas.

        Raises:
            TypeError, ValueError: If the boxes are none; see `deepmedia.boxes.checked_boxes`.
        """
        scale, offset = self._scale_and_offset()
        return (checked_boxes(boxes) * scale + offset).astype(np.float32)

    def _scale_and_offset(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Canvas = photograph · scale + offset, for (x_min, y_min, x_max, y_max)."""
        scale = np.array([self.width / self.image[1], self.height / self.image[0]] * 2)
        offset = np.array([(self.canvas[1] - self.width) / 2, (self.canvas[0] - self.height) / 2] * 2)
        return scale, offset


def letterbox(image: NDArray, size: int | tuple[int, int]) -> NDArray[np.float32]:
    """What the network sees of a photograph: as large as fits into its input, with grey around it.

    Args:
        image: RGB, (height, width, 3), uint8, or float in 0..1.
        size: Side of the network's input in pixels, or (height, width).

    Returns:
        float32 (height, width, 3) in 0..1.

    Raises:
        TypeError: If the image is neither uint8 nor float, or size is no whole number.
        ValueError: If the image has another shape, no pixel, or floats outside 0..1, or size is below 1.

    >>> letterbox(np.full((1, 2, 3), 255, np.uint8), 4)[:, 0, 0]
    array([0.5, 1. , 1. , 0.5], dtype=float32)
    """
    check_image(image)
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    place = Letterbox(image.shape[:2], (height, width))
    canvas = np.full((height, width, 3), GREY, np.float32)
    inner = canvas[place.top : place.top + place.height, place.left : place.left + place.width]
    inner[:] = resize_aligned(image, (place.height, place.width))
    if image.dtype == np.uint8:
        inner /= 255
    np.minimum(inner, 1, out=inner)  # the shares of two white pixels may add up to a little more
    return canvas


def resize_aligned(image: NDArray, size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize by weighting the two nearest rows, then the two nearest columns; the corners stay the corners.

    Row r of the result lies at r · (height - 1) / (new height - 1) of the image; a result of one row shows the last.
    Darknet takes the columns first, which gives the same.

    Args:
        image: Real (height, width, channels) or (height, width).
        size: Height and width of the result.

    Returns:
        float32 (size[0], size[1], channels) or (size[0], size[1]), in the image's range.

    >>> resize_aligned(np.array([[0.0, 1.0]]), (1, 3))
    array([[0. , 0.5, 1. ]], dtype=float32)
    """
    upper, lower, share = _neighbours(image.shape[0], size[0])
    share = share.reshape(-1, *[1] * (image.ndim - 1))
    rows = _between(image[upper], image[lower], share)  # (new height, width, ...)
    left, right, share = _neighbours(image.shape[1], size[1])
    share = share.reshape(-1, *[1] * (image.ndim - 2))
    return _between(rows.take(left, axis=1), rows.take(right, axis=1), share)


def check_image(image: NDArray) -> None:
    """Refuse what is no RGB image, with the way to make it one; see `letterbox`."""
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a NumPy array, got {type(image).__name__}; read_picture reads a file")
    if image.ndim != 3 or image.shape[2] != 3:
        hints = {2: "grey: np.repeat(image[..., None], 3, axis=2)", 4: "one of several: images[0]"}
        hint = hints.get(image.ndim, "without transparency: image[..., :3]")
        raise ValueError(f"image must be RGB, (height, width, 3), got shape {image.shape}; {hint}")
    if 0 in image.shape:
        raise ValueError(f"image must have at least one pixel, got shape {image.shape}; is a box to cut out empty?")
    if image.dtype == np.uint8:
        return
    if image.dtype.kind != "f":
        raise TypeError(
            f"image must be uint8, or float in 0..1, got {image.dtype}; of 0 to 255: image.astype(np.uint8)"
        )
    check_finite(image, "image")
    if image.min() < 0 or image.max() > 1:
        raise ValueError(
            f"image of floats must lie in 0..1, got {image.min():g} to {image.max():g}; divide by 255, or give uint8"
        )


@lru_cache(maxsize=64)  # the frames of a clip are all of one size
def _neighbours(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each new place the old ones before and behind it, and the share of the second."""
    places = np.arange(new) * (old - 1) / (new - 1) if new > 1 else np.array([old - 1.0])
    first = np.minimum(places.astype(np.intp), max(old - 2, 0))
    return first, np.minimum(first + 1, old - 1), (places - first).astype(np.float32)


def _between(first: NDArray, second: NDArray, share: NDArray[np.float32]) -> NDArray[np.float32]:
    """(1 - share) · first + share · second, in float32."""
    result = second.astype(np.float32)
    result *= share
    result += (1 - share) * first.astype(np.float32, copy=False)
    return result
