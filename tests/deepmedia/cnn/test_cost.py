import keras
import pytest
from keras import layers

from deepmedia.cnn.cost import convolution_cost, multiply_adds


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


OTHER_KINDS = (layers.DepthwiseConv2D(3), layers.Conv2D(4, 3, groups=2), layers.Conv2DTranspose(4, 3))


@pytest.mark.parametrize("layer", OTHER_KINDS)
def test_other_kinds_of_convolution_are_refused_rather_than_miscounted(layer):
    inputs = keras.Input((9, 12, 4))
    with pytest.raises(ValueError, match=r"plain Conv2D and Dense layers only, got"):
        multiply_adds(keras.Model(inputs, layer(inputs)))


def test_an_open_size_is_refused():
    inputs = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="input of known size"):
        multiply_adds(keras.Model(inputs, layers.Conv2D(4, 3)(inputs)))
