"""Results of runs too long for a page; `make study NAME=...` repeats them."""

import json
from importlib import resources


def load(name: str) -> dict:
    """The committed result of a study.

    Args:
        name: File name without ``.json``, e.g. ``"first_network"``.

    Returns:
        ``question``, ``command``, ``commit``, ``date``, ``machine``, ``versions``,
        ``seeds``, ``seconds`` and ``rows``, a list of dictionaries whose keys are
        the study's own.

    Raises:
        FileNotFoundError: If there is no such study; the text lists those that exist.
    """
    folder = resources.files(__name__)
    file = folder / f"{name}.json"
    if not file.is_file():
        known = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
        raise FileNotFoundError(f"no study is named {name}; the studies are: {', '.join(known)}")
    return json.loads(file.read_text("utf-8"))
