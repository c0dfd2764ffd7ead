"""IDX, the file format of MNIST and of Fashion-MNIST."""

import gzip
import math
import struct
import zlib
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# Third byte of the file -> type of the values, big-endian.
DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | PathLike[str]) -> NDArray[Any]:
    """Read an IDX file, packed with gzip or not.

    The bytes, all numbers big-endian:

    ======  ==========  ==============================================
    offset  type        value
    ======  ==========  ==============================================
    0       2 bytes     0, 0
    2       1 byte      type of the values: 0x08 uint8, 0x09 int8,
                        0x0B int16, 0x0C int32, 0x0D float32, 0x0E
                        float64
    3       1 byte      number of axes, d
    4       d x uint32  length of each axis
    4 + 4d  values      in C order, nothing behind them
    ======  ==========  ==============================================

    Args:
        path: The file. Whether it is packed is seen from its first two bytes,
            not from its name.

    Returns:
        A new array of that shape and type, in the machine's byte order.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the header is not an IDX header, or the file holds fewer
            or more values than the header says. Memory is taken for what the
            file holds, not for what a broken header claims.

    Source: "The IDX file format", http://yann.lecun.com/exdb/mnist/.
    """
    path = Path(path)
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            if is_packed:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    return _read_array(unpacked, path.name)
            return _read_array(file, path.name)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path.name}: broken gzip stream ({error})") from error


def _read_array(file: BinaryIO | gzip.GzipFile, name: str) -> NDArray[Any]:
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise ValueError(f"{name}: an IDX file starts with two zero bytes, a type and a number of axes, got {start!r}")
    if start[2] not in DTYPES:
        known = ", ".join(f"0x{code:02X}" for code in DTYPES)
        raise ValueError(f"{name}: the type of the values must be one of {known}, got 0x{start[2]:02X}")
    dtype, axes = np.dtype(DTYPES[start[2]]), start[3]
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise ValueError(f"{name}: the header ends before the lengths of its {axes} axes")
    shape = struct.unpack(f">{axes}I", lengths)
    expected = math.prod(shape) * dtype.itemsize
    values = _read_at_most(file, expected + 1)  # one more, to see a file that is too long
    if len(values) != expected:
        held = f"{len(values) // dtype.itemsize}" if len(values) < expected else "more"
        raise ValueError(f"{name}: header says {shape}, file holds {held} values")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read_at_most(file: BinaryIO | gzip.GzipFile, count: int) -> bytearray:
    # In pieces: file.read(count) takes memory for all of count first, whatever the file holds.
    values = bytearray()
    while piece := file.read(min(1 << 20, count - len(values))):
        values += piece
    return values
