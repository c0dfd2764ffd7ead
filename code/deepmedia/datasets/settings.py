"""The three environment variables that say where data comes from.

They are read at each call, so a page or a test may set them at any time.
"""

import os
from pathlib import Path

import pooch


class DataUnavailable(OSError):
    """Real data can't be had; the text says which, why, and what to do."""


class ConflictingSettings(ValueError):
    """DEEPMEDIA_OFFLINE and DEEPMEDIA_REQUIRE_DATA contradict each other."""


def data_folder() -> Path:
    """Where downloads are kept and looked for: DEEPMEDIA_DATA, else the user's cache folder.

    Raises:
        DataUnavailable: If the variable names the home of an unknown user, or
            is not set and the user has no home.
    """
    chosen = os.environ.get("DEEPMEDIA_DATA", "")
    try:
        folder = Path(chosen) if chosen else pooch.os_cache("deepmedia")
        return folder.expanduser().absolute()
    except (RuntimeError, OSError) as error:  # OSError: a relative path, and the working folder is gone
        lacking = f"DEEPMEDIA_DATA={chosen} names no folder" if chosen else "This user has no home folder for downloads"
        raise DataUnavailable(f"{lacking} ({error}); set DEEPMEDIA_DATA to a folder that can be written") from error


def kept(name: str) -> Path | None:
    """A file of the registry in the data folder; None if it isn't there, or may not be seen."""
    try:
        path = data_folder() / name
    except DataUnavailable:
        return None
    return path if os.path.exists(path) else None  # Path.exists raises where the folder may not be read


def can_keep_data() -> bool:
    """Whether a download could be kept: there is a data folder, or one can be made, and it can be written."""
    try:
        folder = data_folder()
    except DataUnavailable:
        return False
    while not os.path.exists(folder):
        folder = folder.parent
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def is_offline() -> bool:
    """Whether DEEPMEDIA_OFFLINE=1 asks for the built-in data alone.

    Raises:
        ConflictingSettings: If DEEPMEDIA_REQUIRE_DATA=1 asks for the contrary.
        ValueError: If one of the two is neither 1 nor 0 (nor empty, nor unset).
    """
    offline, required = _is_on("DEEPMEDIA_OFFLINE"), _is_on("DEEPMEDIA_REQUIRE_DATA")
    if offline and required:
        raise ConflictingSettings(
            "DEEPMEDIA_OFFLINE=1 (only the built-in data) and DEEPMEDIA_REQUIRE_DATA=1 (never the built-in data "
            "in place of the real) contradict each other: unset one of them"
        )
    return offline


def requires_data() -> bool:
    """Whether DEEPMEDIA_REQUIRE_DATA=1 makes missing real data an error; raises as `is_offline`."""
    return not is_offline() and _is_on("DEEPMEDIA_REQUIRE_DATA")


def _is_on(variable: str) -> bool:
    value = os.environ.get(variable, "")
    if value not in {"", "0", "1"}:
        raise ValueError(f"{variable} must be 1 or 0 (or unset), got {value!r}")
    return value == "1"
