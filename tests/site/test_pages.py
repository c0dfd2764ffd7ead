"""Every page of the built site, wide and at 390 px, light and dark."""

from pathlib import Path

from playwright.sync_api import Browser
from tests.site.conftest import SHOW_ALL, Visit, find_violations, settle

from bookbuild.checks import check_site
from bookbuild.pages import pages


def lines(found: list[str] | dict[str, list[str]]) -> str:
    """What was found, for the message of a failed test."""
    return "\n" + "\n".join(
        found if isinstance(found, list) else [f"{k}: {line}" for k, v in found.items() for line in v]
    )


def test_static_checks_find_nothing(site: Path):
    found = check_site(site)
    assert not found, lines(found)


def test_page_complains_about_nothing(visit: Visit):
    assert not visit.messages, lines(visit.messages)


def test_page_asks_nobody_but_the_site(visit: Visit):
    assert not visit.foreign, lines(visit.foreign)


def test_page_does_not_scroll_sideways(visit: Visit):
    assert visit.sideways == {"light": [], "dark": []}, lines(visit.sideways)


def test_every_equation_is_drawn(visit: Visit):
    assert visit.measures["drawn"] == visit.measures["formulas"]


def test_equation_has_its_whole_line_on_a_narrow_screen_and_scrolls_in_it(visit: Visit):
    assert visit.measures["cut"] == []


def test_every_picture_and_font_arrives(visit: Visit):
    assert visit.measures["missing"] == []
    assert visit.measures["fonts"] == []


def test_axe_finds_no_violation(visit: Visit):
    assert visit.violations == {"light": [], "dark": []}, lines(visit.violations)


def test_menus_and_dialogs_are_accessible(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    docname = next(page.docname for page in pages() if page.is_notebook)
    page.goto(f"{address}{docname}.html")
    settle(page)
    page.evaluate(SHOW_ALL)
    for opener in (
        ".dropdown-launch-buttons > button",
        ".dropdown-download-buttons > button",
        ".search-button__button",
    ):
        page.locator(opener).locator("visible=true").first.click()
        page.wait_for_timeout(400)  # Bootstrap fades menus in
        found = find_violations(page)
        assert not found, opener + lines(found)
        page.keyboard.press("Escape")
    page.close()


def test_sidebar_of_a_narrow_screen_leads_on(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}index.html")
    settle(page)
    page.locator(".primary-toggle").locator("visible=true").first.click()
    page.locator("dialog[open] a", has_text="How to read and run this book").click()
    page.wait_for_url("**/start/how-to-read.html")
    page.close()


def test_far_sections_wait_and_what_scrolls_in_them_can_be_reached_by_keys(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}cnn/resnet.html")
    settle(page)
    last = page.locator(".bd-article > section > section:has(.cell_input:visible)").last
    shown = "e => e.checkVisibility({ contentVisibilityAuto: true })"
    listing = last.locator(".cell_input pre").first
    assert not listing.evaluate(shown)
    last.scroll_into_view_if_needed()
    page.wait_for_function(f"e => ({shown})(e)", arg=listing.element_handle())
    page.wait_for_timeout(100)
    lacking = last.evaluate(
        """part => [...part.querySelectorAll("pre")].filter((e) => e.checkVisibility({ contentVisibilityAuto: true })
          && e.scrollWidth > e.clientWidth && e.tabIndex !== 0).map((e) => e.textContent)"""
    )
    assert not lacking, lines(lacking)
    page.close()


def test_a_link_into_a_page_leads_to_its_heading(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}cnn/resnet.html#what-we-saw")
    settle(page)
    page.wait_for_timeout(500)
    assert 0 <= page.evaluate("() => document.querySelector('#what-we-saw').getBoundingClientRect().top") < 200
    page.close()
