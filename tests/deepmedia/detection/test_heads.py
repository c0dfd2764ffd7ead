import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.detection.heads import YOLOHead, anchors_of

ANCHORS = [[10, 14], [23, 27]]


def model(anchors=ANCHORS, channels=14):
    inputs = keras.Input((None, None, channels))
    return keras.Model(inputs, YOLOHead(anchors, name="head")(inputs))


def test_the_channels_of_a_cell_are_shared_anchor_by_anchor():
    x = np.arange(2 * 3 * 4 * 14, dtype="float32").reshape(2, 3, 4, 14)
    rows = model()(x).numpy()
    assert rows.shape == (2, 3, 4, 2, 7)
    np.testing.assert_array_equal(rows[1, 2, 3, 1], x[1, 2, 3, 7:])


def test_a_saved_model_knows_its_anchors(tmp_path):
    model().save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    np.testing.assert_array_equal(anchors_of(loaded), [ANCHORS])


def test_the_shape_is_known_before_it_is_computed():
    assert model().output.shape == (None, None, None, 2, 7)


def test_an_output_of_another_layer_has_no_anchors():
    inputs = keras.Input((4, 4, 14))
    other = layers.ReLU(name="other")(inputs)
    with pytest.raises(ValueError, match="must end in YOLOHead layers, these outputs don't: other"):
        anchors_of(keras.Model(inputs, [YOLOHead(ANCHORS)(inputs), other]))


@pytest.mark.parametrize("anchors", [[], [10, 14], [[10, 0]], [[10, np.nan]], [[1, 2, 3]]])
def test_anchors_that_are_none_are_refused(anchors):
    with pytest.raises(ValueError, match=r"anchors must be rows \(width, height\) above 0"):
        YOLOHead(anchors)


@pytest.mark.parametrize("channels", [13, 10])
def test_channels_that_the_anchors_cannot_share_are_refused(channels):
    with pytest.raises(ValueError, match=rf"2 anchors must get 2 · \(5 \+ classes\) channels .* got {channels}"):
        model(channels=channels)
