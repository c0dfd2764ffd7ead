import numpy as np
import pytest

from deepmedia.lessons.video.classify_clips.exercises import check_backwards, check_gap_and_perr, check_masked_mean

GAP = (1 + 1 + 3 / 4 + 4 / 5 + 5 / 9) / 5  # 0.8211, by hand
SWAP = [11, 10, 13, 12, 15, 14, 17, 16]


def words_of(verdict):
    assert not verdict.accepted
    return " ".join(verdict.text.split())


@pytest.mark.parametrize("answer", [(GAP, 5 / 6), [0.821, 0.833], np.float32([GAP, 5 / 6])])
def test_gap_and_perr_by_hand_are_accepted(answer):
    assert check_gap_and_perr(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((5 / 6, GAP), "exchanged"),
        ((5 * GAP / 3, 5 / 6), "not of clips"),
        ((GAP, 2 / 3), "Hit@1"),
        ((GAP, 4 / 5), "a mean over clips"),
        ((0.5, 0.5), "Sort all nine"),
        (0.82, "two numbers"),
    ],
)
def test_other_numbers_get_a_sentence_that_helps(answer, words):
    assert words in words_of(check_gap_and_perr(answer))


def with_backwards(clips, labels, columns=None, axis=1, first=None):
    swapped = labels.copy()
    swapped[:, 10:] = labels[:, SWAP if columns is None else columns]
    return np.concatenate([clips, np.flip(clips, axis)]), np.concatenate([labels, swapped])


def test_clips_with_their_reversals_are_accepted():
    assert check_backwards(with_backwards).accepted
    assert check_backwards(lambda c, y: list(with_backwards(c, y))).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda c, y: (with_backwards(c, y)[0], np.concatenate([y, y])), "need other labels"),
        (lambda c, y: with_backwards(c, y, axis=0), "order of the clips"),
        (lambda c, y: with_backwards(c, y, axis=2), "within a frame"),
        (lambda c, y: (np.concatenate([c, c]), with_backwards(c, y)[1]), "old order"),
        (lambda c, y: (with_backwards(c, y)[0], np.concatenate([y, 1 - y])), "doesn't appear"),
        (lambda c, y: with_backwards(c, y, columns=list(range(17, 9, -1))), "Only the two of a pair"),
        (lambda c, y: with_backwards(c, y)[0], "the result has 6 parts"),
        (lambda c, y: (c[:, ::-1], y), "shape"),
        (lambda c, y: None, "Return two arrays"),
        (lambda c, y: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_other_reversals_get_a_sentence_that_helps(wrong, words):
    assert words in words_of(check_backwards(wrong))


def masked_mean(clips):
    there = (clips != 0).any(axis=2)
    return clips.sum(axis=1) / there.sum(axis=1, keepdims=True)


def test_means_of_the_frames_that_are_there_are_accepted():
    assert check_masked_mean(masked_mean).accepted
    assert check_masked_mean(lambda clips: [clip[(clip != 0).any(axis=1)].mean(axis=0) for clip in clips]).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda c: c.mean(axis=1), "padding is counted"),
        (lambda c: c.sum(axis=1), "That is the sum"),
        (lambda c: c.sum(axis=1) / np.maximum((c != 0).sum(axis=1), 1), "frame of zeros alone"),
        (lambda c: c.sum(axis=1) / (c != 0).all(axis=2).sum(axis=1, keepdims=True), "One zero makes no padding"),
        (lambda c: masked_mean(c)[0], "Return the shape"),
        (lambda c: masked_mean(c) + 1, "not all zero"),
        (3, "Give the function itself"),
    ],
)
def test_other_means_get_a_sentence_that_helps(wrong, words):
    assert words in words_of(check_masked_mean(wrong))
