"""Train the small FaceNet whose weights ship in the package: python -m studies.make_small_facenet.

It learns on drawn faces of 1,000 people, and is scored on people of the validation split, whom it never saw. The test
split is not looked at. It takes about five minutes of a processor's time and 1.5 GB; on another processor other weights
come of it, about as good.
"""

import keras
import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.packaged import FILES
from deepmedia.faces.networks import small_facenet
from deepmedia.faces.pairs import draw_pairs
from deepmedia.faces.preprocessing import fixed_scaling
from deepmedia.faces.protocol import lfw_report
from deepmedia.faces.synthetic import synthetic_faces
from deepmedia.faces.trained import FILE
from deepmedia.faces.training import embed, fit_embeddings
from studies.packaged_files import npz_bytes, write

PEOPLE, IMAGES_EACH = 1000, 8  # of the training split
STEPS, IN_BATCH, EACH_IN_BATCH = 1200, 30, 4
SEED = 0


def trained() -> keras.Model:
    """A small FaceNet, trained with the package's default settings."""
    faces, people = synthetic_faces("train", PEOPLE, IMAGES_EACH, seed=SEED)
    faces *= 255
    keras.utils.set_random_seed(SEED)
    model = small_facenet()
    fit_embeddings(
        model, fixed_scaling(faces), people, steps=STEPS, identities=IN_BATCH, images_each=EACH_IN_BATCH, seed=SEED
    )
    return model


def packed(model: keras.Model) -> dict[str, NDArray[np.float16]]:
    """The weights by their paths, such as ``reduction1_conv/kernel``, in half the bytes."""
    return {variable.path: np.asarray(variable).astype(np.float16) for variable in model.weights}


def validation_accuracy(model: keras.Model) -> float:
    """Share of right decisions by LFW's protocol on pairs of 200 people of the validation split."""
    faces, people = synthetic_faces("validation", 200, 10, seed=SEED)
    rows, same = draw_pairs(people, pairs=300, seed=SEED)
    first, second = embed(model, fixed_scaling(255 * faces))[rows].swapaxes(0, 1)
    return lfw_report(((first - second) ** 2).sum(axis=1), same).accuracy


def main() -> None:
    """Train, score and write the weights into the package."""
    model = trained()
    print(f"validation accuracy {validation_accuracy(model):.4f}")
    write({FILE.relative_to(FILES).as_posix(): npz_bytes(packed(model))})


if __name__ == "__main__":
    main()
