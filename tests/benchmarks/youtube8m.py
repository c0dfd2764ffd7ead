"""Train the book's best model on files of the course's part of YouTube-8M and score it on others.

    python tests/benchmarks/youtube8m.py --train train_0.csv train_1.csv --test val_0.csv

prints one line of JSON: GAP at 20, MAP, Hit@1, PERR, the numbers of videos, and the seconds of the training.
Files whose names end in .tfrecord are read as the benchmark's own format, at video level.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.youtube8m import Labels, read_youtube8m_csv
from deepmedia.video import (
    global_average_precision,
    hit_at_one,
    mean_average_precision,
    multi_hot,
    precision_at_equal_recall_rate,
    read_youtube8m,
    train_video_classifier,
)

METRICS = {
    "gap": global_average_precision,
    "map": mean_average_precision,
    "hit1": hit_at_one,
    "perr": precision_at_equal_recall_rate,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status is 2 where the files can't be used."""
    parser = argparse.ArgumentParser(description="Train the book's best model on YouTube-8M files, test on others.")
    parser.add_argument("--train", required=True, nargs="+", help="files, such as train_*.csv")
    parser.add_argument("--test", required=True, nargs="+", help="files, such as val_*.csv")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        features, labels = read_all(chosen.train)
        test_features, test_labels = read_all(chosen.test)
        started = time.monotonic()
        model = train_video_classifier(features, labels, seed=chosen.seed)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    seconds = time.monotonic() - started
    scores = model.scores(test_features)
    truth = multi_hot(test_labels, scores.shape[1])
    result: dict[str, object] = {name: round(metric(scores, truth), 4) for name, metric in METRICS.items()}
    result |= {"videos": {"train": len(labels), "test": len(test_labels)}, "seconds": round(seconds, 1)}
    print(json.dumps(result))
    return 0


def read_all(names: Sequence[str]) -> tuple[NDArray[np.float32], Labels]:
    """All videos of some files: features, float32 (n, 1152), and the topics of each."""
    features: list[NDArray[np.float32]] = []
    labels: Labels = []
    for path in map(Path, names):
        if path.suffix == ".tfrecord":
            videos = list(read_youtube8m(path, level="video"))
            features.append(np.stack([video.features for video in videos]))
            labels += [video.labels for video in videos]
        else:
            rows, topics = read_youtube8m_csv(path)
            features.append(rows)
            labels += topics
    return np.concatenate(features), labels


if __name__ == "__main__":
    sys.exit(main())
