"""What YouTube-8M needs of protocol buffers: TensorFlow's `Example` and `SequenceExample`, read and written.

A message is a row of fields; a field is a tag, which has its number and wire type, and its value:

    Example         1: Features
    SequenceExample 1: Features (context)  2: FeatureLists
    Features        1: entries of a map, each 1: name, 2: Feature
    FeatureLists    1: entries of a map, each 1: name, 2: FeatureList
    FeatureList     1: Feature, repeated
    Feature         1: BytesList or 2: FloatList or 3: Int64List, in each 1: value, repeated

Fields may come in any order and repeatedly; numbers may stand one by one or packed. Unknown fields are left out.

Sources: https://protobuf.dev/programming-guides/encoding; example.proto and feature.proto of TensorFlow.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
BYTES_LIST, FLOAT_LIST, INT64_LIST = 1, 2, 3  # fields of a Feature

Span = tuple[int, int]  # from and to, in the record's bytes
Feature = tuple[int, list[Span]]  # kind, and the messages of that list


class BadMessage(ValueError):
    """Bytes that are no such message."""


def fields(data: bytes, span: Span) -> list[tuple[int, int, Span]]:
    """Number, wire type and the place of the value of each field of a message."""
    start, end = span
    found = []
    while start < end:
        tag = data[start]  # mostly one byte, as the length is: this loop is what reading costs
        start += 1
        if tag > 127:
            tag, start = _varint(data, start - 1, end)
        kind = tag & 7
        if kind == BYTES:
            if start < end and data[start] < 128:
                stop = start + 1 + data[start]
                start += 1
            else:
                length, start = _varint(data, start, end)
                stop = start + length
        elif kind == VARINT:
            stop = _varint(data, start, end)[1]
        elif kind == FIXED32:
            stop = start + 4
        elif kind == FIXED64:
            stop = start + 8
        else:
            raise BadMessage(f"a field has the unknown wire type {kind}")
        if stop > end or tag < 8:
            raise BadMessage("a field reaches beyond its message" if stop > end else "a field has the number 0")
        found.append((tag >> 3, kind, (start, stop)))
        start = stop
    return found


def messages(data: bytes, span: Span, number: int) -> list[Span]:
    """Where the values of a field that holds messages or byte strings are."""
    found = []
    for each, kind, value in fields(data, span):
        if each == number:
            if kind != BYTES:
                raise BadMessage(f"field {number} has the wire type {kind} in place of {BYTES}")
            found.append(value)
    return found


def map_entries(data: bytes, maps: Sequence[Span]) -> dict[bytes, Span]:
    """Names and values of a map; of a name that comes again, the last value counts."""
    found = {}
    for span in maps:
        for entry in messages(data, span, 1):
            name, value = b"", (0, 0)
            for number, kind, place in fields(data, entry):
                if number in (1, 2) and kind != BYTES:
                    raise BadMessage("an entry of a map has a wrong wire type")
                if number == 1:
                    name = data[slice(*place)]
                elif number == 2:
                    value = place
            found[name] = value
    return found


def feature_at(data: bytes, span: Span) -> Feature:
    """A feature's kind, 0 if it has none, and where its lists are."""
    kind, lists = 0, list[Span]()
    for number, wire_type, value in fields(data, span):
        if number in (BYTES_LIST, FLOAT_LIST, INT64_LIST):
            if wire_type != BYTES:
                raise BadMessage("a feature has a wrong wire type")
            lists = [*lists, value] if number == kind else [value]
            kind = number
    return kind, lists


def floats(data: bytes, feature: Feature) -> NDArray[np.float32]:
    """A feature's numbers, float32 (n,)."""
    chunks = []
    for kind, (start, stop) in _values(data, feature, FLOAT_LIST):
        if kind not in (BYTES, FIXED32) or (stop - start) % 4:
            raise BadMessage("a list of floats is none")
        chunks.append(np.frombuffer(data, "<f4", (stop - start) // 4, start))
    return np.concatenate(chunks).astype(np.float32) if chunks else np.zeros(0, np.float32)


def integers(data: bytes, feature: Feature) -> NDArray[np.int64]:
    """A feature's whole numbers, int64 (n,)."""
    found = []
    for kind, (start, stop) in _values(data, feature, INT64_LIST):
        if kind not in (BYTES, VARINT):
            raise BadMessage("a list of whole numbers is none")
        while start < stop:
            value, start = _varint(data, start, stop)
            found.append(value - 2**64 if value >= 2**63 else value)
    return np.array(found, np.int64)


def byte_strings(data: bytes, feature: Feature) -> list[Span]:
    """Where a feature's byte strings are."""
    found = _values(data, feature, BYTES_LIST)
    if any(kind != BYTES for kind, _ in found):
        raise BadMessage("a list of byte strings is none")
    return [span for _, span in found]


def rows_of_bytes(data: bytes, feature_list: Span) -> list[bytes] | NDArray[np.uint8]:
    """One byte string of each feature of a list: uint8 (n, width) where all are encoded alike, as they mostly are."""
    start, end = feature_list
    if start == end:
        return []
    tag, place = _varint(data, start, end)
    length, place = _varint(data, place, end)
    stride = place + length - start
    if tag == 1 << 3 | BYTES and stride <= end - start and (end - start) % stride == 0:
        first, last = _only_string(data, (place, place + length))
        rows = np.frombuffer(data, np.uint8, end - start, start).reshape(-1, stride)
        ahead = first - start  # tags and lengths, the same in front of each
        if last == start + stride and (rows[:, :ahead] == rows[0, :ahead]).all():
            return rows[:, ahead:].copy()
    return [data[slice(*_only_string(data, span))] for span in messages(data, feature_list, 1)]


def _only_string(data: bytes, span: Span) -> Span:
    strings = byte_strings(data, feature_at(data, span))
    if len(strings) != 1:
        raise BadMessage(f"a frame has {len(strings)} byte strings in place of one")
    return strings[0]


def _values(data: bytes, feature: Feature, wanted: int) -> list[tuple[int, Span]]:
    kind, lists = feature
    if kind not in (0, wanted):
        names = {BYTES_LIST: "byte strings", FLOAT_LIST: "floats", INT64_LIST: "whole numbers"}
        raise BadMessage(f"it holds {names[kind]} in place of {names[wanted]}")
    return [(each, value) for span in lists for number, each, value in fields(data, span) if number == 1]


def _varint(data: bytes, start: int, end: int) -> tuple[int, int]:
    """A number in groups of 7 bits, the lowest first, and where it ends; beyond 64 bits it is cut."""
    if start < end and data[start] < 128:
        return data[start], start + 1
    value = 0
    for place, byte in enumerate(data[start : min(start + 10, end)]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value & (2**64 - 1), start + place + 1
    raise BadMessage("a number has no end")


# To write


def message(*parts: tuple[int, bytes]) -> bytes:
    """A message of fields by number, each with the bytes of a message or a string."""
    return b"".join(_encoded(number << 3 | BYTES) + _encoded(len(value)) + value for number, value in parts)


def map_message(entries: Mapping[str, bytes]) -> bytes:
    """A map, its names in order."""
    return message(*((1, message((1, name.encode()), (2, entries[name]))) for name in sorted(entries)))


def bytes_feature(value: bytes) -> bytes:
    """A feature of one byte string."""
    return message((BYTES_LIST, message((1, value))))


def float_feature(values: NDArray[np.float32]) -> bytes:
    """A feature of floats, packed."""
    packed = values.astype("<f4").tobytes()
    return message((FLOAT_LIST, message((1, packed)) if packed else b""))


def integer_feature(values: Sequence[int]) -> bytes:
    """A feature of whole numbers of at least 0, packed."""
    packed = b"".join(_encoded(value) for value in values)
    return message((INT64_LIST, message((1, packed)) if packed else b""))


def _encoded(value: int) -> bytes:
    groups = []
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])
