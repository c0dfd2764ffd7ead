"""The frames of a clip that a network looks at: a few a second, with their times."""

from os import PathLike
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count, check_positive
from deepmedia.clips import BadClip, ClipReader

YOUTUBE8M_SECONDS = 300.0  # of a video, from its beginning, at one frame a second


class ClipFrames(NamedTuple):
    """Frames of a clip.

    Args:
        images: uint8 (n, height, width, 3), RGB.
        seconds: float64 (n,), when each is seen, from the clip's beginning.
    """

    images: NDArray[np.uint8]
    seconds: NDArray[np.float64]


def read_frames(
    path: str | PathLike[str],
    *,
    fps: float | None = 1.0,
    width: int | None = None,
    seconds: float = YOUTUBE8M_SECONDS,
) -> ClipFrames:
    """Frames of a video file, by its own clock, upright if the file says how the camera was held.

    Of each 1 / fps seconds the first frame is taken: at one a second those at or next after 0, 1, 2 ... seconds,
    whatever the clip's frame rate, and if it varies. A faster rate than the clip's gives each frame once.

    A clip that is damaged but for its header decodes to damaged frames, which nothing tells from others.

    Args:
        path: An MP4, AVI, or what else OpenCV reads.
        fps: Frames a second; None for all.
        width: Of the frames that come back; their height keeps the proportions. None for the file's own.
        seconds: What comes later is not read.

    Returns:
        Images and times, at least one.

    Raises:
        FileNotFoundError: If there is no such file.
        BadClip: If it is empty, no clip, cut off, or in a code that this OpenCV can't decode.
        TypeError: If width is not a whole number.
        ValueError: If fps, width or seconds is not above 0.

    >>> from deepmedia.datasets import big_buck_bunny
    >>> images, seconds = read_frames(big_buck_bunny(), width=160)
    >>> images.shape, seconds.tolist()
    ((6, 90, 160, 3), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    """
    if fps is not None:
        check_positive("fps", fps)
    if width is not None:
        check_count("width", width)
    check_positive("seconds", seconds)
    images, times = list[NDArray[np.uint8]](), list[float]()
    with ClipReader(path) as reader:
        for time, frame in reader.sampled(fps):
            if time >= seconds:
                break
            images.append(frame if width is None else _reduced(frame, width))
            times.append(time)
            if images[-1].shape != images[0].shape:
                raise BadClip(f"{reader.path} changes its size after {time:g} seconds; convert it to one size")
    if not images:
        raise BadClip(f"{path} has no frame in its first {seconds:g} seconds; convert it to MP4")
    return ClipFrames(np.stack(images), np.array(times))


def _reduced(frame: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    import cv2

    height = max(1, round(width * frame.shape[0] / frame.shape[1]))
    return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA))
