"""Grouping the faces of an album that nobody has labelled, and how well the groups are people.

Source: Schroff et al. (2015), arXiv:1503.03832, who show such groups of an album under "Face Clustering".
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from deepmedia.arguments import as_floats, check_positive

Linkage = Literal["average", "complete", "single"]


@dataclass(frozen=True)
class ClusterScores:
    """How well clusters are people, each 0..1.

    Attributes:
        precision: How much of what the clusters put together belongs together.
        recall: How much of what belongs together the clusters put together.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 if both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def cluster_faces(embeddings: ArrayLike, *, threshold: float, method: Linkage = "average") -> NDArray[np.int64]:
    """Group faces: begin with each alone, join the two nearest clusters, stop where these are too far apart.

    How many people there are need not be known. Distances are squared Euclidean, as in FaceNet. SciPy's hierarchy does
    the work; it keeps all distances, 4 n^2 bytes.

    Args:
        embeddings: float (n, size), n may be 0; of length one if the threshold comes from `lfw_report`.
        threshold: Largest distance at which two clusters are joined, above 0.
        method: What the distance of two clusters is: the mean over their pairs of faces, the largest ("complete") or
            the smallest ("single", under which a chain of neighbours joins two people).

    Returns:
        Cluster of each face, int64 (n,). Clusters are numbered from 0, the largest first, of equally large ones the one
        whose first face comes first; a face like no other is a cluster of its own.

    Raises:
        TypeError: If the embeddings or the threshold are not numbers.
        ValueError: If shape, threshold or method don't fit, or an embedding is not finite.

    >>> cluster_faces([[1, 0], [0, 1], [0.1, 0.9]], threshold=0.5)
    array([1, 0, 0])
    """
    check_positive("threshold", threshold)
    if method not in ("average", "complete", "single"):
        raise ValueError(f'method must be "average", "complete" or "single", got {method!r}')
    if len(np.atleast_1d(np.asarray(embeddings))) == 0:
        return np.zeros(0, np.int64)
    points = as_floats(embeddings, "embeddings")
    if points.ndim != 2 or points.shape[1] == 0:
        raise ValueError(f"embeddings must be (n, size), got shape {points.shape}; one face is embedding[None]")
    if len(points) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(pdist(points, "sqeuclidean"), method)
    _, first, clusters, sizes = np.unique(
        fcluster(tree, threshold, "distance"), return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(sizes), np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return place[clusters]


def pairwise_scores(labels: ArrayLike, clusters: ArrayLike) -> ClusterScores:
    """Precision and recall of pairs of faces: is a pair in one cluster one person, is a pair of one person in one?

    A large cluster weighs most, since its pairs grow with the square of its size.

    Args:
        labels: Who each face truly is, whole numbers or names (n,).
        clusters: Cluster of each face (n,); every number is a cluster, so give scikit-learn's noise, -1, numbers apart.

    Returns:
        Both; where there is no pair to judge (each face alone in its cluster, or each person's only one) it is 1.

    Raises:
        TypeError: If they are neither whole numbers nor names.
        ValueError: If they are not of one length, or empty.

    >>> pairwise_scores(["Ann", "Ann", "Ann", "Bo"], [0, 0, 1, 1])
    ClusterScores(precision=0.5, recall=0.3333333333333333)
    """
    people, groups, both = _sizes(labels, clusters)
    right, claimed, real = (int(np.sum(sizes * (sizes - 1) // 2)) for sizes in (both[0], groups, people))
    return ClusterScores(right / claimed if claimed else 1.0, right / real if real else 1.0)


def b_cubed_scores(labels: ArrayLike, clusters: ArrayLike) -> ClusterScores:
    """B-cubed precision and recall: of each face's cluster, and of its person, the part that is both; then the means.

    Each face weighs the same. A face counts itself, so both are above 0 always.

    Args:
        labels: As in `pairwise_scores`.
        clusters: As there.

    Returns:
        Both.

    Raises:
        TypeError: As there.
        ValueError: As there.

    Source: Bagga and Baldwin (1998), "Algorithms for Scoring Coreference Chains"; Amigó et al. (2009), Information
        Retrieval 12(4), for clusters.

    >>> b_cubed_scores(["Ann", "Ann", "Ann", "Bo"], [0, 0, 1, 1])
    ClusterScores(precision=0.75, recall=0.6666666666666666)
    """
    people, groups, (shared, person, group) = _sizes(labels, clusters)
    # all `shared` faces of a person in a cluster have the precision shared / size of the cluster
    precision, recall = (np.sum(shared**2 / sizes) / people.sum() for sizes in (groups[group], people[person]))
    return ClusterScores(float(precision), float(recall))


def _sizes(labels: ArrayLike, clusters: ArrayLike) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    """Faces of each person and in each cluster; and of each person in each cluster, with the two's places."""
    true, found = np.asarray(labels), np.asarray(clusters)
    for name, array in (("labels", true), ("clusters", found)):
        if array.ndim != 1 or len(array) == 0 or len(true) != len(found):
            raise ValueError(
                f"labels and clusters must be one a face, (n,), at least one, got shapes {true.shape} and {found.shape}"
            )
        if array.dtype.kind not in "iuU":
            raise TypeError(f"{name} must be whole numbers or names, got {array.dtype}")
    (_, person, people), (_, group, groups) = (
        np.unique(array, return_inverse=True, return_counts=True) for array in (true, found)
    )
    cells, shared = np.unique(np.stack([person, group]), axis=1, return_counts=True)
    return people, groups, (shared, *cells)
