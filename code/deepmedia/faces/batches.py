"""Batches for losses that compare faces: a few identities, several images of each."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count


def balanced_batches(
    labels: ArrayLike, *, identities: int, images: int, steps: int, seed: int = 0
) -> NDArray[np.int64]:
    """Which images make each batch: so many identities, so many images of each.

    All identities are drawn in turn, in an order that changes with each pass; a rest too small for a batch waits for
    the next pass. In a batch no image occurs twice.

    Args:
        labels: Identity of each image, integers (n,).
        identities: Different identities in a batch, at least 2: a triplet needs another one.
        images: Images of each, at least 2: a triplet needs a pair.
        steps: Number of batches, at least 1.
        seed: Of the draw.

    Returns:
        int64 (steps, identities * images), rows of the images; those of an identity stand together.

    Raises:
        TypeError: If labels or numbers are not whole.
        ValueError: If there are fewer identities than a batch takes, or one has too few images.

    Source: Schroff et al. (2015), "FaceNet", arXiv:1503.03832, Sec. 3.2, which takes about 40 faces an identity.
    """
    for name, value in (("identities", identities), ("images", images), ("steps", steps)):
        check_count(name, value)
    if identities < 2 or images < 2:
        raise ValueError(f"a batch must have at least 2 identities and 2 images of each, got {identities} and {images}")
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must be one identity an image, shape (n,), got shape {labels.shape}")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, got {labels.dtype}")
    known, counts = np.unique(labels, return_counts=True)
    if len(known) < identities:
        raise ValueError(f"labels must have at least identities={identities} identities, got {len(known)}; lower it")
    if counts.min() < images:
        few = int(np.argmin(counts))
        raise ValueError(
            f"each identity must have at least images={images} images, got {counts[few]} of identity {known[few]}; "
            "lower it, or leave such identities out"
        )
    random = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(labels == identity) for identity in known]
    batches: list[NDArray[np.int64]] = []
    while len(batches) < steps:
        order = random.permutation(len(known))
        turns = order[: len(known) // identities * identities].reshape(-1, identities)
        batches += [np.concatenate([random.permutation(rows_of[i])[:images] for i in chosen]) for chosen in turns]
    return np.stack(batches[:steps]).astype(np.int64)
