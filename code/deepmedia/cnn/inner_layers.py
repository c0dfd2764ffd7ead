"""The layers of a network, also those of a network inside it, and what they put out in a run.

Keras's `get_layer` sees the outermost layers only, and the tensor `layer.output` of one inside
belongs to another graph. So a run is watched: whatever the network is made of, the layer puts
out the same values for the gradient as in a network without nesting.
"""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import keras


def inner_layers(model: keras.Model) -> dict[str, keras.Layer]:
    """All layers by their names, those of a model inside it as ``"backbone/conv1"``.

    Args:
        model: Built of Keras's layers and models.

    Returns:
        Name and layer, in the order of ``model.layers``, each model before what it holds.
        Inputs of inner models are left out: they are what the layer before puts out.
    """
    found: dict[str, keras.Layer] = {}
    for layer in model.layers:
        found[layer.name] = layer
        if isinstance(layer, keras.Model):
            for name, inner in inner_layers(layer).items():
                if not isinstance(inner, keras.layers.InputLayer):
                    found[f"{layer.name}/{name}"] = inner
    return found


@contextlib.contextmanager
def recorded_outputs(layer: keras.Layer) -> Iterator[list[Any]]:
    """What a layer puts out while the block runs, one entry a call, in order.

    The entries are the tensors themselves, so that a gradient with respect to them exists.
    """
    outputs = []
    call, before = layer.call, vars(layer).get("call")

    @functools.wraps(call)
    def recording(*arguments: Any, **settings: Any) -> Any:
        outputs.append(call(*arguments, **settings))
        return outputs[-1]

    vars(layer)["call"] = recording  # past Keras's tracking of attributes: it is gone at the end
    try:
        yield outputs
    finally:
        if before is None:
            del vars(layer)["call"]
        else:
            vars(layer)["call"] = before
