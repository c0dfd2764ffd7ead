import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.faces.finding import Face
from deepmedia.lessons.faces.find_and_align import figures as drawn
from deepmedia.lessons.faces.find_and_align.cascade import Question, Rectangle, integral_image

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
FACE = Face(np.array([20.0, 10, 50, 40]), 55.0, np.array([[28.0, 22], [42, 23]]))
NO_EYES = Face(np.array([5.0, 5, 25, 25]), 54.0, None)
QUESTION = Question((Rectangle((2, 7, 18, 11), -1), Rectangle((2, 9, 18, 11), 2)), 0.01, (0, -1))
BOXES = np.array([[1.0, 2, 21, 22], [30, 30, 55, 55]])
PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points

FIGURES = {
    "goal": lambda: drawn.show_goal(PHOTO, FACE, PHOTO[:40, :40]),
    "questions": lambda: drawn.show_questions(PHOTO[:20, :20, 0], [QUESTION, QUESTION], [0.5, -0.25]),
    "integral": lambda: drawn.show_integral([[1, 2], [3, 4]], integral_image([[1, 2], [3, 4]]), (0, 0, 1, 2)),
    "stages": lambda: drawn.plot_stages(PHOTO, [500, 90, 8], {1: BOXES, 2: BOXES[:1]}),
    "found": lambda: drawn.show_found({"a": PHOTO, "b": PHOTO}, {"a": [FACE, NO_EYES], "b": []}),
    "steps": lambda: drawn.show_steps([[20, 30], [60, 60]], [[10, 20], [35, 20]]),
    "aligned": lambda: drawn.show_aligned([PHOTO[:40, :40]] * 3, [PHOTO[20:, 20:60]] * 3, ["x", "y", "z"]),
    "turns": lambda: drawn.plot_turns([-30, 0, 30], [0, 98, 5], 100),
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


def frames(axis):
    return [(*p.get_xy(), p.get_width(), p.get_height()) for p in axis.patches]


def test_the_goal_shows_box_eyes_and_where_the_eyes_should_be():
    whole, near, last = FIGURES["goal"]().axes
    assert frames(whole) == frames(near) == [(19.5, 9.5, 30, 30)]
    np.testing.assert_allclose(near.lines[0].get_xydata(), FACE.eyes - 0.5)
    assert near.get_xlim() == (19.5, 49.5)
    assert near.get_ylim() == (39.5, 9.5)
    assert last.lines[0].get_ydata()[0] == pytest.approx(0.4 * 40 - 0.5)
    assert [line.get_xdata()[0] for line in last.lines[1:]] == [pytest.approx(0.33 * 40 - 0.5), pytest.approx(26.3)]


def test_a_feature_is_drawn_over_the_window_with_its_value():
    _, first, second = FIGURES["questions"]().axes
    assert frames(first) == [(1.5, 6.5, 16, 4), (1.5, 8.5, 16, 2)]
    assert (first.get_title(), second.get_title()) == ("value +0.50", "value -0.25")


def test_the_four_corners_carry_their_signs():
    image, table = FIGURES["integral"]().axes
    assert frames(image) == [(-0.5, -0.5, 1, 2)]
    signs = {
        (round(t.get_position()[0] + 0.42), round(t.get_position()[1] + 0.4)): t.get_text() for t in table.texts[9:]
    }
    assert signs == {(1, 2): "+", (0, 0): "+", (1, 0): "−", (0, 2): "−"}
    assert [text.get_text() for text in table.texts[:9]] == ["0", "0", "0", "0", "1", "3", "0", "4", "10"]


def test_stages_show_their_counts_and_their_windows():
    bars, first, second = FIGURES["stages"]().axes
    assert [bar.get_height() for bar in bars.patches] == [500, 90, 8]
    assert len(first.patches) == 2
    assert frames(second) == [(0.5, 1.5, 20, 20)]
    assert second.get_title() == "after 2"


def test_found_faces_have_frames_and_only_eyes_that_exist():
    first, second = FIGURES["found"]().axes
    assert (first.get_title(), second.get_title()) == ("a: 2 found", "b: 0 found")
    assert frames(first) == [(19.5, 9.5, 30, 30), (4.5, 4.5, 20, 20)]
    assert len(first.lines) == 1
    assert not second.patches


def test_the_steps_end_at_the_goal():
    axes = FIGURES["steps"]().axes
    assert [axis.get_title(loc="left") for axis in axes[1:]] == [
        "1 turn by 37°",
        "2 scale by 0.5",
        "3 shift by (-7, +14)",
    ]
    points = [axis.lines[-1].get_xydata() for axis in axes]
    # e = (40, 30) has the length 50, and lies flat after the turn; half as long after the second step.
    np.testing.assert_allclose(points[1][1] - points[1][0], (50, 0), atol=1e-9)
    np.testing.assert_allclose(points[2][1] - points[2][0], (25, 0), atol=1e-9)
    np.testing.assert_allclose(points[3], [[10, 20], [35, 20]], atol=1e-9)
    np.testing.assert_allclose(axes[3].lines[1].get_xydata(), points[2])


def test_crops_stand_above_aligned_faces():
    axes = np.array(FIGURES["aligned"]().axes).reshape(2, 3)
    assert [axis.get_title() for axis in axes[0]] == ["x", "y", "z"]
    np.testing.assert_array_equal(axes[0, 1].images[0].get_array(), PHOTO[:40, :40])
    np.testing.assert_array_equal(axes[1, 2].images[0].get_array(), PHOTO[20:, 20:60])
    assert [text.get_text() for axis in axes[:, 0] for text in axis.texts] == ["box", "aligned"]


def test_turns_show_shares_with_their_intervals():
    (axis,) = FIGURES["turns"]().axes
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [[-30, 0], [0, 0.98], [30, 0.05]])
    band = np.asarray(axis.collections[0].get_paths()[0].vertices)
    # Wilson's interval of 98 in 100, by hand: (0.98 + 3.84 / 200 ± 1.96 sqrt(0.0196 / 100 + 3.84 / 40000)) / 1.0384
    at_zero = np.unique(band[band[:, 0] == 0][:, 1])
    np.testing.assert_allclose(at_zero, [0.930, 0.9945], atol=1e-3)
