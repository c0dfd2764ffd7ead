import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.detection.records import Truth
from deepmedia.lessons.detection.your_own_objects import figures

PICTURE = np.full((40, 60, 3), 120, np.uint8)
TRUTH = Truth([[2, 2, 20, 22], [30, 5, 40, 12]], [0, 2])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def frames(axis):
    return [patch.get_bbox().extents.tolist() for patch in axis.patches]


def test_each_label_has_a_frame_in_the_colour_of_its_class():
    axis = figures.show_labels([PICTURE, PICTURE], [TRUTH, Truth([], [])], ["one", "none"]).axes[0]
    assert frames(axis) == [[1.5, 1.5, 19.5, 21.5], [29.5, 4.5, 39.5, 11.5]]
    assert axis.patches[0].get_edgecolor() != axis.patches[1].get_edgecolor()
    assert axis.get_title() == "one"


def test_anchors_are_drawn_over_the_sizes_of_each_class():
    figure = figures.draw_box_sizes([TRUTH], {"a": [[10, 20]], "b": [[5, 6], [7, 8]]}, ("x", "y", "z"))
    upper, lower = figure.axes
    assert upper.lines[0].get_xydata().tolist() == [[18, 20]]  # class 0
    assert upper.lines[2].get_xydata().tolist() == [[10, 7]]  # class 2
    assert [len(axis.patches) for axis in (upper, lower)] == [1, 2]


def test_suspects_are_cut_out_around_their_middle():
    figure = figures.show_suspects([(PICTURE, np.array([10, 10, 30, 20]), TRUTH)], margin=5)
    axis = figure.axes[0]
    assert axis.get_xlim() == (5, 35)  # the middle 20, half of the longer side 10, and 5 around it
    assert axis.get_ylim() == (30, 0)


def test_counts_lie_near_the_whole_numbers():
    counted, labelled = np.array([[3, 0], [5, 1]]), np.array([[4, 0], [5, 2]])
    axis = figures.draw_cell_counts(counted, labelled, ("x", "y")).axes[0]
    np.testing.assert_allclose(axis.lines[1].get_xydata(), [[4, 3], [5, 5]], atol=0.26)


def test_the_curve_goes_through_the_means():
    axis = figures.draw_learning_curve([25, 50], [[0.4], [0.5, 0.7]], "AP50").axes[0]
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [[25, 0.4], [50, 0.6]])


def test_the_network_is_drawn_with_all_its_stages():
    words = " ".join(text.get_text() for text in figures.draw_transfer().axes[0].texts)
    for part in ("stage 4", "stage 5", "stage 6", "40 × 52", "stays as it is"):
        assert part in words


PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points
FIGURES = {
    "labels": lambda: figures.show_labels([PICTURE], [TRUTH], ["one"]),
    "anchors": lambda: figures.draw_box_sizes([TRUTH], {"a": [[10, 20]]}, ("x", "y", "z")),
    "transfer": figures.draw_transfer,
    "counts": lambda: figures.draw_cell_counts(np.array([[3, 0]]), np.array([[4, 0]]), ("x", "y")),
    "curve": lambda: figures.draw_learning_curve([25, 50], [[0.4], [0.5, 0.7]], "AP50"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_can_be_read_on_a_phone(name):
    figure = FIGURES[name]()
    figure.canvas.draw()
    words = [text for text in figure.findobj(plt.Text) if text.get_text() and text.get_visible()]
    assert words
    for text in words:
        assert text.get_fontsize() * PHONE / (figure.get_size_inches()[0] * 96) >= SMALLEST, text
