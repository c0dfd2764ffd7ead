"""Sphinx extension: the last line of each page, and the table of the status page.

The line and the table come from `_build/report.json`, which the build writes
before Sphinx starts.
"""

from datetime import datetime

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from bookbuild.claims import read_claims
from bookbuild.report import over_budget, read_report

COLUMNS = ("Page", "Executed", "Minutes", "Peak memory", "Data", "Within budget", "Claims that hold")


def minutes(seconds: float) -> str:
    """A duration for readers.

    >>> minutes(42.3), minutes(95.0)
    ('42 seconds', '1.6 minutes')
    """
    return f"{seconds:.0f} seconds" if seconds < 60 else f"{seconds / 60:.1f} minutes"


def day(date: str) -> str:
    """A date for readers.

    >>> day("2026-11-04T06:00:00+00:00")
    '4 November 2026'
    """
    moment = datetime.fromisoformat(date)
    return f"{moment.day} {moment:%B %Y}"


def page_facts(facts: dict | None) -> str:
    """The last line of a page."""
    if facts is None:
        return "This page runs no code."
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"Executed on {day(facts['date'])} in {minutes(facts['seconds'])}, with at most "
        f"{facts['peak_mb'] / 1000:.1f} GB of memory, on {facts['tier']} data; {versions}."
    )


def append_facts(app: Sphinx, doctree: nodes.document) -> None:
    """Put the line at the end of the page's top section; the cover has none."""
    if app.env.docname == app.config.root_doc:
        return
    report = read_report()
    section = next(doctree.findall(nodes.section), doctree)
    line = page_facts(report.get(app.env.docname))
    section += nodes.paragraph(line, line, classes=["page-facts"])


class BuildStatus(SphinxDirective):
    """`{build-status}`: a row for each executed page, in reading order."""

    def run(self) -> list[nodes.Node]:
        """Make the table; the pages' titles are resolved as cross-references."""
        claims = read_claims()
        rows = [
            self.row(docname, facts, [claim for claim in claims if claim["page"] == docname])
            for docname, facts in read_report().items()  # in reading order
        ]
        head = [nodes.paragraph(text, text) for text in COLUMNS]
        group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in COLUMNS), cols=len(COLUMNS))
        group += nodes.thead("", _row(head))
        group += nodes.tbody("", *rows)
        return [nodes.table("", group, classes=["build-status"]), *claims_summary(claims)]

    def row(self, docname: str, facts: dict, claims: list[dict]) -> nodes.row:
        """One page's figures."""
        link = addnodes.pending_xref(
            "", nodes.inline("", docname), refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=False
        )
        link["refdoc"] = self.env.docname
        texts = (
            day(facts["date"]),
            f"{facts['seconds'] / 60:.1f}",
            f"{facts['peak_mb']:.0f} MB",
            facts["tier"],
            over_budget(facts) or "yes",
            how_many_hold(claims),
        )
        return _row([nodes.paragraph("", "", link), *(nodes.paragraph(text, text) for text in texts)])


def how_many_hold(claims: list[dict]) -> str:
    """How many of the claims hold, of how many.

    >>> how_many_hold([{"holds": True}, {"holds": False}]), how_many_hold([])
    ('1 of 2', '–')
    """
    return f"{sum(claim['holds'] for claim in claims)} of {len(claims)}" if claims else "–"


def claims_summary(claims: list[dict]) -> list[nodes.Node]:
    """The sum over all pages, and the claims that failed, each with its page."""
    if not claims:
        return []
    failed = [claim for claim in claims if not claim["holds"]]
    otherwise = " These came out otherwise:" if failed else ""
    text = f"In all, {how_many_hold(claims)} claims hold in this copy.{otherwise}"
    found: list[nodes.Node] = [nodes.paragraph(text, text)]
    if failed:
        lines = [f"{claim['page']}: {claim['text']}" for claim in failed]
        found.append(nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph(line, line)) for line in lines)))
    return found


def _row(cells: list[nodes.paragraph]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_directive("build-status", BuildStatus)
    app.connect("doctree-read", append_facts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
