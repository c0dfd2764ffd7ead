"""The table of downloads."""

import re

import pytest

from deepmedia.datasets import REGISTRY
from deepmedia.datasets.fetching import difference
from deepmedia.datasets.packaged import FILES, shipped
from deepmedia.datasets.registry import registered, registered_under
from deepmedia.datasets.settings import data_folder


def test_holds_every_download_of_the_book():
    youtube8m = {f"youtube8m/train_{n}.csv" for n in range(40)} | {f"youtube8m/val_{n}.csv" for n in range(10)}
    fashion = {
        f"fashion-mnist/{name}-ubyte.gz"
        for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    }
    networks = {f"darknet/{name}.{kind}" for name in ("yolov3", "yolov3-tiny") for kind in ("cfg", "weights")}
    darknet = networks | {f"darknet/{name}" for name in ("coco.names", "dog.jpg", "horses.jpg", "person.jpg")}
    others = {"olivetti/olivetti_py3.pkz", "youtube8m/yt8m_voc.csv"}
    others.add("imagenet/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5")
    assert set(REGISTRY) == youtube8m | fashion | darknet | others


@pytest.mark.parametrize("remote", REGISTRY.values(), ids=lambda remote: remote.name)
def test_an_entry_is_complete(remote):
    assert REGISTRY[remote.name] is remote
    assert remote.urls
    assert all(url.startswith("https://") for url in remote.urls)
    assert re.fullmatch("[0-9a-f]{64}", remote.sha256)
    assert remote.size > 0
    assert remote.licence
    assert remote.source.startswith("https://")
    if not remote.via:
        assert all(url.endswith(remote.name.split("/")[1]) for url in remote.urls)


def test_no_two_files_share_a_checksum():
    assert len({remote.sha256 for remote in REGISTRY.values()}) == len(REGISTRY)


@pytest.mark.parametrize("name", ["fashion-mnist/train-images-idx3-ubyte.gz", "darknet/yolov3-tiny.weights"])
def test_where_a_mirror_is_known_it_is_on_another_host(name):
    hosts = [url.split("/")[2] for url in REGISTRY[name].urls]
    assert len(set(hosts)) == 2


@pytest.mark.parametrize(
    ("name", "floats"),
    [("yolov3.weights", 62_001_757), ("yolov3-tiny.weights", 8_858_734)],  # counted from the .cfg files
)
def test_size_of_darknets_weights_is_what_the_description_implies(name, floats):
    assert REGISTRY[f"darknet/{name}"].size == 20 + 4 * floats  # three int32 and an int64, then float32


def test_files_of_the_package_are_the_registered_ones():
    names = [name for name in REGISTRY if shipped(name)]
    assert len(names) == 6
    assert [difference(REGISTRY[name], FILES / name) for name in names] == [""] * 6


def test_real_files_are_the_registered_ones(real):
    # Without the two whose checksums are not ours; the weekly run downloads and checks these, too.
    names = [name for name in REGISTRY if name != "darknet/yolov3.weights" and not name.startswith("imagenet/")]
    real(*names)
    assert {name: difference(REGISTRY[name], data_folder() / name) for name in names} == dict.fromkeys(names, "")


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        REGISTRY["new"] = REGISTRY["darknet/dog.jpg"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        REGISTRY["darknet/dog.jpg"].size = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("darknet/yolo3-tiny.weights", "darknet/yolov3-tiny.weights"),
        ("fashion-mnist", "fashion-mnist/train-images-idx3-ubyte.gz, fashion-mnist/train-labels-idx1-ubyte.gz"),
        ("youtube8m/train_40.csv", r"youtube8m/train_\d+\.csv"),
    ],
)
def test_an_unknown_name_is_refused_with_near_ones(name, near):
    with pytest.raises(ValueError, match=f"got '{name}'; near it: .*{near}"):
        registered(name)


@pytest.mark.parametrize("name", ["", "zzzz", "../etc/passwd", "/"])
def test_a_name_like_no_other_is_refused_too(name):
    with pytest.raises(ValueError, match=r"must be one of deepmedia\.datasets\.REGISTRY, got"):
        registered(name)
    with pytest.raises(ValueError, match=r"must be one of deepmedia\.datasets\.REGISTRY, got"):
        registered_under(name)


@pytest.mark.parametrize("find", [registered, registered_under])
def test_a_name_that_is_no_text_is_refused(find):
    with pytest.raises(TypeError, match=r"name must be a str such as .* got int"):
        find(3)


def test_a_folder_stands_for_its_files():
    assert len(registered_under("youtube8m")) == 51
    assert registered_under("fashion-mnist/") == registered_under("fashion-mnist")
    assert [remote.name for remote in registered_under("darknet/dog.jpg")] == ["darknet/dog.jpg"]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("youtube8m/train_39.csv", "/5_multiclassificacao_video/dataset/train_39.csv"),
        ("youtube8m/yt8m_voc.csv", "/5_multiclassificacao_video/yt8m_voc.csv"),  # one folder up
        ("darknet/yolov3.cfg", "/cfg/yolov3.cfg"),
        ("darknet/coco.names", "/data/coco.names"),
        ("darknet/dog.jpg", "/data/dog.jpg"),
        ("fashion-mnist/t10k-labels-idx1-ubyte.gz", "/data/fashion/t10k-labels-idx1-ubyte.gz"),
    ],
)
def test_an_address_names_a_commit_and_the_files_place(name, address):
    assert re.fullmatch(
        rf"https://raw\.githubusercontent\.com/[\w/-]+/[0-9a-f]{{40}}{re.escape(address)}", REGISTRY[name].urls[0]
    )
