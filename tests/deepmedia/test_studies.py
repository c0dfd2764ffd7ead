from importlib import resources

import pytest

from deepmedia import studies

FIELDS = {"question", "command", "commit", "date", "machine", "versions", "seeds", "seconds", "rows"}
NAMES = sorted(f.name.removesuffix(".json") for f in resources.files(studies).iterdir() if f.name.endswith(".json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_study_says_how_it_came_about(name):
    study = studies.load(name)
    assert set(study) == FIELDS
    assert study["command"] == f"make study NAME={name}"
    assert study["rows"]
    assert all(study[field] for field in FIELDS)


def test_there_is_a_study():
    assert "first_network" in NAMES


def test_an_unknown_study_is_refused_with_those_that_exist():
    with pytest.raises(FileNotFoundError, match=r"no study is named nosuch; the studies are: .*first_network"):
        studies.load("nosuch")
