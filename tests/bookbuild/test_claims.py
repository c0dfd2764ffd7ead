import re

import nbformat
import pytest
from tests.bookbuild.conftest import CONFIGURATION, HEADER

from bookbuild import __main__ as commands
from bookbuild import claims, execute
from bookbuild.pages import Page, pages, read_notebook

PAGE = f"""{HEADER}
# Title

```{{code-cell}} python
:tags: [remove-cell]
from deepmedia.claims import claim
```

A sentence before.

```{{code-cell}} python
:tags: [remove-cell]
claim("one is less than two", 1 < 2)
claim("two < one & so on", 2 < 1, two=2)
secret = "hidden words"
```

A sentence after.

````{{code-cell}} python
---
tags: [remove-cell]
---
claim("three is three", 3 == 3)
````

```{{code-cell}} python
print("shown")
```
"""


@pytest.fixture
def executed(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(claims, "CLAIMS", tmp_path / "_build" / "claims.json")
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    (execution,), failures = execute.execute([Page("page", path)], folder=tmp_path / "executed")
    assert not failures
    return execution


def test_claims_are_collected_with_page_cell_values_and_outcome(executed):
    assert claims.write_claims([executed]) == []
    found = claims.read_claims()
    assert [(c["page"], c["cell"], c["text"], c["holds"], c["values"]) for c in found] == [
        ("page", 2, "one is less than two", True, {}),
        ("page", 2, "two < one & so on", False, {"two": 2}),
        ("page", 3, "three is three", True, {}),
    ]
    assert claims.failed_claims(found) == ["book/page.md, code cell 2: two < one & so on  (two = 2)"]


def test_a_sentence_that_a_page_claims_twice_is_a_problem():
    twice = [{"page": page, "text": "a"} for page in ("x", "y", "x")]
    assert claims.repeated_claims(twice) == ["x claims twice: «a»; give one other words"]


def test_only_the_cell_of_a_failed_claim_is_revealed(executed):
    notebook = claims.for_site(executed.notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.metadata.get("tags") for cell in code] == [["remove-cell"], ["remove-input"], ["remove-cell"], None]
    assert len(code[1].outputs) == 1  # the claim that holds is gone
    assert code[2].outputs == []
    assert executed.notebook.cells[-1].outputs == code[3].outputs  # other outputs stay
    tags = re.findall(r"remove-\w+", claims.reveal(PAGE, {2}))
    assert tags == ["remove-cell", "remove-input", "remove-cell"]
    assert claims.reveal(PAGE, {3}).count("remove-input") == 1
    assert claims.reveal(PAGE, set()) == PAGE


def test_the_page_shows_the_claim_that_failed_at_its_place(executed, build_project, tmp_path):
    claims.write_claims([executed])
    cache = tmp_path / "cache"
    execute.fill_cache([executed], folder=cache, prepare=claims.for_site)
    conf = CONFIGURATION.format(more=[]).replace('"off"', '"cache"')
    conf += f"nb_execution_cache_path = {str(cache)!r}\nroot_doc = 'page'\n"
    conf += f"import pathlib\nfrom bookbuild import claims\nclaims.CLAIMS = pathlib.Path({str(claims.CLAIMS)!r})\n"
    conf += "setup = claims.setup\n"
    built = build_project({"conf.py": conf, "page.md": PAGE}, extensions=())
    assert built.warnings == ""
    text = (built.site / "page.html").read_text()
    places = [text.index(words) for words in ("A sentence before", "two &lt; one &amp; so on.", "A sentence after")]
    assert places == sorted(places)
    assert text.count("claim-otherwise") == text.count("On this machine this came out otherwise:") == 1
    assert "hidden words" not in text
    assert "one is less" not in text
    assert "shown" in text


@pytest.mark.parametrize(
    ("variables", "strict"),
    [({}, False), ({"CI": "true"}, True), ({"STRICT": "1"}, True), ({"CI": "true", "STRICT": "0"}, False)],
)
def test_a_failed_claim_is_a_failure_in_ci_and_where_it_is_asked_for(variables, strict, monkeypatch, capsys):
    for name in ("CI", "STRICT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    held = {"page": "a", "cell": 1, "text": "x", "holds": True, "values": {}}
    assert commands.report_claims([held]) is False
    assert capsys.readouterr().err == ""
    assert commands.report_claims([held, held | {"cell": 4, "text": "y", "holds": False}]) is strict
    message = capsys.readouterr().err
    assert "1 of 2 claims did not hold on this machine" in message
    assert "book/a.md, code cell 4: y" in message
    assert ("STRICT=1" in message) is not strict


def test_an_output_without_metadata_is_left_alone():
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert claims.for_site(notebook).cells[0].outputs == cell.outputs


def asserts(notebook):
    """The numbers of the code cells that assert something."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    found = enumerate((re.search(r"^\s*assert\b", source, re.MULTILINE) for source in code), start=1)
    return [number for number, match in found if match]


@pytest.mark.parametrize("page", [page for page in pages() if page.is_notebook], ids=lambda page: page.docname)
def test_no_page_stops_a_reader_by_an_assert(page):
    assert asserts(read_notebook(page.path)) == []


def test_an_assert_of_a_page_is_seen(page):
    assert asserts(read_notebook(page("1", "if True:\n    assert 1 < 2", "asserted = 1").path)) == [2]
