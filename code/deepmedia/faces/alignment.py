"""Faces turned, scaled and shifted so that the eyes lie at fixed places.

A similarity transform keeps shapes: it turns by one angle, scales by one
factor, and shifts. In the plane it has four numbers,

    x' = a x - b y + c
    y' = b x + a y + d,    scale = sqrt(a² + b²),  angle = atan2(b, a),

so two points fix it. Points are (x, y) in the unit of boxes: pixel [0, 0]
reaches from 0 to 1, and its centre is (0.5, 0.5).
"""

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_reals, check_count, check_finite, check_number

EYE_POSITIONS = ((0.33, 0.4), (0.67, 0.4))  # shares of width and height
SIZE = 160  # pixels, FaceNet's input
NEAREST = 1.0  # pixels between two eyes: less is no face


def similarity_transform(source: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """The similarity transform that brings points to other points, or as near as it can.

    With the points' distances (x, y) and (u, v) from their means, the sum of
    squared errors is least for

        a = Σ (x u + y v) / Σ (x² + y²),    b = Σ (x v - y u) / Σ (x² + y²).

    Two points are met exactly. It never mirrors.

    Args:
        source: Real (n, 2), at least two points (x, y), not all the same.
        target: Real (n, 2), where they should go.

    Returns:
        float64 (2, 3), rows (a, -b, c) and (b, a, d): target ≈ matrix @ (x, y, 1).

    Raises:
        TypeError: If the points are not real numbers.
        ValueError: If there are fewer than two, not as many of both, NaN among them, or if all points of the
            source are the same.

    Source: Umeyama (1991), "Least-squares estimation of transformation parameters
        between two point patterns", IEEE TPAMI 13(4), Eqs. 40 to 42, which in the
        plane come down to these sums; he weights all points alike, too.

    >>> similarity_transform([[0, 0], [1, 0]], [[2, 2], [2, 4]])  # twice as large, a quarter turn
    array([[ 0., -2.,  2.],
           [ 2.,  0.,  2.]])
    """
    from_points, to_points = _as_points(source, "source"), _as_points(target, "target")
    if from_points.shape != to_points.shape:
        raise ValueError(f"source and target must hold as many points, got {len(from_points)} and {len(to_points)}")
    middle, goal = from_points.mean(axis=0), to_points.mean(axis=0)
    (x, y), (u, v) = (from_points - middle).T, (to_points - goal).T
    spread = (x**2 + y**2).sum()
    if spread <= (1e-9 * max(1.0, np.abs(from_points).max())) ** 2:
        raise ValueError(f"source must hold at least two different points, got {from_points[0].tolist()} throughout")
    a, b = (x * u + y * v).sum() / spread, (x * v - y * u).sum() / spread
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, goal - turn @ middle])


def align(
    image: NDArray,
    eyes: ArrayLike,
    *,
    size: int | tuple[int, int] = SIZE,
    eye_positions: ArrayLike = EYE_POSITIONS,
) -> NDArray:
    """The face of an image, with its eyes at fixed places.

    Pixels are interpolated bilinearly. Where the image is reduced to less than
    a half, it is first averaged over areas, so that nothing fine turns into a
    coarse pattern. What lies outside the image shows its nearest edge pixel.

    Args:
        image: uint8, float32 or float64; (height, width), or (height, width, 1 or 3).
        eyes: Real (2, 2), rows (x, y) in pixels, the eye on the image's left first, as `Face.eyes` has them.
        size: Of the result: one side in pixels, or (height, width).
        eye_positions: Real (2, 2), where the eyes should be, as shares of width and height.

    Returns:
        The face, (size[0], size[1]) with the image's channels, in the image's dtype and range.

    Raises:
        TypeError: If image, eyes or size are of another kind.
        ValueError: If image, eyes, size or eye_positions have another shape, eyes or eye_positions are not finite,
            an eye lies outside its image, the two are the same point, or the left one is right of the other.
    """
    _check_image(image)
    height, width = as_size(size)
    here = _as_eyes(eyes, "eyes", (image.shape[1], image.shape[0]), "pixels of the image")
    shares = as_eye_positions(eye_positions)
    if np.hypot(*(here[1] - here[0])) < NEAREST:
        raise ValueError(f"eyes must be two points at least {NEAREST:g} pixel apart, got {here.tolist()}")
    return warp(image, similarity_transform(here, shares * (width, height)), (height, width))


def crop(image: NDArray, box: ArrayLike, *, margin: float = 0.15, size: int | tuple[int, int] = SIZE) -> NDArray:
    """What lies in a box and around it: for a face whose eyes were not found, and as FaceNet's fixed centre crop.

    Its proportions stay: where those of box and size differ, more is shown
    above and below, or left and right. Interpolation and what lies outside
    the image are as in `align`.

    Args:
        image: As in `align`.
        box: Real (4,), (x_min, y_min, x_max, y_max) in pixels of the image; it may reach beyond the image.
        margin: Added on each side, as a share of the box's side. Below 0 it cuts: with the box of a whole image,
            -0.2 leaves the middle 60%.
        size: As in `align`.

    Returns:
        As `align`.

    Raises:
        TypeError: If image, box, margin or size are of another kind.
        ValueError: If one has another shape or is not finite, margin is not above -0.5, or the box is empty or
            lies outside the image.

    Source: Schroff et al. (2015), "FaceNet", Sec. 5.6, for the fixed centre crop of LFW's photographs.
    """
    _check_image(image)
    height, width = as_size(size)
    check_margin(margin)
    corners = _as_box(box, image)
    sides = corners[2:] - corners[:2]
    scale = np.min((width, height) / (sides * (1 + 2 * margin)))
    shift = np.array([width, height]) / 2 - scale * (corners[:2] + corners[2:]) / 2
    return warp(image, np.column_stack([scale * np.eye(2), shift]), (height, width))


def warp(image: NDArray, matrix: NDArray[np.float64], size: tuple[int, int]) -> NDArray:
    """An image under a similarity transform; pixels as in `align`.

    Args:
        image: As in `align`.
        matrix: float64 (2, 3), from the image's points to the result's, as `similarity_transform` gives it.
        size: Height and width of the result.

    Returns:
        (size[0], size[1]) with the image's channels, in its dtype.
    """
    height, width = image.shape[:2]
    shrinking = math.floor(1 / np.hypot(matrix[0, 0], matrix[1, 0]))
    if shrinking >= 2:
        reduced = max(1, round(width / shrinking)), max(1, round(height / shrinking))
        image = cv2.resize(image, reduced, interpolation=cv2.INTER_AREA).reshape(
            reduced[1], reduced[0], *image.shape[2:]
        )
        back = np.array([width / reduced[0], height / reduced[1], 1])  # from its points to the image's
        matrix = matrix * back
    return _bilinear(image, matrix, size)


def as_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of a result, from one side or both.

    Raises:
        TypeError: If a side is no whole number.
        ValueError: If a side is below 1, or there are not one or two.
    """
    sides = (size, size) if np.ndim(size) == 0 else tuple(size)  # type: ignore[arg-type]
    if len(sides) != 2:
        raise ValueError(f"size must be one side or (height, width), got {size}")
    for side in sides:
        check_count("size", side)
    return int(sides[0]), int(sides[1])  # type: ignore[arg-type]


def as_eye_positions(eye_positions: ArrayLike) -> NDArray[np.float64]:
    """Where eyes should be, as `align` takes it, float64 (2, 2).

    Raises:
        TypeError: If they are no numbers.
        ValueError: If they are not two points from left to right, as shares of width and height.
    """
    return _as_eyes(eye_positions, "eye_positions", (1, 1), "shares of width and height")


def check_margin(margin: float) -> None:
    """Complain about a margin that `crop` can't take, as it does."""
    check_number("margin", margin, "finite and above -0.5", low=-0.5, high=math.inf, ends="()")


def _bilinear(image: NDArray, matrix: NDArray[np.float64], size: tuple[int, int]) -> NDArray:
    """Each pixel of the result from the four around the point that it comes from."""
    turn, shift = matrix[:, :2], matrix[:, 2]
    rows, columns = np.mgrid[: size[0], : size[1]] + 0.5  # centres of the result's pixels
    points = np.stack([columns, rows], axis=-1) - shift  # (height, width, 2)
    places = points @ np.linalg.inv(turn).T - 0.5  # in the image, 0 at the first pixel's centre
    limits = np.array([image.shape[1] - 1, image.shape[0] - 1])
    places = np.clip(places, 0, limits)  # outside: the nearest edge pixel
    first = places.astype(int)
    (left, top), (right, bottom) = np.moveaxis(first, -1, 0), np.moveaxis(np.minimum(first + 1, limits), -1, 0)
    share = (places - first).reshape(*size, 2, *(1 for _ in image.shape[2:]))
    across, down = share[:, :, 0], share[:, :, 1]
    upper = (1 - across) * image[top, left] + across * image[top, right]
    lower = (1 - across) * image[bottom, left] + across * image[bottom, right]
    values = (1 - down) * upper + down * lower
    return (np.rint(values) if image.dtype == np.uint8 else values).astype(image.dtype)


def _check_image(image: NDArray) -> None:
    """Refuse what is no image of one of three dtypes."""
    kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
    if kind not in (np.uint8, np.float32, np.float64):
        raise TypeError(f"image must be an array of uint8, float32 or float64, got {kind}")
    if image.ndim not in {2, 3} or 0 in image.shape or image.shape[2:] not in {(), (1,), (3,)}:
        raise ValueError(
            f"image must be (height, width), or (height, width, 1 or 3), got shape {image.shape}; "
            "of several images give one at a time"
        )


def _as_points(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Finite points, float64 (n, 2)."""
    points = as_reals(values, name).astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
        raise ValueError(f"{name} must be at least two points (x, y), shape (n, 2), got shape {points.shape}")
    check_finite(points, name)
    return points


def _as_eyes(values: ArrayLike, name: str, limits: tuple[int, int], unit: str) -> NDArray[np.float64]:
    """Two points from left to right, within limits; float64 (2, 2)."""
    if values is None:
        raise TypeError(f"{name} must be two points, got None; where no eyes were found: crop(image, face.box)")
    eyes = _as_points(values, name)
    if len(eyes) != 2:
        raise ValueError(f"{name} must be two points, shape (2, 2), got shape {eyes.shape}")
    for eye in eyes:
        if not ((eye >= 0).all() and (eye <= limits).all()):
            raise ValueError(
                f"{name} must be (x, y) in {unit}, x 0 to {limits[0]} and y 0 to {limits[1]}, "
                f"got {eye.tolist()}; are x and y swapped?"
            )
    if (eyes[0] == eyes[1]).all():
        raise ValueError(f"{name} must be two points, got {eyes[0].tolist()} twice")
    if eyes[0, 0] >= eyes[1, 0]:
        raise ValueError(
            f"{name} must begin with the eye on the image's left, got x {eyes[0, 0]:g} before {eyes[1, 0]:g}; "
            f"give {name}[::-1], or turn the image upright with np.rot90 first"
        )
    return eyes


def _as_box(box: ArrayLike, image: NDArray) -> NDArray[np.float64]:
    """A box that overlaps the image, float64 (4,)."""
    corners = as_reals(box, "box").astype(np.float64)
    if corners.shape != (4,):
        raise ValueError(f"box must be (x_min, y_min, x_max, y_max), got shape {corners.shape}")
    check_finite(corners, "box")
    if (corners[:2] >= corners[2:]).any():
        raise ValueError(f"box must have x_min < x_max and y_min < y_max, got {corners.tolist()}")
    height, width = image.shape[:2]
    if (corners[2:] <= 0).any() or (corners[:2] >= (width, height)).any():
        raise ValueError(f"box must overlap the image of {width} × {height} (x, y) pixels, got {corners.tolist()}")
    return corners
