"""What every checker of every lesson survives; a new one is found by itself. What each says, its page's test knows."""

import importlib
import inspect
import pkgutil
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from deepmedia import lessons
from deepmedia.lessons.judging import Verdict

# Arguments besides the answer of the checkers that have some.
FURTHER = {
    "check_faces": lambda: (np.zeros((400, 2, 2)), np.repeat(np.arange(40), 10)),
    "check_garment_interval": lambda: (np.arange(60) % 4 > 0, np.arange(60) // 5),
    "check_precision": lambda: (np.array([[8, 2, 0], [3, 6, 1], [0, 0, 10]]),),
    "check_layers": lambda: (None, SimpleNamespace(images=np.zeros((3, 56, 56, 1))), np.arange(3)),
    "check_stop": lambda: ([5.0, 3.0, 4.0, 3.5, 2.5],),
    "check_suspects": lambda: (np.arange(20) % 10 == 3,),
}
NAMED = {"check_stop": {"patience": 2}}


def checkers():
    for module in pkgutil.walk_packages(lessons.__path__, "deepmedia.lessons."):
        if module.name.endswith(".exercises"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if name.startswith("check_") and value.__module__ == module.name:
                    yield pytest.param(value, id=f"{module.name.split('.')[-2]}-{name}")


CHECKERS = list(checkers())
every_checker = pytest.mark.parametrize("check", CHECKERS)


def judged(check, answer):
    """The verdict with this answer in the place of each of the reader's."""
    further = FURTHER.get(check.__name__, tuple)()
    parameters = inspect.signature(check).parameters.values()
    answers = sum(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters) - len(further)
    return check(*[answer] * answers, *further, **NAMED.get(check.__name__, {}))


def test_the_checkers_of_all_pages_are_found():
    pages = {parameter.values[0].__module__.split(".")[-2] for parameter in CHECKERS}
    assert pages >= {"neurons", "training_well", "first_network", "classify_images"}
    assert len(CHECKERS) >= 3 * len(pages)


class Unreadable:
    """NumPy, asked to make an array of it, gets an error."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")


def raising(error):
    def function(*arguments):
        raise error

    return function


class FailsWhenMade:
    def __init__(self, *arguments):
        raise ValueError("can't be made")


ANSWERS = {
    "None": None,
    "string": "0.5",
    "truth value": True,
    "array": np.zeros((2, 3, 5)),
    "empty array": np.empty(0),
    "array of strings": np.array(["a", "b"]),
    "array of None": np.array([None, 1.0]),
    "strings in a tuple": (1, "2"),
    "four with a string": [0.5, "0.75", 0.98, 0.98],
    "dots in a list": [..., 2],
    "ragged list": [[1, 2], [3]],
    "dictionary": {"a": 1},
    "set": {1, 2},
    "nan": float("nan"),
    "infinity": np.inf,
    "very large": 10**400,
    "complex": 1 + 2j,
    "date": np.datetime64("2026-01-01"),
    "tensor of strings": tf.constant("text"),
    "generator": (number for number in (1, 2)),
    "unreadable": Unreadable(),
    "class": FailsWhenMade,
}
FUNCTIONS = {
    "raises": raising(ValueError("reader's own words")),
    "raises without a word": raising(KeyError()),
    "not implemented": raising(NotImplementedError),
    "not implemented, with words": raising(NotImplementedError("later")),
    "stops": raising(StopIteration()),
    "fails an assertion": raising(AssertionError()),
    "gives None": lambda *arguments: None,
    "gives a string": lambda *arguments: "text",
    "gives strings": lambda *arguments: ["a", "b"],
    "gives Nones": lambda *arguments: (None, None),
    "gives rows of unequal length": lambda *arguments: [[1, 2], [3]],
    "gives a dictionary": lambda *arguments: {},
    "gives a truth value": lambda *arguments: True,
    "gives nan": lambda *arguments: float("nan"),
    "gives a function": lambda *arguments: lambda: 3,
    "gives what can't be read": lambda *arguments: Unreadable(),
    "gives its arguments": lambda *arguments: arguments,
    "takes nothing": lambda: None,
}


@every_checker
def test_three_dots_are_no_answer(check):
    verdict = judged(check, ...)
    assert not verdict.accepted
    assert "three dots" in verdict.text


@every_checker
@pytest.mark.parametrize("kind", ANSWERS | FUNCTIONS)
def test_what_is_no_answer_gets_a_sentence(check, kind):
    verdict = judged(check, (ANSWERS | FUNCTIONS)[kind])
    assert isinstance(verdict, Verdict)
    assert not verdict.accepted
    assert verdict.text
    assert "\n" not in verdict.text
    assert len(verdict.text) < 500


def test_an_interruption_in_a_readers_function_passes():
    checks = [parameter.values[0] for parameter in CHECKERS]
    calling = [check for check in checks if "own words" in judged(check, raising(ValueError("own words"))).text]
    assert len(calling) >= 14
    for check in calling:
        with pytest.raises(KeyboardInterrupt):
            judged(check, raising(KeyboardInterrupt))


# The right answers where numbers are asked for; shares are fractions.
NUMBERS = {
    "neurons-check_probability": Fraction(62, 100),
    "training_well-check_steps": 5640,
    "training_well-check_stop": (2, 4),
    "backpropagation-check_slopes": (-12, -4, -4),
    "learning_from_data-check_scores": (Fraction(1, 2), Fraction(3, 4), Fraction(98, 100), Fraction(98, 100)),
    "convolution-check_field": 16,
    "first_network-check_parameters": 18_496,
    "first_network-check_precision": (Fraction(8, 11), Fraction(6, 8), Fraction(10, 11)),
    "inception-check_bottleneck_cost": 5_268_480,
    "inception_resnet-check_block_parameters": 1_601_536,
    "inception_resnet-check_scale": Fraction(132, 1000),
    "looking_inside-check_grad_cam": ((3, 0), (0, 3)),
    "resnet-check_weights": 69_632,
    "find_and_align-check_feature": 21,
    "find_and_align-check_stages": (Fraction(9046, 10_000), Fraction(2861, 10_000)),
    "find_and_align-check_transform": (1.92, -0.56, -65.6, -49.2),
    "classify_images-check_temperature": Fraction(731, 1000),
    "classify_images-check_calibration_error": Fraction(7, 100),
    "facenet-check_triplet_loss": Fraction(6, 10),
    "facenet-check_triplets": 9000,
    "clip_to_features-check_frames": (0, 13, 25, 38),
    "recurrent_networks-check_lstm_step": (1.6, 0.73733),
    "recurrent_networks-check_forget_bias": 4.96824,
}

FORMS = {
    "fractions": lambda answer: answer,
    "floats": lambda answer: floats(answer).tolist(),
    "array": lambda answer: floats(answer),
    "32 bits": lambda answer: floats(answer).astype(np.float32)[()],
    "tensor": lambda answer: tf.constant(floats(answer)),
    "variable": lambda answer: tf.Variable(floats(answer), dtype=tf.float32),
    "one array a number": lambda answer: np.array(float(answer)) if np.ndim(answer) == 0 else list(floats(answer)),
}


def floats(answer):
    return np.array(answer, dtype=float)


def checker_of(page_and_name):
    return next(parameter.values[0] for parameter in CHECKERS if parameter.id == page_and_name)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("page_and_name", NUMBERS)
def test_right_numbers_are_accepted_in_any_usual_form(page_and_name, form):
    verdict = judged(checker_of(page_and_name), FORMS[form](NUMBERS[page_and_name]))
    assert verdict.accepted, verdict


SHARES = [key for key, answer in NUMBERS.items() if isinstance(np.array(answer, dtype=object).flat[0], Fraction)]


@pytest.mark.parametrize("page_and_name", SHARES)
def test_right_shares_in_per_cent_are_told_so(page_and_name):
    verdict = judged(checker_of(page_and_name), (100 * floats(NUMBERS[page_and_name])).tolist())
    assert not verdict.accepted
    assert "per cent" in verdict.text
    assert "right" in verdict.text.lower()


@pytest.mark.parametrize("page_and_name", NUMBERS)
def test_numbers_in_quotation_marks_are_told_so(page_and_name):
    verdict = judged(checker_of(page_and_name), np.array(NUMBERS[page_and_name], dtype=float).astype(str).tolist())
    assert not verdict.accepted
    assert "leave out the quotation marks" in verdict.text
