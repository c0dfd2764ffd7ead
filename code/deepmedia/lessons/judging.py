"""What the checkers of exercises share: verdicts, reading an answer in any usual form, calling a reader's function.

A checker is a function ``check_…`` under `checker`. It returns the sentence for a right answer, and raises `NotYet`
with a sentence that helps for any other. What it calls for that (`read_number`, `call`, `compare`) does so, too.
"""

import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from textwrap import fill, shorten
from typing import ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH = 78  # characters that a page shows without scrolling
ERROR_WIDTH = 200  # characters of a reader's error that a verdict repeats
# For consoles that can't show them; what is missing here loses its accent or index, or becomes a question mark.
ASCII = str.maketrans(
    {"✓": "+", "✗": "-", "−": "-", "⁻": "^-", "–": "-", "·": "*", "×": "x", "√": "root ", "←": "<-"}
    | {"σ": "sigma", "η": "eta", "±": "+-", "“": '"', "”": '"'}
)

Parameters = ParamSpec("Parameters")


class NotYet(Exception):
    """An answer can't be accepted; the message is the sentence for the reader."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and a sentence that helps; a cell shows the sentence."""

    accepted: bool
    text: str

    def __repr__(self) -> str:
        """The sentence after a mark that needs no colour, in characters that standard output can show."""
        text = f"{'✓ Right.' if self.accepted else '✗ Not yet.'} {self.text}"
        try:
            text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        except UnicodeEncodeError:
            text = unicodedata.normalize("NFKD", text.translate(ASCII)).translate(ASCII)
            text = "".join(c for c in text if not unicodedata.combining(c)).encode("ascii", "replace").decode()
        return fill(text, WIDTH)


def unanswered(answer: object) -> Verdict | None:
    """A verdict on an answer that is still the exercise's three dots; None otherwise.

    >>> unanswered(...)
    ✗ Not yet. Replace the three dots by your answer and run the cell again.
    """
    if answer is ...:
        return Verdict(False, "Replace the three dots by your answer and run the cell again.")
    return None


def checker(check: Callable[Parameters, str]) -> Callable[Parameters, Verdict]:
    """Make a checker of a function that returns praise or raises `NotYet`: it gives a `Verdict`, of three dots, too."""

    @wraps(check)
    def judge(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Verdict:
        for value in (*args, *kwargs.values()):
            if verdict := unanswered(value):
                return verdict
        try:
            return Verdict(True, check(*args, **kwargs))
        except NotYet as problem:
            return Verdict(False, str(problem))

    return judge


def read_number(answer: object, wanted: str = "Give one number", *, who: str = "this") -> float:
    """Read a finite number of Python, NumPy or TensorFlow, or an array of one; `read_numbers` says what else."""
    return float(read_numbers(answer, (), wanted, who=who))


def read_numbers(
    answer: object, shape: tuple[int, ...] | None, wanted: str, *, who: str = "this", finite: bool = True
) -> NDArray[np.float64]:
    """Read numbers from nested lists or tuples, an array or a tensor.

    Args:
        answer: What the reader gave; fractions are numbers, strings and truth values are not.
        shape: Shape that the numbers must have; () also reads an array of one, None any shape.
        wanted: What to ask for if they are something else, without a full stop.
        who: Subject of the sentence that says what they are instead.
        finite: Whether infinity and "not a number" are refused.

    Returns:
        Float64 array of this shape.

    Raises:
        NotYet: If they have another shape, are not finite, or something among them is no number.
    """
    fault = _no_number(answer, who)
    found: NDArray[np.float64] = np.empty(0)
    if shape == () and isinstance(answer, list | tuple):
        fault = fault or f"{who} is a {type(answer).__name__}"
    if not fault:
        try:
            array = np.asarray(answer)
            fault = _no_number(array.tolist(), who) if array.dtype.kind in "ObSU" else ""
            found = array.astype(float)
        except Exception:  # rows of unequal length, symbolic tensors, whatever else a reader's object does
            fault = fault or f"{who} can't be read as numbers; its type is {type(answer).__name__}"
        else:
            fault = fault or (f"{who} holds complex numbers or dates" if array.dtype.kind in "cmM" else "")
    if fault:
        raise NotYet(f"{wanted}; {fault}.")
    if shape == () and found.size == 1:
        found = found.reshape(())
    if shape is not None and found.shape != shape:
        raise NotYet(f"{wanted}; {who} has the shape {found.shape}.")
    if finite and not np.isfinite(found).all():
        raise NotYet(f"{wanted}; {who} is not finite: is there a division by zero?")
    return found


@contextmanager
def readers_code(whose: str = "your function", at: str = "") -> Iterator[None]:
    """Run code that a reader wrote: what it raises is an answer, not a crash; its warnings are left out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # overflow, for example, is judged by what comes out
            yield
    except NotYet:
        raise
    except Exception as error:
        sentence = f"{at}{whose} raised {_in_one_line(error)}"
        raise NotYet(sentence[0].upper() + sentence[1:]) from error


def read_function(answer: object) -> Callable:
    """The answer, if it can be called; raises `NotYet` otherwise."""
    if not callable(answer):
        what = (not isinstance(answer, list | tuple) and _no_number(answer, "this")) or _type(answer, "this")
        raise NotYet(f"Give the function itself, without calling it; {what}.")
    return answer


def call(function: object, *arguments: object, at: str = "", kept: str = "") -> object:
    """What a reader's function returns, called with copies of the arguments that are arrays or lists of arrays.

    Args:
        function: What the reader gave.
        arguments: For the function.
        at: Begins the sentence on an error: "With pixels=1 ".
        kept: What to call the arguments if the function must leave them as they are; "" where it may work in place.

    Raises:
        NotYet: If it is no function, raises an error, or changes what it must not.
    """
    function = read_function(function)
    copies = [deepcopy(each) if isinstance(each, np.ndarray | list) else each for each in arguments]
    with readers_code(at=at):
        result = function(*copies)
    if kept and not all(_equal(*pair) for pair in zip(copies, arguments, strict=True)):
        raise NotYet(f"Your function changes {kept}; work on a copy.")
    return result


def call_for_numbers(
    function: object, *arguments: object, shape: tuple[int, ...] | None, wanted: str, at: str = "", kept: str = ""
) -> NDArray[np.float64]:
    """`call` a reader's function and `read_numbers` of this shape from what it returns, not all need be finite."""
    result = call(function, *arguments, at=at, kept=kept)
    return read_numbers(result, shape, wanted, who="the result", finite=False)


def call_for_pair(function: object, *arguments: object, wanted: str, at: str = "") -> list[object]:
    """`call` a reader's function that returns two things, in a tuple, a list or an array of two rows."""
    result = call(function, *arguments, at=at)
    if not isinstance(result, list | tuple | np.ndarray) or getattr(result, "ndim", 1) == 0:
        raise NotYet(f"{wanted}; {_no_number(result, 'the result') or _type(result, 'the result')}.")
    if len(result) != 2:
        raise NotYet(f"{wanted}; the result has {len(result)} parts.")
    return list(result)


def compare(
    found: ArrayLike,
    right: ArrayLike,
    slips: Iterable[tuple[ArrayLike, str]] = (),
    *,
    hint: str,
    atol: float = 1e-5,
) -> None:
    """Compare numbers with the right ones and with named slips.

    Args:
        found: The reader's numbers.
        right: The right ones, of the same shape.
        slips: Pairs of the numbers that a slip gives and the sentence that names it.
        hint: The sentence for all other numbers.
        atol: Largest difference that counts as none.

    Raises:
        NotYet: Unless all numbers are right; a right one in per cent, or rounded too far, is told so.
    """
    found, right = np.asarray(found, dtype=float), np.asarray(right, dtype=float)
    if _near(found, right, atol):
        return
    for wrong, sentence in slips:
        if _near(found, np.asarray(wrong), atol):
            raise NotYet(sentence)
    if np.any(right % 1) and np.all(np.abs(right) <= 1) and _near(found, 100 * right, max(100 * atol, 0.05)):
        raise NotYet("Right, but in per cent: give shares between 0 and 1, not percentages.")
    if all(_is_rounded(*pair, atol) for pair in zip(found.flat, right.flat, strict=True)):
        raise NotYet("Right, but rounded too far: give more digits.")
    raise NotYet(hint)


def _near(found: NDArray, right: NDArray, atol: float) -> bool:
    return found.shape == right.shape and np.allclose(found, right, rtol=0, atol=atol)


def _is_rounded(found: float, right: float, atol: float) -> bool:
    """Whether a number is the right one or, rounded, has fewer of its decimals or, if it is whole, of its digits."""
    fewer = [round(right, n) if right % 1 else float(f"{right:.{n + 1}g}") for n in range(1, 7)]
    spread = 1e-7 * abs(right) if right % 1 else 0  # of a 32-bit float
    return abs(found - right) <= atol or any(value and abs(found - value) <= spread for value in fewer)


def _no_number(value: object, who: str) -> str:
    """What is there in place of a number, or of one in nested lists; "" if nothing such is found."""
    if isinstance(value, list | tuple):
        return next((fault for item in value if (fault := _no_number(item, "one of them"))), "")
    if value is ...:
        return f"{who} is still the three dots"
    if value is None:
        return f"{who} is None, which a function without return gives"
    if isinstance(value, str | bytes):
        return f"{who} is a string: leave out the quotation marks"
    if isinstance(value, bool | np.bool_):
        return f"{who} is {value}, a truth value"
    return f"{who} is a function, which is still to be called" if callable(value) else ""


def _type(value: object, who: str) -> str:
    return f"{who} is of type {type(value).__name__}"


def _in_one_line(error: Exception) -> str:
    name = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines and isinstance(error, NotImplementedError):
        lines = ["write your code in the place of the line that raises it."]
    line = lines[-1 if lines[0] == "in user code:" else 0] if lines else ""  # TensorFlow tells the way to it first
    return f"{name}: {shorten(line.removeprefix(f'{name}:'), ERROR_WIDTH)}".removesuffix(": ")


def _equal(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(*pair) for pair in zip(one, other, strict=True))
    return not isinstance(one, np.ndarray) or np.array_equal(one, np.asarray(other))
