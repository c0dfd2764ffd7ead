"""The blood cells in the package, beside the files that they were made of."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from deepmedia.datasets.blood_cells import BLOOD_CELL_LABELS, BLOOD_CELLS, blood_cell_pictures, unpack_blood_cells
from deepmedia.datasets.packaged import FILES
from deepmedia.datasets.voc import parse_voc
from studies.make_blood_cells import archive_bytes

ORIGINAL = Path(os.environ.get("DEEPMEDIA_DATA", "nowhere")) / "blood-cells"  # before a test changes the variable


def test_all_boxes_are_there_the_two_without_area_too():
    labels = [each for split in ("train", "validation", "test") for each in blood_cell_pictures(split)[1]]
    boxes = np.concatenate([each.boxes for each in labels])
    names = [name for each in labels for name in each.class_names]
    assert [names.count(name) for name in BLOOD_CELL_LABELS] == [4155, 372, 361]
    assert len(names) == len(boxes) == 4888
    assert (boxes[:, :2] == boxes[:, 2:]).all(axis=1).sum() == 2
    assert {each.size for each in labels} == {(416, 312)}


def test_each_class_has_a_name_in_words():
    assert len(BLOOD_CELLS) == len(BLOOD_CELL_LABELS)
    assert [name[0] for name in BLOOD_CELLS] == [label[0].lower() for label in BLOOD_CELL_LABELS]


def test_the_test_split_is_frozen():
    _, labels = blood_cell_pictures("test")
    content = repr([(each.class_names, each.boxes.tolist()) for each in labels]).encode()
    assert hashlib.sha256(content).hexdigest() == "04a4e28263ae3ecbba5d779e67a2af6499c0cd7866f8a8f60ce58302d02b26dc"
    archive = (FILES / "blood-cells/blood-cells.zip").read_bytes()
    assert hashlib.sha256(archive).hexdigest() == "a592eb57fb28192f2781c22a692e59b161b61264d57f25c4b4022c3f6a10019a"


def test_no_picture_is_in_two_splits():
    with zipfile.ZipFile(FILES / "blood-cells/blood-cells.zip") as archive:
        names = [Path(name) for name in archive.namelist() if name.endswith(".jpg")]
        contents = {archive.read(name.as_posix()) for name in names}
    assert len({name.stem for name in names}) == len(contents) == len(names) == 364


SAME_FIELD = [  # seen by eye, after a search over all pairs
    ("val/images/BloodImage_00386", "test/images/BloodImage_00391"),
    ("val/images/BloodImage_00230", "train/images/BloodImage_00257"),
    ("test/images/BloodImage_00227", "val/images/BloodImage_00260"),
    ("train/images/BloodImage_00204", "val/images/BloodImage_00277"),
    ("val/images/BloodImage_00244", "train/images/BloodImage_00247"),
    ("test/images/BloodImage_00205", "train/images/BloodImage_00276"),
    ("val/images/BloodImage_00223", "train/images/BloodImage_00263"),
    ("val/images/BloodImage_00236", "test/images/BloodImage_00253"),
    ("val/images/BloodImage_00037", "train/images/BloodImage_00038"),
]


def test_pictures_of_different_splits_show_the_same_field():
    names = [name for pair in SAME_FIELD for name in pair]
    with zipfile.ZipFile(FILES / "blood-cells/blood-cells.zip") as archive:
        spectra = np.stack([spectrum(archive.read(f"{name}.jpg")) for name in names])
    crossed = spectra[:, np.newaxis] * spectra.conj()  # phase correlation: a peak where one is the other, moved
    peaks = np.fft.irfft2(crossed / (np.abs(crossed) + 1e-3)).max(axis=(-2, -1))
    same = [peaks[2 * row, 2 * row + 1] for row in range(len(SAME_FIELD))]
    others = [peaks[i, j] for i in range(len(names)) for j in range(2 * (i // 2))]
    assert min(same) > max(others)


def spectrum(jpeg):
    """Of a picture's details, small and grey, without its edges."""
    grey = cv2.resize(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 0), (160, 120), interpolation=cv2.INTER_AREA)
    details = grey.astype(np.float32) - cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 8)
    return np.fft.rfft2(details * cv2.createHanningWindow((160, 120), cv2.CV_32F))


def test_unpacked_files_are_pictures_with_a_label_file_each(tmp_path):
    assert unpack_blood_cells(tmp_path / "new") == tmp_path / "new"
    pictures = sorted((tmp_path / "new/test/images").iterdir())
    images, labels = blood_cell_pictures("test")
    assert len(pictures) == len(images)
    first = cv2.cvtColor(cv2.imread(str(pictures[0])), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(first, images[0])
    label_file = tmp_path / f"new/test/annotations/{pictures[0].stem}.xml"
    np.testing.assert_array_equal(parse_voc(label_file.read_bytes(), "x").boxes, labels[0].boxes)


@pytest.mark.parametrize("split", ["val", "", None])
def test_another_split_is_refused(split):
    with pytest.raises(ValueError, match="split must be 'train', 'validation' or 'test', got"):
        blood_cell_pictures(split)


@pytest.mark.skipif(not (ORIGINAL / "images").is_dir(), reason="needs BCCD's own files in DEEPMEDIA_DATA/blood-cells")
def test_the_package_holds_what_the_script_makes_of_the_original():
    with (
        zipfile.ZipFile(io.BytesIO(archive_bytes(ORIGINAL))) as made,
        zipfile.ZipFile(FILES / "blood-cells/blood-cells.zip") as shipped,
    ):
        assert made.namelist() == shipped.namelist()
        for name in made.namelist():
            if name.endswith(".xml"):
                assert made.read(name) == shipped.read(name)
            else:  # another JPEG library may round otherwise
                both = [cv2.imdecode(np.frombuffer(each.read(name), np.uint8), 1) for each in (made, shipped)]
                assert np.abs(np.subtract(*both, dtype=int)).mean() < 1
