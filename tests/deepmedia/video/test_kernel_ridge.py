"""Kernel ridge regression: the answers of scikit-learn's, and what is refused."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge as Reference

from deepmedia.video import kernel_ridge
from deepmedia.video.kernel_ridge import fit_kernel_ridge
from deepmedia.video.metrics import multi_hot


def videos(count=40, seed=0):
    random = np.random.default_rng(seed)
    labels = [random.choice(4, random.integers(0, 3), replace=False) for _ in range(count)]
    return random.normal(size=(count, 9)).astype("float32"), labels


def scaled(features):
    seen, heard = features[:, :6], features[:, 6:]
    seen = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    return np.concatenate([seen, 0.4 * heard / np.linalg.norm(heard, axis=1, keepdims=True)], axis=1)


def test_scores_are_those_of_scikit_learn_on_the_scaled_features():
    features, labels = videos()
    found = fit_kernel_ridge(features, labels, classes=4, visual=6, ridge=0.3)
    targets = multi_hot(labels, 4)
    rows = scaled(features.astype(float))
    distances = [((a - b) ** 2).sum() for n, a in enumerate(rows) for b in rows[:n]]
    assert found.width == pytest.approx(np.median(distances), rel=1e-4)
    reference = Reference(alpha=0.3, kernel="rbf", gamma=1 / np.median(distances))
    reference.fit(rows, targets - targets.mean(axis=0))
    new, _ = videos(seed=1)
    expected = np.clip(reference.predict(scaled(new.astype(float))) + targets.mean(axis=0), 1e-6, 1)
    np.testing.assert_allclose(found.scores(new), expected, atol=1e-4)


def test_a_long_and_a_short_video_of_the_same_kind_get_the_same_answer():
    features, labels = videos()
    found = fit_kernel_ridge(features, labels, classes=4, visual=6)
    np.testing.assert_allclose(found.scores(features * 3), found.scores(features), atol=1e-5)


def test_of_more_videos_than_fit_some_are_drawn(monkeypatch):
    monkeypatch.setattr(kernel_ridge, "MOST_VIDEOS", 15)
    features, labels = videos()
    one, same, other = (fit_kernel_ridge(features, labels, classes=4, visual=6, seed=s).videos for s in (0, 0, 1))
    assert len(one) == 15
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    known = {tuple(row) for row in fit_kernel_ridge(features[:15], labels[:15], classes=4, visual=6).videos}
    assert len(known) == 15  # no video twice


def test_features_of_zeros_have_no_direction_and_stay_finite():
    features, labels = videos()
    features[3] = 0
    assert np.isfinite(fit_kernel_ridge(features, labels, classes=4, visual=6).scores(np.zeros((1, 9)))).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ridge": 0}, "ridge must be"),
        ({"visual": 9}, "features must be"),
        ({"labels": [[0]]}, "one list for each"),
        ({"classes": 2}, "must lie in 0..1"),
        ({"features": np.full((40, 9), np.nan)}, "finite"),
    ],
)
def test_what_does_not_fit_is_named(change, words):
    features, labels = videos()
    settings = {"features": features, "labels": labels, "classes": 4, "visual": 6} | change
    with pytest.raises(ValueError, match=words):
        fit_kernel_ridge(settings.pop("features"), settings.pop("labels"), **settings)


def test_scores_want_the_same_features():
    features, labels = videos()
    with pytest.raises(ValueError, match=r"features must be \(m, 9\)"):
        fit_kernel_ridge(features, labels, classes=4, visual=6).scores(np.ones((2, 8)))
