"""The command on YouTube-8M's files, and that reading them costs no more than parsing them (`make benchmark`)."""

import json

import numpy as np
import pytest
import tensorflow as tf
from tests.benchmarks.test_cnn_speed import compare
from tests.benchmarks.youtube8m import main, read_all

from deepmedia.datasets import youtube8m_sample
from deepmedia.video import read_youtube8m, video_record, write_youtube8m

LEAST = 0.9  # of the throughput of a bare parse
VIDEOS = {"video": 400, "frame": 40}


def test_files_that_are_not_there_or_no_such_files_end_with_a_sentence(tmp_path, capsys):
    assert main(["--train", str(tmp_path / "none.csv"), "--test", "none.csv"]) == 2
    assert "none.csv" in capsys.readouterr().err
    (tmp_path / "short.csv").write_text("0,1,\n")
    assert main(["--train", str(tmp_path / "short.csv"), "--test", "none.csv"]) == 2
    assert "short.csv, line 1" in capsys.readouterr().err


def test_both_formats_give_the_same_videos(tmp_path):
    features, labels = (part[:3] for part in youtube8m_sample("train"))
    write_youtube8m(
        tmp_path / "a.tfrecord",
        [video_record(str(n), row, x) for n, (x, row) in enumerate(zip(features, labels, strict=True))],
        level="video",
    )
    with (tmp_path / "a.csv").open("w") as file:
        for x, row in zip(features, labels, strict=True):
            flags = np.zeros(3862, int)
            flags[row] = 1
            file.write(",".join([*map(str, flags), *(f"{value:.9g}" for value in x)]) + ",\n")
    for name in ("a.tfrecord", "a.csv"):
        found, topics = read_all([str(tmp_path / name)] * 2)
        np.testing.assert_array_equal(found, np.concatenate([features, features]))
        assert [row.tolist() for row in topics] == [row.tolist() for row in labels] * 2


@pytest.mark.benchmark
def test_a_few_videos_give_one_line_of_json(tmp_path, capsys):
    features, labels = youtube8m_sample("validation")
    path = tmp_path / "a.tfrecord"
    write_youtube8m(
        path, (video_record("v", row, x) for x, row in zip(features[:150], labels[:150], strict=True)), level="video"
    )
    assert main(["--train", str(path), "--test", str(path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["videos"] == {"train": 150, "test": 150}
    assert all(0 <= result[name] <= 1 for name in ("gap", "map", "hit1", "perr"))
    assert result["gap"] > 0.5  # the videos that it has seen


@pytest.mark.benchmark
@pytest.mark.parametrize("level", ["video", "frame"])
def test_reading_costs_at_most_what_a_bare_parse_one_by_one_does(tmp_path, level):
    path, random = tmp_path / "a.tfrecord", np.random.default_rng(0)
    features, labels = youtube8m_sample("train")
    chosen = zip(features[: VIDEOS[level]], labels, strict=False)
    made = (
        video_record("v", row, x if level == "video" else x + random.normal(0, 0.1, (200, 1152))) for x, row in chosen
    )
    write_youtube8m(path, made, level=level)
    context = {"id": tf.io.FixedLenFeature([], tf.string), "labels": tf.io.VarLenFeature(tf.int64)}
    means = {
        "mean_rgb": tf.io.FixedLenFeature([1024], tf.float32),
        "mean_audio": tf.io.FixedLenFeature([128], tf.float32),
    }
    lists = {name: tf.io.FixedLenSequenceFeature([], tf.string) for name in ("rgb", "audio")}

    def bare() -> None:
        for record in tf.data.TFRecordDataset(str(path)):
            if level == "video":
                tf.io.parse_single_example(record, context | means)
            else:
                tf.io.parse_single_sequence_example(record, context, lists)

    def ours() -> None:
        assert sum(1 for _ in read_youtube8m(path, level=level)) == VIDEOS[level]

    found = compare(ours, bare)
    print(f"\nreading at {level} level: {found} of the time of a bare parse")
    assert found.median <= 1 / LEAST
