"""The book's figures: one size, one font, colours that everybody can tell apart.

Every figure has a white ground, so that it reads the same on a light and on a
dark page. The colours are those of Okabe and Ito (2008), "Color universal
design", which stay distinct in the common kinds of colour blindness.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.boxes import checked_boxes

if TYPE_CHECKING:
    import keras

WIDTH = 7.0  # inches, the width of the text
SLIM = 8  # pixels: what is higher, but only 1 or 3 wide, is one image with its channels rather than many slim ones
COLOURS = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#E69F00",
    "black": "#000000",
}
STYLE: dict[str, object] = {
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=list(COLOURS.values())),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 120,  # 840 pixels: sharp at the width of the text, light enough for 20 figures a page
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.alpha": 0.3,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "savefig.facecolor": "white",
}
plt.style.use(STYLE)


def new_figure(*, columns: int = 1, rows: int = 1, height: float = 3.0) -> tuple[Figure, np.ndarray]:
    """An empty figure of the text's width.

    Args:
        columns: Number of plots side by side.
        rows: Number of rows of plots.
        height: Of the whole figure, in inches.

    Returns:
        The figure and its axes, (rows, columns).
    """
    return plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False)


def show_images(
    images: ArrayLike, titles: Sequence[str] = (), *, columns: int = 10, colours: Sequence[str] = ()
) -> Figure:
    """Show images in a grid, each under its title.

    Args:
        images: At least one: (n, height, width), (n, height, width, 1) grey or
            (n, height, width, 3) RGB, uint8, or float in 0..1.
        titles: One for each image, or none at all; anything that can be printed.
        columns: Images in a row.
        colours: Colour of each title, or none for black.

    Returns:
        The figure, which a notebook shows.

    Raises:
        TypeError: If columns is no whole number.
        ValueError: If the images have another shape, or there are titles or colours,
            but not as many as images.
    """
    pictures = np.asarray(images)
    _check_pictures(pictures)
    check_count("columns", columns)
    titles, colours = _one_each(titles, "titles", len(pictures)), _one_each(colours, "colours", len(pictures))
    if pictures.shape[3:] == (1,):
        pictures = pictures[..., 0]
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    cell = WIDTH / columns
    aspect = pictures.shape[1] / pictures.shape[2]
    figure, axes = new_figure(columns=columns, rows=rows, height=rows * (cell * aspect + (0.25 if titles else 0.05)))
    for axis in axes.flat:
        axis.axis("off")
    top = 255 if pictures.dtype == np.uint8 else 1
    for number, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        axis.imshow(picture, vmin=0, vmax=top)
        if titles:
            axis.set_title(titles[number], fontsize=8, color=colours[number] if colours else "black")
    return figure


def _check_pictures(pictures: np.ndarray) -> None:
    """Refuse what is no stack of images, above all one image alone."""
    shape = pictures.shape
    if pictures.ndim not in {3, 4} or 0 in shape or shape[3:] not in {(), (1,), (3,)}:
        hint = "; one image is images[None]" if pictures.ndim == 2 else "; none is left: did a filter take all?"
        raise ValueError(
            "images must be (n, height, width), (n, height, width, 1) or (n, height, width, 3), "
            f"got shape {shape}{hint if pictures.ndim == 2 or 0 in shape else ''}"
        )
    if pictures.ndim == 3 and shape[2] in {1, 3} and shape[1] > SLIM:
        raise ValueError(
            f"images of shape {shape} look like one image (height, width, channels): give images[None]; "
            f"if they are {shape[0]} images of {shape[1]} × {shape[2]} pixels: images[..., None]"
        )


def _one_each(values: Sequence[str], name: str, count: int) -> list[str]:
    """Titles or colours as a list, one for each image or none."""
    found = [values] if isinstance(values, str) else list(values)
    if found and len(found) != count:
        raise ValueError(f"{name} must be one for each of the {count} images, got {len(found)}")
    return found


def show_on(axis: Axes, picture: ArrayLike, title: str = "") -> None:
    """Show one image on a plot of a figure.

    Args:
        axis: The plot.
        picture: (height, width), (height, width, 1) grey or (height, width, 3) RGB,
            uint8, or float in 0..1.
        title: Above the image.
    """
    pixels = np.asarray(picture)
    if pixels.shape[2:] == (1,):
        pixels = pixels[..., 0]
    axis.imshow(pixels, vmin=0, vmax=255 if pixels.dtype == np.uint8 else 1)
    axis.set_title(title, fontsize=9)
    axis.axis("off")


def draw_boxes(axis: Axes, boxes: ArrayLike, colours: Sequence[str] = ("orange",), **style: Any) -> None:
    """Draw frames on an image that the axes show.

    Args:
        axis: With one image, pixel (0, 0) at the upper left, as `imshow` leaves it.
        boxes: (n, 4), rows (x_min, y_min, x_max, y_max) in pixels of that image.
        colours: Keys of `COLOURS`, one a box; with fewer they repeat.
        **style: What `matplotlib.patches.Rectangle` takes, e.g. ``linewidth=3``.

    Raises:
        TypeError, ValueError: If the boxes are none; see `deepmedia.boxes.checked_boxes`.
    """
    for (x_min, y_min, x_max, y_max), colour in zip(checked_boxes(boxes), itertools.cycle(colours), strict=False):
        corner = (x_min - 0.5, y_min - 0.5)  # imshow has the middle of the first pixel at 0
        options = {"linewidth": 2.0, "edgecolor": COLOURS[colour]} | style
        axis.add_patch(plt.Rectangle(corner, x_max - x_min, y_max - y_min, fill=False, **options))


def show_pixels(image: NDArray[np.uint8], *, rows: tuple[int, int], columns: tuple[int, int]) -> Figure:
    """A grey image, and a part of it with the value of each pixel.

    Args:
        image: uint8 (height, width).
        rows: First row of the part, and the one after its last.
        columns: The same for its columns.

    Returns:
        The figure; a frame in the image on the left marks the part on the right.
    """
    figure, axes = new_figure(columns=2, height=3.2)
    part = image[slice(*rows), slice(*columns)]
    for axis, picture in zip(axes.flat, (image, part), strict=True):
        axis.imshow(picture, vmin=0, vmax=255)
        axis.axis("off")
    (height, width), (x_min, y_min) = part.shape, (columns[0], rows[0])
    draw_boxes(axes[0, 0], [(x_min, y_min, x_min + width, y_min + height)])
    for row, column in np.ndindex(*part.shape):
        colour = "black" if part[row, column] > 127 else "white"
        axes[0, 1].text(column, row, str(part[row, column]), ha="center", va="center", fontsize=8, color=colour)
    return figure


def plot_history(history: Mapping[str, Sequence[float]]) -> Figure:
    """Loss and accuracy of training and validation data over the epochs.

    Args:
        history: Lists of equal length under ``loss``, ``val_loss``, ``accuracy``
            and ``val_accuracy``, as Keras's ``History.history`` holds them, or
            with ``validation_`` for ``val_``, as the NumPy network does. What was
            not measured may be missing.

    Returns:
        The figure: a plot for the loss, one for the accuracy if there is one.

    Raises:
        TypeError: If it is Keras's ``History`` itself.
        ValueError: If it holds neither a loss nor an accuracy.
    """
    if not isinstance(history, Mapping):
        raise TypeError(f"history must be a dictionary of curves, got {type(history).__name__}; of Keras: log.history")
    curves = {
        name: {
            label: (style, history[key])
            for key, label, style in (
                (name, "training", "-"),
                (f"val_{name}", "validation", "--"),
                (f"validation_{name}", "validation", "--"),
            )
            if key in history
        }
        for name in ("loss", "accuracy")
    }
    names = [name for name, lines in curves.items() if lines]
    if not names:
        raise ValueError(f"history must hold a loss or an accuracy, got {', '.join(history) or 'nothing'}")
    figure, axes = new_figure(columns=len(names), height=2.6)
    for axis, name in zip(axes.flat, names, strict=True):
        for label, (style, numbers) in curves[name].items():
            axis.plot(range(1, len(numbers) + 1), numbers, style, label=label, marker=".")
        axis.set(xlabel="epoch", ylabel=name)
        axis.legend()
    return figure


def plot_confusion(matrix: ArrayLike, names: Sequence[str]) -> Figure:
    """A confusion matrix with its counts.

    Args:
        matrix: Counts (n, n); entry [i, j] is how often class i was called class j.
        names: Of the n classes.

    Returns:
        The figure; the diagonal is left uncoloured so that the confusions stand out.
    """
    counts = np.asarray(matrix)
    figure, axes = new_figure(height=5.4)
    axis: Axes = axes[0, 0]
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    axis.imshow(wrong, cmap="Oranges")
    for row, column in np.ndindex(*counts.shape):
        dark = wrong[row, column] > 0.6 * wrong.max()
        weight = "bold" if row == column else "normal"
        axis.text(
            column, row, str(counts[row, column]), ha="center", va="center", fontsize=8, fontweight=weight,
            color="white" if dark else "black",
        )  # fmt: skip
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="answer", ylabel="label")
    axis.grid(False)
    axis.spines[:].set_visible(False)
    return figure


def plot_shapes(model: "keras.Model") -> Figure:
    """What each layer of a plain stack puts out, as boxes.

    Args:
        model: Its layers give (height, width, channels) or (numbers,).

    Returns:
        The figure; a box is as high as the layer's maps and as wide as the
        logarithm of their number. A layer without maps is a thin box. A layer
        that changes no shape, such as an activation, is left out.
    """
    figure, axes = new_figure(height=2.6)
    axis: Axes = axes[0, 0]
    tallest = max(layer.output.shape[1] for layer in model.layers if len(layer.output.shape) == 4)
    left, before = 0.0, None
    for layer in model.layers:
        shape = layer.output.shape[1:]
        if shape == before:
            continue
        before = shape
        maps = len(shape) == 3
        width, height = (0.3 + np.log2(shape[-1]) / 4, shape[0] / tallest) if maps else (0.15, 1.0)
        colour = COLOURS["blue" if "conv" in layer.name else "orange" if "pool" in layer.name else "black"]
        axis.add_patch(plt.Rectangle((left, -height / 2), width, height, color=colour, alpha=0.8))
        middle = left + width / 2
        axis.text(middle, 0.56, layer.name, ha="center", fontsize=8)
        axis.text(middle, -0.64, " × ".join(map(str, shape)), ha="center", fontsize=8)
        left += width + 0.75
    axis.set(xlim=(-0.5, left), ylim=(-0.75, 0.7))
    axis.axis("off")
    return figure
