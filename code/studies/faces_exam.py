"""How far pixels and eigenfaces get on drawn faces: the exam that they must fail, or a network would have no task."""

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from deepmedia.faces.pairs import draw_pairs
from deepmedia.faces.preprocessing import whiten
from deepmedia.faces.protocol import lfw_report
from deepmedia.faces.synthetic import synthetic_faces

QUESTION = (
    "With what accuracy do raw pixels and eigenfaces tell whether two drawn faces of unseen identities are of one "
    "person, by the protocol of LFW, over three draws?"
)
SEEDS = (0, 1, 2)
TOLERANCES = {"accuracies": 0.01, "best": 0.01}  # the randomised PCA takes other kernels elsewhere

TRAINING = (400, 5)  # identities and images of each, from which the eigenfaces come
TEST = (200, 6)  # of the test split, so that no identity was seen
PAIRS = 300  # of each kind in each of the ten folds: 6,000 in all, as in LFW
DIMENSIONS = (8, 16, 32, 64, 128)
SKIPPED = (0, 3)  # the first eigenfaces hold the light more than the face: Belhumeur et al. (1997) leave out three

Rows = NDArray[np.float32]


def run() -> list[dict]:
    """Draw once a seed, and try each kind of input, distance and number of dimensions."""
    rows = []
    for seed in SEEDS:
        training, _ = synthetic_faces("train", *TRAINING, seed=seed)
        images, identity = synthetic_faces("test", *TEST, seed=seed)
        pairs, same = draw_pairs(identity, pairs=PAIRS, seed=seed)
        for name, change in INPUTS.items():
            known, unseen = change(training), change(images)
            rows += [{"seed": seed, "input": name, **row} for row in exam(known, unseen, pairs, same)]
            print(*rows[-7:], sep="\n", flush=True)
    return rows


def exam(training: Rows, images: Rows, pairs: NDArray[np.int64], same: NDArray[np.bool_]) -> list[dict]:
    """Seven rows: pixels by three distances, eigenfaces by two, with and without the first three."""

    def row(method: str, distance: str, skipped: int, points: list[Rows], dimensions: list[int]) -> dict:
        found = [
            round(lfw_report(DISTANCES[distance](each[pairs[:, 0]], each[pairs[:, 1]]), same).accuracy, 4)
            for each in points
        ]
        settings = {"method": method, "distance": distance, "skipped": skipped, "dimensions": dimensions}
        return {**settings, "accuracies": found, "best": max(found)}

    size = [images.shape[1]]
    centred = images - training.mean(axis=0)
    rows = [row("pixels", distance, 0, [images], size) for distance in DISTANCES]
    rows.append(row("pixels less the mean face", "cosine", 0, [centred], size))
    pca = PCA(max(DIMENSIONS), whiten=True, svd_solver="randomized", random_state=0).fit(training)
    faces = pca.transform(images)
    for skipped in SKIPPED:
        points = [faces[:, skipped:dimensions] for dimensions in DIMENSIONS]
        rows += [row("eigenfaces", distance, skipped, points, list(DIMENSIONS)) for distance in DISTANCES]
    return rows


def euclidean(first: Rows, second: Rows) -> Rows:
    """Squared distance of each pair."""
    return ((first - second) ** 2).sum(axis=1)


def cosine(first: Rows, second: Rows) -> Rows:
    """1 - cosine of the angle of each pair."""
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return 1 - (first * second).sum(axis=1) / lengths


def _flat(images: NDArray[np.float32]) -> Rows:
    return images.reshape(len(images), -1)


DISTANCES = {"euclidean": euclidean, "cosine": cosine}
INPUTS = {
    "colour": _flat,
    "grey": lambda images: _flat(images.mean(axis=-1)),
    "colour, each image whitened": lambda images: _flat(whiten(images)),
}
