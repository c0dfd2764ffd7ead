from dataclasses import replace

import nbformat
import pytest

from bookbuild import fingerprint, imports
from bookbuild.pages import ROOT, pages, read_notebook


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout in small: two parts, each with two modules, one of them using the data layer."""
    files = {
        "pyproject.toml": '[project]\ndependencies = ["numpy>=2.0"]\n',
        "requirements.txt": (
            "blas==1\n    # via numpy\nmyst-nb==1.4\n    # via jupyter-book\nnumpy==2.4.6 \\\n    --hash=sha256:0\n"
            "    # via\n    #   deepmedia (pyproject.toml)\n    #   keras\n"
            "ruff==0.9\n    # via deepmedia (pyproject.toml:dev)\n"
        ),
        "code/deepmedia/__init__.py": "from deepmedia.gluing import glue\n",
        "code/deepmedia/gluing.py": "def glue(): ...\n",
        "code/deepmedia/splits.py": "import numpy\n",
        "code/deepmedia/cnn/__init__.py": (
            "from deepmedia.cnn.resnet import resnet50\nfrom deepmedia.cnn.plain import plain\n"
        ),
        "code/deepmedia/cnn/resnet.py": "from deepmedia.splits import split\n",
        "code/deepmedia/cnn/plain.py": "import keras\n",
        "code/deepmedia/studies/__init__.py": "import json\n",
        "code/deepmedia/studies/depth.json": "{}",
        "code/deepmedia/studies/width.json": "{}",
        "code/deepmedia/datasets/__init__.py": "from deepmedia.datasets.fashion import fashion_mnist\n",
        "code/deepmedia/datasets/fashion.py": (
            "from deepmedia.datasets.registry import REGISTRY\nname = f'fashion-mnist/{REGISTRY}'\n"
        ),
        "code/deepmedia/datasets/registry.py": "REGISTRY = {'fashion-mnist/train.gz': 1, 'videos/bunny.mp4': 2}\n",
        "code/deepmedia/datasets/files/fashion-mnist/train.gz": "photos",
        "code/deepmedia/datasets/files/videos/bunny.mp4": "frames",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "_tier", lambda folder: "built-in")
    return tmp_path


def notebook(*sources, tags=()):
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), *cells])


def change(path, text="changed = 1\n"):
    path.write_text(path.read_text() + text)


def test_a_name_from_a_package_is_followed_to_its_own_module_only(root):
    used = imports.modules_used(["from deepmedia.cnn import resnet50"], root / "code")
    assert set(used) == {"deepmedia.cnn.resnet", "deepmedia.splits"}


def test_importing_a_whole_package_uses_all_that_it_passes_on(root):
    used = imports.modules_used(["import deepmedia.cnn"], root / "code")
    assert set(used) == {"deepmedia.cnn", "deepmedia.cnn.resnet", "deepmedia.cnn.plain", "deepmedia.splits"}


def test_a_name_of_the_root_is_followed_too(root):
    assert set(imports.modules_used(["from deepmedia import glue, splits"], root / "code")) == {
        "deepmedia.gluing",
        "deepmedia.splits",
    }


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("%matplotlib inline\nif True:\n    !ls\nfrom deepmedia import glue", [("deepmedia", "glue")]),
        ("from deepmedia import glue\nt = %timeit -o f()\nf?\nfiles = !ls", [("deepmedia", "glue")]),
        ("%%bash\nfrom deepmedia import glue", []),
        ("%%time\nfrom deepmedia import glue", [("deepmedia", "glue")]),
        ("%%source deepmedia.cnn.resnet\ndef resnet50(): ...", [("deepmedia.cnn.resnet", None)]),
        ("import importlib\nimportlib.import_module('deepmedia.cnn')", [("deepmedia.cnn", None)]),
        ("__import__(name)", [imports.EVERYTHING]),
        ("def f(:", [imports.EVERYTHING]),
        ("import_module('json')", []),
    ],
)
def test_a_cell_may_hold_what_only_ipython_reads(cell, found):
    assert list(imports.cell_imports(cell)) == found


def test_one_cell_that_only_ipython_reads_does_not_hide_the_imports_of_the_others(root):
    used = imports.modules_used(["t = %timeit -o f()", "%%bash\nls", "from deepmedia.cnn import plain"], root / "code")
    assert set(used) == {"deepmedia.cnn.plain"}


def test_a_cell_that_can_not_be_read_uses_the_whole_package(root):
    used = imports.modules_used(["def f(:"], root / "code")
    assert set(used.values()) == set((root / "code").rglob("*.py"))


def test_relative_imports_are_followed(root):
    (root / "code/deepmedia/cnn/plain.py").write_text("from . import resnet\nfrom ..gluing import glue\n")
    used = imports.modules_used(["from deepmedia.cnn import plain"], root / "code")
    assert set(used) == {"deepmedia.cnn.plain", "deepmedia.cnn.resnet", "deepmedia.splits", "deepmedia.gluing"}


@pytest.mark.parametrize("file", ["code/deepmedia/cnn/resnet.py", "code/deepmedia/splits.py"])
def test_the_key_changes_with_what_the_page_uses(root, file):
    page = notebook("from deepmedia.cnn.resnet import resnet50")
    before = fingerprint.page_key(page, root=root)
    change(root / file)
    assert fingerprint.page_key(page, root=root) != before


@pytest.mark.parametrize(
    "file",
    [
        "code/deepmedia/cnn/plain.py",
        "code/deepmedia/cnn/__init__.py",
        "code/deepmedia/datasets/files/fashion-mnist/train.gz",
    ],
)
def test_the_key_stays_when_something_else_changes(root, file):
    page = notebook("from deepmedia.cnn.resnet import resnet50")
    before = fingerprint.page_key(page, root=root)
    change(root / file)
    assert fingerprint.page_key(page, root=root) == before


def test_the_key_changes_with_the_data_beside_a_module(root):
    page = notebook("from deepmedia.datasets import fashion_mnist")
    before = fingerprint.page_key(page, root=root)
    change(root / "code/deepmedia/datasets/files/fashion-mnist/train.gz")
    assert fingerprint.page_key(page, root=root) != before


def test_the_key_changes_with_the_data_tier_of_a_page_that_uses_data(root, monkeypatch):
    pages = [notebook("from deepmedia.datasets import fashion_mnist"), notebook("import deepmedia.splits")]
    before = [fingerprint.page_key(page, root=root) for page in pages]
    monkeypatch.setattr(fingerprint, "_tier", lambda folder: "real")
    after = [fingerprint.page_key(page, root=root) for page in pages]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_only_the_study_that_a_page_names_counts(root):
    page = notebook("from deepmedia.studies import load\nload('depth')")
    before = fingerprint.page_key(page, root=root)
    change(root / "code/deepmedia/studies/width.json", " ")
    assert fingerprint.page_key(page, root=root) == before
    change(root / "code/deepmedia/studies/depth.json", " ")
    assert fingerprint.page_key(page, root=root) != before


def test_prose_and_tags_of_looks_do_not_change_the_key_but_code_does(root):
    page = notebook("1 + 1")
    key = fingerprint.page_key(page, root=root)
    page.cells[0].source = "# Another title"
    page.cells[1].metadata = {"tags": ["hide-input"], "mystnb": {"image": {"alt": "new"}}}
    assert fingerprint.page_key(page, root=root) == key
    assert fingerprint.page_key(notebook("1 + 2"), root=root) != key
    assert fingerprint.page_key(notebook("1 + 1", tags=["raises-exception"]), root=root) != key


def test_two_cells_are_not_one(root):
    assert fingerprint.page_key(notebook("a = 1", "b = 2"), root=root) != fingerprint.page_key(
        notebook("a = 1\nb = 2"), root=root
    )


@pytest.mark.parametrize(
    ("package", "counts"), [("numpy==2.4.6", True), ("blas==1", True), ("myst-nb==1.4", True), ("ruff==0.9", False)]
)
def test_versions_count_of_what_a_page_can_feel(root, package, counts):
    page = notebook("1 + 1")
    before = fingerprint.page_key(page, root=root)
    lock = root / "requirements.txt"
    lock.write_text(lock.read_text().replace(package, f"{package}.9"))
    assert (fingerprint.page_key(page, root=root) != before) is counts


def test_comments_docstrings_and_layout_of_a_module_do_not_count(root):
    page = notebook("from deepmedia.cnn.resnet import resnet50")
    before = fingerprint.page_key(page, root=root)
    module = root / "code/deepmedia/cnn/resnet.py"
    module.write_text(
        '"""What it is."""\n\n' + module.read_text().replace("import split", "import (  # why\n    split\n)")
    )
    assert fingerprint.page_key(page, root=root) == before


def test_nothing_in_the_registry_counts_but_the_rows_of_the_data_that_a_page_names(root, monkeypatch):
    page = notebook("from deepmedia.datasets import fashion_mnist")
    row = fingerprint.datasets.REGISTRY["fashion-mnist/train-images-idx3-ubyte.gz"]
    other = fingerprint.datasets.REGISTRY["darknet/dog.jpg"]
    registry = {row.name: row, other.name: other}
    monkeypatch.setattr(fingerprint.datasets, "REGISTRY", registry)
    before = fingerprint.page_key(page, root=root)
    change(root / "code/deepmedia/datasets/registry.py", "# a comment\n")
    registry[other.name] = replace(other, size=1)
    assert fingerprint.page_key(page, root=root) == before
    registry[row.name] = replace(row, sha256="0")
    assert fingerprint.page_key(page, root=root) != before


def test_files_of_data_that_a_page_does_not_name_do_not_count(root):
    page = notebook("from deepmedia.datasets import fashion_mnist")
    before = fingerprint.page_key(page, root=root)
    change(root / "code/deepmedia/datasets/files/videos/bunny.mp4")
    (root / "code/deepmedia/datasets/files/new.bin").write_text("new")
    assert fingerprint.page_key(page, root=root) == before


@pytest.mark.parametrize(("name", "value"), [("CONFIGURATION", "c = None\n"), ("VARIABLES", {"A": "1"})])
def test_the_kernel_counts(root, monkeypatch, name, value):
    before = fingerprint.page_key(notebook("1 + 1"), root=root)
    monkeypatch.setattr(fingerprint, name, value)
    assert fingerprint.page_key(notebook("1 + 1"), root=root) != before


def test_each_file_that_ships_is_named_by_a_module_that_loads_it():
    package = ROOT / "code/deepmedia"
    loaders = {*(package / "datasets").glob("*.py"), package / "faces/trained.py", package / "detection/trained.py"}
    modules = [path for path in loaders if path.name not in {"registry.py", "__init__.py"}]
    named = fingerprint.words(modules, [])
    files = [path for path in (ROOT / "code/deepmedia/datasets/files").glob("*/*") if path.is_file()]
    assert len(files) > 10
    assert set(files) <= set(fingerprint.data_used(modules, named))


def test_weights_that_a_cell_loads_count():
    cell = "from deepmedia.faces.trained import trained_small_facenet"
    modules = imports.modules_used([cell]).values()
    files = fingerprint.data_used(modules, fingerprint.words(modules, [cell]))
    assert "small-facenet/weights.npz" in [f"{path.parent.name}/{path.name}" for path in files]


def test_the_pages_of_the_book_use_what_they_say():
    """Were imports no longer followed, every page would use nothing and keep its old outputs."""
    used: dict[str, set[str]] = {}
    for page in pages():
        if (read := read_notebook(page.path)) is not None:
            cells = [cell.source for cell in read.cells if cell.cell_type == "code"]
            modules = imports.modules_used(cells)
            named = fingerprint.words([path for name, path in modules.items() if name != fingerprint.REGISTRY], cells)
            used[page.docname] = {path.parent.name for path in fingerprint.data_used(modules.values(), named)}
    assert used["fundamentals/backpropagation"] == set()
    assert used["fundamentals/neurons"] == {"fashion-mnist"}
    assert "studies" in used["cnn/first-network"]
