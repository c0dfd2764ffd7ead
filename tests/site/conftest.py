"""The built site in a real browser: one server and browser a module, each page loaded once a width."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, sync_playwright

from bookbuild.browser import ARGUMENTS, find_browser
from bookbuild.pages import BOOK, CONFIG, ROOT, SITE, TOC

WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
# Colours do not change with the width, and measuring them takes most of axe's time: narrow, two pages show them.
NARROW_CONTRAST = {"index.html", "fundamentals/neurons.html"}
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SOURCES = (
    BOOK,
    CONFIG,
    TOC,
    ROOT / "code/bookbuild/site.py",
    ROOT / "code/bookbuild/equations.py",
    ROOT / "code/bookbuild/first_paint.py",
    ROOT / "code/bookbuild/quiz.py",
)
OURS = {"404.html", "_static"}  # no pages of the book: they lack its theme
NAMES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if not OURS & set(path.parts))
# Equations in the page, those that the browser draws, and those that are cut: on a narrow screen they have less than
# the whole line, or they don't scroll; pictures and fonts that did not arrive.
MEASURE = """() => ({
  formulas: document.querySelectorAll("article .math").length,
  drawn: [...document.querySelectorAll("article .math math")].filter((e) => e.getBoundingClientRect().width > 1).length,
  cut: [...document.querySelectorAll("article .math-scroll")].filter((e) => e.offsetParent && (
    (innerWidth < 720 && e.clientWidth < 0.95 * e.parentElement.clientWidth)
    || (e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX !== "auto")
  )).map((e) => e.textContent),
  missing: [...document.images].filter((e) => e.offsetParent && !e.naturalWidth).map((e) => e.src),
  fonts: [...document.fonts].filter((e) => e.status === "error").map((e) => e.family),
})"""
# Pictures far below are not fetched before the reader comes near.
LOAD_PICTURES = """() => Promise.all([...document.images].map((e) => {
  e.loading = "eager";
  return e.complete || new Promise((done) => { e.onload = e.onerror = done; });
}))"""
# Sections far below are laid out when one comes near: go there, and then keep all laid out, so that all is measured.
SHOW_ALL = """async () => {
  const next = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (const e of document.querySelectorAll(".bd-article > section > section")) { e.scrollIntoView(); await next(); }
  document.head.append(Object.assign(document.createElement("style"), {
    textContent: ".bd-article > section > section { content-visibility: visible !important; }"
  }));
  scrollTo(0, 0);
  await next();
}"""
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const beyond = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return beyond.slice(0, 5).map((e) => `${e.tagName}.${e.className} reaches ${e.getBoundingClientRect().right}`);
}"""


@dataclass
class Visit:
    """What a browser says of one page at one width."""

    messages: list[str] = field(default_factory=list)  # console errors and warnings, exceptions, failed requests
    foreign: list[str] = field(default_factory=list)  # requests that left the site
    measures: dict = field(default_factory=dict)
    sideways: dict[str, list[str]] = field(default_factory=dict)  # by scheme, what is wider than the screen
    violations: dict[str, list[str]] = field(default_factory=dict)  # by scheme, what axe found


def _stop(reason: str) -> NoReturn:
    """Skip on a developer's machine; in CI a site that can't be tested is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def site() -> Path:
    """The built site, not older than its sources."""
    index = SITE / "index.html"
    if not index.is_file():
        _stop(f"{SITE} holds no site: run make book")
    built = index.stat().st_mtime
    files = [file for source in SOURCES for file in (source.rglob("*") if source.is_dir() else [source])]
    newer = [file.relative_to(ROOT).as_posix() for file in files if file.is_file() and file.stat().st_mtime > built]
    if newer:
        _stop(f"the site is older than {', '.join(newer[:3])}: run make book")
    return SITE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; one a module, as other tests need the event loop that Playwright holds."""
    executable = find_browser()
    if executable is None:
        _stop("no browser: run make browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served on this machine, with a slash at the end."""
    handler = functools.partial(_Silent, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def listen(page: Page, address: str) -> Visit:
    """Note from now on what the page complains about and whom it asks."""
    visit = Visit()

    def note_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            visit.foreign.append(request.url)

    def note_answer(answer: Response) -> None:
        if not answer.ok:
            visit.messages.append(f"{answer.status}: {unquote(answer.url)}")

    def note_line(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            visit.messages.append(f"{line.type}: {line.text}")

    page.on("request", note_request)
    page.on("response", note_answer)
    page.on("console", note_line)
    page.on("pageerror", lambda error: visit.messages.append(f"exception: {error}"))
    page.on("requestfailed", lambda request: visit.messages.append(f"not loaded: {unquote(request.url)}"))
    return visit


def settle(page: Page) -> None:
    """Wait until scripts, pictures and fonts are there."""
    page.wait_for_load_state("load")
    page.evaluate(LOAD_PICTURES)
    page.evaluate("() => document.fonts.ready")


@pytest.fixture(
    scope="module", params=[(name, width) for name in NAMES or ["index.html"] for width in WIDTHS], ids="-".join
)
def visit(request: pytest.FixtureRequest, browser: Browser, address: str) -> Visit:
    """The page at one width, looked at in light and in dark."""
    name, width = request.param
    context = browser.new_context(viewport=WIDTHS[width], color_scheme="light")
    page = context.new_page()
    seen = listen(page, address)
    page.goto(address + name)
    settle(page)
    page.evaluate(SHOW_ALL)
    page.evaluate("() => { for (const e of document.querySelectorAll('main details')) e.open = true; }")
    seen.measures = page.evaluate(MEASURE)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
        page.evaluate("() => { for (const fading of document.getAnimations()) fading.finish(); }")
        seen.sideways[scheme] = page.evaluate(SIDEWAYS)
        contrast = width == "wide" or name in NARROW_CONTRAST
        if scheme == "light":
            seen.violations[scheme] = find_violations(page, contrast=contrast)
        else:  # dark differs by its colours only
            seen.violations[scheme] = find_violations(page, CONTRAST) if contrast else []
    context.close()
    return seen


def find_violations(page: Page, rules: dict = RULES, *, contrast: bool = True) -> list[str]:
    """What axe-core finds, one line each."""
    options = {"runOnly": rules, "preload": False, "resultTypes": ["violations"]}
    if not contrast:
        options["rules"] = {"color-contrast": {"enabled": False}}
    response = Axe().run(page, options=options).response
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]}"
        for violation in response["violations"]
        for node in violation["nodes"]
    ]
