import numpy as np
import pytest

from deepmedia.lessons.video.recurrent_networks.exercises import (
    check_both_ways,
    check_clipping,
    check_forget_bias,
    check_lstm_step,
)
from deepmedia.video import gru


@pytest.mark.parametrize("answer", [(1.6, 0.7373), [1.6, 0.737], np.float32([1.6, 0.73733])])
def test_the_step_by_hand_is_accepted(answer):
    # c = 0.9 * 2 - 0.5 * 0.4 = 1.6, and tanh(1.6) = 0.92167: h = 0.8 * 0.92167 = 0.73733.
    assert check_lstm_step(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((0.64, 0.4517), "exchanged input and forget"),
        ((1.4, 0.7083), "passes the input gate"),
        ((2.0, 0.7712), "Mind the sign"),
        ((1.8, 0.7574), "forget gate is still missing"),
        ((1.6, 1.28), "not c"),
        ((1.6, 0.9217), "output gate"),
        ((0.7373, 1.6), "other order"),
        ((1, 1), "First c"),
        (1.6, "two numbers"),
    ],
)
def test_other_steps_get_a_sentence_that_helps(answer, words):
    verdict = check_lstm_step(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


@pytest.mark.parametrize("answer", [4.968, 4.97, np.float32(4.968), np.array([4.9682])])
def test_the_bias_that_leaves_half_is_accepted(answer):
    # sigmoid(4.968) = 0.993092, and 0.993092 ** 100 = 0.5.
    assert check_forget_bias(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.993, "That is the gate"),
        (4.595, "a third is left"),
        (-4.968, "positive bias"),
        (-0.00693, "ln f"),
        (0, "half is lost at each frame"),
        (9, "power of 100"),
        ("4.97", "quotation marks"),
    ],
)
def test_other_biases_get_a_sentence_that_helps(answer, words):
    verdict = check_forget_bias(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def clip(gradients, limit, *, always=False, each=False):
    size = np.sqrt(sum((g**2).sum() for g in gradients))
    if each:
        return [clip([g], limit)[0] for g in gradients]
    if size == 0:
        return gradients
    return [g * (limit / size if always else min(1, limit / size)) for g in gradients]


@pytest.mark.parametrize("give", [list, tuple])
def test_clipping_all_by_one_factor_is_accepted(give):
    assert check_clipping(lambda *arguments: give(clip(*arguments))).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda g, limit: clip(g, limit, always=True), "short enough"),
        (lambda g, limit: g, "still 25 long"),
        (lambda g, limit: clip(g, limit, each=True), "each array by itself"),
        (lambda g, limit: [np.clip(each, -limit, limit) for each in g], "each number"),
        (lambda g, limit: [each * np.inf for each in g], "division by zero"),
        (lambda g, limit: clip(g, limit)[0], "list of 2 arrays"),
        (lambda g, limit: [each.sum() for each in g], "keeps its shape"),
        (lambda g, limit: [each * 0.1 for each in g], "should be [1.2, 0.4, 0.6, 4.8]"),
        (lambda g, limit: None, "list of 2 arrays"),
    ],
)
def test_other_clippings_get_a_sentence_that_helps(function, words):
    verdict = check_clipping(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def read_both_ways(frames, first, second, *, turn=True):
    back = gru(frames[:, ::-1], *second)
    return np.concatenate([gru(frames, *first), back[:, ::-1] if turn else back], axis=-1)


def test_reading_both_ways_is_accepted():
    assert check_both_ways(read_both_ways).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda *a: read_both_ways(*a, turn=False), "round again"),
        (lambda f, a, b: np.concatenate([gru(f, *a), gru(f, *b)], axis=-1), "backwards"),
        (lambda f, a, b: np.roll(read_both_ways(f, a, b), 4, axis=-1), "forward states come first"),
        (lambda f, a, b: read_both_ways(f, a, a), "weights of its own"),
        (lambda f, a, b: np.concatenate([gru(f, *a), gru(f[..., ::-1], *b)], axis=-1), "not the features"),
        (lambda f, a, b: gru(f, *a), "(2, 5, 4)"),
        (lambda f, a, b: np.concatenate([gru(f, *a), gru(f[:, ::-1], *b)], axis=1), "(2, 10, 4)"),
        (lambda f, a, b: 2 * read_both_ways(f, a, b), "side by side"),
        (lambda f, a, b: gru(f, *a, *b), "raised TypeError"),
    ],
)
def test_other_readings_get_a_sentence_that_helps(function, words):
    verdict = check_both_ways(function)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
