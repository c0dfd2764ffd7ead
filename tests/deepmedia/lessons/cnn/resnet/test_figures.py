import keras
import pytest
from keras import layers
from matplotlib import pyplot as plt

from deepmedia.cnn.resnet import bottleneck_block, preactivation_block, residual_block
from deepmedia.lessons.cnn.resnet.figures import BLOCKS, show_blocks

BUILDERS = {
    "plain": (residual_block, {"filters": 8, "shortcut": False}),
    "residual": (residual_block, {"filters": 8}),
    "pre-activation": (preactivation_block, {"filters": 8}),
    "bottleneck": (bottleneck_block, {"filters": 2}),
}


def step(layer):
    if isinstance(layer, layers.Conv2D):
        return f"conv {layer.kernel_size[0]}×{layer.kernel_size[1]}"
    return {layers.BatchNormalization: "BN", layers.ReLU: "ReLU", layers.Add: "+"}[type(layer)]


@pytest.mark.parametrize("name", BLOCKS)
def test_the_drawn_steps_are_those_of_the_code(name):
    build, options = BUILDERS[name]
    inputs = keras.Input((4, 4, 8))
    model = keras.Model(inputs, build(inputs, name="b", **options))
    assert tuple(step(layer) for layer in model.layers[1:]) == BLOCKS[name]


def test_a_column_has_all_steps_and_the_shortcut_ends_at_the_sum():
    figure = show_blocks()
    for axis, (name, steps) in zip(figure.axes, BLOCKS.items(), strict=True):
        texts = {text.get_position()[1]: text.get_text() for text in axis.texts if text.get_text()}
        assert axis.get_title() == name
        assert [texts[place] for place in sorted(texts)] == list(steps)
        ends = [line.get_ydata()[-1] for line in axis.lines]
        assert ends == ([steps.index("+")] if "+" in steps else [])
    plt.close(figure)
