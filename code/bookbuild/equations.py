"""Sphinx extension: equations as MathML, made at build, so that a reader downloads no program to draw them.

Temml (bookbuild/temml, 0.13.5 from the npm registry, MIT licence) reads LaTeX and writes MathML Core, which Chromium,
Firefox and Safari draw by themselves and screen readers read aloud. Why: docs/decisions/0019.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
TEMML = Path(__file__).with_name("temml") / "temml.min.js"
NAME = "mathml"  # of the renderer, in Sphinx's settings
ENVIRONMENT = re.compile(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
LINES = re.compile(r"\\\\")
MARK = re.compile(r"[.,;:!?)]+(?=\s|$)")  # what may follow an equation in a sentence
UNBROKEN = "unbroken"  # class of an equation and its mark, for the style sheet


class EquationError(ValueError):
    """LaTeX that can't be converted."""


@cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    engine.eval(TEMML.read_text("utf-8"))
    return engine


@cache
def to_mathml(tex: str, *, display: bool = False) -> str:
    """An equation as MathML that also holds its LaTeX, for those who copy it.

    Args:
        tex: LaTeX as in a text, without dollars.
        display: Whether it stands on a line of its own.

    Returns:
        A ``math`` element.

    Raises:
        EquationError: If a command or the structure is unknown.

    >>> to_mathml("x")
    '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x</annotation></semantics></math>'
    """
    options = {"displayMode": display, "throwOnError": True, "annotate": True}
    try:
        return str(_engine().call("temml.renderToString", tex, options))
    except JSEvalException as error:
        lines = [line for line in str(error).splitlines() if "Error" in line]
        raise EquationError(f"{tex!r} is no equation that Temml reads: {lines[0] if lines else error}") from error


def aligned(tex: str) -> str:
    r"""An equation on a line of its own, as Sphinx reads it: `\\` begins a line, an empty line an equation.

    >>> aligned(r"a &= b \\ c &= d")
    '\\begin{aligned}a &= b \\\\ c &= d\\end{aligned}'
    >>> aligned("a = b")
    'a = b'
    """
    parts = [part.strip() for part in re.split(r"\n\s*\n", tex) if part.strip()]
    if len(parts) == 1 and not LINES.search(ENVIRONMENT.sub("", parts[0])):
        return parts[0]
    return r"\begin{aligned}" + r" \\ ".join(parts) + r"\end{aligned}"


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write an equation in a sentence."""
    translator.body.append(f'<span class="math">{_converted(node, node.astext(), display=False)}</span>')
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation on a line of its own, with its number and the link to it."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    tex = node.astext() if node["nowrap"] else aligned(node.astext())
    # On a narrow screen it scrolls, and the keyboard can do that too.
    translator.body.append(f'<div class="math-scroll" tabindex="0">{_converted(node, tex, display=True)}</div>')
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def keep_marks(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Join each equation in a sentence to the mark behind it, which else may begin the next line."""
    for equation in list(doctree.findall(nodes.math)):
        place = equation.parent.index(equation)
        text = equation.next_node(descend=False, siblings=True)
        if isinstance(text, nodes.Text) and (mark := MARK.match(text)):
            kept = nodes.inline("", "", equation.deepcopy(), nodes.Text(mark[0]), classes=[UNBROKEN])
            equation.parent[place : place + 2] = [kept, nodes.Text(text[mark.end() :])]


def _converted(node: nodes.Element, tex: str, *, display: bool) -> str:
    try:
        return to_mathml(tex, display=display)
    except EquationError as error:
        LOGGER.warning("%s", error, location=node, type="equations")
        return f"<code>{html.escape(tex)}</code>"


def characters(mathml: str) -> Iterator[str]:
    """The characters that a browser draws for MathML: a single letter in ``mi`` slanted, a root with a sign of its own.

    >>> sorted(characters('<math><mi>x</mi><mo>=</mo><mn>2</mn><mi>sin</mi></math>'))
    ['2', '=', 'i', 'n', 's', '𝑥']
    >>> sorted(characters('<math><msqrt><mn>2</mn></msqrt></math>'))
    ['2', '√']
    """
    text = re.sub(r"<annotation.*?</annotation>", "", mathml, flags=re.DOTALL)
    if re.search(r"<(msqrt|mroot)\b", text):
        yield "√"
    for letter in re.findall(r"<mi>(.)</mi>", text):
        yield SLANTED.get(letter, letter)
    yield from set(re.sub(r"<[^>]*>", "", re.sub(r"<mi>.</mi>", "", text)))


def _slanted() -> dict[str, str]:
    """The mathematical italic of Latin and Greek letters (Unicode 15, block Mathematical Alphanumeric Symbols)."""
    rows = (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2), ("α", "ω", 0x1D6FC))
    table = {chr(i): chr(to + i - ord(first)) for first, last, to in rows for i in range(ord(first), ord(last) + 1)}
    return table | {"h": "ℎ", "∂": "𝜕", "ϵ": "𝜖", "ϑ": "𝜗", "ϰ": "𝜘", "ϕ": "𝜙", "ϱ": "𝜚", "ϖ": "𝜛"}


SLANTED = _slanted()


def choose(app: Sphinx, config: Config) -> None:
    """Take this renderer in place of MathJax, which Jupyter Book sets."""
    config.html_math_renderer = NAME


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_html_math_renderer(NAME, (visit_inline, None), (visit_block, None))
    app.connect("config-inited", choose, priority=700)
    app.connect("doctree-resolved", keep_marks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
