"""Sphinx extension: each page carries the style rules that it can use, and waits for no style sheet.

The theme comes with Bootstrap and icons for a thousand purposes: eleven sheets of 95 kB, compressed, all of which a
browser reads before it paints the first word. A page needs about a tenth of that. So each page gets its own rules
inside it, and its links to the sheets go.

A rule stays on a page if each element name, class and id that its selector asks for stands somewhere in the page, or
is written by a script. What the selector says of their order, attributes and states is not looked at, so nothing that
could apply is lost.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from tinycss2.ast import AtRule, Declaration, FunctionBlock, Node, QualifiedRule, URLToken

LOGGER = logging.getLogger(__name__)
LINK = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"]+)"[^>]*>\n?')
PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')  # deferred scripts are found early enough
HERE = "site:/"  # in front of addresses, until it is known how deep the page lies
# What Bootstrap's program writes into a page; its file knows all its parts by name, also those that nobody uses.
OF_BOOTSTRAP = frozenset(
    {
        *("show", "showing", "hiding", "fade", "collapse", "collapsing", "collapsed", "active", "disabled"),
        *("tooltip", "tooltip-inner", "tooltip-arrow", "bs-tooltip-auto"),
        *(f"bs-tooltip-{side}" for side in ("top", "bottom", "start", "end")),
    }
)
WORD = re.compile(r"[A-Za-z_-][\w-]*")
VARIABLE = re.compile(r"--[\w-]+")


@dataclass(frozen=True)
class Selector:
    """One selector of a rule.

    Args:
        text: As it is written.
        needs: The element names, classes and ids that must be there for it to match.
    """

    text: str
    needs: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """A rule of a style sheet.

    Args:
        before: What stands in front of it, such as ``@media print``, from the outside.
        selectors: Empty for a rule without any, such as ``@font-face``.
        name: What stands in place of selectors then.
        body: Declarations as (name, value).
        raw: All of its content, where it is no list of declarations.
    """

    before: tuple[str, ...]
    selectors: tuple[Selector, ...] = ()
    name: str = ""
    body: tuple[tuple[str, str], ...] = ()
    raw: str = ""


@dataclass
class Used:
    """What stands in a page, or is written into it by a script.

    Args:
        words: Element names, classes and ids.
        variables: Custom properties that a page or script names itself.
    """

    words: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)


def sheet_rules(text: str, folder: str, sheets: Path) -> Iterator[Rule]:
    """The rules of a style sheet and of those that it imports.

    Args:
        text: The sheet.
        folder: Where it lies below ``sheets``, such as ``_static/styles``.
        sheets: The site.

    Yields:
        Rules whose addresses begin with `HERE` and go on from the top of the site.

    Raises:
        ValueError: If the sheet can't be parsed.
    """
    yield from _rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), (), folder, sheets)


def _rules(nodes: Iterable[Node], before: tuple[str, ...], folder: str, sheets: Path) -> Iterator[Rule]:
    for node in nodes:
        if isinstance(node, QualifiedRule):
            declarations, raw = _body(node.content, folder)
            yield Rule(before, tuple(_selectors(node.prelude)), body=declarations, raw=raw)
        elif isinstance(node, AtRule):
            yield from _at_rule(node, before, folder, sheets)
        else:
            raise ValueError(f"line {node.source_line}: {getattr(node, 'message', node.type)}")


def _at_rule(node: AtRule, before: tuple[str, ...], folder: str, sheets: Path) -> Iterator[Rule]:
    keyword, prelude = node.lower_at_keyword, _text(node.prelude)
    if keyword == "charset":
        return
    if keyword == "import":
        address = next(_address(token) for token in node.prelude if _address(token) is not None)
        name = posixpath.normpath(posixpath.join(folder, str(address)))
        yield from sheet_rules((sheets / name).read_text("utf-8"), posixpath.dirname(name), sheets)
    elif keyword in ("media", "supports", "layer", "container") and node.content is not None:
        inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        yield from _rules(inside, (*before, f"@{keyword} {prelude}"), folder, sheets)
    else:
        declarations, raw = _body(node.content or [], folder)
        yield Rule(before, name=f"@{keyword} {prelude}".strip(), body=declarations, raw=raw)


def _body(content: Sequence[Node], folder: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Declarations, or the text of a content that is something else."""
    for token in _every(content):
        address = _address(token)
        if address is not None and not re.match(r"[a-z]+:|//|#", address):
            _readdress(token, HERE + posixpath.normpath(posixpath.join(folder, address)))
    parts = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    if not all(isinstance(part, Declaration) for part in parts):
        return (), _text(content)
    return tuple((part.name, _value(part)) for part in parts), ""


def _value(declaration: Declaration) -> str:
    """Its value; of the files of a font only the WOFF2, which every browser takes."""
    text = _text(declaration.value) + ("!important" if declaration.important else "")
    if declaration.lower_name == "src" and "woff2" in text:
        return ",".join(each.strip() for each in text.split(",") if "woff2" in each)
    return text


def _every(tokens: Iterable[Node]) -> Iterator[Node]:
    for token in tokens:
        yield token
        for inside in ("arguments", "content"):
            yield from _every(getattr(token, inside, None) or ())


def _address(token: Node) -> str | None:
    """What a token ``url(...)`` or, in ``@import``, a string says; None for others."""
    if isinstance(token, URLToken):
        return str(token.value)
    if isinstance(token, FunctionBlock) and token.lower_name == "url":
        return str(token.arguments[0].value)
    return str(token.value) if token.type == "string" and not hasattr(token, "arguments") else None


def _readdress(token: Node, address: str) -> None:
    if isinstance(token, URLToken):
        token.value, token.representation = address, f'url("{address}")'
    elif isinstance(token, FunctionBlock):
        token.arguments[0].value, token.arguments[0].representation = address, f'"{address}"'


def _text(tokens: Sequence[Node]) -> str:
    """Tokens as CSS, without comments and with single spaces between words."""
    kept = [token for token in tokens if token.type != "comment"]
    return re.sub(r"\s+", " ", tinycss2.serialize(kept)).strip()


def _selectors(prelude: Sequence[Node]) -> Iterator[Selector]:
    one: list[Node] = []
    for token in [*prelude, None]:
        if token is None or (token.type == "literal" and token.value == ","):
            if one:
                yield Selector(_text(one), frozenset(_needs(one)))
            one = []
        elif token.type != "comment":
            one.append(token)


def _needs(selector: Sequence[Node]) -> Iterator[str]:
    """Element names, and classes and ids without their signs; what stands in brackets may be an alternative."""
    last = ""
    for token in selector:
        if token.type == "hash" or (token.type == "ident" and last != ":"):
            yield token.value
        last = token.value if token.type == "literal" else ""


class _Words(HTMLParser):
    """Collects what a page uses."""

    def __init__(self, used: Used) -> None:
        super().__init__()
        self.used = used

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.used.words.add(tag)
        for name, value in attrs:
            if name in ("class", "id"):
                self.used.words.update((value or "").split())
            elif name == "style":
                self.used.variables.update(VARIABLE.findall(value or ""))


def used_in(page: str, scripts: Iterable[str]) -> Used:
    """What a page and its scripts use.

    Args:
        page: HTML.
        scripts: Programs, of which every word is taken for an element name, a class or an id.
    """
    used = Used(set(OF_BOOTSTRAP))
    parser = _Words(used)
    parser.feed(page)
    parser.close()
    inline = re.findall(r"<script\b[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    for script in [*scripts, *inline]:
        used.words.update(WORD.findall(script))
        used.variables.update(VARIABLE.findall(script))
    return used


def rules_for(rules: Iterable[Rule], used: Used) -> str:
    """The rules that a page can use, as one style sheet.

    Args:
        rules: In their order.
        used: By the page.

    Returns:
        CSS, whose addresses begin with `HERE`.
    """
    kept = []
    for rule in rules:
        selectors = tuple(each for each in rule.selectors if each.needs <= used.words)
        if selectors or not rule.selectors:
            kept.append(Rule(rule.before, selectors, rule.name, rule.body, rule.raw))
    needed = _variables(kept, used.variables)
    values = " ".join(value for rule in kept if rule.selectors for _, value in rule.body)
    parts: list[str] = []
    around: tuple[str, ...] = ()
    for rule in kept:
        if rule.name and not _is_named(rule, values):
            continue
        body = rule.raw or ";".join(
            f"{name}:{value}" for name, value in rule.body if not name.startswith("--") or name in needed
        )
        if not body:
            continue
        if rule.before != around:
            parts += ["}"] * len(around) + [f"{each}{{" for each in rule.before]
            around = rule.before
        parts.append(f"{rule.name or ','.join(each.text for each in rule.selectors)}{{{body}}}")
    return "".join(parts + ["}"] * len(around))


def _is_named(rule: Rule, values: str) -> bool:
    """Whether a font or an animation is used by some value; other rules without selector always are."""
    if rule.name == "@font-face":
        family = dict(rule.body).get("font-family", "").strip("\"'")
        return family in values
    if rule.name.startswith(("@keyframes", "@-webkit-keyframes")):
        return rule.name.split()[-1] in values
    return True


def _variables(rules: Sequence[Rule], named: Set[str]) -> set[str]:
    """The custom properties that some value needs, directly or through another one."""
    needed = set(named)
    definitions: dict[str, set[str]] = {}
    for rule in rules:
        needed.update(VARIABLE.findall(rule.raw))
        for name, value in rule.body:
            found = set(VARIABLE.findall(value))
            if name.startswith("--"):
                definitions.setdefault(name, set()).update(found)
            else:
                needed |= found
    waiting = list(needed)
    while waiting:
        new = definitions.get(waiting.pop(), set()) - needed
        needed |= new
        waiting += new
    return needed


def dress(text: str, depth: int, rules: Sequence[Rule], used: Used) -> str:
    """Put a page's rules in place of its links to style sheets.

    Args:
        text: The page's HTML.
        depth: How many folders below the top of the site it lies.
        rules: Of its sheets.
        used: By the page.
    """
    up = "../" * depth
    css = rules_for(rules, used).replace(HERE, up)
    first = LINK.search(text)
    if first is None:
        return text
    start = first.start()
    rest = LINK.sub("", text[start:])
    return PRELOAD.sub("", f"{text[:start]}<style>{css}</style>\n{rest}")


def dress_site(app: Sphinx, exception: Exception | None) -> None:
    """Do so for every page, when the site is written."""
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    parsed: dict[str, tuple[Rule, ...]] = {}
    for page in sorted(site.rglob("*.html")):
        text = page.read_text("utf-8")
        links = [address.split("?")[0] for address in LINK.findall(text)]
        if not links or not all((page.parent / link).is_file() for link in links):
            continue  # no page of the theme, or one for any depth, which names the whole addresses
        names = [(page.parent / link).resolve().relative_to(site.resolve()).as_posix() for link in links]
        for name in names:
            if name not in parsed:
                parsed[name] = tuple(sheet_rules((site / name).read_text("utf-8"), posixpath.dirname(name), site))
        scripts = [
            path.read_text("utf-8")
            for address in re.findall(r'<script\b[^>]*\bsrc="([^"?]+)', text)
            if (path := page.parent / address).is_file() and path.name != "bootstrap.js"
        ]
        depth = len(page.relative_to(site).parts) - 1
        rules = [rule for name in names for rule in parsed[name]]
        page.write_text(dress(text, depth, rules, used_in(text, scripts)), "utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx, after the fonts are cut down and before pictures and scripts are."""
    app.connect("build-finished", dress_site, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
