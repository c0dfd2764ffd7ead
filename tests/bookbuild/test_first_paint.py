"""What a built page loads at first, and what waits."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from bookbuild.first_paint import (
    ASKS_ALL,
    ASKS_SHOWN,
    THEME,
    ask_shown,
    defer_scripts,
    picture_size,
    quicken,
    size_pictures,
)

# As the theme writes it, one level below the cover.
HEAD = """
    <script src="../_static/documentation_options.js?v=1"></script>
    <script src="../_static/doctools.js?v=2"></script>
    <script>DOCUMENTATION_OPTIONS.pagename = 'a';</script>
    <script data-prefix="x" src="../_static/tabs.js"></script>
    <script src="../_static/searchtools.js"></script>
    <script src="../_static/language_data.js"></script>
    <script src="../searchindex.js"></script>
  <script defer src="../_static/bootstrap.js"></script>
"""
OPTIONS = "const DOCUMENTATION_OPTIONS = {};\n"


def scripts(text: str) -> list[tuple[str, bool]]:
    """Each script's file or text, and whether it waits."""
    found = BeautifulSoup(text, "html.parser").find_all("script")
    return [(str(tag.get("src", tag.string)), tag.has_attr("defer")) for tag in found]


def test_scripts_wait_in_their_order_and_the_search_stays_away():
    text, lacking = defer_scripts(HEAD, OPTIONS, searches=False)
    assert lacking == []
    assert scripts(text) == [
        ("const DOCUMENTATION_OPTIONS = {};", False),
        ("../_static/doctools.js?v=2", True),
        ("DOCUMENTATION_OPTIONS.pagename = 'a';", False),
        ("../_static/tabs.js", True),
        ("../_static/bootstrap.js", True),
    ]


def test_search_keeps_its_scripts_as_they_are():
    text, lacking = defer_scripts(HEAD, OPTIONS, searches=True)
    assert lacking == []
    assert scripts(text)[1:] == scripts(HEAD)[1:]


def test_what_a_new_theme_no_longer_writes_is_told():
    _, lacking = defer_scripts("<script src='x.js'></script>", OPTIONS, searches=False)
    assert lacking == ["documentation_options.js", "searchtools.js, language_data.js, searchindex.js"]


def test_pictures_have_sizes_and_those_below_the_first_wait():
    text = '<img src="logo.png"/><article><img alt="a" src="a.png"><img src="b.png" /><img src="c.svg"></article>'
    sizes = {"logo.png": (10, 20), "a.png": (300, 200), "b.png": (3, 2)}
    soup = BeautifulSoup(size_pictures(text, sizes.get), "html.parser")
    found = [(tag.get("width"), tag.get("height"), tag.get("loading")) for tag in soup.find_all("img")]
    assert found == [("10", "20", None), ("300", "200", None), ("3", "2", "lazy"), (None, None, "lazy")]


def test_picture_that_says_how_it_is_shown_is_left_alone():
    tag = '<article><img src="a.png" width="50" height="9"></article>'
    assert size_pictures(tag, lambda _: (1, 1)) == tag


def test_size_is_that_of_the_file_beside_the_page(tmp_path: Path):
    Image.new("RGB", (7, 5)).save(tmp_path / "a b.webp")
    page = tmp_path / "part/page.html"
    assert picture_size(page, "../a%20b.webp?v=1") is None  # the folder is not there
    page.parent.mkdir()
    assert picture_size(page, "../a%20b.webp?v=1") == (7, 5)
    assert picture_size(page, "../none.png") is None


def test_theme_asks_only_what_is_shown_however_often_it_is_built(tmp_path: Path):
    program = tmp_path / "theme.js"
    program.write_text(f'x.join(", "){ASKS_ALL}||e.y?0:-1}})', "utf-8")
    for _ in range(2):
        assert ask_shown(program)
        assert program.read_text("utf-8") == f'x.join(", "){ASKS_SHOWN}||e.y?0:-1}})'
    assert ASKS_SHOWN.endswith("return;" + ASKS_ALL.removeprefix(".forEach(e=>{"))


@pytest.mark.parametrize("text", ["", "other program", 2 * ASKS_ALL])
def test_a_theme_that_asks_otherwise_is_told_and_left_alone(tmp_path: Path, text: str):
    program = tmp_path / "theme.js"
    assert not ask_shown(program)
    program.write_text(text, "utf-8")
    assert not ask_shown(program)
    assert program.read_text("utf-8") == text


def test_site_is_quickened_and_pages_of_no_theme_stay(tmp_path: Path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/documentation_options.js").write_text(OPTIONS, "utf-8")
    (tmp_path / THEME).parent.mkdir()
    (tmp_path / THEME).write_text(ASKS_ALL, "utf-8")
    (tmp_path / "a.html").write_text(HEAD, "utf-8")
    (tmp_path / "search.html").write_text(HEAD, "utf-8")
    (tmp_path / "404.html").write_text("<script src='x.js'></script>", "utf-8")
    assert quicken(tmp_path) == {}
    assert (tmp_path / THEME).read_text("utf-8") == ASKS_SHOWN
    assert "searchindex" not in (tmp_path / "a.html").read_text("utf-8")
    assert "searchindex" in (tmp_path / "search.html").read_text("utf-8")
    assert (tmp_path / "404.html").read_text("utf-8") == "<script src='x.js'></script>"
