"""The `{quiz}` directive: a question whose every option says why it is right or wrong.

````
```{quiz}
Which layer has no weights?

- [x] max pooling

  It takes the largest value: nothing to learn.
- [ ] a convolution

  Its kernels are weights.
```
````

The page needs no kernel and no script: each option is an HTML disclosure that
opens on its explanation. `book/_static/quiz.js` adds the count of tries. Other
builders (LaTeX, text) get a plain list. MyST's `tasklist` extension must stay
off: it claims the marks for itself, and fails where math follows one.
"""

import string
from collections.abc import Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
VERDICTS = {True: "Right.", False: "Not this one."}


class quiz(nodes.Element):  # noqa: N801 - docutils names nodes so
    """A question's nodes, then its `quiz_option` nodes; attributes `ids` and `number`."""


class quiz_option(nodes.Element):  # noqa: N801 - docutils names nodes so
    """An option (its first child, a paragraph), then why it is right or wrong; attribute `correct`."""


class QuizDirective(SphinxDirective):
    """Parse the content as Markdown: the last list holds the options, what precedes it is the question."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the quiz; what is malformed is a warning and leaves no half quiz behind."""
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        number = self.env.new_serialno("quiz") + 1
        node = quiz(ids=[nodes.make_id(f"quiz {self.env.docname} {number}")], number=number)
        self.set_source_info(node)
        try:
            *question, options = content.children or [None]
            if not question or not isinstance(options, nodes.bullet_list):
                raise ValueError("it must be a question, then one list of options")
            node += [*question, *map(_option, options.children)]
            _check_options([child for child in node.children if isinstance(child, quiz_option)])
        except ValueError as problem:
            LOGGER.warning("malformed quiz: %s", problem, location=node, type="quiz")
            return []
        return [node]


def _option(item: nodes.Element) -> quiz_option:
    """Turn a list item into an option and take its mark, `[x]` or `[ ]`, off the text."""
    text = item.astext().strip().splitlines()[0] if item.astext().strip() else ""
    if not item.children or not isinstance(item[0], nodes.paragraph):
        raise ValueError(f"an option must start with a paragraph, got {text!r}")
    correct = _take_mark(item[0])
    if correct is None:
        raise ValueError(f"an option must start with [x] or [ ], got {text!r}")
    if len(item.children) < 2:
        raise ValueError(f"the option {text!r} lacks its explanation (a blank line, then an indented paragraph)")
    return quiz_option("", *item.children, correct=correct)


def _take_mark(paragraph: nodes.paragraph) -> bool | None:
    """Remove the mark at the paragraph's start: True for [x], False for [ ], None for neither."""
    first = paragraph.children[0] if paragraph.children else None
    if isinstance(first, nodes.Text) and first[:4].lower() in ("[x] ", "[ ] "):
        paragraph.replace(first, nodes.Text(first[4:]))
        return first[1] != " "
    return None


def _check_options(options: Sequence[quiz_option]) -> None:
    if len(options) < 2:
        raise ValueError(f"it must have at least 2 options, got {len(options)}")
    if not any(option["correct"] for option in options):
        raise ValueError("no option is right: mark at least one with [x]")


def visit_quiz(self: HTML5Translator, node: quiz) -> None:
    """Open the group, named by its number and how many options are right."""
    right = sum(option["correct"] for option in node.findall(quiz_option))
    hint = "one option is right" if right == 1 else f"{right} options are right"
    title = f"{node['ids'][0]}-title"
    attributes = {"role": "group", "aria-labelledby": title, "data-right": str(right)}
    self.body.append(self.starttag(node, "div", CLASS="quiz", **attributes))
    self.body.append(f'<p class="quiz-title" id="{title}">Question {node["number"]} <span>{hint}</span></p>\n')


def depart_quiz(self: HTML5Translator, node: quiz) -> None:
    """Leave the place where the script writes the result, which a screen reader then speaks."""
    self.body.append('<p class="quiz-status" role="status"></p>\n</div>\n')


def visit_quiz_option(self: HTML5Translator, node: quiz_option) -> None:
    """Write the disclosure: a summary may hold phrases only, so the option's paragraph gives up its tag."""
    option, *explanation = node.children
    letter = string.ascii_uppercase[[one for one in node.parent if isinstance(one, quiz_option)].index(node)]
    self.body.append(f'<details class="quiz-option" data-correct="{str(node["correct"]).lower()}">\n')
    self.body.append(f'<summary><span class="quiz-letter">{letter}</span> ')
    _write(self, option.children)
    verdict = f'<strong class="quiz-verdict">{VERDICTS[node["correct"]]}</strong>'
    self.body.append(f'</summary>\n<div class="quiz-explanation">\n<p>{verdict} ')
    if isinstance(explanation[0], nodes.paragraph):
        _write(self, explanation.pop(0).children)
    self.body.append("</p>\n")
    _write(self, explanation)
    self.body.append("</div>\n</details>\n")
    raise nodes.SkipNode


def _write(translator: HTML5Translator, children: Sequence[nodes.Node]) -> None:
    for child in children:
        child.walkabout(translator)


def spell_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """For builders without HTML, turn each quiz into the question and a list of options with verdicts."""
    if app.builder.format == "html":
        return
    for node in list(doctree.findall(quiz)):
        items = []
        for option in node.findall(quiz_option):
            verdict = nodes.paragraph("", "", nodes.strong("", VERDICTS[option["correct"]]))
            items.append(nodes.list_item("", option[0], verdict, *option[1:]))
        question = [child for child in node.children if not isinstance(child, quiz_option)]
        node.replace_self([*question, nodes.bullet_list("", *items)])


def setup(app: Sphinx) -> dict[str, bool | str]:
    """Register the directive, its nodes and its fall-back."""
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_option, html=(visit_quiz_option, None))
    app.add_directive("quiz", QuizDirective)
    app.connect("doctree-resolved", spell_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
