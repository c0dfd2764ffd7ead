"""A small FaceNet for few people's small grey photographs, such as the Olivetti faces: 40 people, ten photographs each.

So few photographs are soon learned by heart. Three things help against it: the training changes each photograph anew
in every step (`augment_faces`), a face is embedded together with its mirror image, and several networks, which differ
in their first weights and batches, make the embedding together.
"""

from collections.abc import Sequence
from functools import partial

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import as_floats, check_count
from deepmedia.faces.augmentation import FaceAugmentation, augment_faces
from deepmedia.faces.losses import semi_hard_triplet_loss
from deepmedia.faces.networks import normalise, small_facenet
from deepmedia.faces.preprocessing import fixed_scaling
from deepmedia.faces.training import fit_embeddings

NETWORKS = 2
STEPS = 200
IN_BATCH, EACH_IN_BATCH = 24, 3  # people, or all if there are fewer, and photographs of each
MARGIN = 0.2


def train_on_people(
    images: ArrayLike, people: ArrayLike, *, networks: int = NETWORKS, steps: int = STEPS, seed: int = 0
) -> keras.Model:
    """Train small FaceNets on people's grey photographs, and join them into one model that embeds anybody's.

    Sets Keras's random seed, from which the first weights come.

    Args:
        images: Pixels 0..255, uint8 or float (n, height, width), at least 16 x 16, each face in the same place.
        people: Who is on each, integers (n,): at least two people, and three photographs of each.
        networks: How many are trained, one after the other; time and memory grow with them.
        steps: Batches of each training.
        seed: Of the weights, the batches and the changes of the photographs.

    Returns:
        A model from `grey_input` of such photographs to embeddings, float32 (n, networks * 64): use `embed`.

    Raises:
        TypeError: If images are not numbers, or people not integers.
        ValueError: If shapes don't fit, pixels are scaled already, or there are too few people or photographs of one.
    """
    check_count("networks", networks)
    inputs, known = grey_input(images), np.asarray(people)
    trained = []
    for number in range(networks):
        keras.utils.set_random_seed(networks * seed + number)
        network = small_facenet(inputs.shape[1:])
        fit_embeddings(
            network,
            inputs,
            known,
            loss=partial(semi_hard_triplet_loss, margin=MARGIN),
            steps=steps,
            identities=min(IN_BATCH, len(np.unique(known))),
            images_each=EACH_IN_BATCH,
            augment=partial(augment_faces, augmentation=FaceAugmentation()),
            seed=networks * seed + number,
        )
        trained.append(network)
    return with_mirror_images(trained)


def grey_input(images: ArrayLike) -> NDArray[np.float32]:
    """Preprocess grey photographs for `train_on_people` and for the model that it gives.

    Args:
        images: Pixels 0..255, uint8 or float (n, height, width).

    Returns:
        float32 (n, height, width, 1), by `fixed_scaling`.

    Raises:
        TypeError: If the images are not numbers.
        ValueError: If they have another shape, or are scaled already.
    """
    pixels = as_floats(images, "images")
    if pixels.ndim != 3:
        raise ValueError(
            f"images must be grey, (n, height, width), got shape {pixels.shape}; of colours take images.mean(axis=-1)"
        )
    return fixed_scaling(images)[..., None]


def with_mirror_images(networks: Sequence[keras.Model]) -> keras.Model:
    """Join networks into one whose embedding takes in each image and its mirror image, as each network sees them.

    Each network's part is the sum of its two unit embeddings, brought to length one again; the parts stand side by
    side. The squared distance of two faces is so the sum of the networks' squared distances, and a face is as far from
    another as from its mirror image.

    Args:
        networks: At least one, of the same input; they may have embeddings of different sizes.

    Returns:
        A model from the same images to embeddings, float32 (n, sum of their sizes).

    Raises:
        ValueError: If there is none, or their inputs differ.
    """
    shapes = {tuple(network.input_shape[1:]) for network in networks}
    if len(shapes) != 1:
        raise ValueError(f"networks must be at least one, all of one input, got {len(networks)} with inputs {shapes}")
    images = keras.Input(shapes.pop(), name="images")
    mirrored = keras.ops.flip(images, axis=2)
    parts = []
    for number, network in enumerate(networks):
        named = keras.Model(network.input, network.output, name=f"network{number}")  # two can't have the same name
        parts.append(normalise(normalise(named(images)) + normalise(named(mirrored))))
    embeddings = parts[0] if len(parts) == 1 else keras.ops.concatenate(parts, axis=-1)
    return keras.Model(images, embeddings, name="with_mirror_images")
