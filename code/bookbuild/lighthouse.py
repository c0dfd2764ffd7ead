"""How fast the built pages appear on a phone with a slow connection, told by Lighthouse: `make lighthouse`.

Lighthouse is an npm package, which is installed under `_build`. It opens a page in Chromium, simulates a mid-range
phone on slow 4G, and does not scroll. The site is served here with gzip, as GitHub Pages does, but without TLS and
HTTP/2, which Python's server lacks: TLS costs the public page one more journey to the server, HTTP/2 saves some.
"""

import contextlib
import functools
import gzip
import http.server
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bookbuild.browser import find_browser
from bookbuild.checks import FIRST_BYTES, TEXT_SUFFIXES
from bookbuild.pages import BUILD, SITE, BookProblem, Page
from bookbuild.report import write_json

VERSION = "12.8.2"  # of Lighthouse: scores of two versions can't be compared
OLDEST_NODE = (18, 20)
RUN_SECONDS = 300  # Lighthouse gives up on a page long before
OPTIONS = (
    "--output=json",
    "--only-categories=performance",
    "--chrome-flags=--headless=new --no-sandbox",
    "--quiet",
    "--no-enable-error-reporting",
)
TOOL = BUILD / "lighthouse"
REPORT = TOOL / "report.json"  # of the latest run; a pipe would cut it where Lighthouse fails
RESULTS = BUILD / "lighthouse.json"

# The goals: what a page must reach, the other five what it may take at most.
PERFORMANCE = 95  # of 100
FIRST_PAINT_S = 1.2
LARGEST_PAINT_S = 1.8
BLOCKING_MS = 100
LAYOUT_SHIFT = 0.02
TRANSFERRED_KIB = FIRST_BYTES / 1024  # the same as in `make book`


@dataclass(frozen=True)
class Metric:
    """One number of a report of Lighthouse."""

    name: str
    unit: str
    heading: str  # in the table
    decimals: int  # a value is rounded to what the table shows, then compared with the goal
    goal: float | None
    read: Callable[[dict], float]  # from the report
    more_is_better: bool = False

    @property
    def key(self) -> str:
        """Its name in lighthouse.json, e.g. "first_contentful_paint_s"."""
        return f"{self.name} {self.unit}".strip().replace(" ", "_").lower()

    def problem(self, value: float) -> str:
        """How a value misses the goal; empty if it does not."""
        if self.goal is None or (value >= self.goal if self.more_is_better else value <= self.goal):
            return ""
        unit = self.unit and f" {self.unit}"
        bound = "at least" if self.more_is_better else "at most"
        return f"{self.name} must be {bound} {self.goal:g}{unit}, got {value:.{self.decimals}f}{unit}"


def _number(audit: str, scale: float = 1) -> Callable[[dict], float]:
    return lambda report: report["audits"][audit]["numericValue"] / scale


def _score(report: dict) -> float:
    return 100 * report["categories"]["performance"]["score"]


def _requests(report: dict) -> int:
    return len(report["audits"]["network-requests"]["details"]["items"])


METRICS = (
    Metric("performance", "", "performance", 0, PERFORMANCE, _score, more_is_better=True),
    Metric("first contentful paint", "s", "FCP s", 2, FIRST_PAINT_S, _number("first-contentful-paint", 1000)),
    Metric("largest contentful paint", "s", "LCP s", 2, LARGEST_PAINT_S, _number("largest-contentful-paint", 1000)),
    Metric("total blocking time", "ms", "TBT ms", 0, BLOCKING_MS, _number("total-blocking-time")),
    Metric("cumulative layout shift", "", "CLS", 3, LAYOUT_SHIFT, _number("cumulative-layout-shift")),
    Metric("transferred", "KiB", "KiB", 1, TRANSFERRED_KIB, _number("total-byte-weight", 1024)),
    Metric("requests", "", "requests", 0, None, _requests),
)


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, its text compressed for those who ask for it."""

    protocol_version = "HTTP/1.1"  # a connection is kept, as on the web

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Answer with the head of the file, and return its content."""
        if self.path.endswith("/"):
            self.path += "index.html"  # never a listing
        path = Path(self.translate_path(self.path))
        asked = "gzip" in self.headers.get("Accept-Encoding", "")
        if not asked or path.suffix not in TEXT_SUFFIXES or not path.is_file():
            return super().send_head()
        content = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; its address, with a slash at the end."""
    handler = functools.partial(Compressing, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def find_node() -> str:
    """The Node of this machine.

    Raises:
        BookProblem: If there is none, or an old one.
    """
    wanted = ".".join(map(str, OLDEST_NODE))
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise BookProblem(f"Lighthouse needs Node {wanted} or newer with npm, and none is on the PATH: install it")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if numbers is None or tuple(map(int, numbers.groups())) < OLDEST_NODE:
        raise BookProblem(
            f"Lighthouse needs Node {wanted} or newer, got {version or 'no answer'} from {node}: renew it"
        )
    return node


def install(tool: Path = TOOL) -> Path:
    """Install Lighthouse once; its program.

    Raises:
        BookProblem: If npm can't, mostly for want of a network.
    """
    package = tool / "node_modules/lighthouse"
    description = package / "package.json"
    if not description.is_file() or json.loads(description.read_text("utf-8"))["version"] != VERSION:
        tool.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(tool), "--no-fund", "--no-audit", "--ignore-scripts"]
        done = subprocess.run([*command, f"lighthouse@{VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise BookProblem(
                f"npm could not install lighthouse@{VERSION} ({_first_line(done.stderr)}): connect to the network, or "
                "name a registry that can be reached by NPM_CONFIG_REGISTRY"
            )
    return package / "cli/index.js"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "it said nothing")


def read_metrics(report: dict) -> dict[str, float]:
    """The metrics of one report.

    Raises:
        BookProblem: If Lighthouse could not measure one.
    """
    values = {}
    for metric in METRICS:
        try:
            values[metric.key] = metric.read(report)
        except (KeyError, TypeError):  # an audit that failed has no number
            raise BookProblem(f"its report lacks {metric.name}") from None
    return values


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each metric, rounded to what the table shows."""
    return {m.key: round(statistics.median(run[m.key] for run in runs), m.decimals) for m in METRICS}


def score_table(results: dict[str, dict[str, float]]) -> str:
    """The pages with their metrics, for the terminal."""
    width = max([len("page"), *map(len, results)])
    rows = ["  ".join([f"{'page':<{width}}", *(f"{m.heading:>6}" for m in METRICS)])]
    for docname, values in results.items():
        cells = [f"{values[m.key]:{max(6, len(m.heading))}.{m.decimals}f}" for m in METRICS]
        rows.append("  ".join([f"{docname:<{width}}", *cells]))
    return "\n".join(rows)


def missed_goals(results: dict[str, dict[str, float]]) -> list[str]:
    """Each page and metric that misses its goal."""
    found = [(docname, m.problem(values[m.key])) for docname, values in results.items() for m in METRICS]
    return [f"{docname}: {problem}" for docname, problem in found if problem]


def _measure(command: list[str], browser: Path) -> dict[str, float]:
    """Run Lighthouse once."""
    REPORT.unlink(missing_ok=True)
    options: dict = {"env": os.environ | {"CHROME_PATH": str(browser)}, "stdin": subprocess.DEVNULL}
    options |= {"capture_output": True, "text": True, "timeout": RUN_SECONDS}
    try:
        done = subprocess.run([*command, f"--output-path={REPORT}"], check=False, **options)
    except subprocess.TimeoutExpired:
        raise BookProblem(f"no answer in {RUN_SECONDS} s") from None
    if done.returncode or not REPORT.is_file():
        raise BookProblem(_first_line(done.stderr))
    return read_metrics(json.loads(REPORT.read_text("utf-8")))


def measure_pages(chosen: list[Page], *, runs: int = 1, site: Path = SITE) -> int:
    """Measure the named pages of the built site (all without a name) with Lighthouse; name the goals that they miss."""
    if runs < 1:
        raise BookProblem(f"runs must be at least 1, got {runs}")
    for page in chosen:
        if not (site / f"{page.docname}.html").is_file():
            raise BookProblem(f"{site} holds no {page.docname}.html: run make book")
    try:
        browser = find_browser()
    except FileNotFoundError as problem:
        raise BookProblem(str(problem)) from None
    if browser is None:
        raise BookProblem("Lighthouse needs a browser, and none was found: run make browser")
    node, program = find_node(), install()
    results: dict[str, dict[str, float]] = {}
    problems = []
    with serving(site) as address:
        for number, page in enumerate(chosen, 1):
            print(f"{number} of {len(chosen)}: {page.docname}", file=sys.stderr, flush=True)
            command = [node, str(program), f"{address}{page.docname}.html", *OPTIONS]
            try:
                results[page.docname] = medians([_measure(command, browser) for _ in range(runs)])
            except BookProblem as problem:
                again = f"look at the page with make serve, then try make lighthouse PAGE={page.docname}"
                problems.append(f"{page.docname}: Lighthouse failed ({problem}): {again}")
    write_json(RESULTS, {"lighthouse": VERSION, "runs": runs, "pages": results})
    print(score_table(results))
    problems += missed_goals(results)
    for line in problems:
        print(line, file=sys.stderr)
    return int(bool(problems))
