"""Two-dimensional convolution in NumPy, with its gradients.

As in all of deep learning the kernel is not flipped: in mathematics this is a cross-correlation. Stride, padding and
dilation are TensorFlow's. The loop runs over the entries of the kernel, which are few; NumPy does all places at once.

Source: Goodfellow, Bengio and Courville (2016), Deep Learning, Sec. 9.5, has convolution with a stride and its
gradients, channels first; here they are last (NHWC).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_reals
from deepmedia.cnn.windows import PerAxis, Windows, as_images, check_upstream, place_windows


def conv2d(
    images: ArrayLike, kernels: ArrayLike, *, stride: PerAxis = 1, padding: str = "same", dilation: PerAxis = 1
) -> NDArray:
    """Weighted sum of the pixels under a kernel, at each of its places.

    y[n, i, j, f] = sum over u, v, c of x[n, i s + u d, j s + v d, c] w[u, v, c, f], with x padded, s the stride and d
    the dilation.

    Args:
        images: Numbers (n, height, width, channels).
        kernels: Numbers (height, width, channels, filters).
        stride: Step of the kernel in pixels, one number or (rows, columns).
        padding: ``"same"`` adds zeros around the image so that an output is height / stride high, rounded up;
            ``"valid"`` adds none.
        dilation: Distance of the pixels under neighbouring entries of the kernel, one number or (rows, columns).

    Returns:
        Feature maps (n, output height, output width, filters); float64 if an argument is, float32 otherwise.

    Raises:
        TypeError: If an argument does not hold numbers, or stride or dilation are not whole numbers.
        ValueError: If a shape or a setting is impossible.

    >>> edge = [[[[-1.0]], [[1.0]]]]  # 1 × 2: right neighbour minus pixel
    >>> conv2d([[[[1.0], [1.0], [5.0]]]], edge, padding="valid").squeeze()
    array([0., 4.])
    """
    x, w = _checked(images, kernels)
    windows = _windows(x, w, stride, padding, dilation)
    padded = windows.pad(x)
    y = np.zeros(_output_shape(x, w, windows), np.result_type(x, w))
    for u, v in np.ndindex(*w.shape[:2]):
        # channels @ (channels, filters): entry (u, v) of all kernels
        y += windows.at(padded, u, v) @ w[u, v]
    return y


def conv2d_gradients(
    images: ArrayLike,
    kernels: ArrayLike,
    upstream: ArrayLike,
    *,
    stride: PerAxis = 1,
    padding: str = "same",
    dilation: PerAxis = 1,
) -> tuple[NDArray, NDArray]:
    """Gradients of a loss by the images and by the kernels of `conv2d`.

    Args:
        images: As for `conv2d`.
        kernels: As for `conv2d`.
        upstream: dL/dy, the loss's gradient by the output, in the output's shape.
        stride: As for `conv2d`.
        padding: As for `conv2d`.
        dilation: As for `conv2d`.

    Returns:
        dL/d(images) and dL/d(kernels), in the shapes of images and kernels.

    Raises:
        TypeError: As `conv2d`.
        ValueError: As `conv2d`, or if upstream has not the output's shape.
    """
    x, w = _checked(images, kernels)
    windows = _windows(x, w, stride, padding, dilation)
    upstream = as_reals(upstream, "upstream")
    check_upstream(upstream, _output_shape(x, w, windows))
    padded = windows.pad(x)
    kind = np.result_type(x, w, upstream)
    d_padded, d_w = np.zeros(padded.shape, kind), np.zeros(w.shape, kind)
    for u, v in np.ndindex(*w.shape[:2]):
        # w[u, v] has met these pixels, each at one place ...
        pixels = windows.at(padded, u, v)
        d_w[u, v] = np.tensordot(pixels, upstream, axes=((0, 1, 2),) * 2)
        # ... and each of them gets back what it contributed to
        d_pixels = windows.at(d_padded, u, v)  # a view: += changes d_padded
        d_pixels += upstream @ w[u, v].T
    return windows.crop(d_padded), d_w


def _windows(x: NDArray, w: NDArray, stride: PerAxis, padding: str, dilation: PerAxis) -> Windows:
    return place_windows(x.shape[1:3], w.shape[:2], stride=stride, padding=padding, dilation=dilation)


def _output_shape(x: NDArray, w: NDArray, windows: Windows) -> tuple[int, ...]:
    return len(x), windows.rows.places, windows.columns.places, w.shape[3]


def _checked(images: ArrayLike, kernels: ArrayLike) -> tuple[NDArray, NDArray]:
    x, w = as_images(images), as_reals(kernels, "kernels")
    if w.ndim != 4 or 0 in w.shape:
        hint = "; one kernel for grey images is kernels[:, :, None, None]" if w.ndim == 2 else ""
        raise ValueError(f"kernels must be (height, width, channels, filters), none 0, got shape {w.shape}{hint}")
    if w.shape[2] != x.shape[3]:
        raise ValueError(f"kernels must have as many channels as images, {x.shape[3]}, got shape {w.shape}")
    return x, w
