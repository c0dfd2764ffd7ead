"""Checkers of the exercises of the page "Learning from data"."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from deepmedia.lessons.fundamentals.learning_from_data.experiment import run_bandit
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_number, read_numbers
from deepmedia.statistics import bootstrap_interval, wilson_interval

# First exercise: marked counterfeits, unmarked counterfeits, marked others, unmarked others.
HITS, MISSES, FALSE_ALARMS, REST = 15, 5, 15, 965
ROUNDING = 5e-4  # an answer may be rounded to three places
CLOSE = 3e-3  # shares of the second exercise
CLICK_RATES = (0.02, 0.03, 0.04, 0.05, 0.08)  # fourth exercise, as on the page
VISITORS, SHOPS, GAIN = 5000, 500, 1.02  # at least 2% more clicks than with the page's exploration of 0.1
VIDEOS, FEATURES, SELECTED = 40, 200, 20  # fifth exercise, of the files that the checker makes


@checker
def check_scores(answer: object) -> str:
    """Judge precision, recall, accuracy and the accuracy of never marking anything, four numbers in this order."""
    found = read_numbers(answer, (4,), "Give 4 numbers in a list")
    precision, recall = HITS / (HITS + FALSE_ALARMS), HITS / (HITS + MISSES)
    total = HITS + MISSES + FALSE_ALARMS + REST
    expected = np.array([precision, recall, (HITS + REST) / total, (FALSE_ALARMS + REST) / total])
    if np.allclose(found[:2], [recall, precision], atol=ROUNDING):
        raise NotYet("Precision and recall are swapped: precision is a share of what was marked.")
    hints = (
        "Precision: of the photographs that the detector marked, the share with a counterfeit.",
        "Recall: of the photographs with a counterfeit, the share that the detector marked.",
        "Accuracy: marked counterfeits and unmarked others together, as a share of all photographs.",
        "The baseline: who marks nothing is right about every photograph without a counterfeit.",
    )
    first = int(np.argmax(np.abs(found - expected) > ROUNDING))
    hint = f"Number {first + 1} is not right yet. {hints[first]}"
    if np.max(found) > 1:
        hint = "Give shares between 0 and 1, not percentages or counts."
    compare(found, expected, hint=hint, atol=ROUNDING)
    return "The accuracy is that of a detector which marks nothing; precision and recall tell them apart."


@checker
def check_faces(answer: object, photos: ArrayLike, person: ArrayLike) -> str:
    """Judge how well pixel distances recognise people, and how well they verify them.

    The first five photographs of each person are known. The pairs in which both photographs show people 0 to 19 set the
    threshold, at 1% of the wrong ones; it is judged on those of people 20 to 39.

    Args:
        answer: Share of right names, and share of the right pairs that pass.
        photos: Ten photographs of each of 40 people, (400, height, width), those of a person side by side.
        person: Who is on each, (400,), 0 to 39.
    """
    found = read_numbers(answer, (2,), "Give 2 numbers in a list")
    pixels, who = np.reshape(photos, (len(np.asarray(photos)), -1)), np.asarray(person)
    known = np.arange(len(who)) % 10 < 5
    distance = cdist(pixels[~known], pixels[known])
    recognised = np.mean(who[known][distance.argmin(axis=1)] == who[~known])
    names, known_names = who[~known][:, None], who[known]
    same, both, one = names == known_names, (names < 20) & (known_names < 20), (names < 20) | (known_names < 20)
    judged = (names >= 20) & (known_names >= 20)
    passes, passes_others = (distance <= np.quantile(distance[set_by & ~same], 0.01) for set_by in (both, one))
    measured = (
        (both & same, "the pairs that set the threshold; judge it on people 20 to 39."),
        (same, "all right pairs; those of people 0 to 19 helped to set the threshold."),
        (judged & ~same, "the wrong pairs; we ask how many of the right pairs pass."),
    )
    slips = [(passes[pairs].mean(), f"Your second number was measured on {reason}") for pairs, reason in measured]
    reason = "Both photographs of a pair that sets the threshold should be of people 0 to 19, not one of them."
    slips += [(passes_others[judged & same].mean(), reason)]
    slips = [((recognised, share), f"The names are right. {reason}") for share, reason in slips]
    hint = "The names are right. The threshold is the 1% quantile of the distances of wrong pairs."
    if abs(found[0] - recognised) > CLOSE:
        hint = "The share of right names: each photograph gets the name of the nearest of the 200 known ones."
    compare(found, (recognised, passes[judged & same].mean()), slips, hint=hint, atol=CLOSE)
    return "One of five known photographs has to be near, or each of them: that makes the difference."


@checker
def check_garment_interval(answer: object, right: ArrayLike, garment: ArrayLike) -> str:
    """Judge a bootstrap interval of the accuracy in which garments, not photographs, are drawn again.

    Args:
        answer: Lower and upper bound.
        right: Whether each photograph was classified rightly, bool (n,).
        garment: The garment on each photograph, (n,).
    """
    found = read_numbers(answer, (2,), "Give 2 numbers in a list")
    cases = np.asarray(right, dtype=float)
    means = [cases[np.asarray(garment) == number].mean() for number in np.unique(garment)]
    low, high = bootstrap_interval(means)
    width, narrow = high - low, np.diff(wilson_interval(int(cases.sum()), len(cases)))[0]
    hint = "Give the bootstrap interval of the mean over garments, one number for each garment."
    if not found[0] < cases.mean() < found[1]:
        hint = f"The interval should contain the accuracy itself, {cases.mean():.3f}: lower bound first."
    elif abs(found[1] - found[0] - narrow) < 0.15 * narrow:
        hint = "That is as narrow as if each photograph were a case of its own. Average each garment first."
    compare(found, (low, high), hint=hint, atol=0.15 * width)
    return f"It is {width / narrow:.1f} times as wide as an interval that takes photographs for cases."


@checker
def check_exploration(answer: object) -> str:
    """Judge how much to explore with each visitor, by the clicks that it brings: 2% more than 0.1 throughout.

    Args:
        answer: Probability of showing a picture at random, or whether to, for each of 5,000 visitors or for all.
    """
    explore = np.asarray(answer, dtype=float) if _is_mask(answer) else read_numbers(answer, None, "That can't be used")
    try:
        log = run_bandit(CLICK_RATES, explore, visitors=VISITORS, shops=SHOPS, seed=1)
    except ValueError as error:
        raise NotYet(f"That can't be used: {error}") from error
    constant = run_bandit(CLICK_RATES, 0.1, visitors=VISITORS, shops=SHOPS, seed=1).clicked.mean()
    clicks, known = log.clicked.mean(), np.mean(log.estimates.argmax(axis=1) == np.argmax(CLICK_RATES))
    found = f"{clicks:.2%} of the visitors click, with 0.1 throughout it is {constant:.2%}"
    if clicks >= GAIN * constant:
        return f"{found}."
    reason = "explore less once it is known" if known > 0.9 else "explore more at the start"
    raise NotYet(f"{found}. At the end {known:.0%} of the shops know the best picture: {reason}.")


@checker
def check_selection(answer: object) -> str:
    """Judge a function that selects features, trains and scores, without a look at the held-out labels.

    Its accuracy counts right answers, so when the labels of two groups of held-out rows are turned over, the change is
    the sum of the changes for each group, unless these labels take part in the selection or the training.

    Args:
        answer: The reader's function of (features, labels, train, held_out), which gives the accuracy.
    """
    for seed in range(5):
        features, labels, train, held_out = _videos(seed)
        groups = (held_out[rows] for rows in (slice(0), slice(5), slice(5, 13), slice(13), slice(None)))
        as_is, one, other, both, everything = (
            _score(answer, features, np.where(np.isin(np.arange(VIDEOS), rows), 1 - labels, labels), train, held_out)
            for rows in groups
        )
        part = "the held-out labels take part in the selection or the training."
        if abs(as_is + everything - 1) > 1e-6:
            turned = "With all held-out labels turned round, a right answer should become a wrong one"
            raise NotYet(f"{turned}, but your function gives {as_is:.2f} and {everything:.2f}: {part}")
        if abs(one + other - as_is - both) > 1e-6:
            raise NotYet(f"With some held-out labels turned round, your function gives other answers: {part}")
    features, labels, train, held_out = _videos(0, signal=3.0)
    score = _score(answer, features, labels, train, held_out)
    if score < 0.8:
        raise NotYet(f"On a file in which {SELECTED} features do tell the labels, it is right for only {score:.0%}.")
    features[held_out[:, None], np.arange(SELECTED, FEATURES)] *= 1000
    if _score(answer, features, labels, train, held_out) < 0.8:
        raise NotYet(f"It doesn't select: features besides the {SELECTED} that tell the labels change its answers.")
    return "The held-out labels serve for the score alone, and what there is to learn is learnt."


def _is_mask(answer: object) -> bool:
    if not isinstance(answer, list | tuple | np.ndarray):
        return False
    return {type(value) for value in np.asarray(answer, dtype=object).flat} <= {bool, np.bool_}


def _videos(seed: int, *, signal: float = 0.0) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Features and labels without, or with, a connection, and a split in halves."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(VIDEOS) % 2)
    features = random.normal(size=(VIDEOS, FEATURES))
    features[:, :SELECTED] += signal * labels[:, None]
    train, held_out = np.split(random.permutation(VIDEOS), 2)
    return features, labels, train, held_out


def _score(function: object, *data: NDArray) -> float:
    wanted = "Your function should give an accuracy between 0 and 1"
    score = read_number(call(function, *data), wanted, who="the result")
    if not 0 <= score <= 1:
        raise NotYet(f"{wanted}, it gave {score}.")
    return score
