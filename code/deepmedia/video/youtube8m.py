"""YouTube-8M's files: videos as features, at video level (one row) or at frame level (a row a second), with labels.

A file is a TFRecord. At video level each record is a `tf.train.Example` with `id`, `labels`, `mean_rgb` (1,024 floats)
and `mean_audio` (128 floats); at frame level a `tf.train.SequenceExample` with `id` and `labels` as its context, and
`rgb` and `audio`, of each second 1,024 and 128 bytes. Files of 2016 and 2017 say `video_id` for `id`.

Sources: readers.py of https://github.com/google/youtube-8m; https://research.google.com/youtube8m/download.html.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.datasets.youtube8m import AUDIO, FEATURES, TOPICS, VISUAL, dequantise, quantise
from deepmedia.video import wire
from deepmedia.video.tfrecord import BadRecord, read_tfrecords, write_tfrecords
from deepmedia.video.wire import BadMessage

LEVELS = ("video", "frame")
MOST_FRAMES = 300  # of a video
KEPT_FAULTS = 100  # texts of skipped records

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]


@dataclass(frozen=True, eq=False)
class VideoRecord:
    """A video of YouTube-8M.

    Args:
        id: Its name; in public files four letters, which stand for the video.
        labels: int64 (n,), its topics, as in `youtube8m_vocabulary`; n may be 0.
        rgb: What is seen: float32 (1024,) at video level, uint8 (frames, 1024) at frame level.
        audio: What is heard: float32 (128,), or uint8 (frames, 128).
    """

    id: str
    labels: NDArray[np.int64]
    rgb: NDArray
    audio: NDArray

    @property
    def features(self) -> NDArray[np.float32]:
        """Both together: float32 (1152,), or (frames, 1152) by the data set's own formula, -1.99 to 2.01."""
        together = np.concatenate([self.rgb, self.audio], axis=-1)
        return together if together.dtype == np.float32 else _values_of_levels().take(together)


def video_record(name: str, labels: ArrayLike, features: ArrayLike) -> VideoRecord:
    """A video to write, from features as floats.

    Args:
        name: Its id.
        labels: Whole numbers (n,).
        features: (1152,) for a file at video level; (frames, 1152) for one at frame level, where they are rounded to
            8 bits: at most 2/255 off, between -1.99 and 2.01.

    Returns:
        The record.

    Raises:
        ValueError: If the features have another shape, or are not finite.
    """
    values = np.asarray(features, np.float32)
    if values.ndim not in (1, 2) or values.shape[-1] != FEATURES:
        raise ValueError(f"features must be ({FEATURES},) or (frames, {FEATURES}), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("features must be finite; find such frames with ~np.isfinite(features).all(axis=-1)")
    stored: NDArray = values if values.ndim == 1 else quantise(values)
    numbers = np.asarray(labels)
    return VideoRecord(
        name, numbers.astype(np.int64) if numbers.size == 0 else numbers, *np.split(stored, [VISUAL], axis=-1)
    )


class YouTube8MReader(Iterator[VideoRecord]):
    """Videos of one or more files, one after the other; what `read_youtube8m` returns.

    Attributes:
        read: How many videos came.
        skipped: How many records did not; a file whose rest is lost counts as one.
        faults: What was wrong with the first hundred of these.
    """

    def __init__(self, paths: list[Path], *, level: str, skips: bool, classes: int) -> None:
        self.paths, self.level, self.classes = paths, level, classes
        self.read, self.skipped = 0, 0
        self.faults: list[str] = []
        self._skips = skips
        self._videos = self._all()

    def __next__(self) -> VideoRecord:
        """The next video."""
        return next(self._videos)

    def _all(self) -> Iterator[VideoRecord]:
        parse = _parse_video if self.level == "video" else _parse_frames
        for path in self.paths:
            for number, record in enumerate(read_tfrecords(path)):
                if isinstance(record, BadRecord):
                    self._meet(record)
                    continue
                try:
                    video = parse(record)
                    _check_labels(video.labels, self.classes)
                except BadMessage as fault:
                    self._meet(BadRecord(f"{path}, record {number}: {fault}"))
                    continue
                self.read += 1
                yield video

    def _meet(self, fault: BadRecord) -> None:
        """Raise an error, or count it."""
        if not self._skips:
            raise fault
        self.skipped += 1
        if len(self.faults) < KEPT_FAULTS:
            self.faults.append(str(fault))


def read_youtube8m(paths: Paths, *, level: str, on_error: str = "raise", classes: int = TOPICS) -> YouTube8MReader:
    """Read videos, one after the other, from YouTube-8M's files; half a megabyte is in memory at a time.

    Args:
        paths: A file, or several, which are read in this order.
        level: ``"video"`` or ``"frame"``, what the files hold.
        on_error: What happens where a record is damaged, or is no video of this level: ``"raise"``, or ``"skip"``,
            which goes on with the next one and counts.
        classes: Labels must be below it.

    Returns:
        An iterator over `VideoRecord`, which counts what it read and skipped.

    Raises:
        FileNotFoundError: If one of the files does not exist.
        ValueError: If an argument is none of its values.
        BadRecord: While reading, with file and record, unless records are skipped.
    """
    files = [Path(paths)] if isinstance(paths, str | PathLike) else [Path(path) for path in paths]
    if not files:
        raise ValueError("paths must name at least one file, got none; does the pattern of a glob fit?")
    for path in files:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not a file")
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', got {on_error!r}")
    check_count("classes", classes)
    return YouTube8MReader(files, level=_checked_level(level), skips=on_error == "skip", classes=classes)


def write_youtube8m(
    path: str | PathLike[str], videos: Iterable[VideoRecord], *, level: str, classes: int = TOPICS
) -> int:
    """Write videos as a file that YouTube-8M's own reader reads.

    The file appears under its name only once it is whole.

    Args:
        path: The file.
        videos: What to write, such as `video_record` gives; one at a time is in memory.
        level: ``"video"`` or ``"frame"``.
        classes: Labels must be below it.

    Returns:
        How many videos were written.

    Raises:
        FileNotFoundError: If the folder does not exist.
        ValueError: If a video can't be read again: of another level or width, without frames or with more than 300,
            with labels out of range or numbers that are not finite.
    """
    encode = _encode_video if _checked_level(level) == "video" else _encode_frames
    check_count("classes", classes)

    def records() -> Iterator[bytes]:
        for number, video in enumerate(videos):
            try:
                _check_labels(video.labels, classes)
                yield encode(video)
            except BadMessage as fault:
                raise ValueError(f"videos[{number}] ({video.id}): {fault}") from fault

    return write_tfrecords(path, records())


def _checked_level(level: str) -> str:
    if level not in LEVELS:
        raise ValueError(f"level must be 'video' or 'frame', got {level!r}")
    return level


def _parse_video(record: bytes) -> VideoRecord:
    """A `tf.train.Example` as a video."""
    features = wire.map_entries(record, wire.messages(record, (0, len(record)), 1))
    means = []
    for name, width in (("mean_rgb", VISUAL), ("mean_audio", AUDIO)):
        if name.encode() not in features:
            raise BadMessage(f"it has no {name}; is level='frame' right?")
        values = wire.floats(record, wire.feature_at(record, features[name.encode()]))
        _check_width(name, values.shape, (width,))
        if not np.isfinite(values).all():
            raise BadMessage(f"{name} holds numbers that are not finite")
        means.append(values)
    return VideoRecord(*_context(record, features), *means)


def _parse_frames(record: bytes) -> VideoRecord:
    """A `tf.train.SequenceExample` as a video."""
    whole = (0, len(record))
    context = wire.map_entries(record, wire.messages(record, whole, 1))
    lists = wire.map_entries(record, wire.messages(record, whole, 2))
    rows = []
    for name, width in (("rgb", VISUAL), ("audio", AUDIO)):
        if name.encode() not in lists:
            raise BadMessage(f"it has no list {name}; is level='video' right?")
        found = wire.rows_of_bytes(record, lists[name.encode()])
        if isinstance(found, list):
            for number, row in enumerate(found):
                _check_width(f"frame {number} of {name}", (len(row),), (width,))
            found = np.frombuffer(b"".join(found), np.uint8).reshape(-1, width).copy()
        _check_width(f"a frame of {name}", found.shape[1:], (width,))
        rows.append(found)
    _check_frames(*rows)
    return VideoRecord(*_context(record, context), *rows)


def _context(record: bytes, features: dict[bytes, wire.Span]) -> tuple[str, NDArray[np.int64]]:
    """A video's id and labels."""
    place = features.get(b"id", features.get(b"video_id"))
    if place is None:
        raise BadMessage("it has neither id nor video_id")
    names = wire.byte_strings(record, wire.feature_at(record, place))
    if len(names) != 1:
        raise BadMessage(f"its id has {len(names)} byte strings in place of one")
    try:
        name = record[slice(*names[0])].decode()
    except UnicodeDecodeError as error:
        raise BadMessage("its id is no text") from error
    if b"labels" not in features:
        return name, np.zeros(0, np.int64)  # as in the benchmark's test files
    return name, wire.integers(record, wire.feature_at(record, features[b"labels"]))


def _check_labels(labels: NDArray[np.int64], classes: int) -> None:
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        raise BadMessage(f"its labels must lie in 0..{classes - 1}, got {labels.min()} to {labels.max()}")


def _check_width(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise BadMessage(f"{name} must have {wanted[-1]:,} numbers, got {' x '.join(map(str, shape))}")


def _check_frames(rgb: NDArray, audio: NDArray) -> None:
    if len(rgb) != len(audio):
        raise BadMessage(f"rgb and audio must be equally long, got {len(rgb)} and {len(audio)} frames")
    if not 1 <= len(rgb) <= MOST_FRAMES:
        raise BadMessage(f"it must have 1 to {MOST_FRAMES} frames, got {len(rgb)}")


def _encode_video(video: VideoRecord) -> bytes:
    """A `tf.train.Example`."""
    for name, values, width in (("rgb", video.rgb, VISUAL), ("audio", video.audio, AUDIO)):
        _check_width(name, values.shape, (width,))
        if values.dtype != np.float32 or not np.isfinite(values).all():
            raise BadMessage(f"{name} must be finite float32 at video level, got {values.dtype}")
    features = {
        "id": wire.bytes_feature(video.id.encode()),
        "labels": wire.integer_feature(video.labels.tolist()),
        "mean_audio": wire.float_feature(video.audio),
        "mean_rgb": wire.float_feature(video.rgb),
    }
    return wire.message((1, wire.map_message(features)))


def _encode_frames(video: VideoRecord) -> bytes:
    """A `tf.train.SequenceExample`."""
    for name, rows, width in (("rgb", video.rgb, VISUAL), ("audio", video.audio, AUDIO)):
        if rows.dtype != np.uint8 or rows.ndim != 2:
            raise BadMessage(f"{name} must be uint8 (frames, {width}) at frame level, got {rows.dtype} {rows.shape}")
        _check_width(f"a frame of {name}", rows.shape[1:], (width,))
    _check_frames(video.rgb, video.audio)
    context = {
        "id": wire.bytes_feature(video.id.encode()),
        "labels": wire.integer_feature(video.labels.tolist()),
    }
    lists = {
        name: wire.message(*((1, wire.bytes_feature(row.tobytes())) for row in rows))
        for name, rows in (("rgb", video.rgb), ("audio", video.audio))
    }
    return wire.message((1, wire.map_message(context)), (2, wire.map_message(lists)))


@cache
def _values_of_levels() -> NDArray[np.float32]:
    """What each of the 256 levels stands for."""
    return dequantise(np.arange(256, dtype=np.uint8))
