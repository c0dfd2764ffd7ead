import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.first_network import small_cnn
from deepmedia.cnn.receptive_field import Window, extent, influence, receptive_field


def test_fields_and_steps_counted_by_hand():
    # 3; +1 pixel of stride 1; +2 steps of 2 pixels; +1 step of 2 pixels
    layers = [Window(3), Window(2, stride=2), Window(3), Window(2, stride=2)]
    assert receptive_field(layers) == [(3, 1), (4, 2), (8, 2), (10, 4)]
    # dilation 1, 2, 4: 3, + 2 * 2, + 2 * 4
    assert receptive_field([Window(3, dilation=d) for d in (1, 2, 4)]) == [(3, 1), (7, 1), (15, 1)]
    assert receptive_field([]) == []


@pytest.mark.parametrize(
    "layers",
    [
        [Window(3)] * 5,
        [Window(3, dilation=d) for d in (1, 2, 4)],
        [Window(5, stride=2), Window(3, dilation=2), Window(2, stride=2)],
    ],
)
def test_the_gradient_reaches_as_far_as_the_formula_says(layers):
    field, _ = receptive_field(layers)[-1]
    gradient = influence(layers, 61)
    assert extent(gradient) == (field, field)
    assert gradient.sum() == pytest.approx(1)


def test_influence_is_kerass_gradient():
    layers = [Window(3), Window(3, stride=2), Window(3)]
    stack = keras.Sequential([keras.Input((21, 21, 1))])
    for n, stride, dilation in layers:
        stack.add(keras.layers.Conv2D(1, n, stride, "same", dilation_rate=dilation, use_bias=False))
        stack.layers[-1].set_weights([np.full((n, n, 1, 1), 1 / n**2)])
    image = tf.zeros((1, 21, 21, 1))
    with tf.GradientTape() as tape:
        tape.watch(image)
        output = stack(image)[0, 5, 5, 0]
    expected = tape.gradient(output, image)[0, :, :, 0]
    np.testing.assert_allclose(influence(layers, 21), expected, atol=1e-6)


def test_an_untrained_networks_gradient_reaches_as_far_as_the_formula_says():
    keras.utils.set_random_seed(0)
    network = small_cnn()
    maps = keras.Model(network.input, network.get_layer("pool2").output)
    images = tf.random.stateless_uniform((64, 28, 28, 1), seed=(0, 0))
    with tf.GradientTape() as tape:
        tape.watch(images)
        output = tf.reduce_sum(maps(images)[:, 3, 3])
    gradient = np.abs(tape.gradient(output, images)).sum(axis=(0, 3))
    assert extent(gradient) == (10, 10)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Window(0), "size must be a whole number .*, got 0"),
        (Window(3, stride=0), "stride must be a whole number .*, got 0"),
        (Window(3, dilation=1.5), r"dilation must be a whole number .*, got 1\.5"),
        (Window(True), "size must be a whole number .*, got True"),
    ],
)
def test_impossible_layers_are_refused(layer, message):
    layers = [Window(3), layer]
    for use in (receptive_field, lambda layers: influence(layers, 21)):
        with pytest.raises(ValueError, match=rf"layers\[1\]\.{message}"):
            use(layers)


@pytest.mark.parametrize("side", [0, -3, 2.5])
def test_an_impossible_image_is_refused(side):
    with pytest.raises(ValueError, match=rf"side must be a whole number .*, got {side}"):
        influence([Window(3)], side)


def test_an_unconnected_output_is_refused():
    with pytest.raises(ValueError, match="gradient must not be 0 everywhere"):
        extent(np.zeros((3, 3)))
