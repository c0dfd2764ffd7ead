"""Classic filters: kernels that people designed, before networks learnt theirs.

Kernels are (height, width), for `filter_image`. Like all kernels of this book they are not flipped.

Source: the Sobel kernels as in OpenCV's ``cv2.Sobel``; the Gaussian as in ``cv2.getGaussianKernel``.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_reals
from deepmedia.cnn.convolution import conv2d
from deepmedia.cnn.windows import check_size

# [kernels]
BOX = np.full((3, 3), 1 / 9)  # the mean of nine pixels
SHARPEN = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
SOBEL_ACROSS = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SOBEL_DOWN = SOBEL_ACROSS.T
LAPLACE = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
# [/kernels]


def gaussian_kernel(size: int, *, sigma: float) -> NDArray[np.float64]:
    """Weights that fall off from the middle like a normal distribution, and add up to 1.

    Args:
        size: Height and width, odd.
        sigma: Standard deviation in pixels.

    Returns:
        (size, size).

    Raises:
        ValueError: If the size is not an odd whole number, or sigma is not positive.
    """
    check_size(size, "size", odd=True)
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    distances = np.arange(size) - size // 2
    weights = np.exp(-(distances**2) / (2 * sigma**2))
    return np.outer(weights, weights) / weights.sum() ** 2


def filter_image(image: ArrayLike, kernel: ArrayLike, *, stride: int = 1) -> NDArray[np.float32]:
    """One kernel over an image, in each channel by itself.

    Args:
        image: uint8 0..255, or float in 0..1, (height, width) or (height, width, channels).
        kernel: (height, width).
        stride: Step of the kernel in pixels.

    Returns:
        float32, in the units of 0..1, but neither clipped nor rounded: edges have negative values, too. Its shape is
        that of the image with the sides divided by stride, rounded up. Outside the image counts as 0.

    Raises:
        TypeError: If the image is neither uint8 nor float, the kernel does not hold real numbers, or the stride is not
            a whole number.
        ValueError: If image or kernel has another number of axes or is empty, or the stride is below 1.
    """
    pixels, weights = _checked(image, kernel)
    scaled = pixels.astype(np.float32) / np.float32(255 if pixels.dtype == np.uint8 else 1)
    # each channel becomes a grey image of its own: (channels, height, width, 1)
    channels = np.moveaxis(np.atleast_3d(scaled), 2, 0)[..., None]
    filtered = conv2d(channels, weights[:, :, None, None], stride=stride)
    return np.moveaxis(filtered[..., 0], 0, 2).reshape(*filtered.shape[1:3], *pixels.shape[2:])


def _checked(image: ArrayLike, kernel: ArrayLike) -> tuple[NDArray, NDArray[np.float32]]:
    pixels, weights = np.asarray(image), as_reals(kernel, "kernel").astype(np.float32, copy=False)
    if pixels.dtype != np.uint8 and pixels.dtype.kind != "f":
        raise TypeError(
            f"image must be uint8 (0..255) or float (0..1), got {pixels.dtype}; "
            f"bytes in another type: image.astype(np.uint8)"
        )
    if pixels.ndim not in (2, 3) or weights.ndim != 2 or 0 in pixels.shape + weights.shape:
        raise ValueError(
            f"image must be (height, width) or (height, width, channels) and kernel (height, width), none 0, "
            f"got shapes {pixels.shape} and {weights.shape}"
        )
    return pixels, weights
