import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.lessons.cnn.looking_inside.figures import plot_covering, show_kernels, show_rows, show_signed


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_zero_is_white_red_is_positive_and_the_scale_is_symmetric():
    _, axis = plt.subplots()
    show_signed(axis, [[-1, 0], [0, 3]])
    picture = axis.images[0]
    assert picture.get_clim() == (-3, 3)
    red, green, blue, _ = picture.cmap(picture.norm([0, 3, -3])).T
    assert red[0] > 0.95
    assert green[0] > 0.95
    assert blue[0] > 0.95
    assert red[1] > 2 * blue[1]
    assert blue[2] > 2 * red[2]


def test_a_map_of_zeros_is_white_without_a_warning():
    _, axis = plt.subplots()
    show_signed(axis, np.zeros((2, 2)))
    assert axis.images[0].get_clim() == (-1, 1)


def test_rows_hold_each_image_above_its_maps_with_its_box():
    random = np.random.default_rng(0)
    images, maps = random.uniform(size=(3, 8, 8, 1)), random.normal(size=(3, 2, 2))
    boxes = np.array([[0, 0, 4, 4], [1, 2, 7, 6], [4, 4, 8, 8]])
    figure = show_rows(images, {"map": maps, "map twice": 2 * maps}, boxes, titles=["a", "b", "c"])
    axes = np.array(figure.axes).reshape(3, 3)
    assert [axis.get_title() for axis in axes[0]] == ["a", "b", "c"]
    for column in range(3):
        np.testing.assert_allclose(axes[0, column].images[0].get_array(), images[column, ..., 0])
        for row, scale in ((1, 1), (2, 2)):
            np.testing.assert_allclose(axes[row, column].images[0].get_array(), scale * maps[column])
            assert tuple(axes[row, column].images[0].get_extent()) == (-0.5, 7.5, 7.5, -0.5)
        for axis in axes[:, column]:
            (frame,) = axis.patches
            x_min, y_min, x_max, y_max = boxes[column]
            assert frame.get_xy() == (x_min - 0.5, y_min - 0.5)
            assert (frame.get_width(), frame.get_height()) == (x_max - x_min, y_max - y_min)
    assert [axes[row, 0].texts[0].get_text() for row in range(3)] == ["image", "map", "map twice"]


def test_kernels_share_a_scale_and_stand_above_their_maps():
    random = np.random.default_rng(0)
    kernels, first, last = random.normal(size=(4, 5, 5)), random.uniform(size=(4, 6, 6)), random.uniform(size=(4, 3, 3))
    axes = np.array(show_kernels(random.uniform(size=(12, 12, 1)), kernels, first, last).axes).reshape(3, 5)
    for column in range(4):
        for row, stack in enumerate((kernels, first, last)):
            np.testing.assert_allclose(axes[row, column + 1].images[0].get_array(), stack[column])
        assert axes[0, column + 1].images[0].get_clim()[1] == np.abs(kernels).max()
        assert axes[2, column + 1].images[0].get_clim() == (0, last.max())


def test_curves_of_covering_carry_their_names_and_values():
    (axis,) = plot_covering({"map": [1, 0.5], "random": [1, 0.9]}, [0, 0.1]).axes
    np.testing.assert_allclose([line.get_ydata() for line in axis.lines], [[1, 0.5], [1, 0.9]])
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["map", "random"]


def test_no_curve_of_covering_is_left_out():
    curves = {name: [1, value] for value, name in enumerate("abcde")}
    (axis,) = plot_covering(curves, [0, 0.1]).axes
    assert [line.get_label() for line in axis.lines] == list("abcde")
