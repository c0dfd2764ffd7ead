import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deepmedia.detection.darknet_cases import CONVOLUTIONS, EVERY_KIND, random_numbers, weights_bytes

from deepmedia.datasets import darknet_file
from deepmedia.detection.darknet_cfg import parse_cfg, read_cfg
from deepmedia.detection.darknet_weights import (
    DarknetConvolution,
    DarknetWeights,
    numbers_of,
    read_darknet_weights,
    write_darknet_weights,
)

TWO = parse_cfg(
    "[net]\nwidth=4\nheight=4\nchannels=1\n"
    "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=1\nactivation=leaky\n"
    "[convolutional]\nfilters=3\nsize=3\nactivation=linear\n",
    name="two.cfg",
)
HEADER = struct.pack("<iiiQ", 0, 2, 0, 5)
NUMBERS = 4 * 2 + 2 + 3 + 3 * 2 * 9  # 67


def written(path, content):
    path.write_bytes(content)
    return path


def whole(numbers=None, header=HEADER):
    values = np.arange(NUMBERS, dtype="<f4") if numbers is None else numbers
    return header + values.tobytes()


def test_numbers_stand_in_the_documented_order(tmp_path):
    first, second = read_darknet_weights(written(tmp_path / "a.weights", whole()), TWO).convolutions
    assert (first.layer, second.layer) == (0, 1)
    assert first.bias.tolist() == [0, 1]  # beta, gamma, mean, variance
    assert [first.gamma.tolist(), first.mean.tolist(), first.variance.tolist()] == [[2, 3], [4, 5], [6, 7]]
    assert first.kernel.tolist() == [[[[8, 9]]]]
    assert second.gamma is second.mean is second.variance is None
    assert second.bias.tolist() == [10, 11, 12]
    # Filter f, channel c, row r, column s is number 13 + 18 f + 9 c + 3 r + s of the file.
    assert second.kernel.shape == (3, 3, 2, 3)
    assert second.kernel[2, 1, 0, 1] == 13 + 18 * 1 + 9 * 0 + 3 * 2 + 1
    assert second.kernel[0, 2, 1, 2] == 13 + 18 * 2 + 9 * 1 + 3 * 0 + 2


@pytest.mark.parametrize(
    ("version", "layout", "bytes_of_header"),
    [
        ((0, 1, 0), "<iiiI", 16),
        ((0, 2, 0), "<iiiQ", 20),
        ((0, 2, 5), "<iiiQ", 20),
        ((1, 0, 0), "<iiiQ", 20),
        ((1000, 0, 0), "<iiiI", 16),
        ((0, 1000, 0), "<iiiI", 16),
    ],
)
def test_the_count_of_images_has_the_size_of_its_version(tmp_path, version, layout, bytes_of_header):
    header = struct.pack(layout, *version, 123_456)
    assert len(header) == bytes_of_header
    read = read_darknet_weights(written(tmp_path / "a.weights", whole(header=header)), TWO)
    assert (read.version, read.seen) == (version, 123_456)
    assert read.convolutions[1].bias.tolist() == [10, 11, 12]


@pytest.mark.parametrize(("name", "numbers"), [("yolov3.cfg", 62_001_757), ("yolov3-tiny.cfg", 8_858_734)])
def test_official_networks_have_the_published_counts(name, numbers):
    assert numbers_of(read_cfg(darknet_file(name))) == numbers


def test_darknet_53_has_the_numbers_of_its_file():
    # darknet53.conv.74 has 162,482,580 bytes.
    assert 20 + 4 * numbers_of(read_cfg(darknet_file("yolov3.cfg")), layers=75) == 162_482_580


def test_what_is_written_is_the_same_bytes(tmp_path):
    content, cfg = weights_bytes(random_numbers(CONVOLUTIONS), seen=2**40 + 1), parse_cfg(EVERY_KIND)
    read = read_darknet_weights(written(tmp_path / "a.weights", content), cfg)
    assert read.seen == 2**40 + 1
    write_darknet_weights(tmp_path / "b.weights", read, cfg)
    assert (tmp_path / "b.weights").read_bytes() == content


def test_the_first_layers_alone_are_read_and_written(tmp_path):
    parts, cfg = random_numbers(CONVOLUTIONS), parse_cfg(EVERY_KIND)
    for content in (weights_bytes(parts[:2]), weights_bytes(parts), weights_bytes([*parts[:2], np.zeros(3, "<f4")])):
        read = read_darknet_weights(written(tmp_path / "a.weights", content), cfg, layers=3)
        assert [each.layer for each in read.convolutions] == [0, 2]
        write_darknet_weights(tmp_path / "b.weights", read, cfg, layers=3)
        assert (tmp_path / "b.weights").read_bytes() == weights_bytes(parts[:2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"a\.weights: a weights file begins with a header of 16 or 20 bytes, this has 0 in all"),
        (whole()[:19], "this has 19 in all"),
        (
            whole()[:-1],
            r"a\.weights has 287 bytes, and must have 288 for two\.cfg: 20 of header and 4 .* 67 .* cut off",
        ),
        (whole() + b"\0", "has 289 bytes, and must have 288 .* is it of another network"),
        (whole(header=struct.pack("<iiiI", 0, 2, 0, 5)), "has 284 bytes, and must have 288"),
        (b"\n<!DOCTYPE html><html><head><title>404</title>", r"a\.weights is a web page, not weights: .*DOCTYPE"),
        (b"\x89HDF\r\n\x1a\n" + bytes(4000), "has 4008 bytes, and must have"),
    ],
)
def test_files_of_another_length_are_refused_before_they_are_read(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_darknet_weights(written(tmp_path / "a.weights", content), TWO)


def test_no_memory_is_taken_for_numbers_that_are_not_there(tmp_path):
    path = written(tmp_path / "a.weights", bytes(1000))
    described = read_cfg(darknet_file("yolov3.cfg"))
    tracemalloc.start()
    with pytest.raises(ValueError, match="has 1000 bytes, and must have 248007044"):  # version 0.0, a header of 16
        read_darknet_weights(path, described)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_file_too_short_for_the_first_layers_is_refused(tmp_path):
    path = written(tmp_path / "a.weights", whole()[:59])
    with pytest.raises(ValueError, match=r"has 59 bytes, and must have 60 for the first 1 layers of two\.cfg"):
        read_darknet_weights(path, TWO, layers=1)
    for layers, error in ((0, ValueError), (3, ValueError), (True, TypeError), (1.0, TypeError)):
        with pytest.raises(error, match="layers must be"):
            read_darknet_weights(path, TWO, layers=layers)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.weights is no file"):
        read_darknet_weights(tmp_path / "gone.weights", TWO)


@pytest.mark.parametrize(
    ("place", "number", "message"),
    [
        (3, np.nan, r"a\.weights: gamma of layer 0 has a number that is not finite"),
        (9, -np.inf, "kernel of layer 0 has a number that is not finite"),
        (10, np.inf, "bias of layer 1 has a number that is not finite"),
        (7, -1e-3, "variance of layer 0 has a number below 0"),
    ],
)
def test_numbers_that_no_training_gives_are_refused(tmp_path, place, number, message):
    numbers = np.arange(NUMBERS, dtype="<f4")
    numbers[place] = number
    with pytest.raises(ValueError, match=message):
        read_darknet_weights(written(tmp_path / "a.weights", whole(numbers)), TWO)


def convolution(layer, *shape, **vectors):
    return DarknetConvolution(
        layer, np.zeros(shape, "float32"), **{n: np.zeros(k, "float32") for n, k in vectors.items()}
    )


FIRST = convolution(0, 1, 1, 1, 2, bias=2, gamma=2, mean=2, variance=2)


@pytest.mark.parametrize(
    ("convolutions", "message"),
    [
        ([FIRST], r"two\.cfg has convolutions \[0, 1\], weights are of \[0\]"),
        ([FIRST, convolution(1, 3, 3, 2, 3, bias=2)], r"weights: bias of layer 1 must be of shape \(3,\), got \(2,\)"),
        ([FIRST, convolution(1, 3, 3, 3, 2, bias=3)], r"kernel of layer 1 must be of shape \(3, 3, 2, 3\), got"),
        ([FIRST, convolution(1, 3, 3, 2, 3, bias=3, gamma=3)], r"gamma of layer 1 must be of shape None, got \(3,\)"),
        ([convolution(0, 1, 1, 1, 2, bias=2), convolution(1, 3, 3, 2, 3, bias=3)], "gamma of layer 0 must be of shape"),
    ],
)
def test_weights_that_do_not_fit_are_not_written(tmp_path, convolutions, message):
    path = written(tmp_path / "a.weights", b"old")
    with pytest.raises(ValueError, match=message):
        write_darknet_weights(path, DarknetWeights(convolutions), TWO)
    assert path.read_bytes() == b"old"


def test_a_count_of_images_that_does_not_fit_is_not_written(tmp_path):
    weights = DarknetWeights([FIRST, convolution(1, 3, 3, 2, 3, bias=3)], seen=-1)
    with pytest.raises(ValueError, match="seen must be a count of images"):
        write_darknet_weights(tmp_path / "a.weights", weights, TWO)
    assert not list(tmp_path.iterdir())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 287), st.binary(min_size=1, max_size=8)), max_size=4),
    st.integers(-300, 20),
    st.booleans(),
)
def test_damage_is_refused_with_the_files_name_or_gives_numbers_that_could_be(tmp_path_factory, edits, change, is_part):
    content = bytearray(whole())
    for place, piece in edits:
        content[place : place + len(piece)] = piece
    content = content[: len(content) + change] if change < 0 else content + bytes(change)
    path = written(tmp_path_factory.getbasetemp() / "any.weights", bytes(content))
    text, read = "", None
    try:
        read = read_darknet_weights(path, TWO, layers=1 if is_part else None)
    except ValueError as error:
        text = str(error)
    if read is None:
        assert text.startswith("any.weights")
    else:
        assert all(np.isfinite(each.kernel).all() and np.isfinite(each.bias).all() for each in read.convolutions)
        assert (read.convolutions[0].variance >= 0).all()
