"""Lines of text in a page's resolved doctree, as Markdown: `Inline`, one method a kind of node.

Resolved means that Sphinx has put in all numbers, references and citations;
in the page's source they are still names.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from docutils import nodes
from sphinx import addnodes

from bookbuild import markdown

HIDDEN = {"only-dark", "d-none", "sd-d-none", "contents", "toctree-wrapper"}  # classes of what has no place here
KEPT_TAGS = re.compile(
    r"</?(?:abbr|b|br|del|details|div|em|i|ins|kbd|mark|p|s|small|span|strong|sub|summary|sup|u|wbr)\b[^>]*>"
)
SUMMARY_TAGS = {nodes.literal: "code", nodes.emphasis: "em", nodes.strong: "strong"}


@dataclass(frozen=True)
class PageContext:
    """What a page's doctree leaves to Sphinx's environment."""

    site: str  # address of the site, without a slash at its end
    docname: str  # e.g. "cnn/first-network"
    section_numbers: Mapping[str, Sequence[int] | None] = field(default_factory=dict)  # "#id" or "" -> (2, 1)
    figure_numbers: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)  # kind -> id -> (2, 1)
    number_formats: Mapping[str, str] = field(default_factory=dict)  # kind -> "Fig. %s"
    images: Mapping[str, str] = field(default_factory=dict)  # path in the source -> file name on the site

    @property
    def address(self) -> str:
        """The page's address on the site."""
        return f"{self.site}/{self.docname}.html"


def dotted(number: Sequence[int]) -> str:
    """A number of several parts, e.g. "2.1"."""
    return ".".join(map(str, number))


def inside(node: nodes.Node, kind: type[nodes.Node]) -> bool:
    """Whether a node has an ancestor of this kind."""
    return node.parent is not None and (isinstance(node.parent, kind) or inside(node.parent, kind))


def is_hidden(node: nodes.Node) -> bool:
    """Whether a node has a class of what a notebook leaves out, such as a figure's second, dark copy."""
    return isinstance(node, nodes.Element) and bool(HIDDEN & set(node.get("classes", ())))


class Inline:
    """Writes the text-level nodes of one page.

    A method is found by the name of the node's class or of its nearest base
    that has one.

    Attributes:
        unknown: Names of the node classes met that have no method.
    """

    def __init__(self, page: PageContext) -> None:
        self.page = page
        self.unknown: set[str] = set()

    def inline(self, parent: nodes.Node) -> str:
        """All children of a node, as one line."""
        line = ""
        for child in parent.children:
            piece = "" if is_hidden(child) else (self.method("inline", child) or self._inline_unknown)(child)
            if line.endswith("!") and piece.startswith("["):  # together they would be a picture
                line = line[:-1] + "&#33;"
            line += piece
        return line

    def summary(self, node: nodes.Node) -> str:
        """A title as HTML, for `<summary>`, where Markdown is not read."""
        if isinstance(node, nodes.Text):
            return html.escape(markdown.one_line(node.astext()), quote=False).replace("$", markdown.ALONE["$"])
        if isinstance(node, nodes.math):
            return markdown.inline_math(node.astext().replace("<", r"\lt ").replace(">", r"\gt "))
        if isinstance(node, nodes.raw):  # icons
            return ""
        inner = "".join(map(self.summary, node.children))
        tag = next((tag for kind, tag in SUMMARY_TAGS.items() if isinstance(node, kind)), "")
        return f"<{tag}>{inner}</{tag}>" if tag else inner

    def method(self, kind: str, node: nodes.Node) -> Callable[[nodes.Node], str] | None:
        """What writes nodes of this class, if anything does."""
        names = (f"_{kind}_{base.__name__.lower()}" for base in type(node).__mro__)
        return next((getattr(self, name) for name in names if hasattr(self, name)), None)

    def resolve(self, node: nodes.Element) -> str:
        """The address that a reference leads to, as a whole."""
        uri = node.get("refuri") or f"#{node['refid']}"
        return urljoin(self.page.address, uri)

    def _inline_unknown(self, node: nodes.Node) -> str:
        self.unknown.add(type(node).__name__)
        return self.inline(node) if node.children else markdown.escape_text(node.astext())

    def _inline_text(self, node: nodes.Text) -> str:
        text = markdown.escape_text(node.astext())
        return text.replace("[", "&#91;").replace("]", "&#93;") if inside(node, nodes.reference) else text

    def _inline_inline(self, node: nodes.Element) -> str:
        return self.inline(node)

    _inline_target = _inline_generated = _inline_problematic = _inline_inline

    def _inline_abbreviation(self, node: nodes.Element) -> str:
        return f'<abbr title="{html.escape(node.get("explanation", ""))}">{self.inline(node)}</abbr>'

    def _inline_emphasis(self, node: nodes.Element) -> str:
        return self._marked(node, "*", "em")

    _inline_title_reference = _inline_emphasis

    def _inline_strong(self, node: nodes.Element) -> str:
        return self._marked(node, "**", "strong")

    def _inline_literal(self, node: nodes.Element) -> str:
        return markdown.code_span(node.astext())

    def _inline_math(self, node: nodes.Element) -> str:
        return markdown.inline_math(node.astext(), in_table=inside(node, nodes.entry))

    def _inline_math_block(self, node: nodes.Element) -> str:
        return f" {markdown.display_math(node.astext())} "  # `$$…$$` in the middle of a paragraph

    def _inline_superscript(self, node: nodes.Element) -> str:
        return f"<sup>{self.inline(node)}</sup>"

    def _inline_subscript(self, node: nodes.Element) -> str:
        return f"<sub>{self.inline(node)}</sub>"

    def _inline_reference(self, node: nodes.Element) -> str:
        text = self.inline(node)
        return _spaced(text, markdown.link(text.strip(), self.resolve(node)))

    def _inline_footnote_reference(self, node: nodes.Element) -> str:
        return f"<sup>{markdown.link(node.astext(), self.resolve(node))}</sup>"

    def _inline_download_reference(self, node: addnodes.download_reference) -> str:
        uri = node["refuri"] if "refuri" in node else f"{self.page.site}/_downloads/{node['filename']}"
        return markdown.link(self.inline(node), uri)

    def _inline_image(self, node: nodes.Element) -> str:
        source = node.get("candidates", {}).get("*", node["uri"])
        name = self.page.images.get(source)
        uri = f"{self.page.site}/_images/{name}" if name else urljoin(self.page.address, node["uri"])
        return markdown.image(uri, node.get("alt", ""), node.get("width", ""))

    def _inline_raw(self, node: nodes.Element) -> str:
        """HTML that only formats stays; for what loads or runs something, the way to the page on the site."""
        text = re.sub(r"<!--.*?-->", "", node.astext(), flags=re.DOTALL).strip()
        if "html" not in node["format"] or not text:
            return ""
        if "<" not in KEPT_TAGS.sub("", text):
            return text
        if text.startswith("</"):
            return ""
        return f"*This part is shown on {markdown.link('the page', self.page.address)} only.*"

    def _inline_fontawesome(self, node: nodes.Element) -> str:
        return ""  # a decoration

    _inline_invisible = _inline_fontawesome  # comments, index entries

    def _marked(self, node: nodes.Element, mark: str, tag: str) -> str:
        """Emphasised text; in HTML where the mark would touch a letter and not be read as one."""
        text = self.inline(node)
        before, after = _neighbours(node)
        if before[-1:].isalnum() or after[:1].isalnum():
            return f"<{tag}>{text}</{tag}>"
        return _spaced(text, f"{mark}{text.strip()}{mark}") if text.strip() else text


def _spaced(text: str, marked: str) -> str:
    """Marked text with the spaces that its plain form has at its ends, outside the marks."""
    return " " * text.startswith(" ") + marked + " " * text.endswith(" ")


def _neighbours(node: nodes.Element) -> tuple[str, str]:
    """The plain text directly before and after a node."""
    following = node.next_node(descend=False, siblings=True)
    before = node.previous_sibling()
    return before.astext() if before else "", following.astext() if following else ""
