"""Checkers of the exercises of the page "From clip to features"."""

import numpy as np

from deepmedia.datasets.youtube8m import dequantise
from deepmedia.lessons.judging import NotYet, call_for_numbers, checker, compare, read_numbers

RATE, SECONDS = 12.5, 4  # of the first exercise: frames a second, length of the clip
FEATURE, MEAN, AXIS, VARIANCE = (5.0, 7.0), (2.0, 3.0), (0.6, 0.8), 16.0  # of the second
TIMES = (
    np.arange(30) / 10,
    np.array([0.0, 0.4, 0.9, 1.1, 1.2, 3.5, 3.7, 4.0, 4.1]),  # a gap of more than two seconds
    np.array([0.3, 0.5, 1.3, 2.9, 3.0]),  # begins late
    np.array([0.0, 2.0, 4.0]),
)


@checker
def check_frames(answer: object) -> str:
    """Judge which frames of a clip of four seconds at 12.5 a second are taken at one a second."""
    right = [int(np.ceil(second * RATE)) for second in range(SECONDS)]
    slips = (
        ([0, 12, 25, 37], "A frame before the whole second is too early: take the first one at or after it."),
        ([0, 12, 25, 38], "The second one lies before its second: 12 / 12.5 is 0.96."),
        ([0, 12, 24, 36], "Steps of 12 frames are shorter than a second, so the error grows. Begin from each second."),
        ([0, 13, 26, 39], "Steps of 13 frames are longer than a second, so the error grows. Begin from each second."),
        ([1, 14, 26, 39], "You count frames from 1; the first one is frame 0."),
    )
    found = read_numbers(answer, (SECONDS,), "Give four numbers of frames")
    compare(found, right, slips, hint="Frame n is seen at n / 12.5 seconds; take the first one at or after 0, 1, 2, 3.")
    return "Steps of 13, 12 and 13 frames: no fixed step would do."


@checker
def check_level(answer: object) -> str:
    """Judge a whitened number, its level, and the value that the level stands for."""
    along = float(np.dot(np.subtract(FEATURE, MEAN), AXIS))
    whitened = along / np.sqrt(VARIANCE)
    level = round((whitened + 2 - 1 / 128) * 255 / 4)
    value = float(dequantise(np.array(level, np.uint8)))
    writer = round((whitened + 2) * 255 / 4)
    slips = (
        ([along, 255, float(dequantise(np.array(255, np.uint8)))],
         "Divide by the spread, the root of the variance, before you round."),
        ([along / VARIANCE, *_level_and_value(along / VARIANCE)],
         "Divide by the root of the variance, not by the variance."),
        ([whitened, level, 4 / 255 * level - 2], "The third lacks the half step: add 4 / 512."),
        ([whitened, writer, float(dequantise(np.array(writer, np.uint8)))],
         "The first is right. The lowest level stands for -2 + 4 / 512; you began at -2."),
        ([float(np.dot(FEATURE, AXIS)) / np.sqrt(VARIANCE),
          *_level_and_value(float(np.dot(FEATURE, AXIS)) / np.sqrt(VARIANCE))], "Take the mean away first."),
    )  # fmt: skip
    found = read_numbers(answer, (3,), "Give three numbers: the whitened number, its level, the level's value")
    compare(
        found, [whitened, level, value], slips, atol=1e-3,
        hint="First the mean away, then the product with the axis, then the division by the root of the variance.",
    )  # fmt: skip
    return f"The level is off by {abs(value - whitened):.4f}, less than half a step of 4 / 255."


@checker
def check_sampler(answer: object) -> str:
    """Judge a function of rising times, and a rate, that gives the numbers of the frames to take."""
    for times in TIMES:
        for rate in (1, 2):
            at = f"For times {np.round(times[:4], 1).tolist()} … and {rate} a second "
            right, due = list[int](), 0.0
            for number, time in enumerate(times):
                if time >= due:
                    right.append(number)
                    due = (np.floor(time * rate) + 1) / rate
            found = call_for_numbers(
                answer, times, rate, shape=None, wanted="Return the numbers of frames", at=at, kept="the times"
            )
            if found.ndim != 1:
                raise NotYet(f"{at}the result has the shape {found.shape}; return a list of numbers.")
            if len(set(found.tolist())) < len(found):
                raise NotYet(f"{at}a frame comes twice; where none is seen in a second, that second stays empty.")
            if found.tolist() != right:
                raise NotYet(f"{at}the frames should be {right}, got {found.tolist()}.")
    return "It goes by the clip's clock, with gaps, late beginnings and changing rates."


def _level_and_value(whitened: float) -> tuple[int, float]:
    level = int(np.clip(round((whitened + 2 - 1 / 128) * 255 / 4), 0, 255))
    return level, float(dequantise(np.array(level, np.uint8)))
