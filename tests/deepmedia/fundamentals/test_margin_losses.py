import keras
import numpy as np
import pytest
from sklearn.metrics import hinge_loss

from deepmedia.fundamentals import (
    ContrastiveLoss,
    HingeLoss,
    MultiClassHingeLoss,
    TripletLoss,
    numerical_gradient,
)

RANDOM = np.random.default_rng(0)
A, P, N = RANDOM.normal(size=(3, 7, 3))
SAME = np.array([True, False, False, True, False, True, False])


def test_hinge_equals_keras_and_scikit_learn():
    scores, targets = RANDOM.normal(size=(8, 1)), RANDOM.integers(0, 2, 8)
    value = HingeLoss().value(scores, targets)
    assert value == pytest.approx(float(keras.losses.Hinge()(targets[:, np.newaxis], scores)))
    assert value == pytest.approx(hinge_loss(targets, scores[:, 0]))


def test_hinge_is_silent_beyond_the_margin_and_not_before():
    # scores 1.5 (label 1) and -3 (label 0) lead by more than 1; 0.5 (label 1) leads by too little and costs 0.5;
    # 0.25 (label 0) is on the wrong side and costs 1.25
    scores, targets = np.array([[1.5], [-3.0], [0.5], [0.25]]), [1, 0, 1, 0]
    assert HingeLoss().value(scores, targets) == pytest.approx((0.5 + 1.25) / 4)
    np.testing.assert_allclose(HingeLoss().gradient(scores, targets), [[0.0], [0.0], [-0.25], [0.25]])


def test_multi_class_hinge_equals_scikit_learn():
    scores, labels = RANDOM.normal(size=(9, 4)), np.array([0, 1, 2, 3, 0, 1, 2, 3, 1])
    assert MultiClassHingeLoss().value(scores, labels) == pytest.approx(hinge_loss(labels, scores))


def test_multi_class_hinge_blames_the_strongest_rival_alone():
    # label 0 leads by 3 - 2.5 = 0.5: margin 1 costs 0.5; label 2 leads by 5: free
    scores, labels = np.array([[3.0, 2.5, 2.4], [0.0, -1.0, 5.0]]), [0, 2]
    assert MultiClassHingeLoss().value(scores, labels) == pytest.approx(0.5 / 2)
    assert MultiClassHingeLoss(margin=0.4).value(scores, labels) == 0
    np.testing.assert_allclose(MultiClassHingeLoss().gradient(scores, labels), [[-0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])


def test_contrastive_loss_matches_three_pairs_by_hand():
    # distances 5, 0.6 and 3; margin 1: 25/2 (same), 0.4^2/2 (others, too near), 0 (others, far): mean of three
    first = np.array([[3.0, 4.0], [0.6, 0.0], [0.0, 3.0]])
    second, same = np.zeros((3, 2)), np.array([True, False, False])
    assert ContrastiveLoss().value(first, second, same) == pytest.approx((12.5 + 0.08 + 0) / 3)
    d_first, d_second = ContrastiveLoss().gradient(first, second, same)
    np.testing.assert_allclose(d_first, np.array([[3, 4], [-0.4, 0], [0, 0]]) / 3)
    np.testing.assert_allclose(d_second, -d_first)


def test_contrastive_gradients_are_the_differences_of_the_values():
    loss = ContrastiveLoss(margin=2.5)
    first, second = A.copy(), P.copy()
    for array, gradient in zip((first, second), loss.gradient(first, second, SAME), strict=True):
        expected = numerical_gradient(lambda: loss.value(first, second, SAME), array)
        np.testing.assert_allclose(gradient, expected, atol=1e-9)


def test_contrastive_gradient_of_two_things_at_one_point_is_zero():
    d_first, d_second = ContrastiveLoss().gradient(A[:2], A[:2], np.array([False, True]))
    assert not d_first.any()
    assert not d_second.any()


def test_triplet_loss_matches_two_triplets_by_hand():
    # |a - p|^2 = 1, |a - n|^2 = 4: 1 - 4 + 0.2 < 0, free;  |a - p|^2 = 4, |a - n|^2 = 1: 4 - 1 + 0.2 = 3.2
    anchors, positives, negatives = np.zeros((2, 2)), np.array([[1.0, 0], [0, 2.0]]), np.array([[0, 2.0], [1.0, 0]])
    assert TripletLoss().value(anchors, positives, negatives) == pytest.approx(1.6)
    d_a, d_p, d_n = TripletLoss().gradient(anchors, positives, negatives)
    np.testing.assert_allclose(d_a, [[0, 0], [1, -2]])
    np.testing.assert_allclose(d_p, [[0, 0], [0, 2]])
    np.testing.assert_allclose(d_n, [[0, 0], [-1, 0]])


def test_triplet_gradients_are_the_differences_of_the_values():
    loss = TripletLoss(margin=0.7)
    triplet = [A.copy(), P.copy(), N.copy()]
    assert 0 < (loss.gradient(*triplet)[0] != 0).any(axis=1).mean() < 1  # some triplets count, some don't
    for array, gradient in zip(triplet, loss.gradient(*triplet), strict=True):
        np.testing.assert_allclose(gradient, numerical_gradient(lambda: loss.value(*triplet), array), atol=1e-9)


def test_distance_losses_keep_float32():
    a, p, n = (array.astype(np.float32) for array in (A, P, N))
    gradients = [*ContrastiveLoss().gradient(a, p, SAME), *TripletLoss().gradient(a, p, n)]
    assert {gradient.dtype for gradient in gradients} == {np.dtype(np.float32)}


def test_embeddings_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"of one shape, got anchors \(7, 3\), positives \(6, 3\), negatives \(7, 3\)"):
        TripletLoss().value(A, P[1:], N)
    with pytest.raises(ValueError, match=r"of one shape, got first \(3,\), second \(3,\)"):
        ContrastiveLoss().value(A[0], P[0], SAME)


@pytest.mark.parametrize("same", [SAME.astype(int), SAME[1:]])
def test_same_must_be_bool_one_per_pair(same):
    with pytest.raises(ValueError, match=r"same must be bool \(7,\), got .*astype\(bool\)"):
        ContrastiveLoss().value(A, P, same)


def test_embeddings_that_are_not_finite_are_refused():
    bad = N.copy()
    bad[4, 2] = np.nan
    with pytest.raises(ValueError, match=r"negatives must be finite, got nan at \[4, 2\]"):
        TripletLoss().gradient(A, P, bad)


@pytest.mark.parametrize("loss", [MultiClassHingeLoss, ContrastiveLoss, TripletLoss])
def test_a_margin_of_zero_is_refused(loss):
    with pytest.raises(ValueError, match="margin must be finite and above 0, got 0"):
        loss(margin=0)
