"""The benchmark's four numbers: its own golden cases, plain loops, scikit-learn, and what is refused."""

import random
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from deepmedia.datasets import youtube8m_sample
from deepmedia.video import (
    global_average_precision,
    hit_at_one,
    mean_average_precision,
    multi_hot,
    precision_at_equal_recall_rate,
)

ALL = (hit_at_one, precision_at_equal_recall_rate, global_average_precision, mean_average_precision)
# Scores and labels that were put through the benchmark's own code.
SCORES = np.array([[0.9, 0.2, 0.1, 0.4], [0.3, 0.8, 0.6, 0.05], [0.5, 0.55, 0.7, 0.65]])
LABELS = np.array([[1, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 1]])


def test_the_benchmarks_own_results():
    assert hit_at_one(SCORES, LABELS) == pytest.approx(1 / 3)
    assert precision_at_equal_recall_rate(SCORES, LABELS) == pytest.approx(0.5)
    assert global_average_precision(SCORES, LABELS) == pytest.approx(0.6592857142857144, abs=1e-12)
    assert global_average_precision(SCORES, LABELS, top=2) == pytest.approx(0.5533333, abs=1e-7)
    assert mean_average_precision(SCORES, LABELS) == pytest.approx(0.8333333, abs=1e-7)
    assert mean_average_precision(SCORES, LABELS, top=2) == pytest.approx(0.6666667, abs=1e-7)


def test_the_benchmarks_own_results_where_a_video_has_no_label():
    labels = LABELS * [[1], [0], [1]]
    assert global_average_precision(SCORES, labels) == pytest.approx(0.6071429, abs=1e-7)
    assert precision_at_equal_recall_rate(SCORES, labels) == pytest.approx(0.5)


def test_the_benchmarks_own_results_where_all_scores_are_0():
    scores, labels = np.zeros((1, 4)), [[1, 1, 0, 0]]
    assert hit_at_one(scores, labels) == 1
    assert precision_at_equal_recall_rate(scores, labels) == 0
    assert global_average_precision(scores, labels) == pytest.approx(0.75)


def test_average_precision_of_one_list():
    # one class, five videos: hits at ranks 1, 3 and 5 of five give (1/1 + 2/3 + 3/5) / 3
    scores, labels = np.array([[0.9, 0.8, 0.7, 0.6, 0.5]]), [[1, 0, 1, 0, 1]]
    expected = (1 + 2 / 3 + 3 / 5) / 3
    assert expected == pytest.approx(0.7555556, abs=1e-7)
    assert global_average_precision(scores, labels) == pytest.approx(expected)
    assert mean_average_precision(scores.T, np.transpose(labels)) == pytest.approx(expected)


def test_labels_beyond_the_highest_scores_count_as_missed():
    scores, labels = np.linspace(1, 0, 30)[None], np.ones((1, 30))
    assert global_average_precision(scores, labels) == pytest.approx(20 / 30)
    assert mean_average_precision(scores, labels) == pytest.approx(20 / 30)


# The definitions once more, a plain loop each, with every tie resolved as the benchmark's code does.


def loop_hit_at_one(scores, labels):
    hits = 0
    for row, flags in zip(scores.tolist(), labels.tolist(), strict=True):
        hits += flags[row.index(max(row))]
    return hits / len(scores)


def loop_perr(scores, labels):
    total = 0.0
    for row, flags in zip(scores, labels, strict=True):
        wanted = sum(flags.tolist())
        best = np.argpartition(row, -wanted)[-wanted:].tolist() if wanted else []
        total += sum(1 for each in best if row[each] > 0 and flags[each]) / max(wanted, 1)
    return total / len(scores)


def loop_average_precision(entries, positives):
    """Insert into a heap by sifting up, shuffle, sort, add up."""
    heap = []
    for entry in entries:
        heap.append(entry)
        place = len(heap) - 1
        while place and heap[place] < heap[(place - 1) // 2]:
            parent = (place - 1) // 2
            heap[place], heap[parent] = heap[parent], heap[place]
            place = parent
    random.seed(0)
    heap = [heap[place] for place in random.sample(range(len(heap)), len(heap))]
    found, total = 0, 0.0
    for rank, (_, flag) in enumerate(sorted(heap, key=lambda entry: -entry[0]), start=1):
        if flag:
            found += 1
            total += found / rank
    return total / positives if positives else 0.0


def loop_lists(scores, labels, top):
    lists = [[] for _ in range(scores.shape[1])]
    for row, flags in zip(scores, labels, strict=True):
        for each in np.argpartition(row, -min(top, len(row)))[-min(top, len(row)) :]:
            lists[each].append((float(row[each]), int(flags[each])))
    return lists


def loop_gap(scores, labels, top=20):
    entries = [entry for of_class in loop_lists(scores, labels, top) for entry in of_class]
    return loop_average_precision(entries, labels.sum())


def loop_map(scores, labels, top=20):
    found = [
        loop_average_precision(entries, labels[:, number].sum())
        for number, entries in enumerate(loop_lists(scores, labels, top))
        if labels[:, number].any()
    ]
    return np.mean(found) if found else 0.0


@given(
    st.integers(1, 12),
    st.integers(1, 40),
    st.sampled_from([2, 5, 100, 10**6]),
    st.floats(0, 0.6),
    st.integers(0, 10**6),
)
def test_random_cases_agree_with_plain_loops(videos, classes, levels, density, seed):
    # few levels make many ties; low densities make videos and classes without labels
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, (videos, classes)) / levels
    labels = (rng.random((videos, classes)) < density).astype(int)
    assert hit_at_one(scores, labels) == pytest.approx(loop_hit_at_one(scores, labels), abs=1e-12)
    assert precision_at_equal_recall_rate(scores, labels) == pytest.approx(loop_perr(scores, labels), abs=1e-12)
    for top in (20, 3):
        expected = loop_gap(scores, labels, top), loop_map(scores, labels, top)
        assert global_average_precision(scores, labels, top=top) == pytest.approx(expected[0], abs=1e-12)
        assert mean_average_precision(scores, labels, top=top) == pytest.approx(expected[1], abs=1e-12)


@pytest.mark.parametrize("classes", [3, 15, 20])
def test_with_all_scores_they_are_scikit_learns(classes):
    # its ties stand on one threshold, the benchmark's in some order: so only scores that are no label's may be equal
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = (rng.random((25, classes)) < 0.3).astype(int)
        labels[0] = 1  # scikit-learn wants a label in each class
        scores = rng.integers(0, 10, labels.shape) / 10 + labels * (0.01 + 0.08 * rng.random(labels.shape))
        assert len(np.unique(scores)) < scores.size * 0.6
        assert global_average_precision(scores, labels) == pytest.approx(
            average_precision_score(labels.reshape(-1), scores.reshape(-1)), abs=1e-6
        )
        assert mean_average_precision(scores, labels) == pytest.approx(
            average_precision_score(labels, scores, average="macro"), abs=1e-6
        )


def test_the_ties_of_a_video_are_not_resolved_in_its_favour():
    # a model that scores all alike: about the share of labels, wherever they stand
    labels = np.zeros((50, 20), int)
    labels[:, :3] = 1
    assert global_average_precision(np.ones((50, 20)), labels) == pytest.approx(0.15, abs=0.03)


def test_only_the_order_of_scores_matters():
    rng = np.random.default_rng(3)
    scores, labels = rng.random((30, 50)), rng.random((30, 50)) < 0.1
    for metric in ALL:
        assert metric(scores, labels) == metric(np.exp(3 * scores), labels)
        assert metric(labels + scores / 9, labels) > 0.9  # every label above all others


def test_one_label_a_video_makes_gap_of_one_video_its_reciprocal_rank():
    rng = np.random.default_rng(5)
    scores, labels = rng.random((1, 12)), np.eye(12, dtype=int)[4:5]
    expected = label_ranking_average_precision_score(labels, scores)
    assert global_average_precision(scores, labels) == pytest.approx(expected)


def test_without_labels_all_are_0():
    for metric in ALL:
        assert metric(np.random.default_rng(0).random((4, 9)), np.zeros((4, 9))) == 0


def test_scoring_leaves_the_random_numbers_of_others_alone():
    random.seed(4)
    expected = random.random()
    random.seed(4)
    global_average_precision(SCORES, LABELS)
    assert random.random() == expected


def test_multi_hot_rows_hold_the_topics_of_the_real_videos():
    _, labels = youtube8m_sample("validation")
    table = multi_hot(labels, 3862)
    assert table.shape == (500, 3862)
    assert [np.flatnonzero(row).tolist() for row in table[:50]] == [row.tolist() for row in labels[:50]]
    assert table.sum() == sum(len(row) for row in labels)


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize(
    ("scores", "labels", "error", "message"),
    [
        ([0.1, 0.9], [0, 1], ValueError, "scores must be (videos, classes), got shape (2,)"),
        (np.zeros((0, 3)), np.zeros((0, 3)), ValueError, "scores must have at least one row"),
        ([[0.1, np.nan]], [[0, 1]], ValueError, "scores must be finite, got nan at [0, 1]"),
        ([[0.1, 0.9]], [[0, 1, 1]], ValueError, "labels must have the shape of scores, (1, 2), got (1, 3)"),
        ([[0.1, 0.9]], [[0, 2]], ValueError, "labels must be 0 or 1, got 2"),
        ([[0, 1]], [[0.1, 0.9]], ValueError, "are scores and labels exchanged?"),
        ([["a", "b"]], [[0, 1]], TypeError, "scores must hold real numbers"),
    ],
)
def test_wrong_input_is_refused(metric, scores, labels, error, message):
    with pytest.raises(error, match=re.escape(message)):
        metric(scores, labels)


@pytest.mark.parametrize("metric", ALL[2:])
def test_at_least_one_score_counts(metric):
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        metric(SCORES, LABELS, top=0)


def test_wrong_classes_have_no_row():
    with pytest.raises(ValueError, match=r"labels\[1\] must lie in 0\.\.2, got 0 to 3"):
        multi_hot([[1], [0, 3]], 3)
    with pytest.raises(TypeError, match=r"labels\[0\] must be integers, got float64"):
        multi_hot([[1.0]], 3)
