"""Numbers that a page computes and its prose shows."""

import importlib.util

import numpy as np


def glue(name: str, value: object) -> None:
    """Give a value a name that the page's prose can show.

    In the book's build the value goes to MyST-NB, which puts it into the text;
    in a notebook elsewhere it is printed.

    Args:
        name: Dotted name, part first, e.g. ``"cnn.first.test_accuracy"``.
        value: A number, or short text. NumPy's scalars become Python's, so that
            a format such as ``:.1%`` works on them.

    Raises:
        TypeError: If the value is neither a number nor text.

    >>> glue("cnn.example", np.float32(0.5))  # doctest: +SKIP
    cnn.example = 0.5
    """
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, (int, float, str)):
        raise TypeError(f"value of {name} must be a number or text, got {type(value).__name__}")
    if importlib.util.find_spec("myst_nb") is None:
        print(f"{name} = {value}")
        return
    from myst_nb import glue as glue_in_page

    glue_in_page(name, value, display=False)
