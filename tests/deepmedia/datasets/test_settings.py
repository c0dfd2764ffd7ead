"""The environment variables."""

from pathlib import Path

import pooch
import pytest

from deepmedia.datasets.settings import ConflictingSettings, data_folder, is_offline, requires_data


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
