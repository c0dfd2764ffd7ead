"""How sure a measured number is: intervals, and tests of two models on the same data.

The mathematics is SciPy's; these functions ask it the questions that the book asks.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def wilson_interval(right: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a proportion, such as an accuracy on test data.

    Args:
        right: How many of the cases count, a whole number from 0 to total.
        total: How many cases there are, at least 1.
        confidence: Between 0 and 1.

    Returns:
        Lower and upper bound, in 0..1.

    Raises:
        TypeError: If a count is no number.
        ValueError: If the counts are impossible, or a share in place of a count.

    Source: Wilson (1927), Journal of the American Statistical Association 22(158),
        without continuity correction.

    >>> low, high = wilson_interval(90, 100)
    >>> print(f"{low:.3f} {high:.3f}")
    0.826 0.945
    """
    right, total = _whole(right, "right"), _whole(total, "total")
    if not 0 <= right <= total or total < 1:
        raise ValueError(f"right and total must satisfy 0 <= right <= total and total >= 1, got {right} and {total}")
    interval = stats.binomtest(right, total).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap_interval(
    values: ArrayLike,
    statistic: Callable[..., float] = np.mean,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic of independent cases.

    Args:
        values: One value a case, float (n,), n at least 2.
        statistic: Function of such an array.
        confidence: Between 0 and 1.
        resamples: How many times the cases are drawn again.
        seed: Of the draws.

    Returns:
        Lower and upper bound.

    Raises:
        ValueError: If there are fewer than two values.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    cases = np.asarray(values, dtype=float)
    if cases.ndim != 1 or len(cases) < 2:
        raise ValueError(f"values must be a list of at least 2 numbers, got shape {cases.shape}")
    result = stats.bootstrap(
        (cases,),
        statistic,
        vectorized=False,
        n_resamples=resamples,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def mcnemar_test(first_right: ArrayLike, second_right: ArrayLike) -> tuple[int, int, float]:
    """Whether two models that answered the same questions differ by more than chance.

    Only the questions count that one model answered right and the other wrong:
    without a difference, each is as likely to be the first's as the second's.

    Args:
        first_right: Whether the first model was right, bool (n,).
        second_right: The same for the second model, on the same cases in the same order.

    Returns:
        How often only the first was right, how often only the second, and the
        two-sided exact probability of so uneven a share by chance.

    Raises:
        TypeError: If they are not booleans, e.g. the predicted classes.
        ValueError: If the arrays are not of one length.

    Source: McNemar (1947), Psychometrika 12(2); exact form by the binomial distribution.

    >>> mcnemar_test([True, True, True, False], [False, False, True, False])
    (2, 0, 0.5)
    """
    first, second = np.asarray(first_right), np.asarray(second_right)
    for name, right in (("first_right", first), ("second_right", second)):
        if right.size and right.dtype != bool:
            raise TypeError(
                f"{name} must hold booleans, whether each answer was right, got {right.dtype}; "
                "of predicted classes, take predicted == labels"
            )
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"first_right and second_right must be lists of one length, got shapes {first.shape} and {second.shape}"
        )
    only_first, only_second = int(np.sum(first & ~second)), int(np.sum(~first & second))
    if only_first + only_second == 0:
        return 0, 0, 1.0
    return only_first, only_second, float(stats.binomtest(only_first, only_first + only_second).pvalue)


def _whole(count: int, name: str) -> int:
    """A count as an int, from any kind of whole number."""
    number = np.asarray(count)
    if number.ndim != 0 or number.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be one whole number, got {count!r}")
    if not float(number).is_integer():
        raise ValueError(f"{name} must be a whole number of cases, got {count}; of a share, take round(share * total)")
    return int(number)


def mean_and_range(values: Sequence[float]) -> str:
    """Mean with smallest and largest value, as the book prints results over seeds.

    >>> mean_and_range([0.891, 0.887, 0.895])
    '0.891 (0.887 to 0.895)'
    """
    if len(values) == 0:
        raise ValueError("values must hold at least one number, got none")
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
