"""The style rules that a page keeps."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from bookbuild.styles import HERE, Used, dress_site, rules_for, sheet_rules, used_in


def kept(css: str, *words: str, variables: tuple[str, ...] = (), site: Path = Path()) -> str:
    """What stays of a sheet in _static/styles on a page that has these element names, classes and ids."""
    return rules_for(sheet_rules(css, "_static/styles", site), Used(set(words), set(variables)))


@pytest.mark.parametrize(
    ("selector", "stays"),
    [
        ("p", "p"),
        ("p.a", "p.a"),
        ("p.b", ""),
        ("#i > p.a", "#i > p.a"),
        ("#j p", ""),
        ("h1, p.a, .b", "p.a"),
        ("*", "*"),
        ("p:hover::after", "p:hover::after"),
        ("p:not(.b)", "p:not(.b)"),
        (":is(.a, .b) p", ":is(.a, .b) p"),
        ('p[data-b="c.d"]', 'p[data-b="c.d"]'),
        ("[data-theme=dark] .a", "[data-theme=dark] .a"),
        (".a.b", ""),
        (r".sd-col\:x", ""),
    ],
)
def test_selector_stays_if_all_that_it_asks_for_is_there(selector: str, stays: str):
    assert kept(f"{selector} {{ margin : 0 }}", "p", "a", "i") == (f"{stays}{{margin:0}}" if stays else "")


def test_rules_keep_their_order_and_what_they_stand_in():
    css = """@charset "utf-8"; /* a note */
        p { color: red !important; margin: 0  auto /* why */ }
        @media print { @supports (gap: 1px) { p { color: blue } b { color: red } } p { margin: 0 } }
        @media screen { b { color: red } }
        @page { margin: 1cm }"""
    assert kept(css, "p") == (
        "p{color:red!important;margin:0 auto}"
        "@media print{@supports (gap: 1px){p{color:blue}}}@media print{p{margin:0}}"
        "@page{margin:1cm}"
    )


def test_custom_properties_stay_if_a_value_needs_them_directly_or_through_another():
    css = "p{--a:var(--b);--b:1px;--c:2px;--d:3px;margin:var(--a)} i{padding:var(--c)}"
    assert kept(css, "p") == "p{--a:var(--b);--b:1px;margin:var(--a)}"
    assert "--c:2px" in kept(css, "p", "i")
    assert "--d:3px" in kept(css, "p", variables=("--d",))


def test_fonts_and_animations_stay_if_a_value_names_them():
    css = """@font-face { font-family: "Sans"; src: url(../a.woff2) format("woff2"), url(../a.ttf) format("truetype") }
        @font-face { font-family: "Serif"; src: url(b.woff2) }
        @keyframes turn { to { rotate: 1turn } } @keyframes fade { to { opacity: 0 } }
        p { font-family: Sans; animation: turn 1s }"""
    found = kept(css, "p")
    assert f'@font-face{{font-family:"Sans";src:url("{HERE}_static/a.woff2") format("woff2")}}' in found
    assert "@keyframes turn{to { rotate: 1turn }}" in found
    assert "Serif" not in found
    assert "fade" not in found


def test_imported_sheets_stand_where_they_are_imported(tmp_path: Path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/basic.css").write_text("p{background:url('x.svg')}i{margin:0}", "utf-8")
    found = kept('@import "../basic.css"; p{margin:0}', "p", site=tmp_path)
    assert found == f'p{{background:url("{HERE}_static/x.svg")}}p{{margin:0}}'


@pytest.mark.parametrize("address", ["data:image/svg+xml,%3csvg xmlns='http://a.b'/%3e", "#clip", "https://a.b/c.png"])
def test_addresses_that_do_not_depend_on_the_place_stay(address: str):
    assert kept(f'p{{background:url("{address}")}}', "p") == f'p{{background:url("{address}")}}'


def test_a_sheet_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="line 2"):
        kept("p{margin:0}\ni")


def test_words_are_element_names_classes_ids_and_those_of_scripts():
    page = '<p class="a b" id="c" style="margin: var(--m)">x <B>y</B></p><script>add("d-e", "--n")</script>'
    used = used_in(page, ["f.className = 'g'"])
    assert {"p", "b", "a", "c", "d-e", "g", "collapsing"} <= used.words
    assert {"--m", "--n"} <= used.variables
    assert "x" not in used.words


def test_every_page_gets_its_own_rules_in_place_of_links(tmp_path: Path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/a.css").write_text("p{background:url(p.png)} i{color:red} .late{color:blue}", "utf-8")
    (tmp_path / "_static/b.css").write_text("p{margin:0} i{margin:0}", "utf-8")
    (tmp_path / "_static/c.js").write_text("box.classList.add('late')", "utf-8")
    (tmp_path / "part").mkdir()
    head = (
        '<title>t</title>\n  <link href="{up}_static/a.css?v=1" rel="stylesheet" />\n<style>b{{}}</style>'
        '<link rel="stylesheet" href="{up}_static/b.css"><link rel="canonical" href="https://a.b/">'
    )
    script = '<script defer src="../_static/c.js?v=2"></script>'
    (tmp_path / "index.html").write_text(head.format(up="") + "<i>", "utf-8")
    (tmp_path / "part/page.html").write_text(head.format(up="../") + script + "<p>", "utf-8")
    (tmp_path / "404.html").write_text(head.format(up="/book/") + "<p>", "utf-8")
    dress_site(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(name="html")), None)
    index, page, lost = ((tmp_path / name).read_text("utf-8") for name in ("index.html", "part/page.html", "404.html"))
    assert re.findall(r"<style>(.*?)</style>", index) == ["i{color:red}i{margin:0}", "b{}"]
    assert re.findall(r"<style>(.*?)</style>", page)[0] == (
        'p{background:url("../_static/p.png")}.late{color:blue}p{margin:0}'
    )
    assert 'rel="canonical"' in page
    assert "stylesheet" not in index + page
    assert lost.count("stylesheet") == 2  # lies at no depth, so it keeps the whole addresses
