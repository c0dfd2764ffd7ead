"""What the executed pages claim of their results, and what becomes of a claim that fails.

A page states a claim in a hidden cell; `deepmedia.claims.claim` leaves it in the cell's outputs. All claims go to
`_build/claims.json`. One that fails in a reader's hands becomes a note at its place on the page and a line at the
end of the build; with `CI=true` or `STRICT=1` it fails the build.
"""

import html
import json
import os
import re
from collections.abc import Iterator

import nbformat
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from bookbuild.execute import Execution
from bookbuild.pages import BUILD
from bookbuild.report import write_json

CLAIMS = BUILD / "claims.json"
CELL = re.compile(r"^(?P<fence>`{3,}|~{3,})\{code-cell\}.*?^(?P=fence)`*~*[ ]*$", re.MULTILINE | re.DOTALL)
HIDDEN, REVEALED = "remove-cell", "remove-input"  # tags: nothing of a cell is shown, or its outputs are


def claims_of(execution: Execution) -> Iterator[dict]:
    """The claims of a page in reading order: page, number of the code cell (from 1), text, holds, values, tier."""
    code = [cell for cell in execution.notebook.cells if cell.cell_type == "code"]
    place = {"page": execution.page.docname, "tier": execution.facts["tier"]}
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if claim := output.get("metadata", {}).get("claim"):
                yield {**place, "cell": number, **claim}


def write_claims(executions: list[Execution]) -> list[str]:
    """Write claims.json; return what is wrong with the claims, apart from their outcome."""
    claims = [claim for execution in executions for claim in claims_of(execution)]
    write_json(CLAIMS, claims)
    return repeated_claims(claims)


def read_claims() -> list[dict]:
    """The claims of the last build; empty before the first one."""
    return json.loads(CLAIMS.read_text("utf-8")) if CLAIMS.is_file() else []


def repeated_claims(claims: list[dict]) -> list[str]:
    """Claims that one page states twice in the same words: nobody could tell which of them fell."""
    seen: set[tuple[str, str]] = set()
    problems = []
    for claim in claims:
        key = claim["page"], claim["text"]
        if key in seen:
            problems.append(f"{claim['page']} claims twice: «{claim['text']}»; give one other words")
        seen.add(key)
    return problems


def failed_claims(claims: list[dict]) -> list[str]:
    """A line for each claim that fails: page, cell, sentence, and the values that decided it."""
    return [
        f"book/{claim['page']}.md, code cell {claim['cell']}: {claim['text']}"
        + (f"  ({', '.join(f'{name} = {value}' for name, value in claim['values'].items())})" * bool(claim["values"]))
        for claim in claims
        if not claim["holds"]
    ]


def is_strict() -> bool:
    """Whether a failed claim fails the build: as `STRICT` says, else in continuous integration only."""
    return os.environ.get("STRICT", os.environ.get("CI", "")).lower() not in {"", "0", "false"}


def for_site(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy of an executed page for MyST-NB: claims that hold are gone, one that fails is a note that is shown."""
    shown = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in shown.cells:
        if cell.cell_type != "code":
            continue
        failed = False
        outputs = []
        for output in cell.outputs:
            claim = output.get("metadata", {}).get("claim")
            if claim is None:
                outputs.append(output)
            elif not claim["holds"]:
                failed = True
                note = f'<p class="claim-otherwise" role="note">{html.escape(output.data["text/plain"])}</p>'
                outputs.append(nbformat.v4.new_output("display_data", {"text/html": note}))
        cell.outputs = outputs
        tags = cell.metadata.get("tags", [])
        if failed and HIDDEN in tags:
            cell.metadata["tags"] = [REVEALED if tag == HIDDEN else tag for tag in tags]
    return shown


def reveal(source: str, cells: set[int]) -> str:
    """A page's text with the tag of the hidden code cells of these numbers (from 1) changed, so that notes are seen."""
    number = 0

    def change(found: re.Match) -> str:
        nonlocal number
        number += 1
        return found[0].replace(HIDDEN, REVEALED, 1) if number in cells else found[0]

    return CELL.sub(change, source)


def show_failed(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Let the page show the notes of its failed claims: MyST-NB must see the tags that `for_site` gave the cells."""
    cells = {claim["cell"] for claim in read_claims() if claim["page"] == docname and not claim["holds"]}
    if cells:
        source[0] = reveal(source[0], cells)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("source-read", show_failed)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
