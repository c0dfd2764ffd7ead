"""Quizzes in a browser: by keyboard, without scripts, on paper. All pages have the same scripts, so one page tells.

A browser tells of an opened option a moment after the press, so the status is expected, not read once.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.site.conftest import settle

from bookbuild.pages import pages

FOCUSED_OPTION = "() => document.activeElement.matches('.quiz-option > summary')"


@pytest.fixture
def name(site: Path) -> str:
    """The first page with a quiz."""
    return next(
        f"{page.docname}.html"
        for page in pages()
        if 'class="quiz"' in (site / f"{page.docname}.html").read_text("utf-8")
    )


def test_keyboard_reaches_a_quiz_and_answers_it(name: str, browser: Browser, address: str):
    page = browser.new_page()
    page.goto(address + name)
    settle(page)
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_OPTION):
            break
    assert page.evaluate(FOCUSED_OPTION), "400 presses of Tab reach no option"
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focused option can't be told from the others"
    page.keyboard.press("Enter")
    chosen = page.locator(".quiz-option[open]")
    assert chosen.count() == 1
    assert chosen.locator(".quiz-explanation").is_visible()
    right = chosen.get_attribute("data-correct") == "true"
    status = page.locator(".quiz:has(.quiz-option[open]) .quiz-status")
    expect(status).to_contain_text("Right" if right else "Not this one.")
    page.close()


def test_status_counts_the_tries(name: str, browser: Browser, address: str):
    page = browser.new_page()
    page.goto(address + name)
    settle(page)
    quiz = page.locator(".quiz[data-right='1']").first
    quiz.locator("[data-correct=false] > summary").first.click()
    expect(quiz.locator(".quiz-status")).to_have_text("Not this one. Try another.")
    quiz.locator("[data-correct=true] > summary").click()
    expect(quiz.locator(".quiz-status")).to_have_text("Right, after 2 tries.")
    page.close()


def test_quiz_answers_without_scripts(name: str, browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + name)
    option = page.locator(".quiz-option").first
    assert not option.locator(".quiz-explanation").is_visible()
    option.locator("summary").click()
    assert option.locator(".quiz-explanation").is_visible()
    assert option.locator(".quiz-verdict").inner_text() in ("Right.", "Not this one.")
    context.close()


def test_paper_shows_what_is_folded(name: str, browser: Browser, address: str):
    page = browser.new_page()
    page.goto(address + name)
    settle(page)
    folded = page.locator("main details:not([open])").count()
    assert folded > 0
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
    assert all(one.is_visible() for one in page.locator(".quiz-explanation").all())
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details:not([open])").count() == folded
    page.close()
