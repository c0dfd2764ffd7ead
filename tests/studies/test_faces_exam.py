import numpy as np
import pytest

from deepmedia.studies import load
from studies import faces_exam

ROWS = load("faces_exam")["rows"]
PIXELS = [row for row in ROWS if row["method"].startswith("pixels")]
EIGENFACES = [row for row in ROWS if row["method"] == "eigenfaces"]


def test_the_study_tries_three_draws_three_inputs_and_five_numbers_of_dimensions():
    assert {(row["seed"], row["input"]) for row in ROWS} == {(s, i) for s in (0, 1, 2) for i in faces_exam.INPUTS}
    assert (len(PIXELS), len(EIGENFACES)) == (27, 36)
    assert all(row["dimensions"] == [8, 16, 32, 64, 128] for row in EIGENFACES)


def test_pixels_fail_the_exam():
    assert 0.5 < max(row["best"] for row in PIXELS) <= 0.75


def test_eigenfaces_fail_the_exam():
    assert 0.5 < max(row["best"] for row in EIGENFACES) <= 0.85


def test_best_is_the_best():
    assert all(row["best"] == max(row["accuracies"]) for row in ROWS)


def test_points_that_are_the_identity_pass():
    # 40 people with three images each, and nothing but the person in them: every method must tell them apart
    people = np.random.default_rng(0).normal(size=(40, 200)).astype(np.float32)
    images = np.repeat(people, 3, axis=0)
    first, second = np.triu_indices(120, 1)
    labels = np.repeat(np.arange(40), 3)
    kinds = labels[first] == labels[second]
    chosen = np.concatenate(
        [np.concatenate([np.flatnonzero(kinds)[i::10], np.flatnonzero(~kinds)[i : i + 12]]) for i in range(10)]
    )
    pairs = np.stack([first[chosen], second[chosen]], axis=1)
    training = np.random.default_rng(1).normal(size=(300, 200)).astype(np.float32)
    rows = faces_exam.exam(training, images, pairs, kinds[chosen])
    assert [row["best"] for row in rows] == [1] * 7
    assert [row["method"] for row in rows] == ["pixels"] * 2 + ["pixels less the mean face"] + ["eigenfaces"] * 4


def test_noise_alone_gives_a_coin_s_accuracy():
    noise = np.random.default_rng(0).normal(size=(400, 200)).astype(np.float32)
    pairs = np.random.default_rng(1).integers(0, 400, (1000, 2))
    pairs[:, 1] = (pairs[:, 0] + 1 + pairs[:, 1] % 399) % 400
    rows = faces_exam.exam(noise, noise, pairs, np.arange(1000) % 2 == 0)
    assert all(abs(accuracy - 0.5) < 0.07 for row in rows for accuracy in row["accuracies"])


@pytest.mark.parametrize(("distance", "expected"), [("euclidean", [5, 0]), ("cosine", [1, 0])])
def test_distances_match_hand_computed_ones(distance, expected):
    first = np.array([[1, 0], [3, 4]], np.float32)
    second = np.array([[0, 2], [3, 4]], np.float32)
    np.testing.assert_allclose(faces_exam.DISTANCES[distance](first, second), expected, atol=1e-6)
