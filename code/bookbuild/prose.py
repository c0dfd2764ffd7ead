"""Blocks of a page's resolved doctree, as Markdown: `Prose`, one method a kind of node.

`_block_admonition` writes notes, warnings and exercises alike, since a method
also serves the classes derived from its own. A node that no method serves is
remembered in `Prose.unknown`, and its children are written.
"""

from collections.abc import Sequence
from string import ascii_uppercase

from docutils import nodes

from bookbuild import markdown
from bookbuild.inline import Inline, dotted, inside, is_hidden

LANGUAGES = {
    "ipython3": "python",
    "ipython": "python",
    "python3": "python",
    "default": "",
    "none": "",
    "text": "",
    "myst-ansi": "",
}
FOLDED = {"dropdown", "toggle"}  # classes of what the site shows folded
LABELS = {
    name: name.capitalize()
    for name in ("attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning")
} | {"seealso": "See also"}


class Prose(Inline):
    """Writes the nodes of one page that stand on lines of their own."""

    def block(self, node: nodes.Node) -> str:
        """One node; "" if it shows nothing."""
        if is_hidden(node):
            return ""
        if method := self.method("block", node):
            return method(node)
        if method := self.method("inline", node):
            return markdown.escape_block_start(method(node).strip())
        self.unknown.add(type(node).__name__)
        return self.blocks(node)

    def blocks(self, parent: nodes.Node) -> str:
        """All children of a node."""
        return "\n\n".join(self.block_list(parent.children))

    def block_list(self, children: Sequence[nodes.Node]) -> list[str]:
        """Each node's Markdown; what shows nothing is left out."""
        return [text for text in map(self.block, children) if text]

    # Titles and numbers

    def number(self, node: nodes.Element) -> str:
        """A figure's, table's or exercise's number as on the site, e.g. "Fig. 2.1"."""
        for kind, form in self.page.number_formats.items():
            number = self.page.figure_numbers.get(kind, {}).get(node["ids"][0] if node["ids"] else "")
            if number:
                return form % dotted(number)
        return ""

    def caption(self, node: nodes.Element, text: nodes.Element | None) -> str:
        """A caption with its number."""
        words = self.inline(text).strip() if text is not None else ""
        number = self.number(node)
        return f"**{number}** {words}".strip() if number else words

    def label(self, node: nodes.Element) -> tuple[str, str]:
        """What an admonition is headed with: in Markdown, and in HTML."""
        title = first_title(node)
        if title is not None:
            number = self.number(node)
            return f"{number} {self.inline(title).strip()}".strip(), f"{number} {self.summary(title).strip()}".strip()
        name = type(node).__name__
        if name not in LABELS and not isinstance(node, nodes.sidebar | nodes.topic):
            self.unknown.add(name)
        return LABELS.get(name, ""), LABELS.get(name, "")

    def wrapped(self, node: nodes.Element, body: str, *, goes_on: bool = False) -> str:
        """The body of an admonition under its label: a quotation, or folded as on the site.

        Args:
            node: The admonition.
            body: Its Markdown, or a stretch of it; "" where code comes first.
            goes_on: Whether code separates this stretch from one before it.
        """
        label, summary = self.label(node)
        if not body:
            return f"**{label}**"
        if is_folded(node):
            return markdown.details(f"{summary}, continued" if goes_on else summary, body)
        return markdown.quote("\n\n".join(filter(None, [f"**{label}**" if label and not goes_on else "", body])))

    def _block_title(self, node: nodes.Element) -> str:
        """A section's title, with its number as on the site."""
        level = heading_level(node)
        numbers = self.page.section_numbers
        number = numbers.get(f"#{node.parent['ids'][0]}") or (numbers.get("") if level == 1 else None)
        return "#" * level + " " + (f"{dotted(number)}. " if number else "") + self.inline(node).strip()

    # Text

    def _block_paragraph(self, node: nodes.Element) -> str:
        text = markdown.escape_block_start(self.inline(node).strip())
        return f"**The page on the site.** {text}" if "page-facts" in node["classes"] else text

    def _block_rubric(self, node: nodes.Element) -> str:
        return f"**{self.inline(node).strip()}**"

    _block_sd_tab_label = _block_rubric

    def _block_passthroughtextelement(self, node: nodes.Element) -> str:
        return self.inline(node).strip()

    def _block_attribution(self, node: nodes.Element) -> str:
        return f"— {self.inline(node).strip()}"

    def _block_line_block(self, node: nodes.Element) -> str:
        return "<br>\n".join(self.block(line) for line in node.children)

    def _block_line(self, node: nodes.Element) -> str:
        return markdown.escape_block_start(self.inline(node).strip())

    def _block_transition(self, node: nodes.Element) -> str:
        return "---"

    def _block_math_block(self, node: nodes.Element) -> str:
        if inside(node, nodes.entry):
            return self._inline_math(node)
        numbers = self.page.figure_numbers.get("displaymath", {})
        number = dotted(numbers.get(node["ids"][0], ())) if node["ids"] else ""
        shown = not node.get("nowrap")  # Sphinx shows no number for an environment of its own
        return markdown.display_math(node.astext(), (number or str(node.get("number") or "")) if shown else "")

    def _block_literal_block(self, node: nodes.Element) -> str:
        if inside(node, nodes.entry):
            return markdown.code_span(node.astext())
        language = node.get("language", "")
        return markdown.fenced(node.astext(), LANGUAGES.get(language, language))

    _block_doctest_block = _block_literal_block

    # Lists

    def _block_bullet_list(self, node: nodes.Element) -> str:
        return self._items(node, ["-"] * len(node.children))

    def _block_enumerated_list(self, node: nodes.Element) -> str:
        start = node.get("start", 1)
        return self._items(node, [f"{start + place}." for place in range(len(node.children))])

    def _items(self, node: nodes.Element, markers: Sequence[str]) -> str:
        tight = all(_is_tight(item) for item in node.children)
        items = [
            markdown.list_item(marker, self.block_list(item.children), tight=tight)
            for marker, item in zip(markers, node.children, strict=True)
        ]
        # Without the comment this list and one directly before it would be read as one.
        apart = "<!-- -->\n\n" if type(node.previous_sibling()) is type(node) else ""
        return apart + ("\n" if tight else "\n\n").join(items)

    def _block_definition_list(self, node: nodes.Element) -> str:
        return "\n\n".join(self._definition(item) for item in node.children)

    def _definition(self, item: nodes.Element) -> str:
        """A term with its explanation, as an item of a list: plain Markdown has no better."""
        terms = [f"**{self.inline(term).strip()}**" for term in item.findall(nodes.term)]
        kinds = [f"({self.inline(kind).strip()})" for kind in item.findall(nodes.classifier)]
        first, *more = self.block_list(item.children[-1].children) or [""]
        return markdown.list_item(
            "-", [f"{', '.join(terms)} {' '.join(kinds)}".strip() + f": {first}", *more], tight=False
        )

    def _block_field_list(self, node: nodes.Element) -> str:
        return "\n\n".join(
            markdown.list_item("-", [f"**{self.inline(name).strip()}**: {self.blocks(body)}"], tight=False)
            for name, body in (field.children for field in node.children)
        )

    # Tables and figures

    def _block_table(self, node: nodes.Element) -> str:
        width = next(node.findall(nodes.tgroup))["cols"]
        head = [self._cells(row, width, {}) for part in node.findall(nodes.thead) for row in part.children]
        covered: dict[int, int] = {}
        body = [self._cells(row, width, covered) for part in node.findall(nodes.tbody) for row in part.children]
        sides = [_side(entry) for entry in next(node.findall(nodes.tbody)).children[0].children]
        sides += [""] * (width - len(sides))
        title = self.caption(node, first_title(node))
        rows = markdown.table(head[0] if head else [""] * width, head[1:] + body, sides)
        return f"{title}\n\n{rows}" if title else rows

    def _cells(self, row: nodes.Element, width: int, covered: dict[int, int]) -> list[str]:
        """A row's cells; those that another cell covers are empty.

        Args:
            row: The row.
            width: Number of columns.
            covered: For a column, how many more rows the cell above covers; kept up to date.
        """
        cells: list[str] = []
        entries = iter(row.children)
        while len(cells) < width:
            column = len(cells)
            if covered.get(column):
                covered[column] -= 1
                cells.append("")
            elif (entry := next(entries, None)) is None:
                cells.append("")
            else:
                span = 1 + entry.get("morecols", 0)
                covered |= dict.fromkeys(range(column, column + span), entry.get("morerows", 0))
                cells += [self.blocks(entry), *[""] * (span - 1)]
        return cells

    def _block_figure(self, node: nodes.Element) -> str:
        parts = [self._part_of_figure(node, child) for child in node.children]
        return "\n\n".join(filter(None, parts))

    def _part_of_figure(self, figure: nodes.Element, part: nodes.Node) -> str:
        return self.caption(figure, part) if isinstance(part, nodes.caption) else self.block(part)

    # Parts with a label or a frame

    def _block_admonition(self, node: nodes.Element) -> str:
        title = first_title(node)
        return self.wrapped(
            node, "\n\n".join(self.block_list([child for child in node.children if child is not title]))
        )

    _block_topic = _block_sidebar = _block_admonition

    def _block_block_quote(self, node: nodes.Element) -> str:
        return markdown.quote(self.blocks(node))

    def _block_dropdown_main(self, node: nodes.Element) -> str:
        title, *body = node.children
        return markdown.details(self.summary(title).strip() or "More", "\n\n".join(self.block_list(body)))

    def _block_container(self, node: nodes.Element) -> str:
        component = node.get("design_component")
        if node.get("literal_block"):
            code = "\n\n".join(self.block(child) for child in node.children[1:])
            return f"{self.caption(node, node.children[0])}\n\n{code}"
        if component == "card-title":
            return f"**{self.blocks(node)}**"
        if component == "card":
            return markdown.quote(self.blocks(node))
        return markdown.details("Show", self.blocks(node)) if is_folded(node) else self.blocks(node)

    def _block_section(self, node: nodes.Element) -> str:
        return self.blocks(node)

    _block_compound = _block_legend = _block_glossary = _block_aside_main = _block_section

    def _block_footnote(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"<sup>{label.astext()}</sup> " + "\n\n".join(self.block_list(body))

    def _block_citation(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"**[{label.astext()}]** " + "\n\n".join(self.block_list(body))

    def _block_quiz(self, node: nodes.Element) -> str:
        """A question of `bookbuild.quiz`: its options as a list, what is right under "Answer"."""
        options = [child for child in node.children if type(child).__name__ == "quiz_option"]
        question = self.block_list([child for child in node.children if child not in options])
        offered, answers = [], []
        for letter, option in zip(ascii_uppercase, options, strict=False):
            text, *why = self.block_list(option.children)
            verdict = f"**{letter} is {'right' if option['correct'] else 'wrong'}.** {why[0] if why else ''}"
            offered.append(markdown.list_item("-", [f"**{letter}.** {text}"], tight=True))
            answers.append(markdown.list_item("-", [verdict, *why[1:]], tight=False))
        answer = markdown.details("Answer", "\n\n".join(answers))
        return "\n\n".join([f"**Question {node['number']}.** {question[0]}", *question[1:], "\n".join(offered), answer])

    def _block_invisible(self, node: nodes.Node) -> str:
        return ""

    _block_sd_tab_input = _block_system_message = _block_meta = _block_tabular_col_spec = _block_invisible


def first_title(node: nodes.Element) -> nodes.Element | None:
    """The title that stands first in an admonition or table."""
    first = node.children[0] if node.children else None
    return first if isinstance(first, nodes.title) else None


def heading_level(title: nodes.Element) -> int:
    """1 for a page's title, 2 for its sections, and so on."""
    level, node = 0, title.parent
    while node is not None:
        level += isinstance(node, nodes.section) and first_title(node) is not None
        node = node.parent
    return level


def is_folded(node: nodes.Element) -> bool:
    """Whether the site shows a node folded; solutions always are."""
    return bool(FOLDED & set(node["classes"])) or type(node).__name__ == "solution_node"


def _is_tight(item: nodes.Element) -> bool:
    """Whether an item needs no empty lines: a paragraph, perhaps with a list under it."""
    kinds = [type(child) for child in item.children]
    return not kinds or (kinds[0] is nodes.paragraph and all(issubclass(kind, nodes.Sequential) for kind in kinds[1:]))


def _side(entry: nodes.Element) -> str:
    """The alignment of a cell."""
    return next((name.removeprefix("text-") for name in entry["classes"] if name.startswith("text-")), "")
