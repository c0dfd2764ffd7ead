import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.lessons.video.recurrent_networks import figures as drawn
from deepmedia.lessons.video.recurrent_networks.experiment import lamp_clips

PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points
CLIP = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((8, 8, 3), np.uint8)
FRAMES, LABELS = lamp_clips(1, 20, np.random.default_rng(0))

FIGURES = {
    "both ways": lambda: drawn.show_both_ways(CLIP),
    "unrolled": drawn.draw_unrolled,
    "two steps": lambda: drawn.draw_two_steps([1.1, 0.8, 0.4, 0.38], [0.15, 0.43, 0.86, 1.0]),
    "lstm": drawn.draw_lstm_cell,
    "gru": drawn.draw_gru_cell,
    "reach": lambda: drawn.plot_reach({"LSTM": [1, 0.1], "RNN": [1, 0.01], "LSTM, open": [1, 0.9]}),
    "lamp": lambda: drawn.draw_lamp_clip(FRAMES[0]),
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


def test_the_second_row_is_the_first_backwards():
    axes = FIGURES["both ways"]().axes
    shown = [int(axis.images[0].get_array()[0, 0, 0]) for axis in axes]
    assert shown == [0, 1, 3, 4, 4, 3, 1, 0]


def test_two_steps_carry_their_values_and_derivatives():
    words = [text.get_text() for text in FIGURES["two steps"]().axes[0].texts]
    assert [word for word in words if word.replace(".", "").isdigit()] == [
        "1.10", "0.15", "0.80", "0.43", "0.40", "0.86", "0.38", "1.00",
    ]  # fmt: skip


def test_a_cell_has_a_box_for_each_of_its_layers():
    lstm, gru = (FIGURES[name]().axes[0] for name in ("lstm", "gru"))
    boxes = [[text.get_text().split("\n")[0] for text in axis.texts if "\n" in text.get_text()] for axis in (lstm, gru)]
    assert boxes == [["σ", "σ", "tanh", "σ"], ["σ", "σ", "tanh"]]


def test_an_open_network_has_the_colour_of_its_kind():
    lines = FIGURES["reach"]().axes[0].lines
    assert lines[0].get_color() == lines[2].get_color() != lines[1].get_color()
    assert [line.get_linestyle() for line in lines] == ["-", "-", "--"]
    np.testing.assert_allclose(lines[2].get_ydata(), [1, 0.9])


def test_the_lamp_stands_over_its_garment():
    axis = FIGURES["lamp"]().axes[0]
    garments, lamp = (dict(line.get_xydata().tolist()) for line in axis.lines[:2])
    ((when, row),) = lamp.items()
    assert row == 4
    assert garments[when] == LABELS[0]
    assert len(garments) == 20
