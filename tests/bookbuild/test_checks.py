"""The checks of the built site, on a tiny site that is right and on copies that are broken in one way each."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bookbuild import checks
from bookbuild.checks import Document, check_site, page_weight
from bookbuild.pages import Page

COLAB = "https://colab.research.google.com/github/someone/some-book/blob/notebooks/part/lesson.ipynb"
BINDER = "https://mybinder.org/v2/gh/someone/some-book/notebooks?urlpath=lab/tree/part/lesson.ipynb"
INDEX = """<html><head><link rel="stylesheet" href="_static/site.css?v=1"><link rel="canonical" href="https://x.org/"></head>
<body><div class="article-header-buttons"><a href="_sources/index.md">Source</a></div>
<article><h1 id="top">Cover</h1><p>See <a href="part/lesson.html#sec-one">one</a> and <a href="#top">the top</a>,
or <a href="https://other.org/gone.html#x">elsewhere</a>. <code>{doc}`x`</code>
<span class="math">\\({x}`y`\\)</span></p>
<img src="_images/boot.png" alt="A boot, seen from the side."></article></body></html>"""
LESSON = f"""<html><head><script src="../_static/site.js"></script></head>
<body><div class="article-header-buttons"><a href="{COLAB}">Colab</a><a href="{BINDER.replace("&", "&amp;")}">Binder</a>
<a href="../notebooks/part/lesson.ipynb">.ipynb</a></div>
<article><h1 id="sec-one">One</h1><a href="../index.html"><span class="xref">Cover</span></a></article></body></html>"""


@pytest.fixture
def book(tmp_path: Path, notebook_header: str, monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """Two pages, the second one with code."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/some-book")
    (tmp_path / "index.md").write_text("# Cover\n")
    (tmp_path / "lesson.md").write_text(f"{notebook_header}\n# One\n\n```{{code-cell}} python\n1\n```\n")
    return [Page("index", tmp_path / "index.md"), Page("part/lesson", tmp_path / "lesson.md")]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of these pages without a fault."""
    site = tmp_path / "html"
    files = {
        "index.html": INDEX,
        "part/lesson.html": LESSON,
        "notebooks/part/lesson.ipynb": json.dumps({"cells": []}),
        "_sources/index.md": "# Cover\n",
        "_static/site.css": '@import "more.css"; p {background: url(data:image/gif;base64,R0lGOD)}',
        "_static/more.css": '@font-face {src: url("fonts/text.woff2") format("woff2"), url(fonts/text.ttf)}',
        "_static/fonts/text.woff2": "w" * 3000,
        "_static/fonts/text.ttf": "t" * 5000,
        "_static/site.js": "let x = 'https://cdn.org/not-loaded.js'",
        "_images/boot.png": "pixels",
    }
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(content)
    return site


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of one file of the site."""

    def edit(site: Path) -> None:
        text = (site / name).read_text()
        assert old in text
        (site / name).write_text(text.replace(old, new))

    return edit


def remove(name: str) -> Callable[[Path], None]:
    """The removal of one file of the site."""
    return lambda site: (site / name).unlink()


ALT = "A boot, seen from the side."
BREAKS = {  # name: (edit, what the problem says)
    "dead-link": (
        replace("index.html", "part/lesson.html#", "part/lost.html#"),
        "part/lost.html#sec-one leads nowhere",
    ),
    "dead-anchor": (replace("index.html", "#sec-one", "#sec-two"), "part/lesson.html#sec-two names an anchor"),
    "dead-own-anchor": (replace("index.html", 'href="#top"', 'href="#bottom"'), "#bottom names an anchor"),
    "link-from-root": (replace("part/lesson.html", "../index.html", "/index.html"), "/index.html starts at the host's"),
    "lost-script": (remove("_static/site.js"), "part/lesson.html: the address ../_static/site.js leads nowhere"),
    "lost-picture": (remove("_images/boot.png"), "index.html: the address _images/boot.png leads nowhere"),
    "no-alt": (replace("index.html", f' alt="{ALT}"', ""), "the picture _images/boot.png has no alt text"),
    "alt-is-file": (replace("index.html", ALT, "_images/boot.png"), "has no alt text that says"),
    "alt-says-nothing": (replace("index.html", ALT, "Figure"), "alt='Figure'"),
    "lost-page": (remove("part/lesson.html"), "part/lesson.html: the page is in _toc.yml, but was not built"),
    "raw-role": (
        replace("index.html", "See ", "See {numref}`fig-a` "),
        "raw MyST stands in the text: '{numref}`fig-a`'",
    ),
    "raw-fence": (replace("index.html", "<p>See", "<p>\n:::{note}\nSee"), "raw MyST stands in the text: ':::{note}'"),
    "raw-substitution": (replace("index.html", "See ", "See {{ name }} "), "raw MyST stands in the text: '{{ name }}'"),
    "unresolved": (replace("index.html", "See ", '<i class="xref">fig-b</i> '), "an unresolved reference or an error"),
    "lost-notebook": (remove("notebooks/part/lesson.ipynb"), "exported notebook, is missing or no notebook"),
    "no-notebook": (
        replace("notebooks/part/lesson.ipynb", "cells", "x"),
        "exported notebook, is missing or no notebook",
    ),
    "wrong-colab": (replace("part/lesson.html", "some-book/blob", "other/blob"), f"the launch buttons lack {COLAB}"),
    "wrong-binder": (replace("part/lesson.html", "lab/tree/part", "lab/tree"), f"the launch buttons lack {BINDER}"),
    "no-download": (replace("part/lesson.html", "../notebooks/part/lesson.ipynb", "../x"), "the download button must"),
    "launch-without-code": (replace("index.html", "_sources/index.md", COLAB), "no code, but offers a notebook"),
    "foreign-script": (
        replace("part/lesson.html", "../_static", "https://cdn.org"),
        "loads https://cdn.org/site.js from",
    ),
    "foreign-style": (replace("index.html", "_static/site.css", "//cdn.org/x.css"), "loads //cdn.org/x.css?v=1 from"),
    "foreign-picture": (replace("index.html", "_images/", "https://cdn.org/"), "loads https://cdn.org/boot.png from"),
    "foreign-attribute": (
        replace("index.html", "<p>", '<p style="background: url(//cdn.org/b)">'),
        "loads //cdn.org/b",
    ),
    "foreign-font": (
        replace("_static/more.css", "fonts/text.ttf", "//cdn.org/x.ttf"),
        "more.css: loads //cdn.org/x.ttf",
    ),
    "lost-font": (remove("_static/fonts/text.woff2"), "_static/more.css: loads fonts/text.woff2, which is not there"),
    "repeated-id": (replace("index.html", "<p>", '<p id="top">'), "index.html: 2 elements have the id 'top'"),
}


def test_sound_site_has_no_problem(site: Path, book: list[Page]):
    assert check_site(site, book=book) == []


@pytest.mark.parametrize("name", BREAKS)
def test_break_is_found(name: str, site: Path, book: list[Page]):
    edit, expected = BREAKS[name]
    edit(site)
    problems = check_site(site, book=book)
    assert any(expected in problem for problem in problems), problems


@pytest.mark.parametrize("name", ["dead-anchor", "no-alt", "raw-role", "wrong-colab", "foreign-font", "repeated-id"])
def test_break_is_told_once(name: str, site: Path, book: list[Page]):
    BREAKS[name][0](site)
    assert len(check_site(site, book=book)) == 1


def test_weight_counts_each_loaded_file_once_and_text_compressed(site: Path):
    style = '<style>@import "_static/site.css"</style><img src="_images/boot.png"></article>'
    replace("index.html", "</article>", style)(site)
    document = Document(site / "index.html", site)
    # The page and its style sheet compressed and the picture as it lies; the imported sheet and its fonts come behind.
    loaded = [site / name for name in ("index.html", "_static/site.css")]
    compressed = sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in loaded)
    assert page_weight(document) == compressed + len("pixels")


def test_weight_counts_the_fonts_that_every_browser_prefers(site: Path):
    before = page_weight(Document(site / "part/lesson.html", site))
    replace("part/lesson.html", "</head>", '<link rel="stylesheet" href="../_static/more.css"></head>')(site)
    after = page_weight(Document(site / "part/lesson.html", site))
    assert 3000 < after - before < 3300


def test_page_over_the_limit_is_found(site: Path, book: list[Page], monkeypatch: pytest.MonkeyPatch):
    (site / "_images/boot.png").write_bytes(random.Random(0).randbytes(20_000))
    checks._transferred.cache_clear()
    assert check_site(site, book=book) == []
    monkeypatch.setattr(checks, "PAGE_BYTES", 20_000)
    assert [problem.split(" weighs ")[0] for problem in check_site(site, book=book)] == ["index.html: the page"]


def test_page_whose_beginning_is_heavy_is_found(site: Path, book: list[Page], monkeypatch: pytest.MonkeyPatch):
    (site / "_images/boot.png").write_bytes(random.Random(0).randbytes(20_000))
    checks._transferred.cache_clear()
    monkeypatch.setattr(checks, "FIRST_BYTES", 15_000)
    (problem,) = check_site(site, book=book)
    assert problem.startswith("index.html: the page loads 2")
    assert "before the reader scrolls" in problem
    replace("index.html", "<img", '<img loading="lazy"')(site)
    assert check_site(site, book=book) == []
