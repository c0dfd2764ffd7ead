"""Recurrent networks in NumPy: a plain one, LSTM and GRU, each step forward with its way back beside it.

x is the input of a step (batch, features), h the hidden state after it (batch, units), c an LSTM's memory cell; h0 and
c0 are those before the step. W is the kernel, U the recurrent kernel, b the bias: shapes and order of gates are
Keras's, so `layer.get_weights()` fits. d_a stands for the derivative of the loss with respect to a.

Sources: Hochreiter and Schmidhuber (1997), "Long Short-Term Memory", doi:10.1162/neco.1997.9.8.1735, with the forget
gate of Gers, Schmidhuber and Cummins (2000), doi:10.1162/089976600300015015; Cho et al. (2014), "Learning Phrase
Representations using RNN Encoder-Decoder for Statistical Machine Translation", arXiv:1406.1078.
"""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats

State = tuple[NDArray, ...]  # (h,) or (h, c)


class RecurrentGradients(NamedTuple):
    """Derivatives of a loss, each in the shape of what it is taken with respect to.

    Args:
        inputs: (batch, steps, features).
        kernel: As the kernel.
        recurrent_kernel: As the recurrent kernel.
        bias: As the bias.
        hidden: (batch, steps, units): with respect to the hidden state after each step, along all ways from it to the
            loss. How it shrinks from the last step to the first shows how far back a network can learn.
    """

    inputs: NDArray
    kernel: NDArray
    recurrent_kernel: NDArray
    bias: NDArray
    hidden: NDArray


class RecurrentCell:
    """Weights of one step and, while going back, the sum of their derivatives over the steps.

    Args:
        kernel: W, real (features, gates * units).
        recurrent_kernel: U, real (units, gates * units).
        bias: b, real, in the shape that the cell needs.

    Raises:
        TypeError: If they are not real numbers.
        ValueError: If their shapes don't fit together, or a number is not finite.
    """

    gates: ClassVar[int]
    states: ClassVar[int] = 1  # how many arrays go from step to step
    biases: ClassVar[int] = 1  # rows of the bias

    def __init__(self, kernel: ArrayLike, recurrent_kernel: ArrayLike, bias: ArrayLike) -> None:
        self.kernel, self.bias = as_floats(kernel, "kernel"), as_floats(bias, "bias")
        self.recurrent_kernel = as_floats(recurrent_kernel, "recurrent_kernel")
        self.units = len(self.recurrent_kernel)
        width = self.gates * self.units
        bias_shape = (width,) if self.biases == 1 else (self.biases, width)
        for name, array, shape in (
            ("recurrent_kernel", self.recurrent_kernel, (self.units, width)),
            ("kernel", self.kernel, (len(self.kernel), width)),
            ("bias", self.bias, bias_shape),
        ):
            if array.shape != shape:
                raise ValueError(
                    f"{name} must be {shape} for {self.units} units, the rows of recurrent_kernel, and "
                    f"{self.gates} x {self.units} columns, got {array.shape}"
                )
        self.d_kernel, self.d_bias = np.zeros_like(self.kernel), np.zeros_like(self.bias)
        self.d_recurrent_kernel = np.zeros_like(self.recurrent_kernel)

    def step(self, x: NDArray, state: State) -> tuple[State, Any]:
        """The state after a step, and what the way back needs."""
        raise NotImplementedError

    def step_back(self, d_state: State, kept: Any) -> tuple[NDArray, State]:
        """From the derivatives with respect to the state after a step: d_x, and those with respect to the state before.

        Adds those with respect to the weights to `d_kernel`, `d_recurrent_kernel` and `d_bias`.
        """
        raise NotImplementedError


class RNNCell(RecurrentCell):
    """A plain recurrent network: h = tanh(x W + h0 U + b)."""

    gates = 1

    def step(self, x: NDArray, state: State) -> tuple[State, Any]:
        """The hidden state after a step."""
        (h0,) = state
        # h = tanh(x W + h0 U + b)
        h = np.tanh(x @ self.kernel + h0 @ self.recurrent_kernel + self.bias)
        return (h,), (x, h0, h)

    def step_back(self, d_state: State, kept: Any) -> tuple[NDArray, State]:
        """Back through the step."""
        (d_h,), (x, h0, h) = d_state, kept
        # tanh'(a) = 1 - tanh(a)^2
        d_a = d_h * (1 - h * h)
        self.d_kernel += x.T @ d_a
        self.d_recurrent_kernel += h0.T @ d_a
        self.d_bias += d_a.sum(axis=0)
        return d_a @ self.kernel.T, (d_a @ self.recurrent_kernel.T,)


class LSTMCell(RecurrentCell):
    """Long short-term memory: a cell c that gates write to, keep and show. Gates in the order i, f, g, o."""

    gates, states = 4, 2

    def step(self, x: NDArray, state: State) -> tuple[State, Any]:
        """The hidden state and the cell after a step."""
        h0, c0 = state
        # input, forget and output gate: i, f, o = sigmoid(x W + h0 U + b); candidate: g = tanh(x W + h0 U + b)
        a_i, a_f, a_g, a_o = np.split(x @ self.kernel + h0 @ self.recurrent_kernel + self.bias, 4, axis=1)
        i, f, g, o = _sigmoid(a_i), _sigmoid(a_f), np.tanh(a_g), _sigmoid(a_o)
        # c = f c0 + i g: what is kept, and what is new
        c = f * c0 + i * g
        # h = o tanh(c): what is shown
        shown = np.tanh(c)
        return (o * shown, c), (x, h0, c0, i, f, g, o, shown)

    def step_back(self, d_state: State, kept: Any) -> tuple[NDArray, State]:
        """Back through the step."""
        (d_h, d_c), (x, h0, c0, i, f, g, o, shown) = d_state, kept
        # h = o tanh(c)
        d_o = d_h * shown
        d_c = d_c + d_h * o * (1 - shown * shown)
        # c = f c0 + i g
        d_f, d_c0, d_i, d_g = d_c * c0, d_c * f, d_c * g, d_c * i
        # sigmoid'(a) = s (1 - s), tanh'(a) = 1 - tanh(a)^2
        d_a = np.concatenate([d_i * i * (1 - i), d_f * f * (1 - f), d_g * (1 - g * g), d_o * o * (1 - o)], axis=1)
        self.d_kernel += x.T @ d_a
        self.d_recurrent_kernel += h0.T @ d_a
        self.d_bias += d_a.sum(axis=0)
        return d_a @ self.kernel.T, (d_a @ self.recurrent_kernel.T, d_c0)


class GRUCell(RecurrentCell):
    """Gated recurrent unit, its reset gate behind the product with U. Gates in the order z, r, g; two biases."""

    gates, biases = 3, 2

    def step(self, x: NDArray, state: State) -> tuple[State, Any]:
        """The hidden state after a step."""
        (h0,) = state
        x_z, x_r, x_g = np.split(x @ self.kernel + self.bias[0], 3, axis=1)
        h_z, h_r, h_g = np.split(h0 @ self.recurrent_kernel + self.bias[1], 3, axis=1)
        # update and reset gate: z, r = sigmoid(x W + b + h0 U + b')
        z, r = _sigmoid(x_z + h_z), _sigmoid(x_r + h_r)
        # candidate: g = tanh(x W + b + r (h0 U + b'))
        g = np.tanh(x_g + r * h_g)
        # h = z h0 + (1 - z) g: between what was and what is new
        return (z * h0 + (1 - z) * g,), (x, h0, h_g, z, r, g)

    def step_back(self, d_state: State, kept: Any) -> tuple[NDArray, State]:
        """Back through the step."""
        (d_h,), (x, h0, h_g, z, r, g) = d_state, kept
        # h = z h0 + (1 - z) g
        d_z, d_g, d_h0 = d_h * (h0 - g), d_h * (1 - z), d_h * z
        # g = tanh(x_g + r h_g)
        d_g = d_g * (1 - g * g)
        d_r = d_g * h_g
        # sigmoid'(a) = s (1 - s)
        d_z, d_r = d_z * z * (1 - z), d_r * r * (1 - r)
        d_x_part = np.concatenate([d_z, d_r, d_g], axis=1)
        d_h_part = np.concatenate([d_z, d_r, d_g * r], axis=1)
        self.d_kernel += x.T @ d_x_part
        self.d_recurrent_kernel += h0.T @ d_h_part
        self.d_bias += np.stack([d_x_part.sum(axis=0), d_h_part.sum(axis=0)])
        return d_x_part @ self.kernel.T, (d_h0 + d_h_part @ self.recurrent_kernel.T,)


class ResetFirstGRUCell(RecurrentCell):
    """Gated recurrent unit, its reset gate before the product with U. Gates in the order z, r, g; one bias."""

    gates = 3

    def step(self, x: NDArray, state: State) -> tuple[State, Any]:
        """The hidden state after a step."""
        (h0,) = state
        u_gates, u_g = np.split(self.recurrent_kernel, [2 * self.units], axis=1)
        x_z, x_r, x_g = np.split(x @ self.kernel + self.bias, 3, axis=1)
        h_z, h_r = np.split(h0 @ u_gates, 2, axis=1)
        # update and reset gate: z, r = sigmoid(x W + h0 U + b)
        z, r = _sigmoid(x_z + h_z), _sigmoid(x_r + h_r)
        # candidate: g = tanh(x W + (r h0) U + b)
        g = np.tanh(x_g + (r * h0) @ u_g)
        # h = z h0 + (1 - z) g: between what was and what is new
        return (z * h0 + (1 - z) * g,), (x, h0, z, r, g)

    def step_back(self, d_state: State, kept: Any) -> tuple[NDArray, State]:
        """Back through the step."""
        (d_h,), (x, h0, z, r, g) = d_state, kept
        u_gates, u_g = np.split(self.recurrent_kernel, [2 * self.units], axis=1)
        # h = z h0 + (1 - z) g
        d_z, d_g, d_h0 = d_h * (h0 - g), d_h * (1 - z), d_h * z
        # g = tanh(x_g + (r h0) U)
        d_g = d_g * (1 - g * g)
        d_reset = d_g @ u_g.T
        d_r, d_h0 = d_reset * h0, d_h0 + d_reset * r
        # sigmoid'(a) = s (1 - s)
        d_gates = np.concatenate([d_z * z * (1 - z), d_r * r * (1 - r)], axis=1)
        d_a = np.concatenate([d_gates, d_g], axis=1)
        self.d_kernel += x.T @ d_a
        self.d_recurrent_kernel += np.concatenate([h0.T @ d_gates, (r * h0).T @ d_g], axis=1)
        self.d_bias += d_a.sum(axis=0)
        return d_a @ self.kernel.T, (d_h0 + d_gates @ u_gates.T,)


def rnn(
    inputs: ArrayLike, kernel: ArrayLike, recurrent_kernel: ArrayLike, bias: ArrayLike, *, mask: ArrayLike | None = None
) -> NDArray:
    """Hidden states of a plain recurrent network, which starts from zeros.

    Args:
        inputs: Real (batch, steps, features).
        kernel: (features, units).
        recurrent_kernel: (units, units).
        bias: (units,).
        mask: Booleans (batch, steps); where False, the step is skipped and the state stays.

    Returns:
        (batch, steps, units), the hidden state after each step.

    Raises:
        TypeError: If something is not made of numbers.
        ValueError: If shapes don't fit together, or a number is not finite.
    """
    return _run(RNNCell(kernel, recurrent_kernel, bias), inputs, mask)[0]


def rnn_gradients(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    upstream: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> RecurrentGradients:
    """Derivatives of a loss behind `rnn`, given those with respect to its result, `upstream` (batch, steps, units)."""
    return _run_back(RNNCell(kernel, recurrent_kernel, bias), inputs, upstream, mask)


def lstm(
    inputs: ArrayLike, kernel: ArrayLike, recurrent_kernel: ArrayLike, bias: ArrayLike, *, mask: ArrayLike | None = None
) -> NDArray:
    """Hidden states of an LSTM, which starts from zeros.

    Args:
        inputs: Real (batch, steps, features).
        kernel: (features, 4 units): input gate, forget gate, candidate, output gate.
        recurrent_kernel: (units, 4 units).
        bias: (4 units,).
        mask: Booleans (batch, steps); where False, the step is skipped and the state stays.

    Returns:
        (batch, steps, units), the hidden state after each step.

    Raises:
        TypeError: If something is not made of numbers.
        ValueError: If shapes don't fit together, or a number is not finite.

    >>> lstm(np.ones((2, 5, 3)), np.zeros((3, 8)), np.zeros((2, 8)), np.zeros(8)).shape
    (2, 5, 2)
    """
    return _run(LSTMCell(kernel, recurrent_kernel, bias), inputs, mask)[0]


def lstm_gradients(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    upstream: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> RecurrentGradients:
    """Derivatives of a loss behind `lstm`, given those with respect to its result, `upstream` (batch, steps, units)."""
    return _run_back(LSTMCell(kernel, recurrent_kernel, bias), inputs, upstream, mask)


def gru(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    reset_after: bool = True,
) -> NDArray:
    """Hidden states of a GRU, which starts from zeros.

    Args:
        inputs: Real (batch, steps, features).
        kernel: (features, 3 units): update gate, reset gate, candidate.
        recurrent_kernel: (units, 3 units).
        bias: (2, 3 units), those of the inputs and those of the state; (3 units,) unless `reset_after`.
        mask: Booleans (batch, steps); where False, the step is skipped and the state stays.
        reset_after: Whether the reset gate acts behind the product with the recurrent kernel or before it.

    Returns:
        (batch, steps, units), the hidden state after each step.

    Raises:
        TypeError: If something is not made of numbers.
        ValueError: If shapes don't fit together, or a number is not finite.

    >>> gru(np.ones((2, 5, 3)), np.zeros((3, 6)), np.zeros((2, 6)), np.zeros((2, 6))).shape
    (2, 5, 2)
    """
    return _run(_gru_cell(reset_after)(kernel, recurrent_kernel, bias), inputs, mask)[0]


def gru_gradients(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    upstream: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    reset_after: bool = True,
) -> RecurrentGradients:
    """Derivatives of a loss behind `gru`, given those with respect to its result, `upstream` (batch, steps, units)."""
    return _run_back(_gru_cell(reset_after)(kernel, recurrent_kernel, bias), inputs, upstream, mask)


def _gru_cell(reset_after: bool) -> type[RecurrentCell]:
    return GRUCell if reset_after else ResetFirstGRUCell


def _run(cell: RecurrentCell, inputs: ArrayLike, mask: ArrayLike | None) -> tuple[NDArray, list[Any]]:
    """Hidden states after all steps, and what each step kept for the way back."""
    x, steps = _checked(cell, inputs, mask)
    zeros = np.zeros((len(x), cell.units), np.result_type(x, cell.kernel))
    state: State = (zeros,) * cell.states
    hidden, kept = [], []
    for number in range(x.shape[1]):
        after, of_step = cell.step(x[:, number], state)
        state = tuple(np.where(steps[:, number], new, old) for new, old in zip(after, state, strict=True))
        hidden.append(state[0])
        kept.append(of_step)
    return np.stack(hidden, axis=1), kept


def _run_back(
    cell: RecurrentCell, inputs: ArrayLike, upstream: ArrayLike, mask: ArrayLike | None
) -> RecurrentGradients:
    """Back through all steps, from the last one to the first."""
    x, steps = _checked(cell, inputs, mask)
    d_outputs = as_floats(upstream, "upstream")
    if d_outputs.shape != (*x.shape[:2], cell.units):
        raise ValueError(
            f"upstream must be (batch, steps, units), {(*x.shape[:2], cell.units)}, got {d_outputs.shape}; "
            "for a loss of the last state alone it is zero at all other steps"
        )
    _, kept = _run(cell, inputs, mask)
    d_x, d_hidden = np.zeros_like(x, dtype=d_outputs.dtype), np.empty_like(d_outputs)
    d_state: State = (np.zeros_like(d_outputs[:, 0]),) * cell.states
    for number in reversed(range(x.shape[1])):
        d_state = (d_state[0] + d_outputs[:, number], *d_state[1:])  # this step's output, and all later steps
        d_hidden[:, number] = d_state[0]
        runs = steps[:, number]
        d_x[:, number], before = cell.step_back(tuple(np.where(runs, each, 0) for each in d_state), kept[number])
        d_state = tuple(old + np.where(runs, 0, each) for old, each in zip(before, d_state, strict=True))
    return RecurrentGradients(d_x, cell.d_kernel, cell.d_recurrent_kernel, cell.d_bias, d_hidden)


def _checked(cell: RecurrentCell, inputs: ArrayLike, mask: ArrayLike | None) -> tuple[NDArray, NDArray[np.bool_]]:
    """The inputs, and which steps run, (batch, steps, 1)."""
    x = as_floats(inputs, "inputs")
    if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != len(cell.kernel):
        raise ValueError(
            f"inputs must be (batch, steps, {len(cell.kernel)}), at least one step and as many features as kernel has "
            f"rows, got {x.shape}"
        )
    if mask is None:
        return x, np.ones((*x.shape[:2], 1), bool)
    steps = np.asarray(mask)
    if steps.dtype != bool:
        raise TypeError(f"mask must be booleans, got {steps.dtype}; from 0 and 1: mask.astype(bool)")
    if steps.shape != x.shape[:2]:
        raise ValueError(f"mask must be (batch, steps), {x.shape[:2]}, got {steps.shape}")
    return x, steps[:, :, None]


def _sigmoid(values: NDArray) -> NDArray:
    return 0.5 * (1 + np.tanh(0.5 * values))  # no overflow far from 0
