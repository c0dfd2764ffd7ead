"""Fonts cut down to what a built site draws."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from bookbuild.equations import to_mathml
from bookbuild.fonts import ALWAYS, ICON_STYLES, OWN_NAMES, characters_of, cut_down, icons_of, keep_weights, missing
from bookbuild.pages import BOOK

# As the theme's style sheet has them: two names of one icon, an icon of its own as a character, one as an escape.
STYLES = (
    '.fa-rocket:before{content:"\\f135"}.fa-bell:before{content:"\\f0f3"}.fa-xmark:before,.fa-times:before{content:"\\f00d"}'
    'html{--pst-icon-note:"\uf05a"}.a:after{content:"\\f107"}.b{content:"]"}'
)


@pytest.fixture
def font(tmp_path: Path) -> Path:
    """A copy of the font of the equations, to cut."""
    path = tmp_path / "font.woff2"
    path.write_bytes((BOOK / "_static/fonts/stix-two-math.woff2").read_bytes())
    return path


def test_font_keeps_what_the_pages_draw_and_its_tables_for_mathematics(tmp_path: Path, font: Path):
    (tmp_path / "a.html").write_text(to_mathml(r"\sum_i \bigl(x_i\bigr)\sqrt{2}", display=True), "utf-8")
    used = characters_of(tmp_path)
    assert used == ALWAYS | {"∑", "𝑖", "𝑥", "√"}
    whole = font.stat().st_size
    cut_down(font, used)
    with TTFont(font) as cut:
        assert {chr(code) for code in cut.getBestCmap()} >= used
        assert ord("ψ") not in cut.getBestCmap()
        grown = cut["MATH"].table.MathVariants.VertGlyphCoverage.glyphs
        assert {cut.getBestCmap()[ord(each)] for each in "(√"} <= set(grown)  # they still have their larger forms
    assert font.stat().st_size < whole / 10


def test_characters_that_the_fonts_lack_are_named(font: Path):
    assert missing([font], {"a", "猫"}) == ["猫 (U+732B)"]
    assert missing([font, font], {"a", "∑"}) == []


def test_changed_font_has_a_name_of_its_own(font: Path):
    cut_down(font, {"a"}, names=OWN_NAMES)
    with TTFont(font) as cut:
        assert {cut["name"].getDebugName(number) for number in OWN_NAMES} == set(OWN_NAMES.values())


def test_icons_are_those_named_by_pages_and_those_of_style_sheets(tmp_path: Path):
    (tmp_path / ICON_STYLES).mkdir(parents=True)
    (tmp_path / ICON_STYLES / "theme.css").write_text(STYLES, "utf-8")
    (tmp_path / "a.html").write_text('<i class="fas fa-rocket"></i>', "utf-8")
    (tmp_path / "_static/b.js").write_text('icon.className = "fa-solid fa-times"', "utf-8")
    assert icons_of(tmp_path) == {"\uf135", "\uf00d", "\uf05a", "\uf107"}  # and no bell


def test_font_of_the_text_keeps_its_letters_and_the_weights_that_the_book_uses(tmp_path: Path):
    path = tmp_path / "source.woff2"
    path.write_bytes((BOOK / "_static/fonts/source-serif-4.woff2").read_bytes())
    whole = path.stat().st_size
    with TTFont(path) as font:
        letters = set(font.getBestCmap()) - {0xFEFF}
    keep_weights(path)
    with TTFont(path) as font:
        assert set(font.getBestCmap()) == letters
        (axis,) = font["fvar"].axes
        assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)
    assert path.stat().st_size < 0.7 * whole
