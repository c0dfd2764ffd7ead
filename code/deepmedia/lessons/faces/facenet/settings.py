"""One short training with one setting: what the study `facenet_settings` repeats, and the page once more."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from deepmedia.faces.losses import ArcFace, semi_hard_triplet_loss
from deepmedia.faces.networks import small_facenet
from deepmedia.faces.preprocessing import fixed_scaling
from deepmedia.faces.synthetic import synthetic_faces
from deepmedia.faces.training import EmbeddingLoss, embed, fit_embeddings
from deepmedia.lessons.faces.facenet.experiment import verification

SIDE = 32  # pixels: a training takes a third of the time that it takes with 64
PEOPLE, IMAGES_EACH = 200, 16  # of the training split
JUDGED_PEOPLE, JUDGED_IMAGES = 100, 10  # of the validation or the test split
PAIRS = 300  # of each kind in each of ten folds: 6,000 in all, as in LFW
STEPS, BATCH = 150, 96  # of each training, and images in a batch: 14,400 images are seen


@dataclass(frozen=True)
class Setting:
    """What may vary. All settings see as many images, and the other numbers of the training are the package's.

    Attributes:
        loss: "triplet" (semi-hard) or "arcface".
        margin: Of the loss: a squared distance, or an angle in radians.
        scale: Of ArcFace's cosines; the triplet loss does not use it.
        embedding_size: Numbers in an embedding.
        people: In a batch; of each come BATCH / people images.
        rate: The highest learning rate.
    """

    loss: str = "triplet"
    margin: float = 0.2
    scale: float = 64.0
    embedding_size: int = 64
    people: int = 24
    rate: float = 2e-3


def prepared_faces(
    split: str, people: int, images_each: int, *, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Drawn faces as the network wants them, and who they are.

    Args:
        split: "train", "validation" or "test".
        people: How many.
        images_each: Of each.
        seed: Of the draw.

    Returns:
        float32 (people * images_each, 32, 32, 3) after `fixed_scaling`, and int64 identities.
    """
    faces, identity = synthetic_faces(split, people, images_each, size=SIDE, seed=seed)
    faces *= 255  # in place: a copy would take as much memory again
    return fixed_scaling(faces), identity


def trained_with(
    setting: Setting, faces: NDArray[np.float32], people: NDArray[np.int64], *, seed: int, steps: int = STEPS
) -> keras.Model:
    """A small FaceNet after a training with one setting.

    Args:
        setting: The setting.
        faces: Prepared, float32 (n, 32, 32, 3).
        people: Their identities, 0 to count - 1, int64 (n,).
        seed: Of the first weights, the batches and ArcFace's first centres.
        steps: Batches of 96 images.

    Returns:
        The trained model.

    Raises:
        ValueError: If the loss is of another name, or the people in a batch do not divide it.
    """
    if BATCH % setting.people:
        raise ValueError(f"people must divide the batch of {BATCH} images, got {setting.people}; take 24")
    keras.utils.set_random_seed(seed)
    model = small_facenet((SIDE, SIDE, 3), embedding_size=setting.embedding_size)
    fit_embeddings(
        model,
        faces,
        people,
        loss=_loss(setting, int(people.max()) + 1, seed),
        steps=steps,
        identities=setting.people,
        images_each=BATCH // setting.people,
        peak=setting.rate,
        seed=seed,
    )
    return model


def accuracy_on(model: keras.Model, faces: NDArray[np.float32], people: NDArray[np.int64], *, seed: int) -> float:
    """Verification accuracy by LFW's protocol.

    Args:
        model: Of `trained_with`.
        faces: Prepared faces of people whom it never saw, float32 (n, 32, 32, 3).
        people: Their identities, int64 (n,).
        seed: Of the pairs.

    Returns:
        Share of the 6,000 pairs that are decided right, 0..1.
    """
    return verification(embed(model, faces), people, pairs=PAIRS, seed=seed).accuracy


def _loss(setting: Setting, classes: int, seed: int) -> EmbeddingLoss:
    if setting.loss == "arcface":
        return ArcFace(classes, setting.embedding_size, margin=setting.margin, scale=setting.scale, seed=seed)
    if setting.loss != "triplet":
        raise ValueError(f"loss must be 'triplet' or 'arcface', got {setting.loss!r}")

    def loss(labels: tf.Tensor, embeddings: tf.Tensor) -> tf.Tensor:
        return semi_hard_triplet_loss(labels, embeddings, margin=setting.margin)

    return loss
