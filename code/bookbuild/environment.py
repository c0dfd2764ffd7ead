"""Make `.venv`, the one environment that builds and tests the book.

Run by `make` with any Python from 3.11 to 3.13 and nothing installed, so this
module imports only the standard library. It does nothing when `.venv` already
holds what the lock says.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.txt"
STAMP = VENV / "installed.txt"
OLDEST, NEWEST = (3, 11), (3, 13)  # 3.14 has no stable TensorFlow wheel
DISK_BYTES = 3_300_000_000  # measured: 3.0 GB, with bytecode


class EnvironmentProblem(Exception):
    """Something outside the checkout stands in the way; the text says what to do."""


def check_python(version: tuple[int, int]) -> None:
    """Refuse a Python that the lock has no TensorFlow for."""
    if not OLDEST <= version <= NEWEST:
        age = "too old" if version < OLDEST else "too new"
        raise EnvironmentProblem(
            f"Python {version[0]}.{version[1]} is {age}: the book needs 3.11, 3.12 or 3.13.\n"
            "Install one of them, then name it: make book PYTHON=python3.12"
        )


def check_disk(folder: Path, *, needed: int = DISK_BYTES) -> None:
    """Refuse to start an install that the disk can't hold."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise EnvironmentProblem(
            f"{folder} has {free / 1e9:.1f} GB free, the environment needs {needed / 1e9:.1f} GB.\n"
            "Free some space, or clone the book on a larger disk."
        )


def lock_entry(lock: str, name: str) -> str:
    """The lines of one package in the lock, with its hashes, for pip."""
    found = re.search(rf"^{re.escape(name)}==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if not found:
        raise EnvironmentProblem(f"{LOCK.name} does not list {name}; run: make lock")
    lines = [line for line in found.group().splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def wanted() -> str:
    """What the stamp must say for the environment to be current."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return f"{sys.version_info[0]}.{sys.version_info[1]} {digest.hexdigest()}\n"


def run(command: list[str | Path], **environment: str) -> bool:
    """Run a command with its output shown; say whether it succeeded."""
    print("+", " ".join(str(part) for part in command), flush=True)
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode == 0


def install() -> None:
    """Install the lock with uv, or with pip where uv can't reach the registry."""
    python = VENV / "bin" / "python"
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--require-hashes"]
    uv_only = VENV / "uv.txt"
    uv_only.write_text(lock_entry(LOCK.read_text(), "uv"))
    unreachable = EnvironmentProblem(
        "The package registry did not answer, or it lacks a locked package: the lines above say which.\n"
        "Check the network (and PIP_INDEX_URL, if you use a mirror), then run the same command again;\n"
        "what was installed so far is kept."
    )
    if not run([*pip, "-r", uv_only]):
        raise unreachable
    uv: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", python]
    # uv reads no pip configuration, so a mirror that only pip knows needs pip.
    with_uv = run([*uv, "--require-hashes", "--compile-bytecode", "-r", LOCK], UV_PYTHON_DOWNLOADS="never")
    if not with_uv and not run([*pip, "-r", LOCK]):
        raise unreachable
    if not run([*uv, "--offline", "--no-deps", "--no-build-isolation", "--editable", ROOT]):
        raise EnvironmentProblem("The checkout itself could not be installed: the lines above say why.")


def main() -> int:
    """Bring `.venv` up to date; 0 on success, 1 with a plain reason otherwise."""
    try:
        check_python(sys.version_info[:2])
        if STAMP.is_file() and STAMP.read_text() == wanted():
            return 0
        VENV.parent.mkdir(exist_ok=True)
        check_disk(ROOT)
        print(f"Setting up .venv with Python {sys.version.split()[0]}: about a minute, 3 GB.", flush=True)
        STAMP.unlink(missing_ok=True)
        same_python = VENV.is_dir() and (VENV / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}").exists()
        try:
            venv.create(VENV, with_pip=True, clear=not same_python, symlinks=True)
        except subprocess.CalledProcessError as error:
            raise EnvironmentProblem(
                "This Python can't make virtual environments (Debian keeps that apart):\n"
                "apt install python3-venv, or choose another Python with PYTHON=..."
            ) from error
        install()
        STAMP.write_text(wanted())
    except EnvironmentProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
