import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from deepmedia.metrics import accuracy, class_scores, confusion_matrix

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


def split(rows):
    return tuple(np.array(column) for column in zip(*rows, strict=True))


@given(pairs)
def test_counts_and_ratios_equal_scikit_learn(rows):
    labels, predicted = split(rows)
    np.testing.assert_array_equal(
        confusion_matrix(labels, predicted, num_classes=5),
        metrics.confusion_matrix(labels, predicted, labels=range(5)),
    )
    assert accuracy(labels, predicted) == pytest.approx(metrics.accuracy_score(labels, predicted))
    for undefined in (0.0, 1.0):
        ours = class_scores(labels, predicted, num_classes=5, undefined=undefined)
        theirs = metrics.precision_recall_fscore_support(labels, predicted, labels=range(5), zero_division=undefined)
        for got, expected in zip((ours.precision, ours.recall, ours.f1, ours.support), theirs, strict=True):
            np.testing.assert_allclose(got, expected)
        assert ours.macro_f1 == pytest.approx(theirs[2].mean())


def test_scores_match_six_rows_counted_by_hand():
    labels, predicted = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(confusion_matrix(labels, predicted), [[2, 1, 0], [0, 1, 1], [0, 0, 1]])
    scores = class_scores(labels, predicted)
    np.testing.assert_allclose(scores.precision, [1, 1 / 2, 1 / 2])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1 / 2, 1])
    np.testing.assert_allclose(scores.f1, [4 / 5, 1 / 2, 2 / 3])
    np.testing.assert_array_equal(scores.support, [3, 2, 1])
    assert accuracy(labels, predicted) == pytest.approx(4 / 6)


def test_a_class_that_nobody_named_is_undefined_as_asked():
    assert np.isnan(class_scores([0, 0], [0, 0], num_classes=2, undefined=np.nan).precision[1])
    assert class_scores([0, 0], [0, 0], num_classes=2).precision[1] == 0


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, class_scores])
def test_rows_that_do_not_pair_are_refused(metric):
    with pytest.raises(ValueError, match="labels and predicted must be equally long, got 2 and 3"):
        metric([0, 1], [0, 1, 1])
    with pytest.raises(TypeError, match="predicted must be integers, got float64"):
        metric([0, 1], [0.2, 0.8])
    with pytest.raises(ValueError, match="labels must hold at least one label"):
        metric(np.zeros(0, int), np.zeros(0, int))
    with pytest.raises(ValueError, match=r"labels must lie in 0\.\.1 for 2 classes, got -1 at row 0"):
        metric([-1, 1], [0, 1])


def test_labels_beyond_the_classes_asked_for_are_refused():
    with pytest.raises(ValueError, match=r"predicted must lie in 0\.\.1 for 2 classes, got 2 at row 1"):
        confusion_matrix([0, 1], [0, 2], num_classes=2)
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        confusion_matrix([0, 1], [0, 1], num_classes=0)
