import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.losses import semi_hard_triplet_loss
from deepmedia.faces.networks import small_facenet
from deepmedia.faces.training import embed, fit_embeddings, mean_distance

LABELS = np.repeat(np.arange(6), 8)


def noisy_patterns(seed=0):
    """Eight noisy images of each of six patterns, float32 (48, 16, 16, 1)."""
    random = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).normal(size=(6, 16, 16, 1))
    return (patterns[LABELS] + 0.5 * random.normal(size=(48, 16, 16, 1))).astype("float32")


def trained(steps=30, **settings):
    keras.utils.set_random_seed(0)
    model = small_facenet((16, 16, 1), embedding_size=8)
    log = fit_embeddings(model, noisy_patterns(), LABELS, steps=steps, identities=4, images_each=3, **settings)
    return model, log


def test_training_brings_images_of_one_identity_together():
    model, log = trained()
    assert len(log["loss"]) == len(log["spread"]) == 30
    embeddings = embed(model, noisy_patterns(seed=1))
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=-1)
    same = LABELS[:, None] == LABELS[None]
    nearest = np.where(np.eye(48, dtype=bool), 9, distances).argmin(axis=1)
    assert np.mean(LABELS[nearest] == LABELS) > 0.95
    assert distances[same].mean() < 0.7 * distances[~same].mean()


def test_the_same_seed_gives_the_same_training_and_another_another():
    assert trained(4)[1] == trained(4)[1]
    assert trained(4)[1] != trained(4, seed=1)[1]


def test_weights_of_the_loss_are_trained_too():
    class Centres(keras.layers.Layer):
        def build(self, shape):
            self.centres = self.add_weight(shape=(6, 8), initializer="zeros")

        def call(self, labels, embeddings):
            return tf.reduce_mean((embeddings - tf.gather(self.centres, labels)) ** 2)

    loss = Centres()
    loss.build(None)
    trained(4, loss=loss)
    assert np.abs(loss.centres.numpy()).max() > 0


def test_images_are_changed_by_a_seed_of_their_own_in_each_step():
    draws = []

    def augment(images, seed):
        tf.py_function(lambda s: draws.append(tuple(s.numpy())), [seed], [])
        return tf.zeros_like(images)

    _, log = trained(3, augment=augment, seed=7, loss=lambda labels, embeddings: tf.reduce_sum(embeddings**2))
    assert sorted(draws) == [(7, 0), (7, 1), (7, 2)]
    assert log["spread"] == [0, 0, 0]  # all images alike


def test_the_spread_is_the_mean_distance_of_different_points():
    points = tf.constant([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    expected = (5 + 1 + np.sqrt(9 + 9)) / 3
    assert float(mean_distance(points)) == pytest.approx(expected, rel=1e-6)


def test_one_loss_of_a_batch_is_that_of_the_library():
    keras.utils.set_random_seed(0)
    model = small_facenet((16, 16, 1), embedding_size=8)
    seen = []

    def loss(labels, embeddings):
        value = semi_hard_triplet_loss(labels, embeddings)
        tf.py_function(lambda *a: seen.append([x.numpy() for x in a]), [labels, embeddings], [])
        return value

    log = fit_embeddings(model, noisy_patterns(), LABELS, steps=2, identities=4, images_each=3, loss=loss)
    for (labels, embeddings), value in zip(seen, log["loss"], strict=True):
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
        assert float(semi_hard_triplet_loss(labels, embeddings)) == pytest.approx(value, rel=1e-5)


def test_images_are_embedded_in_parts_and_in_order():
    model = small_facenet((16, 16, 1), embedding_size=4)
    images = np.random.default_rng(0).normal(size=(300, 16, 16, 1)).astype("float32")
    whole = embed(model, images)
    assert whole.shape == (300, 4)
    np.testing.assert_allclose(embed(model, images[255:258]), whole[255:258], atol=1e-5)


def test_bad_input_is_refused():
    model = small_facenet((16, 16, 1), embedding_size=4)
    images = noisy_patterns()
    with pytest.raises(ValueError, match=r"labels must be one for each of 48 images, got shape \(47,\)"):
        fit_embeddings(model, images, LABELS[:-1])
    with pytest.raises(ValueError, match="steps must be at least 2"):
        fit_embeddings(model, images, LABELS, steps=1, identities=4)
    with pytest.raises(TypeError, match="labels must be integers"):
        fit_embeddings(model, images, LABELS + 0.5)
    with pytest.raises(ValueError, match="at least identities=24 identities, got 6"):
        fit_embeddings(model, images, LABELS)
    with pytest.raises(ValueError, match="at least one face"):
        embed(model, images[:0])
