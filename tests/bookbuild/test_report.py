import nbformat
import pytest

from bookbuild import report
from bookbuild.execute import Execution
from bookbuild.pages import Page

FACTS = {"seconds": 90.0, "peak_mb": 812.4, "tier": "built-in", "versions": {}, "date": "2026-11-04T10:00:00+00:00"}


def execution(tmp_path, docname, **glued):
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"application/papermill.record/text/plain": value},
            metadata={"scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}},
        )
        for name, value in glued.items()
    ]
    cell = nbformat.v4.new_code_cell("glue()", outputs=[nbformat.v4.new_output("stream", text="plain"), *outputs])
    return Execution(Page(docname, tmp_path), nbformat.v4.new_notebook(cells=[cell]), FACTS, fresh=True)


def test_glued_values_keep_their_kind(tmp_path):
    numbers = list(report.glued(execution(tmp_path, "cnn/a", share="0.5", count="3", words="'two words'", odd="<x>")))
    assert [number["value"] for number in numbers] == [0.5, 3, "two words", "<x>"]
    assert numbers[0] == {"name": "share", "value": 0.5, "page": "cnn/a", "tier": "built-in"}


def test_a_name_that_two_pages_glue_is_a_problem(tmp_path):
    numbers = [n for name in ("a", "b") for n in report.glued(execution(tmp_path, name, share="0.5"))]
    assert report.repeated_names(numbers) == ["both a and b glue share: give one another name"]
    assert report.repeated_names(numbers[:1] * 2) == []


def test_report_and_numbers_are_written_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "REPORT", tmp_path / "report.json")
    monkeypatch.setattr(report, "NUMBERS", tmp_path / "numbers.json")
    assert report.read_report() == {}
    assert report.write_report([execution(tmp_path, "cnn/a", share="0.5")]) == []
    assert report.read_report() == {"cnn/a": FACTS | {"fresh": True}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numbers.json", "report.json"]


@pytest.mark.parametrize(
    ("seconds", "peak_mb", "mark"),
    [(240, 1500, ""), (241, 1500, "slow"), (240, 1501, "large"), (999, 9999, "slow, large")],
)
def test_pages_over_their_budget_are_marked(seconds, peak_mb, mark):
    assert report.over_budget({"seconds": seconds, "peak_mb": peak_mb}) == mark


def test_the_table_has_a_row_a_page_and_the_total(tmp_path):
    pages = [Page(name, tmp_path) for name in ("index", "cnn/a", "cnn/b")]
    facts = FACTS | {"fresh": True}
    lines = report.table(pages, {"cnn/a": facts, "cnn/b": facts | {"fresh": False, "seconds": 300.0}}).splitlines()
    assert "no code" in lines[1]
    assert lines[2].split() == ["cnn/a", "1.5", "812", "MB", "built-in", "now"]
    assert "cached, 2026-11-04" in lines[3]
    assert "over budget: slow" in lines[3]
    assert lines[4].split() == ["total", "6.5"]
