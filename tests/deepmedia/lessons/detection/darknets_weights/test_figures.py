import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.patches import Arc

from deepmedia.datasets import darknet_file
from deepmedia.detection.darknet_cfg import read_cfg
from deepmedia.lessons.detection.darknets_weights import figures as drawn

TINY = read_cfg(darknet_file("yolov3-tiny.cfg"))
FULL = read_cfg(darknet_file("yolov3.cfg")).at(416, 416)
PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points

FIGURES = {
    "layers": lambda: drawn.draw_layers({"tiny": TINY, "full": FULL}),
    "file": lambda: drawn.draw_file(TINY),
    "padding": drawn.draw_padding,
    "photographs": lambda: drawn.show_photographs({"one": PHOTO, "two": PHOTO, "three": PHOTO}, columns=2),
    "counts": lambda: drawn.draw_counts([0.1, 0.5, 0.9], {"dog": [40, 3, 0], "cat": [9, 1, 1]}, 0.5),
    "flicker": lambda: drawn.draw_flicker(
        {"1: cow": [0.9, 0.2, 0.7], "2: cow": [0.6, 0.6, 0.6]}, 0.5, {"frame 4": PHOTO, "frame 5": PHOTO}
    ),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_can_be_read_on_a_phone(name):
    figure = FIGURES[name]()
    figure.canvas.draw()
    words = [text for text in figure.findobj(plt.Text) if text.get_text() and text.get_visible()]
    assert words
    shrunk = PHONE / (figure.get_size_inches()[0] * 96)  # 96 pixels of CSS an inch
    for text in words:
        assert text.get_fontsize() * shrunk >= SMALLEST, text


def bars(axis):
    return [patch for patch in axis.patches if not isinstance(patch, Arc)]


def test_each_layer_has_a_bar_and_each_shortcut_an_arc():
    tiny, full = FIGURES["layers"]().axes
    assert [len(bars(axis)) for axis in (tiny, full)] == [24, 107]
    assert [sum(isinstance(patch, Arc) for patch in axis.patches) for axis in (tiny, full)] == [0, 23]
    assert [[text.get_text() for text in axis.texts if text.get_text()] for axis in (tiny, full)] == [
        ["13", "26"],
        ["13", "26", "52"],
    ]


def test_routes_lead_from_the_layer_that_gives_to_the_one_that_takes():
    # From the descriptions: 17 takes 13, 20 stacks 19 and 8; 83 takes 79, 86 stacks 85 and 61, 95 takes 91,
    # 98 stacks 97 and 36.
    ends = [
        [(round(line.get_ydata()[0] - 0.43), round(line.get_ydata()[-1] - 0.43)) for line in axis.lines]
        for axis in FIGURES["layers"]().axes
    ]
    assert ends == [[(13, 17), (8, 20)], [(79, 83), (61, 86), (91, 95), (36, 98)]]


def test_bars_shrink_as_the_maps_do():
    (axis,) = drawn.draw_layers({"tiny": TINY}).axes
    lengths = [bar.get_width() for bar in bars(axis)]
    # 416 pixels fill the width; after one pooling 208.
    np.testing.assert_allclose(lengths[:2], [1, np.log2(208) / np.log2(416)])
    assert bars(axis)[16].get_facecolor() == to_rgba(drawn.ORANGE)


def test_the_bytes_of_the_file_are_those_of_its_format():
    (axis,) = FIGURES["file"]().axes
    words = [text.get_text() for text in axis.texts]
    # 12 + 8 of header, four vectors of 16 floats, 16 * 3 * 9 floats.
    starts = [0, 12, 20, 84, 148, 212, 276, 276 + 4 * 432]
    assert [word for word in words if word.isdigit()] == [str(start) for start in starts]
    assert words.index("beta") < words.index("gamma") < words.index("mean") < words.index("variance")
    assert "16 × 3 × 3 × 3 floats" in words


def test_same_padding_looks_one_pixel_further():
    above, below = FIGURES["padding"]().axes
    middles = [[round(patch.get_x() + 0.5) for patch in axis.patches if patch.get_y() > 1] for axis in (above, below)]
    assert middles == [[0, 2, 4, 6], [1, 3, 5, 7]]
    assert [len(axis.lines) for axis in (above, below)] == [12, 12]


def test_curves_are_the_numbers_given():
    (axis,) = FIGURES["counts"]().axes
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), [40, 3, 0])
    *frames, axis = FIGURES["flicker"]().axes
    np.testing.assert_array_equal(axis.lines[1].get_ydata(), [0.6, 0.6, 0.6])
    assert [frame.get_title() for frame in frames] == ["frame 4", "frame 5"]


def test_photographs_stand_under_their_titles():
    axes = FIGURES["photographs"]().axes
    assert [axis.get_title() for axis in axes] == ["one", "two", "three", ""]
    np.testing.assert_array_equal(axes[2].images[0].get_array(), PHOTO)
