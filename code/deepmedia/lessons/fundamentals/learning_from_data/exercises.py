"""Checkers of the exercises of the page "Learning from data"."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from deepmedia.lessons.fundamentals.learning_from_data.experiment import run_bandit
from deepmedia.lessons.judging import Verdict, unanswered
from deepmedia.statistics import bootstrap_interval, wilson_interval

# First exercise: marked counterfeits, unmarked counterfeits, marked others, unmarked others.
HITS, MISSES, FALSE_ALARMS, REST = 15, 5, 15, 965
ROUNDING = 5e-4  # an answer may be rounded to three places
CLOSE = 3e-3  # shares of the second exercise
CLICK_RATES = (0.02, 0.03, 0.04, 0.05, 0.08)  # fourth exercise, as on the page
VISITORS, SHOPS, GAIN = 5000, 500, 1.02  # at least 2% more clicks than with the page's exploration of 0.1
VIDEOS, FEATURES = 40, 200  # fifth exercise, of the files that the checker makes


def check_scores(answer: object) -> Verdict:
    """Judge precision, recall, accuracy and the accuracy of never marking anything.

    Args:
        answer: Four numbers, in this order.

    Returns:
        Whether they are right; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    found = _numbers(answer, 4)
    if isinstance(found, Verdict):
        return found
    precision, recall = HITS / (HITS + FALSE_ALARMS), HITS / (HITS + MISSES)
    total = HITS + MISSES + FALSE_ALARMS + REST
    right, never = (HITS + REST) / total, (FALSE_ALARMS + REST) / total
    expected = np.array([precision, recall, right, never])
    if np.allclose(found, expected, atol=ROUNDING):
        return Verdict(
            True, "The accuracy is that of a detector which marks nothing; precision and recall tell them apart."
        )
    if np.allclose(found[:2], [recall, precision], atol=ROUNDING):
        return Verdict(False, "Precision and recall are swapped: precision is a share of what was marked.")
    if np.max(found) > 1:
        return Verdict(False, "Give shares between 0 and 1, not percentages or counts.")
    hints = (
        "Precision: of the photographs that the detector marked, the share with a counterfeit.",
        "Recall: of the photographs with a counterfeit, the share that the detector marked.",
        "Accuracy: marked counterfeits and unmarked others together, as a share of all photographs.",
        "The baseline: who marks nothing is right about every photograph without a counterfeit.",
    )
    first = int(np.argmax(np.abs(found - expected) > ROUNDING))
    return Verdict(False, f"Number {first + 1} is not right yet. {hints[first]}")


def check_faces(answer: object, photos: ArrayLike, person: ArrayLike) -> Verdict:
    """Judge how well pixel distances recognise people, and how well they verify them.

    Args:
        answer: Share of right names, and share of the right pairs that pass.
        photos: Ten photographs of each of 40 people, (400, height, width), those of a person side by side.
        person: Who is on each, (400,), 0 to 39.

    Returns:
        Whether both are right: with the first five photographs of each person as known, and a threshold that lets 1%
        of the wrong pairs of people 0 to 19 pass, judged on people 20 to 39. Judging it on other pairs is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    found = _numbers(answer, 2)
    if isinstance(found, Verdict):
        return found
    pixels, who = np.reshape(photos, (len(np.asarray(photos)), -1)), np.asarray(person)
    known = np.arange(len(who)) % 10 < 5
    distance = cdist(pixels[~known], pixels[known])
    recognised = np.mean(who[known][distance.argmin(axis=1)] == who[~known])
    same = who[~known][:, None] == who[known]
    setting = (who[~known][:, None] < 20) & (who[known] < 20)
    judging = (who[~known][:, None] >= 20) & (who[known] >= 20)
    passes = distance <= np.quantile(distance[setting & ~same], 0.01)
    if abs(found[0] - recognised) > CLOSE:
        return Verdict(
            False, "The share of right names: each photograph gets the name of the nearest of the 200 known ones."
        )
    if abs(found[1] - passes[judging & same].mean()) <= CLOSE:
        return Verdict(
            True, "One of five known photographs has to be near, or each of them: that makes the difference."
        )
    slips = {
        "the pairs that set the threshold; judge it on people 20 to 39": setting & same,
        "all right pairs; those of people 0 to 19 helped to set the threshold": same,
        "the wrong pairs; we ask how many of the right pairs pass": judging & ~same,
    }
    for reason, pairs in slips.items():
        if abs(found[1] - passes[pairs].mean()) <= CLOSE:
            return Verdict(False, f"The names are right. Your second number was measured on {reason}.")
    return Verdict(False, "The names are right. The threshold is the 1% quantile of the distances of wrong pairs.")


def check_garment_interval(answer: object, right: ArrayLike, garment: ArrayLike) -> Verdict:
    """Judge a bootstrap interval of the accuracy in which garments, not photographs, are drawn again.

    Args:
        answer: Lower and upper bound.
        right: Whether each photograph was classified rightly, bool (n,).
        garment: The garment on each photograph, (n,).

    Returns:
        Whether it is right; an interval over photographs is told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    found = _numbers(answer, 2)
    if isinstance(found, Verdict):
        return found
    cases = np.asarray(right, dtype=float)
    means = [cases[np.asarray(garment) == number].mean() for number in np.unique(garment)]
    low, high = bootstrap_interval(means)
    width, narrow = high - low, np.diff(wilson_interval(int(cases.sum()), len(cases)))[0]
    if np.allclose(found, [low, high], atol=0.15 * width):
        return Verdict(
            True, f"It is {width / narrow:.1f} times as wide as an interval that takes photographs for cases."
        )
    if not found[0] < cases.mean() < found[1]:
        return Verdict(
            False, f"The interval should contain the accuracy itself, {cases.mean():.3f}: lower bound first."
        )
    if abs(found[1] - found[0] - narrow) < 0.15 * narrow:
        return Verdict(
            False, "That is as narrow as if each photograph were a case of its own. Average each garment first."
        )
    return Verdict(False, "Give the bootstrap interval of the mean over garments, one number for each garment.")


def check_exploration(answer: object) -> Verdict:
    """Judge how much to explore with each visitor, by the clicks that it brings.

    Args:
        answer: Probability of showing a picture at random, for each of 5,000 visitors.

    Returns:
        Whether it brings at least 2% more clicks than exploring with a probability of 0.1 throughout.
    """
    if verdict := unanswered(answer):
        return verdict
    try:
        log = run_bandit(CLICK_RATES, np.asarray(answer, dtype=float), visitors=VISITORS, shops=SHOPS, seed=1)
    except (TypeError, ValueError) as error:
        return Verdict(False, f"That can't be used: {error}")
    constant = run_bandit(CLICK_RATES, 0.1, visitors=VISITORS, shops=SHOPS, seed=1).clicked.mean()
    clicks, known = log.clicked.mean(), np.mean(log.estimates.argmax(axis=1) == np.argmax(CLICK_RATES))
    found = f"{clicks:.2%} of the visitors click, with 0.1 throughout it is {constant:.2%}"
    if clicks >= GAIN * constant:
        return Verdict(True, f"{found}.")
    reason = "explore less once it is known" if known > 0.9 else "explore more at the start"
    return Verdict(False, f"{found}. At the end {known:.0%} of the shops know the best picture: {reason}.")


def check_selection(answer: object) -> Verdict:
    """Judge a function that selects features, trains and scores, without a look at the held-out labels.

    Args:
        answer: The reader's function of (features, labels, train, held_out), which gives the accuracy.

    Returns:
        Whether the held-out labels can't change its answers, and whether it learns what there is to learn.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    for seed in range(5):
        features, labels, train, held_out = _videos(seed)
        flipped = labels.copy()
        flipped[held_out] = 1 - flipped[held_out]
        as_is = _score(answer, features, labels, train, held_out)
        if isinstance(as_is, Verdict):
            return as_is
        turned = _score(answer, features, flipped, train, held_out)
        if isinstance(turned, Verdict):
            return turned
        if abs(as_is + turned - 1) > 1e-6:
            return Verdict(
                False,
                "With all held-out labels turned round, a right answer should become a wrong one, but your function "
                f"gives {as_is:.2f} and {turned:.2f}: the held-out labels take part in the selection or the training.",
            )
    features, labels, train, held_out = _videos(0, signal=3.0)
    score = _score(answer, features, labels, train, held_out)
    if isinstance(score, Verdict):
        return score
    if score < 0.8:
        return Verdict(False, f"On a file in which 20 features do tell the labels, it is right for only {score:.0%}.")
    return Verdict(True, "The held-out labels serve for the score alone, and what there is to learn is learnt.")


def _numbers(answer: object, count: int) -> NDArray[np.float64] | Verdict:
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return Verdict(False, f"Give {count} numbers in a list.")
    if found.shape != (count,):
        return Verdict(False, f"Give {count} numbers in a list; this has the shape {found.shape}.")
    if not np.isfinite(found).all():
        return Verdict(False, "All numbers should be finite; is one a division by zero?")
    return found


def _videos(seed: int, *, signal: float = 0.0) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Features and labels without, or with, a connection, and a split in halves."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(VIDEOS) % 2)
    features = random.normal(size=(VIDEOS, FEATURES))
    features[:, :20] += signal * labels[:, None]
    train, held_out = np.split(random.permutation(VIDEOS), 2)
    return features, labels, train, held_out


def _score(
    function: Callable, features: NDArray, labels: NDArray, train: NDArray, held_out: NDArray
) -> float | Verdict:
    try:
        score = float(function(features.copy(), labels.copy(), train.copy(), held_out.copy()))
    except Exception as error:  # whatever the reader's code raises is an answer, not a crash
        return Verdict(False, f"Your function raised {type(error).__name__}: {error}")
    if not 0 <= score <= 1:
        return Verdict(False, f"Your function should give an accuracy between 0 and 1, it gave {score}.")
    return score
