"""Sphinx extension: how long a page takes to read, in place of `{{ reading }}` in its first line, and how long a part.

The rule: 200 words a minute, 5 seconds for a line of code, 30 for a formula on a line of its own, 20 for a figure.
Quizzes and exercises are apart. What a reader can leave out without losing the thread stands in sections whose heading
begins with "Deeper", and in folded notes; it is told beside the core.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from bookbuild.pages import BOOK, pages

MARK = "{{ reading }}"
PARTS = re.compile(r"\{\{ reading ([a-z ]+) \}\}")  # the folders of a part
WORDS_A_MINUTE = 200
CODE_SECONDS, FORMULA_SECONDS, FIGURE_SECONDS = 5, 30, 20
APART = "Check yourself"  # the section of quizzes and exercises
FENCE = re.compile(r"^(`{3,}|:{3,})(.*)$")
HEADING = re.compile(r"^(#{1,6}) (.*)$")
FOLDED = re.compile(r"hide-input|hide-cell|remove-input|remove-cell")


@dataclass(frozen=True)
class Load:
    """What there is to read in a piece of a page."""

    words: int = 0
    code_lines: int = 0
    formulas: int = 0
    figures: int = 0

    @property
    def minutes(self) -> float:
        """How long it takes.

        >>> Load(words=400, code_lines=6, formulas=1, figures=3).minutes
        4.0
        """
        seconds = CODE_SECONDS * self.code_lines + FORMULA_SECONDS * self.formulas + FIGURE_SECONDS * self.figures
        return self.words / WORDS_A_MINUTE + seconds / 60

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.words + other.words,
            self.code_lines + other.code_lines,
            self.formulas + other.formulas,
            self.figures + other.figures,
        )


def reading(text: str, page: Path) -> tuple[Load, Load]:
    """What a page has on its core path, and in what can be left out.

    Args:
        text: The page's source, MyST Markdown.
        page: Its file, from which the paths of shown sources start.

    Returns:
        The load of the core, and that of the rest.
    """
    core, deeper = Load(), Load()
    below: int | None = None  # level of the heading that began a deeper section
    is_apart = False
    for block in _blocks(_without_header(text)):
        if heading := HEADING.match(block[0]):
            level, title = len(heading[1]), heading[2]
            if below is not None and level <= below:
                below = None
            if title.startswith("Deeper"):
                below = level
            if level <= 2:
                is_apart = title == APART
        if is_apart:
            continue
        load, is_folded = _load(block, page)
        if below is None and not is_folded:
            core += load
        else:
            deeper += load
    return core, deeper


def phrase(core: Load, deeper: Load) -> str:
    """The minutes for a page's first line.

    >>> phrase(Load(words=2400), Load(words=1600))
    '12 minutes to read, 20 with what is marked *deeper*'
    >>> phrase(Load(words=2400), Load())
    '12 minutes to read'
    """
    short, whole = max(1, round(core.minutes)), round((core + deeper).minutes)
    return f"{short} minute{'s' * (short > 1)} to read" + (
        f", {whole} with what is marked *deeper*" if whole > short else ""
    )


def part_phrase(minutes: float) -> str:
    """How long the core of a part takes, to five minutes; from an hour and a half on, to half an hour.

    >>> part_phrase(52.3), part_phrase(130)
    ('50 minutes', '2 hours')
    """
    if minutes < 90:
        return f"{5 * round(minutes / 5)} minutes"
    halves = round(minutes / 30)
    return f"{halves // 2}{'½' * (halves % 2)} hours"


def part_minutes(parts: list[str]) -> float:
    """The minutes of the core path of all pages in some folders of the book."""
    files = [BOOK / f"{page.docname}.md" for page in pages() if page.docname.split("/")[0] in parts]
    return sum(reading(file.read_text("utf-8"), file)[0].minutes for file in files)


def _without_header(text: str) -> str:
    return text.split("\n---\n", 1)[1] if text.startswith("---\n") else text


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines of each fenced block and each formula; all others one by one."""
    lines = text.splitlines()
    row = 0
    while row < len(lines):
        line = lines[row]
        end = row + 1
        if fence := FENCE.match(line):
            while end < len(lines) and lines[end].strip() != fence[1]:
                end += 1
            end += 1
        elif line.startswith("$$") and line.count("$$") == 1:
            while end < len(lines) and not lines[end].startswith("$$"):
                end += 1
            end += 1
        yield lines[row:end]
        row = end


def _load(block: list[str], page: Path) -> tuple[Load, bool]:
    """What a block weighs, and whether it is folded."""
    first, body = block[0], block[1:-1]
    if first.startswith("$$"):
        return Load(formulas=1), False
    fence = FENCE.match(first)
    if fence is None:
        return Load(words=_words(first)), False
    kind = fence[2].strip()
    if kind.startswith("{code-cell}"):
        return _cell(body), False
    if kind.startswith("{literalinclude}"):
        return Load(code_lines=len(_shown_source(kind.split()[-1], body, page))), False
    if kind.startswith(("{figure}", "{image}")):
        return Load(words=sum(map(_words, body)), figures=1), False
    if kind.startswith(("{quiz}", "{exercise", "{solution")):
        return Load(), False
    if kind.startswith("{math}"):
        return Load(formulas=1), False
    if fence[1].startswith("`") and not kind.startswith("{"):
        return Load(code_lines=sum(bool(line.strip()) for line in body)), False
    inner = Load()
    own = dropwhile(re.compile(r":[\w-]+:").match, body)  # without the note's options, but with those of what it holds
    for part in _blocks("\n".join(own)):
        inner += _load(part, page)[0]
    return inner, any("dropdown" in line for line in body[:2])


def _cell(body: list[str]) -> Load:
    """A code cell: its figure with the caption, and its lines where they are shown."""
    if body[:1] == ["---"]:
        end = body.index("---", 1)
        options, code = body[1:end], body[end + 1 :]
    else:
        options = [line for line in body if line.startswith(":")]
        code = body[len(options) :]
    told = "\n".join(options)
    if "remove-cell" in told:
        return Load()
    caption = re.search(r"^ *caption: *(?:>-|\|)?(.*?)(?=^ *\w+:|\Z)", told, re.DOTALL | re.MULTILINE)
    return Load(
        words=_words(caption[1]) if caption else 0,
        code_lines=0 if FOLDED.search(told) else sum(bool(line.strip()) for line in code),
        figures=int("mystnb:" in told),
    )


def _shown_source(name: str, options: list[str], page: Path) -> list[str]:
    """The lines, none of them empty, that a page shows of a file: a function or class, a part, or all."""
    text = (page.parent / name).resolve().read_text("utf-8")
    chosen = {name: value for line in options for name, value in re.findall(r'^:([\w-]+): *"?(.*?)"?$', line)}
    if "pyobject" in chosen:
        node: ast.AST = ast.parse(text)
        for part in chosen["pyobject"].split("."):
            node = next(child for child in node.body if getattr(child, "name", None) == part)  # type: ignore[attr-defined]
        text = ast.get_source_segment(text, node) or ""
    else:
        text = text.split(chosen["start-after"], 1)[1] if "start-after" in chosen else text
        text = text.split(chosen["end-before"], 1)[0] if "end-before" in chosen else text
    return [line for line in text.splitlines() if line.strip()]


def _words(line: str) -> int:
    """Words of a line of text; marks of tables, lists and headings are none.

    >>> _words("| a box | `x_min` | - |"), _words("## Two words"), _words("(label)=")
    (3, 2, 0)
    """
    if re.fullmatch(r"\(.*\)=", line.strip()):
        return 0
    return sum(bool(re.search(r"\w", word)) for word in line.split())


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write a page's minutes where it asks for them, and those of parts."""
    if MARK in source[0]:
        page = BOOK / f"{docname}.md"
        source[0] = source[0].replace(MARK, phrase(*reading(page.read_text("utf-8"), page)))
    source[0] = PARTS.sub(lambda found: part_phrase(part_minutes(found[1].split())), source[0])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
