"""Pairs of faces to verify: the file pairs.txt of Labeled Faces in the Wild, and such pairs drawn from labels.

Source: Huang et al. (2007), "Labeled Faces in the Wild", University of Massachusetts, Technical Report 07-49; the
file's format stands in the data set's README, Sec. 3c.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmedia.arguments import check_count
from deepmedia.whole_files import written_whole


@dataclass(frozen=True)
class Pair:
    """Two images to compare, each by its person's name and its number, from 1.

    Raises:
        ValueError: If a name is empty, holds blanks or could lead out of a folder, a number is below 1, or both images
            are the same.
    """

    first_name: str
    first_number: int
    second_name: str
    second_number: int

    def __post_init__(self) -> None:
        for name, number in ((self.first_name, self.first_number), (self.second_name, self.second_number)):
            if not name or name in {".", ".."} or set(name) & {"/", "\\", "\0"} or name.split() != [name]:
                raise ValueError(f"a name must be one word without blanks and slashes, got {name!r}; join it with _")
            if number < 1:
                raise ValueError(f"images are numbered from 1, got {number}")
        if self.is_same and self.first_number == self.second_number:
            raise ValueError(f"a pair must be two images, got {self.first_name} {self.first_number} twice")

    @property
    def is_same(self) -> bool:
        """Whether both images show the same person."""
        return self.first_name == self.second_name

    @property
    def files(self) -> tuple[str, str]:
        """Where LFW keeps the two images, such as ``Ann_Lee/Ann_Lee_0012.jpg``."""
        images = ((self.first_name, self.first_number), (self.second_name, self.second_number))
        first, second = (f"{name}/{name}_{number:04d}.jpg" for name, number in images)
        return first, second


def read_pairs(path: str | Path) -> list[list[Pair]]:
    """Read a pairs file: the folds, each with its matched pairs, then as many mismatched ones.

    The first line says how many folds there are and how many matched pairs in each, such as ``10 300``; one number
    alone, as in LFW's pairsDevTrain.txt, is the pairs of one fold. A matched pair is ``name n1 n2``, a mismatched one
    ``name1 n1 name2 n2``, with blanks or tabs between.

    Args:
        path: The file, UTF-8.

    Returns:
        A list of folds, lists of pairs in the file's order.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file; the line is named.
    """
    path = Path(path)
    lines = _lines(path)
    header = lines[0].split()
    if len(header) not in (1, 2) or not all(_is_number(word) for word in header):
        raise ValueError(f'{path}, line 1: must be folds and matched pairs in each, such as "10 300", got {lines[0]!r}')
    folds, matched = (1, int(header[0])) if len(header) == 1 else (int(header[0]), int(header[1]))
    if len(lines) - 1 != folds * 2 * matched:
        raise ValueError(
            f"{path}, line {len(lines)}: is the last, but line 1 promises {folds} x 2 x {matched} pairs, "
            f"so {1 + folds * 2 * matched} lines; is the file cut off?"
        )
    pairs = [
        _pair(line, is_same=row // matched % 2 == 0, place=f"{path}, line {row + 2}")
        for row, line in enumerate(lines[1:])
    ]
    return [pairs[start : start + 2 * matched] for start in range(0, len(pairs), 2 * matched)]


def write_pairs(path: str | Path, folds: Sequence[Sequence[Pair]]) -> None:
    """Write what `read_pairs` reads, with tabs, as LFW does. A kill in between leaves the old file, or none.

    Args:
        path: The file.
        folds: At least one, each with as many matched pairs, then as many mismatched ones.

    Raises:
        ValueError: If the folds are not so.
    """
    matched = len(folds[0]) // 2 if folds else 0
    order = [True] * matched + [False] * matched
    for number, fold in enumerate(folds):
        if not fold or [pair.is_same for pair in fold] != order:
            raise ValueError(
                f"each fold must have as many matched pairs, then as many mismatched ones, in all folds alike; fold "
                f"{number} has {sum(pair.is_same for pair in fold)} matched of {len(fold)}, fold 0 has {matched} a kind"
            )
    if not folds:
        raise ValueError("folds must hold at least one fold, got none")
    with written_whole(path) as file:
        rows = [f"{len(folds)}\t{matched}", *(_line(pair) for fold in folds for pair in fold)]
        file.write("".join(f"{row}\n" for row in rows).encode())


def draw_pairs(
    labels: ArrayLike, *, folds: int = 10, pairs: int = 300, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Draw pairs of images as LFW's protocol has them: no person, and no pair, is in two folds.

    The people are dealt out to the folds. In each fold so many pairs of one person are drawn and as many of two, none
    twice, each as likely as any other. (LFW draws people first, so that there who has many images counts less.)

    Args:
        labels: Identity of each image, integers (n,).
        folds: How many, at least 2 for `lfw_report`.
        pairs: Matched pairs in each fold, and mismatched ones in each.
        seed: Of the draw.

    Returns:
        Rows of the two images, int64 (folds * 2 * pairs, 2), and whether they show the same person, bool, in the order
        that `lfw_report` takes. With ``first, second = embeddings[rows].swapaxes(0, 1)`` the squared distances are
        ``((first - second) ** 2).sum(axis=1)``.

    Raises:
        TypeError: If labels or numbers are not whole.
        ValueError: If a fold has too few people or images for so many pairs.
    """
    check_count("folds", folds)
    check_count("pairs", pairs)
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must be one identity an image, shape (n,), got shape {labels.shape}")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, got {labels.dtype}")
    random = np.random.default_rng(seed)
    drawn = []
    for number, people in enumerate(np.array_split(random.permutation(np.unique(labels)), folds)):
        images = np.flatnonzero(np.isin(labels, people))
        first, second = (images[side] for side in np.triu_indices(len(images), 1))  # all pairs of the fold
        same = labels[first] == labels[second]
        for kind, possible in (("of one person", np.flatnonzero(same)), ("of two people", np.flatnonzero(~same))):
            if len(possible) < pairs:
                raise ValueError(
                    f"each fold must have at least pairs={pairs} pairs {kind}, got {len(possible)} in fold {number} "
                    f"with {len(people)} people; take fewer pairs or folds, or more images"
                )
            chosen = random.choice(possible, pairs, replace=False)
            drawn.append(np.stack([first[chosen], second[chosen]], axis=1))
    return np.concatenate(drawn).astype(np.int64), np.tile(np.repeat([True, False], pairs), folds)


def _lines(path: Path) -> list[str]:
    """The file's lines, without empty ones at its end."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}, line {line}: is no text in UTF-8 ({error.reason})") from error
    return text.rstrip().replace("\r\n", "\n").split("\n")


def _pair(line: str, *, is_same: bool, place: str) -> Pair:
    """The pair of one line."""
    words = line.split()
    kind, form = ("matched", "name n1 n2") if is_same else ("mismatched", "name1 n1 name2 n2")
    if len(words) != len(form.split()) or not all(_is_number(word) for word in words[1::2] + words[2 : 2 + is_same]):
        raise ValueError(f'{place}: must be a {kind} pair, "{form}", got {line!r}')
    try:
        pair = Pair(words[0], int(words[1]), words[0] if is_same else words[2], int(words[-1]))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    if pair.is_same != is_same:
        raise ValueError(f"{place}: must be a mismatched pair, of two names, got {line!r}")
    return pair


def _line(pair: Pair) -> str:
    second = [] if pair.is_same else [pair.second_name]
    return "\t".join([pair.first_name, str(pair.first_number), *second, str(pair.second_number)])


def _is_number(word: str) -> bool:
    """Whether a word is a whole number from 1; int() would take more, such as 1_0 and digits of other scripts."""
    return word.isascii() and word.isdigit() and len(word) < 10 and int(word) > 0
