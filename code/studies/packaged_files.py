"""Write the files that ship in the package."""

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.packaged import FILES


def npz_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """The arrays as a NumPy archive; the same bytes each time."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def write(files: Mapping[str, bytes]) -> None:
    """Write each content to its name below the package's files, through a temporary name."""
    for name, content in files.items():
        path = FILES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        part.write_bytes(content)
        part.replace(path)
        print(f"{len(content):10,} bytes  {path}")
