"""Memory of networks that are no longer needed.

Keras's `clear_session` is not enough. TensorFlow (2.19 to 2.21 at least) keeps each
custom gradient of a traced function in a registry for good, and with it the graph of
the training step: https://github.com/tensorflow/tensorflow/issues/97697. And the C
library keeps what was freed, in case that it is asked for again.
"""

import contextlib
import ctypes

from deepmedia.keras_internals import gradients_by_name
from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402


def free_memory() -> None:
    """Give back the memory of networks that no variable names any more.

    Call it between two trainings, after `del` of the first network. Networks that a
    variable still names keep their weights and can be used and trained as before.
    Their layers' automatic names begin anew, as after `keras.utils.clear_session`.
    A `tf.function` of your own that was traced before can be run, but if it holds a
    custom gradient it can no longer be differentiated: make it anew.

    On systems without glibc, Python alone gives back what it can.
    """
    _forget_custom_gradients()
    keras.utils.clear_session()  # collects garbage, too
    with contextlib.suppress(OSError, AttributeError):  # another system, or another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)  # of glibc: what it keeps goes back to the system


def _forget_custom_gradients() -> None:
    """Drop the gradients that belong to traced functions; those of TensorFlow's own operations stay."""
    entries = gradients_by_name()
    for name in [name for name in entries if name.startswith("CustomGradient-")]:
        del entries[name]
