"""What every door of this package checks: finite numbers, labels, settings.

An error names the argument, the rule, the value and the way out.
"""

import math

import numpy as np


def as_reals(values: object, name: str) -> np.ndarray:
    """The values as float64 if they are floats wider than float32, as float32 otherwise.

    float64 is kept because a gradient check needs its sixteen digits; training needs seven, in half the time.

    Raises:
        TypeError: If the values are not real numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    kind = np.float64 if array.dtype.kind == "f" and array.dtype.itemsize > 4 else np.float32
    return array.astype(kind, copy=False)


def as_floats(values: object, name: str) -> np.ndarray:
    """Rows of finite numbers, as ``as_reals`` gives them.

    Raises:
        TypeError: If the values are not real numbers.
        ValueError: If there are none, or one is NaN or infinite.
    """
    array = as_reals(values, name)
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(f"{name} must have at least one row, got shape {array.shape}; is a split or a filter empty?")
    check_finite(array, name)
    return array


def check_finite(array: np.ndarray, name: str) -> None:
    """Refuse NaN and infinity, and say where the first one is."""
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        index = ", ".join(map(str, place))
        raise ValueError(
            f"{name} must be finite, got {array[place]} at [{index}]; "
            f"find such rows with ~np.isfinite({name}) and repair or drop them"
        )


def as_labels(labels: object, num_classes: int, name: str = "labels") -> np.ndarray:
    """Class numbers 0 .. num_classes - 1, int64 (n,).

    Raises:
        TypeError: If they are not integers.
        ValueError: If they are not one per row, or lie outside the classes.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be class numbers, shape (n,), got shape {array.shape}; from one-hot rows: argmax(axis=1)"
        )
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, got {array.dtype}; convert with astype(int) once they are whole")
    if len(array) == 0:
        raise ValueError(f"{name} must hold at least one label, got none; is a split or a filter empty?")
    wrong = (array < 0) | (array >= num_classes)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} must lie in 0..{num_classes - 1} for {num_classes} classes, got {array[row]} at row {row}; "
            "number the classes from 0, or give the last layer more units"
        )
    return array.astype(np.int64, copy=False)


def as_targets_of(targets: object, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers in the outputs' shape; (n,) also serves outputs (n, 1).

    Without this check y_hat (n, 1) - y (n,) would silently become a table of n times n differences.
    """
    array = as_floats(targets, "targets")
    if array.shape == shape[:1] and shape[1:] == (1,):
        array = array[:, np.newaxis]  # (n, 1)
    if array.shape != shape:
        raise ValueError(f"targets must have the shape of the outputs, {shape}, got {array.shape}; reshape one of them")
    return array


def as_fractions(targets: np.ndarray) -> np.ndarray:
    """Targets of yes-or-no questions: 0 to 1."""
    if targets.min() < 0 or targets.max() > 1:
        raise ValueError(
            f"targets must lie in 0..1, got {targets.min():g} to {targets.max():g}; from -1 and 1: (targets + 1) / 2"
        )
    return targets


def as_labels_of(labels: object, shape: tuple[int, ...]) -> np.ndarray:
    """Class numbers, one for each row of outputs (n, classes)."""
    if len(shape) != 2 or shape[1] < 2:
        raise ValueError(f"outputs must be (n, classes), at least 2 classes, got {shape}; for one unit: a binary loss")
    array = as_labels(labels, shape[1])
    if len(array) != shape[0]:
        raise ValueError(f"labels must be one per row of outputs {shape}, got {len(array)}")
    return array


def check_number(name: str, value: object, rule: str, *, low: float, high: float, ends: str) -> None:
    """Refuse a setting outside an interval; ``ends`` is "[]", "[)", "(]" or "()", as on paper."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a number {rule}, got {value!r}")
    above = value >= low if ends[0] == "[" else value > low
    below = value <= high if ends[1] == "]" else value < high
    if not (above and below):  # NaN is neither
        raise ValueError(f"{name} must be {rule}, got {value}")


def check_positive(name: str, value: object) -> None:
    """Refuse a setting that is not a finite number above 0."""
    check_number(name, value, "finite and above 0", low=0, high=math.inf, ends="()")


def check_fraction(name: str, value: object) -> None:
    """Refuse a setting outside 0 <= value < 1."""
    check_number(name, value, "at least 0 and below 1", low=0, high=1, ends="[)")


def check_count(name: str, value: object) -> None:
    """Refuse what is not a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
