import numpy as np
import pytest

from deepmedia.claims import OTHERWISE, RECORDING, claim


@pytest.fixture(autouse=True)
def outside_the_build(monkeypatch):
    monkeypatch.delenv(RECORDING, raising=False)


def test_claim_that_holds_is_silent(capsys):
    claim("one is less than two", np.float32(1) < 2)
    assert capsys.readouterr().out == ""


def test_claim_that_fails_says_so_and_goes_on(capsys):
    claim("the first is larger", np.array([1]) > np.array([2]))
    assert capsys.readouterr().out == f"{OTHERWISE} the first is larger.\n"


@pytest.mark.parametrize("holds", [0.9, 1, "yes", None, [True, True], np.array([True, False]), np.array([], bool)])
def test_condition_that_is_not_one_truth_value_is_refused(holds):
    with pytest.raises(TypeError, match="one truth value"):
        claim("something", holds)


@pytest.mark.parametrize("text", ["", "  ", None, True])
def test_claim_without_a_sentence_is_refused(text):
    with pytest.raises(TypeError, match="sentence"):
        claim(text, True)


def test_build_finds_the_claim_in_the_outputs(monkeypatch, capsys):
    monkeypatch.setenv(RECORDING, "1")
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: shown.append((data, options)))
    claim("a is larger", False, a=np.float64(0.5), b=[np.int64(1), 2], name="x")
    ((data, options),) = shown
    assert data == {"text/plain": f"{OTHERWISE} a is larger."}
    assert options["metadata"]["claim"] == {
        "text": "a is larger",
        "holds": False,
        "values": {"a": 0.5, "b": [1, 2], "name": "x"},
    }
    assert capsys.readouterr().out == ""
