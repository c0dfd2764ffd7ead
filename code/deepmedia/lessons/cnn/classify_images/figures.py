"""How honest a network's probabilities are, as a picture."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from deepmedia.cnn.calibration import Reliability
from deepmedia.figures import COLOURS, WIDTH


def plot_reliability(tables: Mapping[str, Reliability]) -> Figure:
    """Reliability diagrams side by side.

    Args:
        tables: What each diagram's title says, with its table.

    Returns:
        The figure. Above, a bar an interval of probability shows how often the
        answers were right, and a line from the bar to their mean probability shows
        the gap; below, how many answers lie in the interval.
    """
    figure, axes = plt.subplots(
        2,
        len(tables),
        figsize=(WIDTH, 4.0),
        squeeze=False,
        sharex=True,
        sharey="row",
        gridspec_kw={"height_ratios": [3, 1]},
    )
    for column, (title, table) in zip(axes.T, tables.items(), strict=True):
        filled = table.counts > 0
        middle = (table.edges[:-1] + table.edges[1:])[filled] / 2
        width = np.diff(table.edges)[filled] * 0.9
        accuracy, confidence = table.accuracy[filled], table.confidence[filled]
        column[0].bar(middle, accuracy, width, color=COLOURS["blue"], alpha=0.7, label="share of right answers")
        column[0].vlines(middle, accuracy, confidence, color=COLOURS["orange"], linewidth=2.5)
        column[0].plot(middle, confidence, "_", color=COLOURS["orange"], markersize=12, label="mean probability")
        column[0].plot([0, 1], [0, 1], "--", color="black", linewidth=1)
        column[0].set(title=f"{title}: error {table.expected_error:.3f}", xlim=(0, 1), ylim=(0, 1))
        column[1].bar(middle, table.counts[filled], width, color=COLOURS["sky"])
        column[1].set(xlabel="probability of the answer", yscale="log", ylim=(0.5, None))  # a bar of 1 shows
    axes[0, 0].set_ylabel("right")
    axes[1, 0].set_ylabel("answers")
    axes[0, 0].legend(fontsize=8, loc="upper left")
    return figure
