import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.networks import facenet, small_facenet
from deepmedia.lessons.faces.facenet.experiment import (
    FACENET_STAGES,
    SMALL_STAGES,
    closeness,
    count_stages,
    hardest_triplet_loss,
    nearest_is_same,
    verification,
    without_last_normalisation,
)


@pytest.mark.parametrize(("build", "stages"), [(facenet, FACENET_STAGES), (small_facenet, SMALL_STAGES)])
def test_stages_hold_all_parameters(build, stages):
    model = build()
    found = count_stages(model, stages)
    assert sum(stage.parameters for stage in found) == model.count_params()
    assert found[-1].shape == model.output.shape[1:]


def test_facenets_stages_are_those_of_the_table():
    # reference: the counts of keras-facenet's layers, added up by hand from kernels and normalisation
    found = {stage.title: (stage.shape, stage.parameters) for stage in count_stages(facenet(), FACENET_STAGES)}
    assert found["5 × Block35"] == ((17, 17, 256), 5 * 77_632)
    assert found["10 × Block17"] == ((8, 8, 896), 10 * 690_560)
    assert found["6 × Block8"] == ((3, 3, 1792), 6 * 1_601_536)
    assert found["embedding"] == ((128,), 1792 * 128 + 3 * 128)


def test_hardest_loss_is_that_of_loops():
    random = np.random.default_rng(0)
    points = random.normal(size=(9, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    losses = []
    for a in range(9):
        distances = ((points[a] - points) ** 2).sum(axis=1)
        losses.append(max(0, distances[labels == labels[a]].max() - distances[labels != labels[a]].min() + 0.3))
    found = hardest_triplet_loss(tf.constant(labels), tf.constant(points), margin=0.3)
    assert float(found) == pytest.approx(np.mean(losses))


def test_in_one_point_the_hardest_loss_is_the_margin():
    assert float(hardest_triplet_loss(tf.constant([0, 0, 1, 1]), tf.ones((4, 3)) / 3**0.5)) == pytest.approx(0.2)


def test_hardest_loss_pushes_a_negative_away_and_pulls_a_positive():
    points = keras.Variable([[0.0, 0.0], [1.0, 0.0], [0.0, 0.5]])
    with tf.GradientTape() as tape:
        loss = hardest_triplet_loss(tf.constant([0, 0, 1]), points.value)
    gradient = np.array(tape.gradient(loss, points.value))
    assert gradient[1, 0] > 0  # a step down the slope moves the positive left, to its anchor
    assert gradient[2, 1] < 0  # and the negative up


def test_nearest_counts_by_hand():
    points = np.array([[0.0], [1.0], [1.8], [5.0], [5.1]])
    # nearest of each: 1, 2, 1, 4, 3
    assert nearest_is_same(points, [0, 0, 1, 2, 2]) == 3 / 5


def test_closeness_by_hand():
    # of one person: 3 apart; of two: 4 and 5
    assert closeness(np.array([[0.0, 0], [3, 0], [0, 4]]), [7, 7, 8]) == pytest.approx(3 / 4.5)


def test_verification_of_perfect_and_of_meaningless_embeddings():
    people = np.repeat(np.arange(40), 12)
    random = np.random.default_rng(0)
    assert verification(np.eye(40)[people], people).accuracy == 1
    assert verification(random.normal(size=(480, 8)), people).accuracy < 0.6


def test_only_the_last_normalisation_is_left_out():
    names = [layer.name for layer in small_facenet().layers]
    assert names[-1] == "Bottleneck_BatchNorm"
    assert [layer.name for layer in without_last_normalisation().layers] == names[:-1]
