"""Four networks from the features of a clip's frames to one logit a label.

Two of them put the frames together in a way that no order can change: `average_tagger` takes their mean, and
`bag_of_frames_tagger`, a "deep bag of frames", the largest value of each of many learned features. The other two,
`lstm_tagger` and `gru_tagger`, read frame after frame.

Source: frame_level_models.py of https://github.com/google/youtube-8m (`DbofModel`, `LstmModel`), whose order of layers
the bag and the LSTM follow. Departs from it: ReLU for normalisation and sigmoid, all frames for 30 drawn ones, one
recurrent layer for two, a linear classifier for a mixture of experts, and far fewer units.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count, check_fraction


def average_tagger(width: int, labels: int, *, units: int = 64, dropout: float = 0.3) -> keras.Model:
    """The mean of a clip's frames, a hidden layer, a logit for each label.

    Args:
        width: Numbers that describe a frame.
        labels: How many labels there are.
        units: Of the hidden layer.
        dropout: Share of the last features that are left out in each training step.

    Returns:
        A model from clips, float32 (n, frames, width), to logits (n, labels). Frames of zeros alone are padding at
        the end of shorter clips, which `pad_clips` adds: they change nothing.

    Raises:
        TypeError: If a number is not of its kind.
        ValueError: If width, labels or units are below 1, or dropout is not in 0 <= dropout < 1.

    >>> average_tagger(128, 18).output.shape
    (None, 18)
    """

    def mean(clips: keras.KerasTensor) -> keras.KerasTensor:
        there = _is_frame(clips)
        total = ops.sum(clips * there, axis=1)  # (n, width)
        x = total / ops.maximum(ops.sum(there, axis=1), 1)
        return layers.Dense(units, activation="relu", name="hidden")(x)

    return _tagger("average_tagger", mean, width, labels, units, dropout)


def bag_of_frames_tagger(
    width: int, labels: int, *, clusters: int = 256, units: int = 64, dropout: float = 0.3
) -> keras.Model:
    """Deep bag of frames: the same layer for each frame, the maximum over the frames, a hidden layer, the logits.

    Arguments and result as for `average_tagger`; clusters is the number of features that the first layer makes of each
    frame, of which the largest value over the clip is kept.

    >>> bag_of_frames_tagger(128, 18).get_layer("frame").output.shape
    (None, None, 256)
    """
    check_count("clusters", clusters)

    def bag(clips: keras.KerasTensor) -> keras.KerasTensor:
        each = layers.Dense(clusters, activation="relu", name="frame")(clips)  # (n, frames, clusters)
        x = ops.max(each * _is_frame(clips), axis=1)  # a ReLU gives at least 0, so padding never wins
        return layers.Dense(units, activation="relu", name="hidden")(x)

    return _tagger("bag_of_frames_tagger", bag, width, labels, units, dropout)


def lstm_tagger(width: int, labels: int, *, units: int = 64, dropout: float = 0.3) -> keras.Model:
    """An LSTM reads the frames in order; its last hidden state gives the logits. Arguments as for `average_tagger`."""

    def read(clips: keras.KerasTensor) -> keras.KerasTensor:
        return layers.LSTM(units, name="lstm")(layers.Masking(name="padding")(clips))

    return _tagger("lstm_tagger", read, width, labels, units, dropout)


def gru_tagger(width: int, labels: int, *, units: int = 64, dropout: float = 0.3) -> keras.Model:
    """A GRU reads the frames in order; its last hidden state gives the logits. Arguments as for `average_tagger`."""

    def read(clips: keras.KerasTensor) -> keras.KerasTensor:
        return layers.GRU(units, name="gru")(layers.Masking(name="padding")(clips))

    return _tagger("gru_tagger", read, width, labels, units, dropout)


def pad_clips(clips: Sequence[ArrayLike]) -> NDArray[np.float32]:
    """Clips of different lengths as one array, with frames of zeros behind the shorter ones.

    Args:
        clips: Features of each clip's frames, float (frames, width), of one width.

    Returns:
        float32 (clips, frames of the longest, width).

    Raises:
        TypeError: If they are no numbers.
        ValueError: If there are none, one has no frames, their widths differ, or one is not finite.

    >>> pad_clips([[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]])[0].tolist()
    [[1.0, 2.0], [0.0, 0.0]]
    """
    if len(clips) == 0:
        raise ValueError("clips must hold at least one clip, got none; is a split empty?")
    arrays = [as_floats(clip, f"clips[{number}]") for number, clip in enumerate(clips)]
    for number, array in enumerate(arrays):
        if array.ndim != 2 or array.shape[1] != arrays[0].shape[-1]:
            raise ValueError(
                f"clips must be (frames, width) each and of one width, got shape {array.shape} at clips[{number}] "
                f"beside {arrays[0].shape}"
            )
    padded = np.zeros((len(arrays), max(map(len, arrays)), arrays[0].shape[1]), np.float32)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    return padded


def _tagger(
    name: str,
    together: Callable[[keras.KerasTensor], keras.KerasTensor],
    width: int,
    labels: int,
    units: int,
    dropout: float,
) -> keras.Model:
    for setting, value in (("width", width), ("labels", labels), ("units", units)):
        check_count(setting, value)
    check_fraction("dropout", dropout)
    clips = keras.Input((None, width), name="clips")
    x = layers.Dropout(dropout, name="dropout")(together(clips))
    return keras.Model(clips, layers.Dense(labels, name="logits")(x), name=name)


def _is_frame(clips: keras.KerasTensor) -> keras.KerasTensor:
    """1 for each frame, 0 for padding: (n, frames, 1)."""
    return ops.cast(ops.any(ops.not_equal(clips, 0), axis=-1, keepdims=True), "float32")
