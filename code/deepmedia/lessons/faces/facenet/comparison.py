"""Reading the study `facenet_settings`: accuracies by what was varied, and differences seed by seed."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def accuracies_by(rows: Sequence[Row], column: str, *, accuracy: str = "validation_accuracy") -> dict:
    """Accuracies of the settings that differ from the default in one column alone, and of the default.

    Args:
        rows: Of the study; the default's have "default" in their column ``varied``.
        column: What was varied: "margin", "embedding_size", "people" or "loss".
        accuracy: "validation_accuracy" or "test_accuracy".

    Returns:
        A list of accuracies by value of the column, in rising order of the values, each list in the order of the seeds.

    Raises:
        ValueError: If nothing was varied by that name, or a value lacks a seed.
    """
    if all(row["varied"] != column for row in rows):
        known = ", ".join(sorted({str(row["varied"]) for row in rows}))
        raise ValueError(f"column must be what a row varied ({known}), got {column!r}")
    chosen = [row for row in rows if row["varied"] in {"default", column}]
    seeds = sorted({row["seed"] for row in chosen})
    found = {}
    for value in sorted({row[column] for row in chosen}):
        by_seed = {row["seed"]: row[accuracy] for row in chosen if row[column] == value}
        if sorted(by_seed) != seeds:
            raise ValueError(f"{column}={value} must have the seeds {seeds}, got {sorted(by_seed)}")
        found[value] = [by_seed[seed] for seed in seeds]
    return found


def paired_differences(accuracies: Mapping, value: object, other: object) -> list[float]:
    """How much more accurate one value is than another, seed by seed.

    Args:
        accuracies: Of `accuracies_by`.
        value: One of its keys.
        other: The key whose accuracies are taken away.

    Returns:
        A difference for each seed, as a share: 0.01 is one per cent of the pairs.
    """
    return [float(first - second) for first, second in zip(accuracies[value], accuracies[other], strict=True)]
