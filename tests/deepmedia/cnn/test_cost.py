import keras
import pytest
from keras import layers

from deepmedia.cnn.cost import convolution_cost, multiply_adds
from deepmedia.lessons.cnn.convolution.experiment import LocallyConnected


def test_a_convolution_costs_what_the_loops_count():
    count = 0
    for _place in range(4 * 5):
        for _filter in range(3):
            for _channel in range(2):
                for _row in range(1):
                    for _column in range(7):
                        count += 1
    assert convolution_cost(4 * 5, 2, 3, (1, 7)) == count


def test_a_network_costs_what_was_counted_by_hand():
    inputs = keras.Input((9, 14, 3))
    x = layers.Conv2D(4, (3, 5), strides=2, padding="valid")(inputs)  # 4x5 places
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(5, 1, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(7)(x))
    assert multiply_adds(model) == 4 * 5 * 3 * 5 * 3 * 4 + 4 * 5 * 4 * 5 + 5 * 7


def test_a_dense_layer_on_maps_is_paid_for_at_each_place():
    inputs = keras.Input((8, 8, 3))
    dense, ones = (keras.Model(inputs, layer(inputs)) for layer in (layers.Dense(4), layers.Conv2D(4, 1)))
    assert multiply_adds(dense) == multiply_adds(ones) == 8 * 8 * 3 * 4


def test_layers_without_weights_cost_nothing():
    inputs = keras.Input((8, 8, 3))
    x = keras.Sequential([layers.Rescaling(1 / 255), layers.RandomFlip()])(inputs)
    x = layers.Dropout(0.5)(layers.ReLU()(x))
    assert multiply_adds(keras.Model(inputs, layers.Add()([x, inputs]))) == 0


OTHER_KINDS = (
    layers.DepthwiseConv2D(3),
    layers.SeparableConv2D(4, 3),
    layers.Conv2D(4, 3, groups=2),
    layers.Conv2DTranspose(4, 3),
    LocallyConnected(4, 3),
    keras.Sequential([layers.Conv2D(4, 3)]),
)


@pytest.mark.parametrize("layer", OTHER_KINDS)
def test_other_kinds_of_layers_with_weights_are_refused_rather_than_miscounted(layer):
    inputs = keras.Input((9, 12, 4))
    message = rf"plain Conv2D and Dense layers only, got {layer.name} \({type(layer).__name__}\); count a model inside"
    with pytest.raises(ValueError, match=message):
        multiply_adds(keras.Model(inputs, layer(inputs)))


@pytest.mark.parametrize("layer", [layers.Conv2D(4, 3), layers.Dense(4)])
def test_an_open_size_is_refused(layer):
    inputs = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match=r"input of known size, got .* give keras\.Input a height and a width"):
        multiply_adds(keras.Model(inputs, layer(inputs)))


def test_a_network_that_does_not_know_its_input_yet_is_refused():
    with pytest.raises(ValueError, match=r"input of known size, got none in later; begin it with keras\.Input"):
        multiply_adds(keras.Sequential([layers.Conv2D(4, 3)], name="later"))
