"""Figures of the page "Verify, identify, cluster", narrow, so that their words can be read on a phone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia import figures
from deepmedia.faces.gallery import UNKNOWN, Match
from deepmedia.faces.protocol import ROC, LFWReport
from deepmedia.lessons.faces.verify_identify_cluster.experiment import DoorRates, GroupRates

WIDTH = 4.0  # inches
WORDS = 10.5  # points: at least 9 where the figure is shrunk to 358 pixels
BLUE, ORANGE, GREEN = (figures.COLOURS[name] for name in ("blue", "orange", "green"))
STYLES = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, ":", "^"), (figures.COLOURS["purple"], "-.", "D"))


def show_pairs(pairs: NDArray, distances: ArrayLike, threshold: float) -> Figure:
    """Pairs of faces, each beside its distance on one scale with the threshold.

    Args:
        pairs: Images, (n, 2, height, width, 3).
        distances: Of the pairs, (n,).
        threshold: A vertical line; bars that end left of it are blue, others orange.

    Returns:
        The figure, a row a pair.
    """
    numbers = np.asarray(distances, float)
    figure = plt.figure(figsize=(WIDTH, 0.95 * len(pairs) + 0.4))
    grid = figure.add_gridspec(len(pairs), 3, width_ratios=(1, 1, 2.4))
    for row, (pair, distance) in enumerate(zip(pairs, numbers, strict=True)):
        for column, image in enumerate(pair):
            figures.show_on(figure.add_subplot(grid[row, column]), image)
        axis = figure.add_subplot(grid[row, 2])
        answer = "one person" if distance <= threshold else "two people"
        axis.barh(0, distance, height=0.35, color=BLUE if distance <= threshold else ORANGE)
        axis.axvline(threshold, ymax=0.55, color="black", linestyle="--")
        axis.text(0.02, 0.5, f"{distance:.2f}: {answer}", fontsize=WORDS, va="center")
        axis.set(xlim=(0, max(2.2, numbers.max())), ylim=(-0.45, 0.8), yticks=[])
        axis.tick_params(labelsize=WORDS, labelbottom=row == len(pairs) - 1)
        axis.spines["left"].set_visible(False)
    axis.set_xlabel("squared distance", fontsize=WORDS)
    return figure


def draw_folds(folds: int = 10, rounds: Sequence[int] = (1, 2, 3, 10)) -> Figure:
    """Which folds choose the threshold in each round (blue), and which is judged by it (orange)."""
    figure, axis = _one(1.9)
    for row, number in enumerate(rounds):
        for fold in range(folds):
            judged = fold == number - 1
            colour = ORANGE if judged else BLUE
            axis.add_patch(Rectangle((fold + 0.06, -row), 0.88, 0.72, facecolor=colour, alpha=1 if judged else 0.35))
        axis.text(-0.2, 0.36 - row, f"round {number}", ha="right", va="center", fontsize=WORDS)
    axis.text(folds / 2, -len(rounds) + 0.55, "blue: choose   orange: judge", ha="center", fontsize=WORDS)
    axis.set(xlim=(-2.6, folds), ylim=(-len(rounds) + 0.35, 0.8))
    axis.axis("off")
    return figure


def plot_distances(distances: ArrayLike, same: ArrayLike, threshold: float) -> Figure:
    """How the distances of both kinds of pairs spread, and a threshold between them."""
    numbers, kinds = np.asarray(distances, float), np.asarray(same, bool)
    figure, axis = _one(2.3)
    bins = np.linspace(0, numbers.max(), 60).tolist()
    axis.hist(numbers[kinds], bins, color=BLUE, alpha=0.7, label="one person")
    axis.hist(numbers[~kinds], bins, color=ORANGE, alpha=0.7, label="two people")
    axis.axvline(threshold, color="black", linestyle="--", label="threshold")
    _words(axis, "squared distance", "pairs")
    axis.legend(fontsize=WORDS)
    return figure


def plot_roc_curves(curves: Mapping[str, ROC]) -> Figure:
    """ROC curves by name, the false accept rate on a logarithmic scale."""
    figure, axis = _one(3.4)
    for (name, curve), (colour, line, _) in zip(curves.items(), STYLES, strict=False):
        shown = curve.false_accepts > 0
        rates = curve.false_accept_rates[shown], curve.true_accept_rates[shown]
        axis.plot(*rates, line, color=colour, label=name, lw=2)
    axis.set_xscale("log")
    axis.set_ylim(0, 1)
    _words(axis, "false accept rate (FAR)", "share accepted (VAL)")
    figure.legend(fontsize=WORDS, loc="outside lower center")
    return figure


def show_answers(enrolled: NDArray, names: Sequence[str], faces: NDArray, matches: Sequence[Match]) -> Figure:
    """The people of a gallery above, faces at the door with the gallery's answers below.

    Args:
        enrolled: A face of each person, (n, height, width, 3).
        names: Of these people.
        faces: At the door, (m, height, width, 3).
        matches: What the gallery said of them.

    Returns:
        The figure; names are blue, "unknown" is orange.
    """
    columns = max(len(enrolled), len(faces))
    figure, axes = plt.subplots(2, columns, figsize=(WIDTH, 2.7), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, name in zip(axes[0], enrolled, names, strict=False):
        figures.show_on(axis, image)
        axis.set_title(name, fontsize=WORDS)
    for axis, image, match in zip(axes[1], faces, matches, strict=False):
        figures.show_on(axis, image)
        colour = ORANGE if match.name == UNKNOWN else BLUE
        axis.set_title(f"{match.name}\n{match.distance:.2f}", fontsize=WORDS, color=colour)
    return figure


def plot_door(thresholds: ArrayLike, doors: Mapping[int, DoorRates], mark: float | None = None) -> Figure:
    """Employees who get their name, and strangers who get anybody's, at each threshold.

    Args:
        thresholds: As for `door_rates`.
        doors: Rates by the number of employees.
        mark: A threshold to mark.

    Returns:
        The figure.
    """
    figure, axis = _one(2.9)
    for (employees, rates), line in zip(doors.items(), ("-", "--", ":"), strict=False):
        axis.plot(np.asarray(thresholds), rates.right, line, color=BLUE, label=f"named rightly, of {employees}")
        axis.plot(np.asarray(thresholds), rates.let_in, line, color=ORANGE, label=f"strangers let in by {employees}")
    if mark is not None:
        axis.axvline(mark, color="black", linestyle="-.", lw=1)
    axis.set_ylim(0, 1)
    _words(axis, "threshold", "share of faces")
    figure.legend(fontsize=WORDS, loc="outside lower center")
    figure.set_size_inches(WIDTH, 3.9)
    return figure


def show_clusters(images: NDArray, people: ArrayLike, clusters: ArrayLike, *, columns: int = 8) -> Figure:
    """Faces in the order of their clusters; orange frames mark those who are not the person most of it shows.

    Args:
        images: (n, height, width, 3).
        people: Identity of each, whole numbers (n,).
        clusters: Cluster of each, whole numbers (n,), from 0.
        columns: Faces in a row; each cluster begins a row, faces on their own share one.

    Returns:
        The figure.
    """
    identities, numbers = np.asarray(people), np.asarray(clusters)
    sizes = np.bincount(numbers)
    rows = [np.flatnonzero(numbers == number) for number in range(len(sizes)) if sizes[number] > 1]
    alone = np.flatnonzero(sizes[numbers] == 1)
    rows += [alone[start : start + columns] for start in range(0, len(alone), columns)]
    rows = [row[start : start + columns] for row in rows for start in range(0, len(row), columns)]
    figure, axes = plt.subplots(len(rows), columns, figsize=(WIDTH, 0.52 * len(rows)), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for row, line in zip(rows, axes, strict=True):
        for member, axis in zip(row, line, strict=False):
            figures.show_on(axis, images[member])
            usual = np.bincount(identities[numbers == numbers[member]]).argmax()
            if identities[member] != usual:
                side = len(images[member])
                figures.draw_boxes(axis, [(1, 1, side - 1, side - 1)], linewidth=3)
    return figure


def show_sheet(path: Path) -> Figure:
    """A contact sheet from its file."""
    picture = plt.imread(path)[..., :3]
    figure, axis = plt.subplots(figsize=(WIDTH, WIDTH * picture.shape[0] / picture.shape[1]))
    axis.imshow(picture, interpolation="antialiased")
    axis.axis("off")
    return figure


def plot_misalignment(reports: Mapping[str, Mapping[float, LFWReport]]) -> Figure:
    """Accuracy over the size of a displacement, a plot a kind; bars are 95% intervals."""
    figure, axes = plt.subplots(len(reports), 1, figsize=(WIDTH, 1.6 * len(reports)), squeeze=False)
    for axis, (name, by_size) in zip(axes.flat, reports.items(), strict=True):
        middle = np.array([report.accuracy for report in by_size.values()])
        ends = np.array([report.accuracy_interval for report in by_size.values()]).T
        axis.errorbar([*by_size], middle, abs(ends - middle), marker="o", color=BLUE, capsize=3)
        axis.axhline(0.5, color="black", linestyle=":")
        axis.set_ylim(0.45, 1)
        _words(axis, name, "accuracy")
    return figure


def plot_groups(groups: Mapping[str, GroupRates]) -> Figure:
    """Both kinds of error of each group, with 95% intervals."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 0.36 * len(groups) + 0.9), sharey=True, squeeze=False)
    places = -np.arange(len(groups))
    for axis, field, title, colour in (
        (axes[0, 0], "false_match", "taken for\nanother", ORANGE),
        (axes[0, 1], "false_non_match", "not recog-\nnised", BLUE),
    ):
        middle = np.array([getattr(group, field) for group in groups.values()])
        ends = np.array([getattr(group, f"{field}_interval") for group in groups.values()]).T
        axis.errorbar(middle, places, xerr=np.maximum(abs(ends - middle), 0), fmt="o", color=colour, capsize=3)
        axis.set_title(title, fontsize=WORDS)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axis.set_xlim(0, None)
        axis.tick_params(labelsize=WORDS)
    axes[0, 0].set_yticks(places, [*groups])
    return figure


def _one(height: float) -> tuple[Figure, Axes]:
    return plt.subplots(figsize=(WIDTH, height))


def _words(axis: Axes, across: str, up: str) -> None:
    axis.set_xlabel(across, fontsize=WORDS)
    axis.set_ylabel(up, fontsize=WORDS)
    axis.tick_params(labelsize=WORDS)
