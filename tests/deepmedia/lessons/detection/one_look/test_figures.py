import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.detection.records import Detections
from deepmedia.lessons.detection.one_look import figures as drawn

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
NAMES = ("person", "bicycle", "car")
FOUND = Detections([[5, 10, 40, 50], [30, 20, 60, 45]], [0.75, 0.5], [2, 0])
FOUR = np.array([[0, 0, 4, 3], [1, 0, 5, 3], [7, 1, 10, 4], [0, 2, 4, 5]])
PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points

FIGURES = {
    "found": lambda: drawn.show_detections(PHOTO, FOUND, NAMES, "street"),
    "overlap": lambda: drawn.draw_overlap((0, 0, 4, 3), (2, 1, 5, 5)),
    "anchors": lambda: drawn.draw_anchors([[10, 20], [30, 40], [80, 50]], [[20, 30], [80, 50]], {1: 0.4, 2: 0.8}),
    "networks": drawn.draw_both_detectors,
    "decoding": lambda: drawn.show_decoding(PHOTO, (1, 2), 16, (20, 30), (10, 20, 40, 50)),
    "stages": lambda: drawn.show_stages(PHOTO, {"many": FOUND, "none": Detections([], [], [])}),
    "suppression": lambda: drawn.draw_suppression(FOUR, [0.9, 0.7, 0.8, 0.6], [range(4), [0, 2, 3]]),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def frames(axis):
    return [(*p.get_xy(), p.get_width(), p.get_height()) for p in axis.patches]


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_can_be_read_on_a_phone(name):
    figure = FIGURES[name]()
    figure.canvas.draw()
    words = [text for text in figure.findobj(plt.Text) if text.get_text() and text.get_visible()]
    assert words
    shrunk = PHONE / (figure.get_size_inches()[0] * 96)  # 96 pixels of CSS an inch
    for text in words:
        assert text.get_fontsize() * shrunk >= SMALLEST, text


def test_each_frame_has_the_name_of_its_class_and_the_score():
    (axis,) = FIGURES["found"]().axes
    assert frames(axis) == [(4.5, 9.5, 35, 40), (29.5, 19.5, 30, 25)]
    assert [text.get_text() for text in axis.texts] == ["car 0.75", "person 0.50"]


def test_intersection_and_union_are_filled():
    shared, united = FIGURES["overlap"]().axes
    assert frames(shared)[0] == (2, 1, 2, 2)
    assert frames(united)[:2] == [(0, 0, 4, 3), (2, 1, 3, 4)]


def test_the_cell_under_a_centre_is_coloured():
    (axis,) = drawn.show_grid(PHOTO[:, :60], 6, FOUND.boxes[:1], chosen=[0]).axes
    # The centre (22.5, 30) lies in column 2 and row 3 of cells of 10 pixels.
    assert frames(axis)[0] == (19.5, 29.5, 10, 10)
    np.testing.assert_allclose(axis.lines[-1].get_xydata(), [[22, 29.5]])
    assert len(axis.lines) == 2 * 5 + 1


def test_every_anchor_is_a_rectangle_from_the_origin():
    above, below = FIGURES["anchors"]().axes
    assert frames(above) == [(0, 0, 20, 30), (0, 0, 80, 50)]
    np.testing.assert_allclose(below.lines[0].get_xydata(), [[1, 0.4], [2, 0.8]])


def test_decoding_moves_the_anchor_and_then_stretches_it():
    axes = FIGURES["decoding"]().axes
    # The cell reaches from (16, 32) to (32, 48); the box's centre is (25, 35).
    assert [frames(axis)[0] for axis in axes] == [(15.5, 31.5, 16, 16)] * 3
    assert [frames(axis)[1] for axis in axes] == [(13.5, 24.5, 20, 30), (14.5, 19.5, 20, 30), (9.5, 19.5, 30, 30)]


def test_a_class_keeps_its_colour_from_stage_to_stage():
    one = Detections(FOUND.boxes[:1], FOUND.scores[:1], FOUND.class_ids[:1])
    first, second = drawn.show_stages(PHOTO, {"both": FOUND, "car": one}).axes
    assert first.patches[0].get_edgecolor() == second.patches[0].get_edgecolor() != first.patches[1].get_edgecolor()


def test_what_is_suppressed_is_not_drawn():
    before, after = FIGURES["suppression"]().axes
    assert len(frames(before)) == 4
    assert frames(after) == [(0, 0, 4, 3), (7, 1, 3, 3), (0, 2, 4, 3)]
    assert [text.get_text() for text in after.texts] == ["0.9", "0.8", "0.6"]


def test_both_networks_have_a_head_for_each_grid():
    tiny, full = FIGURES["networks"]().axes
    assert [sum("head\n" in text.get_text() for text in axis.texts) for axis in (tiny, full)] == [2, 3]
