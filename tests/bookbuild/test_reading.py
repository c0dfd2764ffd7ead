"""How long a page takes to read, on a page counted by hand."""

from pathlib import Path

import pytest

from bookbuild.pages import BOOK, pages
from bookbuild.reading import MARK, Load, part_minutes, part_phrase, phrase, reading

# Words counted by hand: heading 1, sentence 5, table 4 in two rows, caption 3 (and 4 where the cell is folded).
PAGE = """---
kernelspec: {name: python3}
---

(label)=
# Title

Five words and $x$ here.

| one | two |
|---|---|
| three | four |

```{code-cell} python
---
mystnb:
  image:
    alt: Words of the alternative text do not count.
  figure:
    name: fig-a
    caption: >-
      The first caption.
---
draw(1)

draw(2)
```

```{code-cell} python
:tags: [hide-input]
hidden(1)
```

```{code-cell} python
:tags: [remove-cell]
claim("gone", True)
```

$$
a = b
$$ (eq-a)

$$ c = d $$

```{literalinclude} source.py
:language: python
:pyobject: Shown.method
```

:::{admonition} Folded words
:class: dropdown
These three count.
:::

## Deeper: two words more

Left out.

### Still deeper

$$
e
$$

## Core again

```python
print("a block")
```

## Check yourself

None of these words count.

```{exercise} One
Do it.
```

## Last

End.
"""
SOURCE = "class Shown:\n    x = 1\n\n    def method(self):\n        y = 2\n\n        return y\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "source.py").write_text(SOURCE, "utf-8")
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    return tmp_path / "page.md"


def test_core_and_deeper_are_those_counted_by_hand(page: Path):
    core, deeper = reading(PAGE, page)
    # Title, 5, one to four, 3 of the caption, Core again, Last, End; the cell has 2 lines, the method 3, the block 1.
    assert core == Load(words=1 + 5 + 4 + 3 + 2 + 1 + 1, code_lines=2 + 3 + 1, formulas=2, figures=1)
    # the folded note; Deeper: two words more, Left out, Still deeper.
    assert deeper == Load(words=3 + 4 + 2 + 2, formulas=1)


def test_minutes_follow_the_rule():
    assert Load(words=200).minutes == 1
    assert Load(code_lines=12).minutes == 1
    assert Load(formulas=2).minutes == 1
    assert Load(figures=3).minutes == 1


def test_markers_cut_out_what_is_shown(tmp_path: Path):
    (tmp_path / "source.py").write_text("a\n# [part]\nb\n\nc\n# [/part]\nd\n", "utf-8")
    block = '```{literalinclude} source.py\n:start-after: "# [part]"\n:end-before: "# [/part]"\n:dedent:\n```\n'
    core, _ = reading(block, tmp_path / "page.md")
    assert core == Load(code_lines=2)


def test_a_function_shown_in_a_folded_note_counts_alone(page: Path):
    shown = "```{literalinclude} source.py\n:pyobject: Shown.method\n```"
    note = f":::{{admonition}} In code\n:class: dropdown\n\n{shown}\n:::\n"
    assert reading(note, page) == (Load(), Load(code_lines=3))


def test_a_part_of_hours_is_told_in_hours():
    assert part_phrase(34.4) == "35 minutes"
    assert part_phrase(240.1) == "4 hours"
    assert part_phrase(320) == "5½ hours"


@pytest.mark.parametrize("page", [page for page in pages() if page.is_notebook], ids=lambda page: page.docname)
def test_every_page_takes_its_minutes_from_the_rule(page):
    text = (BOOK / f"{page.docname}.md").read_text("utf-8")
    assert text.count(MARK) == 1, f"{page.docname}.md must say {MARK} in its first line, and type no minutes to read"
    assert "minutes to read" not in text


def test_a_page_without_anything_left_out_says_one_number():
    assert phrase(Load(words=200), Load(words=20)) == "1 minute to read"


@pytest.mark.parametrize(
    ("part", "minutes"), [("fundamentals", 85), ("cnn", 74), ("faces", 35), ("detection", 50), ("video", 50)]
)
def test_the_core_of_a_part_fits_its_share_of_the_course(part: str, minutes: int):
    assert part_minutes([part]) <= minutes
