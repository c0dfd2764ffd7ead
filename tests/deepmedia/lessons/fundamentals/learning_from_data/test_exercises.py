import numpy as np
import pytest
from scipy.spatial.distance import cdist

from deepmedia.lessons.fundamentals.learning_from_data.exercises import (
    check_exploration,
    check_faces,
    check_garment_interval,
    check_scores,
    check_selection,
)
from deepmedia.statistics import bootstrap_interval, wilson_interval


def test_the_right_scores_are_accepted():
    # 15 of the 30 marked, 15 of the 20 counterfeits, 15 + 965 of all; marking nothing is right for 980.
    assert check_scores([15 / 30, 15 / 20, 980 / 1000, 980 / 1000]).accepted
    assert check_scores((0.5, 0.75, 0.98, 0.98)).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([0.75, 0.5, 0.98, 0.98], "swapped"),
        ([50, 75, 98, 98], "Right, but in per cent: give shares between 0 and 1"),
        ([0.4, 0.75, 0.98, 0.98], "Number 1 is not right yet. Precision"),
        ([0.5, 0.7, 0.98, 0.98], "Number 2 is not right yet. Recall"),
        ([0.5, 0.75, 0.97, 0.98], "Number 3 is not right yet. Accuracy"),
        ([0.5, 0.75, 0.98, 0.02], "Number 4 is not right yet. The baseline"),
        ([0.5, 0.75, 0.98, 1.0], "rounded too far"),
        ([0.5, "0.75", 0.98, 0.98], "one of them is a string"),
        ([0.5, 0.75], "Give 4 numbers in a list; this has the shape"),
        (0.98, "Give 4 numbers in a list"),
        ("high", "Give 4 numbers in a list"),
        ([0.5, 0.75, 0.98, np.nan], "finite"),
    ],
)
def test_wrong_scores_are_rejected_with_their_reason(answer, words):
    verdict = check_scores(answer)
    assert not verdict.accepted
    assert words in verdict.text


def people(seed=0):
    """Forty people, ten photographs of each, that differ about as much within a person as between two."""
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(40), 10)
    spread = np.repeat(np.linspace(0.6, 1.4, 40), 10)  # the later people vary more
    photos = random.normal(size=(40, 36))[person] + spread[:, None] * random.normal(size=(400, 36))
    return photos.reshape(400, 6, 6), person


def face_answers():
    """Recognition by hand, and the share that passes among four sets of pairs."""
    photos, person = people()
    known = [number for number in range(400) if number % 10 < 5]
    new = [number for number in range(400) if number % 10 >= 5]
    distance = cdist(photos[new].reshape(200, -1), photos[known].reshape(200, -1))
    recognised = np.mean(
        [person[known[row.argmin()]] == person[number] for row, number in zip(distance, new, strict=True)]
    )
    pairs: dict[str, list[float]] = {
        "set, right": [],
        "set, wrong": [],
        "judged, right": [],
        "judged, wrong": [],
        "all right": [],
        "one, wrong": [],
    }
    for row, first in enumerate(new):
        for column, second in enumerate(known):
            one, other = person[first], person[second]
            if one == other:
                pairs["all right"].append(distance[row, column])
            elif min(one, other) < 20:
                pairs["one, wrong"].append(distance[row, column])
            for part, low, high in (("set", 0, 20), ("judged", 20, 40)):
                if low <= one < high and low <= other < high:
                    pairs[f"{part}, {'right' if one == other else 'wrong'}"].append(distance[row, column])
    threshold = np.quantile(pairs["set, wrong"], 0.01)
    passes = {name: np.mean(np.array(values) <= threshold) for name, values in pairs.items()}
    passes["one of each pair"] = np.mean(np.array(pairs["judged, right"]) <= np.quantile(pairs["one, wrong"], 0.01))
    return recognised, passes


def test_the_right_shares_are_accepted():
    recognised, passes = face_answers()
    assert check_faces([recognised, passes["judged, right"]], *people()).accepted


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("set, right", "the pairs that set the threshold"),
        ("judged, wrong", "the wrong pairs"),
        ("all right", "all right pairs"),
        ("one of each pair", "not one of them"),
        (None, "The threshold is the 1% quantile"),
    ],
)
def test_shares_of_other_pairs_are_rejected_with_their_reason(pairs, words):
    recognised, passes = face_answers()
    passes[None] = 0.99
    verdict = check_faces([recognised, passes[pairs]], *people())
    assert not verdict.accepted
    assert words in verdict.text


def test_a_wrong_share_of_names_is_rejected():
    recognised, passes = face_answers()
    verdict = check_faces([recognised - 0.1, passes["judged, right"]], *people())
    assert not verdict.accepted
    assert "right names" in verdict.text


def photographs_of_garments():
    """Sixty garments, five photographs of each; a garment is right or wrong as a whole, with few exceptions."""
    random = np.random.default_rng(0)
    garment = random.permutation(np.repeat(np.arange(60), 5))
    right = (random.random(60) < 0.7)[garment] ^ (random.random(300) < 0.05)
    return right, garment


def garment_means():
    right, garment = photographs_of_garments()
    return [right[garment == number].mean() for number in range(60)]


def test_an_interval_over_garments_is_accepted_whatever_the_seed():
    for seed in range(3):
        assert check_garment_interval(
            bootstrap_interval(garment_means(), seed=seed), *photographs_of_garments()
        ).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda right, low, high: wilson_interval(right.sum(), len(right)), "as narrow as if"),
        (lambda right, low, high: bootstrap_interval(right), "as narrow as if"),
        (lambda right, low, high: (high, low), "lower bound first"),
        (lambda right, low, high: (0.0, 0.1), "should contain the accuracy"),
        (lambda right, low, high: (0.0, 1.0), "the mean over garments"),
        (lambda right, low, high: low, "Give 2 numbers"),
    ],
)
def test_other_intervals_are_rejected_with_their_reason(answer, words):
    right, garment = photographs_of_garments()
    verdict = check_garment_interval(answer(right, *bootstrap_interval(garment_means())), right, garment)
    assert not verdict.accepted
    assert words in verdict.text


VISITOR = np.arange(5000)


@pytest.mark.parametrize("answer", [VISITOR < 500, np.minimum(1, 200 / (VISITOR + 1))])
def test_exploring_at_the_start_is_accepted(answer):
    assert check_exploration(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.1, "explore"),
        (0.0, "explore more at the start"),
        (VISITOR < 30, "explore more at the start"),
        (VISITOR < 2500, "explore less once it is known"),
        (np.ones(5000), "explore less once it is known"),
        (VISITOR[:4000] < 500, "one for each of 5000 visitors"),
        ("much", "can't be used"),
        (2.0 * (VISITOR < 500), "between 0 and 1"),
    ],
)
def test_poor_exploration_is_rejected_with_its_reason(answer, words):
    verdict = check_exploration(answer)
    assert not verdict.accepted
    assert words in verdict.text


def score(features, labels, train, held_out, *, select, learn):
    """Pick 20 features on the rows `select`, learn class means on the rows `learn`, score the held-out rows."""
    gap = features[select][labels[select] == 1].mean(axis=0) - features[select][labels[select] == 0].mean(axis=0)
    best = np.argsort(-np.abs(gap))[:20]
    means = [features[learn][labels[learn] == c][:, best].mean(axis=0) for c in (0, 1)]
    distance = [np.sum((features[held_out][:, best] - mean) ** 2, axis=1) for mean in means]
    return np.mean((distance[1] < distance[0]) == labels[held_out])


def honest(features, labels, train, held_out):
    return score(features, labels, train, held_out, select=train, learn=train)


def selects_on_all(features, labels, train, held_out):
    return score(features, labels, train, held_out, select=np.arange(len(labels)), learn=train)


def learns_on_all(features, labels, train, held_out):
    return score(features, labels, train, held_out, select=train, learn=np.arange(len(labels)))


def selects_on_the_held_out(features, labels, train, held_out):
    return score(features, labels, train, held_out, select=held_out, learn=train)


def selects_nothing(features, labels, train, held_out):
    means = [features[train][labels[train] == c].mean(axis=0) for c in (0, 1)]
    distance = [np.sum((features[held_out] - mean) ** 2, axis=1) for mean in means]
    return np.mean((distance[1] < distance[0]) == labels[held_out])


def test_an_honest_selection_is_accepted():
    assert check_selection(honest).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (selects_on_all, "take part in the selection or the training"),
        (learns_on_all, "take part in the selection or the training"),
        (selects_on_the_held_out, "take part in the selection or the training"),
        (selects_nothing, "It doesn't select"),
        (lambda features, labels, train, held_out: np.mean(labels[held_out] == 0), "is right for only"),
        (lambda features, labels, train, held_out: 0.5, "is right for only"),
        (lambda features, labels, train, held_out: 50, "between 0 and 1"),
        (lambda features, labels: 0.5, "raised TypeError"),
        (0.5, "Give the function itself"),
    ],
)
def test_other_selections_are_rejected_with_their_reason(function, words):
    verdict = check_selection(function)
    assert not verdict.accepted
    assert words in verdict.text
