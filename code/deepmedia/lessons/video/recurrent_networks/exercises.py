"""Checkers of the exercises of the page "Recurrent networks"."""

import numpy as np
from numpy.typing import NDArray

from deepmedia.lessons.judging import NotYet, call, call_for_numbers, checker, compare, read_number, read_numbers
from deepmedia.video.recurrent import gru

INPUT, FORGET, NEW, OUTPUT, BEFORE = 0.5, 0.9, -0.4, 0.8, 2.0  # i, f, g, o and c0 of the first exercise
FRAMES, LEFT = 100, 0.5  # of the second: what is left of a memory after so many frames
# Gradients of the third under what each case is about, and the largest size that is allowed.
CLIPPED: dict[str, tuple[list[list[float]], float]] = {
    "gradients of size 25": ([[6.0, 2.0], [3.0, 24.0]], 5.0),
    "gradients of size 13 in three arrays": ([[3.0], [4.0], [12.0, 0.0]], 1.0),
    "gradients below the limit": ([[0.3], [-0.4]], 1.0),
    "gradients of zero": ([[0.0], [0.0, 0.0]], 1.0),
}


@checker
def check_lstm_step(answer: object) -> str:
    """Judge the pair (c, h) of the LSTM's step of the first exercise."""
    found = read_numbers(answer, (2,), "Give two numbers: c and h")
    c = FORGET * BEFORE + INPUT * NEW
    slips = (
        (_shown(INPUT * BEFORE + FORGET * NEW), "You exchanged input and forget gate: f keeps, i writes."),
        (_shown(FORGET * BEFORE + NEW), "What is new passes the input gate: i g, not g."),
        (_shown(FORGET * BEFORE - INPUT * NEW), "Mind the sign: g is negative, so the cell loses."),
        (_shown(BEFORE + INPUT * NEW), "The forget gate is still missing: f c0."),
        ((c, OUTPUT * c), "c is right; the output gate shows tanh(c), not c."),
        ((c, np.tanh(c)), "c is right; h is still to pass the output gate."),
        (_shown(c)[::-1], "Right numbers in the other order: c first, then h."),
    )
    compare(found, _shown(c), slips, hint="First c = f c0 + i g, then h = o tanh(c).", atol=3e-3)
    return "Two products and a sum for the cell: that is the whole memory."


@checker
def check_forget_bias(answer: object) -> str:
    """Judge the bias with which half of a cell is left after a hundred frames."""
    gate = LEFT ** (1 / FRAMES)
    right = np.log(gate / (1 - gate))
    slips = (
        (gate, "That is the gate; the bias is what the sigmoid makes it from."),
        (np.log(FRAMES - 1), "With 1 - 1/100, about a third is left after 100 frames (0.37), not half."),
        (-right, "The sign: a gate near 1 needs a positive bias."),
        (0.0, "With bias 0 the gate is 0.5, and half is lost at each frame."),
        (np.log(gate), "That is ln f; you need the inverse of the sigmoid, ln(f / (1 - f))."),
    )
    hint = "Find f from f to the power of 100 = 0.5, then the b for which sigmoid(b) = f."
    compare(read_number(answer), right, slips, hint=hint, atol=5e-3)
    return "f = 0.9931: a gate must be very nearly open to remember for a hundred frames."


@checker
def check_clipping(answer: object) -> str:
    """Judge a function of a list of gradients and a limit that gives them back, shortened together to the limit."""
    for case, (gradients, limit) in CLIPPED.items():
        at = f"With {case} "
        arrays = [np.array(each) for each in gradients]
        result = call(answer, arrays, limit, at=at, kept="the gradients")
        if not isinstance(result, list | tuple) or len(result) != len(arrays):
            raise NotYet(f"{at}return a list of {len(arrays)} arrays, one for each gradient.")
        found = [
            read_numbers(each, array.shape, f"{at}an array keeps its shape", who="one of them", finite=False)
            for each, array in zip(result, arrays, strict=True)
        ]
        if not all(np.isfinite(each).all() for each in found):
            raise NotYet(f"{at}the result is not finite: is there a division by zero?")
        flat, size = np.concatenate(arrays), np.linalg.norm(np.concatenate(arrays))
        each_by_itself = [array * min(1, limit / max(float(np.linalg.norm(array)), 1e-12)) for array in arrays]
        right = flat * min(1, limit / max(float(size), 1e-12))
        slips = [
            (flat * limit / max(float(size), 1e-12), f"{at}nothing should change: they are short enough."),
            (flat, f"{at}they are still {size:g} long; the limit is {limit:g}."),
            (np.concatenate(each_by_itself), f"{at}you shortened each array by itself, which turns the direction."),
            (np.clip(flat, -limit, limit), f"{at}you clipped each number, which turns the direction; scale them all."),
        ]
        hint = f"{at}the numbers should be {np.round(right, 3).tolist()}."
        compare(np.concatenate(found), right, slips, hint=hint, atol=1e-6)
    return "One factor for all: the step gets shorter, and its direction stays."


@checker
def check_both_ways(answer: object) -> str:
    """Judge a function of frames and two GRUs' weights that gives the states of both, the second reading backwards."""
    generator = np.random.default_rng(0)
    frames = generator.normal(size=(2, 5, 3))
    first, second = ([generator.normal(size=shape) for shape in ((3, 12), (4, 12), (2, 12))] for _ in range(2))
    wanted = "Return an array (batch, frames, 2 · units)"
    found = call_for_numbers(answer, frames, first, second, shape=None, wanted=wanted, kept="its arguments")
    forwards, backwards = gru(frames, *first), gru(frames[:, ::-1], *second)
    if found.shape != (2, 5, 8):
        raise NotYet(f"{wanted}, here (2, 5, 8); the result has the shape {found.shape}.")
    slips = (
        (_side_by_side(forwards, backwards), "Turn the backward states round again, so that frames meet."),
        (_side_by_side(forwards, gru(frames, *second)), "The second network should read the frames backwards."),
        (_side_by_side(backwards[:, ::-1], forwards), "The forward states come first."),
        (_side_by_side(forwards, gru(frames[:, ::-1], *first)[:, ::-1]), "The second network has weights of its own."),
        (_side_by_side(forwards, gru(frames[..., ::-1], *second)), "Reverse the frames, not the features of each."),
    )
    hint = "Run one GRU on frames, the other on frames[:, ::-1]; turn its states round; put both side by side."
    compare(found, _side_by_side(forwards, backwards[:, ::-1]), slips, hint=hint, atol=1e-4)
    return "At each frame the first half knows what came before, the second what comes after."


def _shown(c: float) -> tuple[float, float]:
    """The cell, and what the output gate of the first exercise shows of it."""
    return c, OUTPUT * float(np.tanh(c))


def _side_by_side(one: NDArray, other: NDArray) -> NDArray:
    return np.concatenate([one, other], axis=-1)
