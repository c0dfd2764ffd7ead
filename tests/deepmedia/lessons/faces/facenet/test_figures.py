import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.offsetbox import AnnotationBbox

from deepmedia.lessons.faces.facenet.experiment import NetworkPart
from deepmedia.lessons.faces.facenet.figures import (
    PERSON_COLOURS,
    draw_idea,
    draw_kinds,
    draw_maps,
    draw_networks,
    draw_triplet,
    plot_logs,
    plot_settings,
)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def words(axis):
    return [text.get_text() for text in axis.texts]


def boxes(axis):
    return [artist for artist in axis.artists if isinstance(artist, AnnotationBbox)]


def test_each_face_stands_in_the_list_and_on_the_circle():
    axis = draw_idea(np.random.default_rng(0).random((6, 16, 16, 3), np.float32)).axes[0]
    assert len(boxes(axis)) == 12
    assert {"near", "far"} <= set(words(axis))


def test_after_the_step_the_negative_lies_outside_of_both_circles():
    before, after = draw_triplet().axes
    places = []
    for axis in (before, after):
        radii = sorted(circle.get_radius() for circle in axis.patches[:2])
        _, positive, negative = (np.hypot(*np.ravel(line.get_data())) for line in axis.lines)
        places.append((negative > radii[0], negative > radii[1], positive == pytest.approx(radii[0])))
    assert places == [(False, False, True), (True, True, True)]


def test_zones_begin_at_the_positive_and_the_margin():
    axis = draw_kinds(0.4, [0.2, 0.5, 0.9], 0.25).axes[0]
    edges = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axis.patches]
    np.testing.assert_allclose(edges, [(0, 0.4), (0.4, 0.65), (0.65, 1.1)])
    assert words(axis)[:3] == ["hard", "semi-hard", "easy"]
    assert sorted(float(line.get_xdata()[0]) for line in axis.lines[1:]) == [0, 0.2, 0.4, 0.5, 0.9]


def test_networks_say_their_sums():
    stages = [
        NetworkPart("Block1", (4, 4, 8), 1200),
        NetworkPart("average", (8,), 0),
        NetworkPart("embedding", (2,), 34),
    ]
    large, small = draw_networks(stages, stages[1:]).axes
    assert "1,234 parameters" in words(large)[0]
    assert "34 parameters" in words(small)[0]
    assert "4 × 4 × 8 · 1,200" in words(large)
    assert "8 · none" in words(large)


def test_a_map_keeps_distances_in_a_plane():
    # four points of a plane in three dimensions: turned, but as far from each other as before
    points = np.array([[0.0, 0, 3], [2, 0, 3], [2, 1, 3], [-1, 4, 3]])
    figure = draw_maps({"a": points, "b": points}, np.zeros((4, 16, 16, 3), np.float32), [7, 7, 9, 9])
    places = np.array([box.xy for box in boxes(figure.axes[0])])
    expected = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(places[:, None] - places[None], axis=-1), expected, atol=1e-9)
    colours = [box.patch.get_edgecolor() for box in boxes(figure.axes[0])]
    assert colours[0] == colours[1] != colours[2] == colours[3]


def test_six_people_have_six_colours():
    assert len(set(PERSON_COLOURS)) == 6


def test_logs_are_drawn_beside_the_margin():
    log = {"loss": [0.5, 0.2], "spread": [1.0, 0.1]}
    loss, spread = plot_logs({"one": log, "two": log}, margin=0.3).axes
    assert [line.get_label() for line in loss.lines] == ["one", "two", "margin"]
    assert list(loss.lines[-1].get_ydata()) == [0.3, 0.3]
    assert len(spread.lines) == 2


def test_settings_have_a_line_for_each_seed_and_one_scale():
    accuracies = {
        "margin": {"0.1": [0.8, 0.7], "0.2": [0.9, 0.95]},
        "size": {"8": [0.5, 0.6], "16": [0.7, 0.8], "64": [0.9, 0.9]},
    }
    margin, size = plot_settings(accuracies).axes
    np.testing.assert_allclose([line.get_ydata() for line in margin.lines], [[80, 90], [70, 95]])
    np.testing.assert_allclose([line.get_ydata() for line in size.lines], [[50, 70, 90], [60, 80, 90]])
    assert [label.get_text() for label in size.get_xticklabels()] == ["8", "16", "64"]
    assert margin.get_ylim() == size.get_ylim()
    assert margin.get_ylim()[0] < 50 < 95 < margin.get_ylim()[1]
