"""Files that are whole or not there: a kill while one is written leaves the old file, or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: str | Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a file to write, under a temporary name in the same folder; it gets its own name when all is on the disk.

    Args:
        path: The file. One that is there is replaced, or stays as it was where an error ends the block.
        private: Whether only its owner may read it (on systems with such rights).

    Yields:
        The open file, for bytes.

    Raises:
        FileNotFoundError: If the folder does not exist.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")  # beside the longest name that may be
    rights = 0o600 if private else 0o666  # less what the umask takes away
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, rights), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # on the disk, not only on its way
        unfinished.replace(path)  # the new name, all at once
    finally:
        unfinished.unlink(missing_ok=True)


_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn line ends
