"""Repeat a study and write its result: python -m studies NAME.

With --compare, the committed result stays; the new one goes to _build/studies, and where
it differs by more than the study allows, a list says so and the exit status is 1.

A study is a module here with `QUESTION`, `SEEDS`, `TOLERANCES` (column -> how far a repeated
number may lie from the committed one) and `run() -> list[dict]`.
"""

import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import studies
from studies.comparison import differences

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "code" / "deepmedia" / "studies"
REPEATED = ROOT / "_build" / "studies"  # what --compare writes
VERSIONS = ("deepmedia", "keras", "numpy", "scikit-learn", "tensorflow", "tensorflow-cpu")


def names() -> list[str]:
    """The studies that there are."""
    modules = [module.name for module in pkgutil.iter_modules(studies.__path__) if module.name != "__main__"]
    return [name for name in modules if hasattr(importlib.import_module(f"studies.{name}"), "QUESTION")]


def commit() -> str:
    """The checkout's commit, marked when the working tree differs from it in more than other studies' results."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--", ":/", ":(exclude,top)code/deepmedia/studies")
    return f"{head or 'unknown'}{'-dirty' if changed else ''}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def machine() -> str:
    """Processor and cores, without a name that would tell whose machine it is."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def installed() -> dict[str, str]:
    """Versions of what the result depends on."""
    found = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def repeat(name: str, folder: Path | None = None) -> Path:
    """Run a study and write its result through a temporary name, among the committed ones if no folder is named."""
    study = importlib.import_module(f"studies.{name}")
    state, started = commit(), time.monotonic()
    rows = study.run()
    result = {
        "question": study.QUESTION,
        "command": f"make study NAME={name}",
        "commit": state,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": installed(),
        "seeds": list(study.SEEDS),
        "seconds": round(time.monotonic() - started),
        "rows": rows,
    }
    path = (folder or RESULTS) / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    part.replace(path)
    return path


def compare(name: str) -> list[str]:
    """Run a study again and say where it differs from its committed result."""
    committed = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    repeated = json.loads(repeat(name, REPEATED).read_text("utf-8"))
    found = differences(committed["rows"], repeated["rows"], importlib.import_module(f"studies.{name}").TOLERANCES)
    verdict = f"{len(found)} differences from" if found else "agrees with"
    print(f"{name}: {verdict} the result of {committed['date']} ({committed['commit']})", *found, sep="\n  ")
    return found


def main() -> int:
    """Run the studies that are named, or all with --all; with --compare, against their committed results."""
    known, arguments = names(), [argument for argument in sys.argv[1:] if argument != "--compare"]
    chosen = known if arguments == ["--all"] else arguments
    if not chosen or not set(chosen) <= set(known):
        print(f"Name a study, as in make study NAME={known[0]}; the studies are: {', '.join(known)}", file=sys.stderr)
        return 2
    if "--compare" in sys.argv[1:]:
        found = [compare(name) for name in chosen]
        return int(any(found))
    for name in chosen:
        print(f"wrote {repeat(name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
