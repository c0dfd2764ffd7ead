"""A trained network made lighter for use: what normalises a convolution's output goes into the convolution.

With fixed statistics a normalisation is y = gain · x + shift, and a convolution in front of it computes x from its
kernel and bias in the same linear way. One convolution with the kernel gain · kernel therefore gives the same numbers
in a single pass over the feature maps.
"""

from collections import Counter
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from deepmedia.keras_internals import Place, inputs_of, place_of


def fold_normalisation(model: keras.Model) -> keras.Model:
    """A copy of the network for inference alone, whose convolutions do what their normalisation did.

    Folded is each plain `Conv2D` whose only reader is a `BatchNormalization` (or a layer derived from it) over
    channels; an `Identity` of the same name takes the normalisation's place. All other layers are copied.

    Args:
        model: A functional network; it is left as it is.

    Returns:
        The copy. Its outputs differ from the model's by rounding alone; training it would not normalise.
    """
    pairs = _foldable(model)
    folded = {convolution.name: name for name, convolution in pairs.items()}

    def copied(layer: keras.Layer) -> keras.Layer:
        if layer.name in pairs:
            return layers.Identity(name=layer.name)
        config = layer.get_config()
        return type(layer).from_config(config | {"use_bias": True} if layer.name in folded else config)

    def called(layer: keras.Layer, *inputs: Any, **others: Any) -> Any:
        return layer(*inputs) if layer.name in pairs else layer(*inputs, **others)  # an Identity takes no mask

    twin = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in model.layers:
        if layer.name in folded:
            weights = _folded_weights(layer, model.get_layer(folded[layer.name]))
            twin.get_layer(layer.name).set_weights(weights)
        elif layer.weights and layer.name not in pairs:
            twin.get_layer(layer.name).set_weights(layer.get_weights())
    return twin


def _folded_weights(convolution: keras.Layer, normalisation: keras.Layer) -> list[NDArray]:
    """Kernel and bias of the two layers in one."""
    kernel, *bias = convolution.get_weights()
    nothing = tf.zeros((1, 1, 1, kernel.shape[-1]))
    with tf.GradientTape() as tape:
        tape.watch(nothing)
        shift = normalisation(nothing, training=False)
    gain = tape.gradient(shift, nothing).numpy().ravel()  # exact, as the layer is linear
    before = bias[0] if bias else np.zeros(kernel.shape[-1], kernel.dtype)
    return [kernel * gain, before * gain + shift.numpy().ravel()]


def _foldable(model: keras.Model) -> dict[str, layers.Conv2D]:
    """For the name of each normalisation that can be folded, its convolution."""
    places, readers = _graph(model)
    calls = Counter(id(place.operation) for place in places)
    pairs = {}
    for place in places:
        layer = place.operation
        if not isinstance(layer, layers.BatchNormalization) or calls[id(layer)] != 1 or layer.axis not in {-1, 3}:
            continue
        source = place_of(inputs_of(place)[0]).operation
        is_plain = type(source) is layers.Conv2D and source.activation is keras.activations.linear
        inside = any(source is each for each in model.layers)
        if is_plain and inside and calls[id(source)] == 1 and readers[id(source)] == 1:
            pairs[layer.name] = source
    return pairs


def _graph(model: keras.Model) -> tuple[list[Place], Counter[int]]:
    """All calls that the outputs need, and how often each operation's outputs are read, the model's own included."""
    ends = {id(tensor) for tensor in model.inputs}
    waiting = [place_of(tensor) for tensor in model.outputs]
    readers = Counter(id(place.operation) for place in waiting)
    places: dict[tuple[int, int], Place] = {}
    while waiting:
        place = waiting.pop()
        if (id(place.operation), place.call) in places:
            continue
        places[id(place.operation), place.call] = place
        for tensor in inputs_of(place):
            readers[id(place_of(tensor).operation)] += 1
            if id(tensor) not in ends:
                waiting.append(place_of(tensor))
    return list(places.values()), readers
