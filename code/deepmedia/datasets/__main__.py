"""List the registry and download what is named: ``python -m deepmedia.datasets [NAME ...]``."""

import argparse
import sys
from collections.abc import Sequence

from deepmedia.datasets import registry
from deepmedia.datasets.fetching import DataUnavailable, difference, fetch
from deepmedia.datasets.packaged import shipped
from deepmedia.datasets.registry import RemoteFile, registered_under
from deepmedia.datasets.settings import data_folder, kept


def state(remote: RemoteFile) -> str:
    """``present``, ``in package``, ``missing`` or ``wrong``, after reading the whole file."""
    if path := kept(remote.name):
        return "wrong" if difference(remote, path) else "present"
    return "in package" if shipped(remote.name) else "missing"


def show() -> None:
    """Print a line for each file of the registry."""
    files = list(registry.REGISTRY.values())
    states = [state(remote) for remote in files]
    print(f"Data folder: {data_folder()}")
    for remote, found in zip(files, states, strict=True):
        print(f"{found:10}  {remote.size / 1e6:6.1f} MB  {remote.name}")
    missing = sum(remote.size for remote, found in zip(files, states, strict=True) if found == "missing")
    counts = ", ".join(f"{states.count(kind)} {kind}" for kind in dict.fromkeys(states))
    print(f"{len(files)} files: {counts}; {missing / 1e6:.1f} MB to download")


def download(names: Sequence[str]) -> bool:
    """Fetch all files of the names, whatever fails on the way; whether all are here."""
    chosen = list(registry.REGISTRY) if "all" in names else names
    files = [remote for name in chosen for remote in registered_under(name)]
    failures = 0
    for remote in files:
        try:
            print(fetch(remote.name))
        except DataUnavailable as error:
            failures += 1
            print(error, file=sys.stderr)
    if failures:
        print(f"{failures} of {len(files)} files could not be had", file=sys.stderr)
    return not failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if all went well, 1 if a file or the data folder could not be had, 2 for a wrong name."""
    parser = argparse.ArgumentParser(
        prog="python -m deepmedia.datasets",
        description="Without names: list the data that the book can use, and what of it is here. "
        "With names: download them into the data folder (DEEPMEDIA_DATA, or the user's cache folder).",
    )
    parser.add_argument("name", nargs="*", help="a file, a folder such as fashion-mnist, or all")
    names = parser.parse_args(arguments).name
    try:
        if names:
            return 0 if download(names) else 1
        show()
    except DataUnavailable as error:  # there is no data folder
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:  # a wrong name, or variables that contradict each other
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
