import nbformat
import pytest

from bookbuild import fingerprint


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout in small: two parts, each with two modules, one of them using the data layer."""
    files = {
        "requirements.txt": "numpy==2.4.6\n",
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
        "code/deepmedia/datasets/fashion.py": "import gzip\n",
        "code/deepmedia/datasets/files/train.gz": "photos",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "tiers", lambda: "fashion-mnist=built-in")
    return tmp_path


def notebook(*sources, tags=()):
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), *cells])


def change(path, text="# changed\n"):
    path.write_text(path.read_text() + text)


def test_a_name_from_a_package_is_followed_to_its_own_module_only(root):
    used = fingerprint.modules_used("from deepmedia.cnn import resnet50", root / "code")
    assert set(used) == {"deepmedia.cnn.resnet", "deepmedia.splits"}


def test_importing_a_whole_package_uses_all_that_it_passes_on(root):
    used = fingerprint.modules_used("import deepmedia.cnn", root / "code")
    assert set(used) == {"deepmedia.cnn", "deepmedia.cnn.resnet", "deepmedia.cnn.plain", "deepmedia.splits"}


def test_a_name_of_the_root_is_followed_too(root):
    assert set(fingerprint.modules_used("from deepmedia import glue, splits", root / "code")) == {
        "deepmedia.gluing",
        "deepmedia.splits",
    }


def test_lines_of_magic_do_not_stop_the_reading():
    names = fingerprint.imported_names("%matplotlib inline\nif True:\n    !ls\nfrom deepmedia import glue")
    assert list(names) == [("deepmedia", "glue")]


@pytest.mark.parametrize("file", ["requirements.txt", "code/deepmedia/cnn/resnet.py", "code/deepmedia/splits.py"])
def test_the_key_changes_with_what_the_page_uses(root, file):
    page = notebook("from deepmedia.cnn.resnet import resnet50")
    before = fingerprint.page_key(page, root=root)
    change(root / file)
    assert fingerprint.page_key(page, root=root) != before


@pytest.mark.parametrize(
    "file", ["code/deepmedia/cnn/plain.py", "code/deepmedia/cnn/__init__.py", "code/deepmedia/datasets/files/train.gz"]
)
def test_the_key_stays_when_something_else_changes(root, file):
    page = notebook("from deepmedia.cnn.resnet import resnet50")
    before = fingerprint.page_key(page, root=root)
    change(root / file)
    assert fingerprint.page_key(page, root=root) == before


def test_the_key_changes_with_the_data_beside_a_module(root):
    page = notebook("from deepmedia.datasets import fashion_mnist")
    before = fingerprint.page_key(page, root=root)
    change(root / "code/deepmedia/datasets/files/train.gz")
    assert fingerprint.page_key(page, root=root) != before


def test_the_key_changes_with_the_data_tier_of_a_page_that_uses_data(root, monkeypatch):
    pages = [notebook("from deepmedia.datasets import fashion_mnist"), notebook("import deepmedia.splits")]
    before = [fingerprint.page_key(page, root=root) for page in pages]
    monkeypatch.setattr(fingerprint, "tiers", lambda: "fashion-mnist=real")
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
