"""Redefining what the package defines: who follows, what is refused, and how it is taken back."""

import importlib
import inspect
import itertools
import sys
import traceback

import pytest

import deepmedia
from deepmedia.source import SourceProblem, redefine, reset
from deepmedia.source.edits import EDITS

NUMBERS = itertools.count()
ROOM = r'''
from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass, field
from enum import Enum

RATE = 0.5
SIZES = (1, 2)
TWICE = 2 * RATE


def scaled(x, *, rate=RATE):
    """Scale."""
    return rate * x


def outer(x, rate=RATE):
    return scaled(x) + inner(x)


def inner(x):
    return x + 1


@functools.cache
def cached(x):
    return x + 1


@contextlib.contextmanager
def opened(x):
    yield x


def hide(function):
    return functools.partial(function, 1)


@hide
def hidden(x):
    return x


class Colour(Enum):
    RED = 1


class Base:
    def name(self):
        return "base"


class Layer(Base):
    """A layer."""

    width = 2

    def __init__(self, x=1):
        self.x = x

    def name(self):
        return "layer of " + super().name()

    def forward(self, x):
        return self.width * x

    @property
    def area(self):
        return self.width ** 2

    def width_of(self):
        """The width.

        Returns:
            It.
        """
        return self.width

    @staticmethod
    def unit():
        return 1

    @classmethod
    def made(cls):
        return cls(3)


class Sub(Layer):
    pass


@dataclass(frozen=True)
class Recipe:
    """A recipe."""

    rate: float = 0.1
    steps: list = field(default_factory=list)

    def half(self):
        return self.rate / 2
'''
USER = """
from deepmedia.{} import RATE, SIZES as LENGTHS, inner, scaled


def use(x, rate=RATE):
    return inner(x) * rate
"""


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A module of the package for this test alone, and another that imports from it."""
    name = f"room{next(NUMBERS)}"
    monkeypatch.setattr(deepmedia, "__path__", [*deepmedia.__path__, str(tmp_path)])
    (tmp_path / f"{name}.py").write_text(ROOM)
    (tmp_path / f"{name}_user.py").write_text(USER.format(name))
    importlib.invalidate_caches()
    yield importlib.import_module(f"deepmedia.{name}")
    reset()
    for module in (f"deepmedia.{name}", f"deepmedia.{name}_user"):
        sys.modules.pop(module, None)


@pytest.fixture
def user(room):
    return importlib.import_module(f"{room.__name__}_user")


def state(room) -> dict:
    """Everything that redefining may touch, by value."""
    functions = [value for value in vars(room).values() if inspect.isfunction(value)]
    classes = [value for value in vars(room).values() if inspect.isclass(value)]
    functions += [value for one in classes for value in vars(one).values() if inspect.isfunction(value)]
    return {
        "names": dict(vars(room)),
        "members": {one: dict(vars(one)) for one in classes},
        "functions": {f: (f.__code__, f.__defaults__, f.__kwdefaults__, f.__doc__) for f in functions},
    }


def test_who_imported_a_function_before_follows(room, user):
    imported = room.inner
    assert redefine(room.__name__, "def inner(x):\n    return x + 10") == [f"{room.__name__}.inner"]
    assert (imported(1), room.outer(1), user.use(1)) == (11, 0.5 + 11, 5.5)
    assert imported is room.inner is user.inner


def test_defaults_and_docstring_follow(room):
    redefine(room.__name__, 'def scaled(x, *, rate=3):\n    """Treble."""\n    return rate * x')
    assert (room.scaled(2), room.scaled.__doc__) == (6, "Treble.")


def test_a_cell_of_the_packages_own_source_changes_nothing(room):
    before = state(room)
    for name in ("scaled", "Layer", "Recipe", "cached", "Sub"):
        assert redefine(room.__name__, inspect.getsource(getattr(room, name))) == []
    assert redefine(room.__name__, "RATE = 0.5  # a comment") == []
    assert state(room) == before
    assert EDITS == {}


def test_a_cell_of_the_packages_own_source_takes_a_change_back(room):
    redefine(room.__name__, "def inner(x):\n    return 0")
    redefine(room.__name__, "def inner(x):\n    return x + 1")
    assert room.inner(1) == 2
    assert EDITS == {}


def test_a_constant_follows_in_importers_defaults_and_the_readers_names(room, user):
    namespace = {"RATE": room.RATE, "SIZES": "the reader's own"}
    redefine(room.__name__, "RATE = 2.0\nSIZES = (3,)", namespace)
    assert (room.scaled(1), room.outer(1), user.use(1), user.RATE, user.LENGTHS) == (2, 2 + 2, 4, 2.0, (3,))
    assert namespace == {"RATE": 2.0, "SIZES": "the reader's own"}
    assert room.TWICE == 1.0  # it was computed before
    reset()
    assert (room.scaled(1), user.use(1), user.LENGTHS, namespace["RATE"]) == (0.5, 1, (1, 2), 0.5)


def test_a_name_of_the_same_value_that_was_not_imported_stays(room, user):
    user.TWICE = room.TWICE
    redefine(room.__name__, "TWICE = 7.0")
    assert (room.TWICE, user.TWICE) == (7.0, 1.0)


def test_a_constant_of_the_cell_is_what_later_lines_of_it_see(room):
    redefine(room.__name__, "RATE = 4.0\n\ndef scaled(x, *, rate=RATE + 1):\n    return rate * x")
    assert room.scaled(1) == 5


def test_instances_and_subclasses_follow_a_class(room):
    layer, sub = room.Layer(), room.Sub()
    source = (
        inspect.getsource(room.Layer)
        .replace("self.width * x", "self.width * x + 100")
        .replace("width = 2", "width = 3")
    )
    redefine(room.__name__, source.replace("layer of", "new layer of").replace("return 1", "return 8"))
    assert (layer.forward(1), sub.forward(1), layer.area, room.Layer.unit(), room.Layer.made().x) == (103, 103, 9, 8, 3)
    assert layer.name() == sub.name() == "new layer of base"
    assert isinstance(layer, room.Layer)
    reset()
    assert (layer.forward(1), layer.area, layer.name(), room.Layer.unit()) == (2, 4, "layer of base", 1)


def test_members_that_a_class_loses_or_gains_are_lost_and_gained(room):
    layer = room.Layer()
    redefine(room.__name__, "class Layer(Base):\n    def extra(self):\n        return super().name()")
    assert layer.extra() == "base"
    assert not hasattr(layer, "forward")
    redefine(room.__name__, "class Layer(Base):\n    def other(self):\n        return 1")
    assert not hasattr(layer, "extra")
    reset()
    assert (layer.forward(1), hasattr(layer, "other"), room.Layer.__doc__) == (2, False, "A layer.")


def test_a_dataclass_gets_new_fields(room):
    old = room.Recipe()
    changed = inspect.getsource(room.Recipe).replace("rate: float = 0.1", "rate: float = 0.4\n    name: str = 'a'")
    redefine(room.__name__, changed)
    new = room.Recipe()
    assert (new.rate, new.name, new.half(), old.half(), repr(new)) == (
        0.4,
        "a",
        0.2,
        0.05,
        "Recipe(rate=0.4, name='a', steps=[])",
    )
    assert new == room.Recipe(name="a")
    with pytest.raises(AttributeError, match="cannot assign to field"):
        new.rate = 1
    with pytest.raises(AttributeError, match="cannot assign to field"):
        old.rate = 1
    reset()
    assert repr(room.Recipe()) == "Recipe(rate=0.1, steps=[])"


def test_a_method_alone_is_redefined_in_its_class(room):
    layer = room.Layer()
    bound = layer.forward
    assert redefine(f"{room.__name__}.Layer", "def forward(self, x):\n    return -x") == [
        f"{room.__name__}.Layer.forward"
    ]
    redefine(f"{room.__name__}.Layer", 'def name(self):\n    return "not " + super().name()')
    redefine(f"{room.__name__}.Layer", "@property\ndef area(self):\n    return 0")
    assert (layer.forward(1), bound(1), layer.name(), layer.area, room.Sub().forward(2)) == (-1, -1, "not base", 0, -2)
    assert room.Layer.forward.__qualname__ == "Layer.forward"


def test_a_method_with_its_docstring_indented_less_is_the_packages_own(room):
    source = inspect.cleandoc("\n" + inspect.getsource(room.Layer.width_of))
    assert redefine(f"{room.__name__}.Layer", source) == []


def test_a_method_that_begins_to_use_super_is_put_in_place(room):
    redefine(f"{room.__name__}.Layer", "def forward(self, x):\n    return super().name() * x")
    assert room.Layer().forward(2) == "basebase"


def test_a_method_as_in_the_package_counts_after_its_class_was_changed(room):
    redefine(room.__name__, inspect.getsource(room.Layer).replace("self.width * x", "0"))
    redefine(f"{room.__name__}.Layer", "def forward(self, x):\n    return self.width * x")
    assert room.Layer().forward(3) == 6


def test_below_a_decorator_that_keeps_its_function_the_code_is_changed(room):
    used, opened = room.cached, room.opened
    assert used(1) == 2
    redefine(room.__name__, "@functools.cache\ndef cached(x):\n    return x + 5")
    redefine(room.__name__, "@contextlib.contextmanager\ndef opened(x):\n    yield x + 1")
    with opened(1) as found:
        assert (used(1), found) == (6, 2)


def test_reset_takes_back_one_name_a_module_or_all(room):
    redefine(room.__name__, "def inner(x):\n    return 0\n\ndef scaled(x):\n    return 0")
    assert reset(f"{room.__name__}.inner") == [f"{room.__name__}.inner"]
    assert (room.inner(1), room.scaled(1)) == (2, 0)
    assert reset(room.__name__) == [f"{room.__name__}.scaled"]
    assert (room.scaled(1), room.scaled.__kwdefaults__) == (0.5, {"rate": 0.5})
    assert reset() == []


def test_reset_goes_back_to_the_package_after_several_changes(room):
    before = state(room)
    for value in (1, 2):
        redefine(room.__name__, f"def inner(x):\n    return {value}")
        redefine(room.__name__, f"RATE = {value}.5")
        redefine(room.__name__, f"class Layer(Base):\n    width = {value}")
        redefine(room.__name__, f"def scaled(x, rate={value}):\n    return {value}")
    reset()
    assert state(room) == before


def test_the_cells_lines_are_in_tracebacks_and_for_inspect(room):
    source = "def inner(x):\n    y = 1\n    return x / 0  # here\n"
    redefine(room.__name__, source)
    assert inspect.getsource(room.inner) == source
    try:
        room.inner(1)
    except ZeroDivisionError as error:
        text = "".join(traceback.format_exception(error))
    assert f"<source {room.__name__}, cell" in text
    assert "return x / 0  # here" in text


@pytest.mark.parametrize(
    ("suffix", "source", "message"),
    [
        ("", "def iner(x):\n    return x", r"does not define 'iner'; a cell can redefine .*inner.*Put a helper inside"),
        ("", "def field():\n    pass", r"takes field from dataclasses: write %%source dataclasses"),
        ("", "import os", r"line 1 is 'import os': put what shall run into a cell of its own, and imports inside"),
        ("", "def inner(x):\n    return 0\n\nprint(1)", r"line 4 is 'print\(1\)'"),
        ("", "# nothing", "the cell defines nothing"),
        ("", "inner = 3", "inner is a function in deepmedia.*, and a constant in the cell"),
        ("", "def RATE():\n    pass", "RATE is a constant in deepmedia.*, and a function in the cell"),
        ("", "def cached(x):\n    return 0", r"the decorators of cached must stay as in .* \(@functools.cache\)"),
        ("", "@functools.cache\ndef inner(x):\n    return 0", r"the decorators of inner must stay as in .* \(none\)"),
        ("", "@hide\ndef hidden(x):\n    return 0", "hidden is hidden by its decorator"),
        ("", "class Layer:\n    pass", r"the base classes of Layer must stay \['Base'\]"),
        ("", "class Colour(Enum):\n    RED = 2", "Colour is an enumeration or a tuple with names"),
        (".Layer", "def forwards(self):\n    pass", r"Layer does not define 'forwards'; a cell can redefine .*forward"),
        (".Layer", "width = 3", r"holds methods only, and line 1 is 'width = 3'"),
        (".Lair", "def forward(self):\n    pass", r"has no module or class 'Lair'"),
    ],
)
def test_what_cant_be_redefined_is_refused_and_nothing_is_changed(room, suffix, source, message):
    redefine(room.__name__, "def inner(x):\n    return 5")
    before, edits = state(room), {key: len(value) for key, value in EDITS.items()}
    with pytest.raises(SourceProblem, match=message):
        redefine(room.__name__ + suffix, source)
    assert state(room) == before
    assert {key: len(value) for key, value in EDITS.items()} == edits


@pytest.mark.parametrize("target", ["numpy.linalg", "deepmedia.nothing", "resnet", "", "deepmedia.cnn.nothing.more"])
def test_an_unknown_module_is_named(target):
    with pytest.raises(SourceProblem, match="no module"):
        redefine(target, "def f():\n    pass")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def inner(x):\n    return 9\n\ndef scaled(x, rate=1 / 0):\n    return x", ZeroDivisionError),
        ("RATE = 9.0\n\nclass Layer(Base):\n    width = unknown", NameError),
        ("def inner(x):\n    return 1 +", SyntaxError),
        ("def inner(x):\n    return x + 1\n\ndef scaled(x, rate=1 / 0):\n    return x", ZeroDivisionError),
    ],
)
def test_after_an_error_in_a_cell_the_module_is_as_it_was(room, source, error):
    redefine(room.__name__, "def inner(x):\n    return 5")
    before = state(room)
    with pytest.raises(error):
        redefine(room.__name__, source)
    assert state(room) == before
    assert reset() == [f"{room.__name__}.inner"]
    assert room.inner(1) == 2


def test_a_class_of_elsewhere_is_sent_to_its_module():
    with pytest.raises(SourceProblem, match=r"write deepmedia\.fundamentals\.layers\.Dropout"):
        redefine("deepmedia.fundamentals.Dropout", "def forward(self, x):\n    return x")


def test_reset_of_an_unknown_name_is_refused(room):
    with pytest.raises(SourceProblem, match="no module or class"):
        reset(f"{room.__name__}.nothing")
    assert reset(f"{room.__name__}.RATE") == []


def test_a_registered_keras_layer_stays_the_one_that_keras_knows():
    keras = pytest.importorskip("keras")
    from deepmedia.cnn import inception_resnet

    layer = inception_resnet.ScaledSum
    name = keras.saving.get_registered_name(layer)
    source = inspect.getsource(layer).replace(
        "def get_config(self)", "def marked(self):\n        return 1\n\n    def get_config(self)"
    )
    assert redefine(inception_resnet.__name__, source) == [f"{inception_resnet.__name__}.{layer.__name__}"]
    assert layer.marked
    assert keras.saving.get_registered_object(name) is layer
    reset()
    assert not hasattr(layer, "marked")


def test_networks_that_preset_options_of_a_block_follow_it():
    pytest.importorskip("keras")
    from deepmedia.cnn import blocks
    from deepmedia.cnn.resnet import resnet50

    before = resnet50((32, 32, 1), classes=2).count_params()
    source = inspect.getsource(blocks.conv_bn)
    redefine(blocks.__name__, source.replace("scale=gamma,", "scale=False,"))
    changed = resnet50((32, 32, 1), classes=2).count_params()
    reset(f"{blocks.__name__}.conv_bn")
    # One factor for each map: 64 of the stem; in each stage 6 a filter and block, 4 more for the shortcut.
    assert before - changed == 64 + sum(f * (6 * n + 4) for f, n in ((64, 3), (128, 4), (256, 6), (512, 3)))


def test_the_books_own_models_follow_a_changed_block():
    pytest.importorskip("keras")
    from deepmedia.cnn import resnet
    from deepmedia.cnn.small_networks import small_resnet

    before = small_resnet().count_params()
    source = inspect.getsource(resnet.residual_block)
    redefine(resnet.__name__, source.replace("conv_bn(y, filters, 3,", "conv_bn(y, filters, 1,"))
    changed = small_resnet().count_params()
    reset(f"{resnet.__name__}.residual_block")
    # The second convolutions of the blocks, 32 to 32 and 48 to 48 maps, have 1 weight in place of 9 for each pair.
    assert before - changed == 8 * (32 * 32 + 48 * 48)
    assert small_resnet().count_params() == before
