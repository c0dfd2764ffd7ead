import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.losses import mined_triplets, semi_hard_triplet_loss

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
