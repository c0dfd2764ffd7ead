"""What an exercise's checker answers."""

from dataclasses import dataclass
from textwrap import fill

WIDTH = 78  # characters that a page shows without scrolling


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and a sentence that helps; a cell shows the sentence."""

    accepted: bool
    text: str

    def __repr__(self) -> str:
        """The sentence after a mark that needs no colour."""
        return fill(f"{'✓ Right.' if self.accepted else '✗ Not yet.'} {self.text}", WIDTH)


def unanswered(answer: object) -> Verdict | None:
    """A verdict on an answer that is still the exercise's three dots; None otherwise.

    >>> unanswered(...)
    ✗ Not yet. Replace the three dots by your answer and run the cell again.
    """
    if answer is ...:
        return Verdict(False, "Replace the three dots by your answer and run the cell again.")
    return None
