"""Where the rows of a repeated study differ from the committed ones by more than the study allows."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

Row = Mapping[str, object]
LONGEST = 60  # characters of a setting in a row's label; a list of measurements is longer


def differences(committed: Sequence[Row], repeated: Sequence[Row], tolerances: Mapping[str, float]) -> list[str]:
    """Differences that a reader of the study should hear of, a line each.

    Args:
        committed: The rows of the committed result.
        repeated: Those of the new one, in the same order.
        tolerances: Column -> how far its numbers, or those of a list in it, may lie
            apart. Other columns must be equal, but for those that hold seconds.

    Returns:
        Lines such as ``model=small_cnn, seed=3: test_accuracy is 0.871, was 0.8945
        (0.02 allowed)``; none if the study was reproduced.
    """
    if len(committed) != len(repeated):
        return [f"{len(repeated)} rows, were {len(committed)}"]
    return [
        f"{_label(old, tolerances)}: {line}"
        for old, new in zip(committed, repeated, strict=True)
        for line in _row_differences(old, new, tolerances)
    ]


def is_time(column: str) -> bool:
    """Whether a column holds seconds, which no other machine repeats.

    >>> [is_time(column) for column in ("seconds", "seconds_per_epoch", "milliseconds")]
    [True, True, False]
    """
    return "seconds" in column.split("_")


def _row_differences(old: Row, new: Row, tolerances: Mapping[str, float]) -> list[str]:
    if old.keys() != new.keys():
        return [f"its columns are {', '.join(new)}, were {', '.join(old)}"]
    found = []
    for column in old:
        allowed = tolerances.get(column, 0)
        if not is_time(column) and not _close(old[column], new[column], allowed):
            found.append(f"{column} is {new[column]}, was {old[column]} ({allowed} allowed)")
    return found


def _close(old: object, new: object, allowed: float) -> bool:
    """Equality of anything, but for numbers: those may lie apart; NaN equals NaN."""
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_close(*pair, allowed) for pair in zip(old, new, strict=True))
    if _is_number(old) and _is_number(new):
        both_nan = math.isnan(old) and math.isnan(new)
        return both_nan or old == new or abs(old - new) <= allowed * (1 + 1e-9)
    return old == new


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _label(row: Row, tolerances: Mapping[str, float]) -> str:
    """What tells the row from the others: its columns that must be equal, so the settings too."""
    parts = [f"{column}={value}" for column, value in row.items() if not tolerances.get(column) and not is_time(column)]
    return ", ".join(part for part in parts if len(part) <= LONGEST)
