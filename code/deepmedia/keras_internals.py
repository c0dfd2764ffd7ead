"""What the book needs of Keras and TensorFlow that is not part of their public interface.

Nothing else in the package names a private attribute of theirs. Each function was seen to work with Keras 3.7, 3.13 and
3.15, and with TensorFlow 2.18, 2.20 and 2.21; its test says so where a new version changes it.
"""

from typing import Any, NamedTuple

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402


class Place(NamedTuple):
    """Where a symbolic tensor comes from: an operation, which of its calls, which output of the call."""

    operation: keras.Operation
    call: int
    output: int


def place_of(tensor: keras.KerasTensor) -> Place:
    """The operation and the call that made a symbolic tensor.

    The public ``operation.output`` exists only where an operation was called once.
    """
    return Place(*tensor._keras_history)


def inputs_of(place: Place) -> list[keras.KerasTensor]:
    """The symbolic tensors that the operation took in that call; none for an input of the network.

    The public ``operation.input`` exists only where an operation was called once.
    """
    return place.operation._inbound_nodes[place.call].input_tensors


def gradients_by_name() -> dict[str, Any]:
    """TensorFlow's own dictionary of gradients, custom ones included; an empty one where a version lacks it."""
    try:
        from tensorflow.python.framework.ops import gradient_registry

        return gradient_registry._registry
    except (ImportError, AttributeError):
        return {}
