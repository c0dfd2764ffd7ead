"""Checkers of the exercises of the page "Training well"."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.lessons.judging import NotYet, checker, compare, read_number, read_numbers

PHOTOS, BATCH_SIZE, EPOCHS = 18_000, 64, 20  # of the first exercise
ENOUGH = 0.6  # share of the suspects that must have a wrong label


@checker
def check_steps(answer: object) -> str:
    """Judge how many steps a schedule must last for 18,000 photos, batches of 64 and 20 epochs."""
    per_epoch = -(-PHOTOS // BATCH_SIZE)
    across = "Round up in each epoch, then multiply: no batch reaches into the next epoch."
    compare(
        read_number(answer),
        per_epoch * EPOCHS,
        (
            ((per_epoch - 1) * EPOCHS, "The last batch of an epoch is smaller, but it is a step, too."),
            (PHOTOS * EPOCHS / BATCH_SIZE, across),
            (per_epoch, "That is one epoch."),
            (PHOTOS * EPOCHS, "A step takes a whole batch of photographs, not one."),
        ),
        hint="How many batches does one epoch have, if the last one may be smaller?",
    )
    return f"{per_epoch} batches an epoch, the last of them smaller, in {EPOCHS} epochs."


@checker
def check_stop(answer: object, losses: Sequence[float], *, patience: int) -> str:
    """Judge which epoch early stopping keeps, and after which it stops, both counted from 1.

    Args:
        answer: The reader's pair of epochs.
        losses: Validation loss after each epoch.
        patience: Epochs without a new lowest loss after which training stops.
    """
    found = read_numbers(answer, (2,), "Give two numbers: the epoch that is kept, and the last epoch")
    kept, stopped = _stop(losses, patience)
    hint = f"Go through the losses and count how many epochs passed since the lowest so far: {patience}?"
    if found[0] == kept:
        hint = f"Epoch {kept} is kept. Training goes on for {patience} epochs after it, and no further."
    elif found[0] == int(np.argmin(losses)) + 1:
        hint = "That is the lowest loss of all, but a training that has stopped never gets there."
    slips = (
        ((stopped, kept), "Those are the two, in the other order: first the epoch that is kept."),
        ((kept - 1, stopped - 1), "You counted from 0; the first epoch has the number 1."),
    )
    compare(found, (kept, stopped), slips, hint=hint)
    return f"No loss after epoch {kept} is lower, until epoch {stopped} ends the patience."


@checker
def check_suspects(answer: object, is_wrong: ArrayLike) -> str:
    """Judge row numbers of photos whose labels are suspected to be wrong: at least 60% of them must be.

    Args:
        answer: The reader's row numbers, as many as there are wrong labels.
        is_wrong: Whether each label is wrong, bool (n,).
    """
    wrong = np.asarray(is_wrong, dtype=bool)
    wanted = f"Give the row numbers of {wrong.sum()} photographs, as an array of integers"
    rows = read_numbers(answer, (int(wrong.sum()),), wanted).astype(int)
    if np.asarray(answer).dtype.kind not in "iu":
        raise NotYet(f"{wanted}; these are floats, which astype(int) turns into integers.")
    if rows.min() < 0 or rows.max() >= len(wrong):
        raise NotYet(f"Row numbers lie between 0 and {len(wrong) - 1}.")
    if len(np.unique(rows)) < len(rows):
        raise NotYet("Some photographs are in your list more than once.")
    share = float(wrong[rows].mean())
    if share >= ENOUGH:
        return f"{share:.0%} of your suspects have a wrong label; of all photographs, {wrong.mean():.0%}."
    if share <= wrong.mean():
        raise NotYet(f"{share:.0%} of them are wrong, no more than of all: are these the lowest losses?")
    raise NotYet(
        f"{share:.0%} of them are wrong. The network may know wrong labels by heart: train it for fewer epochs."
    )


def _stop(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Epoch of the lowest loss until the patience ends, and the last epoch, counted from 1."""
    for last in range(1, len(losses) + 1):
        kept = int(np.argmin(losses[:last])) + 1
        if last - kept >= patience:
            return kept, last
    return kept, last
