"""Where the files lie that ship inside the package; what needs one names its folder itself (see bookbuild's keys)."""

from pathlib import Path

from deepmedia.datasets.registry import REGISTRY

FILES = Path(__file__).with_name("files")


def shipped(name: str) -> Path | None:
    """A file of the registry that the package holds too, or None.

    >>> shipped("darknet/yolov3.weights") is None
    True
    """
    path = FILES / name
    # A sample has the name of the whole file, but not its size.
    whole = name in REGISTRY and path.is_file() and path.stat().st_size == REGISTRY[name].size
    return path if whole else None
