"""A network's weights in a quarter of the bytes: each kernel as 8-bit numbers with one scale a filter.

A filter's largest weight becomes 127 or -127, and the others whole numbers between; weight ≈ scale · number. Each
filter has a scale of its own because the largest weights of a layer's filters differ, in YOLOv3-tiny by factors up to
nine: with one scale for the layer the small ones would have 28 levels left of 255. Everything else (biases,
normalisation) stays float32, as there is little of it.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

LARGEST = 127  # -128 is not used, so that both signs have the same range
KERNEL, SCALE = "/kernel", "/scale"  # how the names of an array and of its scales end

Arrays = Mapping[str, NDArray[Any]]


def pack_kernel(kernel: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A kernel as 8-bit numbers.

    Args:
        kernel: Float (..., filters), finite.

    Returns:
        int8 (..., filters) in -127..127, and float32 (filters,), the scales: above 0.

    >>> pack_kernel(np.array([[1.27, 0.0], [-0.62, 0.0]], np.float32))[0].tolist()
    [[127, 0], [-62, 0]]
    """
    largest = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1)))
    scale = np.where(largest > 0, largest / LARGEST, 1).astype(np.float32)
    return np.rint(kernel / scale).clip(-LARGEST, LARGEST).astype(np.int8), scale


def packed_weights(model: keras.Model) -> dict[str, NDArray[Any]]:
    """All weights of a network by their paths, such as ``stage1_conv/kernel``, kernels in 8 bits.

    Args:
        model: The network.

    Returns:
        int8 for each kernel, beside it its scales, float32 (filters,), as ``stage1_conv/scale``; float32 for the rest.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for weight in model.weights:
        values = np.asarray(weight)
        if weight.path.endswith(KERNEL) and values.ndim > 1:
            arrays[weight.path], arrays[weight.path.removesuffix(KERNEL) + SCALE] = pack_kernel(values)
        else:
            arrays[weight.path] = values.astype(np.float32)
    return arrays


def set_packed_weights(model: keras.Model, arrays: Arrays, *, source: str = "arrays") -> None:
    """Give a network what `packed_weights` made of one of the same layers.

    Args:
        model: The network. It is not changed if an array does not fit.
        arrays: The arrays by name.
        source: What messages call them.

    Raises:
        ValueError: If one is missing, unknown, of another shape or not finite.
    """
    weights = {weight.path: weight for weight in model.weights}
    scales = {name.removesuffix(SCALE) + KERNEL for name in arrays if name.endswith(SCALE)}
    names = arrays.keys() - {name.removesuffix(KERNEL) + SCALE for name in scales}
    odd = sorted(names ^ weights.keys())
    values = {name: _unpacked(arrays, name) for name in weights if name in arrays}
    odd += [f"{name} {arrays[name].shape}" for name in values if not _fits(values[name], weights[name])]
    if odd:
        raise ValueError(
            f"{source} must hold one array for each weight of {model.name}; missing, unknown, of another shape or not "
            f"finite: {', '.join(odd[:3])}{', …' if len(odd) > 3 else ''}"
        )
    for name, value in values.items():
        weights[name].assign(value)


def _unpacked(arrays: Arrays, name: str) -> NDArray[np.float32] | None:
    """One weight as float32; None where its scales don't fit."""
    value, scale = arrays[name], arrays.get(name.removesuffix(KERNEL) + SCALE)
    if scale is None or not name.endswith(KERNEL):
        return value.astype(np.float32) if value.dtype != np.int8 else None
    fits = value.dtype == np.int8 and value.ndim > 1 and scale.shape == value.shape[-1:]
    return value * scale.astype(np.float32) if fits else None


def _fits(value: NDArray[np.float32] | None, weight: Any) -> bool:
    return value is not None and value.shape == tuple(weight.shape) and bool(np.isfinite(value).all())
