import importlib.util
import subprocess
import sys

import numpy as np
import pytest

import deepmedia
from deepmedia.gluing import glue


def test_without_mystnb_the_value_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    glue("cnn.share", np.float32(0.5))
    assert capsys.readouterr().out == "cnn.share = 0.5\n"


def test_with_mystnb_a_plain_number_reaches_the_page(monkeypatch):
    calls = []
    pytest.importorskip("myst_nb")  # the book's, not the package's
    monkeypatch.setattr("myst_nb.glue", lambda name, value, display: calls.append((name, value, display)))
    glue("cnn.count", np.int64(7))
    assert calls == [("cnn.count", 7, False)]
    assert type(calls[0][1]) is int


@pytest.mark.parametrize("value", [[1, 2], None, np.zeros(2)])
def test_only_numbers_and_text_are_glued(value):
    with pytest.raises(TypeError, match=r"value of cnn\.x must be a number or text"):
        glue("cnn.x", value)


def test_importing_the_package_is_cheap():
    code = "import sys, deepmedia; print(sorted({'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert deepmedia.glue is glue
