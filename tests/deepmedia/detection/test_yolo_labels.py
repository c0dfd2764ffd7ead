import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.detection.records import Truth
from deepmedia.detection.yolo_labels import read_yolo_labels, write_yolo_labels


def written(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_line_becomes_a_box_in_pixels(tmp_path):
    # Centre (50, 25) of 200 x 50, 20 wide and 10 high; then the whole picture.
    path = written(tmp_path, "\ufeff1 0.25 0.5 0.1 0.2\r\n\n  0\t.5 5e-1 1 1.\n")
    labels = read_yolo_labels(path, (200, 50), class_names=["cat"])
    np.testing.assert_allclose(labels.boxes, [[40, 20, 60, 30], [0, 0, 200, 50]])
    assert labels.class_names == ("1", "cat")
    assert labels.size == (200, 50)


def test_an_empty_file_says_that_there_is_no_object(tmp_path):
    assert read_yolo_labels(written(tmp_path, "\n"), (20, 10)).boxes.shape == (0, 4)


def test_what_is_written_reads_back(tmp_path):
    truth = Truth([[1, 2, 30.5, 40], [0, 0, 640, 480]], [7, 0])
    write_yolo_labels(tmp_path / "b.txt", truth, (640, 480))
    labels = read_yolo_labels(tmp_path / "b.txt", (640, 480))
    np.testing.assert_allclose(labels.boxes, truth.boxes, atol=1e-5)
    assert labels.class_names == ("7", "0")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("0 .5 .5 .1 .1\n0 .5 .5 .1", "a.txt, line 2: must be class, x_center, y_center, width, height, got 4 columns"),
        ("0 .5 .5 .1 .1 .9", "a.txt, line 1: must be class, .* got 6 columns"),
        ("cat .5 .5 .1 .1", "the class must be a whole number from 0, got 'cat'"),
        ("-1 .5 .5 .1 .1", "the class must be a whole number from 0, got '-1'"),
        ("0 120 80 30 20", r"the box must be fractions of the picture, 0\.\.1, got '120 80 30 20'"),
        ("0 nan .5 .1 .1", "must be fractions of the picture"),
        ("0 .5 .5 .1 1e999", "must be fractions of the picture"),
        ("0 .5 .5 .1 0x1", "must be fractions of the picture"),
        (b"\xff\xfe\x00", "a.txt is not text"),
    ],
)
def test_what_is_no_label_file_is_refused_by_file_and_line(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        read_yolo_labels(written(tmp_path, content), (200, 100))


@pytest.mark.parametrize("size", [(0, 10), (10, -1)])
def test_a_picture_has_a_size(tmp_path, size):
    with pytest.raises(
        ValueError, match=re.escape(f"image_size must be (width, height) of at least 1 pixel, got {size}")
    ):
        read_yolo_labels(written(tmp_path, ""), size)


WORDS = st.sampled_from(["0", "1", ".5", "-0.2", "1e5", "1e-400", "nan", "٣", "9" * 5000, "\x85", "\n", "", "0.5e"])


@given(st.lists(WORDS | st.text(max_size=3)).map(" ".join).map(str.encode) | st.binary(max_size=60))
@settings(deadline=1000)
def test_any_bytes_are_labels_or_a_value_error_with_the_name(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "odd.txt"
    path.write_bytes(content)
    try:
        labels = read_yolo_labels(path, (30, 20))
    except ValueError as error:
        words = str(error)
    else:
        words = f"{path.name} has boxes"
        assert labels.boxes.shape == (len(labels.class_names), 4)
        assert np.isfinite(labels.boxes).all()
    assert "odd.txt" in words
