import itertools
import re

import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from deepmedia.fundamentals import Value, draw_graph
from deepmedia.fundamentals.graph_drawing import BOX_HEIGHT, BOX_WIDTH, COLUMN, _free_bend, place_values


def neuron():
    x, w, b = Value(2.0, "x"), Value(-0.5, "w"), Value(1.5, "b")
    end = ((x * w + b).named("z").sigmoid() - 1) ** 2
    end.backward()
    return end.named("loss")


def tangle():
    """Values used several times, two steps apart and in one operation."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    square = (a * a).named("square")
    end = square * a + (square * b).exp() / (b + square) + (a + b) * (a - b)
    end.backward()
    return end


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_every_value_has_a_box_with_name_operation_number_and_gradient():
    end = neuron()
    figure = draw_graph(end)
    assert isinstance(figure, Figure)
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(boxes) == len(end.history()) == 9
    shown = texts(figure)
    # z = 2 * -0.5 + 1.5 = 0.5; p = 0.6225; dloss/dz = 2 (p - 1) p (1 - p) = -0.1774
    assert "z (+)\n0.5\ngradient -0.1774" in shown
    assert "w\n-0.5\ngradient -0.3549" in shown
    assert "×\n-1\ngradient -0.1774" in shown


def test_every_edge_has_its_slope():
    end = neuron()
    slopes = sorted(text for text in texts(draw_graph(end)) if re.fullmatch(r"[-.\d]+", text))
    edges = [slope for value in end.history() for slope in value.slopes]
    assert slopes == sorted(f"{slope:.3g}" for slope in edges)
    assert len(edges) == 8


def test_gradients_and_slopes_can_be_left_out():
    shown = texts(draw_graph(neuron(), gradients=False, slopes=False))
    assert "w\n-0.5" in shown
    assert len(shown) == 9
    assert not any("gradient" in text for text in shown)


@pytest.mark.parametrize("make", [neuron, tangle, lambda: Value(1.0, "alone")])
def test_boxes_never_overlap_and_arrows_run_to_the_right(make):
    places = place_values(make())
    for (x1, y1), (x2, y2) in itertools.combinations(places.values(), 2):
        assert abs(x1 - x2) > BOX_WIDTH or abs(y1 - y2) > BOX_HEIGHT
    for value, (x, _) in places.items():
        assert all(places[source][0] + BOX_WIDTH < x for source in value.inputs)


@pytest.mark.parametrize("make", [neuron, tangle])
def test_everything_drawn_lies_inside_the_picture_whatever_the_style(make):
    with rc_context({"figure.constrained_layout.use": True}):
        figure = draw_graph(make())
        FigureCanvasAgg(figure).draw()
    width, height = figure.bbox.width, figure.bbox.height
    for artist in [*figure.axes[0].texts, *figure.axes[0].patches]:
        box = artist.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1


@pytest.mark.parametrize("make", [neuron, tangle])
def test_no_slope_is_written_across_a_box_or_another_slope(make):
    axes = draw_graph(make()).axes[0]
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    middles = [text.get_position() for text in axes.texts if re.fullmatch(r"[-.\d]+", text.get_text())]
    assert len(middles) >= 8
    for x, y in middles:
        for box in boxes:
            across, down = (x - box.get_x()) / BOX_WIDTH, (y - box.get_y()) / BOX_HEIGHT
            assert not (0 <= across <= 1 and 0 <= down <= 1)
    for (x1, y1), (x2, y2) in itertools.combinations(middles, 2):
        assert abs(x1 - x2) + abs(y1 - y2) > 0.05


def test_an_arrow_bends_below_what_is_in_its_way_and_never_out_of_the_picture():
    first, middle, last = (0.0, 0.0), (COLUMN, 0.0), (2 * COLUMN, 0.0)
    start, stop = (BOX_WIDTH / 2, 0.0), (2 * COLUMN - BOX_WIDTH / 2, 0.0)
    ends = [first, last, (0.0, 5.0)]
    assert _free_bend(start, stop, ends, []) == 0
    below = _free_bend(start, stop, [*ends, middle], [])
    assert below > 0
    assert _free_bend(start, stop, [*ends, middle], [(start, stop, below)]) > below  # upwards would leave the picture
    assert _free_bend(start, stop, [*ends, middle, (COLUMN, 0.7)], []) == 1.5
