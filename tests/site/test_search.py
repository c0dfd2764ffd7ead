"""The search of the built site, served and opened as files."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.site.conftest import listen, settle

from bookbuild.pages import pages

DOCNAMES = [page.docname for page in pages()]
COMMON = {"about", "first", "their", "these", "which", "with", "this", "from", "book"}  # words that find too much


def word_of_title(text: str) -> str:
    """The longest word of a page's title that is worth a search."""
    title = next(line for line in text.splitlines() if line.startswith("# "))
    words = [word for word in re.findall(r"[A-Za-z]{4,}", title) if word.lower() not in COMMON]
    return max(words, key=len)


def search(page: Page, address: str, word: str) -> list[str]:
    """Addresses of the pages that a search for the word lists."""
    page.goto(f"{address}search.html?q={word}")
    page.wait_for_selector("#search-results .search-summary, #search-results p", state="attached")
    page.wait_for_function("() => !document.querySelector('#search-progress')?.textContent.includes('Preparing')")
    settle(page)
    return page.eval_on_selector_all("#search-results li a", "links => links.map((link) => link.href.split(/[?#]/)[0])")


@pytest.mark.parametrize("docname", DOCNAMES)
def test_search_finds_page_by_a_word_of_its_title(docname: str, site: Path, browser: Browser, address: str):
    word = word_of_title((site / f"_sources/{docname}.md").read_text("utf-8"))
    page = browser.new_page()
    seen = listen(page, address)
    found = search(page, address, word)
    page.close()
    assert f"{address}{docname}.html" in found, f"{word}: {found}"
    assert (seen.messages, seen.foreign) == ([], [])


def test_search_finds_nothing_for_nonsense(browser: Browser, address: str):
    page = browser.new_page()
    assert search(page, address, "qwxzjkv") == []
    page.close()


def test_site_works_when_its_files_are_opened_without_a_server(site: Path, browser: Browser):
    address = f"{site.as_uri()}/"
    page = browser.new_page()
    seen = listen(page, address)
    page.goto(f"{address}index.html")
    settle(page)
    page.click("article a.reference.internal >> nth=0")
    settle(page)
    assert page.url.startswith(address)
    assert page.url != f"{address}index.html"
    docname = DOCNAMES[-1]
    found = search(page, address, word_of_title((site / f"_sources/{docname}.md").read_text("utf-8")))
    page.close()
    assert f"{address}{docname}.html" in found
    assert (seen.messages, seen.foreign) == ([], [])


def test_search_quotes_the_text_and_not_the_lists_of_contents(site: Path, browser: Browser, address: str):
    docname = next(page.docname for page in pages() if page.is_notebook)
    html = (site / f"{docname}.html").read_text("utf-8")
    page = browser.new_page()
    page.goto(f"{address}{docname}.html")
    heading = page.locator("article h2").first.evaluate("heading => heading.firstChild.nextSibling.textContent")
    page.goto(f"{address}search.html")  # no other page loads the search's program
    text = page.evaluate("html => Search.htmlToText(html)", html)
    page.close()
    assert html.count(heading) > 1
    assert text.count(heading) == 1
