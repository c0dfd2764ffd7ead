"""Write the files that ship in the package."""

from collections.abc import Mapping

from deepmedia.datasets.packaged import FILES


def write(files: Mapping[str, bytes]) -> None:
    """Write each content to its name below the package's files, through a temporary name."""
    for name, content in files.items():
        path = FILES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        part.write_bytes(content)
        part.replace(path)
        print(f"{len(content):10,} bytes  {path}")
