"""Features of frames in fewer numbers, of 8 bits each, as YouTube-8M stores them: PCA with whitening, then 256 levels.

Source: `apply_pca` in feature_extractor.py and `Dequantize` in utils.py of https://github.com/google/youtube-8m, which
keep 1,024 of the 2,048 numbers of an Inception network. Departs from them: levels are rounded to the nearest value that
the reader gives (`deepmedia.datasets.youtube8m`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count, check_number
from deepmedia.datasets.youtube8m import dequantise, quantise

ADDED_VARIANCE = 1e-4  # of YouTube-8M, so that a direction in which hardly anything varies isn't blown up


@dataclass(frozen=True)
class FeatureCompression:
    """Compresses features in three steps, of which the first and the last lose something.

    `fit_compression` makes one. Features have shape (..., width), compressed ones (..., components): frames (n, width)
    or clips (n, frames, width) alike.

    Attributes:
        mean: Of the features that were fitted, float64 (width,).
        axes: The principal axes, rows of length 1, at right angles to each other, float64 (components, width).
        variances: Of the features along each axis, the largest first, float64 (components,).
        added_variance: What is added to each variance before the division.
        kept: Share of the whole variance that lies along these axes, in 0..1.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    variances: NDArray[np.float64]
    added_variance: float
    kept: float

    def whiten(self, features: ArrayLike) -> NDArray[np.float32]:
        """Turn features to the principal axes, and divide by their spread along each: (..., components)."""
        centred = self._checked(features, len(self.mean)) - self.mean
        spread = np.sqrt(self.variances + self.added_variance)
        return (centred @ self.axes.T / spread).astype(np.float32)

    def restore(self, whitened: ArrayLike) -> NDArray[np.float32]:
        """The features that have these whitened numbers and are nearest to the mean: (..., width)."""
        spread = np.sqrt(self.variances + self.added_variance)
        return (self._checked(whitened, len(self.axes)) * spread @ self.axes + self.mean).astype(np.float32)

    def compress(self, features: ArrayLike) -> NDArray[np.uint8]:
        """Whiten features, and round each number to one of 256 levels from -1.992 to 2.008: uint8 (..., components).

        Raises:
            TypeError: If features are no real numbers.
            ValueError: If they have another width than those that were fitted, are none, or one is not finite.
        """
        return quantise(self.whiten(features))

    def expand(self, levels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The whitened numbers that levels stand for, float32 (..., components): what a model learns from.

        Raises:
            TypeError: If levels are not uint8.
            ValueError: If they are not (..., components).
        """
        stored = np.asarray(levels)
        if stored.dtype != np.uint8:
            raise TypeError(f"levels must be uint8, as compress gives them, got {stored.dtype}")
        return dequantise(self._checked(stored, len(self.axes)).astype(np.uint8))

    def _checked(self, values: ArrayLike, width: int) -> NDArray:
        array = as_floats(values, "features")
        if array.shape[-1] != width:
            raise ValueError(
                f"features must have {width} numbers each, got shape {array.shape}; "
                f"this compression makes {len(self.axes)} numbers of {len(self.mean)}"
            )
        return array


def fit_compression(
    features: ArrayLike, *, components: int, added_variance: float = ADDED_VARIANCE
) -> FeatureCompression:
    """Learn principal axes and variances from features of training frames.

    Args:
        features: Float (..., width), (n, width) of frames, say; more frames than components.
        components: How many numbers of each frame to keep, at most width.
        added_variance: Added to each variance before the division; 0 makes every variance 1.

    Returns:
        The compression. The largest entry of each axis is positive, so that it does not depend on the computer.

    Raises:
        TypeError: If features are no real numbers, or components is not whole.
        ValueError: If there are too few frames, too few numbers a frame, or features that vary in fewer directions
            than components; if one is not finite.

    >>> frames = np.array([[3.0, 1.0], [5.0, 2.0], [7.0, 3.0], [5.0, 2.0]])  # all on one line
    >>> one = fit_compression(frames, components=1, added_variance=0)
    >>> one.compress(frames)[:, 0].tolist(), round(one.kept, 6)
    ([49, 127, 205, 127], 1.0)
    """
    array = as_floats(features, "features")
    check_count("components", components)
    check_number("added_variance", added_variance, "finite and at least 0", low=0, high=np.inf, ends="[)")
    if array.ndim < 2:
        raise ValueError(f"features must be (frames, width), got shape {array.shape}; of one frame, nothing is learnt")
    frames = array.reshape(-1, array.shape[-1]).astype(np.float64)
    if components > frames.shape[1]:
        raise ValueError(f"components must be at most the {frames.shape[1]} numbers of a frame, got {components}")
    if len(frames) <= components:
        raise ValueError(
            f"features must be of more than {components} frames for {components} components, got {len(frames)}; "
            "take more frames, or fewer components"
        )
    mean, axes, variances = principal_axes(frames)
    directions = int((variances > variances[0] * len(variances) * 1e-14).sum()) if variances[0] > 0 else 0
    if components > directions:
        raise ValueError(
            f"components must be at most the {directions} directions in which the features vary, got {components}"
        )
    kept = float(variances[:components].sum() / variances.sum())
    return FeatureCompression(mean, axes[:components], variances[:components], float(added_variance), kept)


def principal_axes(features: NDArray[np.float64]) -> tuple[NDArray, NDArray, NDArray]:
    """Mean, principal axes (rows) and the variances along them, the largest first."""
    mean = features.mean(axis=0)
    centred = features - mean
    covariance = centred.T @ centred / (len(features) - 1)
    variances, columns = np.linalg.eigh(covariance)  # rising
    axes = columns.T[::-1]
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return mean, signs[:, np.newaxis] * axes, np.maximum(variances[::-1], 0)
