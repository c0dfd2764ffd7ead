"""A sheet of faces in groups, as one PNG."""

import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.cnn.picture_files import resize_and_pad
from deepmedia.whole_files import written_whole

SHEET = "deepmedia contact sheet"  # stands in the file: a sheet replaces only sheets, and is never read as a photograph
FONT = "DejaVu Sans"  # Matplotlib brings it
DPI = 100
GAP, TITLE, NAME = 6, 26, 16  # pixels: between faces, of a group's line, of a name's line
NARROWEST = 240  # pixels of a sheet, for a title
HIGHEST = 60_000  # pixels of a sheet; Matplotlib draws below 2^16
SMALLEST_THUMB = 24  # pixels; below, no name fits


def contact_sheet(
    path: str | Path,
    images: ArrayLike,
    names: Sequence[str],
    *,
    groups: ArrayLike | None = None,
    titles: Mapping[int, str] | None = None,
    thumb: int = 96,
    columns: int = 10,
) -> Path:
    """Write a PNG that shows faces under their names, a group after the other.

    The largest group comes first. Groups of one, and faces of group -1 (of no group), come last, together. A long name
    is shortened in front; a character that the sheet's font lacks shows as □.

    Args:
        path: A file ending in .png, in a folder that exists. It appears once it is whole. An earlier contact sheet of
            that name is replaced, any other file is not.
        images: uint8 (n, height, width), (n, height, width, 1) or (n, height, width, 3), at least one, as
            `Album.images`.
        names: One for each image, as `Album.names`.
        groups: Whole numbers (n,), the group of each image; without them all are one group.
        titles: Names of groups by their number; "group 1", "group 2" … in the sheet's order where there is none.
        thumb: Side of a face on the sheet, in pixels.
        columns: Faces in a row; a larger group goes on in the next row.

    Returns:
        The file.

    Raises:
        FileNotFoundError: If its folder does not exist.
        FileExistsError: If it is a file that is no contact sheet, or a folder.
        TypeError: If images, groups, thumb or columns are of another kind.
        ValueError: If their numbers or shapes don't fit, the path does not end in .png, or the sheet would be larger
            than 60,000 pixels.
    """
    target = Path(path)
    faces = _as_images(images)
    check_count("columns", columns)
    check_count("thumb", thumb)
    if thumb < SMALLEST_THUMB:
        raise ValueError(f"thumb must be at least {SMALLEST_THUMB} pixels, got {thumb}")
    if isinstance(names, str) or len(names) != len(faces):
        raise ValueError(f"names must be one for each of the {len(faces)} images, got {len(names)}")
    rows = _rows(_as_groups(groups, len(faces)), titles or {}, groups is not None)
    _check_target(target)
    sheet = _drawn(faces, [shown(str(name)) for name in names], rows, thumb, columns)
    with written_whole(target) as file:
        sheet.print_png(file, metadata={"Software": SHEET})
    return target


def is_sheet(path: Path) -> bool:
    """Whether a file is a sheet of ours: its mark stands behind the PNG's first chunk."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return SHEET.encode() in file.read(256)
    except OSError:
        return False


def shown(name: str) -> str:
    """A file's name as it can be printed: bytes that are no UTF-8, line breaks and the like become escapes."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)


def many(count: int, what: str) -> str:
    """A number and what it counts."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _check_target(target: Path) -> None:
    """Complain about a path that must not be written."""
    if target.suffix.lower() != ".png":
        raise ValueError(f"path must end in .png, got {shown(str(target))}")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"folder {shown(str(target.parent))} does not exist; make it first")
    if os.path.lexists(target) and not is_sheet(target):
        raise FileExistsError(f"{shown(str(target))} exists and is no contact sheet; give another name, or remove it")


def _as_images(images: ArrayLike) -> NDArray[np.uint8]:
    """The images as uint8 (n, height, width, 1 or 3)."""
    faces = np.asarray(images)
    if faces.ndim == 3:
        faces = faces[..., None]
    if faces.ndim != 4 or 0 in faces.shape or faces.shape[3] not in {1, 3}:
        raise ValueError(
            "images must be at least one, (n, height, width), (n, height, width, 1) or (n, height, width, 3), "
            f"got shape {np.shape(images)}"
        )
    if faces.dtype != np.uint8:
        raise TypeError(f"images must be uint8, 0 to 255, got {faces.dtype}; of floats in 0..1: np.round(255 * images)")
    return faces


def _as_groups(groups: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """A group's number for each image."""
    numbers = np.zeros(count, np.int64) if groups is None else np.asarray(groups)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"groups must be whole numbers, got {numbers.dtype}")
    if numbers.shape != (count,):
        raise ValueError(f"groups must be one for each of the {count} images, got shape {numbers.shape}")
    return numbers.astype(np.int64)


def _rows(groups: NDArray[np.int64], titles: Mapping[int, str], is_grouped: bool) -> list[tuple[str, list[int]]]:
    """Title and images of each group in the sheet's order."""
    if not is_grouped:
        return [(many(len(groups), "face"), list(range(len(groups))))]
    numbers, counts = np.unique(groups, return_counts=True)
    size = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    large = [number for number in size if number != -1 and (size[number] > 1 or number in titles)]
    large.sort(key=lambda number: (-size[number], number))
    rows = []
    for place, number in enumerate(large, start=1):
        title = shown(str(titles.get(number, f"group {place}")))
        rows.append((f"{title}: {many(size[number], 'face')}", np.flatnonzero(groups == number).tolist()))
    alone = np.flatnonzero(~np.isin(groups, large)).tolist()
    return [*rows, (f"on their own: {many(len(alone), 'face')}", alone)] if alone else rows


def _drawn(
    faces: NDArray[np.uint8], names: Sequence[str], rows: Sequence[tuple[str, list[int]]], thumb: int, columns: int
) -> FigureCanvasAgg:
    """The sheet, ready to be written."""
    across, down = thumb + GAP, thumb + NAME + GAP  # from a face to the next
    used = min(columns, max(len(members) for _, members in rows))
    width = max(GAP + used * across, NARROWEST)
    height = GAP + sum(TITLE - (-len(members) // columns) * down for _, members in rows)
    if max(width, height) > HIGHEST:
        raise ValueError(
            f"the sheet would be {height} pixels high and {width} wide, more than {HIGHEST}; "
            "give fewer images, a smaller thumb, or another number of columns"
        )
    canvas = np.full((height, width, 3), 255, np.uint8)
    figure = Figure(((width + 0.5) / DPI, (height + 0.5) / DPI), DPI, facecolor="white")  # 0.5: cut off
    figure.set_layout_engine("none")

    def write(x: int, y: int, text: str, size: float, room: int) -> None:
        line = figure.text(
            x, height - y, text, fontsize=size, family=FONT, va="top", parse_math=False, usetex=False,
            transform=IdentityTransform(),  # pixels, from below
        )  # fmt: skip
        line.set_clip_box(Bbox.from_extents(x, 0, x + room, height))

    top = GAP
    for title, members in rows:
        write(GAP, top, _drawable(title), 10, width - 2 * GAP)
        top += TITLE
        for place, member in enumerate(members):
            x, y = GAP + place % columns * across, top + place // columns * down
            canvas[y : y + thumb, x : x + thumb] = resize_and_pad(faces[member], (thumb, thumb))
            write(x, y + thumb + 2, _shortened(_drawable(names[member]), thumb // 6), 6.5, thumb)
        top -= (-len(members) // columns) * down
    figure.figimage(canvas, origin="upper")
    return FigureCanvasAgg(figure)


def _shortened(name: str, letters: int) -> str:
    """The end of a name, which tells files of one camera apart."""
    return name if len(name) <= letters else "…" + name[len(name) - letters + 1 :]


def _drawable(text: str) -> str:
    """The text in letters that the font has."""
    font = font_manager.get_font(font_manager.findfont(FONT))
    letters = unicodedata.normalize("NFC", text)
    return "".join(letter if font.get_char_index(ord(letter)) else "□" for letter in letters)
