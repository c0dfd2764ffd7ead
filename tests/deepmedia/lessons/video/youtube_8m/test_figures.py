import numpy as np
from matplotlib import pyplot as plt

from deepmedia.lessons.video.youtube_8m import figures


def words(figure):
    return [text.get_text() for axis in figure.axes for text in axis.texts]


def test_the_drawings_name_what_they_show():
    for draw, expected in (
        (figures.draw_records, "mean_rgb: 1,024 floats"),
        (figures.draw_mixture, "p = g₁ s(e₁) + g₂ s(e₂)"),
        (figures.draw_workers, "sum of the gradients"),
    ):
        figure = draw()
        assert expected in words(figure)
        assert all(text.get_fontsize() >= 10 for text in figure.axes[0].texts)
        plt.close(figure)


def test_topics_are_drawn_from_the_most_frequent_on_without_those_of_no_video():
    figure = figures.draw_topic_counts([0, 3, 10, 1])
    x, y = figure.axes[0].lines[0].get_data()
    np.testing.assert_array_equal(x, [1, 2, 3])
    np.testing.assert_array_equal(y, [10, 3, 1])
    plt.close(figure)


def test_each_run_is_a_dot_and_the_mean_a_bar():
    figure = figures.draw_scores({"a": [{"GAP": 0.2}, {"GAP": 0.4}], "b": [{"GAP": 0.9}]}, ("GAP",))
    lines = [line.get_xdata() for line in figure.axes[0].lines]
    np.testing.assert_allclose(lines[0], [0.2, 0.4])
    np.testing.assert_allclose(lines[1], [0.3])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["a", "b"]
    plt.close(figure)
