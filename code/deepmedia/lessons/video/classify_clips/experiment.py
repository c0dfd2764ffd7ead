"""What the page "Classify clips" trains, scores, and writes as a reader's own folder."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.clips import ClipWriter
from deepmedia.datasets import FASHION_CLASSES, fashion_mnist
from deepmedia.statistics import bootstrap_interval
from deepmedia.video import MOTIONS, mean_average_precision
from deepmedia.video.own_clips import CLIP_SUFFIXES

GARMENTS = len(FASHION_CLASSES)  # columns of labels before those of motions
OPPOSITE = np.arange(len(MOTIONS)) ^ 1  # the motions come in pairs: of number 0 it is 1, of 1 it is 0
CELLS = 16  # of the grid of a frame's features
SIZES, RATES = ((64, 64), (90, 160), (120, 80), (240, 320)), (10.0, 25.0, 30.0, 12.5)  # of the made clips
GARMENT_PART = 0.45  # side of the garment, of the shorter side of its clip
CLIP_SECONDS = 1.6


def fit_tagger(
    make: Callable[..., keras.Model],
    clips: NDArray[np.float32],
    labels: NDArray[np.uint8],
    *,
    epochs: int = 12,
    units: int = 128,
    seed: int = 0,
) -> keras.Model:
    """Train a network of `deepmedia.video.taggers` on clips of one length.

    Args:
        make: What builds it, from the width of a frame's features and the number of labels.
        clips: float32 (n, frames, width).
        labels: 0 or 1 (n, labels).
        epochs: Passes over the clips, in batches of 32.
        units: Of its hidden layer.
        seed: Of the first weights, the order and the dropout.
    """
    keras.utils.set_random_seed(seed)
    model = make(clips.shape[-1], labels.shape[1], units=units)
    model.compile(keras.optimizers.Adam(0.002), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(clips, labels.astype(np.float32), batch_size=32, epochs=epochs, verbose=0)
    return model


def clip_logits(model: keras.Model, clips: NDArray[np.float32]) -> NDArray[np.float32]:
    """A logit for each clip and label."""
    return np.asarray(model(clips, training=False))


def motion_precision(logits: NDArray, labels: NDArray[np.uint8]) -> float:
    """Mean average precision over the eight motions."""
    return mean_average_precision(logits[:, GARMENTS:], labels[:, GARMENTS:])


def garment_precision_of(logits: NDArray, labels: NDArray[np.uint8]) -> float:
    """Mean average precision over the ten classes of garments."""
    return mean_average_precision(logits[:, :GARMENTS], labels[:, :GARMENTS])


def precision_by_pair(logits: NDArray, labels: NDArray[np.uint8]) -> list[float]:
    """Mean average precision of each pair of opposite motions."""
    columns = range(GARMENTS, labels.shape[1], 2)
    return [mean_average_precision(logits[:, c : c + 2], labels[:, c : c + 2]) for c in columns]


def reversed_labels(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Labels of the same clips played backwards: the garments stay, each motion becomes its opposite."""
    return np.concatenate([labels[:, :GARMENTS], labels[:, GARMENTS:][:, OPPOSITE]], axis=1)


def shuffled_frames(clips: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """The frames of each clip in an order drawn for it."""
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(clips.shape[1]), (len(clips), 1)), axis=1)
    return np.take_along_axis(clips, order[:, :, None], axis=1)


def without_place(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over the grid's cells: (..., 16 · channels) to (..., channels)."""
    return features.reshape(*features.shape[:-1], CELLS, -1).mean(axis=-2)


def gain_interval(
    better: list[NDArray], worse: list[NDArray], labels: NDArray[np.uint8], *, resamples: int = 500
) -> tuple[float, float]:
    """95 % bootstrap interval, over clips, of how much more motion precision one network has than another.

    Args:
        better: Logits of one network, a run each.
        worse: Of the other, with the same seeds.
        labels: 0 or 1 (clips, labels).
        resamples: How often the clips are drawn again, both networks on the same ones.
    """
    columns = slice(GARMENTS, None)

    def gain(drawn: NDArray) -> float:
        rows = drawn.astype(int)
        sums = [sum(quick_precision(z[rows, columns], labels[rows, columns]) for z in runs) for runs in (better, worse)]
        return float(sums[0] - sums[1]) / len(better)

    return bootstrap_interval(np.arange(len(labels)), gain, resamples=resamples)


def quick_precision(scores: NDArray, labels: NDArray[np.uint8]) -> float:
    """Mean average precision over all labels that occur, as fast as NumPy sorts; equal scores keep their order."""
    order = np.argsort(-scores, axis=0, kind="stable")
    hits = np.take_along_axis(labels, order, axis=0).astype(float)
    precisions = np.cumsum(hits, axis=0) / np.arange(1, len(hits) + 1)[:, None]
    positives = hits.sum(axis=0)
    return float(((precisions * hits).sum(axis=0) / np.maximum(positives, 1))[positives > 0].mean())


def write_own_clips(folder: Path, *, each: int = 12) -> None:
    """A made folder as readers may have one: garments that go to the left, to the right, or nowhere.

    The clips have four sizes and four frame rates; one file is cut in half, and one is no clip.

    Args:
        folder: It is made, with the subfolders "left", "right" and "still".
        each: Clips in each of them.
    """
    images, _ = fashion_mnist("train")
    rng = np.random.default_rng(0)
    for name in ("left", "right", "still"):
        (folder / name).mkdir(parents=True)
        for number in range(each):
            garment = images[rng.integers(len(images))]
            suffix = ".avi" if number % 3 == 1 else ".mp4"
            _write(folder / name / f"{number}{suffix}", name, garment, number, rng)
    whole = folder / "left" / "0.mp4"
    data = whole.read_bytes()
    whole.with_name("cut.mp4").write_bytes(data[: len(data) // 2])
    (folder / "right" / "notes.txt").write_text(f"Clips end in {CLIP_SUFFIXES[0]} or the like.\n", encoding="utf-8")


def _write(path: Path, motion: str, garment: NDArray[np.uint8], number: int, rng: np.random.Generator) -> None:
    """One clip: a bright garment over an even colour."""
    import cv2

    (height, width), fps = SIZES[number % 4], RATES[number % 4]
    side = int(GARMENT_PART * min(height, width))
    small = cv2.resize(garment, (side, side)).astype(float)[..., None] / 255
    paint, ground = rng.uniform(150, 255, 3), rng.uniform(20, 90, 3)
    top, spot = int(rng.uniform(0, height - side)), rng.uniform(0.2, 0.8)
    count = round(CLIP_SECONDS * fps)
    with ClipWriter(path, fps=fps) as clip:
        for frame in range(count):
            part = frame / (count - 1)
            part = {"left": 1 - part, "right": part, "still": spot}[motion]
            left = int(part * (width - side))
            image = np.tile(ground, (height, width, 1))
            under = image[top : top + side, left : left + side]
            image[top : top + side, left : left + side] = under * (1 - small) + paint * small
            clip.write(image.astype(np.uint8))
