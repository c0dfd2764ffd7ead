import keras
import numpy as np
import pytest
from keras import layers
from matplotlib.colors import to_rgba

from deepmedia import figures
from deepmedia.cnn.inception import inception_module, module_8, naive_module, reduction_module
from deepmedia.lessons.cnn.inception.figures import branches, plot_fields, plot_modules, plot_windows, ways_through


def module_of(build, shape=(14, 14, 32), **options):
    inputs = keras.Input(shape)
    return keras.Model(inputs, build(inputs, name="m", **options))


@pytest.fixture(scope="module")
def naive():
    return module_of(naive_module, ones=8, threes=16, fives=4)


@pytest.fixture(scope="module")
def factorised():
    return module_of(inception_module, ones=8, threes=(12, 16), double_threes=(6, 10), pooled=5)


def test_branches_are_found_in_order_from_the_input(factorised):
    found = [[layer.name for layer in way] for way in branches(factorised)]
    assert found == [
        ["m_ones_1_conv"],
        ["m_threes_1_conv", "m_threes_2_conv"],
        ["m_double_threes_1_conv", "m_double_threes_2_conv", "m_double_threes_3_conv"],
        ["m_pool", "m_pooled_conv"],
    ]


def test_a_branch_that_forks_is_refused():
    with pytest.raises(ValueError, match="branches that don't fork, got m_threes_fork with 2 inputs"):
        branches(module_of(module_8, (8, 8, 4)))


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_the_boxes_say_kernels_filters_and_kinds_of_pooling(naive, factorised):
    left, right = plot_modules({"naive": naive, "factorised": factorised}).axes
    assert texts(left)[:2] == ["input: 32 maps", "output: 60 maps"]  # 8 + 16 + 4 + 32
    assert texts(left)[2:] == ["1 × 1\n8 filters", "3 × 3\n16 filters", "5 × 5\n4 filters", "3 × 3\nmaximum"]
    assert texts(right)[2:5] == ["1 × 1\n8 filters", "1 × 1\n12 filters", "3 × 3\n16 filters"]
    assert texts(right)[-2:] == ["3 × 3\naverage", "1 × 1\n5 filters"]


def test_one_by_one_convolutions_that_share_a_branch_are_lighter(factorised):
    (axis,) = plot_modules({"factorised": factorised}).axes
    colours = {name: to_rgba(figures.COLOURS[name]) for name in ("blue", "sky", "orange")}
    found = [patch.get_facecolor() for patch in axis.patches][2:]  # after input and output
    expected = ["blue", "sky", "blue", "sky", "blue", "blue", "orange", "sky"]  # ones; threes; double threes; pooling
    assert found == [colours[name] for name in expected]


def test_strides_are_named():
    (axis,) = plot_modules({"reduction": module_of(reduction_module, threes=8, double_threes=(4, 6))}).axes
    assert "3 × 3, /2\n8 filters" in texts(axis)
    assert "3 × 3, /2\nmaximum" in texts(axis)


def test_the_title_holds_the_cost_counted_by_hand(naive):
    (axis,) = plot_modules({"naive": naive}).axes
    # 14·14·32·(8 + 9·16 + 25·4) = 1,580,544
    assert axis.get_title() == "naive\n2 million multiply-adds"


@pytest.mark.parametrize("kernels", [[(3, 3), (3, 3)], [(1, 7), (7, 1)], [(5, 5)], [(3, 1), (3, 3), (1, 5)]])
def test_ways_are_the_outputs_of_convolutions_of_ones(kernels):
    inputs = keras.Input((15, 15, 1))
    x = inputs
    for size in kernels:
        x = layers.Conv2D(1, size, padding="same", use_bias=False, kernel_initializer="ones")(x)
    impulses = np.zeros((15 * 15, 15, 15, 1), dtype="float32")
    impulses.reshape(225, 225)[np.arange(225), np.arange(225)] = 1  # one pixel lit in each
    counts = np.array(keras.Model(inputs, x)(impulses))[:, 7, 7, 0].reshape(15, 15)
    rows, columns = np.nonzero(counts)
    window = counts[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    np.testing.assert_array_equal(ways_through(kernels), window)


def test_the_fields_show_ways_and_weights():
    axis, other = plot_fields({"one": [(5, 5)], "two": [(1, 3), (3, 1)]}).axes
    assert axis.get_title() == "one\n25 weights"
    assert other.get_title() == "two\n6 weights"
    assert texts(other) == ["1"] * 9


def test_windows_show_the_pixels_around_the_place():
    image = np.arange(7 * 9, dtype=np.uint8).reshape(7, 9)
    whole, one, three = plot_windows(image, (3, 4), (1, 3)).axes
    np.testing.assert_array_equal(one.images[0].get_array(), [[31]])
    np.testing.assert_array_equal(three.images[0].get_array(), [[21, 22, 23], [30, 31, 32], [39, 40, 41]])
    assert [patch.get_bbox().bounds for patch in whole.patches] == [(3.5, 2.5, 1, 1), (2.5, 1.5, 3, 3)]


@pytest.mark.parametrize("place", [(0, 4), (6, 4), (3, 0), (3, 8)])
def test_a_window_over_the_border_is_refused(place):
    with pytest.raises(ValueError, match=r"must fit around .* in an image of \(7, 9\), got 3"):
        plot_windows(np.zeros((7, 9), dtype=np.uint8), place, (3,))


@pytest.mark.parametrize(("side", "near"), [(4, 5), (2, 3), (0, 1), (-1, 1)])
def test_a_window_without_a_middle_pixel_is_refused_before_a_figure_is_made(monkeypatch, side, near):
    monkeypatch.setattr(figures, "new_figure", lambda **options: pytest.fail("a figure was made"))
    with pytest.raises(ValueError, match=f"sides must be odd and positive, got {side}; take {near}"):
        plot_windows(np.zeros((9, 9), dtype=np.uint8), (4, 4), (1, side))
