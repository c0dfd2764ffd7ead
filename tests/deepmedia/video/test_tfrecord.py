"""TFRecord files: what is damaged is named, what comes before it is read, and what can be found behind it too."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.video import tfrecord
from deepmedia.video.tfrecord import BadRecord, read_tfrecords, write_tfrecords

RECORDS = [b"first", b"", bytes(range(256)) * 3, b"last one"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "whole.tfrecord"
    assert write_tfrecords(path, RECORDS) == 4
    return path


def test_what_is_written_can_be_read_again(whole):
    assert list(read_tfrecords(whole)) == RECORDS


def test_the_bytes_of_a_file_by_hand(whole):
    # the masked sums of "first" and of its length come from TensorFlow 2.21's writer
    assert whole.read_bytes()[:21] == struct.pack("<QI5sI", 5, 0x3E04B2EA, b"first", 0xE523FF55)


def entries(data, folder):
    path = folder / "changed.tfrecord"
    path.write_bytes(data)
    return list(read_tfrecords(path))


def starts():
    """Where each record begins, and the file ends."""
    return np.cumsum([0] + [16 + len(record) for record in RECORDS]).tolist()


@given(st.data())
def test_a_file_cut_anywhere_gives_what_is_whole_and_then_an_error(whole, data):
    content = whole.read_bytes()
    end = data.draw(st.integers(0, len(content) - 1))
    found = entries(content[:end], whole.parent)
    complete = sum(1 for start in starts()[1:] if start <= end)
    assert found[:complete] == RECORDS[:complete]
    if end in starts() and end:
        assert len(found) == complete  # nothing says that there was more
    else:
        assert [type(each) for each in found[complete:]] == [BadRecord]
        expected = "is empty" if end == 0 else f"record {complete} is cut off by the end of the file"
        assert expected in str(found[-1])


@given(st.data())
def test_a_byte_changed_anywhere_is_noticed(whole, data):
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    hit = sum(1 for start in starts()[1:] if start <= place)
    found = entries(bytes(content), whole.parent)
    assert isinstance(found[hit], BadRecord)
    assert f"record {hit}: its" in str(found[hit])
    if place < starts()[hit] + 12:  # in its length
        assert "the rest of the file is lost" in str(found[hit])
        assert found[:-1] == RECORDS[:hit]
    else:
        assert "don't fit their checksum" in str(found[hit])
        assert found[:hit] + found[hit + 1 :] == RECORDS[:hit] + RECORDS[hit + 1 :]


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_error(whole, data):
    found = entries(data, whole.parent)
    assert isinstance(found[-1], BadRecord)


def test_numbers_go_on_from_one_batch_to_the_next(tmp_path):
    records = [bytes([number % 251]) * 100 for number in range(600)]
    write_tfrecords(tmp_path / "many", records)
    content = bytearray((tmp_path / "many").read_bytes())
    content[116 * 555 + 50] ^= 1
    found = entries(bytes(content), tmp_path)
    assert "record 555: its bytes" in str(found[555])
    assert found[:555] + found[556:] == records[:555] + records[556:]


def test_only_half_a_megabyte_is_held(tmp_path, monkeypatch):
    write_tfrecords(tmp_path / "large", [bytes(2**16)] * 40)
    sizes = []
    check = tfrecord.crc32c
    monkeypatch.setattr(tfrecord, "crc32c", lambda records: sizes.append(len(records)) or check(records))
    assert len(list(read_tfrecords(tmp_path / "large"))) == 40
    assert sizes[:5] == [8] * 5


def test_what_is_too_large_is_not_read(tmp_path, monkeypatch):
    write_tfrecords(tmp_path / "large", [b"small", bytes(2000), b"next"])
    monkeypatch.setattr(tfrecord, "MOST_BYTES", 1000)
    one, fault, other = read_tfrecords(tmp_path / "large")
    assert (one, other) == (b"small", b"next")
    assert "record 1 has 2,000 bytes; more than 1,000 are not read" in str(fault)


def test_an_error_while_writing_leaves_no_file(tmp_path):
    def broken():
        yield b"one"
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        write_tfrecords(tmp_path / "file", broken())
    assert list(tmp_path.iterdir()) == []
