"""A plain word where TensorFlow is missing, or where Keras is set up to work without it.

The package can't require `tensorflow` by name: `tensorflow-cpu` is half the
size, does the same on a CPU, and does not satisfy that requirement.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path


def require_tensorflow() -> None:
    """Raise an error that says what to do, if the networks of this package can't be built.

    Called before the first import of Keras, whose own messages are about its back ends.

    Raises:
        ImportError: If the module ``tensorflow`` can't be found, or if Keras is set to
            another back end or to images with their channels first.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(
            "this part of deepmedia needs TensorFlow, which is not installed: "
            "run pip install 'deepmedia[tensorflow]', or 'deepmedia[cpu]' on a Linux machine without a GPU"
        )
    back_end, image_format, source = _keras_settings()
    if back_end != "tensorflow":
        raise ImportError(
            f"this part of deepmedia needs Keras's TensorFlow back end, but {source} chooses {back_end!r}: "
            "set KERAS_BACKEND=tensorflow in the environment and start Python anew"
        )
    if image_format != "channels_last":
        raise ImportError(
            f"deepmedia's images are (height, width, channels), but {source} says {image_format!r}: "
            'write "image_data_format": "channels_last" there and start Python anew'
        )


def _keras_settings() -> tuple[str, str, str]:
    """Back end and order of an image's axes that Keras takes or will take, and what says so."""
    if keras := sys.modules.get("keras"):
        return keras.config.backend(), keras.config.image_data_format(), "the Keras that is already imported"
    # Keras reads these when it is imported, and a back end that is not installed ends that with a stranger's error.
    file = _keras_home() / "keras.json"
    try:
        settings = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):  # Keras does without it, too
        settings = {}
    image_format = settings.get("image_data_format", "channels_last")
    if back_end := os.environ.get("KERAS_BACKEND"):
        source = file if back_end == "tensorflow" else f"KERAS_BACKEND={back_end}"
        return back_end, image_format, str(source)
    return settings.get("backend", "tensorflow"), image_format, str(file)


def _keras_home() -> Path:
    """The folder of ``keras.json``."""
    home = os.path.expanduser("~")
    default = os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    return Path(os.path.expanduser(os.environ.get("KERAS_HOME", default)))  # as Keras: "~nobody" stays as it is
