import numpy as np
import pytest

from deepmedia.datasets import youtube8m_sample
from deepmedia.lessons.video.youtube_8m.experiment import (
    compare_models,
    judge,
    most_frequent,
    one_by_one,
    side_by_side,
    two_halves,
    videos_a_second,
    write_shards,
)
from deepmedia.video import global_average_precision, read_youtube8m, video_record
from deepmedia.video.models import video_logistic


def test_the_most_frequent_topics_are_numbered_from_the_first():
    labels = [np.array(row, np.int64) for row in ([5, 7], [7], [2, 5, 7], [])]
    # 7 three times, 5 twice, 2 once.
    assert [row.tolist() for row in most_frequent(labels, 9, 2)] == [[0, 1], [0], [0, 1], []]


def test_a_judgement_has_the_four_metrics():
    scores, labels = np.array([[0.9, 0.2], [0.3, 0.8]]), np.array([[1, 0], [1, 1]], np.uint8)
    found = judge(scores, labels)
    assert list(found) == ["GAP", "MAP", "Hit@1", "PERR"]
    assert found["GAP"] == pytest.approx(global_average_precision(scores, labels), abs=1e-4)


def test_models_are_compared_on_the_same_seeds():
    random = np.random.default_rng(0)
    features = random.normal(size=(60, 6)).astype("float32")
    data = features, [np.flatnonzero(row[:3] > 0) for row in features]
    builders = {
        "one": (lambda: video_logistic(6, classes=3), 0.01),
        "same": (lambda: video_logistic(6, classes=3), 0.01),
    }
    found = compare_models(builders, data, data, seeds=(0, 1), epochs=2)
    assert found["one"] == found["same"]
    assert len(found["one"]) == 2


def test_clips_of_both_labels_have_the_same_mean_and_another_order():
    features, _ = youtube8m_sample("train")
    clips = two_halves(features[[0, 3]], 40, seed=1)
    labels = np.array([clip.labels[0] for clip in clips])
    assert set(labels.tolist()) == {0, 1}
    halves = np.stack([clip.features.reshape(2, 8, 1152).mean(axis=1) for clip in clips])
    for label in (0, 1):
        ordered = features[[0, 3]] if label == 0 else features[[3, 0]]
        np.testing.assert_allclose(halves[labels == label].mean(axis=0), ordered, atol=0.1)


def test_every_video_is_read_from_the_shards_in_both_ways(tmp_path):
    features, labels = youtube8m_sample("validation")
    videos = [video_record(str(n), labels[n], features[n]) for n in range(50)]
    shards = write_shards(tmp_path, videos, 4)
    names = [video.id for video in read_youtube8m(shards, level="video")]
    assert names == [str(n) for start in range(4) for n in range(start, 50, 4)]
    counts = sorted(len(row) for row in labels[:50])
    for read in (one_by_one, side_by_side):
        found = list(read(shards))
        rows = np.concatenate([np.asarray(batch[0]) for batch in found])
        assert sorted(np.concatenate([np.asarray(batch[1]) for batch in found]).tolist()) == counts
        np.testing.assert_allclose(np.sort(rows.sum(axis=1)), np.sort(features[:50].sum(axis=1)), rtol=1e-4)
    assert videos_a_second(lambda: side_by_side(shards), rounds=1) > 0
