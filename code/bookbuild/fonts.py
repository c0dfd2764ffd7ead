"""Sphinx extension: fonts with what the built pages show of them, in place of whole ones.

The font of the equations and the theme's icons have thousands of glyphs, and a page shows some dozens. The fonts of
the text are the Latin subsets that everybody serves. They keep their characters, since a reader may write in the
search what no page has, but of their weights, from very light to very heavy, only the range that the book uses.
"""

import html
import io
import re
from collections.abc import Set
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from bookbuild.equations import characters

LOGGER = logging.getLogger(__name__)
MATH = "_static/fonts/stix-two-math.woff2"
TEXT = "_static/fonts/source-*.woff2"
BYTE_ORDER_MARK = 0xFEFF  # in the fonts, but without an outline
WEIGHTS = (400, 700)  # as the book's style sheet says of them
ICONS = "_static/vendor/fontawesome/webfonts"
ICON_STYLES = "_static/styles"  # of the theme: what each icon is called, and icons that style sheets draw themselves
ALWAYS = frozenset("0123456789()[]{}|/,.=+−")  # so that no page needs a second font for them
ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:{1,2}before,?)+)\{content:"\\([0-9a-f]+)"\}')
OWN_NAMES = {1: "Icons of the book", 4: "Icons of the book", 6: "BookIcons"}  # a changed font may not keep its name


def characters_of(site: Path) -> set[str]:
    """What the equations of a built site are drawn with."""
    used = set(ALWAYS)
    for page in site.rglob("*.html"):
        for equation in re.findall(r"<math\b.*?</math>", page.read_text("utf-8"), flags=re.DOTALL):
            used.update(characters(html.unescape(equation)))
    return {character for character in used if character.isprintable() and character != " "}


def icons_of(site: Path) -> set[str]:
    """The icons that a built site shows: by a class in pages and scripts, or by a style sheet's own rule."""
    sheets = "".join(path.read_text("utf-8") for path in sorted((site / ICON_STYLES).glob("*.css")))
    named = {
        name: chr(int(code, 16))
        for names, code in ICON_RULE.findall(sheets)
        for name in re.findall(r"fa-[\w-]+", names)
    }
    files = [*site.rglob("*.html"), *site.glob("_static/**/*.js"), *site.glob("_static/*.css")]
    text = "".join(path.read_text("utf-8") for path in files)
    by_class = {named[name] for name in set(re.findall(r"fa-[\w-]+", text)) & named.keys()}
    rules = ICON_RULE.sub("", sheets) + text
    escaped = {chr(int(code, 16)) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", rules)}
    return by_class | escaped | {character for character in rules if "\ue000" <= character <= "\uf8ff"}


def cut_down(font: Path, used: Set[str], *, names: dict[int, str] | None = None) -> None:
    """Leave the glyphs of some characters in a WOFF2 font, with their sizes and what they are stretched by.

    Args:
        font: The file, replaced. Characters that it lacks are left to others.
        used: Characters.
        names: Entries of the font's table of names to write, by their number in the OpenType standard.
    """
    with TTFont(font) as whole:
        options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
        options.layout_features = ["ssty", "dtls", "flac", "ss04", "kern"]  # small scripts, dotless i, accents, primes
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(character) for character in used])
        cutter.subset(whole)
        for number, name in (names or {}).items():
            whole["name"].setName(name, number, 3, 1, 0x409)
        subset.save_font(whole, str(font), options)


def keep_weights(font: Path, weights: tuple[int, int] = WEIGHTS) -> None:
    """Leave a range of the weights of a variable WOFF2 font, and neither hints nor rare forms of letters.

    Args:
        font: The file, replaced.
        weights: The lightest and the heaviest, as CSS counts them.
    """
    options = subset.Options(hinting=False, notdef_outline=True)
    options.layout_features = ["kern", "liga", "mark", "mkmk", "ccmp", "locl"]
    plain = io.BytesIO()
    with TTFont(font) as whole:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[code for code in whole.getBestCmap() if code != BYTE_ORDER_MARK])
        cutter.subset(whole)
        whole.flavor = None
        whole.save(plain)
    plain.seek(0)
    with TTFont(plain) as variable:
        narrowed = instancer.instantiateVariableFont(variable, {"wght": weights})
        narrowed.flavor = "woff2"
        narrowed.save(font)


def missing(fonts: list[Path], used: Set[str]) -> list[str]:
    """Characters that none of some fonts has, as text: a browser would take them from elsewhere, or draw a box."""
    known: set[str] = set()
    for path in fonts:
        with TTFont(path) as font:
            known.update(map(chr, font.getBestCmap()))
    return [f"{character} (U+{ord(character):04X})" for character in sorted(used - known)]


def cut_down_site(app: Sphinx, exception: Exception | None) -> None:
    """Cut down the fonts when the site is written, and warn of what they lack."""
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    for font in sorted(site.glob(TEXT)):
        keep_weights(font)
    icons = sorted((site / ICONS).glob("*.woff2"))
    if not icons:
        LOGGER.warning("the theme has no icon fonts in %s: see bookbuild.fonts", ICONS, type="fonts")
    for fonts, used, names in (([site / MATH], characters_of(site), {}), (icons, icons_of(site), OWN_NAMES)):
        lacking = missing(fonts, used)
        if fonts and lacking:
            found = ", ".join(font.name for font in fonts)
            LOGGER.warning("%s: no glyph for %s; take another symbol", found, ", ".join(lacking), type="fonts")
        for font in fonts:
            cut_down(font, used, names=names)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("build-finished", cut_down_site)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
