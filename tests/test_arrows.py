"""Imports run one way: pages and studies → deepmedia ← bookbuild. ARCHITECTURE.md draws the arrows."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from bookbuild.pages import BOOK, ROOT, read_notebook

CODE = ROOT / "code"
ROOMS = {"bookbuild", "deepmedia", "studies", "tests"}
PARTS = {"datasets", "fundamentals", "cnn", "faces", "detection", "video"}
MAY_USE_CNN = {"faces", "detection", "video"}
SHARED = {"drawing", "lessons", "source", "studies", "training"}  # folders that are no part
INIT = ([], ["__init__"])  # how the name of a module or of a package ends
MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)  # lines of a cell that are not Python
SOURCES = sorted(CODE.rglob("*.py"))
PAGES = [path for path in sorted(BOOK.rglob("*.md")) if read_notebook(path) is not None]


def name_of(path: Path, code: Path = CODE) -> str:
    """The dotted name of a module; a package's `__init__` keeps that name."""
    return ".".join(path.relative_to(code).with_suffix("").parts)


def imports(source: str, module: str) -> Iterator[str]:
    """What a module imports, each with its full dotted name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, node.module] if node.module else package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def part_of(name: str) -> str | None:
    """The part of the package that a module or a lesson belongs to; None for what all parts share."""
    names = [each for each in name.split(".") if each != "lessons"]
    return names[1] if names[0] == "deepmedia" and len(names) > 1 and names[1] in PARTS else None


def lesson_of(name: str) -> str | None:
    """Part and page of a lesson, "judging" for what lessons share; None for the library."""
    names = name.split(".")
    if names[:2] != ["deepmedia", "lessons"]:
        return None
    return "judging" if names[2:3] == ["judging"] else ".".join(names[2:4])


def is_allowed(importer: str, imported: str) -> bool:
    """Whether an arrow may lead from one module to the other; a page's name starts with "page"."""
    room, target = importer.split(".")[0], imported.split(".")[0]
    if target not in ROOMS:
        return True  # another project's package
    if room == "bookbuild":
        return target == "bookbuild" or f"{imported}.".startswith(("deepmedia.datasets.", "deepmedia.claims."))
    if room == "studies":
        return target in {"studies", "deepmedia"} or f"{imported}.".startswith("bookbuild.browser.")
    if room == "page":
        return target == "deepmedia"
    lesson, other_lesson = lesson_of(importer), lesson_of(imported)
    if other_lesson is not None and (lesson is None or other_lesson not in {lesson, "judging"}):
        return False
    part, other = part_of(importer), part_of(imported)
    return target == "deepmedia" and (other in {None, part, "datasets"} or (other == "cnn" and part in MAY_USE_CNN))


def wrong_arrows(source: str, module: str) -> list[str]:
    """The imports of a module that run against the arrows."""
    return [f"{module} imports {name}" for name in imports(source, module) if not is_allowed(module, name)]


def circle(sources: dict[str, str]) -> list[str]:
    """Modules that import one another, if only for types: the way round, or nothing."""
    graph = {}
    for module, source in sources.items():
        wanted = [name.split(".") for name in imports(source, module)]
        beginnings = {
            ".".join([*name[:end], *last]) for name in wanted for end in range(len(name) + 1) for last in INIT
        }
        graph[module] = beginnings & sources.keys() - {module, *packages_of(module)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def packages_of(module: str) -> set[str]:
    """The packages that a module lies in: importing it runs them, so that is no circle of its own."""
    names = module.split(".")
    return {".".join([*names[:end], "__init__"]) for end in range(1, len(names))}


def code_of(page: Path) -> str:
    """The code cells of a page as one source."""
    notebook = read_notebook(page)
    assert notebook is not None
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def wrong_uses(source: str, page: str, others: set[str]) -> list[str]:
    """Where the code of a page imports what it may not, or runs another page."""
    python = MAGIC.sub(r"\1pass", source)
    found = wrong_arrows(python, f"page.{page}")
    found += [f"imports the page {name}" for name in imports(python, "page") if name.split(".")[0] in others]
    return found + [f"runs {line}" for line in re.findall(r"^\s*(%run .*)", source, re.MULTILINE)]


def loose_ends(path: str, source: str) -> list[str]:
    """What a file lacks or has too much of, apart from its imports."""
    found = []
    if ast.get_docstring(ast.parse(source)) is None:
        found.append("no docstring")
    if re.search(r"\bsys\.path\b|\bsite\.addsitedir\b", source):
        found.append("changes where Python looks for modules")
    if re.search(r"(^|/)(utils?|helpers?|common|misc)(\.py|/)", path):
        found.append("a name that says nothing")
    return [f"{path}: {problem}" for problem in found]


def public_names(source: str) -> set[str]:
    """The functions, classes and types that a module defines for others."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_") and not name.isupper()} - {"main"}


def names_of_two_things(sources: dict[str, str]) -> dict[str, list[str]]:
    """Public names that two modules define, each its own way."""
    homes: dict[str, list[str]] = {}
    for module, source in sources.items():
        for name in public_names(source):
            homes.setdefault(name, []).append(module)
    return {name: modules for name, modules in homes.items() if len(modules) > 1}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_module_imports_along_the_arrows(path: Path):
    assert wrong_arrows(path.read_text("utf-8"), name_of(path)) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_module_has_a_docstring_a_name_and_no_path_of_its_own(path: Path):
    assert loose_ends(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) == []


def test_no_modules_import_one_another():
    assert circle({name_of(path): path.read_text("utf-8") for path in SOURCES}) == []


def test_circles_are_seen():
    network, stopping = (
        "from deepmedia.a.stopping import Stop",
        "if TYPE_CHECKING:\n    from deepmedia.a import network",
    )
    outer = {"deepmedia.a.__init__": "from deepmedia.a.network import Net"}
    assert circle(outer | {"deepmedia.a.network": network, "deepmedia.a.stopping": ""}) == []
    found = circle(outer | {"deepmedia.a.network": network, "deepmedia.a.stopping": stopping})
    assert set(found) == {"deepmedia.a.network", "deepmedia.a.stopping"}
    assert circle({"deepmedia.a": "from . import b", "deepmedia.b": "import deepmedia.a"})


def test_a_public_name_of_the_package_means_one_thing():
    package = [path for path in SOURCES if path.is_relative_to(CODE / "deepmedia")]
    assert names_of_two_things({name_of(path): path.read_text("utf-8") for path in package}) == {}


def test_names_of_two_things_are_seen():
    training = "from deepmedia.b import Pair\nRATE = 1\ndef fit(model): ...\ndef _checked(x): ...\ndef main(): ..."
    files = "RATE = 2\nPair = tuple[int, int]\ndef fit(picture): ...\ndef _checked(x): ...\ndef main(): ..."
    assert names_of_two_things({"a": training, "b": files}) == {"fit": ["a", "b"]}
    assert names_of_two_things({"a": "Pair = str", "b": "class Pair: ..."}) == {"Pair": ["a", "b"]}


def test_no_test_changes_where_python_looks_for_modules():
    here = Path(__file__)
    files = [path for path in here.parent.rglob("*.py") if path != here]
    assert files
    assert [path for path in files if "sys.path" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_uses_the_package_and_no_other_page(path: Path):
    source = code_of(path)
    assert any(name.startswith("deepmedia") for name in imports(MAGIC.sub(r"\1pass", source), "page"))
    assert wrong_uses(source, path.stem, {page.stem.replace("-", "_") for page in PAGES}) == []


def test_every_folder_of_the_package_is_known_to_the_arrows():
    folders = {path.parent.name for path in (CODE / "deepmedia").glob("*/__init__.py")}
    assert folders - SHARED <= PARTS


def test_every_lesson_serves_a_page():
    lessons = {
        path.parent.relative_to(CODE / "deepmedia" / "lessons")
        for path in (CODE / "deepmedia").glob("lessons/*/*/__init__.py")
    }
    pages = {path.relative_to(BOOK).with_suffix("") for path in PAGES}
    assert lessons
    assert {lesson.as_posix() for lesson in lessons} <= {page.as_posix().replace("-", "_") for page in pages}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("deepmedia.cnn.resnet", "import bookbuild.pages"),
        ("deepmedia.cnn.resnet", "from studies import first_network"),
        ("deepmedia.cnn.resnet", "from deepmedia.fundamentals import layers"),
        ("deepmedia.cnn.resnet", "from deepmedia import fundamentals"),
        ("deepmedia.cnn.resnet", "from ..fundamentals import layers"),
        ("deepmedia.cnn.resnet", "def late():\n    from deepmedia.faces.facenet import facenet"),
        ("deepmedia.datasets.idx", "from deepmedia.cnn import small_cnn"),
        ("deepmedia.figures", "import deepmedia.detection.boxes"),
        ("deepmedia.video.lstm", "from deepmedia.detection import iou"),
        ("deepmedia.cnn.resnet", "from deepmedia.lessons.cnn.resnet import experiment"),
        ("deepmedia.figures", "from deepmedia.lessons.judging import Verdict"),
        ("deepmedia.lessons.cnn.resnet.experiment", "from deepmedia.lessons.cnn.inception.figures import draw"),
        ("deepmedia.lessons.cnn.resnet.experiment", "from deepmedia.fundamentals import layers"),
        ("bookbuild.execute", "from deepmedia.cnn import small_cnn"),
        ("bookbuild.execute", "import deepmedia"),
        ("bookbuild.execute", "import studies.first_network"),
        ("studies.first_network", "from bookbuild import pages"),
        ("page.resnet", "from bookbuild.pages import ROOT"),
        ("page.resnet", "import studies"),
        ("page.resnet", "from tests.deepmedia import cases"),
    ],
)
def test_wrong_arrows_are_seen(module: str, source: str):
    assert len(wrong_arrows(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("deepmedia.cnn.resnet", "import keras\nfrom deepmedia.datasets import fetch\nfrom deepmedia import figures"),
        ("deepmedia.cnn.resnet", "from .first_network import fit\nfrom ..datasets.idx import read_idx"),
        ("deepmedia.faces.facenet", "from deepmedia.cnn import inception_resnet_v1"),
        ("deepmedia.lessons.cnn.resnet.figures", "from deepmedia.lessons.cnn.resnet.experiment import run"),
        ("deepmedia.lessons.cnn.resnet.exercises", "from deepmedia.lessons.judging import Verdict"),
        (
            "deepmedia.lessons.cnn.resnet.experiment",
            "from deepmedia.cnn import fit\nfrom deepmedia.training import tracing",
        ),
        ("page.resnet", "from deepmedia.lessons.cnn.resnet.experiment import run"),
        ("bookbuild.fingerprint", "from deepmedia import datasets\nfrom bookbuild.pages import ROOT"),
        ("studies.first_network", "from deepmedia.cnn import fit\nfrom studies.packaged_files import write"),
        ("studies.make_cover", "from bookbuild.browser import find_browser"),
        ("page.resnet", "from deepmedia import glue\nfrom deepmedia.studies import load\nimport numpy"),
    ],
)
def test_right_arrows_are_allowed(module: str, source: str):
    assert wrong_arrows(source, module) == []


@pytest.mark.parametrize(
    "source", ["import first_network", "from first_network import fit", "%run first-network.ipynb", "import bookbuild"]
)
def test_wrong_uses_by_a_page_are_seen(source: str):
    assert len(wrong_uses(f"%matplotlib inline\nif True:\n    !ls\n{source}", "resnet", {"first_network"})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("code/deepmedia/cnn/resnet.py", "x = 1"),
        ("code/deepmedia/cnn/resnet.py", '"""Nets."""\nimport sys\nsys.path.append("..")'),
        ("code/deepmedia/cnn/utils.py", '"""Nets."""'),
        ("code/deepmedia/helpers/boxes.py", '"""Nets."""'),
    ],
)
def test_loose_ends_are_seen(path: str, source: str):
    assert len(loose_ends(path, source)) == 1
