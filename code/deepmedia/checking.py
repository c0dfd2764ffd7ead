"""What an exercise's checker answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and a sentence that helps; a cell shows the sentence."""

    accepted: bool
    text: str

    def __repr__(self) -> str:
        """The sentence after a mark that needs no colour."""
        return f"{'✓ Right.' if self.accepted else '✗ Not yet.'} {self.text}"


def unanswered(answer: object) -> Verdict | None:
    """A verdict on an answer that is still the exercise's three dots; None otherwise.

    >>> unanswered(...)
    ✗ Not yet. Put your answer in the place of the three dots and run the cell again.
    """
    if answer is ...:
        return Verdict(False, "Put your answer in the place of the three dots and run the cell again.")
    return None
