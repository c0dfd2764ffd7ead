"""The runs of the page "YouTube-8M": models compared, clips whose order counts, and how fast files are read."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from deepmedia.datasets.youtube8m import AUDIO, VISUAL, Labels
from deepmedia.memory import free_memory
from deepmedia.video.metrics import (
    global_average_precision,
    hit_at_one,
    mean_average_precision,
    multi_hot,
    precision_at_equal_recall_rate,
)
from deepmedia.video.training import fit_videos, video_scores
from deepmedia.video.youtube8m import VideoRecord, video_record, write_youtube8m

CLIP_FRAMES = 16  # of a clip whose order counts
MOVES = 0.15  # how far the features of its frames scatter
Score = dict[str, float]


def judge(scores: NDArray, labels: NDArray[np.uint8]) -> Score:
    """The benchmark's four metrics of scores (videos, classes), rounded to four digits."""
    metrics = {
        "GAP": global_average_precision,
        "MAP": mean_average_precision,
        "Hit@1": hit_at_one,
        "PERR": precision_at_equal_recall_rate,
    }
    return {name: round(metric(scores, labels), 4) for name, metric in metrics.items()}


def most_frequent(labels: Labels, classes: int, count: int) -> Labels:
    """The same videos with the most frequent topics alone, numbered from the most frequent on."""
    order = np.argsort(-multi_hot(labels, classes).sum(axis=0, dtype=np.int64), kind="stable")[:count]
    place = np.full(classes, -1)
    place[order] = np.arange(count)
    return [np.sort(place[row][place[row] >= 0]) for row in labels]


def compare_models(
    builders: Mapping[str, tuple[Callable[[], keras.Model], float]],
    train: tuple[NDArray[np.float32], Labels],
    held_out: tuple[NDArray[np.float32], Labels],
    *,
    seeds: Sequence[int],
    epochs: int,
) -> dict[str, list[Score]]:
    """Train each model once a seed, by the same steps, and score it on videos held out.

    Args:
        builders: By name, what builds a model, and its highest learning rate.
        train: Features, and the topics of each video.
        held_out: The same.
        seeds: Of the weights and the order of the videos.
        epochs: Passes over the training videos.

    Returns:
        By name, the scores of each seed.
    """
    results: dict[str, list[Score]] = {name: [] for name in builders}
    for seed in seeds:
        for name, (build, peak) in builders.items():
            keras.utils.set_random_seed(seed)
            model = build()
            fit_videos(model, *train, epochs=epochs, batch_size=64, peak=peak, seed=seed)
            results[name].append(
                judge(video_scores(model, held_out[0]), multi_hot(held_out[1], model.output_shape[-1]))
            )
            del model
            free_memory()
    return results


def two_halves(features: NDArray[np.float32], count: int, *, seed: int) -> list[VideoRecord]:
    """Clips of two videos' features one after the other, the second topic being which of two came first.

    Each clip is made of the same two videos: label 0 where the first one comes first, label 1 otherwise, so that the
    mean over the frames says nothing about the label. Frames scatter around their video's features.

    Args:
        features: Of the two videos, float32 (2, 1152).
        count: How many clips.
        seed: Of the scatter and the labels.

    Returns:
        Records at frame level, of 16 frames.
    """
    random = np.random.default_rng(seed)
    clips = []
    for number in range(count):
        label = int(random.integers(2))
        order = features if label == 0 else features[::-1]
        still = np.repeat(order, CLIP_FRAMES // 2, axis=0)
        frames = still + random.normal(0, MOVES, still.shape)
        clips.append(video_record(f"clip{number}", [label], frames))
    return clips


def write_shards(folder: Path, videos: Iterable[VideoRecord], count: int) -> list[Path]:
    """Spread videos over files at video level, one after the other; the files' paths."""
    rows = list(videos)
    paths = [folder / f"shard-{number:02}.tfrecord" for number in range(count)]
    for number, path in enumerate(paths):
        write_youtube8m(path, rows[number::count], level="video")
    return paths


def one_by_one(paths: Sequence[Path]) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    """Records read and parsed one after the other by a loop in Python."""
    for record in tf.data.TFRecordDataset([str(path) for path in paths]):
        video = tf.io.parse_single_example(record, SPEC)
        yield tf.concat([video["mean_rgb"], video["mean_audio"]], axis=0)[None], tf.size(video["labels"])[None]


def side_by_side(paths: Sequence[Path]) -> tf.data.Dataset:
    """Records from several files in turns, parsed 128 at a time, while the one before is used."""
    files = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    records = files.interleave(tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=tf.data.AUTOTUNE)
    return records.batch(128).map(_parse_batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def videos_a_second(read: Callable[[], Iterable[tuple[tf.Tensor, tf.Tensor]]], rounds: int = 3) -> float:
    """The best of some rounds of reading batches (features, labels), after one to warm up."""
    seconds, count = [], 0
    for _ in range(rounds + 1):
        started, count = time.perf_counter(), 0
        for features, _labels in read():
            count += int(features.shape[0])
        seconds.append(time.perf_counter() - started)
    return count / min(seconds[1:])


SPEC = {
    "labels": tf.io.RaggedFeature(tf.int64),
    "mean_rgb": tf.io.FixedLenFeature([VISUAL], tf.float32),
    "mean_audio": tf.io.FixedLenFeature([AUDIO], tf.float32),
}


def _parse_batch(records: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    videos = tf.io.parse_example(records, SPEC)
    return tf.concat([videos["mean_rgb"], videos["mean_audio"]], axis=1), videos["labels"].row_lengths()
