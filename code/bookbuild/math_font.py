"""Sphinx extension: the font of the equations, cut down to the characters that the built pages have in them."""

import html
import re
from collections.abc import Set
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from bookbuild.equations import characters

FONT = "_static/fonts/stix-two-math.woff2"
ALWAYS = frozenset("0123456789()[]{}|/,.=+−")  # so that no page needs a second font for them


def characters_of(site: Path) -> set[str]:
    """What the equations of a built site are drawn with."""
    used = set(ALWAYS)
    for page in site.rglob("*.html"):
        for equation in re.findall(r"<math\b.*?</math>", page.read_text("utf-8"), flags=re.DOTALL):
            used.update(characters(html.unescape(equation)))
    return {character for character in used if character.isprintable() and character != " "}


def cut_down(font: Path, used: Set[str]) -> None:
    """Leave the glyphs of some characters in a WOFF2 font, with their sizes and what they are stretched by.

    Args:
        font: The file, replaced.
        used: Characters.

    Raises:
        ValueError: If the font has no glyph for one of them: a browser would take it from another font.
    """
    with TTFont(font) as whole:
        missing = sorted(used - {chr(code) for code in whole.getBestCmap()})
        if missing:
            names = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)
            raise ValueError(f"{font.name} has no {names}: write the equation with another symbol")
        options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
        options.layout_features = [
            "ssty",
            "dtls",
            "flac",
            "ss04",
            "kern",
        ]  # of scripts, dotless letters, accents, primes
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(character) for character in used])
        cutter.subset(whole)
        subset.save_font(whole, str(font), options)


def cut_down_site(app: Sphinx, exception: Exception | None) -> None:
    """Do so when the site is written."""
    if not exception and app.builder.name == "html":
        cut_down(Path(app.outdir) / FONT, characters_of(Path(app.outdir)))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("build-finished", cut_down_site)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
