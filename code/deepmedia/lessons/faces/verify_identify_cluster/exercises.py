"""Checkers of the exercises of the page "Verify, identify, cluster"."""

import numpy as np

from deepmedia.faces.protocol import roc
from deepmedia.lessons.judging import NotYet, call_for_numbers, checker, compare, read_number, read_numbers

DISTANCES = (0.2, 0.5, 0.9, 0.3, 0.6, 0.8, 1.1, 1.4)  # of the first exercise
SAME = (True, True, True, True, False, False, False, False)
THRESHOLD = 0.7
SINGLE, GALLERY = 0.001, 500  # of the second: false accept rate of one comparison, people enrolled
ARRAYS = "the distances"
RANDOM_CASES = ((0, 40, 0.1), (1, 60, 0.05), (2, 30, 0.0))  # seed, pairs and rate for the third


@checker
def check_rates(answer: object) -> str:
    """Judge FAR and VAL at a threshold, in this order, of eight pairs."""
    accepted, same = np.array(DISTANCES) <= THRESHOLD, np.array(SAME)
    far, val = accepted[~same].mean(), accepted[same].mean()
    slips = (
        ([val, far], "Those are the two numbers, but FAR comes first, then VAL."),
        ([(accepted & ~same).mean(), (accepted & same).mean()],
         "You divided by all eight pairs; each rate is a share of the pairs of its own kind."),
        ([(accepted & ~same).sum(), (accepted & same).sum()], "Those are the counts; divide each by its kind's pairs."),
        ([1 - far, 1 - val], "Those are the shares that are rejected; a pair is accepted up to the threshold."),
        ([(~same)[accepted].mean(), same[accepted].mean()],
         "Those are shares of the accepted pairs; FAR and VAL are shares of the pairs of two people, and of one."),
        ([far, 1 - val], "FAR is right. VAL counts the pairs of one person that are accepted, not the others."),
    )  # fmt: skip
    found = read_numbers(answer, (2,), "Give two numbers, FAR and VAL")
    compare(found, [far, val], slips, hint="Which of the pairs of two people are nearer than 0.7? Then those of one.")
    return "One of four pairs of two people is accepted, and three of the four of one person."


@checker
def check_stranger(answer: object) -> str:
    """Judge how probable it is that a stranger is near one of 500 people by chance."""
    right = 1 - (1 - SINGLE) ** GALLERY
    slips = (
        (SINGLE * GALLERY, "Adding up counts twice whoever is near two people. What is the chance to be near nobody?"),
        ((1 - SINGLE) ** GALLERY, "That is the chance to be near nobody."),
        (SINGLE, "That is one comparison; there are 500."),
        (1 - SINGLE, "That is the chance to be far from one person."),
    )
    hint = "Compute the chance to be far from all 500 first: each comparison is right with 0.999."
    compare(read_number(answer), right, slips, hint=hint, atol=2e-3)
    return "A rate that sounds safe for one comparison opens this door to two strangers of five."


@checker
def check_choose(answer: object) -> str:
    """Judge a function of (distances, same, rate) that gives the largest threshold with at most this FAR."""
    cases = [
        (np.array(DISTANCES), np.array(SAME), 0.25),
        (np.array([0.4, 0.4, 0.4, 0.8]), np.array([1, 0, 0, 0]) > 0, 0.4),
    ]
    for seed, count, rate in RANDOM_CASES:
        random = np.random.default_rng(seed)
        cases.append((random.uniform(0, 2, count).round(1), random.uniform(size=count) < 0.5, rate))
    for distances, same, rate in cases:
        at = f"With {len(distances)} pairs and a rate of {rate:g} "
        found = float(
            call_for_numbers(answer, distances, same, rate, shape=(), wanted="Give one number", at=at, kept=ARRAYS)
        )
        curve = roc(distances, same)
        accepted = int(np.sum(distances[~same] <= found))
        if accepted > rate * np.sum(~same):
            raise NotYet(
                f"{at}your threshold of {found:.4g} accepts {accepted} of {np.sum(~same)} pairs of two people, too "
                "many; equal distances are accepted together."
            )
        best = curve.true_accepts[np.flatnonzero(curve.false_accept_rates <= rate)[-1]]
        if np.sum(distances[same] <= found) < best:
            raise NotYet(
                f"{at}a threshold above your {found:.4g} accepts more pairs of one person and no more of two than "
                "allowed: go up as far as the rate permits."
            )
    return "That is how VAL at a FAR is found; mind that it belongs on other people than those whom it judges."
