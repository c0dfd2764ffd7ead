import json

import cv2
import numpy as np
import pytest

from deepmedia.datasets import unpack_blood_cells
from deepmedia.detection import label_report as kinds
from deepmedia.detection.labelled_folder import picture_size, read_any_picture, read_labelled_folder, split_folder

SIZE = (40, 30)


def picture(path, *, size=SIZE, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng([seed, *path.stem.encode()]).integers(0, 256, (size[1], size[0], 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def voc(path, *objects, size=SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = ("xmin", "ymin", "xmax", "ymax")
    boxes = [
        f"<object><name>{name}</name><bndbox>"
        + "".join(f"<{corner}>{value}</{corner}>" for corner, value in zip(corners, box, strict=True))
        + "</bndbox></object>"
        for name, *box in objects
    ]
    sides = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>"
    path.write_text(f"<annotation>{sides}{''.join(boxes)}</annotation>")


CAT, DOG = ("cat", 1, 2, 11, 12), ("dog", 5, 5, 20, 25)


def only_fault(report):
    (fault,) = report.faults
    return fault.kind, fault.file, fault.what


@pytest.fixture
def folder(tmp_path):
    """Two pictures with labels, without a fault."""
    picture(tmp_path / "JPEGImages/1.jpg")
    picture(tmp_path / "JPEGImages/2.PNG")
    voc(tmp_path / "Annotations/1.xml", CAT)
    voc(tmp_path / "Annotations/2.xml", DOG, CAT)
    return tmp_path


def test_a_faultless_folder_gives_boxes_classes_and_counts(folder):
    read = read_labelled_folder(folder, strict=True)
    assert [path.name for path in read.paths] == ["1.jpg", "2.PNG"]
    assert read.class_names == ("cat", "dog")
    assert [truth.class_ids.tolist() for truth in read.truths] == [[0], [1, 0]]
    np.testing.assert_array_equal(read.truths[1].boxes, [DOG[1:], CAT[1:]])
    assert read.report.class_counts == {"cat": 2, "dog": 1}
    assert str(read.report) == "2 pictures with 3 boxes: cat 2, dog 1"


def test_classes_have_the_order_of_the_argument_and_those_without_a_box_are_counted(folder):
    read = read_labelled_folder(folder, class_names=["dog", "bird", "cat"])
    assert read.truths[1].class_ids.tolist() == [0, 2]
    assert read.report.class_counts == {"dog": 1, "bird": 0, "cat": 2}


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("3.jpg", "3.xml"),
        ("train/3.jpg", "train/3.xml"),
        ("train/images/3.jpg", "train/labels/3.xml"),
        ("images/train/3.jpg", "annotations/train/3.xml"),
        ("Images/a.b.jpg", "a.b.xml"),
        ("img/3.jpg", "xml/3.xml"),
        ("photos of May/3.jpg", "from Anna/second try/3.xml"),
        ("train/img/3.jpg", "train/xml/3.xml"),
    ],
)
def test_a_label_file_is_found_in_the_usual_places(tmp_path, image, label):
    picture(tmp_path / image)
    voc(tmp_path / label, CAT)
    assert len(read_labelled_folder(tmp_path, strict=True).paths) == 1


def test_a_label_file_of_another_split_is_not_taken(folder):
    picture(folder / "train/3.jpg")
    voc(folder / "test/3.xml", CAT)
    faults = read_labelled_folder(folder).report.faults
    assert [(fault.kind, fault.file) for fault in faults] == [
        (kinds.NO_LABELS, "train/3.jpg"),
        (kinds.NO_PICTURE, "test/3.xml"),
    ]


def test_in_folders_of_other_names_a_name_that_occurs_twice_is_not_guessed(tmp_path):
    for place in ("May", "June"):
        picture(tmp_path / place / "1.jpg")
        picture(tmp_path / place / f"{place}.jpg")
        voc(tmp_path / f"xml of {place}/1.xml", CAT)
        voc(tmp_path / f"xml of {place}/{place}.xml", DOG)
    read = read_labelled_folder(tmp_path)
    assert [path.name for path in read.paths] == ["June.jpg", "May.jpg"]
    assert [(fault.kind, fault.file) for fault in read.report.faults] == [
        (kinds.NO_LABELS, "June/1.jpg"),
        (kinds.NO_LABELS, "May/1.jpg"),
        (kinds.NO_PICTURE, "xml of June/1.xml"),
        (kinds.NO_PICTURE, "xml of May/1.xml"),
    ]


def test_a_picture_without_a_label_file_is_left_out_and_named(folder):
    picture(folder / "JPEGImages/3.jpg")
    read = read_labelled_folder(folder)
    assert len(read.paths) == 2
    assert only_fault(read.report)[:2] == (kinds.NO_LABELS, "JPEGImages/3.jpg")


def test_a_label_file_that_cannot_be_read_is_named_with_the_reason(folder):
    picture(folder / "JPEGImages/3.jpg")
    (folder / "Annotations/3.xml").write_text('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation/>')
    kind, file, what = only_fault(read_labelled_folder(folder).report)
    assert (kind, file) == (kinds.BAD_LABELS, "Annotations/3.xml")
    assert "3.xml: a VOC label file has no document type" in what


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_a_picture_that_cannot_be_read_is_named(folder, content):
    (folder / "JPEGImages/2.PNG").write_bytes(content)
    read = read_labelled_folder(folder)
    assert [path.name for path in read.paths] == ["1.jpg"]
    assert only_fault(read.report) == (kinds.BAD_PICTURE, "JPEGImages/2.PNG", "left out")


def test_the_same_picture_twice_is_kept_and_named(folder):
    (folder / "JPEGImages/3.jpg").write_bytes((folder / "JPEGImages/1.jpg").read_bytes())
    voc(folder / "Annotations/3.xml", DOG)
    read = read_labelled_folder(folder)
    assert len(read.paths) == 3
    kind, file, what = only_fault(read.report)
    assert (kind, file) == (kinds.SAME_PICTURE, "JPEGImages/3.jpg")
    assert what == "the same as JPEGImages/1.jpg; both are kept"


def test_of_two_pictures_with_one_name_the_first_is_taken(folder):
    picture(folder / "JPEGImages/1.png", seed=1)
    assert only_fault(read_labelled_folder(folder).report)[:2] == (kinds.SAME_NAME, "JPEGImages/1.png")


def test_an_unknown_class_is_left_out_and_its_picture_stays(folder):
    read = read_labelled_folder(folder, class_names=["dog"])
    assert [len(truth) for truth in read.truths] == [0, 1]
    assert [fault.what for fault in read.report.of_kind(kinds.UNKNOWN_CLASS)] == [
        "cat [1.0, 2.0, 11.0, 12.0] is left out"
    ] * 2


@pytest.mark.parametrize(
    ("box", "kind", "kept"),
    [
        ((5, 5, 5, 9), kinds.NO_AREA, None),
        ((9, 5, 5, 9), kinds.NO_AREA, None),
        ((5, 5, 5 + 1e-9, 9), kinds.NO_AREA, None),
        ((-3, 5, 50, 9), kinds.OUTSIDE, [0, 5, 40, 9]),
        ((-1e300, 5, 1e300, 9), kinds.OUTSIDE, [0, 5, 40, 9]),
        ((40, 5, 50, 9), kinds.OUTSIDE, None),
        ((5, 5, 7, 20), kinds.SMALL, [5, 5, 7, 20]),
        ((0, 0, 40, 30), None, [0, 0, 40, 30]),
    ],
)
def test_a_faulty_box_is_cut_or_left_out_and_named(folder, box, kind, kept):
    voc(folder / "Annotations/1.xml", CAT, ("cat", *box))
    read = read_labelled_folder(folder)
    assert [fault.kind for fault in read.report.faults] == [kind] * (kind is not None)
    np.testing.assert_array_equal(read.truths[0].boxes, [CAT[1:]] + [kept] * (kept is not None))


def test_another_size_is_named_and_the_picture_stays_if_its_boxes_fit(folder):
    voc(folder / "Annotations/1.xml", CAT, size=(30, 40))
    voc(folder / "Annotations/2.xml", ("dog", 0, 0, 30, 40), size=(30, 40))
    read = read_labelled_folder(folder)
    assert [path.name for path in read.paths] == ["1.jpg"]
    whats = [fault.what for fault in read.report.of_kind(kinds.OTHER_SIZE)]
    assert whats[0] == "the labels are of (30, 40), the picture has (40, 30): kept, as all boxes lie in it"
    assert whats[1].endswith("left out; was it turned or resized after labelling?")


def test_a_picture_is_measured_as_its_exif_note_turns_it(tmp_path):
    path = picture(tmp_path / "turned.jpg")
    content = path.read_bytes()
    # APP1 with a TIFF header and one entry: tag 0x112 (orientation), type 3, one value, 6 (a quarter turn).
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    exif = b"Exif\x00\x00" + tiff
    path.write_bytes(content[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + content[2:])
    assert picture_size(path) == (30, 40)


def test_strict_turns_a_fault_into_an_error_but_not_a_small_box(folder):
    voc(folder / "Annotations/1.xml", ("cat", 5, 5, 7, 20))
    assert len(read_labelled_folder(folder, strict=True).paths) == 2
    voc(folder / "Annotations/1.xml", ("cat", 5, 5, 5, 20))
    with pytest.raises(
        ValueError, match=r"something is wrong with the labels\.(.|\n)*box without area: 1\n  JPEGImages/1"
    ):
        read_labelled_folder(folder, strict=True)


def test_hidden_files_are_no_ones(folder):
    (folder / ".trash").mkdir()
    (folder / ".trash/9.jpg").write_bytes(b"")
    (folder / "JPEGImages/._1.jpg").write_bytes(b"")
    assert read_labelled_folder(folder).report.faults == ()


def test_yolo_classes_come_from_the_argument_or_a_file_or_are_numbers(tmp_path):
    for name in ("a", "b"):
        picture(tmp_path / f"images/{name}.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("0 .5 .5 .5 .5\n10 .5 .5 .5 .5\n2 .5 .5 .5 .5\n")
    (tmp_path / "labels/b.txt").write_text("")
    read = read_labelled_folder(tmp_path, labels="yolo", strict=True)
    assert read.class_names == ("0", "2", "10")
    np.testing.assert_array_equal(read.truths[0].boxes[0], [10, 7.5, 30, 22.5])
    assert len(read.truths[1]) == 0
    (tmp_path / "labels/classes.txt").write_text("cat\ndog\nbird\n")
    read = read_labelled_folder(tmp_path, labels="yolo")
    assert read.class_names == ("cat", "dog", "bird")
    assert read.truths[0].class_ids.tolist() == [0, 2]
    assert only_fault(read.report)[2].startswith("10 [10.0")
    assert read_labelled_folder(tmp_path, labels="yolo", class_names=["x"] * 10 + ["y"]).class_names[10] == "y"


def test_coco_pictures_are_found_by_name_or_place(tmp_path):
    for name in ("images/a.jpg", "images/b.jpg", "c.jpg"):
        picture(tmp_path / name)
    (tmp_path / "labels.json").write_text(
        json.dumps(
            {
                "images": [
                    {"id": 1, "file_name": "a.jpg"},
                    {"id": 2, "file_name": "images/b.jpg"},
                    {"id": 3, "file_name": "../lost.jpg"},
                ],
                "categories": [{"id": 5, "name": "dog"}, {"id": 8, "name": "cat"}],
                "annotations": [{"image_id": 2, "category_id": 8, "bbox": [1, 2, 3, 4], "iscrowd": 1}],
            }
        )
    )
    read = read_labelled_folder(tmp_path, labels="coco")
    assert [path.name for path in read.paths] == ["a.jpg", "b.jpg"]
    assert read.class_names == ("dog", "cat")
    assert read.truths[1].class_ids.tolist() == [1]
    assert read.truths[1].is_crowd.tolist() == [True]
    assert [(fault.kind, fault.file) for fault in read.report.faults] == [
        (kinds.NO_PICTURE, "../lost.jpg"),
        (kinds.NO_LABELS, "c.jpg"),
    ]
    (tmp_path / "more.json").write_text("{}")
    with pytest.raises(ValueError, match="must hold one JSON file of COCO's format, found 2"):
        read_labelled_folder(tmp_path, labels="coco")


def test_the_blood_cells_have_the_faults_that_are_known(tmp_path):
    unpack_blood_cells(tmp_path)
    read = read_labelled_folder(tmp_path / "val", class_names=["RBC", "WBC", "Platelets"])
    assert read.report.class_counts == {"RBC": 967, "WBC": 87, "Platelets": 83}
    assert [fault.file for fault in read.report.of_kind(kinds.NO_AREA)] == ["images/BloodImage_00338.jpg"]


def test_a_long_report_shows_the_first_of_each_kind(folder):
    voc(folder / "Annotations/1.xml", *[("cat", 5, 5, 5, 9)] * 12)
    lines = str(read_labelled_folder(folder).report).splitlines()
    assert lines[1] == "box without area: 12"
    assert lines[-1] == "  and 2 more"
    assert len(lines) == 1 + 1 + 10 + 1


def test_what_is_no_labelled_folder_is_refused(tmp_path, folder):
    with pytest.raises(ValueError, match="labels must be one of voc, yolo, coco, got 'pascal'"):
        read_labelled_folder(folder, labels="pascal")
    with pytest.raises(NotADirectoryError, match="must be a folder of pictures and labels"):
        read_labelled_folder(folder / "nowhere")
    with pytest.raises(ValueError, match="no picture with labels can be used"):
        read_labelled_folder(folder / "Annotations")


def test_half_a_picture_is_reported_and_left_out(folder):
    path = folder / "JPEGImages/1.jpg"
    path.write_bytes(path.read_bytes()[:-300])  # OpenCV would fill the rest with grey
    read = read_labelled_folder(folder)
    assert only_fault(read.report) == (kinds.BAD_PICTURE, "JPEGImages/1.jpg", "left out")
    assert [each.name for each in read.paths] == ["2.PNG"]


def test_a_tiff_is_read_in_its_colours(tmp_path):
    pixels = np.zeros((5, 7, 3), np.uint8)
    pixels[..., 0] = 200  # blue, in OpenCV's order
    assert cv2.imwrite(str(tmp_path / "a.tif"), pixels)
    assert read_any_picture(tmp_path / "a.tif")[0, 0].tolist() == [0, 0, 200]
    assert picture_size(tmp_path / "a.tif") == (7, 5)
    (tmp_path / "b.tif").write_bytes(b"II*")
    with pytest.raises(ValueError, match="decoded as a TIFF"):
        read_any_picture(tmp_path / "b.tif")


def test_copies_of_a_picture_stay_on_one_side_of_a_split(folder):
    for number in range(3, 11):
        picture(folder / f"JPEGImages/{number}.jpg")
        voc(folder / f"Annotations/{number}.xml", CAT)
    for number in (11, 12):
        (folder / f"JPEGImages/{number}.jpg").write_bytes((folder / "JPEGImages/5.jpg").read_bytes())
        voc(folder / f"Annotations/{number}.xml", CAT)
    read = read_labelled_folder(folder)
    sides = []
    for seed in range(12):
        train, test = split_folder(read, share=0.3, seed=seed)
        assert sorted([*train, *test]) == list(range(12))
        names = {read.paths[row].stem for row in test}
        assert len(names - {"11", "12"} - {"5"}) + bool(names & {"5", "11", "12"}) == 3  # of 10 different ones
        assert len(names & {"5", "11", "12"}) in (0, 3)
        sides.append(len(names))
    assert {3, 5} == set(sides)


def test_a_split_has_pictures_on_both_sides(folder):
    train, test = split_folder(read_labelled_folder(folder), share=0.99)
    assert (len(train), len(test)) == (1, 1)


def test_one_picture_can_not_be_split(folder):
    (folder / "Annotations/2.xml").unlink()
    with pytest.raises(ValueError, match="at least 2 different pictures to split, got 1"):
        split_folder(read_labelled_folder(folder))
