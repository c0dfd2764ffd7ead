"""Whether a host answers, asked of a server on this machine."""

import threading
import time

import pytest

from deepmedia.datasets import probing
from deepmedia.datasets.probing import reachable


def test_a_host_that_has_the_file_is_reachable(server):
    url = server.serve("/file.bin", b"content")
    assert reachable([url]) == {url}
    assert server.requests == ["HEAD /file.bin"]  # asked, not downloaded


def test_a_redirection_is_followed(server):
    there = server.serve("/there.bin", b"content")
    here = server.serve("/here.bin", lambda handler: handler.give(b"", status=302, Location=there))
    assert reachable([here]) == {here}


def test_a_redirection_to_nowhere_is_not_reachable(server):
    there = server.serve("/there.bin", lambda handler: handler.give(b"", status=404))
    here = server.serve("/here.bin", lambda handler: handler.give(b"", status=302, Location=there))
    assert reachable([here]) == set()


def test_a_host_that_answers_no_head_is_reachable(server):
    url = server.serve("/file.bin", lambda handler: handler.give(b"", status=405))
    assert reachable([url]) == {url}


def test_a_host_without_the_file_is_not_reachable(server):
    url = server.serve("/file.bin", lambda handler: handler.give(b"", status=404))
    assert reachable([url]) == set()


def test_a_host_that_refuses_is_not_reachable(refused):
    assert reachable([refused]) == set()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem"), ("https_proxy", "http://[bad"), ("https_proxy", "http://.x:99999")],
)
def test_a_setting_of_the_network_that_is_wrong_makes_no_noise(monkeypatch, refused, variable, value):
    # An error that a thread does not catch is a warning, hence an error here, and a traceback in the reader's page.
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv(variable, value)
    assert reachable([refused.replace("http:", "https:")]) == set()


def test_no_addresses_no_hosts():
    assert reachable([]) == set()


def test_silent_hosts_are_given_up_together(monkeypatch, server, refused):
    monkeypatch.setattr(probing, "LIMIT_S", 0.3)
    silent = [server.serve("/file.bin", server.hang)]
    silent.append(silent[0].replace("127.0.0.1", "localhost"))  # another host, for the prober
    started = time.monotonic()
    assert reachable([*silent, refused]) == set()
    assert time.monotonic() - started < 5


def test_a_look_up_that_hangs_is_given_up(monkeypatch):
    # Looking up a host's name obeys no time limit of ours.
    hanging = threading.Event()
    monkeypatch.setattr(probing, "LIMIT_S", 0.1)
    monkeypatch.setattr(probing, "_probe", lambda *_: hanging.wait(20))
    started = time.monotonic()
    assert reachable(["https://example.org/file.bin", "https://example.com/file.bin"]) == set()
    assert time.monotonic() - started < 5
    hanging.set()


def test_a_host_is_asked_once_for_all_its_files_and_believed_for_a_minute(monkeypatch, server):
    urls = [server.serve(f"/{number}.bin", b"content") for number in range(5)]
    assert reachable(urls) == set(urls)
    assert reachable(urls[::-1]) == set(urls)
    assert server.requests == ["HEAD /0.bin"]
    monkeypatch.setattr(probing, "FRESH_S", 0.0)
    assert reachable(urls) == set(urls)
    assert len(server.requests) == 2


def test_a_host_that_was_silent_is_asked_again_later(monkeypatch, server):
    url = server.serve("/file.bin", lambda handler: handler.give(b"", status=503))
    assert reachable([url]) == set()
    server.serve("/file.bin", b"content")
    assert reachable([url]) == set()  # still believed
    monkeypatch.setattr(probing, "FRESH_S", 0.0)
    assert reachable([url]) == {url}
