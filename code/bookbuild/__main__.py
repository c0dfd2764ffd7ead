"""The commands behind the Makefile: python -m bookbuild build|execute|sweep|notebook|serve|lighthouse|browser."""

import argparse
import functools
import http.server
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bookbuild.browser import ensure_browser
from bookbuild.checks import check_site
from bookbuild.claims import claims_of, failed_claims, for_site, is_strict, read_claims, write_claims
from bookbuild.execute import execute, fill_cache
from bookbuild.lighthouse import measure_pages
from bookbuild.pages import BOOK, BUILD, CONFIG, ROOT, SITE, TOC, BookProblem, Page, pages
from bookbuild.report import read_report, table, write_report


def run_pages(docnames: list[str]) -> int:
    """Bring the named pages up to date (all without a name) and print what they took."""
    chosen = _choose(docnames)
    executions, failures = execute(chosen)
    if docnames:
        facts = {e.page.docname: e.facts | {"fresh": e.fresh} for e in executions}
        print(table(chosen, facts))
        fell = report_claims([claim for execution in executions for claim in claims_of(execution)])
    else:
        fill_cache(executions, prepare=for_site)
        problems = write_report(executions) + write_claims(executions)
        for problem in problems:
            print(problem, file=sys.stderr)
        if problems:
            return 1
        fell = False  # the site is built all the same, and `build` reports them at its end
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures or fell else 0


def report_claims(claims: list[dict]) -> bool:
    """Say which claims fell; whether that fails the command."""
    failed = failed_claims(claims)
    if failed:
        print(f"\n{len(failed)} of {len(claims)} claims did not hold on this machine:", file=sys.stderr)
        for line in failed:
            print(f"  {line}", file=sys.stderr)
        if not is_strict():
            print("The pages say so at their places. With STRICT=1, or in CI, this is a failure.", file=sys.stderr)
    return bool(failed) and is_strict()


def build() -> int:
    """Execute what is stale, build the site with warnings as errors, check it."""
    started = time.monotonic()
    if run_pages([]):
        print("\nThe site was not built: mend the pages above.", file=sys.stderr)
        return 1
    shutil.rmtree(SITE, ignore_errors=True)  # a page that was renamed would stay
    command: list[str | Path] = [Path(sys.executable).with_name("jupyter-book"), "build", BOOK]
    command += ["--config", CONFIG, "--toc", TOC, "--path-output", ROOT]
    command += ["-W", "-n", "--keep-going", "--all", "-q"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        print("\nThe site has warnings, which are errors here: mend what is named above.", file=sys.stderr)
        return 1
    problems = check_site(SITE)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"\n{len(problems)} problems in the built site: mend what is named above.", file=sys.stderr)
        return 1
    print(
        f"\n{table(pages(), read_report())}\n\nBuilt in {time.monotonic() - started:.0f} s. Open {SITE / 'index.html'}"
    )
    return 1 if report_claims(read_claims()) else 0


def sweep_pages(docnames: list[str], names: list[str]) -> int:
    """Execute the named pages (all without a name) as other processors and seeds would; print which claims fall."""
    from bookbuild.sweep import mark, settings, summary, sweep  # imports NumPy

    there = {setting.name: setting for setting in settings()}
    for name in names:
        if name not in there:
            raise BookProblem(f"no setting is named {name}; this machine can play {', '.join(there)}")
    chosen = [page for page in _choose(docnames) if page.is_notebook]
    if not chosen:
        raise BookProblem(f"{', '.join(docnames)}: no code, so nothing to sweep")
    if hasattr(os, "nice"):
        os.nice(10)  # it takes hours, and its time is no result
    results = sweep(chosen, [there[name] for name in names] or list(there.values()))
    print(summary(results))
    return int(any(mark(result) != "ok" for result in results))


def write_notebooks(docnames: list[str]) -> int:
    """Export the notebooks of the named pages (all without a name), executing nothing."""
    from bookbuild.single import export_notebooks  # Sphinx and the theme take seconds to import

    for path in export_notebooks([page for page in _choose(docnames) if docnames or page.is_notebook]):
        print(path)
    return 0


def serve(port: int) -> int:
    """Show the built site on this machine until interrupted."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port} (stop with Ctrl-C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _choose(docnames: list[str]) -> list[Page]:
    listed = pages()
    known = {page.docname for page in listed}
    for name in docnames:
        if name not in known:
            raise BookProblem(f"no page is named {name}; the pages are {', '.join(sorted(known))}")
    return [page for page in listed if not docnames or page.docname in docnames]


def main() -> int:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(prog="bookbuild", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help=build.__doc__)
    commands.add_parser("browser", help="find a browser for the tests, or install one")
    run = commands.add_parser("execute", help=run_pages.__doc__)
    run.add_argument("page", nargs="*", help="e.g. cnn/first-network")
    sweeping = commands.add_parser("sweep", help=sweep_pages.__doc__)
    sweeping.add_argument("page", nargs="*", help="e.g. cnn/first-network")
    sweeping.add_argument("--setting", action="append", default=[], help="e.g. Haswell; all without one")
    single = commands.add_parser("notebook", help=write_notebooks.__doc__)
    single.add_argument("page", nargs="*", help="e.g. cnn/first-network")
    show = commands.add_parser("serve", help=serve.__doc__)
    show.add_argument("--port", type=int, default=8000)
    measuring = commands.add_parser("lighthouse", help=measure_pages.__doc__)
    measuring.add_argument("page", nargs="*", help="e.g. cnn/first-network")
    measuring.add_argument("--runs", type=int, default=1, help="how often each page is measured; their median counts")
    arguments = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    try:
        if arguments.command == "build":
            return build()
        if arguments.command == "execute":
            return run_pages(arguments.page)
        if arguments.command == "sweep":
            return sweep_pages(arguments.page, arguments.setting)
        if arguments.command == "notebook":
            return write_notebooks(arguments.page)
        if arguments.command == "lighthouse":
            return measure_pages(_choose(arguments.page), runs=arguments.runs)
        return serve(arguments.port) if arguments.command == "serve" else ensure_browser()
    except BookProblem as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
