"""Random numbers that are the same on every processor and with every version of Python and NumPy."""

from collections.abc import Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")

WORD = 2**64 - 1
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Draws:
    """A row of random numbers, from whole numbers that say what they are for: seed, split, number of the scene.

    Two `Draws` of the same whole numbers give the same; any other whole number gives another row.

    Source: SplitMix64, Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.

    >>> draws = Draws(0, 1)
    >>> [draws.whole(6) for _ in range(10)]
    [1, 3, 3, 3, 2, 5, 2, 2, 4, 0]
    """

    def __init__(self, *keys: int) -> None:
        self.state = 0
        for key in keys:
            self.state ^= key & WORD
            self.state = self.next_word()

    def next_word(self) -> int:
        """The next number of 64 bits."""
        self.state = (self.state + GOLDEN) & WORD
        word = self.state
        word = ((word ^ (word >> 30)) * FIRST) & WORD
        word = ((word ^ (word >> 27)) * SECOND) & WORD
        return word ^ (word >> 31)

    def between(self, low: float, high: float) -> float:
        """A number from low up to, but not with, high; all are equally likely."""
        return low + (high - low) * ((self.next_word() >> 11) / 2**53)

    def whole(self, below: int) -> int:
        """A whole number from 0 to below - 1."""
        return ((self.next_word() >> 32) * below) >> 32

    def happens(self, chance: float) -> bool:
        """Whether something happens that has this chance, 0..1."""
        return self.between(0, 1) < chance

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of several, each with the same chance."""
        return items[self.whole(len(items))]

    def shuffle(self, items: list[Any]) -> list[Any]:
        """The same things in another order."""
        shuffled = list(items)
        for last in range(len(shuffled) - 1, 0, -1):
            other = self.whole(last + 1)
            shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
        return shuffled
