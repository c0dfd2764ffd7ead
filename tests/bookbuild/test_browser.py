"""Finding a browser, and installing one, without installing anything."""

from pathlib import Path

import pytest

from bookbuild import browser
from bookbuild.browser import ensure_browser, find_browser, installers


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a browser whose PATH is one empty folder."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_playwright_browser", lambda: None)
    return tmp_path


def program(path: Path) -> Path:
    """Put a program that does nothing at a path."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_bare_machine_has_no_browser(bare_machine: Path):
    assert find_browser() is None


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_browser_on_the_path_is_found(bare_machine: Path, name: str):
    expected = program(bare_machine / name)
    assert find_browser() == expected


def test_named_browser_wins(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(bare_machine / "chromium")
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert find_browser() == mine


def test_missing_named_browser_is_an_error_with_the_way_out(bare_machine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", "/no/such/chrome")
    with pytest.raises(FileNotFoundError, match=r"CHROMIUM must be .*, got /no/such/chrome.* unset or mend it"):
        find_browser()


def test_playwrights_own_browser_comes_last(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = program(tmp_path / "own")
    monkeypatch.setattr(browser, "_playwright_browser", lambda: own)
    assert find_browser() == own
    other = program(bare_machine / "chromium")
    assert find_browser() == other


def test_installers_use_apt_as_root_only(bare_machine: Path, monkeypatch: pytest.MonkeyPatch):
    program(bare_machine / "apt-get")
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert [command[1:] for command in installers()] == [["-m", "playwright", "install", "chromium"]]
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    assert [command[0] for command in installers()][1:] == ["apt-get", "apt-get"]
    assert installers()[-1][-1] == "chromium"


def test_ensure_stops_at_the_first_installer_that_works(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    tried = []

    def install(command: list[str]) -> None:
        tried.append(command[0])
        if command[0] == "second":
            program(bare_machine / "chromium")

    monkeypatch.setattr(browser, "installers", lambda: [["first"], ["second"], ["third"]])
    monkeypatch.setattr(browser, "_try", install)
    assert ensure_browser() == 0
    assert tried == ["first", "second"]
    assert f"browser: {bare_machine / 'chromium'}" in capsys.readouterr().out


def test_ensure_installs_nothing_where_a_browser_is(bare_machine: Path, monkeypatch: pytest.MonkeyPatch):
    program(bare_machine / "chromium")
    monkeypatch.setattr(browser, "_try", lambda command: pytest.fail(f"tried {command}"))
    assert ensure_browser() == 0


def test_ensure_says_what_to_do_when_nothing_works(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(browser, "installers", lambda: [["/no/such/installer"], ["false"]])
    assert ensure_browser() == 0
    said = capsys.readouterr().out
    assert "/no/such/installer: [Errno 2]" in said
    assert "CHROMIUM=/path/to/chrome make test" in said
