"""The experiments of the page "Learning from data": small, without networks, on the book's own data.

In the page's order: photographs of the same garment and a split that keeps them together, what pictures and sound
share, learning from few labels, a bandit that learns from clicks, and regression whose capacity can be set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count, check_number

GARMENTS, TIMES = 500, 5  # garments in the file of returns, photographs of each


def photograph_again(
    images: ArrayLike, *, times: int, light: float = 0.3, noise: float = 0.05, shift: int = 0, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Several photographs of each garment, made from one.

    Args:
        images: uint8 (n, height, width).
        times: Photographs of each garment.
        light: The brightness is multiplied by a number between 1 - light and 1 + light.
        noise: Standard deviation of the noise added to each pixel.
        shift: The garment moves by at most so many pixels, up or down and left or right.
        seed: Of the draws.

    Returns:
        Photographs, float32 (n * times, height, width) in 0..1, those of a garment side by side, and the number of the
        garment on each, int64 (n * times,), 0 to n - 1.

    Raises:
        TypeError: If the images are not uint8.
    """
    originals = np.asarray(images)
    if originals.dtype != np.uint8 or originals.ndim != 3:
        raise TypeError(
            f"images must be uint8 (n, height, width), got {originals.dtype} {originals.shape}; "
            "take them as the loader gives them, unscaled"
        )
    check_count("times", times)
    random = np.random.default_rng(seed)
    garment = np.repeat(np.arange(len(originals)), times)
    photos = originals[garment] / np.float32(255)
    moves = random.integers(-shift, shift + 1, size=(len(photos), 2))
    photos = np.stack([np.roll(photo, move, axis=(0, 1)) for photo, move in zip(photos, moves, strict=True)])
    photos = photos * random.uniform(1 - light, 1 + light, size=(len(photos), 1, 1))
    photos = photos + random.normal(0, noise, size=photos.shape)
    return np.clip(photos, 0, 1).astype(np.float32), garment


def file_of_returns(
    images: ArrayLike, *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Photographs of garments, and which garments were sent back: a file in which there is nothing to learn.

    Args:
        images: uint8 (n, height, width), at least `GARMENTS` of them.
        seed: Of the draws.

    Returns:
        Photographs and garment as `photograph_again` gives them, `TIMES` of each of the first `GARMENTS` images; and
        whether the garment was sent back, bool (n,), decided by a coin.
    """
    originals = np.asarray(images)
    if len(originals) < GARMENTS:
        raise ValueError(f"images must hold at least {GARMENTS} garments, got {len(originals)}")
    photos, garment = photograph_again(originals[:GARMENTS], times=TIMES, seed=seed)
    coin = np.random.default_rng(seed).integers(2, size=GARMENTS) == 1
    sent_back = coin[garment]
    return photos, garment, sent_back


def split_by_group(groups: ArrayLike, *, held_out: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split cases so that no group is on both sides.

    Args:
        groups: Group of each case, integers (n,).
        held_out: How many groups are held out.
        seed: Of the draw.

    Returns:
        Rising indices of the training cases and of the held-out cases.

    Raises:
        ValueError: If either side would be empty.

    >>> train, held_out = split_by_group([7, 7, 8, 9, 9], held_out=1)
    >>> train, held_out
    (array([0, 1, 2]), array([3, 4]))
    """
    number = len(np.unique(groups))
    if not 0 < held_out < number:
        raise ValueError(f"held_out must be between 1 and {number - 1} of the {number} groups, got {held_out}")
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).choice(names, held_out, replace=False)
    is_held_out = np.isin(groups, chosen)
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def only_topic(labels: Sequence[ArrayLike], topics: Sequence[int]) -> NDArray[np.int64]:
    """Which of a few topics each video has: its place in the list; -1 if it has none of them, or several.

    Args:
        labels: The topics of each video, as `youtube8m_sample` gives them.
        topics: The topics that count.

    >>> only_topic([[0, 5], [9], [0, 2]], topics=[0, 2])
    array([ 0, -1, -1])
    """
    has = np.array([np.isin(topics, row) for row in labels]).reshape(len(labels), len(topics))
    return np.where(has.sum(axis=1) == 1, has.argmax(axis=1), -1)


def shared_directions(
    first: ArrayLike, second: ArrayLike, *, count: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Directions along which two descriptions of the same cases vary together the most.

    Args:
        first: Float (n, p), a row a case.
        second: Float (n, q), the same cases in the same order.
        count: Number of pairs of directions, at most the smaller of p and q.

    Returns:
        Float (p, count) and (q, count): unit columns u and w, by falling covariance of ``first @ u`` with
        ``second @ w``, each at right angles to those before it.

    Raises:
        ValueError: If the rows don't match or count is too large.

    Source: the singular vectors of the cross-covariance; scikit-learn's `PLSSVD` without its scaling.
    """
    cases, partners = as_floats(first, "first"), as_floats(second, "second")
    if len(cases) != len(partners):
        raise ValueError(f"first and second must describe the same cases, got {len(cases)} and {len(partners)} rows")
    check_count("count", count)
    if count > min(cases.shape[1], partners.shape[1]):
        raise ValueError(f"count must be at most {min(cases.shape[1], partners.shape[1])}, got {count}")
    cases, partners = cases - cases.mean(axis=0), partners - partners.mean(axis=0)
    covariance = cases.T @ partners / len(cases)  # (p, q)
    of_first, _, of_second = np.linalg.svd(covariance, full_matrices=False)
    return of_first[:, :count], of_second[:count].T


def draw_per_class(labels: ArrayLike, *, per_class: int, draws: int) -> Iterator[NDArray[np.int64]]:
    """Indices of equally many cases of each class, drawn again and again; the seed of a draw is its number."""
    classes = np.asarray(labels)
    fewest = np.unique(classes, return_counts=True)[1].min()
    if not 1 <= per_class <= fewest:
        raise ValueError(f"per_class must be 1 to {fewest}, the cases of the rarest class, got {per_class}")
    for seed in range(draws):
        random = np.random.default_rng(seed)
        of_class = (np.flatnonzero(classes == number) for number in np.unique(classes))
        yield np.concatenate([random.choice(cases, per_class, replace=False) for cases in of_class])


def few_label_curve(
    features: ArrayLike,
    labels: ArrayLike,
    new_features: ArrayLike,
    new_labels: ArrayLike,
    *,
    per_class: Sequence[int],
    draws: int = 20,
) -> NDArray[np.float64]:
    """How well logistic regression does that has seen only a few labelled cases of each class.

    Args:
        features: Float (n, p), from which the labelled cases are drawn. All features are scaled by one number, so that
            the rows have a mean squared length of 9.
        labels: Class numbers (n,).
        new_features: Float (m, p), the cases to classify, scaled by the same number.
        new_labels: Their class numbers (m,).
        per_class: Numbers of labelled cases of each class.
        draws: How often they are drawn anew; the same draws whatever the features.

    Returns:
        Accuracy, float (len(per_class), draws).

    Raises:
        ValueError: If a class has too few cases.
    """
    from sklearn.linear_model import LogisticRegression  # takes long to import

    rows, new_rows = as_floats(features, "features"), as_floats(new_features, "new_features")
    classes = np.asarray(labels)
    scale = 3 / np.sqrt(np.mean(np.sum(rows**2, axis=1)))

    def accuracy(cases: NDArray[np.int64]) -> float:
        classifier = LogisticRegression(max_iter=1000).fit(scale * rows[cases], classes[cases])
        return float(classifier.score(scale * new_rows, new_labels))

    return np.array(
        [[accuracy(cases) for cases in draw_per_class(classes, per_class=few, draws=draws)] for few in per_class]
    )


@dataclass(frozen=True)
class ClickLog:
    """What happened in a number of shops that ran side by side."""

    shown: NDArray[np.int64]  # picture that each visitor saw, (shops, visitors)
    clicked: NDArray[np.bool_]  # whether the visitor clicked, (shops, visitors)
    estimates: NDArray[np.float64]  # click rate that the shop believes in at the end, (shops, pictures)


def run_bandit(
    click_rates: ArrayLike, exploration: ArrayLike, *, visitors: int = 5000, shops: int = 200, seed: int = 0
) -> ClickLog:
    """Show one of several pictures to each visitor and learn from the clicks: the epsilon-greedy rule.

    Args:
        click_rates: Probability of a click for each picture, 0..1. The rule itself never sees it.
        exploration: Probability of showing a picture at random; one number, or one for each visitor.
        visitors: Of each shop.
        shops: Independent repetitions.
        seed: Of the draws.

    Returns:
        The log of all shops.

    Raises:
        ValueError: If a probability is outside 0..1, or exploration has another length than visitors.

    Source: Sutton and Barto (2018), Reinforcement Learning, chapter 2, with sample averages.
    """
    rates = _probabilities(click_rates, "click_rates")
    explore = np.broadcast_to(_probabilities(exploration, "exploration", visitors), (visitors,))
    random = np.random.default_rng(seed)
    shown = np.empty((shops, visitors), np.int64)
    clicked = np.empty((shops, visitors), bool)
    times = np.zeros((shops, len(rates)))
    estimates = np.zeros((shops, len(rates)))
    shop = np.arange(shops)
    for visitor in range(visitors):
        ties = 1e-9 * random.random(estimates.shape)  # chance decides ties
        best = np.argmax(estimates + ties, axis=1)
        explores = random.random(shops) < explore[visitor]
        picture = np.where(explores, random.integers(len(rates), size=shops), best)
        click = random.random(shops) < rates[picture]  # simulated visitors
        times[shop, picture] += 1
        step = 1 / times[shop, picture]
        estimates[shop, picture] += step * (click - estimates[shop, picture])
        shown[:, visitor], clicked[:, visitor] = picture, click
    return ClickLog(shown, clicked, estimates)


def _probabilities(values: ArrayLike, name: str, length: int | None = None) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=float)
    if length is not None and numbers.shape not in {(), (length,)}:
        raise ValueError(f"{name} must be one number, or one for each of {length} visitors, got shape {numbers.shape}")
    if length is None and (numbers.ndim != 1 or len(numbers) == 0):
        raise ValueError(f"{name} must be a list of numbers, got shape {numbers.shape}")
    for value in (numbers.min(), numbers.max()):
        check_number(name, float(value), "between 0 and 1", low=0, high=1, ends="[]")
    return numbers


def component_regression(
    inputs: ArrayLike, targets: ArrayLike, new_inputs: ArrayLike, *, components: Sequence[int]
) -> NDArray[np.floating]:
    """Linear regression on the first principal components of the inputs, for several numbers of components at once.

    Args:
        inputs: Float (n, p).
        targets: Float (n, q).
        new_inputs: Float (m, p).
        components: Numbers of components, each 0 to n - 1. With 0, the prediction is the mean of the targets.

    Returns:
        Predictions, float (len(components), m, q).

    Raises:
        ValueError: If a number of components is larger than the inputs allow.
    """
    inputs, targets, new_inputs = (
        as_floats(values, name)
        for values, name in ((inputs, "inputs"), (targets, "targets"), (new_inputs, "new_inputs"))
    )
    mean_input, mean_target = inputs.mean(axis=0), targets.mean(axis=0)
    left, strength, axes = np.linalg.svd(inputs - mean_input, full_matrices=False)
    possible = np.sum(strength > 1e-5 * strength[0])
    weights = (left.T @ (targets - mean_target))[:possible] / strength[:possible, None]
    coordinates = (new_inputs - mean_input) @ axes.T
    if max(components) > possible or min(components) < 0:
        raise ValueError(f"components must be 0 to {possible} for these inputs, got {list(components)}")
    return np.stack([mean_target + coordinates[:, :count] @ weights[:count] for count in components])


def bias_and_variance(predictions: ArrayLike, targets: ArrayLike) -> tuple[float, float]:
    """The two parts of the mean squared error over several training sets.

    Args:
        predictions: Float (training sets, cases, outputs), at least two sets: what the model trained on each predicts.
        targets: Float (cases, outputs).

    Returns:
        Squared bias together with the noise of the targets, and variance. Both are estimated without bias: the
        variance divides by the number of sets minus 1, and what the mean of few predictions still varies is taken off
        the squared bias, which a lucky draw may make negative. Their sum is exactly the mean squared error.

    Raises:
        ValueError: If there are fewer than two sets, or the targets are of other cases.

    >>> bias_and_variance([[[1.0]], [[3.0]]], [[5.0]])  # mean 2, squared error (16 + 4) / 2
    (8.0, 2.0)
    """
    predictions, targets = np.asarray(predictions), np.asarray(targets)
    if predictions.shape[1:] != targets.shape or len(predictions) < 2:
        raise ValueError(
            f"predictions must be (training sets, *{targets.shape}) as the targets are, with at least 2 sets, "
            f"got {predictions.shape}"
        )
    error = np.mean((predictions - targets) ** 2)
    variance = np.mean(np.var(predictions, axis=0, ddof=1))
    return float(error - variance), float(variance)
