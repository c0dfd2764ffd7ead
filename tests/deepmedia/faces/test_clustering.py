import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.metrics.cluster import pair_confusion_matrix

from deepmedia.faces.clustering import ClusterScores, b_cubed_scores, cluster_faces, pairwise_scores


def on_a_circle(*degrees):
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def blobs(seed, people=6, faces=5, spread=0.12):
    """Noisy faces of some people in eight dimensions, mixed, with who each is."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(people), faces))
    points = random.normal(size=(people, 8))[labels] + spread * random.normal(size=(people * faces, 8))
    return points / np.linalg.norm(points, axis=1, keepdims=True), labels


def by_loops(points, threshold, method):
    """Sets of rows, the two nearest joined again and again."""
    reduce = {"average": np.mean, "complete": np.max, "single": np.min}[method]
    clusters = [[i] for i in range(len(points))]
    while len(clusters) > 1:
        distances = {
            (a, b): reduce([np.sum((points[i] - points[j]) ** 2) for i in clusters[a] for j in clusters[b]])
            for a in range(len(clusters))
            for b in range(a)
        }
        (a, b), nearest = min(distances.items(), key=lambda item: item[1])
        if nearest > threshold:
            break
        clusters[b] += clusters.pop(a)
    return {frozenset(each) for each in clusters}


def groups(clusters):
    return {frozenset(np.flatnonzero(clusters == number).tolist()) for number in range(clusters.max() + 1)}


@pytest.mark.parametrize("method", ["average", "complete", "single"])
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_those_of_plain_loops(seed, method):
    points, _ = blobs(seed, faces=3, spread=0.35)
    sizes = set()
    for threshold in (0.15, 0.7, 1.6):
        expected = by_loops(points, threshold, method)
        assert groups(cluster_faces(points, threshold=threshold, method=method)) == expected
        sizes.add(len(expected))
    assert len(sizes) == 3


def test_by_single_linkage_they_are_those_of_dbscan_where_one_face_is_enough():
    points, _ = blobs(3, spread=0.3)
    found = DBSCAN(eps=np.sqrt(0.4), min_samples=1).fit_predict(points)
    clusters = cluster_faces(points, threshold=0.4, method="single")
    assert 3 < found.max() < 25
    assert groups(found) == groups(clusters)


def test_people_far_apart_become_the_clusters():
    points, labels = blobs(0)
    clusters = cluster_faces(points, threshold=0.5)
    assert pairwise_scores(labels, clusters) == b_cubed_scores(labels, clusters) == ClusterScores(1, 1)


def test_a_chain_is_one_cluster_by_single_linkage_alone():
    chain = on_a_circle(0, 20, 40, 60, 80)  # steps of .121; both halves lie .47 and more apart
    assert cluster_faces(chain, threshold=0.13, method="single").tolist() == [0] * 5
    assert cluster_faces(chain, threshold=0.13, method="complete").max() == 2
    assert cluster_faces(chain, threshold=0.13).max() == 2


def test_a_distance_of_just_the_threshold_joins():
    two = [[0.0, 0.0], [0.5, 0.0]]
    assert cluster_faces(two, threshold=0.25).tolist() == [0, 0]
    assert cluster_faces(two, threshold=np.nextafter(0.25, 0)).tolist() == [0, 1]


def test_the_largest_cluster_has_number_0_and_equal_ones_are_in_the_order_of_their_first_faces():
    faces = on_a_circle(300, 200, 10, 12, 205, 14, 100)
    assert cluster_faces(faces, threshold=0.1).tolist() == [2, 1, 0, 0, 1, 0, 3]


def test_no_face_one_face_and_equal_faces():
    for none in ([], np.zeros((0, 128))):
        clusters = cluster_faces(none, threshold=1)
        assert clusters.shape == (0,)
        assert clusters.dtype == np.int64
    assert cluster_faces([[1.0, 0.0]], threshold=1).tolist() == [0]
    assert cluster_faces(np.ones((3, 4)), threshold=1e-9).tolist() == [0, 0, 0]


def test_what_is_no_embedding_or_no_setting_is_refused():
    faces = on_a_circle(0, 90)
    with pytest.raises(ValueError, match=r"embeddings must be \(n, size\), got shape \(2,\); one face is"):
        cluster_faces(faces[0], threshold=1)
    with pytest.raises(ValueError, match=r"got shape \(2, 0\)"):
        cluster_faces(np.zeros((2, 0)), threshold=1)
    with pytest.raises(ValueError, match=r"embeddings must be finite, got nan at \[1, 0\]"):
        cluster_faces([[0, 1], [np.nan, 1]], threshold=1)
    with pytest.raises(TypeError, match="embeddings must hold real numbers"):
        cluster_faces([["a", "b"]], threshold=1)
    with pytest.raises(ValueError, match="threshold must be finite and above 0, got 0"):
        cluster_faces(faces, threshold=0)
    with pytest.raises(ValueError, match=r"method must be .* got 'ward'"):
        cluster_faces(faces, threshold=1, method="ward")


# Ann 4, Bo 3, Cy 1; clusters: 0 holds three Ann and one Bo, 1 one Ann and two Bo, 2 Cy
LABELS = ["Ann"] * 4 + ["Bo"] * 3 + ["Cy"]
CLUSTERS = [0, 0, 0, 1, 0, 1, 1, 2]


def test_pairs_counted_by_hand():
    # clusters hold 6 + 3 pairs, people 6 + 3; right are three of Ann and one of Bo
    scores = pairwise_scores(LABELS, CLUSTERS)
    assert (scores.precision, scores.recall, scores.f1) == (4 / 9, 4 / 9, 4 / 9)


def test_b_cubed_counted_by_hand():
    scores = b_cubed_scores(LABELS, CLUSTERS)
    # cluster 0: three times 3/4 and once 1/4; cluster 1: once 1/3, twice 2/3; Cy 1
    assert scores.precision == pytest.approx((3 * 3 / 4 + 1 / 4 + 1 / 3 + 2 * 2 / 3 + 1) / 8)
    # Ann: three times 3/4 and once 1/4; Bo once 1/3, twice 2/3
    assert scores.recall == pytest.approx((3 * 3 / 4 + 1 / 4 + 1 / 3 + 2 * 2 / 3 + 1) / 8)
    scores = b_cubed_scores(LABELS, [0] * 8)
    assert scores.precision == pytest.approx((16 + 9 + 1) / 64)
    assert scores.recall == 1
    assert scores.f1 == pytest.approx(2 * 26 / 64 / (1 + 26 / 64))


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_scikit_learn_and_of_plain_loops(seed):
    random = np.random.default_rng(seed)
    labels, clusters = random.integers(0, 5, 30), random.integers(-1, 6, 30)
    (_, false), (missed, right) = pair_confusion_matrix(labels, clusters)
    scores = pairwise_scores(labels, clusters)
    assert scores.precision == pytest.approx(right / (right + false))
    assert scores.recall == pytest.approx(right / (right + missed))
    precision = [np.mean(labels[clusters == clusters[i]] == labels[i]) for i in range(30)]
    recall = [np.mean(clusters[labels == labels[i]] == clusters[i]) for i in range(30)]
    scores = b_cubed_scores(labels, clusters)
    assert scores.precision == pytest.approx(np.mean(precision))
    assert scores.recall == pytest.approx(np.mean(recall))


def test_faces_alone_and_one_face():
    alone = np.arange(4)
    assert pairwise_scores(alone, alone) == ClusterScores(1, 1)  # no pair to judge
    scores = pairwise_scores([0, 0, 1, 1], alone)
    assert (scores.precision, scores.recall, scores.f1) == (1, 0, 0)
    assert b_cubed_scores([0, 0, 1, 1], alone) == ClusterScores(1, 0.5)
    assert pairwise_scores([0, 1, 2, 3], [0, 0, 0, 0]) == ClusterScores(0, 1)
    assert pairwise_scores([7], [3]) == b_cubed_scores(["Ann"], [3]) == ClusterScores(1, 1)
    assert ClusterScores(0, 0).f1 == 0


@pytest.mark.parametrize("score", [pairwise_scores, b_cubed_scores])
def test_what_can_not_be_scored_is_refused(score):
    with pytest.raises(ValueError, match=r"at least one, got shapes \(0,\) and \(0,\)"):
        score([], [])
    with pytest.raises(ValueError, match=r"one a face, \(n,\), at least one, got shapes \(2,\) and \(3,\)"):
        score([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match=r"got shapes \(1, 2\) and \(1, 2\)"):
        score([[0, 1]], [[0, 1]])
    with pytest.raises(TypeError, match="clusters must be whole numbers or names, got float64"):
        score([0, 1], [0.0, np.nan])
