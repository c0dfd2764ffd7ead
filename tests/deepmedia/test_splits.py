import numpy as np
import pytest

from deepmedia.splits import train_validation_split

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def test_the_parts_are_all_cases_and_share_none():
    train, validation = train_validation_split(LABELS, validation=20)
    assert sorted([*train, *validation]) == list(range(100))
    assert len(validation) == 20


def test_each_class_keeps_its_share():
    _, validation = train_validation_split(LABELS, validation=20)
    assert np.bincount(LABELS[validation]).tolist() == [12, 6, 2]


def test_the_seed_decides():
    parts = [train_validation_split(LABELS, validation=20, seed=seed)[1].tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


@pytest.mark.parametrize("validation", [2, 98])
def test_a_part_without_each_class_is_refused(validation):
    with pytest.raises(ValueError, match=f"each of the 3 classes, got {validation} of 100"):
        train_validation_split(LABELS, validation=validation)
