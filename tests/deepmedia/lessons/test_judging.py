import io
import sys
from fractions import Fraction

import numpy as np
import pytest
import tensorflow as tf

from deepmedia.lessons.judging import (
    NotYet,
    Verdict,
    call,
    call_for_numbers,
    call_for_pair,
    checker,
    compare,
    read_function,
    read_number,
    read_numbers,
    readers_code,
    unanswered,
)


def test_a_verdict_says_in_words_whether_the_answer_is_right():
    assert repr(Verdict(True, "Well counted.")) == "✓ Right. Well counted."
    assert repr(Verdict(False, "Count again.")) == "✗ Not yet. Count again."


def test_a_long_verdict_is_wrapped_at_spaces():
    lines = repr(Verdict(True, "word " * 40)).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 78


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("ascii", "- Not yet. First w1x1 - 2 * e^-z, then cafe, then ?."),
        ("cp1252", "- Not yet. First w1x1 - 2 * e^-z, then cafe, then ?."),
        ("utf-8", "✗ Not yet. First w₁x₁ − 2 · e⁻ᶻ, then café, then 木."),
    ],
)
def test_a_console_shows_a_verdict_whatever_its_encoding(monkeypatch, encoding, text):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    print(Verdict(False, "First w₁x₁ − 2 · e⁻ᶻ, then café, then 木."))
    console.flush()
    assert console.buffer.getvalue().decode(encoding).strip() == text


def test_a_verdict_needs_no_console(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert repr(Verdict(True, "Well.")) == "✓ Right. Well."


def test_only_the_three_dots_are_unanswered():
    verdict = unanswered(...)
    assert verdict is not None
    assert not verdict.accepted
    assert unanswered(0) is None
    assert unanswered(None) is None


@checker
def check_seven(answer, other=7):
    """Judge a seven."""
    compare(read_number(answer), other, hint="Count again.")
    return "Seven."


def test_a_checker_gives_verdicts_and_keeps_its_name_and_documentation():
    assert check_seven(7) == Verdict(True, "Seven.")
    assert check_seven(8) == Verdict(False, "Count again.")
    assert "three dots" in check_seven(...).text
    assert "three dots" in check_seven(7, other=...).text
    assert (check_seven.__name__, check_seven.__doc__) == ("check_seven", "Judge a seven.")


@pytest.mark.parametrize(
    "answer",
    [
        7,
        7.0,
        Fraction(14, 2),
        np.int64(7),
        np.float32(7),
        np.uint8(7),
        np.array(7),
        np.array([7]),
        np.array([[7.0]]),
        tf.constant(7),
        tf.constant([7.0]),
        tf.Variable(7.0),
        np.array(Fraction(7)),
    ],
)
def test_a_number_may_have_any_usual_form(answer):
    assert read_number(answer) == 7


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("7", "Give one number; this is a string: leave out the quotation marks."),
        (b"7", "this is a string"),
        (np.array("7"), "this is a string"),
        (tf.constant("7"), "this is a string"),
        (True, "this is True, a truth value"),
        (np.True_, "this is True, a truth value"),
        (np.array(True), "this is True, a truth value"),
        (None, "this is None"),
        ([7], "this is a list"),
        ((7,), "this is a tuple"),
        (np.array([7, 7]), r"this has the shape \(2,\)"),
        (np.array([]), r"this has the shape \(0,\)"),
        (lambda: 7, "this is a function, which is still to be called"),
        (7 + 0j, "complex"),
        (np.datetime64("2026-01-01"), "dates"),
        ({"seven": 7}, "its type is dict"),
        (float("nan"), "not finite"),
        (np.inf, "not finite"),
        (10**400, "its type is int"),
    ],
)
def test_what_is_no_number_is_told_so(answer, words):
    with pytest.raises(NotYet, match=words):
        read_number(answer)


@pytest.mark.parametrize(
    "answer",
    [
        (1, 2.5),
        [1, 2.5],
        np.array([1, 2.5]),
        tf.constant([1, 2.5]),
        [np.int64(1), np.array(2.5)],
        [tf.constant(1.0), tf.constant(2.5)],
        (Fraction(1), Fraction(5, 2)),
    ],
)
def test_numbers_may_have_any_usual_form(answer):
    found = read_numbers(answer, (2,), "Give two numbers")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [1, 2.5])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((1, "2.5"), "Give two numbers; one of them is a string"),
        (["1", "2.5"], "one of them is a string"),
        ((1, True), "one of them is True"),
        ([1, None], "one of them is None"),
        ([1, ...], "one of them is still the three dots"),
        (np.array(["1", "2"]), "one of them is a string"),
        (np.array([True, False]), "one of them is True"),
        (1, r"this has the shape \(\)"),
        ([1, 2, 3], r"this has the shape \(3,\)"),
        ([[1, 2], [3]], "can't be read as numbers; its type is list"),
        ([1, np.nan], "not finite"),
    ],
)
def test_what_are_no_two_numbers_is_told_so(answer, words):
    with pytest.raises(NotYet, match=words):
        read_numbers(answer, (2,), "Give two numbers")


def raising(error):
    def function(*arguments):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such kernel"), "Your function raised ValueError: no such kernel"),
        (ValueError("first line\nsecond line"), "Your function raised ValueError: first line"),
        (KeyError(), "Your function raised KeyError"),
        (NotImplementedError(), "Your function raised NotImplementedError: write your code in the place of the line"),
        (NotImplementedError("later"), "Your function raised NotImplementedError: later"),
        (StopIteration(), "Your function raised StopIteration"),
    ],
)
def test_a_readers_error_is_told_in_one_sentence(error, text):
    with pytest.raises(NotYet) as caught:
        call(raising(error))
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)


def test_an_error_inside_tf_function_is_told_by_its_own_words():
    with pytest.raises(NotYet, match="raised ValueError: own words"):
        call(tf.function(raising(ValueError("own words"))))


def test_a_long_error_is_cut():
    with pytest.raises(NotYet) as caught:
        call(raising(ValueError("word " * 1000)))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_not_caught(error):
    with pytest.raises(error):
        call(raising(error()))


def test_a_call_says_which_one_failed():
    with pytest.raises(NotYet, match=r"^With pixels=1 your function raised ValueError"):
        call(raising(ValueError()), at="With pixels=1 ")


def test_whose_code_failed_is_said():
    with pytest.raises(NotYet, match=r"^Your layer raised ValueError"), readers_code("your layer"):
        raise ValueError


def test_a_function_works_on_copies():
    array, arrays = np.zeros(3), [np.zeros(2)]
    call(lambda one, many: (np.add(one, 1, out=one), np.add(many[0], 1, out=many[0])), array, arrays)
    assert not array.any()
    assert not arrays[0].any()


@pytest.mark.parametrize("changed", [0, 1])
def test_a_function_that_must_leave_its_arguments_alone_is_told_so(changed):
    def function(one, many):
        (one if changed == 0 else many[0])[:] = 1

    with pytest.raises(NotYet, match="changes the images; work on a copy"):
        call(function, np.zeros(3), [np.zeros(2)], kept="the images")


@pytest.mark.parametrize(
    ("answer", "words"),
    [("f", "a string"), (3, "of type int"), (None, "this is None"), (np.zeros(3), "of type ndarray")],
)
def test_what_is_no_function_is_told_so(answer, words):
    with pytest.raises(NotYet, match=f"Give the function itself, without calling it; .*{words}"):
        read_function(answer)


@pytest.mark.filterwarnings("default")
def test_warnings_of_a_readers_function_are_left_out(recwarn):
    assert call(lambda: np.float64(1) / np.float64(0)) == np.inf
    assert not recwarn.list


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "the result is None, which a function without return gives"),
        ("text", "the result is a string"),
        (np.zeros(4), r"the result has the shape \(4,\)"),
    ],
)
def test_a_function_that_gives_something_else_is_told_so(result, words):
    with pytest.raises(NotYet, match=f"Return three numbers; {words}"):
        call_for_numbers(lambda: result, shape=(3,), wanted="Return three numbers")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "None"),
        ((1, 2, 3), "has 3 parts"),
        (7, "of type int"),
        (np.zeros(17), "has 17 parts"),
        (np.array(7), "of type ndarray"),
    ],
)
def test_a_function_that_gives_something_else_than_a_pair_is_told_so(result, words):
    with pytest.raises(NotYet, match=f"Return two arrays; the result .*{words}"):
        call_for_pair(lambda: result, wanted="Return two arrays")


@pytest.mark.parametrize("result", [(1, 2), [1, 2], np.array([1, 2])])
def test_a_pair_may_be_a_tuple_a_list_or_the_rows_of_an_array(result):
    assert list(call_for_pair(lambda: result, wanted="Return two arrays")) == [1, 2]


@pytest.mark.parametrize(
    ("found", "right", "words"),
    [
        (0.269, 0.731, "second class"),
        (73.1, 0.731, "Right, but in per cent"),
        ([50, 75.0], [0.5, 0.75], "Right, but in per cent"),
        (73, 0.731, "Right, but in per cent"),
        (0.7, 0.731, "Right, but rounded too far"),
        (np.float32(0.7), 0.731, "Right, but rounded too far"),
        ([0.7, 0.75], [0.731, 0.75], "Right, but rounded too far"),
        (70_000, 69_632, "Right, but rounded too far"),
        (60_000, 69_632, "Try again"),
        (69_600, 69_632, "Right, but rounded too far"),
        (69_633, 69_632, "Try again"),
        (1_601_537, 1_601_536, "Try again"),
        (100, 1, "Try again"),  # whole numbers are no shares
        (0, 0.03, "Try again"),
        (np.nan, 0.731, "Try again"),
        (np.inf, 0.731, "Try again"),
    ],
)
def test_other_forms_of_the_right_number_are_told_so_and_slips_named(found, right, words):
    with pytest.raises(NotYet, match=words):
        compare(found, right, [(0.269, "That is the second class.")], hint="Try again.", atol=2e-3)


def test_the_right_number_is_right_within_the_tolerance():
    compare(0.7325, 0.731, [(0.7325, "A slip as near as that.")], hint="Try again.", atol=2e-3)
    compare([1, 2], [1, 2], hint="Try again.")


def test_a_large_number_must_be_exact():
    with pytest.raises(NotYet):
        compare(112_896_001, 112_896_000, hint="Try again.")
