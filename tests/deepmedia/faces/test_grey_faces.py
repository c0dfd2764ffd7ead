import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA

from deepmedia.faces import grey_faces
from deepmedia.faces.grey_faces import (
    grey_input,
    train_on_people,
    trained_network,
    whitened_features,
    with_mirror_images,
    within_person_scaling,
)
from deepmedia.faces.networks import small_facenet
from deepmedia.faces.trained import trained_small_facenet
from deepmedia.faces.training import embed

PEOPLE = np.repeat(np.arange(4), 6)


def patterns(seed=0):
    """Six noisy images of each of four patterns of 8 x 8 squares, uint8 (24, 64, 64)."""
    random = np.random.default_rng(seed)
    kinds = np.random.default_rng(99).uniform(60, 200, size=(4, 8, 8)).repeat(8, axis=1).repeat(8, axis=2)
    return np.clip(kinds[PEOPLE] + random.normal(0, 25, size=(24, 64, 64)), 0, 255).astype(np.uint8)


def network(seed, *, embedding_size=8, channels=3):
    keras.utils.set_random_seed(seed)
    return small_facenet((16, 16, channels), embedding_size=embedding_size)


def small_images(count=24):
    return np.random.default_rng(5).normal(size=(count, 16, 16, 3)).astype(np.float32)


def features_of(model, images):
    return keras.Model(model.input, model.get_layer("flatten").output)(images, training=False).numpy()


def test_grey_input_is_the_fixed_scaling_in_three_equal_channels():
    images = np.zeros((1, 64, 64), np.uint8)
    images[0, 3, 7] = 255
    found = grey_input(images)
    assert found.shape == (1, 64, 64, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, 3, 7], 0.99609375)  # (255 - 127.5) / 128
    np.testing.assert_allclose(found[0, 7, 3], -0.99609375)


def test_each_part_is_the_direction_between_an_image_and_its_mirror_image():
    first, second = network(0), network(1, embedding_size=5)
    images = small_images()
    parts = []
    for each in (first, second):
        both = embed(each, images) + embed(each, images[:, :, ::-1])
        parts.append(both / np.linalg.norm(both, axis=1, keepdims=True))
    joined = with_mirror_images([first, second])
    np.testing.assert_allclose(joined(images, training=False), np.concatenate(parts, axis=1), atol=1e-5)


def test_a_mirror_image_has_the_embedding_of_its_image():
    model = with_mirror_images([network(0)])
    images = small_images()
    np.testing.assert_allclose(embed(model, images), embed(model, images[:, :, ::-1]), atol=1e-5)


def test_networks_of_different_inputs_are_not_joined():
    with pytest.raises(ValueError, match=r"networks must be at least one, all of one input, got 2 with inputs"):
        with_mirror_images([network(0), network(0, channels=1)])
    with pytest.raises(ValueError, match="networks must be at least one, all of one input, got 0 with inputs"):
        with_mirror_images([])


def test_whitened_features_are_those_of_scikit_learn():
    model, images = network(0), small_images()
    both = features_of(model, np.concatenate([images, images[:, :, ::-1]]))
    expected = PCA(10, whiten=True, svd_solver="full").fit(both).transform(both[:24])
    found = whitened_features(model, images, components=10)(images).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_features_scaled_within_people_span_the_same_components():
    model, images = network(0), small_images()
    rows = features_of(model, np.concatenate([images, images[:, :, ::-1]]))
    points = PCA(10, svd_solver="full").fit_transform(rows)
    expected = points[:24] @ within_person_scaling(points, np.tile(PEOPLE, 2))
    found = whitened_features(model, images, PEOPLE, components=10)(images).numpy()
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-2)  # signs of components are free


def test_no_more_components_are_kept_than_there_are_images():
    assert whitened_features(network(0), small_images(7), components=99).output.shape == (None, 7)


def test_within_person_scaling_matches_a_covariance_worked_by_hand():
    # Two people, each with two points 2 apart in x and 4 apart in y: the differences from the means are (±1, ±2), so
    # S = [[1, 2], [2, 4]], its mean variance is 2.5, and a tenth of the way to that ball is [[1.15, 1.8], [1.8, 3.85]].
    points = [[1.0, 2], [-1, -2], [11, 2], [9, -2]]
    matrix = within_person_scaling(points, [5, 5, 8, 8])
    np.testing.assert_allclose(matrix @ matrix.T, np.linalg.inv([[1.15, 1.8], [1.8, 3.85]]), rtol=1e-9)


def test_people_with_one_point_each_have_no_scatter():
    with pytest.raises(ValueError, match="people must have two points that differ, got one point for each"):
        within_person_scaling([[1.0, 2], [3, 4]], [0, 1])


def test_a_training_brings_images_of_one_person_together_and_its_seed_repeats_it():
    inputs = grey_input(patterns())
    model = train_on_people(patterns(), PEOPLE, networks=1, steps=4, seed=3)
    embeddings = embed(model, grey_input(patterns(seed=1)))
    assert embeddings.shape == (24, 24)
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=-1)
    nearest = (distances + 9 * np.eye(24)).argmin(axis=1)
    assert np.mean(PEOPLE[nearest] == PEOPLE) > 0.95
    again = whitened_features(trained_network(inputs, PEOPLE, steps=4, seed=3), inputs, PEOPLE)
    found, expected = embed(model, inputs), embed(with_mirror_images([again]), inputs)
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-2)  # signs of components are free


def test_each_of_several_networks_has_a_seed_of_its_own(monkeypatch):
    seeds = []

    def untrained(inputs, people, *, steps, seed):
        seeds.append(seed)
        return trained_small_facenet()

    monkeypatch.setattr(grey_faces, "trained_network", untrained)
    model = train_on_people(patterns(), PEOPLE, networks=2, seed=1)
    train_on_people(patterns(), PEOPLE, networks=2, seed=2)
    assert seeds == [2, 3, 4, 5]
    assert model.output.shape == (None, 48)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match=r"images must be grey, \(n, 64, 64\), got shape \(24, 64, 64, 1\)"):
        train_on_people(patterns()[..., None], PEOPLE)
    with pytest.raises(ValueError, match=r"images must be grey, \(n, 64, 64\), got shape \(24, 32, 64\)"):
        train_on_people(patterns()[:, :32], PEOPLE)
    with pytest.raises(ValueError, match="networks must be at least 1, got 0"):
        train_on_people(patterns(), PEOPLE, networks=0)
    with pytest.raises(ValueError, match=r"got floats up to 1; from 0\.\.1: 255"):
        train_on_people(patterns() / patterns().max(), PEOPLE)
    with pytest.raises(ValueError, match="each identity must have at least images=3 images, got 2 of identity 3"):
        train_on_people(patterns()[:20], PEOPLE[:20])
    with pytest.raises(ValueError, match="components must be at least 1, got 0"):
        whitened_features(network(0), small_images(), components=0)
