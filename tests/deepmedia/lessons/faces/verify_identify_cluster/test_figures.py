import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from deepmedia.faces.gallery import Match
from deepmedia.faces.protocol import lfw_report, roc
from deepmedia.faces.sheets import contact_sheet
from deepmedia.lessons.faces.verify_identify_cluster.experiment import DoorRates, GroupRates
from deepmedia.lessons.faces.verify_identify_cluster.figures import (
    BLUE,
    ORANGE,
    draw_folds,
    plot_distances,
    plot_door,
    plot_groups,
    plot_misalignment,
    plot_roc_curves,
    show_answers,
    show_clusters,
    show_pairs,
    show_sheet,
)

FACES = np.random.default_rng(0).random((9, 16, 16, 3), np.float32)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def colour(patch):
    return to_hex(patch.get_facecolor()).upper()


def test_bars_say_on_which_side_of_the_threshold_they_end():
    figure = show_pairs(FACES[:4].reshape(2, 2, 16, 16, 3), [0.5, 1.3], threshold=0.8)
    bars = [axis for axis in figure.axes if axis.patches]
    assert [(axis.patches[0].get_width(), colour(axis.patches[0])) for axis in bars] == [(0.5, BLUE), (1.3, ORANGE)]
    assert [axis.texts[0].get_text() for axis in bars] == ["0.50: one person", "1.30: two people"]


def test_each_round_judges_its_own_fold():
    boxes = draw_folds(4, (1, 3)).axes[0].patches
    assert [colour(box) == ORANGE for box in boxes] == [True, False, False, False, False, False, True, False]


def test_histograms_hold_all_pairs_of_each_kind():
    axis = plot_distances([0.1, 0.2, 1.5, 1.0, 0.3], [1, 1, 0, 0, 0], threshold=0.4).axes[0]
    one, two = axis.containers
    assert sum(bar.get_height() for bar in one) == 2
    assert sum(bar.get_height() for bar in two) == 3
    assert axis.lines[0].get_xdata()[0] == 0.4


def test_curves_leave_out_what_a_logarithm_has_not():
    curve = roc([0.1, 0.4, 0.2, 0.9], [True, True, False, False])
    axis = plot_roc_curves({"a": curve, "b": curve}).axes[0]
    np.testing.assert_allclose(axis.lines[0].get_xdata(), [0.5, 0.5, 1])
    np.testing.assert_allclose(axis.lines[0].get_ydata(), [0.5, 1, 1])
    assert [text.get_text() for text in axis.figure.legends[0].get_texts()] == ["a", "b"]


def test_unknown_faces_are_orange():
    matches = [Match("Ada", 0.25, "Ada"), Match("unknown", 1.5, "Ben")]
    axes = show_answers(FACES[:2], ["Ada", "Ben"], FACES[2:4], matches).axes
    assert [axis.get_title() for axis in axes] == ["Ada", "Ben", "Ada\n0.25", "unknown\n1.50"]
    assert [axis.title.get_color() for axis in axes[2:]] == [BLUE, ORANGE]


def test_a_door_has_two_curves_a_gallery():
    rates = DoorRates(np.array([0.5, 0.9]), np.array([0.5, 0.1]), np.array([0.1, 0.4]))
    axis = plot_door([0.2, 0.8], {5: rates, 50: rates}, mark=0.6).axes[0]
    assert [list(line.get_ydata()) for line in axis.lines[:2]] == [[0.5, 0.9], [0.1, 0.4]]
    assert axis.lines[2].get_label() == "named rightly, of 50"
    assert axis.lines[-1].get_xdata()[0] == 0.6


def test_who_is_not_the_person_of_a_group_has_a_frame():
    people, clusters = [1, 1, 2, 3, 3, 4, 5], [0, 0, 0, 1, 1, 2, 3]
    figure = show_clusters(FACES[:7], people, clusters, columns=3)
    framed = [bool([patch for patch in axis.patches if isinstance(patch, Rectangle)]) for axis in figure.axes]
    shown = [bool(axis.images) for axis in figure.axes]
    assert shown == [True, True, True, True, True, False, True, True, False]  # a group of 3, one of 2, two on their own
    assert framed == [False, False, True, False, False, False, False, False, False]


def test_a_sheet_is_shown_as_it_was_written(tmp_path):
    path = contact_sheet(tmp_path / "people.png", np.rint(255 * FACES).astype(np.uint8), list("abcdefghi"))
    shown = show_sheet(path).axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown, plt.imread(path)[..., :3])


def test_misalignment_has_a_plot_a_kind():
    random = np.random.default_rng(0)
    same = np.tile([True, False], 20)
    reports = [lfw_report(random.random(40) + ~same, same, folds=2) for _ in range(2)]
    figure = plot_misalignment({"shift": dict(zip((0, 4), reports, strict=True)), "turn": {0: reports[0]}})
    assert [axis.get_xlabel() for axis in figure.axes] == ["shift", "turn"]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [report.accuracy for report in reports])


def test_groups_show_both_errors_with_their_intervals():
    group = GroupRates(0.02, (0.01, 0.05), 0.1, (0.08, 0.2), 40)
    left, right = plot_groups({"all": group, "hat": group}).axes
    np.testing.assert_allclose(left.lines[0].get_xdata(), [0.02, 0.02])
    np.testing.assert_allclose(right.lines[0].get_xdata(), [0.1, 0.1])
    ends = right.collections[0].get_segments()[0][:, 0]
    np.testing.assert_allclose(ends, [0.08, 0.2])
    assert [label.get_text() for label in left.get_yticklabels()] == ["all", "hat"]
