"""TFRecord files: byte strings one after the other, each with its length and two checksums.

A record is its length (8 bytes, lowest first), the masked CRC32C of these 8 bytes, the bytes, and their masked CRC32C.
Where a length is damaged, nothing says where the next record begins: the rest of the file is lost. Where only the
bytes are, the next record can be read.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np

from deepmedia.video.checksums import crc32c, crc32c_of_short, masked
from deepmedia.whole_files import written_whole

MOST_BYTES = 16 * 2**20  # of a record; 300 frames of YouTube-8M have 350,000
TOGETHER = 256, 2**19  # so many records, or bytes, are checked at once
HEADER, FOOTER = 12, 4  # bytes before and behind those of a record


class BadRecord(ValueError):
    """A record can't be read; the text names file, record, and what is wrong with it."""


Framed = tuple[bytes, bytes] | BadRecord  # the bytes of a record, and the stored sum of them


def read_tfrecords(path: str | PathLike[str]) -> Iterator[bytes | BadRecord]:
    """The records of a file, each as its bytes or as the error that tells what is wrong with it.

    Half a megabyte of the file, or one record, is in memory at a time.

    Args:
        path: The file.

    Yields:
        A record's bytes, or a `BadRecord`. Behind one whose length is damaged, or that is cut off, nothing follows.
    """
    path = Path(path)
    with path.open("rb") as file:
        first, batch, held = 0, list[Framed](), 0
        for entry in _framed(file, path):
            batch.append(entry)
            held += 0 if isinstance(entry, BadRecord) else len(entry[0])
            if len(batch) >= TOGETHER[0] or held >= TOGETHER[1]:
                yield from _checked(batch, path, first)
                first, batch, held = first + len(batch), [], 0
        yield from _checked(batch, path, first)


def write_tfrecords(path: str | PathLike[str], records: Iterable[bytes]) -> int:
    """Write byte strings as a TFRecord file, which appears under its name only once it is whole; how many there were.

    Raises:
        FileNotFoundError: If the folder does not exist.
    """
    count = 0
    with written_whole(Path(path)) as file:
        for record in records:
            file.write(_frame_of_length(len(record).to_bytes(8, "little")))
            file.write(record + masked(crc32c([record])).astype("<u4").tobytes())
            count += 1
    return count


def _framed(file: BinaryIO, path: Path) -> Iterator[Framed]:
    """The records by their lengths, what they hold not yet checked."""
    number = -1
    while header := file.read(HEADER):
        number += 1
        if len(header) < HEADER:
            yield _cut_off(path, number)
            return
        if _frame_of_length(header[:8]) != header:
            yield BadRecord(f"{path}, record {number}: its length is damaged, so the rest of the file is lost")
            return
        length = int.from_bytes(header[:8], "little")
        if length > MOST_BYTES:
            yield BadRecord(f"{path}, record {number} has {length:,} bytes; more than {MOST_BYTES:,} are not read")
            file.seek(length + FOOTER, 1)
            continue
        record, footer = file.read(length), file.read(FOOTER)
        if len(footer) < FOOTER:
            yield _cut_off(path, number)
            return
        yield record, footer
    if number < 0:
        yield BadRecord(f"{path} is empty; copy or download it again")


def _checked(batch: list[Framed], path: Path, first: int) -> Iterator[bytes | BadRecord]:
    """The same records, those whose bytes don't fit their sum as errors; `first` is the number of the first."""
    whole = [entry for entry in batch if not isinstance(entry, BadRecord)]
    found = masked(crc32c([record for record, _ in whole]))
    right = iter((found == np.frombuffer(b"".join(footer for _, footer in whole), "<u4")).tolist())
    for number, entry in enumerate(batch, start=first):
        if isinstance(entry, BadRecord):
            yield entry
        elif not next(right):
            yield BadRecord(
                f"{path}, record {number}: its bytes don't fit their checksum; copy or download the file again"
            )
        else:
            yield entry[0]


def _cut_off(path: Path, number: int) -> BadRecord:
    return BadRecord(f"{path}, record {number} is cut off by the end of the file; copy or download it again")


@lru_cache(4096)
def _frame_of_length(length: bytes) -> bytes:
    """A length with its sum."""
    return length + masked(np.array([crc32c_of_short(length)])).astype("<u4").tobytes()
