"""Checkers of the exercises of the page "Project: classify images"."""

from collections.abc import Callable

import numpy as np

from deepmedia.lessons.judging import Verdict, unanswered

# Of the second exercise: answers, their mean probability, the share that is right.
BINS = ((50, 0.95, 0.90), (30, 0.75, 0.80), (20, 0.55, 0.40))


def check_temperature(answer: object) -> Verdict:
    """Judge the probability of the first of two classes with logits 2 and 0 at temperature 2.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (int, float, np.number)):
        return Verdict(False, "Give one number between 0 and 1.")
    slips = {
        1 / (1 + np.exp(-2)): "That is the probability at temperature 1; divide the logits by 2 first.",
        1 / (1 + np.exp(-4)): "You multiplied the logits by the temperature; divide them.",
        1 / (1 + np.exp(-2)) / 2: "Divide the logits by the temperature, not the probability.",
        1 / (1 + np.exp(1)): "That is the probability of the second class.",
    }
    if abs(answer - 1 / (1 + np.exp(-1))) < 2e-3:
        return Verdict(
            True, "The logits become 1 and 0, and the softmax gives e / (e + 1). At temperature 1 it is 0.881."
        )
    for slip, reason in slips.items():
        if abs(answer - slip) < 2e-3:
            return Verdict(False, reason)
    return Verdict(False, "Divide both logits by 2, then apply the softmax to the two results.")


def check_calibration_error(answer: object) -> Verdict:
    """Judge the expected calibration error of the exercise's three bins.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; gaps that cancel and bins of equal weight are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (int, float, np.number)):
        return Verdict(False, "Give one number between 0 and 1.")
    counts, sure, right = (np.array(column) for column in zip(*BINS, strict=True))
    gaps, share = sure - right, counts / counts.sum()
    slips = {
        float(abs(np.sum(share * gaps))): "Gaps up and down cancelled; take the size of each gap, without its sign.",
        float(np.mean(np.abs(gaps))): "You gave each bin the same weight; weigh it by its share of the answers.",
        float(np.max(np.abs(gaps))): "That is the largest gap; the expected error is their weighted mean.",
        float(np.sum(counts * np.abs(gaps))): "Divide by the number of all answers, 100.",
    }
    if abs(answer - np.sum(share * np.abs(gaps))) < 5e-4:
        return Verdict(True, "0.5 · 0.05 + 0.3 · 0.05 + 0.2 · 0.15 = 0.07.")
    for slip, reason in slips.items():
        if abs(answer - slip) < 5e-4:
            return Verdict(False, reason)
    return Verdict(
        False, "For each bin: its share of the 100 answers times the gap between the two other numbers; add."
    )


def check_selective(answer: object) -> Verdict:
    """Judge a function that answers only when the network is sure enough.

    Args:
        answer: The reader's function of (probabilities, labels, threshold), which
            gives the share of cases that are answered and the accuracy on them.

    Returns:
        Whether it agrees with cases counted by hand.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55], [0.8, 0.2]])
    labels = np.array([0, 0, 0, 1, 0])
    cases = {0.5: (1.0, 0.8), 0.58: (0.8, 0.75), 0.7: (0.6, 2 / 3), 0.85: (0.2, 1.0)}
    for threshold, expected in cases.items():
        found = _apply(answer, probabilities, labels, threshold)
        if isinstance(found, Verdict):
            return found
        if not np.allclose(found, expected, atol=1e-6):
            return _difference(found, expected, threshold)
    edge = _apply(answer, probabilities, labels, 0.8)
    if isinstance(edge, Verdict) or not np.allclose(edge, (0.6, 2 / 3), atol=1e-6):
        return Verdict(False, "A probability equal to the threshold is enough: use >=.")
    return Verdict(True, "The surer the answers have to be, the fewer there are.")


def _difference(found: np.ndarray, expected: tuple[float, float], threshold: float) -> Verdict:
    share, accuracy = expected
    if np.allclose(found, (accuracy, share), atol=1e-6):
        return Verdict(False, "The two numbers are the wrong way round: first the share, then the accuracy.")
    if abs(found[0] - share) < 1e-6 and abs(found[1] - share * accuracy) < 1e-6:
        return Verdict(False, "Divide by the number of cases that are answered, not by all.")
    return Verdict(
        False,
        f"At threshold {threshold} the share should be {share:.3f} and the accuracy {accuracy:.3f}; "
        f"your function gives {found[0]:.3f} and {found[1]:.3f}.",
    )


def _apply(function: Callable, *arguments: object) -> np.ndarray | Verdict:
    try:
        found = np.asarray(function(*arguments), dtype=float)
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
    if found.shape != (2,):
        return Verdict(False, "Return two numbers: the share of cases answered, and the accuracy on them.")
    return found
