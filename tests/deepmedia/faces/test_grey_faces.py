import keras
import numpy as np
import pytest

from deepmedia.faces.grey_faces import grey_input, train_on_people, with_mirror_images
from deepmedia.faces.networks import small_facenet
from deepmedia.faces.training import embed

PEOPLE = np.repeat(np.arange(4), 6)


def patterns(seed=0):
    """Six noisy images of each of four patterns, uint8 (24, 16, 16)."""
    random = np.random.default_rng(seed)
    kinds = np.random.default_rng(99).uniform(60, 200, size=(4, 16, 16))
    return np.clip(kinds[PEOPLE] + random.normal(0, 15, size=(24, 16, 16)), 0, 255).astype(np.uint8)


def network(seed, embedding_size=8):
    keras.utils.set_random_seed(seed)
    return small_facenet((16, 16, 1), embedding_size=embedding_size)


def test_grey_input_is_the_fixed_scaling_with_one_channel():
    found = grey_input(np.array([[[0, 255], [64, 128]]], np.uint8))
    # (0 - 127.5) / 128, and so on
    np.testing.assert_allclose(found, [[[[-0.99609375], [0.99609375]], [[-0.49609375], [0.00390625]]]])
    assert found.dtype == np.float32


def test_each_part_is_the_direction_between_an_image_and_its_mirror_image():
    first, second = network(0), network(1, embedding_size=5)
    images = grey_input(patterns())
    parts = []
    for each in (first, second):
        both = embed(each, images) + embed(each, images[:, :, ::-1])
        parts.append(both / np.linalg.norm(both, axis=1, keepdims=True))
    joined = with_mirror_images([first, second])
    np.testing.assert_allclose(joined(images, training=False), np.concatenate(parts, axis=1), atol=1e-5)


def test_a_mirror_image_has_the_embedding_of_its_image():
    model = with_mirror_images([network(0)])
    images = grey_input(patterns())
    np.testing.assert_allclose(embed(model, images), embed(model, images[:, :, ::-1]), atol=1e-5)


def test_networks_of_different_inputs_are_not_joined():
    with pytest.raises(ValueError, match=r"networks must be at least one, all of one input, got 2 with inputs"):
        with_mirror_images([network(0), small_facenet((16, 16, 3))])
    with pytest.raises(ValueError, match="networks must be at least one, all of one input, got 0 with inputs"):
        with_mirror_images([])


def test_a_training_brings_images_of_one_person_together():
    model = train_on_people(patterns(), PEOPLE, networks=1, steps=30)
    embeddings = embed(model, grey_input(patterns(seed=1)))
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=-1)
    nearest = (distances + 9 * np.eye(24)).argmin(axis=1)
    assert np.mean(PEOPLE[nearest] == PEOPLE) > 0.95


def test_networks_differ_and_the_seed_repeats_them():
    images = grey_input(patterns())
    # the two networks of seed 1 have the seeds 2 and 3, and the one of seed 2 has the seed 2
    two = embed(train_on_people(patterns(), PEOPLE, networks=2, steps=2, seed=1), images)
    one = embed(train_on_people(patterns(), PEOPLE, networks=1, steps=2, seed=2), images)
    assert two.shape == (24, 128)
    first, second = two[:, :64] * 2**0.5, two[:, 64:] * 2**0.5
    np.testing.assert_allclose(first, one, atol=1e-5)
    assert np.abs(second - one).max() > 1e-2


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match=r"images must be grey, \(n, height, width\), got shape \(24, 16, 16, 1\)"):
        train_on_people(patterns()[..., None], PEOPLE)
    with pytest.raises(ValueError, match="networks must be at least 1, got 0"):
        train_on_people(patterns(), PEOPLE, networks=0)
    with pytest.raises(ValueError, match=r"got floats up to 1; from 0\.\.1: 255"):
        train_on_people(patterns() / patterns().max(), PEOPLE)
    with pytest.raises(ValueError, match="each identity must have at least images=3 images, got 2 of identity 3"):
        train_on_people(patterns()[:20], PEOPLE[:20])
