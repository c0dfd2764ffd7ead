"""Video files for the page "From clip to features": sound ones, one that lies on its side, and broken ones."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepmedia.clips import ClipWriter

QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # rows of a matrix, 16.16 and 2.30


def write_clip(path: Path, images: NDArray[np.uint8], *, fps: float = 1.0) -> Path:
    """Write frames (n, height, width, 3) as a video file."""
    with ClipWriter(path, fps=fps) as writer:
        for image in images:
            writer.write(image)
    return path


def lay_on_its_side(source: Path, target: Path) -> Path:
    """Copy an MP4 file, and say in the header of its track that a quarter turn to the right sets it upright."""
    content = source.read_bytes()
    place = content.index(b"tkhd") + 44  # behind kind, version, flags, times, numbers and layer
    target.write_bytes(content[:place] + QUARTER_TURN + content[place + len(QUARTER_TURN) :])
    return target


def stored_frame(path: Path) -> NDArray[np.uint8]:
    """The first frame as the file holds it, whatever its header says of the way up."""
    import cv2

    video = cv2.VideoCapture(str(path))
    video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
    _, frame = video.read()
    video.release()
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))


def write_broken_clips(folder: Path, images: NDArray[np.uint8]) -> list[Path]:
    """Four files that are no whole clips: an empty one, two cut off, and one in a code that nobody knows."""
    mp4 = write_clip(folder / "whole.mp4", images).read_bytes()
    avi = write_clip(folder / "whole.avi", images).read_bytes()
    contents = {
        "empty.mp4": b"",
        "cut.mp4": mp4[: len(mp4) // 2],
        "cut.avi": avi[: len(avi) // 2],
        "unknown_code.mp4": mp4.replace(b"mp4v", b"zzzz").replace(b"esds", b"free"),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
