import pytest
from docutils import nodes
from sphinx.testing.util import SphinxTestApp

from bookbuild import facts
from bookbuild.report import BUDGET_SECONDS

RUN = {
    "seconds": 95.0,
    "peak_mb": 812.4,
    "tier": "built-in",
    "versions": {"Python": "3.12.1", "keras": "3.15.1"},
    "date": "2026-11-04T23:59:00+00:00",
}
CLAIMS = [{"page": "page", "text": f"claim {number}", "holds": number != 2} for number in range(4)]


@pytest.fixture
def app(tmp_path, monkeypatch):
    (tmp_path / "conf.py").write_text("extensions = ['bookbuild.facts']\n")
    (tmp_path / "index.rst").write_text("Cover\n=====\n\n.. toctree::\n\n   page\n   later\n   prose\n   status\n")
    (tmp_path / "prose.rst").write_text("Prose\n=====\n\nText.\n\nLast\n----\n\nEnd.\n")
    (tmp_path / "page.rst").write_text("A page of code\n==============\n\nText.\n")
    (tmp_path / "later.rst").write_text("A later page\n============\n\nText.\n")
    (tmp_path / "status.rst").write_text("Status\n======\n\n.. build-status::\n")
    monkeypatch.setattr(facts, "read_report", lambda: {"page": RUN | {"seconds": BUDGET_SECONDS + 1.0}, "later": RUN})
    monkeypatch.setattr(facts, "read_claims", lambda: CLAIMS)
    app = SphinxTestApp("html", srcdir=tmp_path, warningiserror=True)
    app.build()
    yield app
    app.cleanup()


def test_the_last_line_says_date_minutes_memory_tier_and_versions():
    assert facts.page_facts(RUN) == (
        "Executed on 4 November 2026 in 1.6 minutes, with at most 0.8 GB of memory, on built-in data; "
        "Python 3.12.1, keras 3.15.1."
    )


def test_every_page_ends_in_its_line(app):
    for docname, start in (("prose", "This page runs no code."), ("page", "Executed on 4 November 2026")):
        last = list(app.env.get_doctree(docname).findall(nodes.paragraph))[-1]
        assert last.astext().startswith(start)
        assert last["classes"] == ["page-facts"]


def test_the_cover_has_no_such_line(app):
    assert "page-facts" not in str(app.env.get_doctree("index"))


def test_the_status_page_lists_the_executed_pages_with_title_and_budget(app):
    page = (app.outdir / "status.html").read_text()
    assert '<a class="reference internal" href="page.html"><span class="doc">A page of code</span></a>' in page
    assert "812 MB" in page
    assert "slow" in page
    assert "<p>3 of 4</p>" in page
    table = page[page.index("<table") :]
    assert 0 < table.index("A page of code") < table.index("A later page")  # in reading order


def test_the_status_page_says_how_many_claims_hold_and_which_do_not(app):
    page = (app.outdir / "status.html").read_text()
    assert "In all, 3 of 4 claims hold in this copy. These came out otherwise:" in page
    assert "<p>page: claim 2</p>" in page
    assert "claim 1" not in page
