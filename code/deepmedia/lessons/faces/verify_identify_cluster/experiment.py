"""What the page "Verify, identify, cluster" measures: baselines, a door, groups of people, and misaligned faces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

from deepmedia.faces.alignment import warp
from deepmedia.faces.preprocessing import fixed_scaling
from deepmedia.faces.protocol import Interval
from deepmedia.faces.synthetic import draw_faces
from deepmedia.faces.training import embed
from deepmedia.statistics import bootstrap_interval

PART = 256  # faces that are drawn and embedded at a time: 1,200 at once would take a gigabyte
EIGENFACES = 64  # of 8, 16, 32, 64 and 128 the best on drawn faces, in the study faces_exam
RESAMPLES = 500

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class DoorRates:
    """What a gallery answers at each threshold, float (thresholds,), 0..1, as means over several doors.

    Attributes:
        right: Share of the employees' faces that get their own name.
        refused: Share of the employees' faces that are "unknown".
        let_in: Share of the strangers' faces that get somebody's name.
    """

    right: NDArray[np.float64]
    refused: NDArray[np.float64]
    let_in: NDArray[np.float64]


@dataclass(frozen=True)
class GroupRates:
    """Errors among faces of a group, 0..1, with 95% intervals of people drawn again.

    Attributes:
        false_match: Share of the pairs of two people that are nearer than the threshold.
        false_match_interval: Its interval.
        false_non_match: Share of the pairs of one person that are farther.
        false_non_match_interval: Its interval.
        people: How many people the group has.
    """

    false_match: float
    false_match_interval: Interval
    false_non_match: float
    false_non_match_interval: Interval
    people: int


def embed_drawn(
    network: keras.Model,
    attributes: NDArray[np.void],
    *,
    preprocess: Callable[[ArrayLike], NDArray[np.float32]] = fixed_scaling,
) -> Vectors:
    """Draw faces and embed them, a part after the other.

    Args:
        network: From preprocessed images to embeddings.
        attributes: Rows (n,) of `synthetic_attributes`.
        preprocess: Of pixels 0..255.

    Returns:
        Unit embeddings, float32 (n, size).
    """
    parts = (attributes[start : start + PART] for start in range(0, len(attributes), PART))
    return np.concatenate([embed(network, preprocess(255 * draw_faces(part))) for part in parts])


def baselines(training: NDArray[np.void], test: NDArray[np.void]) -> dict[str, Vectors]:
    """Pixels and eigenfaces of drawn faces, centred by the training faces and brought to length one.

    Args:
        training: Attributes of the faces that give the mean and the eigenfaces.
        test: Attributes of the faces to describe.

    Returns:
        Under "pixels" float32 (n, pixels), under "eigenfaces" float32 (n, 64).
    """
    known, faces = (draw_faces(rows).reshape(len(rows), -1) for rows in (training, test))
    pca = PCA(EIGENFACES, whiten=True, svd_solver="randomized", random_state=0).fit(known)
    eigenfaces = pca.transform(faces)
    faces -= known.mean(axis=0)
    return {"pixels": _unit(faces), "eigenfaces": _unit(eigenfaces)}


def squared_distances(vectors: Vectors, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """The squared distance of each pair of rows."""
    parts = np.array_split(pairs, max(1, len(pairs) // PART))  # all pairs of pixels at once would take 600 MB
    found = [((vectors[first] - vectors[second]) ** 2).sum(axis=1) for first, second in (part.T for part in parts)]
    return np.concatenate(found).astype(np.float64)


def all_distances(vectors: Vectors) -> Vectors:
    """The squared distances of all unit vectors, float32 (n, n)."""
    return np.maximum(2 - 2 * vectors @ vectors.T, 0)


def door_rates(
    vectors: Vectors, people: ArrayLike, *, employees: int, thresholds: ArrayLike, templates: int = 2
) -> DoorRates:
    """Let the first people be employees, then the next, and so on, all others strangers; count the answers.

    Args:
        vectors: Unit embeddings, float32 (n, size).
        people: Identity of each, (n,); each with more images than templates.
        employees: People in a gallery. What is left of people after whole galleries are strangers throughout.
        thresholds: Largest distances at which a face is known, (thresholds,).
        templates: Images of each employee that are enrolled: the first ones. The others stand at the door.

    Returns:
        The rates. A face gets the name of the nearest template, if that is near enough, as in `Gallery`.

    Raises:
        ValueError: If there are not more people than employees.
    """
    identities, limits = np.asarray(people), np.asarray(thresholds, float)[:, None]
    known = np.unique(identities)
    if not 0 < employees < len(known):
        raise ValueError(f"employees must be 1 to {len(known) - 1}, so that somebody is a stranger, got {employees}")
    order = np.array([np.sum(identities[:row] == identities[row]) for row in range(len(identities))])
    distances = all_distances(vectors)
    rates = []
    for start in range(0, len(known) - employees + 1, employees):
        staff = np.isin(identities, known[start : start + employees])
        enrolled, visits = np.flatnonzero(staff & (order < templates)), np.flatnonzero(staff & (order >= templates))
        near = distances[visits][:, enrolled]
        is_right = identities[enrolled[near.argmin(axis=1)]] == identities[visits]
        is_known = near.min(axis=1) <= limits
        strangers = distances[~staff][:, enrolled].min(axis=1) <= limits
        rates.append([(is_known & is_right).mean(axis=1), (~is_known).mean(axis=1), strangers.mean(axis=1)])
    return DoorRates(*np.mean(rates, axis=0))


def strict_threshold(vectors: Vectors, people: ArrayLike, *, employees: int, let_in: float) -> float:
    """The largest threshold, in steps of 0.005, at which a gallery lets in at most a share of the strangers.

    Args:
        vectors: As in `door_rates`, of people who are neither employees nor strangers later.
        people: As there.
        employees: As there.
        let_in: The share.

    Returns:
        The threshold; 0.005 if even that lets in more.
    """
    thresholds = np.arange(0.005, 1.5, 0.005)
    found = door_rates(vectors, people, employees=employees, thresholds=thresholds).let_in
    allowed = np.flatnonzero(found <= let_in)
    return float(thresholds[allowed[-1] if len(allowed) else 0])


def albums(people: ArrayLike, sizes: Sequence[int]) -> list[NDArray[np.int64]]:
    """Rows of images that make albums: as many people each as there are sizes, nobody in two.

    Args:
        people: Identity of each image, (n,).
        sizes: How many images of the first person of an album, of the second, and so on.

    Returns:
        The rows of each album.
    """
    identities = np.asarray(people)
    rows = [np.flatnonzero(identities == person) for person in np.unique(identities)]
    starts = range(0, len(rows) - len(sizes) + 1, len(sizes))
    return [np.concatenate([rows[start + place][:size] for place, size in enumerate(sizes)]) for start in starts]


def group_rates(
    distances: Vectors, people: ArrayLike, threshold: float, first: ArrayLike, second: ArrayLike | None = None
) -> GroupRates:
    """Errors of the pairs within a group of faces, or between two groups.

    Args:
        distances: Of all faces, (n, n).
        people: Identity of each, (n,).
        threshold: Largest distance at which two faces count as one person.
        first: Which faces are in the group, bool (n,).
        second: The other group, where each pair takes one face of each.

    Returns:
        The rates.
    """
    one = np.asarray(first)
    other = one if second is None else np.asarray(second)
    pairs = (one[:, None] & other) | (other[:, None] & one)
    np.fill_diagonal(pairs, False)
    _, number = np.unique(np.asarray(people), return_inverse=True)
    belongs = np.eye(number.max() + 1, dtype=np.float32)[number]
    count, near = (
        belongs.T @ table.astype(np.float32) @ belongs for table in (pairs, pairs & (distances <= threshold))
    )
    members = np.flatnonzero(count.sum(axis=1))

    def rate(drawn: NDArray, *, same: bool) -> float:
        weight = np.bincount(drawn.astype(int), minlength=len(count)).astype(float)
        if same:
            return float(1 - weight @ np.diag(near) / max(weight @ np.diag(count), 1))
        wrong, all_pairs = (table - np.diag(np.diag(table)) for table in (near, count))
        return float(weight @ wrong @ weight / max(weight @ all_pairs @ weight, 1))

    def interval(*, same: bool) -> Interval:
        return bootstrap_interval(members, lambda drawn: rate(drawn, same=same), resamples=RESAMPLES)

    return GroupRates(
        false_match=rate(members, same=False),
        false_match_interval=interval(same=False),
        false_non_match=rate(members, same=True),
        false_non_match_interval=interval(same=True),
        people=len(members),
    )


def displaced(
    images: NDArray[np.float32], *, shift: float = 0, degrees: float = 0, zoom: float = 1, seed: int = 0
) -> NDArray[np.float32]:
    """Faces as a search that errs would align them: each moved as far, in a direction of its own.

    Args:
        images: float32 (n, height, width, channels).
        shift: Pixels, in any direction.
        degrees: Of a turn about the middle, to either side.
        zoom: Factor by which a face is larger, or smaller.
        seed: Of the directions.

    Returns:
        float32 of the same shape; what lies outside shows the nearest edge pixel.
    """
    random = np.random.default_rng(seed)
    angles, sides = random.uniform(0, 2 * np.pi, len(images)), random.choice([-1, 1], len(images))
    middle = np.array(images.shape[1:3])[::-1] / 2
    moved = []
    for image, angle, side in zip(images, angles, sides, strict=True):
        turn = np.deg2rad(side * degrees)
        matrix = float(zoom) ** side * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        offset = middle - matrix @ middle + shift * np.array([np.cos(angle), np.sin(angle)])
        moved.append(warp(image, np.column_stack([matrix, offset]), image.shape[:2]))
    return np.array(moved)


def _unit(vectors: Vectors) -> Vectors:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
