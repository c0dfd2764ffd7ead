"""Checkers of the exercises of the page "Training well"."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.lessons.judging import Verdict, unanswered

PHOTOS, BATCH_SIZE, EPOCHS = 18_000, 64, 20  # of the first exercise
ENOUGH = 0.6  # share of the suspects that must have a wrong label


def check_steps(answer: object) -> Verdict:
    """Judge how many steps a schedule must last for 18,000 photos, batches of 64 and 20 epochs.

    Args:
        answer: The reader's number.

    Returns:
        Whether it is right; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    per_epoch = -(-PHOTOS // BATCH_SIZE)
    slips = {
        (per_epoch - 1) * EPOCHS: "The last batch of an epoch is smaller, but it is a step, too.",
        -(
            -PHOTOS * EPOCHS // BATCH_SIZE
        ): "Round up in each epoch, then multiply: no batch reaches into the next epoch.",
        per_epoch: "That is one epoch.",
        PHOTOS * EPOCHS: "A step takes a whole batch of photographs, not one.",
    }
    if answer == per_epoch * EPOCHS:
        return Verdict(True, f"{per_epoch} batches an epoch, the last of them smaller, in {EPOCHS} epochs.")
    if isinstance(answer, (int, float)) and answer in slips:
        return Verdict(False, slips[int(answer)])
    return Verdict(False, "How many batches does one epoch have, if the last one may be smaller?")


def check_stop(answer: object, losses: Sequence[float], *, patience: int) -> Verdict:
    """Judge which epoch early stopping keeps, and after which it stops.

    Args:
        answer: The reader's pair of epochs, counted from 1.
        losses: Validation loss after each epoch.
        patience: Epochs without a new lowest loss after which training stops.

    Returns:
        Whether both are right; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return Verdict(False, "Give two numbers: the epoch that is kept, and the last epoch.")
    kept, stopped = _stop(losses, patience)
    found = tuple(answer)
    if found == (kept, stopped):
        return Verdict(True, f"No loss after epoch {kept} is lower, until epoch {stopped} ends the patience.")
    if found == (stopped, kept):
        return Verdict(False, "Those are the two, in the other order: first the epoch that is kept.")
    if found == (kept - 1, stopped - 1):
        return Verdict(False, "You counted from 0; the first epoch has the number 1.")
    if found[0] == kept:
        return Verdict(False, f"Epoch {kept} is kept. Training goes on for {patience} epochs after it, and no further.")
    if found[0] == int(np.argmin(losses)) + 1:
        return Verdict(False, "That is the lowest loss of all, but a training that has stopped never gets there.")
    return Verdict(
        False, f"Go through the losses and count how many epochs passed since the lowest so far: {patience}?"
    )


def check_suspects(answer: object, is_wrong: ArrayLike) -> Verdict:
    """Judge row numbers of photos whose labels are suspected to be wrong.

    Args:
        answer: The reader's row numbers, as many as there are wrong labels.
        is_wrong: Whether each label is wrong, bool (n,).

    Returns:
        Whether at least 60% of them are wrong; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    wrong = np.asarray(is_wrong, dtype=bool)
    rows = np.asarray(answer)
    if rows.shape != (wrong.sum(),) or rows.dtype.kind not in "iu":
        return Verdict(False, f"Give the row numbers of {wrong.sum()} photographs, as an array of integers.")
    if rows.min() < 0 or rows.max() >= len(wrong):
        return Verdict(False, f"Row numbers lie between 0 and {len(wrong) - 1}.")
    if len(np.unique(rows)) < len(rows):
        return Verdict(False, "Some photographs are in your list more than once.")
    share = float(wrong[rows].mean())
    if share >= ENOUGH:
        return Verdict(
            True, f"{share:.0%} of your suspects have a wrong label; of all photographs, {wrong.mean():.0%}."
        )
    if share <= wrong.mean():
        return Verdict(False, f"{share:.0%} of them are wrong, no more than of all: are these the lowest losses?")
    return Verdict(
        False, f"{share:.0%} of them are wrong. The network may know wrong labels by heart: train it for fewer epochs."
    )


def _stop(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Epoch of the lowest loss until the patience ends, and the last epoch, counted from 1."""
    for last in range(1, len(losses) + 1):
        kept = int(np.argmin(losses[:last])) + 1
        if last - kept >= patience:
            return kept, last
    return kept, last
