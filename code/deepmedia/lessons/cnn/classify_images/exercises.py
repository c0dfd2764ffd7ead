"""Checkers of the exercises of the page "Project: classify images"."""

import numpy as np
from scipy.special import expit

from deepmedia.lessons.judging import call_for_numbers, checker, compare, read_number

# Of the second exercise: answers, their mean probability, the share that is right.
BINS = ((50, 0.95, 0.90), (30, 0.75, 0.80), (20, 0.55, 0.40))


@checker
def check_temperature(answer: object) -> str:
    """Judge the probability of the first of two classes with logits 2 and 0 at temperature 2."""
    compare(
        read_number(answer, "Give one number between 0 and 1"),
        expit(1),
        (
            (expit(2), "That is the probability at temperature 1; divide the logits by 2 first."),
            (expit(4), "You multiplied the logits by the temperature; divide them."),
            (expit(2) / 2, "Divide the logits by the temperature, not the probability."),
            (expit(-1), "That is the probability of the second class."),
        ),
        hint="Divide both logits by 2, then apply the softmax to the two results.",
        atol=2e-3,
    )
    return "The logits become 1 and 0, and the softmax gives e / (e + 1). At temperature 1 it is 0.881."


@checker
def check_calibration_error(answer: object) -> str:
    """Judge the expected calibration error of the exercise's three bins."""
    counts, sure, right = (np.array(column) for column in zip(*BINS, strict=True))
    gaps, share = sure - right, counts / counts.sum()
    compare(
        read_number(answer, "Give one number between 0 and 1"),
        np.sum(share * np.abs(gaps)),
        (
            (abs(np.sum(share * gaps)), "Gaps up and down cancelled; take the size of each gap, without its sign."),
            (np.mean(np.abs(gaps)), "You gave each bin the same weight; weigh it by its share of the answers."),
            (np.max(np.abs(gaps)), "That is the largest gap; the expected error is their weighted mean."),
            (np.sum(counts * np.abs(gaps)), "In per cent, that is right. Divide by the number of all answers, 100."),
        ),
        hint="For each bin: its share of the 100 answers times the gap between the two other numbers; add.",
        atol=5e-4,
    )
    return "0.5 · 0.05 + 0.3 · 0.05 + 0.2 · 0.15 = 0.07."


@checker
def check_selective(answer: object) -> str:
    """Judge a function that answers only when the network is sure enough, by cases counted by hand.

    Args:
        answer: The reader's function of (probabilities, labels, threshold), which gives the share of cases that are
            answered and the accuracy on them.
    """
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55], [0.8, 0.2]])
    labels = np.array([0, 0, 0, 1, 0])
    wanted = "Return two numbers: the share of cases answered, and the accuracy on them"
    cases = {0.5: (1.0, 0.8), 0.58: (0.8, 0.75), 0.7: (0.6, 2 / 3), 0.85: (0.2, 1.0), 0.8: (0.6, 2 / 3)}
    for threshold, (share, accuracy) in cases.items():
        found = call_for_numbers(answer, probabilities, labels, threshold, shape=(2,), wanted=wanted)
        slips = [
            ((accuracy, share), "The two numbers are the wrong way round: first the share, then the accuracy."),
            ((share, share * accuracy), "Divide by the number of cases that are answered, not by all."),
        ]
        hint = (
            f"At threshold {threshold} the share should be {share:.3f} and the accuracy {accuracy:.3f}; "
            f"your function gives {found[0]:.3f} and {found[1]:.3f}."
        )
        if threshold == 0.8:  # the last, as high as a probability
            slips, hint = [], "A probability equal to the threshold is enough: use >=."
        compare(found, (share, accuracy), slips, hint=hint)
    return "The surer the answers have to be, the fewer there are."
