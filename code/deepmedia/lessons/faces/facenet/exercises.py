"""Checkers of the exercises of the page "FaceNet"."""

import numpy as np

from deepmedia.lessons.judging import NotYet, call, checker, compare, read_number

MARGIN = 0.2
# squared distances of positive and negative, and the kind of the negative
CASES = (
    (0.5, 0.3, "hard"),
    (0.5, 0.4, "hard"),
    (0.5, 0.6, "semi-hard"),
    (0.5, 0.9, "easy"),
    (1.2, 0.9, "hard"),
    (0.1, 0.25, "semi-hard"),
    (0.05, 0.5, "easy"),
)


@checker
def check_triplet_loss(answer: object) -> str:
    """Judge the loss of the triplet of the first exercise: d(a, p) = 0.8, d(a, n) = 0.4."""
    to_positive, to_negative = 0.8, 0.4
    slips = (
        (to_positive - to_negative, "The margin is missing: the negative should be farther by 0.2."),
        (0.0, "That would be an easy triplet. Which of the two is farther from the anchor?"),
        (to_negative - to_positive + MARGIN, "Positive and negative are exchanged, and the loss is never below 0."),
        (np.sqrt(to_positive) - np.sqrt(to_negative) + MARGIN, "The distances are squared: take no root."),
        (to_positive - to_negative - MARGIN, "The margin is added."),
    )
    hint = "Sum the squared differences of the two coordinates: once from a to p, once from a to n."
    compare(read_number(answer), to_positive - to_negative + MARGIN, slips, hint=hint, atol=1e-4)
    return "The negative is nearer than the positive, so the triplet is hard and the loss larger than the margin."


@checker
def check_triplets(answer: object) -> str:
    """Judge the number of triplets in a batch of 10 people with 5 images each."""
    images, each = 50, 5
    right = images * (each - 1) * (images - each)
    slips = (
        (right // 2, "Each pair counts in both orders, since each of the two can be the anchor."),
        (images * each * (images - each), "An image is not its own positive."),
        (images * (each - 1) * (images - 1), "The negative is an image of another person."),
        (images * (images - 1) * (images - 2), "Positive and negative can't be any image of the batch."),
        (images * (each - 1), "Those are the pairs of anchor and positive; each goes with all negatives."),
    )
    hint = "Count the anchors, then the positives of each anchor, then the negatives of each anchor, and multiply."
    compare(read_number(answer), right, slips, hint=hint)
    return "Most of them are easy soon, which is why the loss picks."


@checker
def check_kind(answer: object) -> str:
    """Judge a function of (to_positive, to_negative, margin) that names the kind of a triplet."""
    for to_positive, to_negative, right in CASES:
        for scale in (1.0, 1.5):
            numbers = (scale * to_positive, scale * to_negative, scale * MARGIN)
            at = f"With {', '.join(f'{number:g}' for number in numbers)} "
            found = call(answer, *numbers, at=at)
            if not isinstance(found, str):
                raise NotYet(f"The function should return a string; {at.lower()}it gives a {type(found).__name__}.")
            word = found.strip().lower().replace("_", "-").replace(" ", "-")
            if word not in {"hard", "semi-hard", "semihard", "easy"}:
                raise NotYet(f'Return "easy", "semi-hard" or "hard"; {at.lower()}it gives {found[:30]!r}.')
            if word.replace("semihard", "semi-hard") != right:
                reasons = {
                    "hard": "the negative is nearer than the positive",
                    "semi-hard": "the negative is farther than the positive, but not by the margin",
                    "easy": "the negative is farther by more than the margin",
                }
                raise NotYet(f"{at}{reasons[right]}: {right}, not {word}.")
    return "The semi-hard ones are those that the loss takes."
