import numpy as np
from matplotlib import pyplot as plt

from deepmedia.cnn.calibration import reliability
from deepmedia.lessons.cnn.classify_images.figures import plot_reliability


def test_the_diagram_shows_accuracy_confidence_and_counts_of_each_filled_bin():
    table = reliability([[0.6, 0.4], [0.9, 0.1], [0.9, 0.1], [0.95, 0.05]], [0, 0, 1, 1], bins=4)
    figure = plot_reliability({"one": table, "two": table})
    above, below = figure.axes[0], figure.axes[2]
    bars = [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in above.patches]
    np.testing.assert_allclose(bars, [(0.625, 1), (0.875, 1 / 3)])
    gaps = [segment[:, 1] for segment in above.collections[0].get_segments()]
    np.testing.assert_allclose(gaps, [(1, 0.6), (1 / 3, 2.75 / 3)])
    assert [bar.get_height() for bar in below.patches] == [1, 3]
    assert above.get_title() == f"one: error {0.25 * 0.4 + 0.75 * (2.75 - 1) / 3:.3f}"
    plt.close(figure)
