"""The strings of Markdown, judged by another program's reading of them (markdown-it-py)."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from bookbuild import markdown

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(dollarmath_plugin)
LINES = st.text(st.sampled_from("ab1 _*`~$<>&;#|[](){}\\!.:-+=\"'"), min_size=1, max_size=12)


def shown(source: str) -> str:
    """What a reader sees of Markdown that makes one paragraph."""
    rendered = READER.render(source)
    found = re.fullmatch(r"<p>(.*)</p>\n", rendered, re.DOTALL)
    assert found, f"not a paragraph of text: {rendered!r}"
    text = re.sub(r"</?span>", "", found[1])
    assert not re.search(r"<[a-z/]", text), f"not plain text: {rendered!r}"
    return html.unescape(text)


@given(LINES)
@example("2 * 3 * 4 and __init__ and ~~gone~~")
@example("costs $5 or $6, `code`, \\(x\\) and \\[y\\]")
@example("[text](target), [x]: y, <b>bold</b>, &lt;")
def test_escaped_text_shows_exactly_itself(text):
    paragraph = markdown.escape_block_start(markdown.escape_text(text).strip())
    assert shown(paragraph) == markdown.one_line(text).strip() if paragraph else not text.strip()


@pytest.mark.parametrize("text", ["# one", "1. one", "12) one", "- one", "+ one", "> one", "---", "-", "###", "1."])
def test_a_paragraph_stays_a_paragraph(text):
    assert shown(markdown.escape_block_start(markdown.escape_text(text))) == text


@pytest.mark.parametrize("text", ["2.5 million", "-1 is negative", "#tag", "+1"])
def test_what_starts_no_block_is_left_alone(text):
    assert markdown.escape_block_start(text) == text


def test_dollars_and_backslashes_stand_alone_in_their_element():
    # JupyterLab lets MathJax search the rendered text once more: an escaped dollar would start a formula there.
    assert markdown.escape_text(r"$5 \(x\)") == "<span>&#36;</span>5 <span>&#92;</span>(x<span>&#92;</span>)"


@given(st.text(st.sampled_from("a `|\\$*<"), min_size=1, max_size=10).filter(lambda text: text.strip()))
def test_code_shows_exactly_itself(text):
    text = text.strip()
    rendered = READER.render("x " + markdown.code_span(text))
    assert html.unescape(rendered) == f"<p>x <code>{markdown.one_line(text)}</code></p>\n"


def test_a_fence_is_longer_than_the_fences_inside():
    assert markdown.fenced("````\na\n````", "md") == "`````md\n````\na\n````\n`````"
    assert markdown.fenced("a\n", "python") == "```python\na\n```"


def test_addresses_end_no_link():
    assert shown_link(markdown.link("text", "https://a.org/b (c)")) == ("text", "https://a.org/b%20%28c%29")
    assert markdown.link("", "https://a.org") == ""


def shown_link(source: str) -> tuple[str, str]:
    found = re.fullmatch(r'<p><a href="(.*?)">(.*?)</a></p>\n', READER.render(source))
    assert found
    return found[2], found[1]


def test_a_picture_keeps_its_alt_text_and_width():
    assert markdown.image("a.png", 'A [red] "dot"\n*', "") == '![A &#91;red&#93; "dot" \\*](a.png)'
    assert markdown.image("a.png", 'A "dot"', "40%") == '<img src="a.png" alt="A &quot;dot&quot;" width="40%">'


def test_a_formula_in_a_table_has_no_bars():
    assert markdown.inline_math(r" |x| + \|y\| ", in_table=True) == r"$\vert x\vert + \Vert y\Vert$"
    assert markdown.inline_math(" |x|\n") == "$|x|$"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a\n= b", "$$a = b$$"),
        ("a % a comment\n= b", "$$a = b$$"),
        (r"50\% % a comment", r"$$50\%$$"),
        ("a \\\\% a comment\n= b", r"$$\begin{split}a \\ = b\end{split}$$"),
        ("a \\\\%\n= b", r"$$\begin{split}a \\ = b\end{split}$$"),
        (r"a \\ 50\%", r"$$\begin{split}a \\ 50\%\end{split}$$"),
        (r"a \\\% b", r"$$\begin{split}a \\\% b\end{split}$$"),
        (r"a \\ b", r"$$\begin{split}a \\ b\end{split}$$"),
        (r"\begin{cases} a \\ b \end{cases}", r"$$\begin{cases} a \\ b \end{cases}$$"),
        (r"\begin{align*}a &= b \\ c\end{align*}", r"$$\begin{aligned}a &= b \\ c\end{aligned}$$"),
        (r"\begin{equation}a\end{equation}", "$$a$$"),
        ("a = b\n\nc = d", r"$$\begin{aligned}a = b \\ c = d\end{aligned}$$"),
    ],
)
def test_an_equation_takes_one_line_and_no_outer_environment(formula, expected):
    assert markdown.display_math(formula) == expected


def test_an_equation_shows_its_number():
    assert markdown.display_math("a", "2.1") == r"$$a \tag{2.1}$$"


def test_a_quotation_marks_every_line():
    assert markdown.quote("a\n\nb") == "> a\n>\n> b"


def test_items_indent_their_later_lines_but_no_empty_ones():
    assert markdown.list_item("10.", ["a", "b\nc"], tight=False) == "10. a\n\n    b\n    c"
    assert markdown.list_item("-", ["a", "- b"], tight=True) == "- a\n  - b"


def test_a_table_escapes_bars_and_line_ends():
    written = markdown.table(["a", "b"], [["`x|y`", "1\n\n2"]], ["left", ""])
    assert written == "| a | b |\n| :--- | --- |\n| `x\\|y` | 1<br>2 |"
    cells = re.findall(r"<td.*?>(.*?)</td>", READER.render(written))
    assert cells == ["<code>x|y</code>", "1<br>2"]
