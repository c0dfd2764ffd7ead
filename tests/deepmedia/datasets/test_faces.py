"""The Olivetti faces, through scikit-learn."""

import pickle

import numpy as np
import pytest
import sklearn.datasets

from deepmedia.datasets import DataUnavailable, fetch, fetched, fetching, olivetti, probing

NAME = "olivetti/olivetti_py3.pkz"


def put(data, pixels):
    path = data / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(pixels))
    return path


def test_ten_photographs_of_each_of_forty_people(real):
    real(NAME)
    images, person = olivetti()
    assert images.shape == (400, 64, 64)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert person.dtype == np.int64
    np.testing.assert_array_equal(person, np.repeat(np.arange(40), 10))
    assert fetched() == (NAME,)


def test_photographs_of_one_person_are_alike(real):
    real(NAME)
    images, person = olivetti()
    flat = images.reshape(400, -1)
    squares = (flat**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * flat @ flat.T
    np.fill_diagonal(distances, np.inf)
    nearest = person[distances.argmin(axis=1)]
    assert (nearest == person).mean() > 0.9


def test_faces_stand_upright(real):
    real(NAME)
    mean = olivetti()[0].mean(axis=0)
    np.testing.assert_allclose(mean, mean[:, ::-1], atol=0.12)  # left and right are alike, top and bottom are not
    assert np.abs(mean - mean[::-1]).max() > 0.2


def test_other_photographs_are_refused(data):
    pixels = np.random.default_rng(0).integers(0, 243, (400, 4096), np.uint8)
    path = put(data, pixels)
    with pytest.raises(DataUnavailable, match=r"is not the file that scikit-learn makes .*holds other photographs"):
        olivetti()
    assert path.exists()


@pytest.mark.parametrize("content", [b"\x80\x04garbage", b"<!DOCTYPE html>"])
def test_a_damaged_file_is_refused_and_kept(data, content):
    path = put(data, [])
    path.write_bytes(content)
    with pytest.raises(DataUnavailable, match="Delete it, and the next call downloads it again"):
        olivetti()
    assert path.read_bytes() == content


def test_an_empty_file_is_refused(data):
    put(data, []).write_bytes(b"")
    with pytest.raises(DataUnavailable, match="holds an empty file"):
        olivetti()


def test_without_a_network_the_error_says_so(data, monkeypatch):
    monkeypatch.setattr(probing, "reachable", lambda urls: set())
    with pytest.raises(DataUnavailable, match=r"figshare\.com/files/5976027: could not be reached") as caught:
        olivetti()
    assert str(data / NAME) in str(caught.value)


def test_scikit_learns_download_gets_its_name_when_it_is_whole(data, monkeypatch, capfd):
    seen = []

    def download(*, data_home):
        assert not (data / NAME).exists()
        print("downloading")
        (data_home / "olivetti_py3.pkz").write_bytes(b"pickled")
        seen.append(data_home)

    monkeypatch.setattr(probing, "reachable", set)
    monkeypatch.setattr(sklearn.datasets, "fetch_olivetti_faces", download)
    assert fetch(NAME) == data / NAME
    assert fetch(NAME) == data / NAME
    assert len(seen) == 1
    assert list((data / "olivetti").iterdir()) == [data / NAME]
    assert capfd.readouterr() == ("", "")


def test_scikit_learns_failure_is_passed_on(data, monkeypatch):
    def download(*, data_home):
        (data_home / "olivettifaces.mat").write_bytes(b"<html>")
        raise OSError("SHA256 checksum differs")

    monkeypatch.setattr(probing, "reachable", set)
    monkeypatch.setattr(sklearn.datasets, "fetch_olivetti_faces", download)
    with pytest.raises(DataUnavailable, match=r"scikit-learn could not use it \(SHA256 checksum differs\)"):
        fetch(NAME)
    assert list((data / "olivetti").iterdir()) == []
    assert fetching.fetched() == ()


def test_certificates_that_are_not_there_are_named(data, monkeypatch):
    def download(*, data_home):
        raise OSError("<urlopen error certificate verify failed>")

    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/file.pem")
    monkeypatch.setattr(sklearn.datasets, "fetch_olivetti_faces", download)
    for answering, reason in ((set, r"verify failed>\)"), (lambda urls: set(), "could not be reached")):
        monkeypatch.setattr(probing, "reachable", answering)
        with pytest.raises(DataUnavailable, match=rf"{reason}; SSL_CERT_FILE=/nowhere/file\.pem: no such certificates"):
            fetch(NAME)
