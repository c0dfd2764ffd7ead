import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.lessons.fundamentals.learning_from_data.experiment import run_bandit
from deepmedia.lessons.fundamentals.learning_from_data.figures import (
    plot_capacity,
    plot_few_labels,
    plot_shown,
    show_tasks,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def lines_of(axis):
    return {line.get_label(): line.get_xydata() for line in axis.get_lines()}


def test_the_curve_is_the_mean_and_the_band_the_range():
    figure = plot_few_labels({"a": [[0.2, 0.4], [0.5, 0.9]], "b": [[0.1, 0.1], [0.3, 0.3]]}, (1, 5), baseline=0.25)
    axis = figure.axes[0]
    lines = lines_of(axis)
    np.testing.assert_allclose(lines["a"], [[1, 0.3], [5, 0.7]])
    np.testing.assert_allclose(lines["b"], [[1, 0.1], [5, 0.3]])
    np.testing.assert_allclose(lines["baseline"][:, 1], 0.25)
    band = axis.collections[0].get_paths()[0].vertices
    assert {(1.0, 0.2), (1.0, 0.4), (5.0, 0.5), (5.0, 0.9)} <= {tuple(map(float, point)) for point in band}
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "5"]


def test_shown_pictures_are_averaged_over_shops_and_visitors():
    log = run_bandit([0.2, 0.7], 0.5, visitors=60, shops=4)
    lines = lines_of(plot_shown({"half": log}, 1, together=20).axes[0])
    by_hand = [np.mean(log.shown[:, start : start + 20] == 1) for start in (0, 20, 40)]
    np.testing.assert_allclose(lines["half"], np.transpose([[0, 20, 40], by_hand]))


def test_the_parts_of_the_error_add_up_to_the_dashed_sum():
    errors = {"training": [3.0, 1.0, 0.1], "validation": [4.0, 2.0, 5.0]}
    parts = {"bias": [3.5, 1.0, 0.5], "variance": [0.5, 1.0, 4.5]}
    figure = plot_capacity([1, 2, 4], errors, parts, best=1)
    left, right = figure.axes
    np.testing.assert_allclose(lines_of(left)["validation"], [[1, 4], [2, 2], [4, 5]])
    np.testing.assert_allclose(lines_of(right)["sum"][:, 1], [4, 2, 5])
    assert left.get_ylim() == right.get_ylim()
    for axis in (left, right):
        np.testing.assert_allclose(axis.get_lines()[-1].get_xydata(), [[2, 2]])  # the black dot
        assert axis.get_ylim()[0] < 0.1
        assert axis.get_ylim()[1] > 5


def test_eight_tasks_over_four_modalities_are_shown():
    pair = np.random.default_rng(0).random((2, 28, 28))
    figure = show_tasks(pair)
    titles = [axis.get_title().split("\n") for axis in figure.axes]
    assert {modality for modality, _ in titles} == {"image", "video", "sound", "text"}
    tasks = {"classification", "detection", "verification", "retrieval", "regression", "multi-label"}
    assert {task for _, task in titles} == tasks
    verification = figure.axes[[task for _, task in titles].index("verification")]
    shown = np.asarray(verification.images[0].get_array())
    np.testing.assert_array_equal(shown[:, :28], pair[0])
    np.testing.assert_array_equal(shown[:, -28:], pair[1])


def test_the_boxes_lie_around_what_darknet_found():
    axis = show_tasks(np.zeros((2, 8, 8))).axes[1]
    assert axis.get_xlabel() == "car, bicycle, dog"
    # The car of the reference: centre (0.74491, 0.20915), size (0.27902, 0.17121) of a photograph of 768 x 576 pixels.
    corner = ((0.74491 - 0.27902 / 2) * 768 - 0.5, (0.20915 - 0.17121 / 2) * 576 - 0.5)  # pixel 0 begins at -0.5
    assert axis.patches[0].get_xy() == pytest.approx(corner)
    assert axis.patches[0].get_width() == pytest.approx(0.27902 * 768)
    assert axis.patches[0].get_height() == pytest.approx(0.17121 * 576)


def test_retrieval_shows_the_query_first_and_only_half_a_garment_is_known():
    figure = show_tasks(np.zeros((2, 8, 8)))
    found = np.asarray(figure.axes[3].images[0].get_array())
    quarters = [found[:28, :28], found[:28, 28:], found[28:, :28], found[28:, 28:]]
    distances = [np.sum((quarter.astype(float) - quarters[0]) ** 2) for quarter in quarters]
    assert distances[0] == 0
    assert distances == sorted(distances)
    half = np.ma.filled(figure.axes[4].images[0].get_array(), np.nan)
    assert np.isfinite(half[:14]).all()
    assert np.isnan(half[14:]).all()
