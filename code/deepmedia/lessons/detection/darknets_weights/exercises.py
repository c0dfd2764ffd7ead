"""Checkers of the exercises of the page "Darknet's weights"."""

import struct

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.lessons.detection.darknets_weights.experiment import steadied
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_number, read_numbers

# Of the first exercise: a normalised convolution, then LAST filters of 1 × 1.
FILTERS, SIDE, CHANNELS, LAST = 8, 3, 3, 5
SHAPES = ((4, 3, 3), (2, 1, 5), (6, 3, 1))  # of the second: filters, channels and the kernel's side
HIGH, LOW = 0.5, 0.35  # of the third
YES_OR_NO = (bool, np.bool_, int, np.integer)  # what an answer about one frame may be
# Scores of the third exercise, under what each case is about.
CASES: dict[str, list[float]] = {
    "a sure object": [0.9, 0.8, 0.9],
    "a score that wavers between the thresholds": [0.6, 0.45, 0.55, 0.4, 0.52],
    "a score between the thresholds that was never above the high one": [0.4, 0.45, 0.4],
    "an object that leaves and comes back weakly": [0.7, 0.2, 0.45, 0.45, 0.6],
    "a score at the high threshold, and then at the low one": [0.4, 0.5, 0.51, 0.35, 0.34],
    "no frame": [],
}


@checker
def check_bytes(answer: object) -> str:
    """Judge the length in bytes of the file of the first exercise."""
    kernels, last = FILTERS * SIDE**2 * CHANNELS, LAST * FILTERS
    numbers = 4 * FILTERS + kernels + LAST + last
    slips = (
        (numbers, "That is how many numbers there are: each has 4 bytes, and the header comes on top."),
        (4 * numbers, "The header is missing: 20 bytes."),
        (numbers + 20, "A float32 has 4 bytes."),
        (4 * numbers + 16, "That header is of a version before 0.2; this one has 20 bytes."),
        (4 * (numbers - 2 * FILTERS) + 20, "Mean and variance are in the file as well as gamma and beta."),
        (4 * (numbers - 4 * FILTERS) + 20, "The normalisation has numbers of its own, four for each filter."),
        (4 * (numbers - 3 * FILTERS) + 20, "With normalisation there are four vectors: beta, gamma, mean, variance."),
        (4 * (numbers + FILTERS) + 20, "A normalised convolution has no bias of its own: beta takes its place."),
        (4 * (numbers + 3 * LAST) + 20, "The second convolution has no normalisation: one number for each filter."),
        (4 * (numbers - LAST) + 20, "The second convolution has a bias for each filter."),
        (4 * (numbers - kernels + FILTERS * SIDE**2) + 20, "Each filter looks at all 3 channels of the image."),
        (4 * (numbers - last + LAST * CHANNELS) + 20, "The second convolution sees the 8 maps of the first."),
    )  # fmt: skip
    hint = "First convolution: 4 · 8 numbers and 8 kernels of 3 · 3 · 3; second: 5 biases and 5 kernels of 8 numbers."
    compare(read_number(answer), 4 * numbers + 20, slips, hint=hint, atol=0.1)
    return "A description and a length: they must agree before anything is read."


@checker
def check_first_kernel(answer: object) -> str:
    """Judge a function of bytes, filters, channels and side that gives the first kernel as (height, width, in, out)."""
    for number, (filters, channels, side) in enumerate(SHAPES):
        kernel = np.random.default_rng(number).normal(size=(filters, channels, side, side)).astype("<f4")
        vectors = np.arange(4 * filters, dtype="<f4") + 100
        content = struct.pack("<3iQ", 0, 2, 0, 7) + vectors.tobytes() + kernel.tobytes() + b"\0" * 40
        at = f"With {filters} filters, {channels} channels and a side of {side} "
        result = call(answer, content, filters, channels, side, at=at)
        _judge_kernel(result, kernel, content, at)
    return "Twenty bytes, four vectors, and the axes in another order."


@checker
def check_steady(answer: object) -> str:
    """Judge a function of scores and two thresholds that says in which frames an object is shown."""
    for case, scores in CASES.items():
        at = f"With {case} "
        result = call(answer, list(scores), HIGH, LOW, at=at, kept="the list of scores")
        right = steadied(scores, high=HIGH, low=LOW)
        if not isinstance(result, list | tuple | np.ndarray):
            raise NotYet(f"{at}return a list of True and False, one a frame; got {type(result).__name__}.")
        if len(result) != len(scores) or not all(isinstance(each, YES_OR_NO) for each in result):
            raise NotYet(f"{at}return one value a frame, {len(scores)} times True or False; got {result!r:.100}.")
        found = [bool(each) for each in result]
        if found == right:
            continue
        if found == [score > HIGH for score in scores]:
            raise NotYet(f"{at}it still goes out below the high threshold: once shown, it stays down to the low one.")
        if found == [score > LOW for score in scores] or found == [score >= LOW for score in scores]:
            raise NotYet(f"{at}it appears above the low threshold already: it must exceed the high one first.")
        raise NotYet(f"{at}it should be {right}, got {found}.")
    return "Two thresholds, and an object keeps its frame while its score wavers."


def _judge_kernel(result: object, kernel: NDArray[np.float32], content: bytes, at: str) -> None:
    """Compare a kernel with the right one, and name the usual slips."""
    filters = len(kernel)
    right = kernel.transpose(2, 3, 1, 0)
    wanted = f"{at}return an array of shape {right.shape}: height, width, channels, filters"
    found = read_numbers(result, None, wanted, who="the result", finite=False)
    if found.shape != right.shape and found.size == right.size:
        raise NotYet(f"{wanted}; the result has the shape {found.shape}. Reshape as the file has it, then transpose.")
    found = read_numbers(found, right.shape, wanted, who="the result", finite=False)
    start = 20 + 16 * filters
    slips: list[tuple[ArrayLike, str]] = [
        (kernel.reshape(right.shape), f"{at}you reshaped to the new order of axes: reshape as in the file, transpose."),
        (right.transpose(1, 0, 2, 3), f"{at}height and width are exchanged."),
    ]  # fmt: skip
    for shift, sentence in (
        (-start, "you began at the start of the file: the header and four vectors come first."),
        (-20, "you forgot the header of 20 bytes."),
        (-16 * filters, "you forgot the four vectors of the normalisation."),
        (
            -12 * filters,
            "you left out one vector of four: beta, gamma, mean or variance.",
        ),
        (-4, "you began 4 bytes early: the header has 20 bytes."),
    ):
        part = np.frombuffer(content, "<f4", kernel.size, start + shift) if start + shift >= 0 else np.empty(0)
        if part.size:
            slips.append((part.reshape(kernel.shape).transpose(2, 3, 1, 0), f"{at}{sentence}"))
    compare(found, right, slips, hint=f"{at}the numbers are others; print the first few and compare.", atol=1e-6)
