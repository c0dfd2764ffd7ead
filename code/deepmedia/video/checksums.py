"""CRC32C, the checksum of TFRecord files, of many byte strings at once in NumPy.

A CRC is the remainder of the bytes, read as a polynomial over bits, on division by a fixed polynomial of degree 32
(Castagnoli's). x^290 + x^136 + x^113 + x^107 + x^32 + 1 is a multiple of that polynomial, and so is each of its powers
2, 4, 8 ..., in which all exponents are multiplied. Exponents times 8 are whole bytes. So the first bytes of a long
string may be cut off if they are combined, by exclusive or, with the bytes 290 - 136, 290 - 113, ... places later:
the remainder stays. What is left at the end, at most 290 bytes, is looked up in a table.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

CASTAGNOLI = 0x82F63B78  # the polynomial, lowest bit for the highest power
MULTIPLE = (290, 136, 113, 107, 32, 0)  # exponents of a multiple with few terms
SCALES = (64, 8, 1)  # bytes for one in an exponent: long strings first shrink in large steps


def crc32c(messages: Sequence[bytes | memoryview]) -> NDArray[np.uint32]:
    """The CRC32C of each byte string.

    Args:
        messages: n byte strings; memory is n times the longest.

    Returns:
        uint32 (n,).

    Source: RFC 3720, section 12.1, with the test "123456789".

    >>> hex(crc32c([b"123456789"])[0])
    '0xe3069283'
    """
    lengths = np.array([len(message) for message in messages], np.int64)
    width = max(4, int(lengths.max(initial=0)))
    rows = np.zeros((len(messages), width), np.uint8)  # zeros in front change no remainder
    for row, message in zip(rows, messages, strict=True):
        row[width - len(message) :] = np.frombuffer(message, np.uint8)
    starts = np.minimum(width - lengths, width - 4)  # a CRC begins with 32 ones, combined with the first 4 bytes
    rows[np.arange(len(rows))[:, None], starts[:, None] + np.arange(4)] ^= 255
    sums = _remainders(rows) ^ np.uint32(0xFFFFFFFF)
    for number in np.flatnonzero(lengths < 4).tolist():
        sums[number] = crc32c_of_short(bytes(messages[number]))
    return sums


def masked(sums: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What a TFRecord stores for a checksum: turned by 15 bits, plus a constant."""
    wide = np.asarray(sums, np.uint64)
    return (((wide >> np.uint64(15)) | (wide << np.uint64(17))) + np.uint64(0xA282EAD8)).astype(np.uint32)


def crc32c_of_short(message: bytes) -> int:
    """The CRC32C of a few bytes, one after the other."""
    first, remainder = _first_row(), 0xFFFFFFFF
    for byte in message:
        remainder = first[(remainder ^ byte) & 255] ^ (remainder >> 8)
    return remainder ^ 0xFFFFFFFF


def _remainders(rows: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The remainder of each row (n, width) times x^32; overwrites the rows."""
    for scale in SCALES:
        highest, *others = (exponent * scale for exponent in MULTIPLE)
        while rows.shape[1] > highest:
            cut = min(highest - others[0], rows.shape[1] - highest)
            front = rows[:, :cut]
            for exponent in others:
                rows[:, highest - exponent : highest - exponent + cut] ^= front
            rows = rows[:, cut:]
    width = rows.shape[1]
    return np.bitwise_xor.reduce(_table()[np.arange(width - 1, -1, -1), rows], axis=1)


@cache
def _table() -> NDArray[np.uint32]:
    """The remainder of each byte that has 0, 1, ... bytes behind it, uint32 (290, 256)."""
    row = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        row = np.where(row & 1, (row >> 1) ^ np.uint32(CASTAGNOLI), row >> 1).astype(np.uint32)
    table = [row]
    for _ in range(MULTIPLE[0] - 1):
        table.append(table[0][table[-1] & 255] ^ (table[-1] >> 8))
    return np.stack(table)


@cache
def _first_row() -> list[int]:
    return _table()[0].tolist()
