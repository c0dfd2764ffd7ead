"""How well do distances tell whether two faces are of one person? The protocol of Labeled Faces in the Wild.

A pair is accepted as the same person if its distance is at most a threshold. Everything follows from how many pairs of
each kind each threshold accepts.

Source: Huang et al. (2007), University of Massachusetts, Technical Report 07-49, for the folds; Schroff et al. (2015),
arXiv:1503.03832, Sec. 4, for the rates VAL and FAR.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count, check_fraction
from deepmedia.statistics import bootstrap_interval, wilson_interval

Interval = tuple[float, float]


@dataclass(frozen=True)
class ROC:
    """What each threshold accepts, from nothing to everything.

    Attributes:
        thresholds: float64 (k,), rising: -inf accepts nothing, the largest distance everything, and each between them
            lies midway between two neighbouring distances.
        false_accepts: Pairs of two people with a distance of at most the threshold, int64 (k,).
        true_accepts: Pairs of one person with such a distance, int64 (k,).
    """

    thresholds: NDArray[np.float64]
    false_accepts: NDArray[np.int64]
    true_accepts: NDArray[np.int64]

    @property
    def false_accept_rates(self) -> NDArray[np.float64]:
        """FAR = |FA| / |P_diff| of each threshold, the x axis of the curve; float64 (k,), 0..1."""
        return self.false_accepts / self.false_accepts[-1]

    @property
    def true_accept_rates(self) -> NDArray[np.float64]:
        """VAL = |TA| / |P_same| of each threshold, the y axis of the curve; float64 (k,), 0..1."""
        return self.true_accepts / self.true_accepts[-1]

    @property
    def auc(self) -> float:
        """Area under the curve, 0..1: how often a pair of one person is nearer than one of two, ties counting half."""
        return _auc(self.false_accepts, self.true_accepts)

    @property
    def equal_error_rate(self) -> float:
        """Where FAR = 1 - VAL, 0..1; between two thresholds, on the line that joins their points of the curve."""
        return _equal_error_rate(self.false_accepts, self.true_accepts)


@dataclass(frozen=True)
class LFWReport:
    """What `lfw_report` found. Rates are 0..1, intervals of 95%.

    Attributes:
        accuracy: Mean over the folds.
        accuracy_interval: The narrowest that holds Wilson's of all decisions, which is too narrow where pairs share few
            people, and that of whole folds drawn again, which is a point where all folds are equally good.
        standard_error: Of the mean over the folds, as LFW's tables print it behind ±: s / sqrt(folds), where s divides
            by folds - 1. (Behind facenet's ± stands the deviation of the folds itself, for ten folds 3 times as much.)
        fold_accuracies: float64 (folds,).
        thresholds: With which each fold was decided, float64 (folds,); -inf says that nothing is the same.
        roc: The curve of all pairs.
        auc: Area under it.
        auc_interval: Whole folds drawn again. An interval of one point says that the folds don't differ, not that
            there is no doubt.
        equal_error_rate: Of that curve.
        equal_error_rate_interval: Whole folds drawn again.
        validation_rate: VAL at the FAR asked for, mean over the folds.
        validation_rate_interval: Whole folds drawn again.
        false_accept_rate: FAR that came of it on the folds that did not choose the threshold, mean.
    """

    accuracy: float
    accuracy_interval: Interval
    standard_error: float
    fold_accuracies: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    roc: ROC
    auc: float
    auc_interval: Interval
    equal_error_rate: float
    equal_error_rate_interval: Interval
    validation_rate: float
    validation_rate_interval: Interval
    false_accept_rate: float


def roc(distances: ArrayLike, same: ArrayLike) -> ROC:
    """Count what each threshold accepts.

    Args:
        distances: Distance of each pair, float (n,), small for the same person; any measure, of similarities their
            negatives.
        same: Whether each pair is of one person, bool (n,), or 0 and 1.

    Returns:
        The curve, with one threshold for each different distance and one that accepts nothing: pairs at equal distance
        are accepted together.

    Raises:
        TypeError: If they are not numbers, or not true and false.
        ValueError: If they don't fit, are not finite, or one of the two kinds of pairs is missing.

    >>> curve = roc([0.1, 0.4, 0.2, 0.9], [True, True, False, False])
    >>> curve.auc, curve.equal_error_rate
    (0.75, 0.5)
    """
    distances, same = _pairs(distances, same)
    thresholds, accepts = _accepts(distances, same, np.zeros(len(same), int), 1)
    return ROC(thresholds, *accepts[:, 0])


def lfw_report(distances: ArrayLike, same: ArrayLike, *, folds: int = 10, false_accept_rate: float = 1e-3) -> LFWReport:
    """Judge distances by the protocol of LFW: each fold is decided by a threshold that the other folds chose.

    For the accuracy it is the threshold with the most right decisions on the other folds, of several the smallest. For
    VAL it is the largest whose FAR on the other folds is at most the one asked for; with fewer than 1 / FAR pairs of
    two people there, it accepts none of them.

    Args:
        distances: Distance of each pair, float (n,), fold after fold as in pairs.txt; squared Euclidean in FaceNet.
        same: Whether each pair is of one person, bool (n,), or 0 and 1.
        folds: Parts of equal size, at least 2; no person should be in two of them.
        false_accept_rate: FAR at which VAL is asked for, 0..1.

    Returns:
        Accuracy, curve, AUC, EER and VAL, with intervals. If all distances are equal, AUC and EER are 0.5 and VAL is 0.

    Raises:
        TypeError: If arguments are of another kind.
        ValueError: If they don't fit, or a fold lacks pairs of one kind.

    Source: Technical Report 07-49 for the folds; VAL and FAR as in Schroff et al. (2015), Sec. 4, who accept
        D <= d. Departs from David Sandberg's implementation (github.com/davidsandberg/facenet, calculate_roc and
        calculate_val), which accepts D < d, tries thresholds 0.01 apart, and finds the one of a FAR by interpolation of
        a grid 0.001 apart: here all thresholds are tried that decide differently, so that no grid has to fit.
    """
    distances, same = _pairs(distances, same)
    check_fraction("false_accept_rate", false_accept_rate)
    fold = _folds(same, folds)
    accuracies, chosen, validated, falsely = np.zeros((4, folds))
    right = 0
    for k in range(folds):
        inside, rest = fold == k, roc(distances[fold != k], same[fold != k])
        # right decisions: pairs of one person accepted, pairs of two not
        chosen[k] = rest.thresholds[np.argmax(rest.true_accepts - rest.false_accepts)]
        decided_right = int(np.sum((distances[inside] <= chosen[k]) == same[inside]))
        right, accuracies[k] = right + decided_right, decided_right / inside.sum()
        strict = rest.thresholds[np.flatnonzero(rest.false_accept_rates <= false_accept_rate)[-1]]
        validated[k] = np.mean(distances[inside & same] <= strict)
        falsely[k] = np.mean(distances[inside & ~same] <= strict)
    curve = roc(distances, same)
    _, accepts = _accepts(distances, same, fold, folds)  # (2, folds, k)
    return LFWReport(
        accuracy=float(accuracies.mean()),
        accuracy_interval=_both(wilson_interval(right, len(same)), bootstrap_interval(accuracies)),
        standard_error=float(accuracies.std(ddof=1) / np.sqrt(folds)),
        fold_accuracies=accuracies,
        thresholds=chosen,
        roc=curve,
        auc=curve.auc,
        auc_interval=bootstrap_interval(np.arange(folds), lambda drawn: _auc(*_counts(accepts, drawn))),
        equal_error_rate=curve.equal_error_rate,
        equal_error_rate_interval=bootstrap_interval(
            np.arange(folds), lambda drawn: _equal_error_rate(*_counts(accepts, drawn))
        ),
        validation_rate=float(validated.mean()),
        validation_rate_interval=bootstrap_interval(validated),
        false_accept_rate=float(falsely.mean()),
    )


def _pairs(distances: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Distances as float64 and same as bool, both (n,)."""
    distances, same = as_floats(distances, "distances").astype(np.float64), np.asarray(same)
    if same.dtype.kind in "iu" and np.isin(same, (0, 1)).all():
        same = same.astype(bool)
    if same.dtype != bool:
        raise TypeError(f"same must hold True and False, or 1 and 0, got {same.dtype}; of two labels: first == second")
    if distances.ndim != 1 or same.shape != distances.shape:
        raise ValueError(
            f"distances and same must be lists of one length, got shapes {distances.shape} and {same.shape}"
        )
    if same.all() or not same.any():
        raise ValueError(f"same must hold pairs of both kinds, got {len(same)} that are all {same[0]}; rates need both")
    return distances, same


def _folds(same: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each pair, (n,)."""
    check_count("folds", folds)
    if folds < 2:
        raise ValueError("folds must be at least 2, got 1; for one curve without folds use roc")
    if len(same) % folds:
        raise ValueError(
            f"the pairs must fall into folds={folds} of equal size, got {len(same)}; drop {len(same) % folds}, or take "
            "the number of folds with which they were drawn"
        )
    for number, part in enumerate(same.reshape(folds, -1)):
        if part.all() or not part.any():
            raise ValueError(
                f"each fold must hold pairs of both kinds, got {part.sum()} of one person among {len(part)} in fold "
                f"{number}; order the pairs fold after fold, as pairs.txt and draw_pairs do"
            )
    return np.repeat(np.arange(folds), len(same) // folds)


def _accepts(
    distances: np.ndarray, same: np.ndarray, fold: np.ndarray, folds: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Thresholds (k,), and how many pairs of two people and of one each accepts in each fold, (2, folds, k)."""
    distinct, place = np.unique(distances, return_inverse=True)
    counts = np.zeros((2, folds, len(distinct) + 1), np.int64)
    np.add.at(counts, (same.astype(int), fold, place + 1), 1)
    between = distinct[:-1] + (distinct[1:] - distinct[:-1]) / 2
    between = np.where(between < distinct[1:], between, distinct[:-1])  # midway of neighbouring floats rounds up
    return np.concatenate([[-np.inf], between, distinct[-1:]]), counts.cumsum(axis=-1)


def _both(first: Interval, second: Interval) -> Interval:
    return min(first[0], second[0]), max(first[1], second[1])


def _counts(accepts: NDArray[np.int64], drawn: NDArray[np.float64]) -> NDArray[np.int64]:
    """False and true accepts of some folds together, (2, k)."""
    return accepts[:, drawn.astype(int)].sum(axis=1)


def _auc(false: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    return float(np.trapezoid(true, false) / (false[-1] * true[-1]))


def _equal_error_rate(false: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    # FAR - (1 - VAL) times both numbers of pairs: whole numbers, which rise from below 0 to above
    gap = false * true[-1] + true * false[-1] - false[-1] * true[-1]
    k = int(np.argmax(gap >= 0))  # the first threshold behind the crossing, or on it
    share = gap[k - 1] / (gap[k - 1] - gap[k])
    return float((false[k - 1] + share * (false[k] - false[k - 1])) / false[-1])
