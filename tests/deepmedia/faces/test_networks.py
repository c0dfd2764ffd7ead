import numpy as np
import pytest
import tensorflow as tf

from deepmedia.faces.networks import facenet, normalise, small_facenet


def test_facenet_has_the_counts_and_names_of_keras_facenet():
    model = facenet()
    assert model.input_shape == (None, 160, 160, 3)
    assert model.output_shape == (None, 128)
    assert model.count_params() == 22_808_144
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 22_779_312
    assert [layer.name for layer in model.layers[-4:]] == ["AvgPool", "Dropout", "Bottleneck", "Bottleneck_BatchNorm"]
    assert model.get_layer("Dropout").rate == pytest.approx(0.2)
    assert not model.get_layer("Bottleneck").use_bias
    last = model.get_layer("Bottleneck_BatchNorm")
    assert (last.scale, last.epsilon, last.momentum) == (False, 0.001, 0.995)
    assert [weight.name for weight in last.weights] == ["beta", "moving_mean", "moving_variance"]


def test_facenet_of_facenet_pytorch_has_its_count():
    assert facenet((75, 75, 3), embedding_size=512, gamma=True).count_params() == 23_512_224


def test_the_small_network_has_the_shapes_and_parameters_counted_by_hand():
    model = small_facenet()
    assert model.output_shape == (None, 64)
    sides = [model.get_layer(f"reduction{number}_relu").output.shape[1:] for number in (1, 2, 3, 4)]
    assert sides == [(32, 32, 24), (16, 16, 48), (8, 8, 96), (4, 4, 128)]
    reductions = sum(9 * before * after + 3 * after for before, after in ((3, 24), (24, 48), (48, 96), (96, 128)))

    def block(channels, filters):  # three 1x1, three 3x3, each with beta, mean and variance; 1x1 back, with bias
        convolutions = 3 * channels * filters + 3 * 9 * filters**2 + 6 * 3 * filters
        return convolutions + 3 * filters * channels + channels

    head = 4 * 4 * 128 * 64 + 3 * 64
    assert model.count_params() == reductions + block(48, 16) + block(96, 32) + head


def test_a_network_that_can_not_be_is_refused():
    with pytest.raises(ValueError, match=r"at least \(75, 75, channels\) for facenet"):
        facenet((74, 160, 3))
    with pytest.raises(ValueError, match="embedding_size must be at least 1, got 0"):
        facenet(embedding_size=0)
    with pytest.raises(ValueError, match=r"at least .* for small_facenet"):
        small_facenet((15, 64, 1))
    with pytest.raises(ValueError, match="embedding_size must be at least 1, got 0"):
        small_facenet(embedding_size=0)


def test_normalised_embeddings_have_length_one_and_zeros_stay_with_a_finite_gradient():
    x = tf.Variable([[3.0, 4.0], [0.0, 0.0], [-1e-3, 0.0]])
    with tf.GradientTape() as tape:
        unit = normalise(x)
    np.testing.assert_allclose(unit, [[0.6, 0.8], [0, 0], [-1, 0]], atol=1e-6)
    assert np.isfinite(tape.gradient(unit, x).numpy()).all()
