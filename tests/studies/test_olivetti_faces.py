"""The splits and the scoring of the study; its trainings are its own test."""

import numpy as np
import pytest

from deepmedia import studies
from studies.olivetti_faces import PEOPLE, SEEDS, deal_accuracies, eigenfaces, split_people, unit, validation_people


def test_the_first_four_tens_of_strangers_are_all_forty_people():
    strangers = np.concatenate([split_people(split)[1] for split in range(4)])
    np.testing.assert_array_equal(np.sort(strangers), np.arange(PEOPLE))


@pytest.mark.parametrize("split", SEEDS)
def test_nobody_validates_or_trains_who_is_a_stranger(split):
    known, strangers = split_people(split)
    training, validating = validation_people(known, split)
    assert len(strangers) == 10
    assert (len(training), len(validating)) == (22, 8)
    np.testing.assert_array_equal(np.sort(np.concatenate([training, validating, strangers])), np.arange(PEOPLE))


def test_points_that_are_the_person_are_told_apart_without_error():
    people = np.repeat(np.arange(10), 10)
    assert deal_accuracies(np.eye(10)[people], people) == [1.0] * 5


def test_eigenfaces_of_mirror_images_are_those_of_the_images():
    random = np.random.default_rng(0)
    faces, people = random.normal(size=(150, 12, 12, 3)).astype(np.float32), np.repeat(np.arange(15), 10)
    found = eigenfaces(faces, people, faces[:20])
    turned = eigenfaces(faces, people, faces[:20, :, ::-1])
    for method in ("whitened eigenfaces, mirror images", "eigenfaces scaled within people, mirror images"):
        np.testing.assert_allclose(found[method], turned[method], atol=1e-3)
    assert np.abs(found["pixels"] - turned["pixels"]).max() > 0.1


def test_rows_are_brought_to_length_one():
    np.testing.assert_allclose(unit(np.array([[3.0, 4], [0, -2]])), [[0.6, 0.8], [0, -1]])


def test_a_split_takes_the_setting_that_its_own_validation_chose():
    rows = studies.load("olivetti_faces")["rows"]
    for split in SEEDS:
        own = [row for row in rows if row["split"] == split]
        chosen = next(row for row in own if row["method"] == "chosen")
        tried = [row for row in own if row["stage"] == "selection" and row["method"].startswith("small FaceNet")]
        best = max(tried, key=lambda row: row["accuracy"])["method"]
        tested = next(row for row in own if row["stage"] == "test" and row["method"] == best)
        assert chosen["accuracy"] == tested["accuracy"]
        assert len(own) == 17  # 8 methods in two stages, and the chosen one
