"""Export the notebooks of single pages, without executing anything and without the site.

Sphinx reads the whole book for its references, which takes some seconds. Outputs and numbers are there for
pages whose execution `make book` or `bookbuild execute` left behind; the others have neither.
"""

import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_book.config import get_final_config
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from bookbuild.execute import EXECUTED, fill_cache, stored
from bookbuild.fingerprint import page_key
from bookbuild.notebooks import FOLDER as NOTEBOOKS
from bookbuild.pages import BOOK, BUILD, CONFIG, TOC, BookProblem, Page, pages, read_notebook

OF_OUTPUTS = re.compile(r"glue|undefined label: 'fig-|\[ref\.ref\]")  # warnings of what only an execution gives
FOLDER = BUILD / "single"  # what Sphinx writes; the notebooks are under notebooks/


def export_notebooks(chosen: Sequence[Page], folder: Path = FOLDER) -> list[Path]:
    """Write the notebooks of some pages and return their paths.

    Raises:
        BookProblem: If a page has no code.
    """
    for page in chosen:
        if not page.is_notebook:
            raise BookProblem(f"{page.docname} has no code, so it has no notebook")
    read = [(page, notebook) for page in pages() if (notebook := read_notebook(page.path)) is not None]
    found = [stored(page, notebook, page_key(notebook), EXECUTED) for page, notebook in read]
    executions = [execution for execution in found if execution is not None]
    missing = {page.docname for page, _ in read} - {execution.page.docname for execution in executions}
    for page in chosen:
        if page.docname in missing:
            print(f"{page.docname} was not executed: outputs and numbers are missing in its text", file=sys.stderr)
    fill_cache(executions, folder=folder / "cache")
    settings, _ = get_final_config(
        user_yaml=CONFIG,
        sourcedir=BOOK,
        cli_config={"external_toc_path": str(TOC), "latex_individualpages": False},
    )
    settings |= {
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(folder / "cache"),
        "nb_execution_excludepatterns": [f"{name}.md" for name in sorted(missing)],
    }
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(BOOK, None, folder, folder / ".doctrees", "html", settings, None, warnings, freshenv=True)
        app.build(filenames=[str(page.path) for page in chosen])
    for line in warnings.getvalue().splitlines():
        if not (missing and OF_OUTPUTS.search(line)):
            print(line, file=sys.stderr)
    return [folder / NOTEBOOKS / f"{page.docname}.ipynb" for page in chosen]
