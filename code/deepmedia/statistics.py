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
        right: How many of the cases count, 0 to total.
        total: How many cases there are, at least 1.
        confidence: Between 0 and 1.

    Returns:
        Lower and upper bound, in 0..1.

    Raises:
        ValueError: If the counts are impossible.

    Source: Wilson (1927), Journal of the American Statistical Association 22(158),
        without continuity correction.

    >>> low, high = wilson_interval(90, 100)
    >>> print(f"{low:.3f} {high:.3f}")
    0.826 0.945
    """
    if not 0 <= right <= total or total < 1:
        raise ValueError(f"right and total must satisfy 0 <= right <= total and total >= 1, got {right} and {total}")
    interval = stats.binomtest(int(right), int(total)).proportion_ci(confidence, method="wilson")
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
        ValueError: If the arrays are not of one length.

    Source: McNemar (1947), Psychometrika 12(2); exact form by the binomial distribution.

    >>> mcnemar_test([1, 1, 1, 0], [0, 0, 1, 0])
    (2, 0, 0.5)
    """
    first, second = (np.asarray(right, dtype=bool) for right in (first_right, second_right))
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"first_right and second_right must be lists of one length, got shapes {first.shape} and {second.shape}"
        )
    only_first, only_second = int(np.sum(first & ~second)), int(np.sum(~first & second))
    if only_first + only_second == 0:
        return 0, 0, 1.0
    return only_first, only_second, float(stats.binomtest(only_first, only_first + only_second).pvalue)


def mean_and_range(values: Sequence[float]) -> str:
    """Mean with smallest and largest value, as the book prints results over seeds.

    >>> mean_and_range([0.891, 0.887, 0.895])
    '0.891 (0.887 to 0.895)'
    """
    if len(values) == 0:
        raise ValueError("values must hold at least one number, got none")
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
