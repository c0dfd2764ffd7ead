"""The chain rule on a graph: numbers that remember how they were made.

Every operation on a ``Value`` makes a new one that knows its inputs and its slope along each of them. ``backward``
then walks the graph from the end to the start and multiplies slopes: back-propagation, one number at a time.
"""

import math
from typing import Union

Number = Union[float, int, "Value"]


class Value:
    """A number in a computational graph.

    Attributes:
        data: The number.
        gradient: d(end)/d(this), after ``end.backward()``.
        name: For drawing.
        operation: What made it: "+", "*", "exp", ...; empty for a number that was given.
        inputs: The values it was made from.
        slopes: d(this)/d(input), one for each input.

    >>> x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(1.0, "b")
    >>> loss = (x * w + b) ** 2
    >>> loss.backward()
    >>> loss.data, x.gradient, w.gradient, b.gradient
    (25.0, 30.0, -20.0, -10.0)
    """

    def __init__(
        self,
        data: float,
        name: str = "",
        *,
        operation: str = "",
        inputs: tuple["Value", ...] = (),
        slopes: tuple[float, ...] = (),
    ) -> None:
        self.data, self.gradient, self.name = float(data), 0.0, name
        self.operation, self.inputs, self.slopes = operation, inputs, slopes

    def backward(self) -> None:
        """Fill ``gradient`` of this value and of all that it was made from."""
        order = self.history()
        for value in order:
            value.gradient = 0.0
        self.gradient = 1.0  # d(end)/d(end)
        for value in reversed(order):  # a value comes after all that use it
            for source, slope in zip(value.inputs, value.slopes, strict=True):
                # d(end)/d(input) += d(end)/d(value) d(value)/d(input)
                source.gradient += value.gradient * slope

    def history(self) -> list["Value"]:
        """This value and all that it depends on, each once, inputs before what they make."""
        order: list[Value] = []
        seen: set[int] = set()
        stack = [(self, False)]
        while stack:
            value, inputs_done = stack.pop()
            if inputs_done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                stack.append((value, True))
                stack.extend((source, False) for source in reversed(value.inputs))
        return order

    def named(self, name: str) -> "Value":
        """The same value, with a name: ``z = (w * x + b).named("z")``."""
        self.name = name
        return self

    def _make(self, data: float, operation: str, *edges: tuple["Value", float]) -> "Value":
        inputs, slopes = zip(*edges, strict=True)
        return Value(data, operation=operation, inputs=inputs, slopes=slopes)

    def __add__(self, other: Number) -> "Value":
        other = _as_value(other)
        # d(a + b)/da = 1, d(a + b)/db = 1
        return self._make(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other: Number) -> "Value":
        other = _as_value(other)
        # d(ab)/da = b, d(ab)/db = a
        product = self.data * other.data
        return self._make(product, "*", (self, other.data), (other, self.data))

    def __pow__(self, exponent: float) -> "Value":
        if not isinstance(exponent, int | float):
            raise TypeError(f"exponent must be a plain number, got {exponent!r}; a varying one: (b * a.log()).exp()")
        if self.data == 0 and exponent < 1 and exponent != 0:
            raise ValueError(f"0 ** exponent has a slope only for an exponent of 0 or at least 1, got {exponent}")
        if self.data < 0 and exponent % 1 != 0:
            raise ValueError(f"a negative number needs a whole exponent, got {self.data} ** {exponent}")
        # d(a^k)/da = k a^(k - 1); a^0 is 1 everywhere, also where 0 * 0^(-1) has no value
        slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
        return self._make(self.data**exponent, f"^{exponent}", (self, slope))

    def exp(self) -> "Value":
        """E to the power of this."""
        e = math.exp(self.data)
        # d(e^a)/da = e^a
        return self._make(e, "exp", (self, e))

    def log(self) -> "Value":
        """Natural logarithm."""
        if self.data <= 0:
            raise ValueError(f"log needs a number above 0, got {self.data}")
        # d(log a)/da = 1 / a
        return self._make(math.log(self.data), "log", (self, 1 / self.data))

    def tanh(self) -> "Value":
        """Hyperbolic tangent."""
        t = math.tanh(self.data)
        # d(tanh a)/da = 1 - tanh(a)^2
        return self._make(t, "tanh", (self, 1 - t * t))

    def sigmoid(self) -> "Value":
        """1 / (1 + exp(-a))."""
        s = (1 + math.tanh(self.data / 2)) / 2  # the same, and exp can't overflow
        # ds/da = s (1 - s)
        return self._make(s, "sigmoid", (self, s * (1 - s)))

    def relu(self) -> "Value":
        """max(a, 0)."""
        # slope 1 above 0, else 0
        return self._make(max(self.data, 0.0), "relu", (self, float(self.data > 0)))

    def __sub__(self, other: Number) -> "Value":
        other = _as_value(other)
        # d(a - b)/da = 1, d(a - b)/db = -1
        return self._make(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __truediv__(self, other: Number) -> "Value":
        a, b = self.data, _as_value(other).data
        # d(a/b)/da = 1 / b, d(a/b)/db = -a / b^2
        return self._make(a / b, "/", (self, 1 / b), (_as_value(other), -a / b**2))

    def __neg__(self) -> "Value":
        return self * -1

    def __radd__(self, other: Number) -> "Value":
        return self + other

    def __rmul__(self, other: Number) -> "Value":
        return self * other

    def __rsub__(self, other: Number) -> "Value":
        return _as_value(other) - self

    def __rtruediv__(self, other: Number) -> "Value":
        return _as_value(other) / self

    def __repr__(self) -> str:
        name = f"{self.name} = " if self.name else ""
        return f"Value({name}{self.data:.6g}, gradient {self.gradient:.6g})"


def _as_value(number: Number) -> Value:
    return number if isinstance(number, Value) else Value(number, name=f"{number:g}")
