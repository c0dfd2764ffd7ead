import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia import figures
from deepmedia.cnn.first_network import small_cnn


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def relative_luminance(colour):
    """As WCAG 2.2 defines it."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


@pytest.mark.parametrize("name", ["blue", "orange", "green"])
def test_the_first_three_colours_stand_out_on_white(name):
    assert 1.05 / (relative_luminance(figures.COLOURS[name]) + 0.05) >= 3  # WCAG 2.2, 1.4.11


def test_images_are_shown_as_they_are_not_stretched():
    figure = figures.show_images(np.full((3, 4, 6), 100, np.uint8), columns=2)
    shown = [axis.images[0] for axis in figure.axes if axis.images]
    assert len(shown) == 3
    assert {image.get_clim() for image in shown} == {(0, 255)}
    assert figures.show_images(np.full((1, 4, 4), 0.4)).axes[0].images[0].get_clim() == (0, 1)


def test_each_image_has_its_title():
    figure = figures.show_images(np.zeros((2, 3, 3)), ["a", "b"], colours=["red", "black"])
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]
    assert [axis.title.get_color() for axis in figure.axes] == ["red", "black"]


def test_missing_titles_are_an_error():
    with pytest.raises(ValueError, match="one for each of the 2 images, got 1"):
        figures.show_images(np.zeros((2, 3, 3)), ["a"])


@pytest.mark.parametrize("held_out", ["val", "validation"])
def test_the_history_shows_training_and_validation(held_out):
    history = {"loss": [2.0, 1.0], "accuracy": [0.3, 0.6]}
    history |= {f"{held_out}_loss": [2.1, 1.2], f"{held_out}_accuracy": [0.2, 0.5]}
    figure = figures.plot_history(history)
    drawn = [list(line.get_ydata()) for axis in figure.axes for line in axis.lines]
    assert drawn == [[2.0, 1.0], [2.1, 1.2], [0.3, 0.6], [0.2, 0.5]]


def test_the_confusion_matrix_writes_each_count_in_its_cell():
    figure = figures.plot_confusion([[5, 1], [0, 7]], ["a", "b"])
    texts = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert texts == {(0, 0): "5", (1, 0): "1", (0, 1): "0", (1, 1): "7"}
    assert figure.axes[0].images[0].get_array().diagonal().tolist() == [0, 0]


def test_the_shapes_of_a_network_are_written_under_its_boxes():
    figure = figures.plot_shapes(small_cnn())
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[1::2] == [
        "28 × 28 × 1", "28 × 28 × 16", "14 × 14 × 16", "14 × 14 × 32", "7 × 7 × 32", "1568", "10",
    ]  # fmt: skip
    assert texts[0] == "images"


def test_one_image_is_shown_on_a_plot_with_its_whole_range():
    _, axes = figures.new_figure(columns=2)
    figures.show_on(axes[0, 0], np.full((3, 4, 1), 0.5), "grey")
    figures.show_on(axes[0, 1], np.zeros((3, 4, 3), np.uint8))
    assert axes[0, 0].images[0].get_array().shape == (3, 4)
    assert axes[0, 0].images[0].get_clim() == (0, 1)
    assert axes[0, 0].get_title() == "grey"
    assert axes[0, 1].images[0].get_array().shape == (3, 4, 3)


def test_the_pixels_of_a_part_are_written_where_they_are():
    image = np.arange(30, dtype=np.uint8).reshape(5, 6)
    figure = figures.show_pixels(image, rows=(1, 3), columns=(2, 5))
    whole, part = figure.axes
    texts = {text.get_position(): text.get_text() for text in part.texts}
    assert texts == {(0, 0): "8", (1, 0): "9", (2, 0): "10", (0, 1): "14", (1, 1): "15", (2, 1): "16"}
    assert whole.patches[0].get_bbox().bounds == (1.5, 0.5, 3, 2)  # around the pixels, not through them
