"""Source of the package on a page and in its notebook: where it is from, and that it is whole."""

import importlib
import inspect
import os
import re
import types
from pathlib import Path

import nbformat
import pytest

from bookbuild.package_source import PACKAGE, abridged, locate
from bookbuild.pages import BOOK, ROOT, read_notebook, repository_url
from deepmedia.fundamentals.activations import sigmoid
from deepmedia.source import redefining, reset

INCLUDE = re.compile(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)```", re.MULTILINE)
ACTIVATIONS = PACKAGE / "fundamentals" / "activations.py"
PAGE = """\
# Page

```{{literalinclude}} {path}
:language: python
:pyobject: sigmoid
```

```{{code-cell}} python
1
```

````{{admonition}} A frame
```{{literalinclude}} {path}
:pyobject: ReLU.forward
```
````

```{{literalinclude}} own.py
```
"""


ROOM = """\
RATE = 1


@cache
def f(x):
    return x


class A:
    size = 1

    def g(self):
        return 2
"""
LONG = """\
class A:
    '''First
    line.

    More.
    '''

    def f(self):
        '''One.

        Two.
        '''
        return '''a

        b'''

    def g(self):
        '''Only
        this.
        '''
"""
SHORT = """\
class A:
    '''First
    line. …'''

    def f(self):
        '''One. …'''
        return '''a

        b'''

    def g(self):
        '''Only
        this.
        '''
"""


def shown_on_pages() -> list[tuple[str, Path, dict[str, str]]]:
    """Page, file and options of every literalinclude of the book's pages that shows the package."""
    found = []
    for page in sorted(BOOK.rglob("*.md")):
        for path, options in INCLUDE.findall(page.read_text("utf-8")):
            file = (page.parent / path).resolve()
            if file.is_relative_to(PACKAGE):
                pairs = dict(re.findall(r"^:([\w-]+):[ ]?(.*)$", options, re.MULTILINE))
                found.append((page.relative_to(BOOK).as_posix(), file, pairs))
    return found


def test_every_part_shows_source_of_the_package():
    assert {page.split("/")[0] for page, _, _ in shown_on_pages()} >= {"fundamentals", "cnn"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RATE = 1", ("deepmedia.part.room", 1, 1)),
        ("@cache\ndef f(x):\n    return x", ("deepmedia.part.room", 4, 6)),
        ("RATE = 1\n\n\n@cache\ndef f(x):\n    return x", ("deepmedia.part.room", 1, 6)),
        ("def g(self):\n    return 2", ("deepmedia.part.room.A", 12, 13)),
        ("class A:\n    size = 1\n\n    def g(self):\n        return 2", ("deepmedia.part.room", 9, 13)),
        ("def f(x):\n    return x", None),  # without its decorator it is another function
        ("return x", None),
        ("    return 2", None),
        ("size = 1", None),
        ("size = 1\n\n    def g(self):\n        return 2", None),
        ("something else", None),
        ("", None),
    ],
)
def test_whole_definitions_are_found_and_parts_of_them_refused(tmp_path, text, expected):
    path = tmp_path / "deepmedia" / "part" / "room.py"
    path.parent.mkdir(parents=True)
    path.write_text(ROOM)
    found = locate(path, text, tmp_path / "deepmedia")
    assert (found and (found.target, found.first, found.last)) == expected


def test_docstrings_end_after_their_first_paragraph():
    assert abridged(LONG) == SHORT.rstrip()


@pytest.fixture(scope="module")
def built(build_project, notebook_header, tmp_path_factory):
    # The project's folder is new, so the way to the package is found by going up from the root of the file system.
    path = os.path.relpath(ACTIVATIONS, "/")
    page = notebook_header + PAGE.format(path="../" * 12 + path)
    files = {"index.md": page, "own.py": "def own():\n    return 1\n"}
    return build_project(files, extensions=("bookbuild.package_source", "bookbuild.notebooks"))


def test_the_page_names_the_file_and_links_to_its_lines(built):
    html = (built.site / "index.html").read_text("utf-8")
    lines = ACTIVATIONS.read_text("utf-8").splitlines()
    first = next(number for number, line in enumerate(lines, start=1) if line.startswith("def sigmoid"))
    found = re.findall(r'href="([^"]+/code/deepmedia/[^"]+)">code/deepmedia/fundamentals/activations\.py</a>', html)
    assert built.warnings == ""
    assert len(found) == 2
    assert found[0].startswith(f"{repository_url()}/blob/main/code/deepmedia/fundamentals/activations.py#L{first}-L")
    assert html.count('class="package-source ') == 2  # own.py is not the package's


def test_the_notebook_redefines_it_in_its_module(built):
    cells = nbformat.read(built.site / "notebooks/index.ipynb", as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code" and cell.source.startswith("%%source")]
    assert sources[0].startswith("%%source deepmedia.fundamentals.activations\ndef sigmoid(")
    assert sources[1].startswith("%%source deepmedia.fundamentals.activations.ReLU\ndef forward(")
    assert (
        sources[0].removeprefix("%%source deepmedia.fundamentals.activations\n") == inspect.getsource(sigmoid).rstrip()
    )


def test_a_part_of_a_function_is_a_warning_of_the_build(build_project, notebook_header):
    path = "../" * 12 + os.path.relpath(ACTIVATIONS, "/")
    page = f"{notebook_header}# Page\n\n```{{literalinclude}} {path}\n:lines: 40-42\n```\n"
    warnings = build_project({"index.md": page}, extensions=("bookbuild.package_source",)).warnings
    assert "shows less than whole functions, classes, methods or constants" in warnings


def included(file: Path, options: dict[str, str]) -> str:
    """What a literalinclude shows, read in another way than Sphinx's."""
    lines = file.read_text("utf-8").splitlines()
    if "pyobject" in options:
        spans = inspect.getsource(_member(file, options["pyobject"]))
        return inspect.cleandoc("\n" + spans) if spans.startswith(" ") else spans.rstrip()
    start = next(number for number, line in enumerate(lines) if options["start-after"].strip('"') in line)
    end = next(n for n, line in enumerate(lines) if n > start and options["end-before"].strip('"') in line)
    return "\n".join(lines[start + 1 : end])


def _member(file: Path, dotted: str):
    found = importlib.import_module(".".join(file.relative_to(ROOT / "code").with_suffix("").parts))
    for name in dotted.split("."):
        found = inspect.getattr_static(found, name)
    return getattr(found, "fget", None) or getattr(found, "__func__", None) or found


def state_of(target: str) -> dict:
    """The code of every function in the module of a target, by name and value."""
    name = target if target.rpartition(".")[2].islower() else target.rpartition(".")[0]
    module = importlib.import_module(name)
    owners = {name: module} | {key: value for key, value in vars(module).items() if isinstance(value, type)}
    return {
        (owner, key): comparable(value)
        for owner, room in owners.items()
        for key, value in list(vars(room).items())
        if getattr(value, "__module__", None) == name or owner != name
    }


def comparable(value):
    """A function by its code without file and lines, defaults and text; a property by its functions."""
    if isinstance(value, types.FunctionType):
        return code_of(value.__code__), repr(value.__defaults__), repr(value.__kwdefaults__), inspect.getdoc(value)
    if isinstance(value, property):
        return tuple(comparable(one) for one in (value.fget, value.fset, value.fdel))
    if isinstance(value, (staticmethod, classmethod)):
        return comparable(value.__func__)
    return type(value)


def code_of(code: types.CodeType) -> tuple:
    constants = tuple(
        code_of(one)
        if isinstance(one, types.CodeType)
        else inspect.cleandoc(one)
        if isinstance(one, str)
        else repr(one)
        for one in code.co_consts
    )
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_qualname, code.co_flags)
    return code.co_code, constants, names


SHOWN = shown_on_pages()


@pytest.mark.parametrize(
    ("page", "file", "options"),
    SHOWN,
    ids=[f"{page}-{options.get('pyobject', options.get('start-after'))}" for page, _, options in SHOWN],
)
def test_what_a_page_shows_redefined_unchanged_is_the_packages_own(page, file, options, monkeypatch):
    if file.is_relative_to(PACKAGE / "cnn") or file.is_relative_to(PACKAGE / "lessons"):
        pytest.importorskip("tensorflow")
    code = included(file, options)
    shown = locate(file, code)
    assert shown is not None, f"{page} shows a part of something"
    before = state_of(shown.target)
    assert redefining.redefine(shown.target, code) == []  # it is the package's own source
    monkeypatch.setattr(redefining, "is_original", lambda *_: False)
    try:
        assert redefining.redefine(shown.target, code)  # put in place all the same ...
        assert state_of(shown.target) == before  # ... it makes the same
    finally:
        reset()
    assert before


def test_pages_with_source_have_code():
    assert all(read_notebook(BOOK / page) is not None for page, _, _ in SHOWN)
