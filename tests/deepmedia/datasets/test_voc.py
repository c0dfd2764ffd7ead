import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.datasets.voc import MOST_BYTES, ImageLabels, parse_voc, read_voc, write_voc

BOX = "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>10.5</xmax><ymax>9e0</ymax></bndbox>"
CAT = f"<object><name> cat </name>{BOX}</object>"
SIZE = "<size><width>40</width><height>30</height><depth>3</depth></size>"


def voc(content, head=""):
    return f"{head}<annotation>{content}</annotation>".encode()


def test_names_and_boxes_are_read_in_file_order():
    labels = parse_voc(voc(SIZE + CAT + CAT.replace("cat", "chien brûlé").replace("<xmin>2", "<xmin>-1")), "a.xml")
    assert labels.class_names == ("cat", "chien brûlé")
    np.testing.assert_array_equal(labels.boxes, [[2, 3, 10.5, 9], [-1, 3, 10.5, 9]])
    assert labels.size == (40, 30)


def test_the_first_pixel_may_be_called_one():
    np.testing.assert_array_equal(parse_voc(voc(CAT), "a.xml", first_pixel=1).boxes, [[1, 2, 10.5, 9]])


def test_a_part_of_an_object_is_no_object():
    part = f"<part><name>head</name>{BOX}</part>"
    assert parse_voc(voc(CAT.replace("</object>", f"{part}</object>")), "a.xml").class_names == ("cat",)


@pytest.mark.parametrize("size", ["", SIZE.replace("40", "0"), "<size/>"])
def test_a_size_that_is_not_stated_is_none(size):
    labels = parse_voc(voc(size), "a.xml")
    assert labels.size is None
    assert labels.boxes.shape == (0, 4)


def test_a_file_may_have_another_encoding_and_a_byte_order_mark():
    text = voc(CAT.replace("cat", "brûlé"), '<?xml version="1.0" encoding="UTF-16"?>').decode()
    assert parse_voc(text.encode("utf-16"), "a.xml").class_names == ("brûlé",)


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("head", [BOMB, OUTSIDE, '<!DOCTYPE annotation SYSTEM "http://example.org/a.dtd">'])
def test_a_document_type_is_refused_in_any_encoding(head, encoding):
    content = voc(CAT.replace("cat", "&b;"), head).decode().encode(encoding)
    with pytest.raises(ValueError, match=r"a\.xml: a VOC label file has no document type"):
        parse_voc(content, "a.xml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not well-formed XML: no element found"),
        (b"<annotation>", "not well-formed XML"),
        (b"\xff\xfe\x00", "not well-formed XML"),
        (b'<?xml version="1.0" encoding="klingon"?><annotation/>', "not well-formed XML: unknown encoding"),
        (voc(CAT.replace("cat", "&b;")), "not well-formed XML: undefined entity"),
        (b"<html><body/></html>", "outermost element is <annotation>, this one's is <html>"),
        (voc(CAT.replace("cat", "")), "an <object> lacks <name>"),
        (voc("<object><name>cat</name></object>"), "an <object> lacks <bndbox><xmin>"),
        (voc(CAT.replace("10.5", "ten")), "<xmax> must be a finite number, got 'ten'"),
        (voc(CAT.replace("10.5", "nan")), "<xmax> must be a finite number, got 'nan'"),
        (voc(CAT.replace("10.5", "1e999")), "<xmax> must be a finite number, got '1e999'"),
        (voc(CAT.replace("10.5", "1_0")), "<xmax> must be a finite number, got '1_0'"),
        (voc(SIZE.replace("40", "4.5")), "<width> must be a whole number of pixels, got '4.5'"),
        (voc(SIZE.replace("40", "-4")), "<width> must be a whole number of pixels, got '-4'"),
        (voc("<a>" * 60 + "</a>" * 60), "nests at most 50 elements"),
    ],
)
def test_what_is_no_label_file_is_refused_by_name(content, words):
    with pytest.raises(ValueError, match=rf"a\.xml.*{re.escape(words)}"):
        parse_voc(content, "a.xml")


def test_a_file_is_read_and_an_endless_one_is_not(tmp_path):
    (tmp_path / "a.xml").write_bytes(voc(CAT))
    assert read_voc(tmp_path / "a.xml").class_names == ("cat",)
    with pytest.raises(FileNotFoundError):
        read_voc(tmp_path / "b.xml")
    with (tmp_path / "c.xml").open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # takes no place on the disk
    with pytest.raises(ValueError, match=r"c\.xml: a label file holds at most 10 MB, this one is longer"):
        read_voc(tmp_path / "c.xml")


def test_the_first_pixel_has_one_of_two_names():
    with pytest.raises(ValueError, match="first_pixel must be 0 or 1, got 2"):
        read_voc("a.xml", first_pixel=2)


PIECES = ["<annotation>", "</annotation>", "<object>", "</object>", CAT, SIZE, BOX, BOMB, "<name>", "&b;", "<![CDATA["]
PIECES += ["<!--", "-->", "<?xml version='1.1'?>", "9" * 400, "\0", "1e308", "<bndbox/>", "<xmin>-0</xmin>"]


def outcome(content):
    """The labels, or the words of the error."""
    try:
        return parse_voc(content, "odd.xml")
    except ValueError as error:
        return str(error)


def check(outcome):
    """Only an error that names the file, or labels that are whole."""
    if isinstance(outcome, str):
        assert "odd.xml" in outcome
    else:
        assert outcome.boxes.shape == (len(outcome.class_names), 4)
        assert np.isfinite(outcome.boxes).all()


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map(lambda parts: "".join(parts).encode()))
@settings(deadline=1000)
def test_any_pieces_of_xml_are_labels_or_a_value_error_with_the_name(content):
    check(outcome(content))


@given(st.binary(max_size=3), st.integers(0, 200), st.integers(0, 5))
@settings(deadline=1000)
def test_a_file_with_a_few_wrong_bytes_is_labels_or_a_value_error_with_the_name(wrong, place, gone):
    content = voc(SIZE + CAT)
    check(outcome(content[:place] + wrong + content[place + gone :]))


def test_what_is_written_is_read_back(tmp_path):
    labels = ImageLabels(("cat", "chien <brûlé> & Co"), np.array([[2, 3, 10.5, 9], [-1, 0.1, 40, 30.0]]), (40, 30))
    read = read_voc(write_voc(tmp_path / "a.xml", labels, picture="a.jpg"))
    assert (read.class_names, read.size) == (labels.class_names, (40, 30))
    np.testing.assert_array_equal(read.boxes, labels.boxes)


def test_a_picture_without_objects_and_size_can_be_written(tmp_path):
    read = read_voc(write_voc(tmp_path / "a.xml", ImageLabels((), np.zeros((0, 4))), picture="a.jpg"))
    assert (len(read), read.size) == (0, None)


@pytest.mark.parametrize("names", [(), ("cat", "cat"), (" ",)])
def test_names_that_do_not_fit_the_boxes_are_not_written(names, tmp_path):
    with pytest.raises(ValueError, match="a name for each of 1 boxes"):
        write_voc(tmp_path / "a.xml", ImageLabels(names, np.array([[0, 0, 1, 1.0]])), picture="a.jpg")
    assert not (tmp_path / "a.xml").exists()
