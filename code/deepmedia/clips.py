"""Frames of clips as arrays."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def clip_frames(path: str | PathLike[str], numbers: Sequence[int], *, width: int) -> NDArray[np.uint8]:
    """Some frames of a video file, made smaller.

    Args:
        path: The file.
        numbers: Which frames, counted from 0, in rising order.
        width: Of the frames that come back; their height keeps the proportions.

    Returns:
        uint8 (len(numbers), height, width, 3), RGB.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the numbers don't rise, or the video ends before the last of them.
    """
    import cv2

    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} is not a file")
    if not numbers or any(later <= earlier for earlier, later in zip([-1, *numbers], numbers, strict=False)):
        raise ValueError(f"numbers must rise from 0 on, got {list(numbers)}")
    video = cv2.VideoCapture(str(path))
    frames = []
    for number in range(numbers[-1] + 1):
        there, frame = video.read()
        if not there:
            raise ValueError(f"numbers must be below {number}, the frames of {path}, got {list(numbers)}")
        if number in numbers:
            height = round(width * frame.shape[0] / frame.shape[1])
            frames.append(
                cv2.cvtColor(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
            )
    video.release()
    return np.stack(frames)
