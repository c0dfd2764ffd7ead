"""Experiments of the page "Recurrent networks": how far back a gradient reaches, and a task that needs a memory."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.video.recurrent import (
    RecurrentGradients,
    gru,
    gru_gradients,
    lstm,
    lstm_gradients,
    rnn,
    rnn_gradients,
)

NamedArrays = dict[str, NDArray]

GARMENTS = 4  # kinds that a frame of the task can show
FEATURES = GARMENTS + 1  # one for each kind, and one for the lamp
LAMP_FRAMES = 5  # the lamp shines in one of so many first frames
UNITS = 16


class RecurrentKind(NamedTuple):
    """A kind of recurrent network: forward, back, and how many gates or candidates share its weights."""

    forward: Callable[..., NDArray]
    backward: Callable[..., RecurrentGradients]
    gates: int


KINDS = {
    "RNN": RecurrentKind(rnn, rnn_gradients, 1),
    "LSTM": RecurrentKind(lstm, lstm_gradients, 4),
    "GRU": RecurrentKind(gru, gru_gradients, 3),
}


class TakesSteps(Protocol):
    """An optimiser, as those of part 1."""

    def step(self, parameters: NamedArrays, gradients: NamedArrays) -> None:
        """Change the parameters in place."""


def first_weights(
    kind: str, *, features: int = FEATURES, units: int = UNITS, remember: int | None = None, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Weights of a recurrent network before training, drawn as Keras draws them.

    Args:
        kind: A key of `KINDS`.
        features: Of a frame.
        units: Of the hidden state.
        remember: Steps, at least 3, for which the gates hold the state at first: the gate that keeps it starts at
            1 - 1/remember. None for Keras's start.
        seed: Of the draw.

    Returns:
        Kernel (features, gates * units), recurrent kernel (units, gates * units) and bias, as `deepmedia.video` takes
        them.

    Raises:
        ValueError: If a plain network, which has no gates, is to remember; if `remember` is below 3.

    Source: Keras's defaults (Glorot's uniform kernel, orthogonal recurrent kernel, zero bias, 1 for an LSTM's forget
        gate); with `remember`, Tallec and Ollivier (2018), arXiv:1804.11188, section 2.2, but one and the same time
        for all units, where they draw it for each.
    """
    if remember is not None and (kind == "RNN" or remember < 3):
        raise ValueError(f"remember must be None for an RNN, which has no gates, else at least 3, got {remember}")
    generator, gates = np.random.default_rng(seed), KINDS[kind].gates
    width = gates * units
    limit = np.sqrt(6 / (features + width))
    kernel = generator.uniform(-limit, limit, (features, width))
    recurrent_kernel = np.linalg.qr(generator.normal(size=(width, units)))[0].T  # orthonormal rows
    bias = np.zeros((2, width) if kind == "GRU" else width)
    keep = 0 if remember is None else np.log(remember - 1)  # sigmoid(keep) = 1 - 1 / remember
    if kind == "GRU":
        bias[0, :units] = keep
    if kind == "LSTM":
        bias[units : 2 * units] = 1 if remember is None else keep
        bias[:units] = -keep
    return kernel.astype("float32"), recurrent_kernel.astype("float32"), bias.astype("float32")


def gradient_reach(
    kind: str, *, steps: int = 100, remember: int | None = None, seed: int = 0, gain: float = 1.0
) -> NDArray[np.float64]:
    """How much an untrained network's last state depends on each frame, by back-propagation.

    Frames and the derivatives of the loss with respect to the last state are random, as nothing is known of them.

    Args:
        kind: A key of `KINDS`.
        steps: Frames of a clip.
        remember: As for `first_weights`.
        seed: Of weights, frames and derivatives.
        gain: Factor of the recurrent kernel.

    Returns:
        (steps,): the mean size of the derivatives of the loss with respect to a frame, for the last frame, the one
        before it, and so on to the first; in parts of that for the last frame.
    """
    kernel, recurrent_kernel, bias = first_weights(kind, remember=remember, seed=seed)
    generator = np.random.default_rng([seed, 1])
    frames = generator.normal(size=(32, steps, FEATURES))
    upstream = np.zeros((32, steps, UNITS))
    upstream[:, -1] = generator.normal(size=(32, UNITS))
    found = KINDS[kind].backward(frames, kernel.astype(float), gain * recurrent_kernel.astype(float), bias, upstream)
    sizes = np.linalg.norm(found.inputs, axis=2).mean(axis=0)[::-1]
    return sizes / sizes[0]


def lamp_clips(count: int, steps: int, generator: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Clips of garments, one a frame, in one of whose first frames a lamp shines.

    Args:
        count: Of clips.
        steps: Frames of a clip, at least `LAMP_FRAMES`.
        generator: Of the draws.

    Returns:
        Frames (count, steps, FEATURES): a 1 for the garment shown, and in the last column 1 where the lamp shines.
        Labels (count,): the garment that was shown when it did.
    """
    garments = generator.integers(GARMENTS, size=(count, steps))
    shines = generator.integers(LAMP_FRAMES, size=count)
    frames = np.zeros((count, steps, FEATURES), np.float32)
    frames[..., :GARMENTS] = np.eye(GARMENTS)[garments]
    frames[np.arange(count), shines, GARMENTS] = 1
    return frames, garments[np.arange(count), shines]


def new_network(kind: str, *, remember: int | None = None, seed: int = 0) -> NamedArrays:
    """A recurrent layer, and a dense one that reads its last state, before training."""
    names = ("kernel", "recurrent_kernel", "bias")
    layer = dict(zip(names, first_weights(kind, remember=remember, seed=seed), strict=True))
    head = np.random.default_rng([seed, 2]).normal(0, UNITS**-0.5, (UNITS, GARMENTS))
    return {**layer, "head": head.astype("float32"), "head_bias": np.zeros(GARMENTS, "float32")}


def read_last_state(network: NamedArrays, kind: str, frames: NDArray) -> tuple[NDArray, NDArray]:
    """The last hidden state (batch, units), and the logits (batch, GARMENTS) that are read from it."""
    layer = network["kernel"], network["recurrent_kernel"], network["bias"]
    last = KINDS[kind].forward(frames, *layer)[:, -1]
    return last, last @ network["head"] + network["head_bias"]


def gradients_of(network: NamedArrays, kind: str, frames: NDArray, labels: NDArray) -> tuple[float, NamedArrays]:
    """The mean cross-entropy of some clips, and its gradients."""
    last, logits = read_last_state(network, kind, frames)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(p)), labels] + 1e-9).mean()

    d_logits = (p - np.eye(GARMENTS, dtype="float32")[labels]) / len(p)
    upstream = np.zeros((*frames.shape[:2], UNITS), "float32")
    upstream[:, -1] = d_logits @ network["head"].T  # only the last state is read
    layer = network["kernel"], network["recurrent_kernel"], network["bias"]
    back = KINDS[kind].backward(frames, *layer, upstream)
    return float(loss), {
        "kernel": back.kernel,
        "recurrent_kernel": back.recurrent_kernel,
        "bias": back.bias,
        "head": last.T @ d_logits,
        "head_bias": d_logits.sum(axis=0),
    }


def train_on_lamp(
    kind: str, optimiser: TakesSteps, *, remember: int | None = None, steps: int = 40, updates: int = 300, seed: int = 0
) -> float:
    """Train a network to say what the lamp shone on, and try it on clips that it has not seen.

    Args:
        kind: A key of `KINDS`.
        optimiser: A new one.
        remember: As for `first_weights`.
        steps: Frames of a clip.
        updates: Steps of the optimiser, each on 32 new clips.
        seed: Of weights and clips: with the same seed all kinds see the same clips.

    Returns:
        The share of 500 new clips for which it is right.
    """
    network = new_network(kind, remember=remember, seed=seed)
    generator = np.random.default_rng([seed, 3])
    for _ in range(updates):
        _, gradients = gradients_of(network, kind, *lamp_clips(32, steps, generator))
        optimiser.step(network, gradients)
    frames, labels = lamp_clips(500, steps, np.random.default_rng([seed, 4]))
    return float(np.mean(read_last_state(network, kind, frames)[1].argmax(axis=1) == labels))


def gap_to_keras(layer: keras.layers.Layer, frames: ArrayLike, mask: NDArray[np.bool_] | None = None) -> float:
    """The largest difference between a recurrent layer of Keras and ours with its weights.

    Args:
        layer: `SimpleRNN`, `LSTM` or `GRU`, with ``return_sequences=True``.
        frames: Real (batch, steps, features).
        mask: Which steps count, (batch, steps), or None for all.

    Returns:
        The largest among the hidden states and the gradients of a random weighted sum of them, with respect to frames
        and weights.
    """
    inputs = tf.constant(np.asarray(frames, np.float32))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        theirs = layer(inputs, mask=None if mask is None else tf.constant(mask))
        upstream = np.random.default_rng(0).normal(size=theirs.shape).astype("float32")
        loss = tf.reduce_sum(theirs * upstream)
    weights = [each.value for each in layer.trainable_variables]
    gradients = tape.gradient(loss, [inputs, *weights])

    names = {keras.layers.SimpleRNN: "RNN", keras.layers.LSTM: "LSTM", keras.layers.GRU: "GRU"}
    kind, options = KINDS[names[type(layer)]], {"mask": mask}
    if isinstance(layer, keras.layers.GRU):
        options["reset_after"] = layer.reset_after
    doubles = [np.asarray(each, float) for each in (inputs, *layer.get_weights())]  # what is left is Keras's rounding
    ours = kind.forward(*doubles, **options)
    found = kind.backward(*doubles, upstream, **options)
    pairs = [(ours, theirs), *zip(found[:4], gradients, strict=True)]
    return max(float(np.abs(one - np.asarray(other)).max()) for one, other in pairs)
