"""A folder of clips, one subfolder a class, to a classifier of new clips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.arguments import check_count, check_positive
from deepmedia.clips import BadClip
from deepmedia.video.compressing import FeatureCompression, fit_compression
from deepmedia.video.features import frame_features
from deepmedia.video.frames import read_frames
from deepmedia.video.taggers import gru_tagger, pad_clips

CLIP_SUFFIXES = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm", ".wmv")
FPS = 5.0  # frames a second that are looked at
SECONDS = 10.0  # of a clip, from its beginning
FEWEST_COMPONENTS, FRAMES_A_COMPONENT = 4, 16


@dataclass(frozen=True)
class LabelledClips:
    """Clips of a folder, as features.

    Args:
        class_names: Sorted.
        paths: Of the clips that could be read, class by class.
        labels: Class of each, int64 (clips,).
        features: Of each clip's frames, float32 (frames, 2048).
        faults: What is left out and why, one sentence a file, which begins with its path.
        fps: Frames a second that were read.
        seconds: Of each clip, from its beginning, that were read.
    """

    class_names: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: NDArray[np.int64]
    features: tuple[NDArray[np.float32], ...]
    faults: tuple[str, ...]
    fps: float
    seconds: float

    @property
    def report(self) -> str:
        """How many clips each class has, and what is left out."""
        counts = np.bincount(self.labels, minlength=len(self.class_names)).tolist()
        listed = ", ".join(f"{count} {name}" for name, count in zip(self.class_names, counts, strict=True))
        frames = [len(each) for each in self.features]
        lines = [f"{len(self.paths)} clips: {listed}; {min(frames)} to {max(frames)} frames each"]
        return "\n".join([*lines, f"left out: {len(self.faults)}", *(f"  {fault}" for fault in self.faults)])


@dataclass(frozen=True)
class ClipClassifier:
    """Tells the classes apart that `train_on_clips` was shown.

    Args:
        class_names: In the order of the probabilities.
        compression: From frame features to what the network reads.
        model: From whitened features to logits.
        fps: Frames a second that it looks at.
        seconds: Of a clip, from its beginning, that it looks at.
    """

    class_names: tuple[str, ...]
    compression: FeatureCompression
    model: keras.Model
    fps: float
    seconds: float

    def probabilities(self, features: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Probability of each class, float32 (clips, classes), from the features of each clip's frames."""
        logits = self.model(pad_clips([self.compression.whiten(each) for each in features]), training=False)
        return np.asarray(keras.ops.softmax(logits))

    def classify(self, path: str | PathLike[str]) -> dict[str, float]:
        """Probability of each class for a new file.

        Raises:
            FileNotFoundError: If there is no such file.
            BadClip: If it is no usable clip.
        """
        frames = read_frames(path, fps=self.fps, seconds=self.seconds).images
        found = self.probabilities([frame_features(frames)])[0]
        return dict(zip(self.class_names, found.tolist(), strict=True))


def read_clip_folder(
    folder: str | PathLike[str], *, fps: float = FPS, seconds: float = SECONDS, progress: Callable[[str], None] = print
) -> LabelledClips:
    """Read the clips of a folder that holds one subfolder a class.

    Clips may have any size, frame rate and length. What can't be read is left out and named. Hidden files are passed
    over.

    Args:
        folder: With at least two subfolders, whose names are the classes'.
        fps: Frames a second to look at.
        seconds: Of each clip, from its beginning.
        progress: Called with a line a class.

    Returns:
        The clips that could be read, as features, and the faults of the others.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has fewer than two subfolders, a class has no usable clip, or fps or seconds is not above 0.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"folder {root} does not exist; give the folder that holds one subfolder a class")
    check_positive("fps", fps)
    check_positive("seconds", seconds)
    classes = sorted(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))
    if len(classes) < 2:
        raise ValueError(f"folder {root} must hold at least two subfolders, one a class, got {len(classes)}")
    paths, labels, features, faults = list[Path](), list[int](), list[NDArray[np.float32]](), list[str]()
    for label, each in enumerate(classes):
        for path in sorted(each.iterdir()):
            if path.name.startswith("."):
                continue
            vectors = _features(path, fps, seconds, faults)
            if vectors is not None:
                paths.append(path)
                labels.append(label)
                features.append(vectors)
        if label not in labels:
            reasons = "; ".join(faults[:3]) or "it is empty"
            raise ValueError(f"class folder {each} holds no usable clip: {reasons}; add clips, or remove the folder")
        progress(f"{each.name}: {labels.count(label)} clips read")
    names = tuple(each.name for each in classes)
    return LabelledClips(names, tuple(paths), np.array(labels, np.int64), tuple(features), tuple(faults), fps, seconds)


def train_on_clips(
    clips: LabelledClips,
    rows: Sequence[int] | NDArray[np.int64] | None = None,
    *,
    components: int = 64,
    units: int = 32,
    epochs: int = 60,
    seed: int = 0,
) -> ClipClassifier:
    """Train a GRU to tell the classes of a folder apart.

    Args:
        clips: Of `read_clip_folder`.
        rows: Numbers of the clips to learn from; None for all.
        components: Principal components of the frame features to keep at most. For each of them there are at least
            16 frames, since whitened directions of fewer frames are noise.
        units: Of the GRU.
        epochs: Passes over the clips.
        seed: Of the first weights, the order and the dropout. Keras's global seed is set to it.

    Returns:
        The classifier.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If a number is below 1, a class has no clip among the rows, or all frames are alike.
    """
    check_count("components", components)
    check_count("epochs", epochs)
    chosen = np.arange(len(clips.labels)) if rows is None else np.asarray(rows)
    labels = clips.labels[chosen]
    lacking = [name for number, name in enumerate(clips.class_names) if number not in labels]
    if lacking:
        raise ValueError(f"rows must hold a clip of each class, got none of {', '.join(lacking)}")
    features = [clips.features[row] for row in chosen]
    frames = np.concatenate(features)
    directions = len(np.unique(frames, axis=0)) - 1
    width = min(components, directions, max(FEWEST_COMPONENTS, len(frames) // FRAMES_A_COMPONENT))
    if directions < 1:
        raise ValueError("the clips must show something that differs, but all of their frames are alike")
    compression = fit_compression(frames, components=width)
    keras.utils.set_random_seed(seed)
    model = gru_tagger(width, len(clips.class_names), units=units)
    model.compile(keras.optimizers.Adam(0.003), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    padded = pad_clips([compression.whiten(each) for each in features])
    model.fit(padded, labels, batch_size=16, epochs=epochs, verbose=0)
    return ClipClassifier(clips.class_names, compression, model, clips.fps, clips.seconds)


def _features(path: Path, fps: float, seconds: float, faults: list[str]) -> NDArray[np.float32] | None:
    """Features of a file's frames; None if it is no usable clip, with the reason added to the faults."""
    if path.suffix.lower() not in CLIP_SUFFIXES:
        faults.append(f"{path} is no clip by its name ({', '.join(CLIP_SUFFIXES)})")
        return None
    try:
        return frame_features(read_frames(path, fps=fps, seconds=seconds).images)
    except (BadClip, OSError) as error:
        faults.append(str(error))
        return None
