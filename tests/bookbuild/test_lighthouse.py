"""Lighthouse's reports, goals and errors, and the server that compresses; without Node and without a browser."""

import gzip
import http.client
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bookbuild import __main__ as commands
from bookbuild import lighthouse
from bookbuild.lighthouse import (
    METRICS,
    VERSION,
    find_node,
    install,
    measure_pages,
    medians,
    missed_goals,
    read_metrics,
    score_table,
    serving,
)
from bookbuild.pages import BookProblem, Page

GOOD = {  # exactly at each goal
    "performance": 95,
    "first_contentful_paint_s": 1.2,
    "largest_contentful_paint_s": 1.8,
    "total_blocking_time_ms": 100,
    "cumulative_layout_shift": 0.02,
    "transferred_kib": 350,
    "requests": 24,
}
PAGES = [Page("index", Path("index.md")), Page("cnn/resnet", Path("cnn/resnet.md"))]


def report(*, score: float = 0.95, first: float = 1200, kib: float = 350, requests: int = 24) -> dict:
    """What Lighthouse writes, without what we don't read."""
    numbers = {
        "first-contentful-paint": first,
        "largest-contentful-paint": 1800,
        "total-blocking-time": 100,
        "cumulative-layout-shift": 0.02,
        "total-byte-weight": kib * 1024,
    }
    audits: dict = {name: {"numericValue": value} for name, value in numbers.items()}
    audits["network-requests"] = {"details": {"items": [{}] * requests}}
    return {"categories": {"performance": {"score": score}}, "audits": audits}


def program(path: Path, *lines: str) -> Path:
    """Put a program at a path; the PATH of `machine` holds no others."""
    path.write_text("\n".join([f"#!{sys.executable}", "import json, os, pathlib, sys", *lines]) + "\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built site, and a machine whose PATH is the folder given, with a browser that nothing starts."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("CHROMIUM", str(program(folder / "chromium")))
    for constant, name in (("REPORT", "tool/report.json"), ("RESULTS", "lighthouse.json")):
        monkeypatch.setattr(lighthouse, constant, tmp_path / name)
    monkeypatch.setattr(lighthouse, "install", lambda: install(tmp_path / "tool"))
    for page in PAGES:
        path = tmp_path / f"site/{page.docname}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<h1>{page.docname}</h1>", "utf-8")
    return folder


@pytest.fixture
def answers(machine: Path) -> Callable[..., None]:
    """Let the machine have Node, npm and a Lighthouse with these reports in turn; None fails, False writes nothing."""
    npm = 'package = pathlib.Path(sys.argv[sys.argv.index("--prefix") + 1], "node_modules/lighthouse")'
    version = '(package / "package.json").write_text(json.dumps({"version": sys.argv[-1].split("@")[1]}))'
    program(machine / "npm", npm, "package.mkdir(parents=True)", version)

    def play(*reports: dict | bool | None) -> None:
        for number, content in enumerate(reports):
            (machine / f"{number}.json").write_text(json.dumps(content), "utf-8")
        program(
            machine / "node",
            'if sys.argv[1] == "--version": sys.exit(print("v20.20.2"))',
            f"calls = pathlib.Path({str(machine / 'calls')!r})",
            'calls.open("a").write(json.dumps([os.environ["CHROME_PATH"], *sys.argv[1:]]) + "\\n")',
            "number = len(calls.read_text().splitlines()) - 1",
            "content = calls.with_name(f'{number}.json').read_text()",
            'if content == "false": sys.exit()',
            'path = next(a for a in sys.argv if a.startswith("--output-path=")).split("=")[1]',
            "pathlib.Path(path).write_text(content)",
            'if content == "null": sys.exit("\\nRuntime error: (Status code: 404)\\nmore")',
        )

    return play


def test_metrics_are_read_in_the_units_of_the_table():
    made = report(score=0.87, first=1234, kib=300.5, requests=7)
    assert read_metrics(made) == GOOD | {
        "performance": 87,
        "first_contentful_paint_s": 1.234,
        "transferred_kib": 300.5,
        "requests": 7,
    }


@pytest.mark.parametrize("lost", ["first-contentful-paint", "network-requests"])
def test_metric_that_was_not_measured_is_an_error(lost: str):
    made = report()
    made["audits"][lost] = {"scoreDisplayMode": "error"}
    with pytest.raises(BookProblem, match=r"its report lacks (first contentful paint|requests)"):
        read_metrics(made)


def test_score_that_is_null_is_an_error():
    with pytest.raises(BookProblem, match="its report lacks performance"):
        read_metrics(report(score=None))


def test_median_is_taken_of_each_metric_by_itself():
    runs = [read_metrics(report(score=s, first=f)) for s, f in ((0.80, 900), (0.99, 3000), (0.90, 1114))]
    middle = medians(runs)
    assert (middle["performance"], middle["first_contentful_paint_s"]) == (90, 1.11)


def test_table_has_a_row_a_page_under_its_heading():
    heading, first, second = score_table({"index": GOOD, "cnn/resnet": GOOD | {"requests": 7}}).splitlines()
    assert heading.split() == ["page", "performance", "FCP", "s", "LCP", "s", "TBT", "ms", "CLS", "KiB", "requests"]
    assert first.split() == ["index", "95", "1.20", "1.80", "100", "0.020", "350.0", "24"]
    assert second.split()[0] == "cnn/resnet"
    assert len(heading) == len(first) == len(second)


def test_values_at_the_goals_miss_none():
    assert missed_goals({"index": GOOD}) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("performance", 94, "performance must be at least 95, got 94"),
        ("first_contentful_paint_s", 1.21, "first contentful paint must be at most 1.2 s, got 1.21 s"),
        ("largest_contentful_paint_s", 1.81, "largest contentful paint must be at most 1.8 s, got 1.81 s"),
        ("total_blocking_time_ms", 101, "total blocking time must be at most 100 ms, got 101 ms"),
        ("cumulative_layout_shift", 0.021, "cumulative layout shift must be at most 0.02, got 0.021"),
        ("transferred_kib", 350.1, "transferred must be at most 350 KiB, got 350.1 KiB"),
    ],
)
def test_missed_goal_names_page_metric_and_value(key: str, value: float, said: str):
    assert missed_goals({"index": GOOD, "cnn/resnet": GOOD | {key: value}}) == [f"cnn/resnet: {said}"]


def test_each_metric_has_a_key_of_its_own():
    assert [metric.key for metric in METRICS] == list(GOOD)


def test_pages_that_reach_the_goals_pass_and_are_written(machine: Path, answers, tmp_path: Path, capsys):
    answers(*[report(first=first) for first in (1500, 1000, 1100, 1200, 800, 1900)])
    assert measure_pages(PAGES, runs=3, site=tmp_path / "site") == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split()[:3] == ["index", "95", "1.10"]
    assert said.err.splitlines() == ["1 of 2: index", "2 of 2: cnn/resnet"]
    written = json.loads((tmp_path / "lighthouse.json").read_text("utf-8"))
    assert (written["lighthouse"], written["runs"]) == (VERSION, 3)
    assert [values["first_contentful_paint_s"] for values in written["pages"].values()] == [1.1, 1.2]
    calls = [json.loads(line) for line in (machine / "calls").read_text().splitlines()]
    assert [urlsplit(call[2]).path for call in calls] == ["/index.html"] * 3 + ["/cnn/resnet.html"] * 3
    assert {call[0] for call in calls} == {str(machine / "chromium")}
    assert {call[1] for call in calls} == {str(tmp_path / "tool/node_modules/lighthouse/cli/index.js")}
    assert "--chrome-flags=--headless=new --no-sandbox" in calls[0]


def test_page_that_fails_is_named_and_the_others_are_measured(answers, tmp_path: Path, capsys):
    answers(None, report(kib=351))
    assert measure_pages(PAGES, site=tmp_path / "site") == 1
    assert capsys.readouterr().err.splitlines()[2:] == [
        "index: Lighthouse failed (Runtime error: (Status code: 404)): look at the page with make serve, "
        "then try make lighthouse PAGE=index",
        "cnn/resnet: transferred must be at most 350 KiB, got 351.0 KiB",
    ]
    assert list(json.loads((tmp_path / "lighthouse.json").read_text("utf-8"))["pages"]) == ["cnn/resnet"]


def test_report_of_an_earlier_page_is_not_taken_for_one_that_is_missing(answers, tmp_path: Path, capsys):
    answers(report(), False)
    assert measure_pages(PAGES, site=tmp_path / "site") == 1
    assert "cnn/resnet: Lighthouse failed (it said nothing): look at" in capsys.readouterr().err


def test_run_without_an_end_is_broken_off(answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    answers(report())
    run = subprocess.run

    def hang(command, **options):
        if "timeout" in options:
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return run(command, **options)

    monkeypatch.setattr(lighthouse.subprocess, "run", hang)
    assert measure_pages(PAGES[:1], site=tmp_path / "site") == 1
    assert "index: Lighthouse failed (no answer in 300 s): look at" in capsys.readouterr().err


@pytest.mark.parametrize("runs", [0, -1])
def test_runs_must_be_at_least_one(machine: Path, tmp_path: Path, runs: int):
    with pytest.raises(BookProblem, match=f"runs must be at least 1, got {runs}"):
        measure_pages(PAGES, runs=runs, site=tmp_path / "site")


def test_page_that_was_not_built_is_an_error(machine: Path, tmp_path: Path):
    (tmp_path / "site/cnn/resnet.html").unlink()
    with pytest.raises(BookProblem, match=r"site holds no cnn/resnet\.html: run make book"):
        measure_pages(PAGES, site=tmp_path / "site")


def test_unknown_page_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["bookbuild", "lighthouse", "cnn/nosuch"])
    assert commands.main() == 1
    assert "no page is named cnn/nosuch; the pages are " in capsys.readouterr().err


@pytest.mark.parametrize(("words", "chosen", "runs"), [([], None, 1), (["index", "--runs", "5"], ["index"], 5)])
def test_command_line_names_pages_and_runs(monkeypatch: pytest.MonkeyPatch, words: list[str], chosen, runs: int):
    asked: dict = {}
    monkeypatch.setattr(commands, "measure_pages", lambda pages, runs: asked.update(pages=pages, runs=runs) or 7)
    monkeypatch.setattr(sys, "argv", ["bookbuild", "lighthouse", *words])
    assert commands.main() == 7
    assert [page.docname for page in asked["pages"]] == (chosen or [page.docname for page in commands.pages()])
    assert asked["runs"] == runs


def test_machine_without_a_browser_is_an_error(machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lighthouse, "find_browser", lambda: None)
    with pytest.raises(BookProblem, match=r"Lighthouse needs a browser, .*: run make browser"):
        measure_pages(PAGES, site=tmp_path / "site")


def test_browser_that_is_named_but_not_there_is_an_error(machine: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/no/such/chrome")
    with pytest.raises(BookProblem, match=r"CHROMIUM must be .* unset or mend it"):
        measure_pages(PAGES, site=tmp_path / "site")


@pytest.mark.parametrize("there", [(), ("node",), ("npm",)])
def test_machine_without_node_or_npm_is_an_error(machine: Path, there: tuple[str, ...]):
    for name in there:
        program(machine / name)
    with pytest.raises(BookProblem, match=r"Node 18\.20 or newer with npm, and none is on the PATH: install it"):
        find_node()


@pytest.mark.parametrize("version", ["v18.19.1", "v9.30.0", ""])
def test_old_node_is_an_error(machine: Path, version: str):
    program(machine / "npm")
    node = program(machine / "node", f"print({version!r})")
    with pytest.raises(BookProblem, match=rf"18\.20 or newer, got {version or 'no answer'} from {node}: renew it"):
        find_node()


@pytest.mark.parametrize("version", ["v18.20.0", "v20.1.0"])
def test_newer_node_is_found(machine: Path, version: str):
    program(machine / "npm")
    node = program(machine / "node", f"print({version!r})")
    assert find_node() == str(node)


def test_lighthouse_is_installed_once_and_again_for_another_version(machine: Path, answers, tmp_path: Path):
    tool = tmp_path / "tool"
    program = install(tool)
    description = program.parents[1] / "package.json"
    assert json.loads(description.read_text())["version"] == VERSION
    (machine / "npm").unlink()
    assert install(tool) == program
    description.write_text('{"version": "1.0.0"}')
    with pytest.raises(FileNotFoundError, match="npm"):
        install(tool)


def test_machine_without_a_network_is_an_error(machine: Path, tmp_path: Path):
    program(machine / "npm", 'sys.exit("npm error code ECONNREFUSED\\nnpm error and much more")')
    with pytest.raises(BookProblem) as caught:
        install(tmp_path / "tool")
    assert str(caught.value) == (
        f"npm could not install lighthouse@{VERSION} (npm error code ECONNREFUSED): connect to the network, or name a "
        "registry that can be reached by NPM_CONFIG_REGISTRY"
    )


@pytest.fixture
def ask(tmp_path: Path):
    """Ask a server of a folder with a text and a picture, beside which lies a secret."""
    folder = tmp_path / "site"
    (folder / "cnn").mkdir(parents=True)
    (folder / "index.html").write_text("<p>ï</p>" * 500, "utf-8")
    (folder / "picture.webp").write_bytes(bytes(range(256)))
    (tmp_path / "secret.html").write_text("secret", "utf-8")
    with serving(folder) as address:

        def get(path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer, content

        yield get


@pytest.mark.parametrize("path", ["/index.html", "/", "/index.html?v=1"])
def test_text_is_compressed_for_those_who_ask(ask, tmp_path: Path, path: str):
    answer, content = ask(path, Accept_Encoding="gzip, deflate, br")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert int(answer.headers["Content-Length"]) == len(content) < 200
    assert gzip.decompress(content) == (tmp_path / "site/index.html").read_bytes()


def test_text_is_plain_for_those_who_do_not_ask(ask, tmp_path: Path):
    answer, content = ask("/index.html", Accept_Encoding="identity")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, None)
    assert content == (tmp_path / "site/index.html").read_bytes()


def test_pictures_are_sent_as_they_lie(ask):
    answer, content = ask("/picture.webp", Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, None)
    assert content == bytes(range(256))


@pytest.mark.parametrize(
    "path", ["/../secret.html", "/%2e%2e/secret.html", "/cnn/../../secret.html", "/nosuch.html", "/cnn/"]
)
def test_what_is_not_in_the_folder_is_not_found(ask, path: str):
    answer, content = ask(path, Accept_Encoding="gzip")
    assert answer.status == 404
    assert b"secret" not in content
