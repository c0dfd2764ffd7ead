"""Compressed features against scikit-learn, by hand, and by what whitening promises."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from deepmedia.video import FeatureCompression, fit_compression


def features(frames=200, width=12, seed=0):
    """Numbers that depend on each other and vary by factors of hundreds."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(frames, width)) * np.geomspace(30, 0.1, width)
    return mixed @ rng.normal(size=(width, width)) + rng.normal(size=width) * 5


@pytest.mark.parametrize("components", [1, 5, 12])
def test_whitened_features_are_those_of_scikit_learn(components):
    train, new = features(), features(seed=1)
    ours = fit_compression(train, components=components, added_variance=0)
    theirs = PCA(components, whiten=True, svd_solver="full").fit(train)
    signs = np.sign((ours.axes * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(ours.whiten(new), theirs.transform(new) * signs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        ours.restore(ours.whiten(new)), theirs.inverse_transform(theirs.transform(new)), rtol=1e-3
    )
    np.testing.assert_allclose(ours.kept, theirs.explained_variance_ratio_.sum())


def test_whitened_training_features_have_variance_one_and_no_correlation():
    train = features()
    whitened = fit_compression(train, components=12, added_variance=0).whiten(train)
    np.testing.assert_allclose(np.cov(whitened, rowvar=False), np.eye(12), atol=1e-4)
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-5)


def test_a_case_computed_by_hand():
    # Along (2, 1) the points lie at -sqrt(5), 0, sqrt(5), 0 from the mean (5, 2), so the variance is 10 / 3. With 3
    # added to it the spread is sqrt(19 / 3), and the ends lie at ±sqrt(15 / 19) = ±0.8885, next to the levels
    # (2 ± 0.8885 - 1 / 128) · 255 / 4.
    frames = np.array([[3.0, 1.0], [5.0, 2.0], [7.0, 3.0], [5.0, 2.0]])
    one = fit_compression(frames, components=1, added_variance=3)
    np.testing.assert_allclose(one.mean, [5, 2])
    np.testing.assert_allclose(one.axes, [np.array([2, 1]) / np.sqrt(5)])
    np.testing.assert_allclose(one.variances, [10 / 3])
    np.testing.assert_allclose(one.whiten(frames)[:, 0], [-0.8885, 0, 0.8885, 0], atol=1e-4)
    assert one.compress(frames)[:, 0].tolist() == [70, 127, 184, 127]
    assert one.kept == pytest.approx(1)


def test_the_largest_entry_of_each_axis_is_positive():
    axes = fit_compression(features(), components=12).axes
    assert (axes[np.arange(12), np.abs(axes).argmax(axis=1)] > 0).all()


def test_levels_are_at_most_half_a_step_from_what_they_stand_for_or_clipped():
    train = features(frames=5000)
    compression = fit_compression(train, components=8)
    whitened, levels = compression.whiten(train), compression.compress(train)
    assert levels.dtype == np.uint8
    inside = (whitened >= -1.9921875) & (whitened <= 2.0078125)
    assert 0.9 < inside.mean() < 0.99  # a number beyond two standard deviations is clipped
    expanded = compression.expand(levels)
    assert np.abs(expanded - whitened)[inside].max() <= 2 / 255 + 1e-6
    assert set(np.unique(levels[~inside])) == {0, 255}


def test_features_of_clips_are_compressed_like_those_of_frames():
    train = features()
    compression = fit_compression(train.reshape(20, 10, 12), components=4)
    np.testing.assert_array_equal(compression.axes, fit_compression(train, components=4).axes)
    np.testing.assert_array_equal(
        compression.compress(train.reshape(20, 10, 12)), compression.compress(train).reshape(20, 10, 4)
    )
    assert isinstance(compression, FeatureCompression)


def spoilt(value):
    array = features()
    array[3, 2] = value
    return array


@pytest.mark.parametrize(
    ("values", "components", "error", "message"),
    [
        (features(5), 5, ValueError, "more than 5 frames for 5 components, got 5; take more frames"),
        (features(), 13, ValueError, "components must be at most the 12 numbers of a frame, got 13"),
        (features(), 0, ValueError, "components must be at least 1, got 0"),
        (features(), 2.0, TypeError, "components must be a whole number, got 2.0"),
        (spoilt(np.nan), 3, ValueError, r"features must be finite, got nan at \[3, 2\]"),
        (spoilt(-np.inf), 3, ValueError, r"features must be finite, got -inf at \[3, 2\]"),
        (features()[0], 3, ValueError, r"features must be \(frames, width\), got shape \(12,\)"),
        (features()[:0], 3, ValueError, "features must have at least one row"),
        ([["a", "b"]], 1, TypeError, "features must hold real numbers"),
        (np.ones((30, 4)), 2, ValueError, "at most the 0 directions in which the features vary, got 2"),
        (features(width=3) @ features(3, 6), 4, ValueError, "at most the 3 directions"),
    ],
)
def test_features_from_which_nothing_can_be_learnt_are_refused(values, components, error, message):
    with pytest.raises(error, match=message):
        fit_compression(values, components=components)


@pytest.mark.parametrize("added", [-1.0, np.nan, np.inf])
def test_an_impossible_variance_is_refused(added):
    with pytest.raises(ValueError, match="added_variance must be finite and at least 0"):
        fit_compression(features(), components=2, added_variance=added)


@pytest.mark.parametrize("step", ["whiten", "compress"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            features(width=11),
            r"must have 12 numbers each, got shape \(200, 11\); this compression makes 4 numbers of 12",
        ),
        (spoilt(np.nan), "must be finite, got nan"),
        (features()[:0], "at least one row"),
    ],
)
def test_other_features_than_those_that_were_fitted_are_refused(step, values, message):
    with pytest.raises(ValueError, match=message):
        getattr(fit_compression(features(), components=4), step)(values)


def test_only_levels_are_expanded():
    compression = fit_compression(features(), components=4)
    with pytest.raises(TypeError, match="levels must be uint8, as compress gives them, got float32"):
        compression.expand(compression.whiten(features()))
    with pytest.raises(ValueError, match=r"must have 4 numbers each, got shape \(5, 12\)"):
        compression.expand(np.zeros((5, 12), np.uint8))
