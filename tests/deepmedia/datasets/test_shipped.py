"""The files inside the package."""

import hashlib
import json

import cv2
import pytest

from deepmedia.datasets import REGISTRY, big_buck_bunny, darknet_file
from deepmedia.datasets.packaged import FILES, shipped


def test_the_clip_is_the_documented_one():
    clip = cv2.VideoCapture(str(big_buck_bunny()))
    try:
        assert clip.get(cv2.CAP_PROP_FRAME_COUNT) == 132
        assert clip.get(cv2.CAP_PROP_FPS) == 25
        read, frame = clip.read()
    finally:
        clip.release()
    assert read
    assert frame.shape == (720, 1280, 3)
    digest = hashlib.sha256(big_buck_bunny().read_bytes()).hexdigest()
    assert digest == "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd"


def test_darknets_classes_are_the_80_of_coco():
    names = darknet_file("coco.names").read_text().splitlines()
    assert len(names) == 80
    assert names[16] == "dog"


@pytest.mark.parametrize(("name", "convolutions"), [("yolov3.cfg", 75), ("yolov3-tiny.cfg", 13)])
def test_descriptions_have_the_layers_of_their_networks(name, convolutions):
    assert darknet_file(name).read_text().count("[convolutional]") == convolutions


def test_darknets_own_detections_are_about_its_photos():
    reference = json.loads(darknet_file("reference.json").read_text())
    assert {"dog", "horses", "person"} <= reference.keys()
    assert reference["dog"][0]["name"] == "car"
    assert reference["dog"][0]["confidence"] == 0.6176


@pytest.mark.parametrize("name", ["yolov3.weights", "", "../LICENCES.md", "videos"])
def test_another_file_is_refused(name):
    with pytest.raises(ValueError, match=r"name must be one of coco\.names, .* got"):
        darknet_file(name)


def test_samples_do_not_stand_for_the_whole_files():
    assert [name for name in REGISTRY if shipped(name) and not name.startswith("darknet/")] == []


def test_every_folder_has_its_licence_stated():
    text = (FILES / "LICENCES.md").read_text(encoding="utf-8")
    for folder in (path.name for path in FILES.iterdir() if path.is_dir()):
        assert f"`{folder}/`" in text
    for owner in ("Copyright © 2017 Zalando SE", "Google", "Blender Foundation", "Darknet"):
        assert owner in text


def test_the_package_stays_small():
    # The wheel may weigh 40 MB: data 20, the tiny detector 7.5, other weights 9.
    assert sum(path.stat().st_size for path in FILES.rglob("*") if path.is_file()) < 36_500_000
