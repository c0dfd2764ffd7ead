"""`%%source` and `%source` for IPython."""

from typing import Any

from deepmedia.source.definitions import SourceProblem
from deepmedia.source.edits import EDITS
from deepmedia.source.redefining import redefine, reset


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; `%load_ext deepmedia.source` calls this."""
    from IPython.core.error import UsageError

    def source_cell(line: str, body: str) -> None:
        """%%source MODULE: redefine what the cell defines in a module, or a class, of the book's package."""
        try:
            changed = redefine(line.strip(), body, shell.user_ns)
        except SourceProblem as problem:
            raise UsageError(str(problem)) from None
        if changed:
            print(f"Redefined: {', '.join(changed)}. To take it back: %source reset")

    def source_line(line: str) -> None:
        """%source [reset [NAME]]: say what is redefined in the book's package, or take it back."""
        words = line.split()
        if words and (words[0] != "reset" or len(words) > 2):
            raise UsageError("write %source, %source reset, or %source reset NAME, e.g. deepmedia.cnn.resnet")
        try:
            found = reset(*words[1:]) if words else list(EDITS)
        except SourceProblem as problem:
            raise UsageError(str(problem)) from None
        print(f"{'Taken back' if words else 'Redefined'}: {', '.join(found) or 'nothing'}.")

    shell.register_magic_function(source_cell, "cell", "source")
    shell.register_magic_function(source_line, "line", "source")
