"""`%%source` and `%source` in IPython, as a notebook's cells call them."""

import numpy as np
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from deepmedia.fundamentals import activations
from deepmedia.source import reset

SIGMOID = "%%source deepmedia.fundamentals.activations\ndef sigmoid(z):\n    return z + {}\n"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell of its own, with the extension loaded as a notebook's first cell loads it."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = InteractiveShell()
    made.history_manager.enabled = False
    run(made, "%load_ext deepmedia.source\nfrom deepmedia.fundamentals import sigmoid")
    yield made
    reset()


def run(shell, cell: str):
    """What a cell gives; its error is raised."""
    done = shell.run_cell(cell)
    done.raise_error()
    return done.result


def test_a_cell_changes_what_the_next_cell_computes(shell, capsys):
    before = run(shell, "sigmoid(1.0)")
    run(shell, SIGMOID.format(10))
    assert run(shell, "sigmoid(1.0)") == 11.0
    assert (
        "Redefined: deepmedia.fundamentals.activations.sigmoid. To take it back: %source reset"
        in capsys.readouterr().out
    )
    run(shell, "%source reset deepmedia.fundamentals.activations.sigmoid")
    assert run(shell, "sigmoid(1.0)") == before == pytest.approx(1 / (1 + np.exp(-1)))
    assert "Taken back: deepmedia.fundamentals.activations.sigmoid." in capsys.readouterr().out


def test_the_line_says_what_is_redefined(shell, capsys):
    run(shell, "%source")
    run(shell, SIGMOID.format(1))
    run(shell, "%source")
    run(shell, "%source reset")
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.endswith("reset")]
    name = "deepmedia.fundamentals.activations.sigmoid"
    assert lines == ["Redefined: nothing.", f"Redefined: {name}.", f"Taken back: {name}."]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%source deepmedia.nothing\ndef f():\n    pass", "no module or class 'nothing'"),
        ("%%source\ndef f():\n    pass", "'' is no module of deepmedia"),
        ("%%source deepmedia.fundamentals.activations\ndef sigmoids(z):\n    return z", "does not define 'sigmoids'"),
        ("%source rest", "write %source, %source reset, or"),
        ("%source reset deepmedia.nothing", "no module or class 'nothing'"),
    ],
)
def test_an_error_is_one_plain_sentence(shell, cell, message):
    with pytest.raises(UsageError, match=message):
        run(shell, cell)


def test_a_syntax_error_is_pythons_own_and_changes_nothing(shell):
    before = activations.sigmoid.__code__
    with pytest.raises(SyntaxError):
        run(shell, "%%source deepmedia.fundamentals.activations\ndef sigmoid(z):\n    return z +\n")
    assert activations.sigmoid.__code__ is before


def test_a_constant_that_was_imported_into_the_notebook_follows(shell):
    run(shell, "from deepmedia.claims import OTHERWISE")
    run(shell, "%%source deepmedia.claims\nOTHERWISE = 'Else:'")
    assert run(shell, "OTHERWISE") == "Else:"
