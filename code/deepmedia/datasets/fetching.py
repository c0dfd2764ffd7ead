"""Download a file of the registry once, whole and right, or say why not.

pooch does the transfer and the checksums. Here is what it lacks: a second
address, a web page that came instead of the file, a file that is too short,
two processes at once, and an error that says what to do. A file gets its name
only after its size and checksum are right.
"""

import contextlib
import io
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pooch

from deepmedia.datasets.packaged import shipped
from deepmedia.datasets.registry import RemoteFile, registered
from deepmedia.datasets.settings import DataUnavailable, data_folder, is_offline, kept

CONNECT_S = 10  # for a connection
TIMEOUT_S = 30  # without a byte
STALE_S = 24 * 3600  # an unfinished download of that age belongs to a run that was killed

_used: set[str] = set()
_right: set[tuple[str, int, int, int]] = set()  # path, inode, size, time of files found right in this process


class _WrongAnswer(Exception):
    """An address did not give the file; the text says what it gave."""


def fetch(name: str) -> Path:
    """The file of that name in the registry, downloaded if it isn't here yet.

    The file is looked for at ``DEEPMEDIA_DATA/name`` (without that variable,
    in the user's cache folder). If it isn't there, the few files that the
    package holds too (Darknet's descriptions and photos) come from the
    package, and all others are downloaded, from the second address when the
    first fails. Size and checksum are checked before a download gets its name,
    and once a process for a file that was there already.

    Args:
        name: A key of `REGISTRY`, e.g. ``"darknet/yolov3-tiny.weights"``.

    Returns:
        Path of the whole, right file.

    Raises:
        ValueError: If the registry has no such name, or the environment
            variables contradict each other.
        DataUnavailable: If no address gave the file, if a wrong file stands in
            its place (it is left there), if there is no data folder or it
            can't be written, or if ``DEEPMEDIA_OFFLINE=1`` rules downloads
            out. An `OSError`.

    >>> fetch("darknet/yolov3.cfg").name
    'yolov3.cfg'
    """
    remote = registered(name)
    packaged = shipped(name)
    if packaged and (is_offline() or not kept(name)):
        return packaged
    if is_offline():
        raise DataUnavailable(
            f"{name} is not part of the built-in data, and DEEPMEDIA_OFFLINE=1 rules all other data out: "
            "unset it to use or download the file"
        )
    target = data_folder() / name
    if not kept(name):
        _download(remote, target)
    _check_once(remote, target)
    if not packaged:
        _used.add(name)
    return target


def fetched() -> tuple[str, ...]:
    """The registry's names that this process has got from `fetch`, sorted.

    Files that the package holds too don't count: a process that used only
    those, the samples and drawn data has worked with built-in data alone.
    """
    return tuple(sorted(_used))


def difference(remote: RemoteFile, path: Path) -> str:
    """What a file holds instead of what the registry says; empty if it is right.

    >>> from deepmedia.datasets.registry import REGISTRY
    >>> difference(REGISTRY["darknet/yolov3.cfg"], fetch("darknet/coco.names"))
    '625 bytes instead of 8,342'
    """
    try:
        return _difference(remote, path)
    except OSError as error:
        return f"what can't be read ({error.strerror})"


def _difference(remote: RemoteFile, path: Path) -> str:
    if not path.is_file():
        return "no file"
    size = path.stat().st_size
    if remote.via:  # its bytes are that library's affair
        return "" if size else "an empty file"
    checksum = pooch.file_hash(str(path)) if size == remote.size else ""
    if checksum == remote.sha256:
        return ""
    with path.open("rb") as file:
        start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return f"a web page ({size:,} bytes) instead of the file ({remote.size:,} bytes)"
    if size != remote.size:
        return f"{size:,} bytes instead of {remote.size:,}"
    return f"other bytes of the same size (sha256 {checksum[:12]}... instead of {remote.sha256[:12]}...)"


def _check_once(remote: RemoteFile, path: Path) -> None:
    """Refuse a wrong file; a file that didn't change since its last check is not read again."""
    state = path.stat()
    key = (str(path), state.st_ino, state.st_size, state.st_mtime_ns)
    if key in _right:
        return
    problem = difference(remote, path)
    if problem:
        raise DataUnavailable(
            f"{path} holds {problem}. It was left as it is, and not used. Delete it, and the next call downloads "
            f"{remote.name} again; or put the right file there (sha256 {remote.sha256})"
        )
    _right.add(key)


def _download(remote: RemoteFile, target: Path) -> None:
    """Put the file at its target from the first address that gives it."""
    import requests  # takes long to import, and most calls find their file

    get = _through_scikit_learn if remote.via else _through_pooch
    failures = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with workshop(target.parent) as folder:
            for url in remote.urls:
                try:
                    part = get(remote, url, folder)
                except (requests.RequestException, _WrongAnswer) as error:
                    failures.append(f"  {url}: {_reason(error)}")
                else:
                    part.replace(target)  # at once: another process sees no file or the whole file
                    return
    except OSError as error:
        raise DataUnavailable(
            f"{remote.name} can't be kept at {target} ({error}); set DEEPMEDIA_DATA to a folder that can be written "
            f"and has {remote.size:,} bytes free"
        ) from error
    raise DataUnavailable(
        f"{remote.name} ({remote.size / 1e6:.1f} MB) could not be downloaded:\n"
        + "\n".join(failures)
        + f"\nTry again with a network, or put the file at {target} yourself (sha256 {remote.sha256}), "
        "or set DEEPMEDIA_OFFLINE=1 to work with the built-in data"
    )


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder for what is unfinished, on the same disk as what is finished; gone afterwards."""
    for left in folder.glob(".download-*"):
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if time.time() - left.stat().st_mtime > STALE_S:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as work:
        yield Path(work)


def _through_pooch(remote: RemoteFile, url: str, folder: Path) -> Path:
    """Download one address into the folder and check what came."""
    bundle = next(filter(None, map(os.environ.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))), None)
    if bundle and url.startswith("https:") and not os.path.exists(bundle):
        raise _WrongAnswer("was not asked" + _lost_certificates())
    part = folder / "part"
    progress = _ProgressLine(remote) if sys.stderr.isatty() else None
    try:
        # pooch's chunk of 1 KiB is slow: it flushes after each.
        download = pooch.HTTPDownloader(progressbar=progress, chunk_size=1 << 16, timeout=(CONNECT_S, TIMEOUT_S))
        download(url, str(part), None)
    finally:
        if progress:
            print(file=sys.stderr)
    problem = difference(remote, part)
    if problem:
        raise _WrongAnswer(f"answered with {problem}")
    return part


def _through_scikit_learn(remote: RemoteFile, url: str, folder: Path) -> Path:
    """Let scikit-learn download and pack the Olivetti faces, in the folder."""
    from deepmedia.datasets.probing import reachable

    if not reachable([url]):  # scikit-learn sets no time limit
        raise _WrongAnswer("could not be reached" + _lost_certificates())
    from sklearn.datasets import fetch_olivetti_faces

    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of each retry
            fetch_olivetti_faces(data_home=folder)
    except OSError as error:
        raise _WrongAnswer(f"scikit-learn could not use it ({error})" + _lost_certificates()) from error
    return folder / Path(remote.name).name


def _lost_certificates() -> str:
    """What to add to an error where a variable names certificates that are not there: no library says so clearly."""
    variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    lost = [f"{name}={os.environ[name]}" for name in variables if os.environ.get(name)]
    lost = [setting for setting in lost if not os.path.exists(setting.partition("=")[2])]
    return f"; {', '.join(lost)}: no such certificates, unset it or name the right ones" if lost else ""


def _reason(error: Exception) -> str:
    """A failed download in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered with HTTP status {error.response.status_code}"
    if isinstance(error, requests.ConnectTimeout):
        return f"could not be reached in {CONNECT_S} s"
    if isinstance(error, requests.Timeout):
        return f"gave no answer for {TIMEOUT_S} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"broke off before the end ({error})"
    if isinstance(error, requests.ConnectionError):
        cause = getattr(error.args[0] if error.args else None, "reason", error)
        return f"could not be reached ({str(cause).rpartition(': ')[2]}){_lost_certificates()}"
    return str(error)


class _ProgressLine:
    """A line on the terminal that grows with the download; pooch calls its methods."""

    def __init__(self, remote: RemoteFile) -> None:
        self.total = remote.size  # pooch writes the server's own figure here
        self._size, self._name, self._done, self._shown = remote.size, remote.name, 0, -1

    def update(self, count: int) -> None:
        """Count bytes that came, and rewrite the line when its percentage changes."""
        self._done = min(self._done + count, self._size)
        percent = 100 * self._done // self._size
        if percent != self._shown:
            self._shown = percent
            print(f"\r{self._name}: {percent:3d} % of {self._size / 1e6:.1f} MB", end="", file=sys.stderr, flush=True)

    def reset(self) -> None:
        """Start at zero again; pooch does so before it fills the line."""
        self._done = 0

    def close(self) -> None:
        """Nothing: the line is ended also when the download fails."""
