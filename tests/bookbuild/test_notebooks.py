"""Exported notebooks: their cells, and the search for what Jupyter would show raw."""

import copy
import json
import re
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from bookbuild.notebooks import INSTALL, code_cell, export, find_raw_myst, name_cells, remove_stale
from bookbuild.pages import repository, site_url

PAGE = """\
# A *first* page

Opening words.

```{code-cell} python
:tags: [remove-cell]
import preparation
```

```{code-cell} python
:tags: [remove-output]
x = 1
```

```{code-cell} python
:tags: [remove_cell]
glue("a", x)
```

Words.

+++

More words.

## A section

```{code-cell} python
:tags: [hide-input, raises-exception]
1 / 0
```

````{exercise} Try it
:label: ex-a
Do this.
````

```{solution-start} ex-a
:class: dropdown
```
First.

```{code-cell} python
%%time
solve()
```

```{code-cell} python
:tags: [remove-cell]
glue("b", 2)
```

Then.

```{solution-end}
```

````{exercise-start}
:label: ex-b
````
Change this:

```{code-cell} python
y = 1
```

and look.

````{exercise-end}
````

```{solution-start} ex-b
```

```{code-cell} python
y = 2
```

```{solution-end}
```
"""
HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form"}
FOLDED = {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form", "collapsed": True}
CELLS = [  # kind, source, metadata
    (
        "markdown",
        "# 1. A *first* page\n\n*A page of [Tiny book](SITE/), as a notebook. "
        "[The page on the site](SITE/part/page.html) "
        "shows what all cells give; the numbers in the text are from there. "
        "Run the cells from top to bottom: each builds on those before it. A cell that begins with `%%source` "
        "holds source of the book's package: change a line, run it and the cells below, and the package follows. "
        "`%source reset` takes all changes back.*",
        {},
    ),
    ("code", INSTALL.format(repository=repository()).rstrip(), {}),
    ("code", "#@title Preparation\nimport preparation", HIDDEN),
    ("markdown", "Opening words.", {}),
    ("code", "x = 1", {}),
    ("markdown", "Words.\n\nMore words.", {}),
    ("markdown", "## 1.1. A section", {}),
    ("code", "1 / 0", {"tags": ["raises-exception"], **HIDDEN}),
    (
        "markdown",
        "> **Exercise 1.1 (Try it)**\n>\n> Do this.\n\n"
        "<details>\n<summary>Solution to Exercise 1.1 (Try it)</summary>\n\nFirst.\n\n"
        "```python\n%%time\nsolve()\n```\n\nThen.\n\n</details>\n\n"
        "> **Exercise 1.2**\n>\n> Change this:",
        {},
    ),
    ("code", "y = 1", {}),
    (
        "markdown",
        "> and look.\n\n<details>\n<summary>Solution to Exercise 1.2</summary>\n\n```python\ny = 2\n```\n\n</details>",
        {},
    ),
]


def executed_page() -> str:
    """A page of outputs: a figure with a number, and a number glued into the text."""
    picture = {
        "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    }
    mystnb = {"image": {"alt": "A dot"}, "figure": {"name": "fig-cell", "caption": "A *dot*."}}
    glued = {"scrapbook": {"name": "a", "mime_prefix": "application/papermill.record/"}}
    figure = nbformat.v4.new_output("display_data", picture)
    number = nbformat.v4.new_output("display_data", {"application/papermill.record/text/plain": "0.25"}, metadata=glued)
    cells = [
        nbformat.v4.new_markdown_cell("# Drawn"),
        nbformat.v4.new_code_cell("draw()", outputs=[figure], metadata={"mystnb": mystnb}),
        nbformat.v4.new_code_cell("glue()", outputs=[number], metadata={"tags": ["remove-cell"]}),
        nbformat.v4.new_markdown_cell("It is {glue:text}`a:.1f`, see {numref}`fig-cell`."),
        nbformat.v4.new_markdown_cell("```{exercise} Try it\n:label: ex-c\nDo this.\n```"),
        nbformat.v4.new_markdown_cell("```{solution-start} ex-c\n:class: dropdown\n```"),
        nbformat.v4.new_code_cell("answer = 2\nprint(answer)", outputs=[nbformat.v4.new_output("stream", text="2\n")]),
        nbformat.v4.new_code_cell("draw(2)", outputs=[figure], metadata={"mystnb": {"image": {"alt": "Another dot"}}}),
        nbformat.v4.new_markdown_cell("```{solution-end}\n```"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}))


@pytest.fixture(scope="module")
def built(build_project, notebook_header):
    files = {
        "index.md": "# Home\n\n```{toctree}\n:numbered:\npart/page\npart/drawn\n```",
        "part/page.md": notebook_header + PAGE,
        "part/drawn.ipynb": executed_page(),
    }
    return build_project(files, extensions=("bookbuild.notebooks",))


@pytest.fixture(scope="module")
def notebook(built):
    return nbformat.read(built.site / "notebooks/part/page.ipynb", as_version=4)


def test_the_build_has_no_warning(built):
    assert built.warnings == ""


def test_cells_are_those_written_by_hand(notebook):
    assert [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells] == [
        (kind, source.replace("SITE", site_url()), metadata) for kind, source, metadata in CELLS
    ]


def test_the_file_is_valid_and_holds_no_outputs(built, notebook):
    raw = json.loads((built.site / "notebooks/part/page.ipynb").read_text("utf-8"))
    nbformat.validate(notebook)
    assert (raw["nbformat"], raw["nbformat_minor"], raw["metadata"]["kernelspec"]["name"]) == (4, 5, "python3")
    code = [cell for cell in raw["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_pages_without_code_have_no_notebook(built):
    names = {path.relative_to(built.site).as_posix() for path in built.site.rglob("*.ipynb")}
    assert {name for name in names if name.startswith("notebooks/")} == {
        "notebooks/part/page.ipynb",
        "notebooks/part/drawn.ipynb",
    }


def test_other_builders_export_nothing():
    app: Any = SimpleNamespace(builder=SimpleNamespace(name="latex"))  # it has nothing else: more questions are errors
    export(app, None, "part/page")


def test_the_notebook_of_a_page_that_is_gone_is_deleted(tmp_path):
    for name in ("kept", "gone"):
        (tmp_path / f"notebooks/part/{name}.ipynb").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"notebooks/part/{name}.ipynb").write_text("{}")
    env = SimpleNamespace(found_docs={"index", "part/kept"})
    app: Any = SimpleNamespace(builder=SimpleNamespace(name="html"), outdir=tmp_path, env=env)
    remove_stale(app, None)
    assert [path.name for path in tmp_path.rglob("*.ipynb")] == ["kept.ipynb"]


def test_raw_myst_in_a_notebook_is_a_warning_of_the_build(build_project, notebook_header):
    page = notebook_header + "# Page\n\n\\(label)=\n\n```{code-cell} python\n1\n```\n"
    warnings = build_project({"index.md": page}, extensions=("bookbuild.notebooks",)).warnings
    assert re.search(r"index\.md: WARNING: raw MyST in the notebook, cell 2: \(label\)=", warnings)


def test_a_solutions_name_that_is_used_outside_is_a_warning_of_the_build(build_project, notebook_header):
    page = f"{notebook_header}{PAGE}\n## Later\n\n```{{code-cell}} python\nprint(y)\n```\n"
    warnings = build_project({"index.md": page}, extensions=("bookbuild.notebooks",)).warnings
    assert re.search(r"index\.md: WARNING: code cell 9 uses y as a solution leaves it.*define it outside", warnings)


def test_a_figure_leaves_its_numbered_caption_after_the_cell_that_draws_it(built):
    cells = nbformat.read(built.site / "notebooks/part/drawn.ipynb", as_version=4).cells
    place = [cell.source for cell in cells].index("draw()")
    assert (cells[place + 1].cell_type, cells[place + 1].source) == ("markdown", "**Fig. 2.1** A *dot*.")


def test_a_solution_is_folded_text_with_its_code_and_output(built):
    cells = nbformat.read(built.site / "notebooks/part/drawn.ipynb", as_version=4).cells
    assert not [cell for cell in cells if cell.cell_type == "code" and "answer" in cell.source]
    assert re.search(
        r"<summary>Solution to Exercise 2\.1 \(Try it\)</summary>\n\n```python\nanswer = 2\nprint\(answer\)\n```\n\n"
        r"```\n2\n```\n\n```python\ndraw\(2\)\n```\n\n!\[Another dot\]\(SITE/_images/\w+\.png\)\n\n</details>".replace(
            "SITE", re.escape(site_url())
        ),
        cells[-1].source,
    )


def test_a_glued_number_is_text(built):
    text = (built.site / "notebooks/part/drawn.ipynb").read_text("utf-8")
    assert f"It is 0.2, see [Fig. 2.1]({site_url()}/part/drawn.html#fig-cell)." in text


def test_the_install_cell_is_short_and_names_the_repository_once():
    source = INSTALL.format(repository="owner/name")
    assert len(source.splitlines()) <= 10
    assert source.count("git+https://github.com/owner/name") == 1
    assert source.startswith("# Install")


def test_a_page_makes_the_same_notebook_twice(notebook):
    again = copy.deepcopy(notebook.cells)
    for cell in again:
        cell.id = "forgotten"
    name_cells(again)
    assert [cell.id for cell in again] == [cell.id for cell in notebook.cells]


def test_cells_of_the_same_content_have_names_of_their_own():
    cells = [nbformat.v4.new_code_cell("x") for _ in range(3)]
    name_cells(cells)
    assert len({cell.id for cell in cells}) == 3


@pytest.mark.parametrize("tag", ["hide_input", "hide-input", "remove-input", "remove-cell"])
def test_code_that_the_page_hides_is_folded_and_its_tags_are_gone(tag):
    assert code_cell("x", [tag]).metadata == HIDDEN


def test_output_that_the_page_hides_is_folded():
    assert code_cell("x", ["hide-cell"]).metadata == FOLDED
    assert code_cell("x", ["hide-output"]).metadata == {"jupyter": {"outputs_hidden": True}, "collapsed": True}


@pytest.mark.parametrize("tag", ["remove-output", "scroll-output", "anything"])
def test_other_tags_leave_no_trace(tag):
    assert code_cell("x", [tag]).metadata == {}


RAW = [
    "```{note}\nx\n```",
    "> ```{code-cell} python",
    "~~~ {figure} a.png",
    ":::{tip}",
    ":::",
    "see {eq}`eq-a` and `x`",
    "{cite:p}`a` then {ref}`b`",
    "(sec-a)=",
    "% a comment",
    "%",
    "+++",
    '+++ {"tags": []}',
    ":tags: [hide-input]",
    ":class: dropdown",
    "{{ name }}",
    "[](sec-a)",
    "[text](#a){.class}",
    "`code`{.python}",
    "$$\na = b\n$$ (eq-a)",
    "$$ a = b $$ (eq-a)",
    "jupytext:\n  formats: md",
]
CLEAN = [
    "Plain *text* with `{eq}` and ``{a}`b`` in code.",
    "```python\n%timeit f()\n:::\n+++\n{eq}`x`\n```",
    "> ```md\n> (label)=\n> ```",
    "````\n```{note}\n```\n````",
    r"$\frac{a}{b}$, $x_{i}$ and $$\begin{aligned}a\end{aligned} \tag{2.1}$$",
    "$${.5}a$$ (see above)",
    "At 50 % (half) it is :so: and a + b.",
    "[(2.1)](https://a.org/b.html#c), see (a) = b",
    "<details>\n<summary>{x}</summary>\n\ny\n\n</details>",
    "```\nkept\n```\n\nand `more`",
]


def text_notebook(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_markdown_cell(source)]
    )


@pytest.mark.parametrize("source", RAW)
def test_raw_myst_is_found_and_its_cell_named(source):
    found = find_raw_myst(text_notebook(f"Before.\n\n{source}\n\nAfter."))
    assert found
    assert all(re.match(r"cell 1: \S", line) for line in found)


@pytest.mark.parametrize("source", CLEAN)
def test_what_looks_like_myst_is_left_alone(source):
    assert find_raw_myst(text_notebook(source)) == []


def test_what_stands_inside_a_directive_is_searched_too():
    found = find_raw_myst(text_notebook("```{note}\n(a)=\n~~~python\n(b)=\n~~~\n```\n\n(c)="))
    assert found == ["cell 1: ```{note}", "cell 1: (a)=", "cell 1: (c)="]


def test_code_cells_are_not_searched():
    assert find_raw_myst(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%timeit x\n%\n+++")])) == []


def test_a_whole_page_in_myst_is_found_raw():
    assert len(find_raw_myst(text_notebook(PAGE))) >= 15  # its directives and their options, counted by hand


def test_the_exported_pages_hold_no_raw_myst(built):
    for path in (built.site / "notebooks").rglob("*.ipynb"):
        assert find_raw_myst(nbformat.read(path, as_version=4)) == []
