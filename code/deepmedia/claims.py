"""What a page says of the result of a run, beside the run that must bear it out.

A claim is a sentence of the prose, a caption, an alternative text, a quiz or an exercise that another seed or another
processor could turn round. The page states it in short in a hidden cell, with the condition under which it is true.
In a notebook a claim that holds is silent, and one that fails says so and stops nothing. The book's build collects
all claims with their outcomes.
"""

import os

import numpy as np

OTHERWISE = "On this machine this came out otherwise:"
RECORDING = "DEEPMEDIA_RECORD_CLAIMS"  # set by the build for the kernels of its pages


def claim(text: str, holds: object, /, **values: object) -> None:
    """State that the page's words about a result are true of this run.

    Args:
        text: The sentence in short, without a full stop, e.g. ``"the network beats the baseline"``.
        holds: Whether it is true here: a bool, NumPy's bool, or an array of one element.
        values: Numbers that decided it, by name, for who reads the list of claims, e.g. ``accuracy=0.91``.

    Raises:
        TypeError: If the condition is not one truth value, so that a forgotten comparison or ``.all()`` can't pass
            for a claim; if the text is empty or no text.

    >>> claim("two and two make four", 2 + 2 == 4)
    >>> claim("two and two make five", 2 + 2 == 5)
    On this machine this came out otherwise: two and two make five.
    """
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"text must be the claim's sentence, got {text!r}")
    outcome = np.asarray(holds)
    if outcome.dtype != bool or outcome.size != 1:
        raise TypeError(f"holds must be one truth value, got {holds!r}; is a comparison or .all() missing?")
    held = bool(outcome.reshape(()))
    if os.environ.get(RECORDING):
        _record({"text": text, "holds": held, "values": {name: _plain(value) for name, value in values.items()}})
    elif not held:
        print(f"{OTHERWISE} {text}.")


def _plain(value: object) -> object:
    """A value as JSON holds it: NumPy's scalars and arrays become Python's numbers and lists."""
    return np.asarray(value).tolist() if isinstance(value, (np.generic, np.ndarray, list, tuple)) else value


def _record(entry: dict) -> None:
    """Leave the claim in the cell's outputs, where the build finds it."""
    from IPython.display import display

    words = "" if entry["holds"] else f"{OTHERWISE} {entry['text']}."
    display({"text/plain": words}, raw=True, metadata={"claim": entry})
