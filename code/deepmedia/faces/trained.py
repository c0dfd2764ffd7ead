"""The small FaceNet that was trained for this book on drawn faces, with its weights."""

from collections.abc import Mapping

import keras
import numpy as np

from deepmedia.datasets.packaged import FILES
from deepmedia.faces.networks import small_facenet

FILE = FILES / "small-facenet" / "weights.npz"


def trained_small_facenet() -> keras.Model:
    """`small_facenet` with weights that ship in the package, so that nobody has to wait for a training.

    They learned with the triplet loss on drawn faces of 1,000 people of the training split of `synthetic_faces`
    (`code/studies/make_small_facenet.py`), so they know nothing of photographs.

    Returns:
        The model, from images preprocessed by `fixed_scaling`, float32 (n, 64, 64, 3), to embeddings, float32 (n, 64),
        not of length one: use `embed` or `normalise`.

    Raises:
        FileNotFoundError: If the package lacks the file.
        ValueError: If the file is damaged, or does not fit the network.

    >>> trained_small_facenet().output.shape
    (None, 64)
    """
    if not FILE.is_file():
        raise FileNotFoundError(f"the package lacks {FILE}; install it again")
    try:
        with FILE.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
    except Exception as error:  # damage shows as BadZipFile, zlib.error, ValueError, EOFError and others
        raise ValueError(f"{FILE} is cut off or damaged ({error}); install the package again") from error
    model = small_facenet()
    _set_weights(model, arrays)
    return model


def _set_weights(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Set the weights, if there is one finite array of the right shape for each and no other."""
    weights = {weight.path: weight for weight in model.weights}
    odd = sorted(weights.keys() ^ arrays.keys()) + [
        f"{path} {arrays[path].shape}"
        for path, weight in weights.items()
        if path in arrays and (arrays[path].shape != tuple(weight.shape) or not np.isfinite(arrays[path]).all())
    ]
    if odd:
        raise ValueError(
            f"{FILE} does not fit {model.name}: missing, unknown, of another shape or not finite: "
            f"{', '.join(odd[:3])}{', …' if len(odd) > 3 else ''}; studies.make_small_facenet writes it anew"
        )
    for path, weight in weights.items():
        weight.assign(arrays[path].astype(np.float32))
