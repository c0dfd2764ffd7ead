"""A JPEG whose inside is damaged: the decoder fills the gap, and says so on standard error only.

OpenCV hands a JPEG to libjpeg, which goes on whatever it meets, with grey or with wrong rows, and has no
other way to tell. So what it writes to the process's standard error is read while it decodes.
"""

import contextlib
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

MOST_EXTRA = 64  # bytes too many; some cameras leave a few, and the picture is whole

T = TypeVar("T")

_COMPLAINT = re.compile(r"Corrupt JPEG data: (.*)|(Premature end of JPEG file)")
_ONE_AT_A_TIME = threading.Lock()  # standard error belongs to the whole process


def decode_jpeg(decode: Callable[[], T]) -> tuple[T, str]:
    """Decode, and listen to libjpeg meanwhile.

    What others write to standard error in this time appears there a little later. Where there is no
    standard error, nothing is heard.

    Args:
        decode: Called once; it decodes a JPEG.

    Returns:
        What it returned, and what libjpeg had to say of damage, "" if nothing. It sees data that end too early,
        too much of them, and codes that do not exist, but not a change that leaves a readable stream.
    """
    with _ONE_AT_A_TIME, _standard_error() as lines:
        decoded = decode()
    complaints = [_COMPLAINT.match(line.decode(errors="replace")) for line in lines]
    others = b"".join(line for line, complaint in zip(lines, complaints, strict=True) if complaint is None)
    if others:
        os.write(2, others)
    found = [complaint[1] or complaint[2] for complaint in complaints if complaint]
    return decoded, next((each for each in found if not _is_harmless(each)), "")


@contextlib.contextmanager
def _standard_error() -> Iterator[list[bytes]]:
    """What anybody, C code too, writes to standard error in the block; the list is filled at its end."""
    lines: list[bytes] = []
    with tempfile.TemporaryFile() as heard:  # a pipe would block when it is full
        try:
            before = os.dup(2)
        except OSError:  # there is none
            yield lines
            return
        os.dup2(heard.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(before, 2)
            os.close(before)
        heard.seek(0)
        lines += heard.read().splitlines(keepends=True)


def _is_harmless(complaint: str) -> bool:
    extra = re.match(r"(\d+) extraneous bytes", complaint)
    return extra is not None and int(extra[1]) <= MOST_EXTRA
