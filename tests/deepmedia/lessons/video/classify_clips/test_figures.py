import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.lessons.video.classify_clips import figures


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_strips_show_the_first_and_the_last_frame():
    clip = np.stack([np.full((8, 8, 3), 10 * number, np.uint8) for number in range(16)])
    figure = figures.show_strips([clip, clip[::-1]], ["forwards", "backwards"])
    shown = [int(axis.images[0].get_array()[0, 0, 0]) for axis in figure.axes]
    assert shown == [0, 50, 100, 150, 150, 100, 50, 0]
    assert figure.axes[0].get_title(loc="left") == "forwards"


def test_the_diagram_names_the_ways():
    axes = figures.draw_ways().axes
    assert [axis.get_title(loc="left") for axis in axes] == ["average", "deep bag of frames", "LSTM, GRU"]
    assert [[text.get_text() for text in axis.texts].count("layer") for axis in axes] == [0, 3, 0]


def test_each_run_is_a_dot_at_its_precision():
    values = {"a": {"garments": [0.2, 0.3], "motions": [0.5, 0.6]}, "b": {"garments": [0.4], "motions": [0.9]}}
    axis = figures.plot_precisions(values, chance=[0.2, 0.5]).axes[0]
    dots = [line.get_xydata().tolist() for line in axis.lines[:4]]
    assert dots == [[[0.2, 0], [0.3, 0]], [[0.4, 1]], [[0.5, 0], [0.6, 0]], [[0.9, 1]]]
    assert [line.get_xdata()[0] for line in axis.lines[4:]] == [0.2, 0.5]
