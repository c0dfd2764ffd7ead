"""Figures of the page "FaceNet"."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike, NDArray

from deepmedia.figures import COLOURS, new_figure
from deepmedia.lessons.faces.facenet.experiment import NetworkPart

PERSON_COLOURS = [COLOURS[name] for name in ("blue", "orange", "green", "purple", "yellow", "black")]
PLACES = (100, 78, 205, 228, -30, -8)  # degrees on the circle of the first figure, two a person
TEXT = 12


def draw_idea(faces: NDArray[np.float32]) -> Figure:
    """Faces on the left, a network, and their places on a circle on the right.

    Args:
        faces: Two faces of each of three people, float (6, height, width, 3), 0..1.

    Returns:
        The figure.
    """
    figure, axes = new_figure(height=3.6)
    axis: Axes = axes[0, 0]
    for number, face in enumerate(faces):
        colour = PERSON_COLOURS[number // 2]
        _thumbnail(axis, (0.55 + 0.95 * (number % 2), 2.55 - 1.0 * (number // 2)), face, colour, zoom=0.75)
    axis.annotate("", (3.0, 1.55), (2.15, 1.55), arrowprops={"arrowstyle": "->", "lw": 2})
    axis.add_patch(Rectangle((3.05, 1.05), 1.35, 1.0, facecolor=COLOURS["sky"], alpha=0.4))
    axis.text(3.72, 1.55, "network\nf", ha="center", va="center", fontsize=TEXT)
    axis.annotate("", (5.2, 1.55), (4.45, 1.55), arrowprops={"arrowstyle": "->", "lw": 2})
    centre, radius = np.array([6.75, 1.55]), 1.1
    axis.add_patch(Circle(tuple(centre), radius, fill=False, edgecolor="gray"))
    angles = np.radians(PLACES)
    points = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for number, (point, face) in enumerate(zip(points, faces, strict=True)):
        colour = PERSON_COLOURS[number // 2]
        axis.plot(*point, "o", color=colour, markersize=9)
        _thumbnail(axis, tuple(centre + 1.42 * (point - centre)), face, colour, zoom=0.42)
    axis.plot(*points[:2].T, color=PERSON_COLOURS[0], lw=2)
    axis.plot(*points[[1, 4]].T, "--", color="black", lw=1.5)
    axis.text(6.55, 2.28, "near", fontsize=TEXT, ha="center", color=PERSON_COLOURS[0])
    axis.text(6.95, 1.62, "far", fontsize=TEXT, ha="center")
    axis.set_aspect("equal")
    _bare(axis, (0, 8.6), (-0.25, 3.55))
    return figure


def draw_triplet() -> Figure:
    """An anchor with a positive and a negative, before and after a step of the training.

    Returns:
        The figure; circles around the anchor pass through the positive, and by the margin farther.
    """
    figure, axes = new_figure(columns=2, height=3.3)
    panels = (("before", (1.5, 0.5), (-0.95, 0.55)), ("after", (0.75, 0.25), (-1.5, 0.85)))
    for axis, (title, positive, negative) in zip(axes.flat, panels, strict=True):
        to_positive = float(np.hypot(*positive))
        axis.add_patch(Circle((0, 0), to_positive, fill=False, edgecolor=COLOURS["blue"]))
        edge = float(np.sqrt(to_positive**2 + 0.5))
        axis.add_patch(Circle((0, 0), edge, fill=False, edgecolor=COLOURS["orange"], linestyle="--"))
        for point, name, colour in (
            ((0.0, 0.0), "anchor", "black"),
            (positive, "positive", COLOURS["blue"]),
            (negative, "negative", COLOURS["orange"]),
        ):
            axis.plot(*point, "o", color=colour, markersize=11)
            shift = 0.2 if name == "positive" else -0.42
            ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            axis.text(point[0], point[1] + shift, name, ha="center", fontsize=TEXT, color=colour, bbox=ground)
        if title == "before":
            arrow = {"arrowstyle": "->", "lw": 2}
            axis.annotate("", (0.85, 0.3), positive, arrowprops=arrow | {"color": COLOURS["blue"]})
            axis.annotate("", (-1.6, 0.95), negative, arrowprops=arrow | {"color": COLOURS["orange"]})
        axis.set_title(title, fontsize=TEXT)
        axis.set_aspect("equal")
        _bare(axis, (-2.1, 2.1), (-1.9, 1.9))
    return figure


def draw_kinds(positive: float, negatives: ArrayLike, margin: float) -> Figure:
    """Squared distances from an anchor on a line, with the zones of hard, semi-hard and easy negatives.

    Args:
        positive: Squared distance of the positive.
        negatives: Squared distances of negatives, (n,).
        margin: Width of the middle zone.

    Returns:
        The figure.
    """
    figure, axes = new_figure(height=2.3)
    axis: Axes = axes[0, 0]
    end = 1.1
    zones = (
        ("hard", 0.0, positive, COLOURS["orange"]),
        ("semi-hard", positive, positive + margin, COLOURS["green"]),
        ("easy", positive + margin, end, COLOURS["sky"]),
    )
    for name, low, high, colour in zones:
        axis.axvspan(low, high, 0.28, 0.72, color=colour, alpha=0.3, lw=0)
        axis.text((low + high) / 2, 0.86, name, ha="center", fontsize=TEXT + 1)
    axis.axhline(0.5, color="black", lw=1)
    for place, name, colour, marker in (
        (0.0, "anchor", "black", "o"),
        (positive, "positive", COLOURS["blue"], "o"),
        *((float(place), "negative", COLOURS["orange"], "X") for place in np.ravel(negatives)),
    ):
        axis.plot(place, 0.5, marker, color=colour, markersize=12, clip_on=False, zorder=3)
        height = 0.2 if name == "negative" else 0.62
        axis.text(place, height, name, ha="center", va="center", fontsize=TEXT - 1, color=colour)
    axis.set(xlim=(-0.06, end), ylim=(0.1, 1), yticks=[], xlabel="squared distance from the anchor")
    axis.spines["left"].set_visible(False)
    axis.grid(False)
    return figure


def draw_networks(large: Sequence[NetworkPart], small: Sequence[NetworkPart]) -> Figure:
    """Two networks side by side as stacks of boxes, from the image above to the embedding below.

    Args:
        large: Stages of the network on the left.
        small: Of that on the right.

    Returns:
        The figure; in a box stand its name, its parameters, and the shape that it puts out.
    """
    figure, axes = new_figure(columns=2, height=6.4)
    for axis, title, stages in zip(axes.flat, ("FaceNet", "small FaceNet"), (large, small), strict=True):
        total = sum(stage.parameters for stage in stages)
        axis.text(0.5, 0.35, f"{title}\n{total:,} parameters", ha="center", fontsize=TEXT + 1, weight="bold")
        for number, stage in enumerate(stages):
            top = -number * 1.0
            colour = COLOURS["blue" if "lock" in stage.title else "orange" if stage.title == "embedding" else "sky"]
            axis.add_patch(Rectangle((0.03, top - 0.72), 0.94, 0.78, facecolor=colour, alpha=0.25, edgecolor="none"))
            shape = " × ".join(map(str, stage.shape))
            parameters = f"{stage.parameters:,}" if stage.parameters else "none"
            axis.text(0.5, top - 0.18, stage.title, ha="center", va="center", fontsize=TEXT)
            axis.text(0.5, top - 0.5, f"{shape} · {parameters}", ha="center", va="center", fontsize=TEXT - 2)
            if number:
                axis.annotate("", (0.5, top + 0.03), (0.5, top + 0.3), arrowprops={"arrowstyle": "->"})
        _bare(axis, (0, 1), (-len(stages) + 0.2, 1.0))
    return figure


def draw_maps(embeddings: Mapping[str, NDArray[np.floating]], faces: NDArray[np.float32], people: ArrayLike) -> Figure:
    """Embeddings of the same faces by several networks, each drawn in the plane in which they differ most.

    Args:
        embeddings: float (n, size) by title.
        faces: Their images, float (n, height, width, 3), 0..1.
        people: Identity of each, integers (n,), of at most six people.

    Returns:
        The figure; each face stands at its two principal components, in a frame of its person's colour.
    """
    _, order = np.unique(np.asarray(people), return_inverse=True)
    figure, axes = new_figure(columns=len(embeddings), height=3.8)
    for axis, (title, points) in zip(axes.flat, embeddings.items(), strict=True):
        centred = points - points.mean(axis=0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        flat = centred @ directions[:2].T
        for point, face, person in zip(flat, faces, order, strict=True):
            _thumbnail(axis, tuple(point), face, PERSON_COLOURS[person], zoom=0.3)
        low, high = flat.min(axis=0), flat.max(axis=0)
        room = 0.12 * (high - low)
        axis.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, fontsize=TEXT)
    return figure


def plot_logs(logs: Mapping[str, Mapping[str, Sequence[float]]], *, margin: float) -> Figure:
    """Loss and spread over the steps of several trainings.

    Args:
        logs: What `fit_embeddings` returned, by name.
        margin: Of the loss; a dotted line marks it.

    Returns:
        The figure: the loss on the left, the spread on the right.
    """
    figure, axes = new_figure(columns=2, height=2.9)
    for axis, name in zip(axes.flat, ("loss", "spread"), strict=True):
        for (label, log), style in zip(logs.items(), ("-", "--", "-."), strict=False):
            axis.plot(log[name], style, label=label)
        axis.set(xlabel="step", ylabel=name, ylim=(0, None))
    axes[0, 0].axhline(margin, color="black", linestyle=":", label="margin")
    axes[0, 0].legend()
    return figure


def plot_settings(accuracies: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Accuracies by setting, a plot for each thing that was varied, all with one scale.

    Args:
        accuracies: By what was varied, then by its value, an accuracy (0..1) for each seed, the seeds in one order.

    Returns:
        The figure; a colour and a marker are a seed, and lines join what began with the same seed.
    """
    figure, axes = new_figure(columns=len(accuracies), height=3.2)
    for axis in axes.flat[1:]:
        axis.sharey(axes[0, 0])  # before anything is drawn, or the first plot's scale would be everybody's
    for axis, (title, by_value) in zip(axes.flat, accuracies.items(), strict=True):
        seeds = zip(*by_value.values(), strict=True)
        for points, colour, marker in zip(seeds, PERSON_COLOURS, "osD^vP", strict=False):
            axis.plot(range(len(points)), np.multiply(points, 100), marker, linestyle=":", lw=1, ms=5, color=colour)
        axis.set(
            xticks=range(len(by_value)),
            xticklabels=[str(value) for value in by_value],
            xlim=(-0.4, len(by_value) - 0.6),
        )
        axis.set_title(title, fontsize=TEXT)
        axis.tick_params(labelleft=axis is axes[0, 0])
    axes[0, 0].set_ylabel("accuracy, per cent")
    return figure


def _thumbnail(axis: Axes, place: tuple[float, ...], face: NDArray[np.float32], colour: str, *, zoom: float) -> None:
    """A small image in a coloured frame at a place of the plot."""
    frame = {"edgecolor": colour, "lw": 2}
    box = AnnotationBbox(OffsetImage(face, zoom=zoom * 64 / len(face)), (place[0], place[1]), pad=0.1, bboxprops=frame)
    axis.add_artist(box)


def _bare(axis: Axes, xlim: tuple[float, float], ylim: tuple[float, float]) -> None:
    axis.set(xlim=xlim, ylim=ylim)
    axis.axis("off")
