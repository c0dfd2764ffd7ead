"""Frames of clips as arrays, and clips of frames."""

import os
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_positive


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


ROUNDING_SECONDS = 0.0005  # files count milliseconds, or fractions that don't add up to seconds


class BadClip(ValueError):
    """A file is no usable clip; the text names the file, the rule and the way out."""


class ClipReader:
    """A clip's frames, one after the other, each only as long as it is needed.

    Used in a ``with`` block, and once: ``for frame in reader`` gives uint8 (height, width, 3), RGB, upright if the file
    says how the camera was held. Where the clip ends
    before the last frame that its header promises, the loop ends in a `BadClip`, behind the frames that are there; one
    frame less is taken for rounding.

    Attributes:
        path: The file.
        fps: Frames a second; 25 where the file doesn't say.
        promised: Number of frames that its header says, 0 where it doesn't.

    Args:
        path: An MP4, AVI, or what else OpenCV reads.

    Raises:
        FileNotFoundError: If there is no such file.
        BadClip: If it can't be opened as a clip.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        import cv2

        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path} is not a file")
        self._video = cv2.VideoCapture(str(self.path))
        if not self._video.isOpened():
            raise BadClip(
                f"{self.path} can't be opened as a clip; copy it again if it is empty or cut off, "
                "convert it to MP4 with H.264 if it is whole"
            )
        fps, promised = (float(self._video.get(each)) for each in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT))
        self.fps = fps if 0 < fps < 1000 else 25.0
        self.promised = int(promised) if 0 < promised < 1e9 else 0

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Frames up to the end of the clip."""
        return (frame for _, frame in self.sampled(None))

    def sampled(self, fps: float | None) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Some of the frames, each with its time in seconds.

        Args:
            fps: So many a second: the first frame at or after each multiple of 1 / fps; no frame comes twice. None for
                every frame.

        Yields:
            Seconds from the beginning, as the file says, and the frame.
        """
        import cv2

        number, seconds, due = 0, 0.0, 0.0
        while self._video.grab():
            stamp = float(self._video.get(cv2.CAP_PROP_POS_MSEC)) / 1000
            seconds = stamp if stamp > seconds else number / self.fps  # some files have no times
            if fps is None or seconds >= due - ROUNDING_SECONDS:
                there, frame = self._video.retrieve()
                if not there:
                    break
                yield seconds, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
                due = due if fps is None else (int((seconds + ROUNDING_SECONDS) * fps) + 1) / fps
            number += 1
        if number == 0:
            raise BadClip(f"{self.path} has no frame that OpenCV can decode; convert it to MP4 with H.264")
        if number + 1 < self.promised:
            raise BadClip(f"{self.path} ends after {number} of {self.promised} frames; copy or download it again")

    def __enter__(self) -> "ClipReader":
        """The reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._video.release()


class ClipWriter:
    """Writes frames as a clip without sound, which appears under its name only once it is whole.

    Used in a ``with`` block; an error in the block leaves no file, and an older one of that name as it was. In MP4 the
    frames are coded as MPEG-4 (mp4v), in AVI as JPEGs (MJPG): OpenCV writes no H.264.

    Args:
        path: The file, ``.mp4`` or ``.avi``.
        fps: Frames a second, above 0.

    Raises:
        ValueError: If the name ends otherwise, fps is none, frames are not uint8 (height, width, 3) of one size, or
            can't be coded.
        FileNotFoundError: If the folder does not exist.
    """

    CODES: ClassVar[dict[str, str]] = {".mp4": "mp4v", ".avi": "MJPG"}

    def __init__(self, path: str | PathLike[str], *, fps: float) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in self.CODES:
            raise ValueError(f"path must end in {' or '.join(self.CODES)}, got {self.path.name}")
        check_positive("fps", fps)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"folder {self.path.parent} does not exist; make it first")
        self.fps = fps
        self._unfinished = self.path.with_name(f".{self.path.stem[:40]}.{os.getpid()}.part{self.path.suffix.lower()}")
        self._shape: tuple[int, ...] = ()
        self._video: Any = None

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append a frame, RGB."""
        import cv2

        if self._video is None:
            self._shape = frame.shape
            code = cv2.VideoWriter.fourcc(*self.CODES[self.path.suffix.lower()])
            self._video = cv2.VideoWriter(str(self._unfinished), code, self.fps, frame.shape[1::-1])
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape != self._shape or frame.shape[2] != 3:
            raise ValueError(
                f"frame must be uint8 (height, width, 3) and as large as the first, {self._shape}, "
                f"got {frame.dtype} {frame.shape}"
            )
        if not self._video.isOpened():
            raise ValueError(f"{self.path} can't be written in {self._shape[1]} × {self._shape[0]} pixels; reduce them")
        self._video.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))

    def __enter__(self) -> "ClipWriter":
        """The writer itself."""
        return self

    def __exit__(self, error: object, *_: object) -> None:
        """Finish the file, or remove what was written."""
        if self._video is not None:
            self._video.release()
        if error is None and self._unfinished.exists():
            self._unfinished.replace(self.path)
        self._unfinished.unlink(missing_ok=True)
