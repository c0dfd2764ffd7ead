"""Downloads from a server on this machine that misbehaves in every way we have met."""

import contextlib
import gzip
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pooch
import pytest
import requests

from deepmedia.datasets import DataUnavailable, fetch, fetched, fetching

CONTENT = np.random.default_rng(0).bytes(100_000)
PAGE = b"\n<!DOCTYPE html><html><body>This file has moved.</body></html>"


def files_in(folder: Path) -> list[str]:
    """All files below a folder, hidden and unfinished ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_a_download_lands_whole_under_its_name_and_nothing_else_stays(data, server, register):
    register(CONTENT, server.serve("/file.bin", CONTENT))
    path = fetch("set/file.bin")
    assert path == data / "set/file.bin"
    assert path.read_bytes() == CONTENT
    assert files_in(data) == ["set/file.bin"]


def test_a_file_is_downloaded_once(server, register):
    register(CONTENT, server.serve("/file.bin", CONTENT))
    assert fetch("set/file.bin") == fetch("set/file.bin")
    assert server.requests == ["GET /file.bin"]


def test_a_file_gets_its_name_by_a_rename(monkeypatch, data, server, register):
    # A copy would show other processes half a file for a while. A rename keeps the file's number on the disk.
    numbers = []

    class Watched(pooch.HTTPDownloader):
        def __call__(self, url: str, output_file: str, *rest: object) -> None:
            super().__call__(url, output_file, *rest)
            numbers.append(Path(output_file).stat().st_ino)

    monkeypatch.setattr(pooch, "HTTPDownloader", Watched)
    register(CONTENT, server.serve("/file.bin", CONTENT))
    assert [fetch("set/file.bin").stat().st_ino] == numbers


def test_a_packed_file_stays_packed(server, register):
    packed = gzip.compress(CONTENT)
    register(packed, server.serve("/file.gz", packed))
    assert fetch("set/file.bin").read_bytes() == packed


def test_a_file_that_the_server_packs_for_the_way_is_unpacked(server, register):
    text = b"0,1,2\n" * 1000
    packed = gzip.compress(text)
    register(text, server.serve("/file.csv", lambda handler: handler.give(packed, Content_Encoding="gzip")))
    assert fetch("set/file.bin").read_bytes() == text


def short(handler):
    handler.send_response(200)
    handler.end_headers()  # without a length, the end of the connection is the end of the file
    handler.wfile.write(CONTENT[:60_000])


FAILURES = {
    "interrupted": (lambda handler: handler.give(CONTENT[:60_000], length=100_000), "broke off before the end"),
    "short": (short, "answered with 60,000 bytes instead of 100,000"),
    "long": (lambda handler: handler.give(CONTENT + b"!"), "answered with 100,001 bytes instead of 100,000"),
    "empty": (lambda handler: handler.give(b""), "answered with 0 bytes instead of 100,000"),
    "web page": (lambda handler: handler.give(PAGE), r"answered with a web page \(62 bytes\) instead of the file"),
    "wrong bytes": (lambda handler: handler.give(CONTENT[::-1]), "answered with other bytes of the same size"),
    "not there": (lambda handler: handler.give(b"", status=404), "answered with HTTP status 404"),
    "broken": (lambda handler: handler.give(b"", status=503), "answered with HTTP status 503"),
}


@pytest.mark.parametrize(("answer", "reason"), FAILURES.values(), ids=FAILURES)
def test_a_failed_download_leaves_nothing_and_says_why(data, server, register, answer, reason):
    register(CONTENT, server.serve("/file.bin", answer))
    with pytest.raises(DataUnavailable, match=rf"/file\.bin: {reason}"):
        fetch("set/file.bin")
    assert files_in(data) == []
    assert list((data / "set").iterdir()) == []
    assert fetched() == ()


@pytest.mark.parametrize(("answer", "reason"), FAILURES.values(), ids=FAILURES)
def test_the_second_address_is_used_when_the_first_fails(data, server, register, answer, reason):
    register(CONTENT, server.serve("/first.bin", answer), server.serve("/second.bin", CONTENT))
    assert fetch("set/file.bin").read_bytes() == CONTENT
    assert server.requests == ["GET /first.bin", "GET /second.bin"]
    assert files_in(data) == ["set/file.bin"]


def test_a_refused_connection_is_named(data, server, register, refused):
    register(CONTENT, refused)
    with pytest.raises(DataUnavailable, match=r"file\.bin: could not be reached \(.*refused\)"):
        fetch("set/file.bin")
    assert files_in(data) == []


def test_the_second_address_is_used_when_the_first_refuses(server, register, refused):
    register(CONTENT, refused, server.serve("/file.bin", CONTENT))
    assert fetch("set/file.bin").read_bytes() == CONTENT


def test_a_server_that_never_answers_is_given_up(monkeypatch, server, register):
    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.2)
    register(CONTENT, server.serve("/file.bin", server.hang))
    with pytest.raises(DataUnavailable, match=r"gave no answer for 0\.2 s"):
        fetch("set/file.bin")


def test_a_host_that_takes_no_connection_is_given_up_sooner(monkeypatch, register):
    limits = []

    class Slow(pooch.HTTPDownloader):
        def __call__(self, *_: object) -> None:
            limits.append(self.kwargs["timeout"])
            raise requests.ConnectTimeout

    monkeypatch.setattr(pooch, "HTTPDownloader", Slow)
    register(CONTENT, "http://192.0.2.1/file.bin")
    with pytest.raises(DataUnavailable, match=r"file\.bin: could not be reached in 10 s"):
        fetch("set/file.bin")
    assert limits == [(10, 30)]


def test_a_server_that_stops_in_the_middle_is_given_up(monkeypatch, data, server, register):
    def stall(handler):
        handler.give(CONTENT[:60_000], length=100_000)
        handler.wfile.flush()
        server.hang(handler)

    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.2)
    register(CONTENT, server.serve("/file.bin", stall))
    with pytest.raises(DataUnavailable, match="timed out"):
        fetch("set/file.bin")
    assert files_in(data) == []


def test_the_error_lists_all_addresses_and_the_ways_out(data, server, register, refused):
    page = server.serve("/moved.bin", PAGE)
    remote = register(CONTENT, page, refused)
    with pytest.raises(OSError, match="could not be downloaded") as caught:
        fetch("set/file.bin")
    text = str(caught.value)
    assert f"{page}: answered with a web page" in text
    assert f"{refused}: could not be reached" in text
    assert f"put the file at {data / 'set/file.bin'} yourself (sha256 {remote.sha256})" in text
    assert "set DEEPMEDIA_OFFLINE=1 to work with the built-in data" in text


def test_a_download_after_a_failed_one_succeeds(server, register):
    register(CONTENT, server.serve("/file.bin", PAGE))
    with pytest.raises(DataUnavailable):
        fetch("set/file.bin")
    server.serve("/file.bin", CONTENT)
    assert fetch("set/file.bin").read_bytes() == CONTENT


# Run by another Python: the registry of one file, and its download.
CHILD = """
import sys
from deepmedia.datasets import RemoteFile, fetch, registry
url, sha256, size = sys.argv[1:]
registry.REGISTRY = {"set/file.bin": RemoteFile("set/file.bin", (url,), sha256, int(size), "none", "https://example.org")}
print(fetch("set/file.bin"))
"""


def start_child(url: str, sha256: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CHILD, url, sha256, str(len(CONTENT))]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_at_once_both_get_the_good_file(data, server, register):
    both = threading.Barrier(2, timeout=30)

    def meet(handler):
        handler.give(CONTENT[:50_000], length=100_000)
        both.wait()  # neither is finished before the other has begun
        handler.wfile.write(CONTENT[50_000:])

    url = server.serve("/file.bin", meet)
    sha256 = register(CONTENT, url).sha256
    children = [start_child(url, sha256) for _ in range(2)]
    for child in children:
        output, errors = child.communicate(timeout=60)
        assert (output, errors, child.returncode) == (f"{data / 'set/file.bin'}\n", "", 0)
    assert len(server.requests) == 2
    assert (data / "set/file.bin").read_bytes() == CONTENT
    assert files_in(data) == ["set/file.bin"]
    assert list((data / "set").iterdir()) == [data / "set/file.bin"]


def test_a_killed_process_leaves_no_file_under_the_name(data, server, register):
    begun = threading.Event()

    def stall(handler):
        handler.give(CONTENT[:60_000], length=100_000)
        begun.set()
        server.hang(handler)

    url = server.serve("/file.bin", stall)
    child = start_child(url, register(CONTENT, url).sha256)
    assert begun.wait(30)
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    assert not (data / "set/file.bin").exists()

    server.serve("/file.bin", CONTENT)
    (left,) = (data / "set").iterdir()
    assert left.name.startswith(".download-")
    os.utime(left, (time.time() - 2 * 24 * 3600,) * 2)  # as if it were two days old
    assert fetch("set/file.bin").read_bytes() == CONTENT
    assert list((data / "set").iterdir()) == [data / "set/file.bin"]


def test_an_unfinished_download_of_now_is_left_to_its_process(data, server, register):
    other = data / "set/.download-other"
    other.mkdir(parents=True)
    register(CONTENT, server.serve("/file.bin", CONTENT))
    fetch("set/file.bin")
    assert other.is_dir()


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path, server, register):
    (tmp_path / "occupied").write_text("a file, not a folder")
    monkeypatch.setenv("DEEPMEDIA_DATA", str(tmp_path / "occupied"))
    register(CONTENT, server.serve("/file.bin", CONTENT))
    with pytest.raises(
        DataUnavailable, match=r"can't be kept at .*occupied/set/file.bin .*set DEEPMEDIA_DATA to a folder"
    ):
        fetch("set/file.bin")


def test_a_full_disk_is_named_and_leaves_nothing(monkeypatch, data, server, register):
    class Full(pooch.HTTPDownloader):
        def __call__(self, url: str, output_file: str, *_: object) -> None:
            Path(output_file).write_bytes(CONTENT[:10])
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pooch, "HTTPDownloader", Full)
    register(CONTENT, server.serve("/file.bin", CONTENT))
    with pytest.raises(DataUnavailable, match=r"No space left on device.* 100,000 bytes free"):
        fetch("set/file.bin")
    assert files_in(data) == []


def test_certificates_that_are_not_there_are_named(monkeypatch, data, register, refused):
    address = refused.replace("http:", "https:")
    register(CONTENT, address)
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere/curl.pem")
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(
        DataUnavailable, match=r"was not asked; CURL_CA_BUNDLE=/nowhere/curl\.pem: no such certificates"
    ):
        fetch("set/file.bin")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", __file__)  # goes before the other; a file, but of no certificates
    with pytest.raises(DataUnavailable, match=rf"{address}: could not be reached"):
        fetch("set/file.bin")
    monkeypatch.delenv("CURL_CA_BUNDLE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with pytest.raises(
        DataUnavailable, match=r"not asked; REQUESTS_CA_BUNDLE=/nowhere/bundle\.pem: .*unset it or name"
    ):
        fetch("set/file.bin")
    assert files_in(data) == []


def test_certificates_that_are_not_there_do_not_hinder_who_needs_none(monkeypatch, server, register):
    register(CONTENT, server.serve("/file.bin", CONTENT))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    assert fetch("set/file.bin").read_bytes() == CONTENT


def test_a_connection_that_fails_names_what_other_certificates_are_not_there(monkeypatch, register, refused):
    register(CONTENT, refused)
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/file.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/folder")
    with pytest.raises(
        DataUnavailable, match=r"refused\); SSL_CERT_FILE=/nowhere/file\.pem, SSL_CERT_DIR=/nowhere/folder: no such"
    ):
        fetch("set/file.bin")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal(server, register):
    register(CONTENT, server.serve("/file.bin", CONTENT))
    with contextlib.redirect_stderr(Terminal()) as terminal:
        fetch("set/file.bin")
    lines = terminal.getvalue().split("\r")
    assert "set/file.bin:  65 % of 0.1 MB" in lines  # 64 KiB of 100,000 bytes
    assert lines[-1] == "set/file.bin: 100 % of 0.1 MB\n"
    assert max(int(line.split()[1]) for line in lines[1:]) == 100


def test_nothing_is_printed_where_there_is_no_terminal(server, register, capfd):
    register(CONTENT, server.serve("/file.bin", CONTENT))
    fetch("set/file.bin")
    assert capfd.readouterr() == ("", "")
