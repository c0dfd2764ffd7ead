"""The files that GitHub, Dependabot, Binder and citation tools read, and the scripts of the workflows."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import deepmedia
from bookbuild.kernel import kernel_environment
from bookbuild.pages import NOTEBOOKS_BRANCH, ROOT, configuration, pages

GITHUB = ROOT / ".github"
TOOLS = Path(sys.executable).parent
WORKFLOWS = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in sorted(GITHUB.glob("workflows/*.yml"))}
SCHEMAS = {
    "vendor.github-workflows": sorted(GITHUB.glob("workflows/*.yml")),
    "custom.github-workflows-require-timeout": sorted(GITHUB.glob("workflows/*.yml")),
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": [GITHUB / "ISSUE_TEMPLATE/mistake.yml"],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}
WRITERS = {  # workflow and job -> what it may write; all others only read
    ("ci.yml", "deploy"): {"pages", "id-token"},
    ("ci.yml", "notebooks"): {"contents"},
    ("weekly.yml", "report"): {"issues"},
}
PUBLIC_FILES = ("README.md", "CONTRIBUTING.md", "CITATION.cff", "pyproject.toml", ".binder/requirements.txt")


def steps(workflow: dict) -> Iterator[tuple[str, dict]]:
    """The steps of a workflow, each with its job."""
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            yield name, step


def pins(text: str) -> list[str]:
    """What is wrong with the actions of a workflow: each is pinned by commit and says its version."""
    used = re.findall(r"^ *(?:- )?uses: *(\S.*)$", text, re.MULTILINE)
    return [line for line in used if not re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+", line)]


def loose_caches(workflow: dict) -> list[str]:
    """Steps that restore what other sources made, or another Python; a store addressed by content may be older."""
    found = []
    for job, step in steps(workflow):
        action, options = step.get("uses", "").split("@")[0], step.get("with", {})
        restores = action in {"actions/cache", "actions/cache/restore"}
        by_content = options.get("path") == "_build/executed" and "-python" in options.get("restore-keys", "")
        if restores and (("restore-keys" in options and not by_content) or "hashFiles(" not in options["key"]):
            found.append(f"{job}: {step['name']}")
        if action.startswith("actions/setup-") and "cache" in options:
            found.append(f"{job}: {action}")
    return found


def writes(permissions: dict | str) -> set[str]:
    """The scopes that may be written."""
    if isinstance(permissions, str):
        return {permissions} - {"read-all"}
    return {scope for scope, level in permissions.items() if level == "write"}


def commands() -> str:
    """All that the workflows and the local run execute, without comments."""
    scripts = [step["run"] for workflow in WORKFLOWS.values() for _, step in steps(workflow) if "run" in step]
    return re.sub(r"(^|\s)#.*", "", "\n".join([*scripts, (ROOT / ".ci/run").read_text("utf-8")]))


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(command), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


@pytest.mark.parametrize(("schema", "files"), SCHEMAS.items(), ids=SCHEMAS)
def test_file_fits_its_published_schema(schema: str, files: list[Path]):
    assert files
    done = run(TOOLS / "check-jsonschema", "--builtin-schema", schema, *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_no_weakness():
    done = run(TOOLS / "zizmor", "--offline", "--quiet", "--format", "plain", "--strict-collection", GITHUB)
    assert done.returncode == 0, done.stdout + done.stderr


def test_linters_reject_a_bad_workflow(tmp_path):
    bad = tmp_path / ".github/workflows/bad.yml"
    bad.parent.mkdir(parents=True)
    job = {"runs-on": "ubuntu-24.04", "steps": [{"run": "echo ${{ github.event.issue.title }}"}], "needless": 1}
    bad.write_text(yaml.safe_dump({"on": "issues", "jobs": {"job": job}}), "utf-8")
    assert run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", bad).returncode
    del job["needless"]
    bad.write_text(yaml.safe_dump({"on": "issues", "jobs": {"job": job}}), "utf-8")
    done = run(TOOLS / "zizmor", "--offline", "--quiet", "--format", "plain", bad.parent)
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit_with_their_version(name: str):
    text = (GITHUB / "workflows" / name).read_text("utf-8")
    assert "uses:" in text
    assert pins(text) == []


def test_one_action_has_one_pin():
    lines = {
        line for path in GITHUB.glob("workflows/*.yml") for line in re.findall(r"uses: (\S+ # \S+)", path.read_text())
    }
    owners = [re.sub(r"^([\w-]+/[\w-]+).*@", r"\1@", line) for line in lines]
    assert len({owner.split("@")[0] for owner in owners}) == len(set(owners))


def test_pins_by_tag_or_without_version_are_seen():
    commit = "0" * 40
    text = f"- uses: a/b@v4\n- uses: a/b@{commit}\n  uses: a/b@main # v1.2\n- uses: a/b/c@{commit} # v1.2.3"
    assert pins(text) == ["a/b@v4", f"a/b@{commit}", "a/b@main # v1.2"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_caches_are_restored_on_their_exact_key_unless_addressed_by_content(name: str):
    assert loose_caches(WORKFLOWS[name]) == []


def test_loose_caches_are_seen():
    cache = {
        "uses": "actions/cache@x",
        "name": "kept",
        "with": {"key": "a-${{ hashFiles('b') }}", "restore-keys": "a-"},
    }
    store = {"path": "_build/executed", "key": "a-${{ hashFiles('b') }}"}
    pages_of_any_python, good = (
        {"uses": "actions/cache@x", "name": "pages", "with": {**store, "restore-keys": prefix}}
        for prefix in ("executed-", "executed-python3.12-")
    )
    fixed = {"uses": "actions/cache/restore@x", "name": "fixed", "with": {"key": "a"}}
    pip = {"uses": "actions/setup-python@x", "with": {"cache": "pip"}}
    workflow = {"jobs": {"job": {"steps": [cache, pages_of_any_python, good, fixed, pip]}}}
    assert loose_caches(workflow) == ["job: kept", "job: pages", "job: fixed", "job: actions/setup-python"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_job_has_only_the_rights_that_it_needs(name: str):
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {}
    for job, content in workflow["jobs"].items():
        assert writes(content["permissions"]) == WRITERS.get((name, job), set()), job


def test_no_checkout_keeps_the_token():
    kept = [
        f"{name}: {job}"
        for name, workflow in WORKFLOWS.items()
        for job, step in steps(workflow)
        if "actions/checkout@" in step.get("uses", "") and step.get("with", {}).get("persist-credentials") is not False
    ]
    assert kept == []


def test_only_a_push_to_main_publishes():
    jobs = WORKFLOWS["ci.yml"]["jobs"]
    for name in ("deploy", "notebooks"):
        assert jobs[name]["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
        assert set(jobs[name]["needs"]) == {"check", "test", "versions", "book"}


def test_the_report_waits_for_all_weekly_jobs():
    jobs = WORKFLOWS["weekly.yml"]["jobs"]
    assert set(jobs["report"]["needs"]) == set(jobs) - {"report"}


def test_all_supported_pythons_are_tested_on_a_push():
    jobs = WORKFLOWS["ci.yml"]["jobs"]
    pythons = set(jobs["test"]["strategy"]["matrix"]["python"])
    pythons |= {
        step["with"]["python-version"] for step in jobs["book"]["steps"] if "setup-python" in step.get("uses", "")
    }
    assert pythons == {"3.11", "3.12", "3.13"}


def test_each_file_of_versions_is_tested_on_a_push_and_in_the_week():
    files = {path.stem for path in (ROOT / "tests/versions").glob("*.txt")}
    assert files == {"lowest", "colab"}
    for name, job in (("ci.yml", "versions"), ("weekly.yml", "notebooks")):
        rows = WORKFLOWS[name]["jobs"][job]["strategy"]["matrix"]["include"]
        assert {row["versions"]: row["python"] for row in rows} == {"lowest": "3.11", "colab": "3.12"}, name


def test_make_targets_modules_and_paths_of_the_workflows_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b", commands()))
    assert {"check", "book", "test"} <= targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    modules = set(re.findall(r"python -m ([\w.]+)", commands()))
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []
    paths = re.findall(r"(?<![\w/])(tests/\w+|\.github/scripts/[\w-]+(?:\.py)?)", commands())
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_links_in_the_markdown_files_lead_to_files_and_headings():
    done = run(TOOLS / "lychee", "--offline", "--no-progress", "--include-fragments", "*.md", "docs/**/*.md", cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 OK" not in done.stdout


@pytest.mark.parametrize("script", [".ci/run", ".github/scripts/publish-notebooks"])
def test_script_can_be_executed_and_stops_at_the_first_error(script: str):
    path = ROOT / script
    assert os.access(path, os.X_OK)
    assert "set -euo pipefail" in path.read_text("utf-8")
    assert run("bash", "-n", path).stderr == ""


@pytest.mark.parametrize("name", PUBLIC_FILES)
def test_public_address_is_that_of_the_configuration(name: str):
    public = configuration()["repository"]["url"]
    owner, repository = public.split("/")[-2:]
    text = (ROOT / name).read_text("utf-8")
    addresses = re.findall(
        rf"https://github\.com/[\w-]+/{repository}\b|https://[\w-]+\.github\.io/{repository}\b", text
    )
    assert addresses
    assert set(addresses) <= {public, f"https://{owner}.github.io/{repository}"}


def test_binder_starts_with_the_memory_settings_of_the_build(tmp_path):
    name = "TF_ONEDNN_USE_SYSTEM_ALLOCATOR"
    started = run(ROOT / ".binder/start", "sh", "-c", f"echo $1 ${name}", "sh", "two words", cwd=tmp_path)
    assert started.stdout == f"two words {kernel_environment(tmp_path)[name]}\n"


def test_binder_installs_the_package_on_a_supported_python():
    (requirement,) = [
        line for line in (ROOT / ".binder/requirements.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert requirement.startswith("deepmedia[cpu] @ https://")
    assert (ROOT / ".binder/runtime.txt").read_text().strip() in {"python-3.11", "python-3.12", "python-3.13"}


def test_citation_names_the_version_of_the_package():
    assert str(yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"]) == deepmedia.__version__


@pytest.fixture
def checkout(tmp_path):
    """A small checkout with one commit, and an empty bare repository to publish to."""
    folder, remote = tmp_path / "checkout", tmp_path / "remote.git"
    run("git", "init", "-q", "--bare", remote)
    files = {".binder/requirements.txt": "deepmedia[cpu] @ https://old\n", ".binder/runtime.txt": "python-3.12\n"}
    files |= {"LICENSE": "MIT", "LICENSE-CONTENT": "CC BY", "code/deepmedia/__init__.py": "", "page.md": "1"}
    files |= {"notebooks/cnn/page.ipynb": "{}"}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    run("git", "init", "-q", folder)
    commit(folder)
    return folder, remote


def commit(folder: Path) -> str:
    """Commit all and return the commit."""
    run("git", "add", "--all", cwd=folder)
    done = run("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Change", cwd=folder)
    assert done.returncode == 0, done.stderr
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


def publish(folder: Path, remote: Path, notebooks: str = "notebooks") -> subprocess.CompletedProcess[str]:
    return run(GITHUB / "scripts/publish-notebooks", notebooks, remote, cwd=folder)


def test_notebooks_are_published_as_one_commit_that_names_its_source(checkout):
    folder, remote = checkout
    package = run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()  # the commit that last changed it
    assert publish(folder, remote).returncode == 0
    (folder / "notebooks/cnn/page.ipynb").write_text('{"cells": []}')
    second = commit(folder)
    assert publish(folder, remote).returncode == 0
    log = run("git", "log", "--format=%s", NOTEBOOKS_BRANCH, cwd=remote).stdout
    assert log == f"Notebooks of {second}\n"
    files = run("git", "ls-tree", "-r", "--name-only", NOTEBOOKS_BRANCH, cwd=remote).stdout.split()
    assert set(files) >= {"cnn/page.ipynb", ".binder/requirements.txt", ".binder/runtime.txt", "LICENSE", "README.md"}
    shown = run("git", "show", f"{NOTEBOOKS_BRANCH}:.binder/requirements.txt", cwd=remote).stdout
    assert shown == f"deepmedia[cpu] @ {remote}/archive/{package}.tar.gz\n"


def test_nothing_is_pushed_when_neither_notebooks_nor_package_changed(checkout):
    folder, remote = checkout
    publish(folder, remote)
    before = run("git", "rev-parse", NOTEBOOKS_BRANCH, cwd=remote).stdout
    (folder / "page.md").write_text("2")
    commit(folder)
    assert "already" in publish(folder, remote).stdout
    assert run("git", "rev-parse", NOTEBOOKS_BRANCH, cwd=remote).stdout == before


def test_an_empty_folder_is_not_published(checkout):
    folder, remote = checkout
    done = publish(folder, remote, notebooks=".binder")
    assert done.returncode == 1
    assert "make book" in done.stderr


@pytest.mark.parametrize(
    ("open_issues", "expected"),
    [
        ([], "issue create --title The weekly run failed"),
        ([{"number": 7, "title": "The weekly run failed"}, {"number": 3, "title": "Other"}], "issue comment 7"),
    ],
    ids=["none is open", "one is open"],
)
def test_a_failure_opens_one_issue_or_adds_to_it(tmp_path, open_issues: list[dict], expected: str):
    log = tmp_path / "log"
    program = tmp_path / "gh"
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\n[ "$2" != list ] || echo \'{json.dumps(open_issues)}\'\n')
    program.chmod(0o755)
    results = json.dumps(
        {"links": {"result": "failure"}, "book": {"result": "success"}, "colab": {"result": "cancelled"}}
    )
    settings = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "RESULTS": results,
        "RUN": "https://example.org/1",
    }
    done = run(sys.executable, GITHUB / "scripts/report_failure.py", env=settings)
    assert done.returncode == 0, done.stderr
    listing, change = log.read_text().split("issue ")[1:3]
    assert listing.startswith("list --state open")
    assert f"issue {change}".startswith(expected)
    assert "Failed: links, colab, in https://example.org/1" in change


def test_the_weekly_run_sweeps_every_page_with_code():
    swept = WORKFLOWS["weekly.yml"]["jobs"]["sweep"]["strategy"]["matrix"]["page"]
    assert swept == [page.docname for page in pages() if page.is_notebook]
