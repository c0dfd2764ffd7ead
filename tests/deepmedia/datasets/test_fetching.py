"""What `fetch` makes of files that are here already, of the package's own, and of the settings."""

import os
from pathlib import Path

import numpy as np
import pooch
import pytest

from deepmedia.datasets import DataUnavailable, darknet_file, fetch, fetched

CONTENT = np.random.default_rng(0).bytes(100_000)
PAGE = b"<!DOCTYPE html><html><body>This file has moved.</body></html>"


def put(data: Path, content: bytes) -> Path:
    path = data / "set/file.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_a_right_file_in_the_folder_is_used_without_a_network(data, register, refused):
    path = put(data, CONTENT)
    register(CONTENT, refused)
    assert fetch("set/file.bin") == path


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (CONTENT[:-1], "holds 99,999 bytes instead of 100,000"),
        (CONTENT[::-1], "holds other bytes of the same size"),
        (PAGE, "holds a web page"),
        (b"", "holds 0 bytes"),
    ],
)
def test_a_wrong_file_in_the_folder_is_neither_used_nor_deleted(data, server, register, content, problem):
    path = put(data, content)
    remote = register(CONTENT, server.serve("/file.bin", CONTENT))
    with pytest.raises(DataUnavailable, match=problem) as caught:
        fetch("set/file.bin")
    assert "Delete it, and the next call downloads set/file.bin again" in str(caught.value)
    assert remote.sha256 in str(caught.value)
    assert path.read_bytes() == content
    assert server.requests == []
    assert fetched() == ()


def test_a_folder_in_the_files_place_is_refused(data, server, register):
    (data / "set/file.bin").mkdir(parents=True)
    register(CONTENT, server.serve("/file.bin", CONTENT))
    with pytest.raises(DataUnavailable, match="holds no file"):
        fetch("set/file.bin")


def test_a_file_that_can_not_be_read_is_refused(monkeypatch, data, register, refused):
    put(data, CONTENT)
    register(CONTENT, refused)

    def denied(name: str) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pooch, "file_hash", denied)
    with pytest.raises(DataUnavailable, match=r"set/file\.bin holds what can't be read \(Permission denied\)"):
        fetch("set/file.bin")


def test_a_file_is_read_once_a_process_and_again_after_a_change(monkeypatch, data, register, refused):
    path = put(data, CONTENT)
    register(CONTENT, refused)
    hashed = []
    file_hash = pooch.file_hash

    def spy(name: str) -> str:
        hashed.append(name)
        return file_hash(name)

    monkeypatch.setattr(pooch, "file_hash", spy)
    fetch("set/file.bin")
    fetch("set/file.bin")
    assert hashed == [str(path)]
    path.write_bytes(CONTENT[::-1])
    os.utime(path, (1, 1))
    with pytest.raises(DataUnavailable, match="other bytes"):
        fetch("set/file.bin")
    assert len(hashed) == 2


def test_offline_refuses_even_a_file_that_is_here(monkeypatch, data, server, register):
    put(data, CONTENT)
    register(CONTENT, server.serve("/file.bin", CONTENT))
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    with pytest.raises(
        DataUnavailable, match=r"set/file\.bin is not part of the built-in data, and DEEPMEDIA_OFFLINE=1"
    ):
        fetch("set/file.bin")
    assert server.requests == []
    assert fetched() == ()


def test_required_data_is_downloaded_like_any_other(monkeypatch, server, register):
    monkeypatch.setenv("DEEPMEDIA_REQUIRE_DATA", "1")
    register(CONTENT, server.serve("/file.bin", CONTENT))
    assert fetch("set/file.bin").read_bytes() == CONTENT


def test_contradicting_variables_are_an_error(monkeypatch, data, server, register):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    monkeypatch.setenv("DEEPMEDIA_REQUIRE_DATA", "1")
    register(CONTENT, server.serve("/file.bin", CONTENT))
    with pytest.raises(ValueError, match="contradict each other"):
        fetch("set/file.bin")


def test_an_unknown_name_is_refused_before_anything_else():
    with pytest.raises(ValueError, match=r"near it: darknet/dog\.jpg"):
        fetch("darknet/dog.jpeg")


@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_file_of_the_package_needs_no_download(monkeypatch, data, offline):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", offline)
    assert fetch("darknet/dog.jpg") == darknet_file("dog.jpg")
    assert not data.exists()
    assert fetched() == ()


def test_a_file_of_the_package_may_lie_in_the_data_folder_too(data):
    path = data / "darknet/coco.names"
    path.parent.mkdir(parents=True)
    path.write_bytes(darknet_file("coco.names").read_bytes())
    assert fetch("darknet/coco.names") == path
    assert fetched() == ()  # it is built-in data all the same
    path.write_bytes(b"person\n")
    with pytest.raises(DataUnavailable, match="holds 7 bytes instead of 625"):
        fetch("darknet/coco.names")


def test_fetched_lists_what_was_used_in_order_of_names(server, register):
    for name in ("set/b", "set/a"):
        register(CONTENT, server.serve("/file.bin", CONTENT), name=name)
    assert fetched() == ()
    fetch("set/b")
    assert fetched() == ("set/b",)
    fetch("set/a")
    fetch("set/b")
    assert fetched() == ("set/a", "set/b")
