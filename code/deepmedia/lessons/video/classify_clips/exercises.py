"""Checkers of the exercises of the page "Classify clips"."""

import numpy as np

from deepmedia.lessons.judging import call_for_numbers, call_for_pair, checker, compare, read_numbers
from deepmedia.lessons.video.classify_clips.experiment import GARMENTS, OPPOSITE, reversed_labels
from deepmedia.video import CLIP_LABELS, global_average_precision, precision_at_equal_recall_rate

# Of the first exercise: three clips, three labels.
SCORES = ((0.9, 0.5, 0.2), (0.6, 0.7, 0.1), (0.3, 0.4, 0.8))
LABELS = ((1, 1, 0), (1, 0, 1), (0, 0, 1))


@checker
def check_gap_and_perr(answer: object) -> str:
    """Judge the pair (GAP, PERR) of the three clips of the first exercise."""
    scores, labels = np.array(SCORES), np.array(LABELS)
    gap, perr = global_average_precision(scores, labels), precision_at_equal_recall_rate(scores, labels)
    truth = labels.ravel()[np.argsort(-scores.ravel())]
    precisions = np.cumsum(truth) / np.arange(1, len(truth) + 1)
    slips = (
        ((perr, gap), "The two are exchanged: GAP first, then PERR."),
        ((precisions.mean(), perr), "For GAP, add up the precision at the right entries alone."),
        ((precisions[truth > 0].sum() / len(scores), perr), "For GAP, divide by the number of labels, not of clips."),
        ((gap, float((scores.argmax(1) == labels.argmax(1)).mean())), "That is Hit@1 instead of PERR: look at as many "
         "scores of a clip as it has labels."),
        ((gap, 4 / 5), "PERR is a mean over clips, each of which counts the same, however many labels it has."),
    )  # fmt: skip
    found = read_numbers(answer, (2,), "Give two numbers, GAP and PERR")
    hint = "Sort all nine scores for GAP; for PERR take each clip's highest scores, as many as it has labels."
    compare(found, (gap, perr), slips, hint=hint, atol=0.005)
    return "GAP compares scores between clips, PERR only within one."


@checker
def check_backwards(answer: object) -> str:
    """Judge a function that gives clips and labels together with the same clips played backwards."""
    rng = np.random.default_rng(4)
    clips = rng.normal(size=(3, 5, 4)).astype(np.float32)
    labels = rng.integers(0, 2, (3, len(CLIP_LABELS))).astype(np.uint8)
    first, second = call_for_pair(answer, clips, labels, wanted="Return two arrays, clips and labels")
    shape = (6, 5, 4)
    found = read_numbers(first, shape, f"The clips should have the shape {shape}: six, three of them new", who="they")
    slips = (
        (np.concatenate([clips, clips[::-1]]), "The order of the clips is turned round, not that of their frames."),
        (
            np.concatenate([clips, clips[:, :, ::-1]]),
            "The numbers within a frame are turned round: that is the last axis.",
        ),
        (np.concatenate([clips, clips]), "The new clips have their frames in the old order."),
        (np.concatenate([clips[:, ::-1], clips]), "Put the clips themselves first, then those played backwards."),
    )
    compare(found, np.concatenate([clips, clips[:, ::-1]]), slips, hint="Frames are the second axis: clips[:, ::-1].")
    wanted = f"The labels should have the shape {(6, labels.shape[1])}"
    numbers = read_numbers(second, (6, labels.shape[1]), wanted, who="they")
    garments, motions = labels[:, :GARMENTS], labels[:, GARMENTS:]
    wrong = (
        (labels, "Backwards, right becomes left: the new clips need other labels."),
        (1 - labels, "A garment that isn't there doesn't appear when the clip is played backwards."),
        (
            np.concatenate([garments, motions[:, ::-1]], axis=1),
            "Only the two of a pair change places, not all motions.",
        ),
        (labels[:, np.arange(len(CLIP_LABELS)) ^ 1], "The garments stay as they are: exchange columns from 10 on."),
    )
    both = [(np.concatenate([labels, each]), sentence) for each, sentence in wrong]
    hint = f"The motions lie in columns {GARMENTS} to {GARMENTS + len(OPPOSITE) - 1}, opposite ones side by side."
    compare(numbers, np.concatenate([labels, reversed_labels(labels)]), both, hint=hint)
    return "Twice as many clips, and each of them is one that could have been drawn."


@checker
def check_masked_mean(answer: object) -> str:
    """Judge a function of padded clips (n, frames, width) that gives the mean of each clip's own frames."""
    rng = np.random.default_rng(6)
    clips = rng.normal(size=(4, 6, 3))
    clips[0, 2:], clips[2, 5:] = 0, 0
    clips[1, 3, 0] = 0  # a frame that is not padding
    lengths = np.array([2, 6, 5, 6])
    for batch, count in ((clips, lengths), (clips[:1], lengths[:1])):
        wanted = f"Return the shape {(len(batch), 3)}, a mean for each clip"
        found = call_for_numbers(answer, batch, shape=(len(batch), 3), wanted=wanted, kept="the clips")
        there = (batch != 0).all(axis=2)
        entries = np.maximum((batch != 0).sum(axis=1), 1)
        slips = (
            (batch.mean(axis=1), "The padding is counted: divide by the number of frames that are there."),
            (batch.sum(axis=1), "That is the sum; divide by the number of frames that are there."),
            (batch.sum(axis=1) / entries, "A zero in a frame is no padding: padding is a frame of zeros alone."),
            (batch.sum(axis=1) / there.sum(axis=1)[:, None], "One zero makes no padding: all of a frame must be 0."),
            (batch.sum(axis=1) / count.max(), "Each clip has its own length."),
        )
        right = batch.sum(axis=1) / count[:, None]
        compare(found, right, slips, hint="Which frames are not all zero? Sum over those, and divide by their number.")
    return "So a short clip is not pulled towards zero, and its length alone changes nothing."
