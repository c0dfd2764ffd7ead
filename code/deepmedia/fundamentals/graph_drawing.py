"""A picture of a computational graph: values in boxes, slopes on arrows."""

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from deepmedia.fundamentals.graph import Value

BOX_WIDTH, BOX_HEIGHT, COLUMN, ROW = 1.62, 0.75, 2.25, 1.1  # inches; COLUMN and ROW from box to box
ROOM = 0.3  # inches below the lowest box, for arrows
BENDS = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0, 1.5, -1.5)  # inches, tried in turn
SIGNS = {"*": "×", "-": "−", "/": "÷"}

Point = tuple[float, float]  # inches to the right and downwards from the middle of the first box
Arrow = tuple[Point, Point, float]  # start, stop, bend


def draw_graph(end: Value, *, gradients: bool = True, slopes: bool = True) -> Figure:
    """Draw how a value was made, from the given numbers on the left to ``end`` on the right.

    A box holds name and operation, the number and the gradient (0 before ``end.backward()``). An arrow carries the
    slope of the box it enters along the box it leaves. So the gradient in a box is the sum, over the arrows that
    leave it, of slope times gradient of the box entered: the chain rule.

    Args:
        end: The last value of the graph.
        gradients: Whether to write gradients.
        slopes: Whether to write slopes.

    Returns:
        A figure that belongs to no window: a notebook shows it as a cell's last line.
    """
    places = place_values(end)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + 0.1
    height = max(y for _, y in places.values()) + BOX_HEIGHT + ROOM + 0.1
    figure = Figure(figsize=(width, height))
    figure.set_layout_engine("none")  # boxes have their places; a style may ask for constrained layout
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-BOX_WIDTH / 2 - 0.05, width - BOX_WIDTH / 2 - 0.05)
    axes.set_ylim(height - BOX_HEIGHT / 2 - 0.05, -BOX_HEIGHT / 2 - 0.05)  # downwards
    drawn: list[Arrow] = []
    labels: list[Point] = []
    for value, place in places.items():
        for source, slope in zip(value.inputs, value.slopes, strict=True):
            start, stop = (places[source][0] + BOX_WIDTH / 2, places[source][1]), (place[0] - BOX_WIDTH / 2, place[1])
            bend = _free_bend(start, stop, list(places.values()), drawn)
            drawn.append((start, stop, bend))
            _draw_arrow(axes, start, stop, bend)
            if slopes:
                labels.append(_free_point(_curve(start, stop, bend), labels))
                _draw_slope(axes, labels[-1], slope)
        _draw_box(axes, value, place, gradients)
    return figure


def place_values(end: Value) -> dict[Value, Point]:
    """Where each box goes.

    A given number stands one column left of its first use, every other value one column right of its last input. Given
    numbers have a row each; other boxes lie at the mean height of their inputs, at least a row below the next in their
    column.
    """
    order = end.history()  # inputs before what they make
    column: dict[Value, int] = {}
    for value in order:
        column[value] = max((column[source] + 1 for source in value.inputs), default=0)
    for value in order:
        users = [column[user] for user in order if value in user.inputs]
        if users and not value.inputs:
            column[value] = min(users) - 1
    given = [value for value in order if not value.inputs]
    row: dict[Value, float] = {value: float(i) for i, value in enumerate(given)}
    for value in order:
        if value.inputs:
            wanted = sum(row[source] for source in value.inputs) / len(value.inputs)
            taken = sorted(row[other] for other in row if column[other] == column[value])
            row[value] = _next_free(wanted, taken)
    return {value: (column[value] * COLUMN, row[value] * ROW) for value in order}


def _next_free(wanted: float, taken: list[float]) -> float:
    """The first height from ``wanted`` downwards that is a row away from all taken ones (sorted)."""
    for other in taken:
        if abs(wanted - other) < 1:
            wanted = other + 1
    return wanted


def _draw_box(axes: Axes, value: Value, place: Point, gradients: bool) -> None:
    made_by = SIGNS.get(value.operation, value.operation)
    title = f"{value.name} ({made_by})" if value.name and made_by else value.name or made_by
    lines = [title, f"{value.data:.4g}"] + ([f"gradient {value.gradient:.4g}"] if gradients else [])
    corner = (place[0] - BOX_WIDTH / 2, place[1] - BOX_HEIGHT / 2)
    line_width = 1.6 if value.inputs else 0.8  # what was made stands out from what was given
    colours = {"edgecolor": rcParams["text.color"], "facecolor": rcParams["axes.facecolor"]}
    axes.add_patch(Rectangle(corner, BOX_WIDTH, BOX_HEIGHT, linewidth=line_width, zorder=2, **colours))
    axes.text(*place, "\n".join(lines), ha="center", va="center", fontsize=12, zorder=3)


def _draw_arrow(axes: Axes, start: Point, stop: Point, bend: float) -> None:
    # Matplotlib's arc3 puts the curve's control point aside by rad times the length
    style = {"arrowstyle": "->", "color": rcParams["text.color"], "shrinkA": 0, "shrinkB": 0}
    style["connectionstyle"] = f"arc3,rad={2 * bend / (stop[0] - start[0])}"
    axes.annotate("", xy=stop, xytext=start, arrowprops=style, zorder=1)


def _draw_slope(axes: Axes, place: Point, slope: float) -> None:
    ground = {"facecolor": rcParams["axes.facecolor"], "edgecolor": "none", "pad": 1}
    axes.text(*place, f"{slope:.3g}", ha="center", va="center", fontsize=11, style="italic", bbox=ground, zorder=4)


def _curve(start: Point, stop: Point, bend: float) -> list[Point]:
    """21 points of an arrow whose middle hangs ``bend`` inches below the straight line."""
    along, down = stop[0] - start[0], stop[1] - start[1]
    control = (start[0] + along / 2 - 2 * bend * down / along, start[1] + down / 2 + 2 * bend)
    points = []
    for t in (i / 20 for i in range(21)):
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2  # quadratic Bezier curve
        points.append((a * start[0] + b * control[0] + c * stop[0], a * start[1] + b * control[1] + c * stop[1]))
    return points


def _free_bend(start: Point, stop: Point, boxes: list[Point], drawn: list[Arrow]) -> float:
    """The smallest bend that meets no box, repeats no arrow and stays in the picture; 0 where there is none."""
    lowest = max(y for _, y in boxes) + BOX_HEIGHT / 2 + ROOM
    for bend in BENDS:
        curve = _curve(start, stop, bend)
        inside = all(-BOX_HEIGHT / 2 <= y <= lowest for _, y in curve)
        hits = any(abs(px - x) < BOX_WIDTH / 2 and abs(py - y) < BOX_HEIGHT / 2 for px, py in curve for x, y in boxes)
        if inside and not hits and (start, stop, bend) not in drawn:
            return bend
    return 0.0


def _free_point(curve: list[Point], labels: list[Point]) -> Point:
    """The middle of a curve, or the first point beside it that is apart from all labels."""
    for i in (10, 7, 13, 5, 15):
        if all(abs(curve[i][0] - x) > 0.3 or abs(curve[i][1] - y) > 0.2 for x, y in labels):
            return curve[i]
    return curve[10]
