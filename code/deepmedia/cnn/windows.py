"""The places at which a window lies on an image: what convolution and pooling share.

A window of k pixels with dilation d reaches over (k - 1) d + 1 pixels. It moves by the stride. Padding "valid" keeps it
inside the image; "same" adds pixels around the image, so that there is a place for each stride-th pixel. Where the
number of added pixels is odd, the odd one goes to the end (below, and on the right), as in TensorFlow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_reals

PerAxis = int | tuple[int, int]  # one number for both axes, or (rows, columns)


@dataclass(frozen=True)
class Axis:
    """The places along one axis."""

    places: int  # of the window: the size of the output
    before: int  # pixels added in front of the image
    after: int  # pixels added at its end
    stride: int
    dilation: int

    def pixels(self, offset: int) -> slice:
        """Padded pixels under one entry of the window, one a place."""
        first = offset * self.dilation
        last = first + (self.places - 1) * self.stride
        return slice(first, last + 1, self.stride)


@dataclass(frozen=True)
class Windows:
    """The places of a window on images (n, height, width, channels)."""

    rows: Axis
    columns: Axis

    def pad(self, images: NDArray, value: float = 0.0) -> NDArray:
        """The images with the added pixels, all of one value."""
        axes = ((axis.before, axis.after) for axis in (self.rows, self.columns))
        return np.pad(images, ((0, 0), *axes, (0, 0)), constant_values=value)

    def at(self, padded: NDArray, u: int, v: int) -> NDArray:
        """View (n, places down, places across, channels) of the pixels under entry (u, v) of the window."""
        return padded[:, self.rows.pixels(u), self.columns.pixels(v)]

    def crop(self, padded: NDArray) -> NDArray:
        """The images without the added pixels."""
        height = padded.shape[1] - self.rows.after
        width = padded.shape[2] - self.columns.after
        return padded[:, self.rows.before : height, self.columns.before : width]


def place_windows(
    image_size: tuple[int, int], window: tuple[int, int], *, stride: PerAxis, padding: str, dilation: PerAxis = 1
) -> Windows:
    """Find the places of a window.

    Args:
        image_size: Height and width in pixels.
        window: The same of the window.
        stride: Step in pixels.
        padding: ``"same"`` or ``"valid"``.
        dilation: Distance of neighbouring entries of the window, in pixels.

    Raises:
        TypeError: If stride or dilation is not a whole number or a pair of them.
        ValueError: If one of them is below 1, the padding has another name, or the image has no room for the window.
    """
    if padding not in ("same", "valid"):
        raise ValueError(f'padding must be "same" or "valid", got {padding!r}')
    strides, dilations = as_pair(stride, "stride"), as_pair(dilation, "dilation")
    axes = [
        _place_axis(*settings, padding=padding) for settings in zip(image_size, window, strides, dilations, strict=True)
    ]
    if min(axis.places for axis in axes) < 1:
        reach = " × ".join(str((k - 1) * d + 1) for k, d in zip(window, dilations, strict=True))
        raise ValueError(
            f"images must be at least as large as the window, {reach} pixels, got {image_size[0]} × {image_size[1]}; "
            f'enlarge them or use padding="same"'
        )
    return Windows(*axes)


def _place_axis(size: int, window: int, stride: int, dilation: int, *, padding: str) -> Axis:
    reach = (window - 1) * dilation + 1  # from the first to the last pixel
    if padding == "valid":
        return Axis((size - reach) // stride + 1, 0, 0, stride, dilation)
    places = -(-size // stride)  # size / stride, rounded up
    added = max((places - 1) * stride + reach - size, 0)
    return Axis(places, added // 2, added - added // 2, stride, dilation)


def as_pair(value: object, name: str) -> tuple[int, int]:
    """One whole number for both axes, or one each, as (rows, columns).

    Raises:
        TypeError: If it is neither.
        ValueError: If a number is below 1.
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in pair):
        raise TypeError(f"{name} must be a whole number or a pair (rows, columns) of them, got {value!r}")
    if min(pair) < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(pair[0]), int(pair[1])


def as_images(images: ArrayLike) -> NDArray:
    """Images as float64 if they are floats wider than float32, as float32 otherwise.

    Raises:
        TypeError: If they are not real numbers.
        ValueError: If they are not (n, height, width, channels), or have no pixels.
    """
    array = as_reals(images, "images")
    if array.ndim != 4:
        hints = {2: "; one grey image is images[None, :, :, None]", 3: "; one image is images[None]"}
        hint = hints.get(array.ndim, "")
        raise ValueError(f"images must be (n, height, width, channels), got shape {array.shape}{hint}")
    if 0 in array.shape[1:]:
        raise ValueError(f"images must have pixels and channels, got shape {array.shape}")
    return array


def check_upstream(upstream: NDArray, output_shape: tuple[int, ...]) -> None:
    """Refuse a gradient that does not fit the output.

    Raises:
        ValueError: If it has another shape than the output.
    """
    if upstream.shape != output_shape:
        raise ValueError(f"upstream must have the shape of the output, {output_shape}, got {upstream.shape}")


def check_size(size: object, name: str, *, odd: bool = False) -> None:
    """Refuse a size that is not a whole number of at least 1, or with ``odd`` one without a middle.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1 or (odd and size % 2 == 0):
        rule = "an odd whole number (1, 3, 5, ...)" if odd else "a whole number (1, 2, 3, ...)"
        raise ValueError(f"{name} must be {rule}, got {size!r}")
