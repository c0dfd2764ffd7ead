"""A page's source cell in its notebook: unchanged it changes nothing, and a changed line reaches the next cell."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from deepmedia.source import reset


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell of its own, with the extension loaded as a notebook's first cell loads it."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = InteractiveShell()
    made.history_manager.enabled = False
    made.run_cell("%load_ext deepmedia.source\nimport numpy as np").raise_error()
    yield made
    reset()


def printed(shell, *cells: str) -> str:
    """What cells print."""
    with capture_output() as captured:
        for cell in cells:
            shell.run_cell(cell).raise_error()
    return captured.stdout


def test_a_changed_line_changes_what_the_next_cell_computes(shell, exported):
    code = [cell.source for cell in exported("fundamentals/neurons").cells if cell.cell_type == "code"]
    place = next(number for number, source in enumerate(code) if "\ndef sigmoid(" in source)
    source, following = code[place], code[place + 1]
    assert "sigmoid(" in following

    plain = printed(shell, following)
    unchanged = printed(shell, source, following)
    last_line = source.rstrip().splitlines()[-1]
    changed = printed(shell, source.replace(last_line, "    return z * 100"), following)
    back = printed(shell, source, following)

    assert plain
    assert plain == unchanged == back
    assert "-500.0" in changed
    assert "-500.0" not in plain
