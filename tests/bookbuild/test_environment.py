import shutil
from collections import namedtuple

import pytest

from bookbuild import environment

LOCK = """\
# made by a command
pip==26.2 \\
    --hash=sha256:aaaa
uv==0.13.9 \\
    --hash=sha256:bbbb \\
    --hash=sha256:cccc
    # via deepmedia
uvloop==1.0 \\
    --hash=sha256:dddd
"""


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_the_pythons_of_the_lock_are_accepted(version):
    environment.check_python(version)


@pytest.mark.parametrize(("version", "age"), [((3, 10), "too old"), ((2, 7), "too old"), ((3, 14), "too new")])
def test_other_pythons_are_refused_with_a_way_out(version, age):
    with pytest.raises(environment.EnvironmentProblem, match=rf"{age}: the book needs 3\.11(.|\n)*PYTHON=python3\.12"):
        environment.check_python(version)


def test_a_full_disk_is_told_before_the_install(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10e9, 9e9, 1e9))
    with pytest.raises(environment.EnvironmentProblem, match=r"has 1\.0 GB free, the environment needs 3\.3 GB"):
        environment.check_disk(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10e9, 2e9, 8e9))
    environment.check_disk(tmp_path)


def test_one_package_of_the_lock_comes_with_all_its_hashes():
    assert environment.lock_entry(LOCK, "uv") == "uv==0.13.9 \\\n    --hash=sha256:bbbb \\\n    --hash=sha256:cccc\n"


def test_a_package_that_the_lock_lacks_is_told():
    with pytest.raises(environment.EnvironmentProblem, match="does not list ruff; run: make lock"):
        environment.lock_entry(LOCK, "ruff")


def test_an_unreachable_registry_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "run", lambda command, **_: False)
    with pytest.raises(environment.EnvironmentProblem, match="registry did not answer"):
        environment.install()


def test_pip_takes_over_where_uv_fails(tmp_path, monkeypatch):
    calls = []

    def run(command, **_):
        calls.append([str(part) for part in command])
        return not (calls[-1][0].endswith("/uv") and "--require-hashes" in calls[-1])

    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "run", run)
    environment.install()
    tools = ["uv" if call[0].endswith("/uv") else "pip" for call in calls]
    assert tools == ["pip", "uv", "pip", "uv"]  # uv itself, the lock twice, the checkout
    assert calls[2][-1] == str(environment.LOCK)


def test_a_current_environment_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    (tmp_path / "stamp").write_text(environment.wanted())
    monkeypatch.setattr(environment, "install", lambda: pytest.fail("installed again"))
    assert environment.main() == 0
