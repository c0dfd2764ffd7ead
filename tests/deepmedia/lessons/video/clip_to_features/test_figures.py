import numpy as np
import pytest
from matplotlib import pyplot as plt

from deepmedia.lessons.video.clip_to_features import figures as drawn
from deepmedia.video import fit_compression

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 36, 64, 3), np.uint8)
POINTS = np.random.default_rng(0).normal(size=(200, 2)) * (3, 0.8) @ [[0.8, 0.6], [-0.6, 0.8]]
PHONE, SMALLEST = 358, 9  # pixels of CSS for a figure on a phone of 390, points

FIGURES = {
    "sizes": lambda: drawn.plot_sizes({"all frames": 69e6, "one frame": 2.7e6, "128 numbers of 8 bits": 128}),
    "times": lambda: drawn.show_times(IMAGES, range(6), np.arange(132) / 25),
    "clips": lambda: drawn.show_clips([IMAGES, IMAGES], ["left, down, shrinking, clockwise"] * 2),
    "beside": lambda: drawn.show_side_by_side([IMAGES[0], IMAGES[1]], ["in the file", "as read"]),
    "whitening": lambda: drawn.show_whitening(POINTS, fit_compression(POINTS, components=2)),
    "levels": lambda: drawn.plot_levels(POINTS.astype(np.float32)),
    "sound": lambda: drawn.show_sound(np.ones((3, 128), np.float32), ["Game, 416 videos"] * 3),
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
    assert min(text.get_fontsize() for text in words) * min(shrunk, 1) >= SMALLEST - 0.01


def test_frames_of_a_row_are_spread_over_the_clip():
    figure = drawn.show_clips([IMAGES], ["up"], columns=3)
    shown = [axis.images[0].get_array() for axis in figure.axes]
    for image, number in zip(shown, (0, 2, 5), strict=True):
        np.testing.assert_array_equal(image, IMAGES[number])


def test_whitened_points_outside_the_levels_are_marked():
    compression = fit_compression(POINTS, components=2)
    _, right = drawn.show_whitening(POINTS, compression).axes
    inside, outside = (line.get_xydata() for line in right.lines)
    assert len(inside) + len(outside) == 200
    assert np.abs(inside).max() <= 2.0078126
    assert (np.abs(outside).max(axis=1) > 2.0078).all()
    assert len(outside) > 0


def test_bars_are_as_long_as_the_sizes_and_say_them():
    figure = drawn.plot_sizes({"a": 69_120_000, "b": 8192, "c": 128})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [69_120_000, 8192, 128]
    assert [text.get_text() for text in figure.axes[0].texts] == ["a: 69.1 MB", "b: 8.19 kB", "c: 128 bytes"]
