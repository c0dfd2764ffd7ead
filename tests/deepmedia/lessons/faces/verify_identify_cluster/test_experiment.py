import numpy as np
import pytest
from sklearn.decomposition import PCA

from deepmedia.faces.gallery import Gallery
from deepmedia.faces.preprocessing import whiten
from deepmedia.faces.synthetic import synthetic_attributes, synthetic_faces
from deepmedia.faces.trained import trained_small_facenet
from deepmedia.faces.training import embed
from deepmedia.lessons.faces.verify_identify_cluster import experiment
from deepmedia.lessons.faces.verify_identify_cluster.experiment import (
    albums,
    all_distances,
    baselines,
    displaced,
    door_rates,
    embed_drawn,
    group_rates,
    squared_distances,
    strict_threshold,
)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def crowd():
    """Twelve people with five noisy images each, as unit vectors."""
    random = np.random.default_rng(3)
    people = np.repeat(np.arange(12), 5)
    return unit(random.normal(size=(12, 6))[people] + 0.45 * random.normal(size=(60, 6))), people


def test_in_parts_the_embeddings_are_those_of_all_at_once(monkeypatch):
    monkeypatch.setattr(experiment, "PART", 4)
    network = trained_small_facenet()
    faces, _ = synthetic_faces("train", 3, 3)
    found = embed_drawn(network, synthetic_attributes("train", 3, 3), preprocess=whiten)
    np.testing.assert_allclose(found, embed(network, whiten(255 * faces)), atol=1e-5)


def test_baselines_are_centred_by_the_training_faces_and_of_length_one():
    training, test = synthetic_attributes("train", 40, 2), synthetic_attributes("test", 5, 2)
    found = baselines(training, test)
    known, faces = (synthetic_faces(*call)[0].reshape(-1, 64 * 64 * 3) for call in (("train", 40, 2), ("test", 5, 2)))
    np.testing.assert_allclose(found["pixels"], unit(faces - known.mean(axis=0)), atol=1e-5)
    exact = PCA(64, whiten=True, svd_solver="full").fit(known).transform(faces)
    assert found["eigenfaces"].shape == (10, 64)
    np.testing.assert_allclose(np.linalg.norm(found["eigenfaces"], axis=1), 1, atol=1e-5)
    leading = found["eigenfaces"][:, :10] / found["eigenfaces"][:, :1]  # free of length, and of signs below
    np.testing.assert_allclose(abs(leading), abs(exact[:, :10] / exact[:, :1]), rtol=0.02, atol=0.02)


def test_distances_of_pairs_are_those_of_loops(crowd, monkeypatch):
    monkeypatch.setattr(experiment, "PART", 3)
    points, _ = crowd
    pairs = np.random.default_rng(0).integers(0, 60, (11, 2))
    expected = [sum((points[i][k] - points[j][k]) ** 2 for k in range(6)) for i, j in pairs]
    np.testing.assert_allclose(squared_distances(points, pairs), expected, rtol=1e-5)


def test_all_distances_are_squared_and_not_negative(crowd):
    points, _ = crowd
    found = all_distances(points)
    np.testing.assert_allclose(found, ((points[:, None] - points[None]) ** 2).sum(axis=-1), atol=1e-5)
    assert found.min() >= 0


@pytest.mark.parametrize("templates", [1, 2])
def test_a_door_answers_as_galleries_do(crowd, templates):
    points, people = crowd
    thresholds = (0.15, 0.4, 0.9)
    found = door_rates(points, people, employees=5, thresholds=thresholds, templates=templates)
    for place, threshold in enumerate(thresholds):
        right, refused, let_in = [], [], []
        for start in (0, 5):  # two galleries of five; people 10 and 11 are strangers in both
            gallery, staff = Gallery(threshold=4), range(start, start + 5)
            for person in staff:
                gallery.enrol(f"{person}", points[people == person][:templates])
            gallery.threshold = threshold
            visits = [(person, gallery.identify(x)) for person in staff for x in points[people == person][templates:]]
            right.append(np.mean([match.name == f"{person}" for person, match in visits]))
            refused.append(np.mean([match.name == "unknown" for _, match in visits]))
            others = points[~np.isin(people, staff)]
            let_in.append(np.mean([gallery.identify(x).name != "unknown" for x in others]))
        assert found.right[place] == pytest.approx(np.mean(right))
        assert found.refused[place] == pytest.approx(np.mean(refused))
        assert found.let_in[place] == pytest.approx(np.mean(let_in))
        assert 0 < found.let_in[-1] < 1  # the thresholds tell something


@pytest.mark.parametrize("employees", [0, 12])
def test_a_door_needs_employees_and_strangers(crowd, employees):
    with pytest.raises(ValueError, match=f"employees must be 1 to 11, .* got {employees}"):
        door_rates(*crowd, employees=employees, thresholds=[1])


def test_the_strict_threshold_is_the_last_that_keeps_the_share(crowd):
    found = strict_threshold(*crowd, employees=5, let_in=0.1)
    rates = door_rates(*crowd, employees=5, thresholds=[found, found + 0.0051])
    assert rates.let_in[0] <= 0.1 < rates.let_in[1]


def test_where_all_is_too_much_the_smallest_threshold_is_left():
    points = unit(np.ones((6, 2)))
    assert strict_threshold(points, [0, 0, 0, 1, 1, 1], employees=1, let_in=0.1) == pytest.approx(0.005)


def test_albums_share_nobody_and_have_the_sizes():
    people = np.repeat([7, 3, 5, 9, 1], 3)
    found = albums(people, (3, 1))
    assert [people[rows].tolist() for rows in found] == [[1, 1, 1, 3], [5, 5, 5, 7]]  # person 9 is left over
    assert len(set(np.concatenate(found).tolist())) == 8


def test_rates_of_a_group_are_counted_by_hand():
    # people a, a, b, b, c on a line; faces 0 to 3 are in the group
    place = np.array([0.0, 0.3, 0.5, 2.0, 0.1])
    distances = abs(place[:, None] - place)
    found = group_rates(distances, [4, 4, 6, 6, 8], 0.4, [True, True, True, True, False])
    # one person: 0.3 near, 1.5 far. Two people: 0-2 0.5, 0-3 2, 1-2 0.2, 1-3 1.7: one of four is near
    assert (found.false_match, found.false_non_match, found.people) == (1 / 4, 1 / 2, 2)


def test_rates_between_groups_take_a_face_of_each():
    place = np.array([0.0, 0.3, 0.5, 2.0, 0.1])
    distances = abs(place[:, None] - place)
    first, second = np.array([[1, 0, 0, 1, 0], [0, 1, 1, 0, 1]], bool)
    found = group_rates(distances, [4, 4, 6, 6, 8], 0.4, first, second)
    # one person: 0-1 near, 2-3 far. Two: 0-2 far, 0-4 near, 3-1 and 3-4 far
    assert (found.false_match, found.false_non_match, found.people) == (1 / 4, 1 / 2, 3)


def test_intervals_of_a_group_hold_its_rates_and_narrow_with_more_people(crowd):
    points, people = crowd
    many, crowds = np.tile(points, (4, 1)), np.concatenate([people + 12 * copy for copy in range(4)])
    one, four = (group_rates(all_distances(x), who, 0.4, who >= 0) for x, who in ((points, people), (many, crowds)))
    for rates in (one, four):
        assert rates.false_match_interval[0] <= rates.false_match <= rates.false_match_interval[1]
        assert rates.false_non_match_interval[0] < rates.false_non_match < rates.false_non_match_interval[1]
    assert four.false_non_match == pytest.approx(one.false_non_match)
    widths = [np.ptp(rates.false_non_match_interval) for rates in (one, four)]
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.25)  # by the square root of the number


@pytest.fixture
def spot():
    """Sixteen images with one bright square of 4 pixels around (16, 12) from the left and above."""
    images = np.zeros((16, 32, 32, 1), np.float32)
    images[:, 10:14, 14:18] = 1
    return images


def centres(images):
    rows, columns = np.mgrid[:32, :32] + 0.5
    weight = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]
    return np.stack([(weight * columns).sum(axis=(1, 2)), (weight * rows).sum(axis=(1, 2))], axis=1)


def test_a_shift_has_its_length_in_many_directions(spot):
    moves = centres(displaced(spot, shift=5)) - (16, 12)
    np.testing.assert_allclose(np.hypot(*moves.T), 5, atol=0.05)
    assert len({tuple(move > 0) for move in moves}) == 4


def test_a_turn_goes_to_both_sides_about_the_middle(spot):
    x, y = (centres(displaced(spot, degrees=30)) - 16).T
    np.testing.assert_allclose(np.hypot(x, y), 4, atol=0.1)
    assert set(np.round(np.degrees(np.arctan2(x, -y)), 0).tolist()) == {-30, 30}


def test_a_zoom_makes_larger_and_smaller(spot):
    moved = displaced(spot, zoom=1.5)
    heights = np.sort(16 - centres(moved)[:, 1])
    np.testing.assert_allclose(heights, np.where(heights > 4, 4 * 1.5, 4 / 1.5), atol=0.1)
    assert 0 < np.sum(heights > 4) < 16
    np.testing.assert_array_equal(displaced(spot), spot)
