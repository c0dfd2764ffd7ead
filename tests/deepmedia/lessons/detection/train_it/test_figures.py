import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia import figures
from deepmedia.detection.records import Detections, Truth
from deepmedia.detection.targets import yolo_targets
from deepmedia.lessons.detection.train_it import figures as drawn

SCENE = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
TRUTH = Truth([[10, 20, 80, 60], [50, 30, 62, 40]], [1, 0])
ANCHORS = [[[60, 40]], [[12, 10]]]
TARGETS = yolo_targets([TRUTH], ANCHORS, [(3, 3), (6, 6)], 96, 2)
FOUND = Detections([[10, 20, 80, 60], [0, 0, 9, 9], [50, 31, 62, 40]], [0.9, 0.8, 0.7], [1, 1, 1])
LOG = {name: [4.0, 2.0, 1.0] for name in ("loss", "position", "size", "object", "background", "classes", "rate")}
PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points

FIGURES = {
    "panels": lambda: drawn.show_panels([drawn.Panel(SCENE, TRUTH.boxes, "two", ("a", "b")), drawn.Panel(SCENE)]),
    "targets": lambda: drawn.show_targets(SCENE, TRUTH, TARGETS, ANCHORS, ("shirt", "coat")),
    "training": lambda: drawn.plot_training(LOG, {0: 0.0, 3: 0.5}),
    "curve": lambda: drawn.draw_precision_recall([True, False, True], 4),
    "kinds": lambda: drawn.plot_kinds({"hit": 9, "class": 3, "missed": 2}),
    "slopes": lambda: drawn.draw_slopes({"one": np.array([[0.7, -0.3], [0, 0.7]])}, (0, 1)),
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


def test_panels_have_their_frames_and_words():
    first, second = FIGURES["panels"]().axes
    assert frames(first) == [(9.5, 19.5, 70, 40), (49.5, 29.5, 12, 10)]
    assert [text.get_text() for text in first.texts] == ["a", "b"]
    assert frames(second) == []


def test_a_frame_too_small_to_be_seen_is_a_dot():
    (axis,) = drawn.show_panels([drawn.Panel(SCENE, [[20, 30, 20.5, 31], [0, 0, 9, 9]])]).axes
    np.testing.assert_allclose([line.get_xydata()[0] for line in axis.lines], [[19.75, 30]])


def test_cell_and_anchor_lie_where_they_are_answered():
    (axis,) = FIGURES["targets"]().axes
    cell, anchor, box = frames(axis)[:3]
    # The large box has its centre at (45, 40): column 1 and row 1 of cells of 32.
    assert cell == (31.5, 31.5, 32, 32)
    np.testing.assert_allclose(anchor, (45 - 30 - 0.5, 40 - 20 - 0.5, 60, 40), atol=1e-4)
    assert box == (9.5, 19.5, 70, 40)
    cell, anchor, box = frames(axis)[3:6]
    # The small one at (56, 35): column 3 and row 2 of cells of 16.
    assert cell == (47.5, 31.5, 16, 16)
    np.testing.assert_allclose(anchor, (56 - 6 - 0.5, 35 - 5 - 0.5, 12, 10), atol=1e-4)
    assert [text.get_text() for text in axis.texts] == ["coat", "shirt"]


def test_each_term_has_a_curve():
    above, below = FIGURES["training"]().axes
    assert [line.get_label() for line in above.lines] == ["position", "size", "object", "background", "classes"]
    np.testing.assert_allclose(below.lines[0].get_xydata(), [[0, 0], [3, 0.5]])


def test_the_stairs_are_the_best_precision_from_each_recall_on():
    (axis,) = FIGURES["curve"]().axes
    stairs = dict(axis.lines[0].get_xydata().round(6).tolist())
    # Points (1/4, 1), (1/4, 1/2), (2/4, 2/3).
    assert (stairs[0.25], stairs[0.26], stairs[0.5], stairs[0.51]) == pytest.approx((1, 2 / 3, 2 / 3, 0), abs=1e-6)
    points = np.concatenate([line.get_xydata() for line in axis.lines[1:]])
    np.testing.assert_allclose(points, [[0.25, 1], [0.25, 0.5], [0.5, 2 / 3]])


def test_a_mistake_is_framed_and_a_hit_is_not():
    panel = drawn.mistakes_panel(SCENE, TRUTH, FOUND, ("hit", "background", "class"), np.array([1]))
    np.testing.assert_array_equal(panel.boxes, [[0, 0, 9, 9], [50, 31, 62, 40], [50, 30, 62, 40]])
    assert panel.colours == ["orange", "blue", "black"]
    assert len(drawn.mistakes_panel(SCENE, TRUTH, FOUND, ("hit",) * 3, np.zeros(0, int)).boxes) == 0


def test_bars_have_the_colours_of_the_frames():
    (axis,) = FIGURES["kinds"]().axes
    assert [bar.get_width() for bar in axis.patches] == [9, 3, 2]
    colours = [plt.matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in axis.patches]
    assert colours == [figures.COLOURS[name].upper() for name in ("green", "blue", "black")]


def test_every_slope_is_written_into_its_cell():
    (axis,) = FIGURES["slopes"]().axes
    assert [text.get_text() for text in axis.texts] == ["+0.7", "-0.3", "0", "+0.7"]
