"""What the page "FaceNet" measures of networks, and the loss of its collapse."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from deepmedia.faces.networks import small_facenet
from deepmedia.faces.pairs import draw_pairs
from deepmedia.faces.protocol import LFWReport, lfw_report

PAIRS = 150  # of one person in each of ten folds, and as many of two


@dataclass(frozen=True)
class NetworkPart:
    """A part of a network: what it is called, the shape that it puts out, how many parameters it has."""

    title: str
    shape: tuple[int, ...]
    parameters: int


Stages = tuple[tuple[str, tuple[str, ...]], ...]  # title, and how the names of its layers begin
FACENET_STAGES: Stages = (
    ("stem: 6 convolutions", ("Conv2d_", "MaxPool_")),
    ("5 × Block35", ("Block35",)),
    ("reduction A", ("Mixed_6a",)),
    ("10 × Block17", ("Block17",)),
    ("reduction B", ("Mixed_7a",)),
    ("6 × Block8", ("Block8",)),
    ("average of each map", ("AvgPool", "Dropout")),
    ("embedding", ("Bottleneck",)),
)
SMALL_STAGES: Stages = (
    ("convolution", ("reduction1",)),
    ("convolution", ("reduction2",)),
    ("1 block", ("block2",)),
    ("convolution", ("reduction3",)),
    ("1 block", ("block3",)),
    ("convolution", ("reduction4",)),
    ("all features in a row", ("flatten", "dropout")),
    ("embedding", ("Bottleneck",)),
)


def count_stages(model: keras.Model, stages: Stages) -> list[NetworkPart]:
    """The parts of a network in their order.

    Args:
        model: `facenet()` or `small_facenet()`.
        stages: `FACENET_STAGES` or `SMALL_STAGES`.

    Returns:
        A stage for each; together they hold all parameters.
    """
    found = []
    for title, beginnings in stages:
        layers = [layer for layer in model.layers if layer.name.startswith(beginnings)]
        shape = tuple(layers[-1].output.shape[1:])
        found.append(NetworkPart(title, shape, sum(layer.count_params() for layer in layers)))
    return found


def verification(
    embeddings: NDArray[np.floating], people: ArrayLike, *, pairs: int = PAIRS, seed: int = 0
) -> LFWReport:
    """How well squared distances tell whether two faces are of one person, by LFW's protocol.

    Args:
        embeddings: float (n, size).
        people: Identity of each, integers (n,).
        pairs: Of one person in each of ten folds of people, and as many of two.
        seed: Of the pairs.

    Returns:
        The report.
    """
    rows, same = draw_pairs(people, pairs=pairs, seed=seed)
    folds = rows.reshape(-1, pairs, 2)  # half a fold at a time: all pairs of pixels together would take 600 MB
    distances = [((embeddings[first] - embeddings[second]) ** 2).sum(axis=1) for first, second in folds.swapaxes(1, 2)]
    return lfw_report(np.concatenate(distances), same)


def nearest_is_same(embeddings: NDArray[np.floating], people: ArrayLike) -> float:
    """Share of faces whose nearest other face is of the same person, 0..1.

    Args:
        embeddings: float (n, size), n at least 2.
        people: Identity of each, (n,).

    Returns:
        The share.
    """
    identities = np.asarray(people)
    distances = ((embeddings[:, None] - embeddings[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(identities[distances.argmin(axis=1)] == identities))


def closeness(embeddings: NDArray[np.floating], people: ArrayLike) -> float:
    """Mean distance of two faces of one person, divided by that of two people: 1 where the person makes no difference.

    Args:
        embeddings: float (n, size).
        people: Identity of each, (n,), at least two, at least one of them twice.

    Returns:
        The quotient of the two mean Euclidean distances, 0 or more.
    """
    identities = np.asarray(people)
    first, second = np.triu_indices(len(identities), 1)
    distances = np.linalg.norm(embeddings[first] - embeddings[second], axis=1)
    same = identities[first] == identities[second]
    return float(distances[same].mean() / distances[~same].mean())


def hardest_triplet_loss(labels: tf.Tensor, embeddings: tf.Tensor, *, margin: float = 0.2) -> tf.Tensor:
    """Mean of max(0, d(a, p) - d(a, n) + margin), of each anchor its farthest positive and its nearest negative.

    Args:
        labels: Identity of each embedding, (n,).
        embeddings: float (n, size), of length one.
        margin: By how much a negative should be farther.

    Returns:
        A number, 0 or more. In a network that maps all faces to one point it is the margin.
    """
    same = labels[:, None] == labels[None]
    distances = tf.reduce_sum((embeddings[:, None] - embeddings[None]) ** 2, axis=-1)
    same_person = tf.cast(same, distances.dtype)
    positive = tf.reduce_max(distances * same_person, axis=1)
    negative = tf.reduce_min(distances + 4 * same_person, axis=1)  # no squared distance is larger than 4
    return tf.reduce_mean(tf.nn.relu(positive - negative + margin))


def without_last_normalisation() -> keras.Model:
    """`small_facenet` without the batch normalisation at its end, which would keep the embeddings of a batch apart.

    Returns:
        A model from images, float32 (n, 64, 64, 3), to embeddings, float32 (n, 64), not of length one.
    """
    model = small_facenet()
    return keras.Model(
        model.input, model.get_layer("Bottleneck").output, name="small_facenet_without_last_normalisation"
    )
