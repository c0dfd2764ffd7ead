"""A small FaceNet for few people's small grey photographs, such as the Olivetti faces: 40 people, ten photographs each.

So few photographs are soon learned by heart: the embeddings of the people in the training become perfect, and those of
others hardly better than pixels. Four things help. The network starts with what it knows of drawn faces. Its training
changes each photograph anew in every step (`augment_faces`). The last layer, which has learned most by heart, is then
replaced by one that no training wrote: the principal components of the features before it, scaled so that none drowns
the others (`whitened_features`). And a face is embedded together with its mirror image (`with_mirror_images`).
"""

from collections.abc import Sequence
from functools import partial

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike, NDArray
from sklearn.covariance import shrunk_covariance
from sklearn.decomposition import PCA

from deepmedia.arguments import as_floats, check_count
from deepmedia.faces.augmentation import FaceAugmentation, augment_faces
from deepmedia.faces.losses import semi_hard_triplet_loss
from deepmedia.faces.networks import normalise
from deepmedia.faces.preprocessing import fixed_scaling
from deepmedia.faces.trained import trained_small_facenet
from deepmedia.faces.training import fit_embeddings

NETWORKS = 1
STEPS = 100
IN_BATCH, EACH_IN_BATCH = 24, 3  # people, or all if there are fewer, and photographs of each
PEAK_RATE = 1e-3  # learning rate: half of that from random weights
MARGIN = 0.5
SIDE = 64  # pixels of the drawn faces, so of the photographs, too
COMPONENTS = 128  # principal components of a network's features that are kept
SHRINKAGE = 0.1  # how far the scatter within people is drawn towards that of a ball
AT_ONCE = 50  # images whose features are computed at a time


def train_on_people(
    images: ArrayLike, people: ArrayLike, *, networks: int = NETWORKS, steps: int = STEPS, seed: int = 0
) -> keras.Model:
    """Train small FaceNets on people's grey photographs, and make of them one model that embeds anybody's.

    Sets Keras's random seed, which rules what the network drops in training.

    Args:
        images: Pixels 0..255, uint8 or float (n, 64, 64), each face in the same place.
        people: Who is on each, integers (n,): at least two people, and three photographs of each.
        networks: How many are trained, one after the other; time and memory grow with them.
        steps: Batches of each training.
        seed: Of the batches and the changes of the photographs.

    Returns:
        A model from `grey_input` of such photographs to embeddings, float32 (n, networks * 128), of less than 128 each
        where there are fewer photographs: use `embed`.

    Raises:
        TypeError: If images are not numbers, or people not integers.
        ValueError: If shapes don't fit, pixels are scaled already, or there are too few people or photographs of one.
    """
    check_count("networks", networks)
    inputs, known = grey_input(images), np.asarray(people)
    trained = []
    for number in range(networks):
        network = trained_network(inputs, known, steps=steps, seed=networks * seed + number)
        trained.append(whitened_features(network, inputs, known))
    return with_mirror_images(trained)


def trained_network(inputs: NDArray[np.float32], people: NDArray[np.int64], *, steps: int, seed: int) -> keras.Model:
    """A `trained_small_facenet` that went on to learn people's photographs with changes, by the triplet loss.

    Args:
        inputs: From `grey_input`, float32 (n, 64, 64, 3).
        people: As in `train_on_people`.
        steps: Batches, at least 2.
        seed: Of batches and changes.

    Returns:
        The network, with its own bottleneck.

    Raises:
        TypeError: As `fit_embeddings`.
        ValueError: As there.
    """
    keras.utils.set_random_seed(seed)
    network = trained_small_facenet()
    fit_embeddings(
        network,
        inputs,
        people,
        loss=partial(semi_hard_triplet_loss, margin=MARGIN),
        steps=steps,
        peak=PEAK_RATE,
        identities=min(IN_BATCH, len(np.unique(people))),
        images_each=EACH_IN_BATCH,
        augment=partial(augment_faces, augmentation=FaceAugmentation()),
        seed=seed,
    )
    return network


def grey_input(images: ArrayLike) -> NDArray[np.float32]:
    """Preprocess grey photographs for `train_on_people` and for the model that it gives.

    Args:
        images: Pixels 0..255, uint8 or float (n, 64, 64).

    Returns:
        float32 (n, 64, 64, 3), three equal channels by `fixed_scaling`.

    Raises:
        TypeError: If the images are not numbers.
        ValueError: If they have another shape, or are scaled already.
    """
    pixels = as_floats(images, "images")
    if pixels.ndim != 3 or pixels.shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f"images must be grey, (n, {SIDE}, {SIDE}), got shape {pixels.shape}; "
            "of colours take images.mean(axis=-1), and resize others"
        )
    return np.repeat(fixed_scaling(images)[..., None], 3, axis=-1)


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


def whitened_features(
    network: keras.Model, inputs: NDArray[np.float32], people: ArrayLike | None = None, *, components: int = COMPONENTS
) -> keras.Model:
    """Put a layer without training in the place of a small FaceNet's bottleneck.

    It takes the principal components of the features before the bottleneck and scales them: without ``people`` each to
    variance one, with them by `within_person_scaling`. All is found in the images and their mirror images.

    Args:
        network: A `small_facenet`; it is left as it is.
        inputs: Preprocessed images, float32 (n, height, width, channels).
        people: Who is on each, integers (n,), or nothing.
        components: How many are kept, or all if there are fewer.

    Returns:
        A model from such images to embeddings, float32 (n, components).

    Raises:
        ValueError: If components is below 1.
    """
    check_count("components", components)
    features = keras.Model(network.input, network.get_layer("flatten").output)
    both = np.concatenate([inputs, inputs[:, :, ::-1]])
    rows = np.concatenate([features(both[at : at + AT_ONCE], training=False) for at in range(0, len(both), AT_ONCE)])
    pca = PCA(min(components, len(inputs), rows.shape[1]), svd_solver="full").fit(rows)
    if people is None:
        scaling = np.diag(1 / np.sqrt(pca.explained_variance_))
    else:
        scaling = within_person_scaling(pca.transform(rows), np.tile(np.asarray(people), 2))
    kernel = pca.components_.T @ scaling
    layer = layers.Dense(kernel.shape[1], name="whitening")
    outputs = layer(features.output)
    layer.set_weights([kernel, -pca.mean_ @ kernel])
    return keras.Model(network.input, outputs, name="whitened_features")


def within_person_scaling(points: ArrayLike, people: ArrayLike) -> NDArray[np.float64]:
    """The matrix that makes the scatter of points about their person's mean the same in all directions.

    The covariance S of the differences from each person's mean is drawn a tenth of the way towards a ball of the same
    mean variance, so that directions in which people hardly vary are not blown up; the matrix is V / sqrt(w), of the
    eigenvectors V and eigenvalues w of S.

    Args:
        points: float (n, size).
        people: Whose each is, integers (n,), at least two of one person.

    Returns:
        float64 (size, size); ``points @ matrix`` are the scaled points.

    Raises:
        ValueError: If no two points are of one person, or all of each person's are equal.

    Source: Hatch, Kajarekar and Stolcke (2006), "Within-class covariance normalization for SVM-based speaker
        recognition", Interspeech; their components beyond the principal ones are left out here.
    """
    rows = as_floats(points, "points").astype(np.float64)
    known, person = np.unique(people, return_inverse=True)
    means = np.stack([rows[person == number].mean(axis=0) for number in range(len(known))])
    differences = rows - means[person]
    if not differences.any():
        raise ValueError("people must have two points that differ, got one point for each; take more images of each")
    values, vectors = np.linalg.eigh(shrunk_covariance(np.cov(differences.T, bias=True), SHRINKAGE))
    return vectors / np.sqrt(values)
