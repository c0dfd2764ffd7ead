"""Quizzes: what readers get, and which mistakes an author is told of."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

QUIZ = r"""
```{quiz}
How large is a $28 \times 28$ picture after `valid` padding?

It has *one* channel.

- [ ] $28 \times 28$

  That is `same` padding.
- [X] $26 \times 26$

  It fits at 26 places.

  - in each direction
```

```{quiz}
Which of them have weights?

- [x] `Conv2D`

  Its kernels.
- [x] `Dense`

  Its matrix.
- [ ] `MaxPooling2D`

  It takes the largest value.
```
"""
OPTIONS = "- [x] one\n\n  Because.\n- [ ] two\n\n  Because not.\n"
MALFORMED = {
    "no-option": ("Is this a quiz?", "it must be a question, then one list of options"),
    "no-question": (OPTIONS, "it must be a question, then one list of options"),
    "text-after-options": (f"Yes?\n\n{OPTIONS}\nAnd then?", "it must be a question, then one list of options"),
    "one-option": ("Yes?\n\n- [x] one\n\n  Because.\n", "at least 2 options, got 1"),
    "none-right": (f"Yes?\n\n{OPTIONS.replace('[x]', '[ ]')}", "no option is right"),
    "no-explanation": (f"Yes?\n\n{OPTIONS}- [ ] three\n", "the option '[ ] three' lacks its explanation"),
    "no-mark": (f"Yes?\n\n{OPTIONS}- three\n\n  Because.\n", "must start with [x] or [ ], got 'three'"),
    "no-space": (f"Yes?\n\n{OPTIONS}- [x]three\n\n  Because.\n", "must start with [x] or [ ], got '[x]three'"),
    "code-first": (f"Yes?\n\n{OPTIONS}- ~~~\n  x\n  ~~~\n\n  Because.\n", "must start with a paragraph"),
    "empty": (f"Yes?\n\n{OPTIONS}-\n", "must start with a paragraph, got ''"),
}
CONFIGURATION = """
html_title = "Tiny book"
extensions = ["myst_nb", "bookbuild.quiz"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
"""


def build(folder: Path, builder: str, **files: str) -> Path:
    """Build pages with a Sphinx builder; return the folder of its output."""
    (folder / "conf.py").write_text(CONFIGURATION)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text)
    command: list[str | Path] = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, folder, folder / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def quizzes(build_project: Callable) -> list[Tag]:
    """The two quizzes above as HTML."""
    built = build_project({"index.md": f"# Quizzes\n{QUIZ}"}, extensions=("bookbuild.quiz",))
    assert built.warnings == ""
    return list(BeautifulSoup((built.site / "index.html").read_text("utf-8"), "html.parser").select(".quiz"))


def test_quiz_is_a_group_with_a_name(quizzes: list[Tag]):
    assert [quiz["role"] for quiz in quizzes] == ["group", "group"]
    names = [quiz.find(id=quiz["aria-labelledby"]).get_text() for quiz in quizzes]
    assert names == ["Question 1 one option is right", "Question 2 2 options are right"]
    assert [quiz["data-right"] for quiz in quizzes] == ["1", "2"]
    assert quizzes[0]["id"] != quizzes[1]["id"]


def test_question_keeps_its_paragraphs_and_its_markup(quizzes: list[Tag]):
    _title, question, more, status = quizzes[0].find_all("p", recursive=False)
    assert question.select_one("code").get_text() == "valid"
    assert question.select_one(".math").get_text() == r"\(28 \times 28\)"
    assert more.select_one("em").get_text() == "one"
    assert status["role"] == "status"
    assert status.get_text() == ""


def test_option_is_a_disclosure_without_its_mark(quizzes: list[Tag]):
    wrong, right = quizzes[0].find_all("details")
    assert wrong.summary.get_text().split() == ["A", r"\(28", r"\times", r"28\)"]
    assert right.summary.get_text().split()[0] == "B"
    assert right.summary.find("p") is None
    assert [one["data-correct"] for one in (wrong, right)] == ["false", "true"]
    assert not wrong.has_attr("open")


def test_explanation_starts_with_the_verdict(quizzes: list[Tag]):
    wrong, right = (option.select_one(".quiz-explanation") for option in quizzes[0].find_all("details"))
    assert wrong.get_text().strip() == "Not this one. That is same padding."
    assert right.p.get_text() == "Right. It fits at 26 places."
    assert right.select_one("li").get_text() == "in each direction"


@pytest.fixture(scope="module")
def complaints(build_project: Callable) -> tuple[dict[str, str], Path]:
    """By page, what Sphinx says of the malformed quizzes; and the folder of the built pages."""
    pages = {f"{name}.md": f"# {name}\n\n````{{quiz}}\n{text}\n````\n" for name, (text, _) in MALFORMED.items()}
    toc = "\n".join(["# All", "", "```{toctree}", *MALFORMED, "```"])
    built = build_project({"index.md": toc, **pages}, extensions=("bookbuild.quiz",))
    lines = built.warnings.splitlines()
    return {name: "\n".join(line for line in lines if f"/{name}.md:3" in line) for name in MALFORMED}, built.site


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_quiz_is_a_warning_that_says_why(name: str, complaints: tuple[dict[str, str], Path]):
    said, site = complaints
    assert "WARNING: malformed quiz: " in said[name]
    assert MALFORMED[name][1] in said[name]
    assert 'class="quiz"' not in (site / f"{name}.html").read_text("utf-8")


def test_text_and_latex_list_the_options_with_verdicts(tmp_path: Path):
    out = build(tmp_path, "text", index=f"# Quizzes\n{QUIZ}")
    lines = [line.strip(" *") for line in (out / "index.txt").read_text("utf-8").splitlines() if line.strip()]
    assert lines[lines.index('"MaxPooling2D"') :] == ['"MaxPooling2D"', "Not this one.", "It takes the largest value."]
    assert "Right." in lines
    (tmp_path / "latex").mkdir()
    out = build(tmp_path / "latex", "latex", index=f"# Quizzes\n{QUIZ}")
    tex = next(out.glob("*.tex")).read_text("utf-8")
    assert r"\sphinxstylestrong{Right.}" in tex
    assert "It takes the largest value." in tex


def test_all_quizzes_of_a_single_page_book_have_their_own_id(tmp_path: Path):
    index = f"# Quizzes\n{QUIZ}\n```{{toctree}}\nother\n```\n"
    out = build(tmp_path, "singlehtml", index=index, other=f"# More\n{QUIZ}")
    soup = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser")
    ids = [quiz["id"] for quiz in soup.select(".quiz")]
    assert len(ids) == len(set(ids)) == 4
