"""An exported notebook runs in an empty folder and a fresh environment, as on a reader's machine.

The environment holds what a reader's Jupyter has. The notebook's own first
cell installs the package with all that it needs, from a wheel of this checkout
in place of the public address. The environment serves all notebooks of a run:
their first cells are the same (`test_exported.py`), and an install takes most
of a minute. DEEPMEDIA_DATA, where it is set, is passed on; without it the
notebooks run on built-in data.
"""

import ast
import itertools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from bookbuild.pages import ROOT, repository_url
from bookbuild.shrinking import statements

CELL_SECONDS = 600
FOREIGN = ("PYTHON", "JUPYTER", "IPYTHON", "VIRTUAL_ENV", "MPLBACKEND")  # settings of the checkout's own environment


@dataclass(frozen=True)
class Reader:
    """A reader's environment, and the wheel that stands for the published package."""

    folder: Path
    wheel: str  # its address


@pytest.fixture(scope="session")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    wheels = folder / "wheels"
    run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", wheels, ROOT], cwd=folder)
    run([sys.executable, "-m", "venv", folder / "env"], cwd=folder)
    run([folder / "env/bin/python", "-m", "pip", "install", "ipykernel", "nbclient"], cwd=folder)
    absent = subprocess.run([folder / "env/bin/python", "-c", "import deepmedia"], capture_output=True, cwd=folder)
    assert absent.returncode == 1, "the fresh environment has the package before the notebook installs it"
    (wheel,) = wheels.glob("deepmedia-*.whl")
    yield Reader(folder / "env", wheel.as_uri())
    shutil.rmtree(folder)  # 2.7 GB, which pytest would keep for three more runs


def run(command, *, cwd, environment=None):
    """Run a command; what it wrote is the error's text when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def readers_settings(reader: Reader, folder: Path) -> dict[str, str]:
    """This process's settings without those of the checkout, and with folders of the reader's own for Jupyter."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    settings["PATH"] = os.pathsep.join([str(reader.folder / "bin"), settings.get("PATH", "")])
    settings |= {name: str(folder / name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    if "DEEPMEDIA_DATA" not in settings:
        settings["DEEPMEDIA_OFFLINE"] = "1"
    # A package's bytecode is written on its first import: all of it would double the files of the environment.
    return settings | {"PYTHONNOUSERSITE": "1", "PIP_NO_COMPILE": "1"}


def run_alone(notebook, reader, folder) -> nbformat.NotebookNode:
    """The notebook as a reader's Jupyter runs it in an empty folder, on the package that its first cell installs."""
    public = f"git+{repository_url()}"
    assert sum(cell.source.count(public) for cell in notebook.cells if cell.cell_type == "code") == 1
    notebook.cells[1].source = notebook.cells[1].source.replace(public, reader.wheel)
    notebook.cells.append(nbformat.v4.new_code_cell("import deepmedia\nprint(deepmedia.__file__)"))
    (empty := folder / "empty").mkdir()
    nbformat.write(notebook, empty / "page.ipynb")

    command = [reader.folder / "bin/jupyter-execute", f"--timeout={CELL_SECONDS}", "--inplace", "page.ipynb"]
    run(command, cwd=empty, environment=readers_settings(reader, folder))

    executed = nbformat.read(empty / "page.ipynb", as_version=4)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code), "a cell did not run"
    origin = Path("".join(output.get("text", "") for output in code[-1].outputs).strip())
    assert origin.is_relative_to(reader.folder), f"deepmedia came from {origin}, not from the fresh environment"
    return executed


def imports_of(notebook) -> list[str]:
    """The import statements of a notebook's cells, in order; cells with magics are left out."""
    code = [statements(cell.source) or () for cell in notebook.cells if cell.cell_type == "code"]
    nodes = (node for statement in itertools.chain(*code) for node in ast.walk(statement.node))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def test_what_the_notebooks_install_is_what_they_import(docnames, exported, reader, tmp_path):
    notebooks = [exported(docname) for docname in docnames]
    found = [imports_of(notebook) for notebook in notebooks]
    assert all(len(imports) > 3 for imports in found)
    first = notebooks[0]
    lines = "\n".join(dict.fromkeys(itertools.chain(*found)))
    first.cells = [*first.cells[:2], nbformat.v4.new_code_cell(lines)]
    run_alone(first, reader, tmp_path)


@pytest.mark.slow
def test_a_notebook_runs_alone(docname, exported, reader, tmp_path):
    executed = run_alone(exported(docname), reader, tmp_path)
    assert sum(len(cell.get("outputs", ())) for cell in executed.cells) > 3
