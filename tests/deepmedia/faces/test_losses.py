from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.losses import ArcFace, arcface_loss, mined_triplets, semi_hard_triplet_loss
from deepmedia.faces.training import fit_embeddings

ANGLES = np.deg2rad([0, 20, 70, 30, 45, 100])
GOLDEN = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
CLASSES = np.array([0, 0, 0, 1, 1, 1])


def by_loops(labels, embeddings, margin):
    """Triplets and their losses, one after another."""
    found, losses = [], []
    for a in range(len(labels)):
        for p in range(len(labels)):
            for n in range(len(labels)):
                if a == p or labels[a] != labels[p] or labels[a] == labels[n]:
                    continue
                near = np.sum((embeddings[a] - embeddings[p]) ** 2)
                far = np.sum((embeddings[a] - embeddings[n]) ** 2)
                if near < far < near + margin:
                    found.append((a, p, n))
                    losses.append(near - far + margin)
    return found, losses


@pytest.mark.parametrize(("margin", "count", "mean"), [(0.2, 5, 0.0695246), (1, 11, 0.6263792)])
def test_the_loss_of_six_points_on_a_circle(margin, count, mean):
    assert len(mined_triplets(CLASSES, GOLDEN, margin=margin)) == count
    assert float(semi_hard_triplet_loss(CLASSES, GOLDEN, margin=margin)) == pytest.approx(mean, abs=5e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("margin", [0.05, 0.2, 0.8])
def test_loss_and_triplets_are_those_of_plain_loops(seed, margin):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, 15)
    embeddings = random.normal(size=(15, 3))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    found, losses = by_loops(labels, embeddings, margin)
    assert found
    assert mined_triplets(labels, embeddings, margin=margin).tolist() == [list(triplet) for triplet in found]
    assert float(semi_hard_triplet_loss(labels, embeddings, margin=margin)) == pytest.approx(np.mean(losses))
    column = tf.constant(labels[:, None], tf.float32)  # as Keras passes labels on
    assert float(semi_hard_triplet_loss(column, embeddings, margin=margin)) == pytest.approx(np.mean(losses))


def test_the_rule_of_pytorch_metric_learning_on_squared_distances_mines_the_same():
    # TripletMarginMiner, "semihard": all with 0 < d_an - d_ap <= margin
    random = np.random.default_rng(7)
    labels, embeddings = np.repeat(np.arange(4), 4), random.normal(size=(16, 5))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    d = 2 - 2 * embeddings @ embeddings.T
    gap = d[:, None, :] - d[:, :, None]  # d_an - d_ap at [a, p, n]
    same = labels[:, None] == labels
    chosen = (same & ~np.eye(16, dtype=bool))[:, :, None] & ~same[:, None, :] & (gap > 0) & (gap <= 0.3)
    assert chosen.sum() > 20
    np.testing.assert_array_equal(mined_triplets(labels, embeddings, margin=0.3), np.argwhere(chosen))


def test_the_gradient_is_that_of_small_differences():
    x = tf.Variable(GOLDEN)
    with tf.GradientTape() as tape:
        loss = semi_hard_triplet_loss(CLASSES, x, margin=1.0)
    gradient = tape.gradient(loss, x).numpy()
    step = 1e-6
    for place in np.ndindex(GOLDEN.shape):
        change = np.zeros_like(GOLDEN)
        change[place] = step
        up, down = (float(semi_hard_triplet_loss(CLASSES, GOLDEN + s * change, margin=1.0)) for s in (1, -1))
        assert gradient[place] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_points_that_coincide_have_a_finite_gradient_and_one_point_alone_mines_nothing():
    points = np.repeat(GOLDEN[:3], 2, axis=0)[[0, 1, 2, 3, 2, 3]].astype("float32")
    x = tf.Variable(points)
    with tf.GradientTape() as tape:
        loss = semi_hard_triplet_loss([0, 0, 0, 1, 1, 1], x, margin=0.5)
    assert np.isfinite(tape.gradient(loss, x).numpy()).all()
    collapsed = tf.Variable(np.full((6, 3), 0.57735, np.float32))
    with tf.GradientTape() as tape:
        loss = semi_hard_triplet_loss(CLASSES, collapsed)
    assert float(loss) == 0
    np.testing.assert_array_equal(tape.gradient(loss, collapsed).numpy(), 0)


def test_a_batch_without_triplets_is_refused_where_labels_are_known_and_costs_nothing_in_a_graph():
    with pytest.raises(ValueError, match="at least two identities, got one"):
        semi_hard_triplet_loss(np.zeros(6, int), GOLDEN)
    with pytest.raises(ValueError, match="an identity twice, got none"):
        mined_triplets(np.arange(6), GOLDEN)
    assert float(tf.function(semi_hard_triplet_loss)(tf.range(6), tf.constant(GOLDEN))) == 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"labels must be one identity an embedding.*got shape \(5,\)"):
        semi_hard_triplet_loss(CLASSES[:5], GOLDEN)
    with pytest.raises(ValueError, match=r"embeddings must be float \(n, size\), got float64 of shape \(6,\)"):
        semi_hard_triplet_loss(CLASSES, ANGLES)
    with pytest.raises(ValueError, match="margin must be finite and above 0, got 0"):
        semi_hard_triplet_loss(CLASSES, GOLDEN, margin=0)


def arcface_by_angles(labels, cosines, margin, scale):
    """The loss of each row from its angles, one class after another."""
    losses = []
    for label, row in zip(labels, cosines, strict=True):
        logits = scale * row
        angle = np.arccos(row[label])
        past = angle + margin > np.pi
        logits[label] = scale * (row[label] - margin * np.sin(margin) if past else np.cos(angle + margin))
        losses.append(np.log(np.sum(np.exp(logits - logits[label]))))
    return np.mean(losses)


def cosines_of(seed, n=12, classes=5, low=-1.0):
    random = np.random.default_rng(seed)
    return random.integers(0, classes, n), random.uniform(low, 1, (n, classes))


def gradient_of(function, value):
    x = tf.Variable(value)
    with tf.GradientTape() as tape:
        loss = function(x)
    return tape.gradient(loss, x).numpy()


def differences_of(function, value, step=1e-6):
    gradient = np.zeros_like(value)
    for place in np.ndindex(value.shape):
        change = np.zeros_like(value)
        change[place] = step
        gradient[place] = (float(function(value + change)) - float(function(value - change))) / (2 * step)
    return gradient


def test_an_own_class_60_degrees_away_counts_as_90_with_a_margin_of_30():
    # cos 90 = 0 is the other class's cosine, too: even chances, whatever the scale
    for scale in (1, 64):
        loss = arcface_loss([0, 1], [[0.5, 0.0], [0.0, 0.5]], margin=np.pi / 6, scale=scale)
        assert float(loss) == pytest.approx(np.log(2), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("margin", "scale"), [(0.5, 64), (0.2, 8), (1.2, 3)])
def test_arcface_is_what_its_angles_give_one_by_one(seed, margin, scale):
    labels, cosines = cosines_of(seed)
    cosines[np.arange(3), labels[:3]] = [
        -0.99,
        -0.9,
        -0.5,
    ]  # past pi - m with each, with some and with the largest margin
    expected = arcface_by_angles(labels, cosines.copy(), margin, scale)
    assert float(arcface_loss(labels, cosines, margin=margin, scale=scale)) == pytest.approx(expected, rel=1e-12)
    column = tf.constant(labels[:, None], tf.float32)  # as Keras passes labels on
    assert float(arcface_loss(column, cosines, margin=margin, scale=scale)) == pytest.approx(expected, rel=1e-12)


def test_without_margin_it_is_the_softmax_loss_of_scaled_cosines():
    labels, cosines = cosines_of(4)
    cosines[0, labels[0]], cosines[1, labels[1]] = 1, -1
    softmax = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, 16 * cosines)
    assert float(arcface_loss(labels, cosines, margin=0, scale=16)) == pytest.approx(float(softmax), rel=1e-6)


@pytest.mark.parametrize("margin", [0.3, 0.5, 1.2])
def test_the_larger_the_angle_to_the_own_class_the_larger_the_loss_also_past_pi(margin):
    own = np.cos(np.linspace(0, np.pi, 40))
    losses = [float(arcface_loss([0], [[cosine, 0.1]], margin=margin, scale=4)) for cosine in own]
    assert (np.diff(losses) > 0).all()


def test_arcface_has_the_gradient_of_small_differences_also_past_pi():
    labels, cosines = cosines_of(5, low=-0.8)
    cosines[0, labels[0]] = -0.95
    assert np.arccos(cosines[0, labels[0]]) + 0.5 > np.pi
    loss = partial(arcface_loss, labels, scale=8)
    np.testing.assert_allclose(gradient_of(loss, cosines), differences_of(loss, cosines), atol=1e-7)


def test_through_the_layer_the_gradient_of_embeddings_and_centres_is_that_of_small_differences():
    random = np.random.default_rng(6)
    embeddings, centres, labels = random.normal(size=(4, 3)), random.normal(size=(5, 3)), np.array([0, 4, 2, 2])
    layer = ArcFace(5, 3, scale=6)
    layer.centres = tf.Variable(centres)  # in float64

    def of_embeddings(values):
        layer.centres.assign(centres)
        return layer.call(labels, values)

    def of_centres(values):
        layer.centres.assign(values)
        return layer.call(labels, embeddings)

    np.testing.assert_allclose(
        gradient_of(of_embeddings, embeddings), differences_of(of_embeddings, embeddings), atol=1e-7
    )
    layer.centres.assign(centres)
    with tf.GradientTape() as tape:
        loss = layer.call(labels, embeddings)
    gradient = tape.gradient(loss, layer.centres).numpy()
    np.testing.assert_allclose(gradient, differences_of(of_centres, centres), atol=1e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_are_finite_at_both_ends_and_just_beyond(dtype):
    ends = np.array([1, -1, 1 + 1e-3, -1 - 1e-3, np.nextafter(np.array(1, dtype), 0), -0.5], dtype)
    cosines = np.stack([ends, np.zeros(6, dtype)], axis=1)
    for margin in (0, 0.5):
        loss = partial(arcface_loss, np.zeros(6, int), margin=margin)
        assert np.isfinite(gradient_of(loss, cosines)).all()
        compiled = tf.function(lambda x, loss=loss: loss(x), jit_compile=True)  # without TensorFlow's own 0 * inf = 0
        assert np.isfinite(gradient_of(compiled, cosines)).all()
    exact = arcface_loss([0], np.array([[1, 0]], dtype), margin=0.5, scale=1)
    assert float(exact) == pytest.approx(np.log(1 + np.exp(-np.cos(0.5))), rel=2e-3 if dtype == "float16" else 1e-6)


def test_an_embedding_that_is_its_own_centre_and_one_of_zeros_have_finite_gradients():
    layer = ArcFace(2, 3)
    layer.centres.assign(np.eye(3)[:2])
    embeddings = np.array([[2, 0, 0], [-1, 0, 0], [0, 0, 0]], np.float32)
    assert np.isfinite(gradient_of(lambda x: layer(np.array([0, 0, 1]), x), embeddings)).all()
    np.testing.assert_allclose(layer.cosines(embeddings), [[1, 0], [-1, 0], [0, 0]], atol=1e-7)


def test_a_network_and_the_centres_learn_by_arcface():
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), 16)
    images = (random.normal(size=(6, 8))[labels] + 0.2 * random.normal(size=(96, 8))).astype("float32")
    inputs = keras.Input((8,))
    model = keras.Model(inputs, keras.layers.Dense(5)(inputs))
    loss = ArcFace(6, 5, scale=16)
    before, centres = float(loss(labels, model(images))), loss.centres.numpy()
    fit_embeddings(model, images, labels, loss=loss, steps=60, identities=6, images_each=4, peak=0.05)
    assert float(loss(labels, model(images))) < before / 4
    assert np.abs(loss.centres.numpy() - centres).max() > 0.1
    assert (loss.cosines(model(images)).numpy().argmax(axis=1) == labels).mean() > 0.95


def test_the_first_centres_depend_on_the_seed_alone():
    first, again, other = (ArcFace(4, 3, seed=seed).centres.numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_does_not_fit_arcface_is_refused():
    labels, cosines = cosines_of(0)
    with pytest.raises(
        ValueError, match=r"labels must be one identity an embedding.*shape \(3,\) for cosines \(12, 5\)"
    ):
        arcface_loss(labels[:3], cosines)
    with pytest.raises(ValueError, match=r"cosines must be float \(n, classes\), got float64 of shape \(12,\)"):
        arcface_loss(labels, cosines[:, 0])
    for wrong in (5, -1, 1.5, np.nan):
        with pytest.raises(ValueError, match=rf"labels must be whole numbers 0\.\.4, .* got {wrong}"):
            arcface_loss([wrong] * 12, cosines)
    with pytest.raises(ValueError, match=r"cosines must lie in -1..1, got -?[2-9].*are they logits"):
        arcface_loss(labels, 9 * cosines)
    with pytest.raises(ValueError, match=r"cosines must lie in -1..1, got nan"):
        arcface_loss(labels, np.nan * cosines)
    with pytest.raises(ValueError, match=r"cosines must lie in -1..1, got none"):
        arcface_loss(labels[:0], cosines[:0])
    for margin in (-0.1, 1.6, np.nan):
        with pytest.raises(ValueError, match="margin must be an angle of at least 0 and below pi / 2, got"):
            arcface_loss(labels, cosines, margin=margin)
    with pytest.raises(ValueError, match="scale must be finite and above 0, got 0"):
        arcface_loss(labels, cosines, scale=0)
    with pytest.raises(ValueError, match="classes must be at least 1, got 0"):
        ArcFace(0, 3)
    with pytest.raises(TypeError, match="embedding_size must be a whole number"):
        ArcFace(2, 3.0)
    with pytest.raises(ValueError, match="margin must be an angle"):
        ArcFace(2, 3, margin=2)
