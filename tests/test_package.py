"""The wheel that readers install: what it holds, how large it is, what it requires."""

import ast
import email
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from bookbuild.environment import NEWEST, OLDEST
from bookbuild.pages import ROOT

MEGABYTES = 40  # of the unpacked wheel
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


OURS = {"deepmedia", "bookbuild", "studies", "tests"}
# What the package imports without declaring it, and why that is no lack.
BROUGHT = {
    "IPython": "only where a notebook runs, which has it",
    "myst_nb": "only where the book is built, else glue does nothing",
    "cycler": "Matplotlib's own, and part of its interface",
}


def imported(folder: Path) -> dict[str, Path]:
    """The libraries that the modules of a folder import anywhere, each with one that does."""
    found = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            found |= {name.partition(".")[0]: path for name in names}
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | OURS}


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def declared(*groups: str) -> set[str]:
    """The distributions that pyproject.toml names for readers, and in those groups."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    parts = [settings["project"]["dependencies"], *settings["project"]["optional-dependencies"].values()]
    parts += [settings["dependency-groups"][group] for group in groups]
    rows = [row for part in parts for row in part if isinstance(row, str)]  # a table includes another group
    return {canonical(Requirement(row).name) for row in rows}


def undeclared(modules: dict[str, Path], names: set[str]) -> list[str]:
    distributions = packages_distributions()
    return [
        f"{module} (in {path.relative_to(ROOT)})"
        for module, path in modules.items()
        if names.isdisjoint(map(canonical, distributions.get(module, [])))
    ]


def test_what_the_package_imports_is_declared_for_its_readers():
    modules = imported(PACKAGE)
    assert undeclared({module: path for module, path in modules.items() if module not in BROUGHT}, declared()) == []
    assert set(BROUGHT) <= set(modules)


def test_what_build_studies_and_tests_import_is_declared():
    modules = imported(ROOT / "code") | imported(ROOT / "tests")
    modules = {module: path for module, path in modules.items() if module not in {"cycler"}}
    assert undeclared(modules, declared("book", "test", "check")) == []
    extensions = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["extra_extensions"]
    foreign = [name for name in extensions if name.partition(".")[0] not in OURS]
    assert "sphinx_design" in foreign
    assert undeclared(dict.fromkeys(foreign, ROOT / "_config.yml"), declared("book")) == []


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ("", []),
        ("UPGRADE=keras", ["--upgrade-package keras"]),
        ("UPGRADE=keras numpy", ["--upgrade-package keras", "--upgrade-package numpy"]),
        ("UPGRADE=all", ["--upgrade "]),
    ],
)
def test_the_lock_keeps_versions_that_are_not_named(given, options):
    command = ["make", "--dry-run", "lock", *filter(None, [given])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.replace("\\\n", " ").splitlines() if "uv pip compile" in line]
    assert line.count("--upgrade") == len(options)
    assert all(option in line for option in options)
    assert line.rstrip().endswith("--output-file requirements.txt")  # uv keeps the versions that this file names
