"""What the site has beyond its theme, on a tiny book built with it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bookbuild.checks import Document
from bookbuild.pages import BOOK
from bookbuild.site import launch_links, mend

CONFIGURATION = """
html_title = "Tiny book"
extensions = ["myst_nb", "sphinx_thebe", "sphinx_togglebutton", "sphinx_exercise", "sphinxcontrib.bibtex"]
extensions += ["sphinx_design", "sphinx_book_theme", "bookbuild.site", "bookbuild.quiz", "bookbuild.equations"]
html_theme = "sphinx_book_theme"
html_theme_options = {"repository_url": "https://github.com/nobody/nothing", "repository_branch": "main",
                      "path_to_docs": "book", "use_edit_page_button": True, "use_issues_button": True,
                      "use_repository_button": True,
                      "launch_buttons": {"colab_url": "https://colab.research.google.com", "thebe": True}}
html_static_path = ["_static"]
html_sourcelink_suffix = ""
bibtex_bibfiles = ["references.bib"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "off"
numfig = True
"""
LESSON = r"""
# A lesson

It computes $a^2 + b^2$ {cite:p}`xiao2017`.

```{code-cell} python
:tags: [hide-input]
1 + 1
```

```{exercise} One
:label: one
Do it.
```

```{exercise} Two
:label: two
Do it again.
```
"""
BIBLIOGRAPHY = "# Bibliography\n\n```{bibliography}\n```\n"


@dataclass(frozen=True)
class Site:
    """A built site and what Sphinx said."""

    folder: Path
    warnings: str

    def page(self, docname: str) -> BeautifulSoup:
        """A page of it, parsed."""
        return Document(self.folder / f"{docname}.html", self.folder).soup

    def links(self, docname: str) -> dict[str, str]:
        """The buttons at the top of a page: their text or tooltip, and where they lead."""
        found = self.page(docname).select(".article-header-buttons a")
        return {link.get_text(strip=True) or str(link["title"]): str(link["href"]) for link in found}


def build(folder: Path, monkeypatch: pytest.MonkeyPatch, *, builder: str = "html", **pages: str) -> Site:
    """Build a book of these pages (a double underscore is a slash) with the book's static files, as a fork would."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "Someone/some-book")
    (folder / "_static").symlink_to(BOOK / "_static")
    (folder / "conf.py").write_text(CONFIGURATION)
    (folder / "references.bib").write_text("@misc{xiao2017, author = {Xiao, Han}, title = {Garments}, year = {2017}}")
    names = [name.replace("__", "/") for name in pages]
    (folder / "index.md").write_text("\n".join(["# Cover", "", "Words.", "", "```{toctree}", *names, "```"]))
    for name, text in zip(names, pages.values(), strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.md").write_text(text)
    command: list[str | Path] = [sys.executable, "-m", "sphinx", "-q", "-n", "-b", builder, folder, folder / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Site(folder / "out", done.stderr)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, notebook_header: str) -> Site:
    """A book of a cover, a lesson with code and a bibliography."""
    with pytest.MonkeyPatch.context() as patch:
        pages = {"part__lesson": notebook_header + LESSON, "bibliography": BIBLIOGRAPHY}
        return build(tmp_path_factory.mktemp("book"), patch, **pages)


def test_sound_book_builds_without_a_warning(site: Site):
    assert site.warnings == ""


def test_page_with_code_opens_the_forks_published_notebook(site: Site):
    links = site.links("part/lesson")
    assert (
        links["Colab"] == "https://colab.research.google.com/github/Someone/some-book/blob/notebooks/part/lesson.ipynb"
    )
    assert (
        links["Binder"] == "https://mybinder.org/v2/gh/Someone/some-book/notebooks?urlpath=lab/tree/part/lesson.ipynb"
    )
    assert links["Notebook (.ipynb)"] == "../notebooks/part/lesson.ipynb"
    assert links["Source (.md)"] == "../_sources/part/lesson.md"


def test_page_has_one_menu_for_each_purpose(site: Site):
    menus = site.page("part/lesson").select(".article-header-buttons .dropdown > button")
    assert [menu["aria-label"] for menu in menus] == ["Run this page", "Download this page", "Source repositories"]


def test_page_without_code_offers_no_notebook(site: Site):
    links = site.links("index")
    assert links["Source (.md)"] == "_sources/index.md"
    assert not [link for link in links.values() if ".ipynb" in link]


def test_repository_buttons_open_the_forks_source(site: Site):
    links = site.links("part/lesson")
    assert links["Suggest edit"] == "https://github.com/Someone/some-book/edit/main/book/part/lesson.md"
    assert links["Repository"] == "https://github.com/Someone/some-book"
    assert links["Open issue"].startswith(
        "https://github.com/Someone/some-book/issues/new?title=Issue%20on%20page%20%2Fpart/"
    )


def test_launch_links_follow_the_repository(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    assert all("a/b" in link["url"] and link["url"].endswith("c/d.ipynb") for link in launch_links("c/d"))


def test_page_loads_no_script_of_another_host(site: Site):
    scripts = [str(tag["src"]) for tag in site.page("part/lesson").select("script[src]")]
    assert scripts
    assert not [script for script in scripts if script.startswith(("http", "//"))]


def test_theme_loads_neither_thebe_nor_the_icon_script(site: Site):
    text = (site.folder / "part/lesson.html").read_text("utf-8")
    assert "thebe" not in text.lower()
    assert "fontawesome.js" not in text
    assert 'data-default-mode="auto"' in text


def test_page_has_icons_description_card_and_language(site: Site):
    head = site.page("part/lesson")
    assert head.html["lang"] == "en"
    assert head.select_one("link[rel=apple-touch-icon]")["href"] == "../_static/apple-touch-icon.png"
    cards = {tag["property"]: tag["content"] for tag in head.select("meta[property^='og:']")}
    assert cards["og:title"] == "A lesson"
    assert cards["og:site_name"] == "Tiny book"
    assert cards["og:url"] == "https://someone.github.io/some-book/part/lesson.html"
    assert cards["og:image"] == "https://someone.github.io/some-book/_static/card.png"
    assert (site.folder / "_static/card.png").is_file()


def test_citation_gives_author_and_year(site: Site):
    lesson = site.page("part/lesson")
    assert lesson.select_one("article p").get_text().endswith("[Xiao, 2017].")


def test_sitemap_lists_the_published_addresses(site: Site):
    text = (site.folder / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://someone.github.io/some-book/part/lesson.html</loc>" in text


def test_wrong_address_leads_back_to_the_book(site: Site):
    page = site.page("404")
    assert page.h1.get_text() == "There is no such page"
    assert page.a["href"] == "https://someone.github.io/some-book/"
    assert Document(site.folder / "404.html", site.folder).loads == []


def test_exercises_have_no_id_twice(site: Site):
    ids = Document(site.folder / "part/lesson.html", site.folder).ids
    assert {anchor for anchor, count in ids.items() if count > 1} == set()
    assert {"one", "two"} <= set(ids)


def test_picture_without_alt_text_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "dot.png").write_bytes((BOOK / "_static/apple-touch-icon.png").read_bytes())
    texts = {
        "good": "# A\n\n![A white play sign on blue.](dot.png)\n",
        "bad": "# B\n\n![](dot.png)\n",
        "path": "# C\n\n![dot.png](dot.png)\n",
    }
    site = build(tmp_path, monkeypatch, **texts, bibliography=BIBLIOGRAPHY)
    complaints = [line for line in site.warnings.splitlines() if "image without alt text" in line]
    assert sorted(line.split("/")[-1].split(".md")[0] for line in complaints) == ["bad", "path"]


def test_mend_changes_each_markup_on_the_pages_that_it_is_for(tmp_path: Path):
    page, other = tmp_path / "a.html", tmp_path / "b.html"
    page.write_text('<details class="admonition hide above-input"><summary aria-label="Toggle hidden content">Show')
    other.write_text('<div role="list" class="citation-list"><div class="citation" role="doc-biblioentry"></div></div>')
    assert mend([page, other]) == []
    assert page.read_text() == '<details class="admonition hide above-input"><summary>Show'
    assert other.read_text() == '<div class="citation-list"><div class="citation"></div></div>'


def test_mend_without_effect_on_any_of_its_pages_is_told(tmp_path: Path):
    mended, changed = tmp_path / "a.html", tmp_path / "b.html"
    mended.write_text('<button class="search-button" aria-label="Search" data-bs-placement="bottom">')
    changed.write_text('<button class="search-button" aria-label="Find" data-bs-placement="bottom">')
    assert mend([mended, changed]) == []
    assert [one.where for one in mend([changed])] == ["search-button"]


def test_theme_that_changed_its_markup_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # A page that shows, as text of ours, what a mend looks for, without the markup that the mend changes.
    cell = '<details class="admonition hide above-input"><summary aria-label="New name">Show</summary></details>'
    site = build(tmp_path, monkeypatch, plain=f"# A\n\n{cell}\n")
    complaints = [line for line in site.warnings.splitlines() if "no page has the markup" in line]
    assert len(complaints) == 1
    assert "Toggle hidden content" in complaints[0]
    assert "see MENDS in bookbuild.site" in complaints[0]


def test_mend_leaves_other_pages_untouched(tmp_path: Path):
    page = tmp_path / "a.html"
    page.write_text("<p>Search</p>")
    before = page.stat().st_mtime_ns
    mend([page])
    assert page.stat().st_mtime_ns == before


def test_book_on_one_page_holds_what_every_extension_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notebook_header: str
):
    quiz = "```{quiz}\nYes?\n\n- [x] yes\n\n  So.\n- [ ] no\n\n  Not so.\n```\n"
    card = ":::{card} A card\nIts text.\n:::\n"
    lesson = f"{notebook_header}{LESSON}\n{quiz}\n{card}"
    built = build(tmp_path, monkeypatch, builder="singlehtml", lesson=lesson, bibliography=BIBLIOGRAPHY)
    assert built.warnings == ""
    page = built.page("index")
    assert len(page.select(".quiz-option")) == 2
    assert len(page.select(".exercise")) == 2
    assert page.select_one(".sd-card-title").get_text(strip=True) == "A card"
