"""Protocol buffers in all the forms that the format allows, against bytes put together by hand."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.video import wire
from deepmedia.video.wire import BadMessage


def whole(data):
    return 0, len(data)


def feature_of(data):
    return wire.feature_at(data, whole(data))


def test_fields_of_all_wire_types():
    # field 1 varint 300; field 2 fixed 64; field 3 "ab"; field 4 fixed 32
    data = bytes([0x08, 0xAC, 0x02, 0x11, *range(8), 0x1A, 2, 97, 98, 0x25, *range(4)])
    assert wire.fields(data, whole(data)) == [(1, 0, (1, 3)), (2, 1, (4, 12)), (3, 2, (14, 16)), (4, 5, (17, 21))]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x08", "a number has no end"),
        (b"\x08" + b"\x80" * 11, "a number has no end"),
        (b"\x0a\x05ab", "a field reaches beyond its message"),
        (b"\x0d\x00", "a field reaches beyond its message"),
        (b"\x0b", "a field has the unknown wire type 3"),
        (b"\x02\x00", "a field has the number 0"),
    ],
)
def test_broken_fields(data, message):
    with pytest.raises(BadMessage, match=message):
        wire.fields(data, whole(data))


def test_floats_packed_one_by_one_and_mixed():
    one, two = np.array([1.5], "<f4").tobytes(), np.array([2.5, -3], "<f4").tobytes()
    packed = wire.message((2, wire.message((1, two))))
    single = wire.message((2, b"\x0d" + one))
    both = wire.message((2, b"\x0d" + one + b"\x0a\x08" + two))
    twice = single + packed  # a list that comes in two parts
    for data, expected in ((packed, [2.5, -3]), (single, [1.5]), (both, [1.5, 2.5, -3]), (twice, [1.5, 2.5, -3])):
        found = wire.floats(data, feature_of(data))
        assert found.dtype == np.float32
        assert found.tolist() == expected


def test_of_two_kinds_the_last_counts():
    data = wire.integer_feature([7]) + wire.float_feature(np.ones(2, np.float32))
    assert wire.floats(data, feature_of(data)).tolist() == [1, 1]


def test_whole_numbers_of_all_sizes():
    # 3862 = 30 * 128 + 22; -1 is ten bytes
    data = wire.message((3, b"\x08\x05\x08\x96\x1e" + b"\x08" + b"\xff" * 9 + b"\x01"))
    assert wire.integers(data, feature_of(data)).tolist() == [5, 3862, -1]


@given(st.lists(st.integers(0, 2**63 - 1)))
def test_what_is_written_can_be_read_again(numbers):
    data = wire.integer_feature(numbers)
    assert wire.integers(data, feature_of(data)).tolist() == numbers


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (wire.floats, wire.integer_feature([1]), "it holds whole numbers in place of floats"),
        (wire.integers, wire.bytes_feature(b"a"), "it holds byte strings in place of whole numbers"),
        (wire.byte_strings, wire.float_feature(np.ones(1, np.float32)), "it holds floats in place of byte strings"),
        (wire.floats, wire.message((2, wire.message((1, b"abc")))), "a list of floats is none"),
        (wire.integers, wire.message((3, b"\x0d" + bytes(4))), "a list of whole numbers is none"),
        (wire.byte_strings, wire.message((1, b"\x08\x01")), "a list of byte strings is none"),
        (wire.floats, b"\x10\x01", "a feature has a wrong wire type"),
    ],
)
def test_features_of_another_kind(read, data, message):
    with pytest.raises(BadMessage, match=message):
        read(data, feature_of(data))


def test_of_a_name_that_comes_again_the_last_value_counts():
    data = wire.map_message({"a": b"1"}) + wire.map_message({"b": b"2"}) + wire.map_message({"a": b"3"})
    places = wire.map_entries(data, [whole(data)])
    assert {name: data[slice(*place)] for name, place in places.items()} == {b"a": b"3", b"b": b"2"}


def frames_message(rows, extra=b""):
    return wire.message(*((1, wire.bytes_feature(bytes(row)) + extra) for row in rows))


def test_frames_encoded_alike_come_as_one_table():
    rows = np.random.default_rng(0).integers(0, 256, (5, 200), dtype=np.uint8)
    data = b"xx" + frames_message(rows)
    found = wire.rows_of_bytes(data, (2, len(data)))
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, rows)


def test_frames_with_unknown_fields_behind_the_string_are_not_mixed_up():
    # the unknown field 9 holds the same bytes as the string before it
    rows = [b"abc", b"axc"]
    data = wire.message(
        (1, wire.bytes_feature(b"abc") + wire.message((9, b"abc"))),
        (1, wire.bytes_feature(b"axc") + wire.message((9, b"abc"))),
    )
    assert [bytes(row) for row in wire.rows_of_bytes(data, whole(data))] == rows


def test_frames_of_several_lengths_come_one_by_one():
    data = frames_message([b"ab", b"c", b"", b"de"])
    assert wire.rows_of_bytes(data, whole(data)) == [b"ab", b"c", b"", b"de"]
    assert len(wire.rows_of_bytes(b"", (0, 0))) == 0


def test_a_frame_has_one_string():
    data = wire.message((1, wire.message((1, wire.message((1, b"a"), (1, b"b"))))))
    with pytest.raises(BadMessage, match=re.escape("a frame has 2 byte strings in place of one")):
        wire.rows_of_bytes(data, whole(data))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    for read in (
        lambda: wire.map_entries(data, wire.messages(data, whole(data), 1)),
        lambda: wire.floats(data, feature_of(data)),
        lambda: wire.integers(data, feature_of(data)),
        lambda: wire.byte_strings(data, feature_of(data)),
        lambda: wire.rows_of_bytes(data, whole(data)),
    ):
        try:
            read()
        except BadMessage as error:
            assert str(error)  # noqa: PT017
