"""The package's source, alive in a notebook: `%%source MODULE` redefines what the module defines, in the module.

Load it with `%load_ext deepmedia.source`. A cell that begins with `%%source deepmedia.cnn.resnet` holds functions,
classes or constants of that module; `%%source deepmedia.fundamentals.layers.Dropout` holds methods of that class. Run
unchanged, a cell changes nothing. Change a line, and everything that uses the function follows, whoever imported it
before: a function keeps its identity and gets the new code, a class its new members, so that objects made earlier
follow too. `%source` says what is redefined, `%source reset` takes everything back, `%source reset NAME` a module, a
function, a class or a constant.

What can't follow: values that were computed earlier, such as a built model, a trace of `tf.function`, or a constant
made from the one that you changed. `inspect.getsource` and tracebacks show the cell's lines for functions and methods;
for a class as a whole Python looks into the module's file.
"""

from deepmedia.source.definitions import SourceProblem
from deepmedia.source.magics import load_ipython_extension
from deepmedia.source.redefining import redefine, reset

__all__ = ["SourceProblem", "load_ipython_extension", "redefine", "reset"]
