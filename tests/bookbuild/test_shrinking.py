"""What a notebook keeps of hidden cells, and what it says of a solution's names."""

import ast

import pytest

from bookbuild.shrinking import names_of, shrink


def kept(*cells: tuple[str, str]) -> list[str]:
    """The shrunk cells of a page without problems."""
    sources, problems = shrink(cells)  # type: ignore[arg-type]
    assert problems == []
    return sources


@pytest.mark.parametrize(
    ("statement", "uses", "binds"),
    [
        ("a = b + c(d)", {"b", "c", "d"}, {"a"}),
        ("a += 1", {"a"}, {"a"}),
        ("def f(xs):\n    for x in xs:\n        x += y", {"y"}, {"f"}),
        ("def f(x, y=z):\n    q = x\n    return q + w", {"z", "w"}, {"f"}),
        ("for i in range(n):\n    s[i] = i", {"range", "n", "s", "i"}, {"i"}),
        ("import a.b as c, d.e", set(), {"c", "d"}),
        ("y = [x for x in xs if x > t]", {"xs", "t"}, {"y"}),
        ("with open(p) as f, g:\n    pass", {"open", "p", "g"}, {"f"}),
        ("class A(B):\n    c = d", {"B", "d"}, {"A"}),
        ("f(lambda x: x + k)", {"f", "k"}, set()),
    ],
)
def test_names_are_those_counted_by_hand(statement, uses, binds):
    assert names_of(ast.parse(statement).body[0]) == (uses, binds)


def test_glue_goes_with_what_serves_it_alone():
    hidden = (
        "from deepmedia.gluing import glue\nfrom deepmedia.statistics import wilson_interval\n\n"
        "low, high = wilson_interval(hits)\nused = high\nclaim('c', low < 1)\n"
        "mean = hits.mean()\nglue('a', mean)\nglue(\n    'b',\n    used,\n)\n"
    )
    sources = kept(("hits = 3", "shown"), (hidden, "hidden"), ("print(used)", "shown"))
    assert sources == [
        "hits = 3",
        "from deepmedia.statistics import wilson_interval\n\n"
        "low, high = wilson_interval(hits)\nused = high\nclaim('c', low < 1)",
        "print(used)",
    ]


def test_a_cell_that_only_glues_is_gone_and_shown_cells_are_left_alone():
    shown = "glue('shown', 1)"
    assert kept((shown, "shown"), ("# a number\nx = 1\nglue('a', x)", "hidden")) == [shown, ""]


def test_a_loop_that_only_glues_is_gone_and_of_another_the_glue():
    loops = (
        "for k in ks:\n    glue(k, 1)\nfor k in ks:\n    claim(k, True)\n    glue(k, 1)\n"
        "if a:\n    glue('x', 1)\nelse:\n    f()"
    )
    assert kept((loops, "hidden")) == [
        "for k in ks:\n    claim(k, True)\nif a:\n    glue('x', 1)\nelse:\n    f()"  # an empty branch is no Python
    ]


def test_a_loop_that_only_serves_its_glue_is_gone():
    loop = "for k, hits in right.items():\n    low, high = interval(hits)\n    glue(k, low)\n"
    assert kept((loop, "hidden")) == [""]
    assert kept((loop, "hidden"), ("print(high)", "shown"))[0] == loop.replace("    glue(k, low)\n", "").rstrip()
    assert kept((loop.replace("interval", "rng.choice"), "hidden")) != [""]


@pytest.mark.parametrize(
    "statement", ["x = rng.normal()", "x = model.fit(a)", "x = np.random.rand()", "x = next(batches)", "f()", "x.y = 1"]
)
def test_what_may_change_later_numbers_stays(statement):
    assert kept((f"{statement}\nglue('a', x)", "hidden")) == [statement]


def test_what_a_function_or_a_later_cell_reads_stays():
    sources = kept(
        ("def shown():\n    return limit", "shown"),
        ("limit = 2\nalso = 3\nsame = 4\nglue('a', limit + also + same)", "hidden"),
        ("same = 5\nprint(same)\nprint(also)", "shown"),
    )
    assert sources[1] == "limit = 2\nalso = 3"


def test_a_hidden_cell_with_a_magic_is_left_alone():
    cell = "%timeit f()\nglue('a', 1)"
    assert kept((cell, "hidden")) == [cell]


def test_what_only_a_magic_reads_stays():
    assert kept(("x = 1\nglue('a', x)", "hidden"), ("%timeit f(x)", "shown"))[0] == "x = 1"


def test_hidden_statements_about_a_solution_go_with_it():
    sources = kept(
        ("answer = ...", "shown"),
        ("answer = 3\nseen = 4", "solution"),
        ("claim('three', answer == 3)\ntwice = 2 * seen\nclaim('other', 1 < 2)\nclaim('more', twice == 8)", "hidden"),
        ("answer = ...\nprint(answer)", "shown"),
        ("claim('again', answer)", "hidden"),
    )
    assert sources[2] == "claim('other', 1 < 2)"
    assert sources[4] == "claim('again', answer)"


@pytest.mark.parametrize(
    ("later", "name"),
    [("print(model)", "model"), ("f(seen)", "seen"), ("%timeit g(model)", "model"), ("seen += 1", "seen")],
)
def test_a_shown_cell_that_uses_a_solutions_name_is_a_problem(later, name):
    _, problems = shrink([("model = 1", "shown"), ("model = 2\nseen = 3", "solution"), (later, "shown")])
    assert problems == [f"code cell 3 uses {name} as a solution leaves it, which a notebook does not run"]


def test_a_solution_may_import_again_and_use_its_own_names():
    kept(("import numpy as np", "shown"), ("import numpy as np\na = 1\nb = a", "solution"), ("np.pi", "shown"))
