"""YouTube-8M at video level: what is seen and heard in a video as 1,152 numbers, and its topics.

A part of it that the original course used comes as text files. The package
holds a sample of them with 8 bits a number.
"""

import csv
import gzip
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.fetching import fetch
from deepmedia.datasets.packaged import FILES

TOPICS = 3862  # classes of the vocabulary of May 2018
VISUAL, AUDIO = 1024, 128  # features of the pictures and of the sound, in this order
FEATURES = VISUAL + AUDIO

_FILES = {"train": ("train", 40), "validation": ("val", 10)}  # split -> prefix and number of files
_LABEL_BYTES = 2 * TOPICS  # of a line: "0," or "1," for each topic
_LEVEL_STEP = 4 / 255
_LEVEL_START = -2 + 4 / 512

Labels = list[NDArray[np.int64]]


@dataclass(frozen=True)
class Topic:
    """A topic that a video can have; ``str`` gives a name in any case."""

    index: int  # the label in `youtube8m_sample`
    name: str  # English; empty for 56 topics, which the data set leaves unnamed
    vertical: str  # the first of up to three groups, e.g. "Games"
    knowledge_graph_id: str  # e.g. "/m/03bt1gh"
    train_videos: int  # how many videos of the whole training set have it

    def __str__(self) -> str:
        return self.name or self.knowledge_graph_id


def youtube8m_sample(split: str = "train", *, full: bool = False) -> tuple[NDArray[np.float32], Labels]:
    """Features of videos with their topics, several a video.

    Args:
        split: ``"train"`` or ``"validation"``.
        full: All videos of the registry's files (40 files of 4.2 MB for
            training, 10 for validation) in place of the sample.

    Returns:
        Features, float32 (n, 1152): the mean over the video of 1,024 visual
        and then 128 audio features, -1.99 to 2.01; and labels, a list of n
        int64 arrays, each the rising indices of the video's topics in
        `youtube8m_vocabulary`. n is 2,000 and 500 in the sample, 8,040 and
        2,010 in full, in file order: the sample is the first 2,000 of train_0
        to train_9 and the first 500 of val_0 to val_2. Its features have 8
        bits: at most 2/255 from the true value.

    Raises:
        ValueError: If the split is neither.
        DataUnavailable: If the full data can't be had; the sample always can.

    Source: Abu-El-Haija et al. (2016), "YouTube-8M: A Large-Scale Video
        Classification Benchmark", arXiv:1609.08675, version of May 2018;
        (c) Google, CC BY 4.0; this part from
        https://github.com/Busson/curso_deep_learning_para_multimidia.

    >>> features, labels = youtube8m_sample("validation")
    >>> features.shape, [str(youtube8m_vocabulary()[label]) for label in labels[0]]
    ((500, 1152), ['Piano', 'Keyboard instrument', 'Musical keyboard', 'Synthesia'])
    """
    if split not in _FILES:
        raise ValueError(f"split must be 'train' or 'validation', got {split!r}")
    if full:
        prefix, count = _FILES[split]
        parts = [read_youtube8m_csv(fetch(f"youtube8m/{prefix}_{number}.csv")) for number in range(count)]
        return np.concatenate([features for features, _ in parts]), [row for _, labels in parts for row in labels]
    with np.load(FILES / "youtube8m" / f"{split}.npz", allow_pickle=False) as data:
        ends = np.cumsum(data["labels_per_video"], dtype=np.int64)
        return dequantise(data["levels"]), np.split(data["labels"].astype(np.int64), ends[:-1])


def youtube8m_vocabulary() -> tuple[Topic, ...]:
    """The 3,862 topics, so that ``youtube8m_vocabulary()[label]`` is that label's.

    Source: the vocabulary of YouTube-8M, version of May 2018, (c) Google,
        CC BY 4.0, without its descriptions, which are Wikipedia's.

    >>> youtube8m_vocabulary()[21].name
    'Mobile phone'
    """
    with gzip.open(FILES / "youtube8m" / "vocabulary.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(
            Topic(int(row["index"]), row["name"], row["vertical"], row["knowledge_graph_id"], int(row["train_videos"]))
            for row in rows
        )


def read_youtube8m_csv(path: str | PathLike[str]) -> tuple[NDArray[np.float32], Labels]:
    """Read one of the course's text files.

    A line is a video, without a header: 3,862 labels, each ``0`` or ``1``,
    then 1,152 features, all followed by a comma, then a line feed.

    Args:
        path: The file, such as ``train_0.csv``.

    Returns:
        Features, float32 (n, 1152), and labels, n int64 arrays of indices.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line is not of that form; the text has its number.
    """
    path = Path(path)
    features, labels = [], []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            where = f"{path.name}, line {number}"
            features.append(_read_features(line, where))
            labels.append(_read_labels(line, where))
    return np.array(features, np.float32).reshape(-1, FEATURES), labels


def _read_labels(line: bytes, where: str) -> NDArray[np.int64]:
    text = np.frombuffer(line, np.uint8, count=_LABEL_BYTES)
    flags = text[::2] - ord("0")
    if flags.max() > 1 or (text[1::2] != ord(",")).any():
        raise ValueError(f"{where}: the first {TOPICS:,} columns must be 0 or 1")
    return np.flatnonzero(flags)


def _read_features(line: bytes, where: str) -> NDArray[np.float32]:
    columns = line[_LABEL_BYTES:].rstrip(b"\r\n").removesuffix(b",").split(b",")
    if len(columns) != FEATURES:
        found = line.rstrip(b"\r\n").removesuffix(b",").count(b",") + 1
        raise ValueError(f"{where}: expected {TOPICS + FEATURES:,} columns, found {found:,}")
    try:
        values = np.array(columns).astype(np.float32)
    except ValueError as error:
        raise ValueError(f"{where}: a feature is not a number ({error})") from error
    if not np.isfinite(values).all():
        raise ValueError(f"{where}: a feature is not finite")
    return values


def quantise(features: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest of the 256 values that `dequantise` knows, as its number.

    Within the range of those values the error is at most half a step, 2/255.
    YouTube-8M's own writer rounds to a step that begins half a step lower than
    its reader's, which makes the error up to twice as large and one-sided; the
    reader is what defines the format, so only it is followed here.
    """
    levels = np.rint((np.asarray(features, np.float64) - _LEVEL_START) / _LEVEL_STEP)
    return np.clip(levels, 0, 255).astype(np.uint8)


def dequantise(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """YouTube-8M's features from their 8-bit form: 4/255 level + 4/512 - 2.

    Args:
        levels: uint8, any shape.

    Returns:
        float32 of that shape, -1.9921875 to 2.0078125.

    Source: `Dequantize` in utils.py of https://github.com/google/youtube-8m.

    >>> dequantise(np.array([0, 255], np.uint8)).tolist()
    [-1.9921875, 2.0078125]
    """
    return (np.asarray(levels) * _LEVEL_STEP + _LEVEL_START).astype(np.float32)
