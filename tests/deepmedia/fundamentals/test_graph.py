import math
import re

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.fundamentals import Value

number = st.floats(0.3, 3)


def slopes_of(function, *numbers):
    """Value and gradients by our graph."""
    values = [Value(x) for x in numbers]
    end = function(*values)
    end.backward()
    return end.data, [value.gradient for value in values]


OPERATIONS = {
    "add": (lambda a, b: a + b + 2, lambda a, b: a + b + 2),
    "add to a number": (lambda a, b: 2 + a * b, lambda a, b: 2 + a * b),
    "subtract": (lambda a, b: a - b - 1, lambda a, b: a - b - 1),
    "subtract from a number": (lambda a, b: 1 - a * b, lambda a, b: 1 - a * b),
    "multiply": (lambda a, b: a * b * 3, lambda a, b: a * b * 3),
    "multiply a number": (lambda a, b: 3 * a * b, lambda a, b: 3 * a * b),
    "divide": (lambda a, b: a / b / 2, lambda a, b: a / b / 2),
    "divide a number": (lambda a, b: 5 / (a * b), lambda a, b: 5 / (a * b)),
    "negate": (lambda a, b: -(a * b), lambda a, b: -(a * b)),
    "power": (lambda a, b: a**3 * b**-0.5, lambda a, b: a**3 * b**-0.5),
    "exp": (lambda a, b: (a * b).exp(), lambda a, b: tf.exp(a * b)),
    "log": (lambda a, b: (a * b).log(), lambda a, b: tf.math.log(a * b)),
    "tanh": (lambda a, b: (a - b).tanh(), lambda a, b: tf.tanh(a - b)),
    "sigmoid": (lambda a, b: (a - b).sigmoid(), lambda a, b: tf.sigmoid(a - b)),
    "relu": (lambda a, b: (a - b).relu() + (b - 2 * a).relu(), lambda a, b: tf.nn.relu(a - b) + tf.nn.relu(b - 2 * a)),
    "reuse": (
        lambda a, b: (a * b + a).tanh() * a + (a * b).exp() / b,
        lambda a, b: tf.tanh(a * b + a) * a + tf.exp(a * b) / b,
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_values_and_gradients_equal_those_of_gradient_tape(name):
    ours, theirs = OPERATIONS[name]
    for numbers in ((1.3, 0.7), (0.4, 2.9)):
        variables = [tf.Variable(x, dtype="float64") for x in numbers]
        with tf.GradientTape() as tape:
            end = theirs(*variables)
        value, gradients = slopes_of(ours, *numbers)
        assert value == pytest.approx(float(end), rel=1e-12)
        expected = tape.gradient(end, variables, unconnected_gradients="zero")
        assert gradients == pytest.approx([float(g) for g in expected], rel=1e-12)


@pytest.mark.parametrize(
    ("base", "exponent", "value", "slope"),
    [
        (0.0, 0, 1, 0),
        (0.0, 1, 0, 1),
        (0.0, 2, 0, 0),
        (0.0, 1.5, 0, 0),
        (3.0, 0, 1, 0),
        (-2.0, 0, 1, 0),
        (-2.0, 3.0, -8, 12),
    ],
)
def test_powers_at_the_edges_have_their_value_and_slope(base, exponent, value, slope):
    assert slopes_of(lambda a: a**exponent, base) == (value, [slope])


@pytest.mark.parametrize(
    ("base", "exponent", "message"),
    [
        (0.0, -1, "0 ** exponent has a slope only for an exponent of 0 or at least 1, got -1"),
        (0.0, 0.5, "0 ** exponent has a slope only for an exponent of 0 or at least 1, got 0.5"),
        (-2.0, 0.5, "a negative number needs a whole exponent, got -2.0 ** 0.5"),
    ],
)
def test_powers_without_a_value_or_slope_are_refused(base, exponent, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Value(base) ** exponent


@given(number, number, number)
def test_gradients_are_the_differences_of_a_deep_expression(a, b, c):
    def function(a, b, c):
        hidden = (a * b + c).tanh() / c
        return (hidden * hidden - b).sigmoid().log() * a + hidden.exp()

    _, gradients = slopes_of(function, a, b, c)
    for i, gradient in enumerate(gradients):
        up, down = [a, b, c], [a, b, c]
        up[i] += 1e-5
        down[i] -= 1e-5
        difference = (function(*map(Value, up)).data - function(*map(Value, down)).data) / 2e-5
        assert gradient == pytest.approx(difference, rel=1e-5, abs=1e-6)


def test_a_neuron_matches_the_chain_rule_by_hand():
    x, w, b, y = Value(2.0), Value(-0.5), Value(1.5), Value(1.0)
    loss = ((x * w + b).relu() - y) ** 2
    loss.backward()
    # z = 0.5, loss (0.5 - 1)^2 = 0.25; d/dz = 2 (0.5 - 1) = -1: w gets -1 * 2, x gets -1 * -0.5, b gets -1
    assert loss.data == 0.25
    assert (w.gradient, x.gradient, b.gradient, y.gradient) == (-2, 0.5, -1, 1)


def test_a_value_used_twice_gets_the_sum_of_both_ways():
    a = Value(3.0)
    (a * a + a).backward()
    assert a.gradient == 7  # 2 a + 1


def test_a_second_backward_forgets_the_first():
    a = Value(3.0)
    end = a * a
    end.backward()
    end.backward()
    assert a.gradient == 6


def test_history_puts_inputs_before_what_they_make_and_each_value_once():
    a = Value(2.0, "a")
    b = (a * a).named("b")
    end = (b + a).named("end")
    assert [value.name for value in end.history()] == ["a", "b", "end"]


def test_a_long_chain_needs_no_recursion():
    value = Value(1.0)
    end = value
    for _ in range(5000):
        end = end + 1
    end.backward()
    assert value.gradient == 1


def test_plain_numbers_are_named_by_themselves():
    product = Value(2.0) * 3
    assert product.inputs[1].name == "3"


def test_a_value_shows_name_number_and_gradient():
    assert repr(Value(2.0, "x")) == "Value(x = 2, gradient 0)"
    assert repr(Value(2.5) * 2) == "Value(5, gradient 0)"


def test_sigmoid_and_relu_stay_right_far_out():
    assert slopes_of(lambda a: a.sigmoid(), -800.0) == (0, [0])
    assert slopes_of(lambda a: a.sigmoid(), 800.0) == (1, [0])
    assert slopes_of(lambda a: a.relu(), 0.0) == (0, [0])


def test_what_has_no_slope_is_refused():
    with pytest.raises(ValueError, match=r"log needs a number above 0, got 0\.0"):
        Value(0.0).log()
    with pytest.raises(TypeError, match="exponent must be a plain number"):
        Value(2.0) ** Value(3.0)  # type: ignore[operator]
    with pytest.raises(ZeroDivisionError):
        Value(1.0) / 0
    assert math.isfinite(Value(1.0).exp().data)
