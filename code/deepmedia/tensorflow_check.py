"""A plain word where TensorFlow is missing.

The package can't require `tensorflow` by name: `tensorflow-cpu` is half the
size, does the same on a CPU, and does not satisfy that requirement.
"""

import importlib.util


def require_tensorflow() -> None:
    """Raise an error that says what to install, if TensorFlow is not there.

    Raises:
        ImportError: If the module ``tensorflow`` can't be found.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(
            "this part of deepmedia needs TensorFlow, which is not installed: "
            "run pip install 'deepmedia[tensorflow]', or 'deepmedia[cpu]' on a Linux machine without a GPU"
        )
