import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.detection.coco_labels import read_coco

IMAGE = {"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}
OTHER = {"id": "x", "file_name": "b.jpg"}
CAT, DOG = {"id": 9, "name": "cat"}, {"id": 3, "name": "dog"}
BOX = {"id": 1, "image_id": 7, "category_id": 9, "bbox": [1, 2, 10.5, 20], "iscrowd": 1, "segmentation": []}


def content(*, images=(IMAGE, OTHER), categories=(CAT, DOG), annotations=(BOX,), **more):
    return {"images": list(images), "categories": list(categories), "annotations": list(annotations), **more}


def read(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return read_coco(path)


def test_classes_come_by_id_and_each_picture_has_its_boxes(tmp_path):
    coco = read(tmp_path, content(annotations=[BOX, {**BOX, "category_id": 3, "iscrowd": 0}], info={}))
    assert coco.class_names == ("dog", "cat")
    assert list(coco.images) == ["a.jpg", "b.jpg"]
    labels = coco.images["a.jpg"]
    assert labels.class_names == ("cat", "dog")
    np.testing.assert_array_equal(labels.boxes[0], [1, 2, 11.5, 22])  # 10.5 wide, 20 high
    assert labels.size == (40, 30)
    assert labels.is_crowd == (True, False)


def test_a_picture_without_a_box_or_a_size_is_there_too(tmp_path):
    labels = read(tmp_path, content()).images["b.jpg"]
    assert labels.boxes.shape == (0, 4)
    assert labels.size is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"", "a.json is not JSON: Expecting value"),
        (b"\xff", "a.json is not JSON: 'utf-8' codec"),
        (b"[" * 100_000, "a.json is not JSON"),
        ([], "a.json: the outermost value must be an object, got list"),
        ({"images": []}, "a.json: must hold a list 'categories' of objects"),
        (content(images=[3]), "a.json: must hold a list 'images' of objects"),
        (content(images=[{**IMAGE, "id": None}]), "'id' must be a whole number or a text"),
        (content(images=[{"id": 7}]), "'file_name' must be of type str"),
        (content(images=[IMAGE, {**IMAGE, "id": 8}]), "two images have the same id or file_name"),
        (content(categories=[CAT, CAT]), "two categories have the same id or name"),
        (content(annotations=[{**BOX, "image_id": 8}]), "image_id and category_id must exist"),
        (content(annotations=[{**BOX, "category_id": 8}]), "image_id and category_id must exist"),
        (content(annotations=[{**BOX, "bbox": [1, 2, 3]}]), "'bbox' must be four finite numbers"),
        (content(annotations=[{**BOX, "bbox": [1, 2, 3, "4"]}]), "'bbox' must be four finite numbers"),
        (content(annotations=[{**BOX, "bbox": [1, 2, 3, float("nan")]}]), "'bbox' must be four finite numbers"),
        (content(annotations=[{**BOX, "bbox": [1, 2, 3, 10**400]}]), "'bbox' must be four finite numbers"),
        (content(annotations=[{**BOX, "bbox": None}]), "'bbox' must be of type list"),
    ],
)
def test_what_is_no_label_file_is_refused_by_name(tmp_path, value, words):
    with pytest.raises(ValueError, match=words):
        read(tmp_path, value)


SIMPLE = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=3)
ODD = SIMPLE | st.lists(SIMPLE, max_size=5) | st.dictionaries(st.text(max_size=3), SIMPLE, max_size=2)
ROW = st.sampled_from([IMAGE, OTHER, CAT, DOG, BOX])
CHANGED = st.builds(lambda row, key, value: {**row, key: value}, ROW, st.sampled_from([*IMAGE, *BOX, "name"]), ODD)
LISTS = st.lists(ROW | CHANGED | ODD, max_size=4) | ODD
FILES = st.fixed_dictionaries(
    {
        "images": st.just([IMAGE, OTHER]) | LISTS,
        "categories": st.just([CAT, DOG]) | LISTS,
        "annotations": LISTS | st.lists(CHANGED, max_size=3),
    }
)


@given(FILES | ODD)
@settings(deadline=1000)
def test_any_json_is_labels_or_a_value_error_with_the_name(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "odd.json"
    path.write_text(json.dumps(value))
    try:
        coco = read_coco(path)
    except ValueError as error:
        words = str(error)
    else:
        words = f"{path.name} has labels"
        for labels in coco.images.values():
            assert labels.boxes.shape == (len(labels.class_names), 4)
            assert np.isfinite(labels.boxes).all()
    assert "odd.json" in words
