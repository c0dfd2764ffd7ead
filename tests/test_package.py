"""The wheel that readers install: what it holds, how large it is, what it requires."""

import email
import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from bookbuild.environment import NEWEST, OLDEST
from bookbuild.pages import ROOT

MEGABYTES = 30  # of the unpacked wheel
PACKAGE = ROOT / "code/deepmedia"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of this checkout, open."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel):
    """The wheel's own description."""
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(wheel.read(name))


def pins(name: str) -> dict[str, Version]:
    """The versions of a file in tests/versions."""
    lines = (ROOT / "tests/versions" / f"{name}.txt").read_text("utf-8").splitlines()
    rows = [line.split("==") for line in lines if not line.startswith("#")]
    return {package: Version(version) for package, version in rows}


def requirements(metadata) -> list[Requirement]:
    return [Requirement(line) for line in metadata.get_all("Requires-Dist")]


def always_required(requirement: Requirement) -> bool:
    """Whether a reader gets it without asking for an extra."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def pinned(found: list[Requirement]) -> list[str]:
    """Requirements that allow one version only; Colab's own versions could not meet them."""
    return [str(one) for one in found if any(bound.operator in {"==", "===", "~="} for bound in one.specifier)]


def test_wheel_holds_every_file_of_the_package(wheel):
    there = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"deepmedia/datasets/files/LICENCES.md", "deepmedia/studies/first_network.json"} <= there
    assert there - set(wheel.namelist()) == set()


def test_wheel_holds_nothing_but_the_package(wheel):
    folders = {name.split("/")[0] for name in wheel.namelist()}
    described = [folder for folder in folders if folder.endswith(".dist-info")]
    assert folders == {"deepmedia", *described}
    assert len(described) == 1
    assert [name for name in wheel.namelist() if "bookbuild" in name or name.endswith((".pyc", ".part"))] == []


def test_wheel_is_small(wheel):
    assert sum(entry.file_size for entry in wheel.infolist()) <= MEGABYTES * 1e6


def test_wheel_carries_both_licences(wheel):
    for name in ("LICENSE", "LICENSE-CONTENT"):
        (path,) = [entry for entry in wheel.namelist() if entry.endswith(f".dist-info/licenses/{name}")]
        assert wheel.read(path) == (ROOT / name).read_bytes()
    assert "Attribution 4.0 International" in (ROOT / "LICENSE-CONTENT").read_text("utf-8")
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("MIT License")


def test_no_requirement_is_pinned(metadata):
    assert len(requirements(metadata)) > 5
    assert pinned(requirements(metadata)) == []


def test_pins_are_seen():
    assert pinned([Requirement("numpy==2.0"), Requirement("scipy>=1"), Requirement("keras~=3.1")]) == [
        "numpy==2.0",
        "keras~=3.1",
    ]


def test_tensorflow_comes_through_an_extra_only(metadata):
    names = {one.name for one in requirements(metadata) if always_required(one)}
    assert "numpy" in names
    assert [name for name in names if name.startswith("tensorflow")] == []
    for extra in ("tensorflow", "cpu"):
        brought = {
            one.name for one in requirements(metadata) if one.marker and one.marker.evaluate({"extra": extra})
        } - names
        assert brought & {"tensorflow", "tensorflow-cpu"}, extra


def test_package_takes_the_pythons_that_the_book_is_built_with(metadata):
    assert metadata["Requires-Python"].replace(" ", "") == f"<3.{NEWEST[1] + 1},>=3.{OLDEST[1]}"


def test_readme_is_the_description(metadata):
    assert metadata.get_payload(decode=True).decode().strip() == (ROOT / "README.md").read_text("utf-8").strip()


def test_the_lowest_versions_are_the_lower_bounds(metadata):
    lowest, bounds = pins("lowest"), {}
    for requirement in requirements(metadata):
        (bound,) = [Version(each.version) for each in requirement.specifier if each.operator == ">="]
        assert bounds.setdefault(requirement.name, bound) == bound
    assert set(lowest) == set(bounds)
    for name, bound in bounds.items():  # the first release of a bound such as 4.13 may be 4.13.0.90
        assert lowest[name].release[: len(bound.release)] == bound.release, name


@pytest.mark.parametrize("name", ["lowest", "colab"])
def test_each_file_of_versions_names_all_requirements_and_fits_them(metadata, name):
    versions = pins(name)
    assert set(versions) - {"ipython"} == {requirement.name for requirement in requirements(metadata)}
    outside = [str(each) for each in requirements(metadata) if versions[each.name] not in each.specifier]
    assert outside == []
