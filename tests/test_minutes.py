"""How long `make book` takes is said in one place, `_config.yml`; pages take it from there, the README repeats it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookbuild.pages import BOOK, ROOT, configuration

FIRST_BUILD = configuration()["parse"]["myst_substitutions"]["first_build"]
NUMBER = r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty"
TYPED = re.compile(rf"\b(?:{NUMBER})\s+minutes\b")
TEXTS = [*sorted(BOOK.rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"))]


def paragraphs(text: str) -> Iterator[str]:
    """What stands between empty lines; of a table, each row by itself."""
    for block in re.split(r"\n\s*\n", text):
        yield from block.splitlines() if block.startswith("|") else [block]


def typed_minutes(text: str) -> list[str]:
    """Minutes that are typed where the text speaks of `make book`."""
    return [found for paragraph in paragraphs(text) if "make book" in paragraph for found in TYPED.findall(paragraph)]


def test_the_statement_is_one():
    assert re.fullmatch(r"about [\w-]+ minutes on two cores", FIRST_BUILD)


def test_the_readme_repeats_it():
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count(FIRST_BUILD) == 1
    assert typed_minutes(text) == TYPED.findall(FIRST_BUILD)


@pytest.mark.parametrize("name", ["index.md", "start/how-to-read.md"])
def test_pages_take_it_from_there(name: str):
    told = [text for text in paragraphs((BOOK / name).read_text("utf-8")) if "make book" in text]
    assert sum("{{ first_build }}" in text for text in told) == 1


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nobody_else_types_it(path: Path):
    assert path.name == "README.md" or typed_minutes(path.read_text("utf-8")) == []


def test_typed_minutes_are_seen():
    assert typed_minutes("First `make book`.\nIt takes about five\nminutes.\n\nTea takes four minutes.") == [
        "five\nminutes"
    ]
    assert typed_minutes("| read | 3 minutes |\n| build | `make book` | ten minutes, once |") == ["ten minutes"]
