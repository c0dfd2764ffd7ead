import functools
import http.server
import os
import socket
import threading
import time

import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from deepmedia.cnn import pretrained
from deepmedia.cnn.pretrained import NAME, SIDE, WeightsUnavailable, pretrained_features
from deepmedia.datasets import probing

h5py = pytest.importorskip("h5py")  # Keras brings it
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Short(Quiet):
    """Promises more bytes than it sends."""

    def send_header(self, keyword, value):
        super().send_header(keyword, "1000000" if keyword.lower() == "content-length" else value)


def serve(folder, handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def host(tmp_path):
    (tmp_path / "host").mkdir()
    server = serve(tmp_path / "host", Quiet)
    yield tmp_path / "host", f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def online(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPMEDIA_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DEEPMEDIA_OFFLINE", raising=False)
    monkeypatch.delenv("DEEPMEDIA_REQUIRE_DATA", raising=False)  # it contradicts OFFLINE, and CI sets it
    monkeypatch.setattr(probing, "_answers", {})


def test_weights_are_downloaded_once_and_loaded(host, tmp_path):
    folder, address = host
    network = keras.applications.MobileNetV2((SIDE, SIDE, 3), include_top=False, pooling="avg", weights=None)
    with h5py.File(folder / NAME, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)  # the format of the published file
    image = np.random.default_rng(0).uniform(-1, 1, (1, SIDE, SIDE, 3)).astype("float32")
    loaded = pretrained_features(url=f"{address}/{NAME}")
    np.testing.assert_allclose(loaded(image), network(image), atol=1e-5)
    assert loaded.output_shape == (None, 1280)
    (folder / NAME).unlink()
    pretrained_features(url=f"{address}/{NAME}")  # from the data folder
    assert [path.name for path in (tmp_path / "data" / "imagenet").iterdir()] == [NAME]


def test_others_may_read_the_file(host, tmp_path):
    (host[0] / NAME).write_bytes(b"no weights, but a file")
    (tmp_path / "plain").touch()
    with pytest.raises(WeightsUnavailable):
        pretrained_features(url=f"{host[1]}/{NAME}")
    modes = [path.stat().st_mode for path in (tmp_path / "plain", tmp_path / "data" / "imagenet" / NAME)]
    assert modes[0] == modes[1]


def test_what_a_killed_run_left_is_removed_after_a_day(host, tmp_path):
    (host[0] / NAME).write_bytes(b"no weights, but a file")
    left = tmp_path / "data" / "imagenet" / ".download-left"
    left.mkdir(parents=True)
    os.utime(left, (time.time() - 2 * 24 * 3600,) * 2)
    with pytest.raises(WeightsUnavailable):
        pretrained_features(url=f"{host[1]}/{NAME}")
    assert not left.exists()


def test_a_data_folder_that_can_not_be_written_is_no_error_of_another_kind(host, tmp_path):
    (host[0] / NAME).touch()
    (tmp_path / "data").touch()  # a file in its place
    with pytest.raises(WeightsUnavailable, match=r"transfer to .*data/imagenet failed \(\w+Error\)"):
        pretrained_features(url=f"{host[1]}/{NAME}")


def test_a_full_disk_is_no_error_of_another_kind(host, monkeypatch, tmp_path):
    (host[0] / NAME).write_bytes(b"0" * 1000)

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(WeightsUnavailable, match=r"transfer to .*imagenet failed \(OSError\)"):
        pretrained_features(url=f"{host[1]}/{NAME}")
    assert list((tmp_path / "data" / "imagenet").iterdir()) == []


def test_offline_nothing_is_tried(monkeypatch):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    monkeypatch.setattr(pretrained, "reachable", lambda urls: pytest.fail("asked the network"))
    with pytest.raises(WeightsUnavailable, match="DEEPMEDIA_OFFLINE=1 rules downloads out"):
        pretrained_features()


def test_a_host_that_never_answers_costs_three_seconds():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(
            WeightsUnavailable, match=r"127\.0\.0\.1:[0-9]+ does not give the file; is there a connection"
        ):
            pretrained_features(url=f"http://127.0.0.1:{silent.getsockname()[1]}/{NAME}")
    assert time.monotonic() - started < 5


def test_a_missing_file_is_no_error_of_another_kind(host):
    with pytest.raises(WeightsUnavailable, match=r"127\.0\.0\.1:[0-9]+ does not give the file; is there a connection"):
        pretrained_features(url=f"{host[1]}/{NAME}")


def test_a_file_that_is_no_set_of_weights_is_said_to_be_so(host, tmp_path):
    (host[0] / NAME).write_bytes(b"<html>")
    with pytest.raises(WeightsUnavailable, match="does not hold the weights; delete it"):
        pretrained_features(url=f"{host[1]}/{NAME}")


def test_a_transfer_that_breaks_off_leaves_no_file(tmp_path):
    (tmp_path / NAME).write_bytes(b"half")
    server = serve(tmp_path, Short)
    try:
        with pytest.raises(WeightsUnavailable, match=r"transfer (to .*imagenet failed|broke off)"):
            pretrained_features(url=f"http://127.0.0.1:{server.server_port}/{NAME}")
    finally:
        server.shutdown()
        server.server_close()
    assert list((tmp_path / "data" / "imagenet").iterdir()) == []


def test_a_transfer_over_the_limit_is_stopped(host, monkeypatch, tmp_path):
    (host[0] / NAME).write_bytes(b"0" * 1000)
    monkeypatch.setattr(pretrained, "LIMIT_S", -1)
    with pytest.raises(WeightsUnavailable, match="longer than"):
        pretrained_features(url=f"{host[1]}/{NAME}")
    assert list((tmp_path / "data" / "imagenet").iterdir()) == []
