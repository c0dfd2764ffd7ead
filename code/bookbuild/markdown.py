"""Markdown that Jupyter, Colab and VS Code all show alike, built from strings.

The three differ where CommonMark is silent: mathematics. JupyterLab takes
`$…$` out before it reads Markdown and lets MathJax search the result once more,
so a literal dollar must stand alone in its element, and an equation inside a
quotation must stay on one line (its `>` marks would become part of it).
"""

import html
import re
from collections.abc import Iterable, Sequence

# A dollar or a backslash alone in its element can start no formula.
ALONE = {"$": "<span>&#36;</span>", "\\": "<span>&#92;</span>"}
SPECIAL = re.compile(
    r"""[$\\`*~]            # formulas, escapes, code, emphasis, strike-through
    | (?<![^\W_])_ | _(?![^\W_])  # emphasis; inside a word an underscore is only itself
    | <                     # HTML
    | &(?=\#?\w+;)          # an entity
    | \](?=[(\[:])          # the end of a link""",
    re.VERBOSE,
)
ENTITIES = {"<": "&lt;", "&": "&amp;", "]": "&#93;"}
BLOCK_START = re.compile(r"(?:>|(?:#{1,6}|[+-]|\d{1,9}(?=[.)]))(?=[.)]?(?: |$))|-(?=-+$))")
LINE_BREAKING = re.compile(r"\\begin\{(\w+)(\*?)\}.*?\\end\{\1\2\}", re.DOTALL)
# Environments that number lines, with those that stand inside $$ in MathJax and KaTeX.
INNER_ENVIRONMENTS = {
    "equation": "",
    "align": "aligned",
    "alignat": "alignedat",
    "flalign": "aligned",
    "gather": "gathered",
}


def one_line(text: str) -> str:
    """The text with every run of white space made one space."""
    return re.sub(r"[ \t\r\n]+", " ", text)


def escape_text(text: str) -> str:
    r"""Plain text as Markdown that shows exactly it, as far as one line goes.

    >>> print(escape_text("2 * 3 < 7, snake_case, _private"))
    2 \* 3 &lt; 7, snake_case, \_private
    """

    def escaped(found: re.Match[str]) -> str:
        return ALONE.get(found[0]) or ENTITIES.get(found[0]) or "\\" + found[0]

    return SPECIAL.sub(escaped, one_line(text))


def escape_block_start(paragraph: str) -> str:
    r"""A paragraph whose first characters do not make it a heading, list or quotation.

    >>> print(escape_block_start("1. is a number here"))
    1\. is a number here
    """
    found = BLOCK_START.match(paragraph)
    if not found:
        return paragraph
    place = found.end() if found[0][0].isdigit() else 0
    return f"{paragraph[:place]}\\{paragraph[place:]}"


def code_span(text: str) -> str:
    """Text in code letters, whatever back-quotes it holds.

    >>> print(code_span("a"), code_span("`b`"))
    `a` `` `b` ``
    """
    text = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def fenced(text: str, language: str = "") -> str:
    """A block of code, in a fence longer than any that it holds."""
    longest = max((len(run) for run in re.findall(r"^\s*(`{3,})", text, re.MULTILINE)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def address(uri: str) -> str:
    """An address without the characters that end a Markdown link."""
    for character, code in ((" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E")):
        uri = uri.replace(character, code)
    return uri


def link(text: str, uri: str) -> str:
    """A link; the text is Markdown already."""
    return f"[{text}]({address(uri)})" if text else ""


def image(uri: str, alt: str, width: str = "") -> str:
    """A picture; one with a width needs HTML, which Markdown lets through.

    >>> image("a.png", "Two boxes", "400px")
    '<img src="a.png" alt="Two boxes" width="400">'
    """
    alt = one_line(alt.strip())
    if width:
        return f'<img src="{address(uri)}" alt="{html.escape(alt)}" width="{width.removesuffix("px")}">'
    plain = escape_text(alt).replace("[", "&#91;").replace("]", "&#93;")
    return f"![{plain}]({address(uri)})"


def inline_math(formula: str, *, in_table: bool = False) -> str:
    """A formula in a line; in a table its bars must not end the cell."""
    if in_table:
        formula = formula.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"${one_line(formula.strip())}$"


def display_math(formula: str, number: str = "") -> str:
    r"""An equation on a line of its own, with its number.

    >>> print(display_math("a = b", "2.1"))
    $$a = b \tag{2.1}$$
    """
    # A TeX comment ends with its line, and all will be one. `\%` is a per cent sign, `\\%` a line break and a comment.
    formula = re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", formula).strip()
    body, *more = [_broken(_inner_environment(part.strip())) for part in re.split(r"\n\s*\n", formula)]
    if more:  # as Sphinx shows them
        body = r"\begin{aligned}" + r" \\ ".join([body, *more]) + r"\end{aligned}"
    return f"$${one_line(body)}" + (rf" \tag{{{number}}}" if number else "") + "$$"


def _broken(formula: str) -> str:
    r"""Let `\\` break lines where no environment does, as Sphinx does."""
    return rf"\begin{{split}}{formula}\end{{split}}" if r"\\" in LINE_BREAKING.sub("", formula) else formula


def _inner_environment(formula: str) -> str:
    """Replace an outer environment by one that may stand inside `$$`."""
    found = re.fullmatch(r"\\begin\{(\w+)\*?\}(.*)\\end\{\1\*?\}", formula, re.DOTALL)
    if not found or found[1] not in INNER_ENVIRONMENTS:
        return formula
    inner = INNER_ENVIRONMENTS[found[1]]
    return rf"\begin{{{inner}}}{found[2]}\end{{{inner}}}" if inner else found[2].strip()


def quote(markdown: str) -> str:
    """A block quotation."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.splitlines())


def details(summary: str, markdown: str) -> str:
    """Something to open; the summary is HTML, the rest Markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{markdown}\n\n</details>"


def list_item(marker: str, blocks: Sequence[str], *, tight: bool) -> str:
    """One item of a list, later lines under the first letter of its text."""
    text = ("\n" if tight else "\n\n").join(blocks)
    indent = "\n" + " " * (len(marker) + 1)
    return re.sub(r"\n(?=[^\n])", indent, f"{marker} {text}").rstrip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]], alignments: Sequence[str]) -> str:
    """A table; bars in its cells are escaped here, line ends become breaks.

    Args:
        head: The cells of the first row; empty ones where the table has none.
        rows: The cells of the others.
        alignments: "left", "right", "center" or "" for each column.
    """
    rules = {"left": ":---", "right": "---:", "center": ":---:"}
    cells = [list(head), [rules.get(side, "---") for side in alignments], *rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in cells)


def _cell(markdown: str) -> str:
    return re.sub(r"\n+", "<br>", markdown.strip()).replace("|", r"\|")
