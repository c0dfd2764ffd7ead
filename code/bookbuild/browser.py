"""Find a Chromium for the tests of the site and the maker of the cover, or install one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Root may not use Chromium's sandbox; the rest keeps Chromium itself from asking its makers for anything.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = """\
No browser found, and none could be installed: the tests of the site will be skipped.
Install Chromium (Debian, Ubuntu: apt install chromium; macOS: brew install --cask chromium), or name one:
CHROMIUM=/path/to/chrome make test"""


def find_browser() -> Path | None:
    """The browser to drive: `CHROMIUM` if set, else one on the PATH, else Playwright's own.

    Raises:
        FileNotFoundError: If `CHROMIUM` names no file.
    """
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).is_file():
            raise FileNotFoundError(
                f"CHROMIUM must be the path of a browser, got {named}: no such file; unset or mend it"
            )
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return _playwright_browser()


def _playwright_browser() -> Path | None:
    """The browser that `playwright install` fetched earlier."""
    from playwright.sync_api import sync_playwright  # a second to import: only where it is needed

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def installers() -> list[list[str]]:
    """Commands that may bring a browser to this machine, in the order to try them."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        commands.append(["apt-get", "update", "-q"])
        commands.append(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"])
    return commands


def ensure_browser() -> int:
    """Have a browser if one can be had. 0 even without: the tests then say that they were skipped, and why."""
    browser = find_browser()
    for command in installers() if browser is None else ():
        print("+", " ".join(command), flush=True)
        _try(command)
        browser = find_browser()
        if browser:
            break
    print(f"browser: {browser}" if browser else ADVICE)
    return 0


def _try(command: Sequence[str]) -> None:
    """Run an installer; its failure is no failure of ours."""
    try:
        subprocess.run(command, check=False, timeout=600, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"{command[0]}: {problem}")
