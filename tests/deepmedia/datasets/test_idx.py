"""IDX files written by hand, byte by byte."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from deepmedia.datasets import read_idx

# 00 00, type 08 (uint8), 2 axes, 2 rows, 3 columns, six values.
SIX_BYTES = bytes.fromhex("00000802 00000002 00000003 010203 0405ff")


def written(folder: Path, content: bytes) -> Path:
    path = folder / "cut.gz"
    path.write_bytes(content)
    return path


def test_reads_rows_and_columns_written_by_hand(tmp_path):
    values = read_idx(written(tmp_path, SIX_BYTES))
    np.testing.assert_array_equal(values, [[1, 2, 3], [4, 5, 255]])
    assert values.dtype == np.uint8


def test_reads_the_same_from_a_packed_file(tmp_path):
    np.testing.assert_array_equal(read_idx(written(tmp_path, gzip.compress(SIX_BYTES))), [[1, 2, 3], [4, 5, 255]])


@pytest.mark.parametrize(
    ("code", "value", "number", "dtype"),
    [
        ("08", "fe", 254, np.uint8),
        ("09", "fe", -2, np.int8),
        ("0b", "fffe", -2, np.int16),
        ("0c", "00010000", 65536, np.int32),
        ("0d", "c0100000", -2.25, np.float32),  # 1 10000000 0010...: -(1 + 1/8) * 2
        ("0e", "4004000000000000", 2.5, np.float64),  # 0 10000000000 0100...: (1 + 1/4) * 2
    ],
)
def test_reads_each_type_as_big_endian(tmp_path, code, value, number, dtype):
    values = read_idx(written(tmp_path, bytes.fromhex(f"0000{code}01 00000001 {value}")))
    assert values.tolist() == [number]
    assert values.dtype == dtype
    assert values.dtype.isnative


def test_the_array_can_be_written_to(tmp_path):
    values = read_idx(written(tmp_path, gzip.compress(SIX_BYTES)))
    values[0, 0] = 9
    assert values[0, 0] == 9


def test_an_axis_of_length_zero_gives_an_empty_array(tmp_path):
    assert read_idx(written(tmp_path, bytes.fromhex("00000802 00000000 00000003"))).shape == (0, 3)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"cut\.gz: an IDX file starts with two zero bytes"),
        (SIX_BYTES[:3], "starts with two zero bytes"),
        (b"\x89PNG" + SIX_BYTES, r"starts with two zero bytes.*got b'\\x89PNG'"),
        (b"\0\1" + SIX_BYTES[2:], "starts with two zero bytes"),
        (b"\0\0\x0a" + SIX_BYTES[3:], "type of the values must be one of 0x08, .* got 0x0A"),
        (SIX_BYTES[:9], "header ends before the lengths of its 2 axes"),
        (SIX_BYTES[:-1], r"header says \(2, 3\), file holds 5 values"),
        (SIX_BYTES[:12], r"header says \(2, 3\), file holds 0 values"),
        (SIX_BYTES + b"\0", r"header says \(2, 3\), file holds more values"),
        (bytes.fromhex("00000c01 00000002 00000001 0000"), r"header says \(2,\), file holds 1 values"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path, pack, content, message):
    with pytest.raises(ValueError, match=message):
        read_idx(written(tmp_path, pack(content)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_header_that_claims_too_much_takes_no_memory(tmp_path, pack):
    # 0xFFFFFFFF x 0xFFFFFFFF doubles are 128 EiB.
    header = bytes.fromhex("00000e02 ffffffff ffffffff")
    with pytest.raises(ValueError, match=r"file holds 2 values"):
        read_idx(written(tmp_path, pack(header + bytes(16))))


def test_a_packed_file_that_was_cut_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"cut\.gz: broken gzip stream"):
        read_idx(written(tmp_path, gzip.compress(SIX_BYTES)[:-9]))


def test_a_packed_file_with_a_wrong_byte_in_its_middle_is_refused(tmp_path):
    packed = bytearray(gzip.compress(SIX_BYTES))
    packed[10] = 0xFF  # the first byte behind gzip's header: a kind of block that does not exist
    with pytest.raises(ValueError, match=r"broken gzip stream \(Error -3"):
        read_idx(written(tmp_path, bytes(packed)))


def test_a_packed_file_with_one_wrong_byte_is_refused(tmp_path):
    packed = bytearray(gzip.compress(SIX_BYTES))
    packed[-8] ^= 1  # of the checksum at its end
    with pytest.raises(ValueError, match="broken gzip stream"):
        read_idx(written(tmp_path, bytes(packed)))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        read_idx(tmp_path / "nothing-here")
