import numpy as np
from matplotlib import pyplot as plt

from deepmedia.fundamentals import numerical_gradient
from deepmedia.lessons.fundamentals.backpropagation.figures import (
    START,
    draw_passes,
    plot_flow,
    plot_paths,
    valley_gradient,
    valley_loss,
)
from deepmedia.lessons.fundamentals.backpropagation.gradient_flow import Flow


def test_the_valley_matches_a_loss_counted_by_hand():
    # (16 + 50 * 1) / 2
    assert valley_loss(np.array([-4.0, 1.0])) == 33
    np.testing.assert_array_equal(valley_loss(np.zeros((3, 5, 2))), np.zeros((3, 5)))


def test_the_valleys_gradient_equals_central_differences():
    w = np.array([-1.3, 0.7])
    slopes = numerical_gradient(lambda: float(valley_loss(w)), w)
    np.testing.assert_allclose(valley_gradient(w), slopes, rtol=1e-8)


def test_the_flow_figure_has_a_column_for_each_activation_and_a_line_for_each_initialiser():
    flows = {
        activation: {
            name: Flow(scores=np.array([1.0, 2.0, 3.0]) * factor, gradients=np.array([0.1, 0.2, 0.3]) * factor)
            for name, factor in (("small", 1e-6), ("large", 1e6))
        }
        for activation in ("tanh", "ReLU")
    }
    figure = plot_flow(flows)
    scores, _, gradients, last = figure.axes
    assert (scores.get_title(), last.get_xlabel()) == ("tanh", "layer")
    np.testing.assert_allclose(scores.lines[1].get_data(), [[1, 2, 3], [1e6, 2e6, 3e6]])
    np.testing.assert_allclose(gradients.lines[0].get_ydata(), [1e-7, 2e-7, 3e-7])
    low, high = scores.get_ylim()
    assert low < 1e-6 < 3e6 < high
    assert scores.get_yscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["small", "large"]
    plt.close(figure)


def test_each_path_is_drawn_with_the_loss_at_its_end():
    path = np.array([START, (-2.0, 0.5), (-1.0, 0.0)])
    figure = plot_paths({"one": path, "two": path[:2]})
    first, second = figure.axes
    assert first.get_title() == "one: loss 5.0e-01"
    assert second.get_title() == "two: loss 8.2e+00"  # (4 + 50 / 4) / 2
    np.testing.assert_allclose(first.lines[0].get_xydata(), path)
    plt.close(figure)


def test_a_worked_network_shows_each_number_with_its_derivative():
    values = {"x": [1, 2], "W1": [[1, -1], [0.5, 3]], "a": [2, 5], "w2": [7, -2], "z": 4, "L": 9}
    gradients = {"W1": [[-11, 12], [-13, 14]], "a": [-15, 16], "w2": [-17, -18], "z": -19}
    figure = draw_passes(values, gradients)
    words = [text.get_text().strip() for text in figure.axes[0].texts]
    for k, j in ((0, 0), (1, 0), (0, 1), (1, 1)):  # beside each weight its own derivative
        place = words.index(f"{gradients['W1'][k][j]:g}")
        assert words[place - 1] == f"{values['W1'][k][j]:g}"
    assert words[words.index("a₂=5") + 1] == "16"
    assert words[words.index("z=4") + 1] == "-19"
    assert words[words.index("L=9") + 1] == "1"
    plt.close(figure)
