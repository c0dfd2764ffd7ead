"""Whether a network is right as often as it says, and one number that brings both together.

Source: Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern
Neural Networks", arXiv:1706.04599: reliability diagram, expected calibration
error, temperature scaling.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import log_softmax, softmax

COLDEST, HOTTEST = 0.02, 50.0  # between these the temperature is searched


@dataclass(frozen=True)
class Reliability:
    """Answers sorted into bins by the probability that the network gave them."""

    edges: NDArray[np.float64]  # (bins + 1,) from 0 to 1
    counts: NDArray[np.int64]  # (bins,) answers in each bin
    confidence: NDArray[np.float64]  # (bins,) their mean probability; NaN in an empty bin
    accuracy: NDArray[np.float64]  # (bins,) the share of them that is right; NaN in an empty bin

    @property
    def expected_error(self) -> float:
        """Mean gap between accuracy and confidence, each bin by its share of the answers (ECE)."""
        filled = self.counts > 0
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(np.sum(gaps * self.counts[filled]) / self.counts.sum())


def reliability(probabilities: ArrayLike, labels: ArrayLike, *, bins: int = 10) -> Reliability:
    """Compare how sure a network is with how often it is right.

    Args:
        probabilities: Of each class, float (n, classes), rows that add up to 1.
        labels: Class of each case, integers (n,).
        bins: Number of intervals of equal width; a value on an edge belongs to the lower one.

    Returns:
        The table of the reliability diagram.

    Raises:
        ValueError: If the shapes don't match, there are no cases, values are not finite, or rows don't add up to 1.
    """
    values, classes = _checked(probabilities, labels, "probabilities")
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    _check_rows(values)
    confidence = values.max(axis=1)
    right = values.argmax(axis=1) == classes
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0/0 in an empty bin is NaN
        mean = np.bincount(place, confidence, bins) / counts
        share = np.bincount(place, right, bins) / counts
    return Reliability(edges, counts, mean, share)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature at which the labels are most probable.

    Fit it on validation data: on training data a network is surer than it should be.

    Args:
        logits: Float (n, classes).
        labels: Class of each case, integers (n,).

    Returns:
        The number T by which to divide the logits; above 1 the network was too sure.

    Raises:
        ValueError: If the shapes don't match, logits are not finite, or no temperature
            between 0.02 and 50 is best, as when all answers are right.
    """
    scores, classes = _checked(logits, labels, "logits")
    ahead = scores - scores[np.arange(len(classes)), classes][:, None]  # by how much each logit exceeds the label's
    if not _slope(COLDEST, ahead) < 0 < _slope(HOTTEST, ahead):
        raise ValueError(
            f"no temperature between {COLDEST} and {HOTTEST} is best for these {len(classes)} cases; "
            "are all of them right, or all answers noise? use more validation data"
        )
    return float(brentq(_slope, COLDEST, HOTTEST, args=(ahead,)))


def _slope(temperature: float, ahead: NDArray[np.float64]) -> float:
    """Derivative of the cross-entropy with respect to the temperature, times its square."""
    return -float(np.mean(np.sum(probabilities_at(ahead, temperature) * ahead, axis=1)))


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Mean of -ln(probability of the label), which sees right answers and honest probabilities alike.

    Args:
        logits: Float (n, classes).
        labels: Class of each case, integers (n,).

    Raises:
        ValueError: If the shapes don't match, or logits are not finite.
    """
    scores, classes = _checked(logits, labels, "logits")
    return float(-np.mean(log_softmax(scores, axis=1)[np.arange(len(classes)), classes]))


def error_by_chance(
    probabilities: ArrayLike, *, bins: int = 10, draws: int = 200, seed: int = 0
) -> tuple[float, float]:
    """The expected calibration error that a perfectly honest network would show.

    With finitely many cases a bin's accuracy misses its confidence by chance.
    Labels are drawn by the probabilities themselves, and the error is computed
    for them.

    Args:
        probabilities: Of each class, float (n, classes).
        bins: As in `reliability`.
        draws: How often labels are drawn.
        seed: Of the draws.

    Returns:
        Mean over the draws, and the value that 95% of them stay below.

    Raises:
        ValueError: If the shape is another one, there are no cases, or rows don't add up to 1.
    """
    values = np.asarray(probabilities, dtype=float)
    if values.ndim != 2 or len(values) == 0:
        raise ValueError(f"probabilities must be (n, classes) with n at least 1, got shape {values.shape}")
    _check_rows(values)
    generator = np.random.default_rng(seed)
    cumulative = np.cumsum(values, axis=1)
    cumulative /= cumulative[:, -1:]
    errors = []
    for _ in range(draws):
        drawn = (generator.random((len(values), 1)) > cumulative).sum(axis=1)
        errors.append(reliability(values, drawn, bins=bins).expected_error)
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def probabilities_at(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Softmax of the logits divided by a temperature, float (n, classes)."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    return np.asarray(softmax(np.asarray(logits, dtype=float) / temperature, axis=-1))


def _check_rows(probabilities: NDArray[np.float64]) -> None:
    sums = probabilities.sum(axis=1)
    if np.any(probabilities < 0) or not np.allclose(sums, 1, atol=1e-3):
        raise ValueError(
            "probabilities must be at least 0 and add up to 1 in each row, "
            f"got {probabilities.min():g} as the least and sums from {sums.min():g} to {sums.max():g}; "
            "are they logits? use softmax"
        )


def _checked(values: ArrayLike, labels: ArrayLike, name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    scores, classes = np.asarray(values, dtype=float), np.asarray(labels)
    if scores.ndim != 2 or classes.shape != scores.shape[:1] or len(classes) == 0:
        raise ValueError(
            f"{name} must be (n, classes) and labels (n,) with n at least 1, got shapes {scores.shape}, {classes.shape}"
        )
    if not np.issubdtype(classes.dtype, np.integer) or classes.min() < 0 or classes.max() >= scores.shape[1]:
        found = classes.tolist()  # may be anything, even text
        raise ValueError(
            f"labels must be integers from 0 to {scores.shape[1] - 1}, the columns of {name}, "
            f"got {classes.dtype} from {min(found)} to {max(found)}"
        )
    wrong = np.count_nonzero(~np.isfinite(scores))
    if wrong:
        raise ValueError(f"{name} must be finite, got {wrong} NaN or infinite values; did the training diverge?")
    return scores, classes.astype(np.int64)
