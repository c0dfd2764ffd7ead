import keras
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

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


@pytest.mark.parametrize("titles", [np.array(["a", "b"]), ("a", "b"), iter("ab")])
def test_titles_come_in_any_list(titles):
    figure = figures.show_images(np.zeros((2, 3, 3)), titles, colours=np.array(["red", "black"]))
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]


def test_titles_may_be_numbers():
    figure = figures.show_images(np.zeros((2, 3, 3)), np.array([7, 0]))
    assert [axis.get_title() for axis in figure.axes] == ["7", "0"]


@pytest.mark.parametrize(("names", "count"), [("ab", 1), (["a", "b", "c"], 3), (np.array(["a"]), 1)])
@pytest.mark.parametrize("what", ["titles", "colours"])
def test_titles_or_colours_of_another_number_are_an_error(names, count, what):
    with pytest.raises(ValueError, match=f"{what} must be one for each of the 2 images, got {count}"):
        figures.show_images(np.zeros((2, 3, 3)), **{"titles": ["a", "b"]} | {what: names})


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0,), "none is left"),
        ((0, 28, 28), "none is left"),
        ((28, 28), r"got shape \(28, 28\); one image is images\[None\]"),
        ((28, 28, 1), r"look like one image .*give images\[None\]"),
        ((20, 30, 3), r"look like one image .*give images\[None\]"),
        ((2, 28, 28, 2), r"got shape \(2, 28, 28, 2\)$"),
        ((), r"got shape \(\)$"),
    ],
)
def test_what_is_no_stack_of_images_is_refused_in_words(shape, message):
    with pytest.raises(ValueError, match=message):
        figures.show_images(np.zeros(shape))


@pytest.mark.parametrize(("columns", "error"), [(0, ValueError), (2.5, TypeError)])
def test_columns_are_a_whole_number(columns, error):
    with pytest.raises(error, match="columns must be"):
        figures.show_images(np.zeros((2, 3, 3)), columns=columns)


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 28, 28, 1), (1, 28, 28, 3), (16, 3, 3), (16, 7, 1), (4, 9, 3, 1)])
def test_one_image_of_a_stack_and_small_kernels_are_shown(shape):
    figure = figures.show_images(np.zeros(shape))
    assert sum(len(axis.images) for axis in figure.axes) == shape[0]


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        (["loss"], [("loss", ["training"])]),
        (["loss", "accuracy"], [("loss", ["training"]), ("accuracy", ["training"])]),
        (["loss", "validation_loss"], [("loss", ["training", "validation"])]),
        (["loss", "val_loss", "accuracy"], [("loss", ["training", "validation"]), ("accuracy", ["training"])]),
    ],
)
def test_the_history_shows_what_was_measured(measured, shown):
    figure = figures.plot_history({name: [2.0, 1.0] for name in measured} | {"seconds": [1.0, 1.0]})
    found = [(axis.get_ylabel(), [line.get_label() for line in axis.lines]) for axis in figure.axes]
    assert found == shown


def test_a_history_without_curves_is_refused():
    with pytest.raises(ValueError, match="history must hold a loss or an accuracy, got seconds"):
        figures.plot_history({"seconds": [1.0]})
    with pytest.raises(TypeError, match=r"got History; of Keras: log\.history"):
        figures.plot_history(keras.callbacks.History())


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


def test_boxes_are_drawn_around_their_pixels_in_their_colours():
    _, axes = figures.new_figure()
    axes[0, 0].imshow(np.zeros((4, 6)))
    figures.draw_boxes(axes[0, 0], [[0, 0, 6, 4], [1, 2, 3, 3], [2.5, 0, 3, 1]], ("sky", "black"), linewidth=1.5)
    frames = axes[0, 0].patches
    assert [frame.get_bbox().bounds for frame in frames] == [(-0.5, -0.5, 6, 4), (0.5, 1.5, 2, 1), (2, -0.5, 0.5, 1)]
    assert [to_hex(frame.get_edgecolor()).upper() for frame in frames] == [
        figures.COLOURS[name] for name in ("sky", "black", "sky")
    ]
    assert [frame.get_fill() for frame in frames] == [False] * 3
    assert [frame.get_linewidth() for frame in frames] == [1.5] * 3
    with pytest.raises(ValueError, match=r"boxes must be \(n, 4\)"):
        figures.draw_boxes(axes[0, 0], [0, 0, 6, 4])
