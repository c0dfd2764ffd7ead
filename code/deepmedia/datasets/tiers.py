"""Which tier of data a page can use: built-in or real."""

from typing import Literal

from deepmedia.datasets.packaged import shipped
from deepmedia.datasets.probing import reachable
from deepmedia.datasets.registry import REGISTRY, RemoteFile, registered_under
from deepmedia.datasets.settings import can_keep_data, is_offline, kept, requires_data


def data_tier(*names: str) -> Literal["built-in", "real"]:
    """Whether to work with real data or with the built-in stand-ins.

    A page asks once, then takes ``full=True`` (or `fetch`) if the answer is
    ``"real"``. In this order:

    1. With ``DEEPMEDIA_OFFLINE=1`` the answer is ``"built-in"``.
    2. With ``DEEPMEDIA_REQUIRE_DATA=1`` it is ``"real"``, whatever is there:
       the loader then fails if it can't get the data.
    3. Otherwise it is ``"real"`` if each file named is in the data folder, or
       in the package, or can be downloaded: the data folder can be written,
       and a host that has the file answers now (asked for at most 3 seconds,
       remembered for a minute).

    A file that is there but wrong counts as there: `fetch` then refuses it
    loudly. Nothing is downloaded here.

    Args:
        *names: Names of the registry, or folders of it such as
            ``"fashion-mnist"``, which stand for all files below them. Without
            names: whether any real data can be had, that is, whether one
            file is in the data folder or can be downloaded.

    Returns:
        ``"built-in"`` or ``"real"``.

    Raises:
        ValueError: If a name is neither a file nor a folder of the registry,
            or the two variables contradict each other or are neither 0 nor 1.

    >>> data_tier("darknet/yolov3.cfg") in {"built-in", "real"}
    True
    """
    files = [remote for name in names for remote in registered_under(name)]
    if is_offline():
        return "built-in"
    if requires_data():
        return "real"
    if not names:
        files = [remote for remote in REGISTRY.values() if not shipped(remote.name)]
        return "real" if any(map(_is_here, files)) or _can_be_had(files, any_file=True) else "built-in"
    missing = [remote for remote in files if not _is_here(remote)]
    return "real" if not missing or _can_be_had(missing) else "built-in"


def _is_here(remote: RemoteFile) -> bool:
    return shipped(remote.name) is not None or kept(remote.name) is not None


def _can_be_had(files: list[RemoteFile], *, any_file: bool = False) -> bool:
    """Whether each file (or any) could be downloaded: it can be kept, and an address answers."""
    if not can_keep_data():
        return False
    urls = reachable(url for remote in files for url in remote.urls)
    had = (not urls.isdisjoint(remote.urls) for remote in files)
    return any(had) if any_file else all(had)
