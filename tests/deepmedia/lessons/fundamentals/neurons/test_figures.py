import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from deepmedia import figures
from deepmedia.fundamentals import ReLU, Tanh
from deepmedia.lessons.fundamentals.neurons.figures import (
    CLASS_COLOURS,
    SHOWN,
    draw_units,
    plot_activations,
    plot_features,
)


@pytest.fixture
def axis():
    figure, axes = figures.new_figure()
    yield axes[0, 0]
    plt.close(figure)


def test_the_first_examples_of_each_class_are_points_under_their_name(axis):
    random = np.random.default_rng(0)
    features, labels = random.random((700, 2)), random.integers(0, 2, 700)
    plot_features(axis, features, labels, ("sneaker", "ankle boot"))
    assert [points.get_label() for points in axis.collections] == ["sneaker", "ankle boot"]
    for number, points in enumerate(axis.collections):
        np.testing.assert_allclose(points.get_offsets(), features[labels == number][:SHOWN])
        np.testing.assert_allclose(points.get_facecolor()[0, :3], to_rgb(CLASS_COLOURS[number]))
    assert axis.get_xlabel() == "brightness"


@pytest.mark.parametrize(
    "logits",
    [
        lambda x: 30 * (x[:, 1] - 0.6),  # of class 1: 0 at height 0.6
        lambda x: 30 * (x[:, 1:] - 0.6),
        lambda x: np.stack([np.full(len(x), 18.0), 30 * x[:, 1]], axis=1),  # of both: equal there
    ],
)
def test_the_boundary_lies_where_the_likeliest_class_changes(axis, logits):
    plot_features(axis, [[0.1, 0.1], [0.2, 0.9]], [0, 1], ("a", "b"), logits=logits)
    line = axis.collections[0].get_paths()[0]
    np.testing.assert_allclose(line.vertices[:, 1], 0.6, atol=0.006)
    background = axis.images[0]
    assert background.origin == "lower"  # the first row is height 0
    below, above = background.get_array()[0, 0], background.get_array()[-1, 0]
    np.testing.assert_allclose(below, 1 - 0.4 * (1 - np.array(to_rgb(CLASS_COLOURS[0]))), atol=1e-6)
    np.testing.assert_allclose(above, 1 - 0.4 * (1 - np.array(to_rgb(CLASS_COLOURS[1]))), atol=1e-4)


def test_a_classifier_with_one_answer_has_no_boundary(axis):
    plot_features(axis, [[0.1, 0.1]], [0], ("a",), logits=lambda x: np.full(len(x), -2.0))
    assert len(axis.collections) == 1  # the points


def test_each_activation_stands_in_a_panel_with_its_slope():
    figure = plot_activations({"tanh": Tanh(), "ReLU": ReLU()})
    tanh, relu, empty = figure.axes
    z, a = tanh.lines[0].get_data()
    np.testing.assert_allclose(a, np.tanh(z))
    np.testing.assert_allclose(tanh.lines[1].get_ydata(), np.cosh(z) ** -2)
    np.testing.assert_allclose(relu.lines[1].get_ydata(), z > 0)
    assert (tanh.get_title(), relu.get_title(), empty.axison) == ("tanh", "ReLU", False)
    plt.close(figure)


def test_a_drawn_unit_shows_its_weights_and_bias_and_the_network_all_its_arrows():
    unit, network = draw_units(("brightness", "height"), weights=(0, 20), bias=-11).axes
    words = [text.get_text() for text in unit.texts]
    assert [word for word in words if word] == ["0", "brightness", "20", "height", "Σ\n-11", "z"]
    arrows = [text for text in network.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 2 * 3 + 3 * 1 + 1  # each input to each unit, each unit to the last, and its score
