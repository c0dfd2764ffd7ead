"""The training of video-level networks: loss and mixing against NumPy, and that it learns what can be learned."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.video import VideoClassifier, fit_videos, hit_at_one, multi_hot, train_video_classifier, video_scores
from deepmedia.video.models import video_logistic, video_moe, video_network
from deepmedia.video.training import MIXING, mix_videos, start_at_frequencies, tagging_loss


def separable(count=200, seed=0):
    """Videos whose topics are read off the signs of four of their features."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 12)).astype("float32")
    return features, [np.flatnonzero(row[:4] > 0.5) for row in features]


def small_network(width, *, classes, visual):
    return video_network(width, classes=classes, visual=visual, units=32, dropout=0.1)


def test_the_loss_sums_over_topics_and_averages_over_videos():
    random = np.random.default_rng(0)
    logits = random.normal(size=(5, 3)).astype("float32")
    labels = random.integers(0, 2, (5, 3)).astype("float32")
    p = 1 / (1 + np.exp(-logits.astype(float)))
    expected = -(labels * np.log(p) + (1 - labels) * np.log(1 - p)).sum() / 5
    assert float(tagging_loss(labels, logits)) == pytest.approx(expected, rel=1e-5)


def test_mixing_takes_at_most_its_share_of_another_video_and_of_its_topics():
    features = np.eye(6, dtype="float32")
    mixed, labels = mix_videos(tf.constant(features), tf.constant(features * 2), tf.random.Generator.from_seed(0))
    mixed = mixed.numpy()
    np.testing.assert_allclose(labels, mixed * 2, rtol=1e-6)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-6)
    assert (np.diag(mixed) >= 1 - MIXING).all()
    assert (np.diag(mixed) < 1).any()


@pytest.mark.parametrize("build", [video_logistic, video_moe])
def test_training_starts_with_the_share_of_each_topic(build):
    labels = multi_hot([[0], [0, 1], [0], [1]], 3)
    model = build(5, classes=3)
    start_at_frequencies(model, labels)
    expected = np.array([3.1, 2.1, 0.1]) / 5
    if build is video_moe:
        expected = expected * 2 / 3  # equal gates give a third to the dummy
    np.testing.assert_allclose(video_scores(model, np.zeros((1, 5)))[0], expected, rtol=1e-4)


@pytest.mark.parametrize("build", [video_logistic, video_moe, small_network])
def test_each_network_learns_topics_that_can_be_read_off(build):
    keras.utils.set_random_seed(0)
    features, labels = separable()
    model = build(12, classes=4, visual=8) if build is small_network else build(12, classes=4)
    losses = fit_videos(model, features, labels, epochs=30, batch_size=20, peak=0.02)
    assert len(losses) == 30
    assert losses[-1] < 0.7 * losses[0]
    new, truth = separable(seed=1)
    has_topics = np.array([len(row) > 0 for row in truth])
    assert hit_at_one(video_scores(model, new)[has_topics], multi_hot(truth, 4)[has_topics]) > 0.9


def test_the_best_model_is_the_mean_of_its_two_and_the_same_from_the_same_seed():
    features, labels = separable(60)
    models = [
        train_video_classifier(features, labels, classes=4, visual=8, epochs=3, seed=seed, network=small_network)
        for seed in (0, 0, 1)
    ]
    one, same, other = (model.scores(features) for model in models)
    assert isinstance(models[0], VideoClassifier)
    both = models[0].kernel.scores(features), video_scores(models[0].network, features)
    np.testing.assert_allclose(one, np.mean(both, axis=0), rtol=1e-6)
    np.testing.assert_allclose(one, same, atol=1e-5)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be a whole number"),
        ({"peak": -1}, ValueError, "peak must be"),
        ({"features": np.ones((60, 11))}, ValueError, r"features must be \(n, 12\)"),
        ({"features": np.full((60, 12), np.inf)}, ValueError, "finite"),
        ({"labels": [[0]]}, ValueError, "one list for each"),
        ({"labels": [[4]] * 60}, ValueError, r"must lie in 0\.\.3"),
    ],
)
def test_what_does_not_fit_is_named(change, error, words):
    features, labels = separable(60)
    settings = {"features": features, "labels": labels} | change
    with pytest.raises(error, match=words):
        fit_videos(video_logistic(12, classes=4), settings.pop("features"), settings.pop("labels"), **settings)
