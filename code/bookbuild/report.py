"""What the pages took and which numbers they glued: report.json, numbers.json, a table."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from bookbuild.execute import Execution
from bookbuild.pages import BUILD, Page

REPORT = BUILD / "report.json"
NUMBERS = BUILD / "numbers.json"
BUDGET_SECONDS, BUDGET_MB = 240, 1500  # a page's, on two cores


def glued(execution: Execution) -> Iterator[dict]:
    """The values that a page glued, each with page and tier; text stays text."""
    for cell in execution.notebook.cells:
        for output in cell.get("outputs", ()):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            text = next((v for k, v in output.get("data", {}).items() if k.endswith("text/plain")), None)
            if name is None or text is None:
                continue
            try:
                value = ast.literal_eval(text)
            except (SyntaxError, ValueError):
                value = text
            yield {"name": name, "value": value, "page": execution.page.docname, "tier": execution.facts["tier"]}


def repeated_names(numbers: list[dict]) -> list[str]:
    """Names that two pages glue: a reader of numbers.json could not tell them apart."""
    first: dict[str, str] = {}
    problems = []
    for number in numbers:
        page = first.setdefault(number["name"], number["page"])
        if page != number["page"]:
            problems.append(f"both {page} and {number['page']} glue {number['name']}: give one another name")
    return problems


def write_json(path: Path, content: object) -> None:
    """Write through a temporary name, so that a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    part.replace(path)


def write_report(executions: list[Execution]) -> list[str]:
    """Write report.json and numbers.json; return what is wrong with the numbers."""
    write_json(REPORT, {e.page.docname: e.facts | {"fresh": e.fresh} for e in executions})
    numbers = [number for execution in executions for number in glued(execution)]
    write_json(NUMBERS, numbers)
    return repeated_names(numbers)


def read_report() -> dict[str, dict]:
    """Facts of each executed page by docname; empty before the first build."""
    return json.loads(REPORT.read_text("utf-8")) if REPORT.is_file() else {}


def over_budget(facts: dict) -> str:
    """A mark for the table where a page took more than its budget."""
    late = facts["seconds"] > BUDGET_SECONDS
    large = facts["peak_mb"] > BUDGET_MB
    return ", ".join(word for word, over in (("slow", late), ("large", large)) if over)


def table(pages: list[Page], report: dict[str, dict]) -> str:
    """The pages with minutes and peak memory, for the terminal."""
    width = max(len(page.docname) for page in pages)
    rows = [f"{'page':<{width}}  minutes  memory    data      run"]
    for page in pages:
        facts = report.get(page.docname)
        if facts is None:
            rows.append(f"{page.docname:<{width}}        -       -    -         no code")
            continue
        run = "now" if facts["fresh"] else f"cached, {facts['date'][:10]}"
        mark = f"  over budget: {over_budget(facts)}" if over_budget(facts) else ""
        taken = f"{facts['seconds'] / 60:7.1f}  {facts['peak_mb']:4.0f} MB"
        rows.append(f"{page.docname:<{width}}  {taken}  {facts['tier']:<8}  {run}{mark}")
    total = sum(report[page.docname]["seconds"] for page in pages if page.docname in report)
    return "\n".join([*rows, f"{'total':<{width}}  {total / 60:7.1f}"])
