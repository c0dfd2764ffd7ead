"""Deep learning for multimedia: the code that the book's pages run.

One subpackage a subject; import from it, e.g. ``from deepmedia.datasets import
fashion_mnist``. Importing ``deepmedia`` alone is cheap and needs no TensorFlow.
"""

from deepmedia.gluing import glue

__all__ = ["__version__", "glue"]
__version__ = "0.1.0"
