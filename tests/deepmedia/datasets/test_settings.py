"""The environment variables."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pooch
import pytest

from deepmedia.datasets import DataUnavailable, data_tier, fetch
from deepmedia.datasets.settings import (
    ConflictingSettings,
    can_keep_data,
    data_folder,
    is_offline,
    kept,
    requires_data,
)


def test_data_lies_in_the_users_cache_folder_unless_said(monkeypatch):
    monkeypatch.delenv("DEEPMEDIA_DATA")
    assert data_folder() == Path(pooch.os_cache("deepmedia"))
    monkeypatch.setenv("DEEPMEDIA_DATA", "")
    assert data_folder() == Path(pooch.os_cache("deepmedia"))


def test_the_data_folder_may_begin_with_a_tilde_or_be_relative(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DEEPMEDIA_DATA", "~/data")
    assert data_folder() == tmp_path / "data"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEEPMEDIA_DATA", "here")
    assert data_folder() == tmp_path / "here"


@pytest.mark.parametrize(
    ("offline", "require", "expected"),
    [
        (None, None, (False, False)),
        ("", "", (False, False)),
        ("0", "0", (False, False)),
        ("1", None, (True, False)),
        ("1", "0", (True, False)),
        (None, "1", (False, True)),
        ("0", "1", (False, True)),
    ],
)
def test_switches_are_on_at_1_alone(monkeypatch, offline, require, expected):
    for name, value in (("DEEPMEDIA_OFFLINE", offline), ("DEEPMEDIA_REQUIRE_DATA", require)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert (is_offline(), requires_data()) == expected


@pytest.mark.parametrize("ask", [is_offline, requires_data])
def test_switches_that_contradict_each_other_are_an_error(monkeypatch, ask):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    monkeypatch.setenv("DEEPMEDIA_REQUIRE_DATA", "1")
    with pytest.raises(ConflictingSettings, match="contradict each other: unset one of them"):
        ask()


@pytest.mark.parametrize("variable", ["DEEPMEDIA_OFFLINE", "DEEPMEDIA_REQUIRE_DATA"])
def test_another_value_is_an_error(monkeypatch, variable):
    monkeypatch.setenv(variable, "yes")
    with pytest.raises(ValueError, match=rf"{variable} must be 1 or 0 \(or unset\), got 'yes'"):
        is_offline()


@pytest.fixture(params=["no home", "no such user", "no working folder"])
def lost(request, monkeypatch, tmp_path):
    """Three ways to have no data folder, and what the error says of each."""
    monkeypatch.delenv("DEEPMEDIA_DATA")
    if request.param == "no home":
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(pwd, "getpwuid", lambda _: {}["a number that has no name, as in many containers"])
        return "This user has no home folder for downloads"
    if request.param == "no such user":
        monkeypatch.setenv("DEEPMEDIA_DATA", "~nosuchuser/data")
        return "DEEPMEDIA_DATA=~nosuchuser/data names no folder"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    os.chdir("gone")
    (tmp_path / "gone").rmdir()
    monkeypatch.setenv("DEEPMEDIA_DATA", "data")
    return "DEEPMEDIA_DATA=data names no folder"


def test_without_a_data_folder_the_tier_is_built_in_and_fetch_says_why(monkeypatch, lost):
    assert (data_tier(), data_tier("fashion-mnist")) == ("built-in", "built-in")
    assert not can_keep_data()
    assert kept("darknet/yolov3.weights") is None
    for call in (data_folder, lambda: fetch("darknet/yolov3.weights")):
        with pytest.raises(DataUnavailable, match=f"{lost} .*; set DEEPMEDIA_DATA to a folder that can be written"):
            call()
    assert fetch("darknet/dog.jpg").is_file()  # of the package
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match="DEEPMEDIA_OFFLINE=1 rules all other data out"):
        fetch("darknet/yolov3.weights")


# Run by another Python as a user who may not enter the home, nor perhaps read our modules: they are imported before.
STRANGER = """
import os
import requests, deepmedia.datasets as datasets
from deepmedia.datasets import probing
os.chdir("/")
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
probing.reachable = datasets.tiers.reachable = set  # all hosts answer
print(datasets.data_tier(), datasets.data_tier("fashion-mnist"))
try:
    datasets.fetch("fashion-mnist/t10k-labels-idx1-ubyte.gz")
except datasets.DataUnavailable as error:
    print(error)
"""


def test_in_the_home_of_someone_else_the_tier_is_built_in_and_fetch_says_why(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o700 if os.getuid() == 0 else 0)
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DEEPMEDIA_DATA", "XDG_CACHE_HOME"}
    }
    run = subprocess.run(
        [sys.executable, "-c", STRANGER], env=environment | {"HOME": str(home)}, capture_output=True, text=True
    )
    assert run.stderr == ""
    tiers, error = run.stdout.splitlines()
    assert tiers == "built-in built-in"
    assert error.startswith(f"fashion-mnist/t10k-labels-idx1-ubyte.gz can't be kept at {home}/")
    assert "Permission denied" in error
    assert error.endswith("set DEEPMEDIA_DATA to a folder that can be written and has 5,148 bytes free")


def test_data_can_be_kept_where_a_folder_can_be_made(monkeypatch, data, tmp_path):
    monkeypatch.setenv("DEEPMEDIA_DATA", str(data / "deep/down"))
    assert can_keep_data()
    assert not data.exists()  # asking makes nothing
    (tmp_path / "data").write_text("a file in a folder's place")
    assert not can_keep_data()
