import itertools

import numpy as np
import pytest

from deepmedia.detection.anchors import _means, anchors_by_k_means
from deepmedia.detection.overlap import iou


def blobs(seed=0):
    rng = np.random.default_rng(seed)
    middles = np.array([[20, 60], [50, 50], [150, 40], [200, 220]])
    return np.concatenate([middle * rng.uniform(0.9, 1.1, (50, 2)) for middle in middles]), middles


def test_well_separated_groups_are_found():
    sizes, middles = blobs()
    found = anchors_by_k_means(sizes, 4, seed=1)
    np.testing.assert_allclose(found.anchors, middles, rtol=0.03)


def test_the_fit_is_the_mean_of_the_best_overlap_with_a_corner_at_the_origin():
    sizes, _ = blobs()
    anchors, fit = anchors_by_k_means(sizes, 3, seed=0)
    boxes, priors = (np.hstack([np.zeros_like(each), each]) for each in (sizes, anchors))
    assert fit == pytest.approx(iou(boxes, priors).max(axis=1).mean(), abs=1e-6)


def test_no_split_of_a_few_sizes_into_groups_fits_better():
    rng = np.random.default_rng(5)
    sizes = rng.uniform(5, 100, (7, 2))
    fits = []
    for groups in itertools.product(range(2), repeat=7):
        if 0 < sum(groups) < 7:
            means = [sizes[np.equal(groups, group)].mean(axis=0) for group in (0, 1)]
            boxes, priors = (np.hstack([np.zeros_like(each), each]) for each in (sizes, np.array(means)))
            fits.append(iou(boxes, priors).max(axis=1).mean())
    assert anchors_by_k_means(sizes, 2, seed=0).mean_best_iou >= max(fits) - 1e-9


def test_the_same_seed_gives_the_same_anchors_by_rising_area():
    sizes = np.random.default_rng(2).uniform(5, 200, (300, 2))
    one, two = (anchors_by_k_means(sizes, 9, seed=3).anchors for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert (np.diff(np.prod(one, axis=1)) >= 0).all()
    assert one.shape == (9, 2)
    assert one.dtype == np.float32


def test_more_anchors_fit_better():
    sizes = np.random.default_rng(4).uniform(5, 200, (300, 2))
    fits = [anchors_by_k_means(sizes, count, seed=0).mean_best_iou for count in (1, 3, 9)]
    assert fits[0] < fits[1] < fits[2] < 1


def test_as_many_anchors_as_sizes_fit_wholly():
    sizes = [[1, 2], [3, 1], [9, 9], [9, 9]]
    found = anchors_by_k_means(sizes, 3, seed=0)
    assert found.anchors.tolist() == [[1, 2], [3, 1], [9, 9]]
    assert found.mean_best_iou == 1


def test_a_group_that_lost_all_its_sizes_gets_the_one_that_fits_worst():
    sizes = np.array([[10.0, 10], [12, 12], [90, 30]])
    means = _means(sizes, np.array([0, 0, 0]), np.array([0.9, 0.7, 0.2]), 2)
    np.testing.assert_allclose(means, [sizes.mean(axis=0), [90, 30]])
    two_lost = _means(sizes, np.array([1, 1, 1]), np.array([0.9, 0.7, 0.2]), 3)
    np.testing.assert_allclose(two_lost, [[90, 30], sizes.mean(axis=0), [12, 12]])


@pytest.mark.parametrize(
    ("sizes", "count", "error", "words"),
    [
        ([[1, 2], [1, 2], [3, 4]], 3, ValueError, "at least count = 3 different ones, got 2 different of 3; ask"),
        ([], 1, ValueError, "at least count = 1 different ones, got 0"),
        ([[1, 0]], 1, ValueError, "sizes must be above 0, got a box without area"),
        ([[1, 2, 3, 4]], 1, ValueError, r"sizes must be rows \(width, height\)"),
        ([[1, 2]], 0, ValueError, "count must be at least 1"),
        ([[1, 2]], 1.5, TypeError, "count must be a whole number"),
        ([["a", "b"]], 1, TypeError, "sizes must hold real numbers"),
    ],
)
def test_wrong_input_is_refused(sizes, count, error, words):
    with pytest.raises(error, match=words):
        anchors_by_k_means(sizes, count, seed=0)
