"""The three environment variables that say where data comes from.

They are read at each call, so a page or a test may set them at any time.
"""

import os
from pathlib import Path

import pooch


class ConflictingSettings(ValueError):
    """DEEPMEDIA_OFFLINE and DEEPMEDIA_REQUIRE_DATA contradict each other."""


def data_folder() -> Path:
    """Where downloads are kept and looked for: DEEPMEDIA_DATA, else the user's cache folder."""
    chosen = os.environ.get("DEEPMEDIA_DATA", "")
    folder = Path(chosen) if chosen else pooch.os_cache("deepmedia")
    return folder.expanduser().absolute()


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
