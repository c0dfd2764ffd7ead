"""Whether a network gives logits: what softmax, temperatures and Grad-CAM are meant for."""

import keras
from keras import layers

from deepmedia.keras_internals import inputs_of, place_of

# What turns logits into probabilities, by the beginning of its name without "_"; and what changes no value.
_PROBABILITIES = ("softmax", "sigmoid", "hardsigmoid", "sparsemax")
_NO_CHANGE = (layers.Flatten, layers.Reshape, layers.Dropout, layers.Identity)


def check_logits(model: keras.Model) -> int:
    """Complain about a model that gives no logits.

    Of a layer of one's own, or a Lambda around a function of one's own, it can't be seen what it does.

    Args:
        model: Functional or sequential, begun with ``keras.Input``.

    Returns:
        Number of logits.

    Raises:
        ValueError: If the model is of another kind, has other outputs than one (n, classes), or ends in
            softmax, a sigmoid or the like.
    """
    outputs = getattr(model, "outputs", None)
    if not outputs:
        raise ValueError(
            f"model must be functional, or sequential with keras.Input as its beginning; {model.name} is neither, "
            "or not built yet"
        )
    if len(outputs) != 1 or len(outputs[0].shape) != 2:
        raise ValueError(f"model must put out logits (n, classes) alone, {model.name} gives {model.output_shape}")
    found = _probabilities_from(outputs[0])
    if found:
        raise ValueError(
            f"model must put out logits, {model.name} ends in {found}; build the same network without it "
            "and take over the weights: new.set_weights(model.get_weights())"
        )
    return int(outputs[0].shape[1])


def _probabilities_from(tensor: keras.KerasTensor) -> str:
    """Name of the function that made a tensor probabilities, "" where there is none."""
    place = place_of(tensor)
    operation = place.operation
    if isinstance(operation, keras.Model):  # one inside the other: its own end counts
        inner = getattr(operation, "outputs", None)
        return _probabilities_from(inner[place.output]) if inner else ""
    function = getattr(operation, "activation", None) or getattr(operation, "function", None)  # of a Lambda
    for name in (getattr(function, "__name__", type(function).__name__), type(operation).__name__):
        if name.replace("_", "").lower().startswith(_PROBABILITIES):
            return name
    is_linear = type(operation) is layers.Activation and getattr(function, "__name__", "") == "linear"
    if is_linear or isinstance(operation, _NO_CHANGE):
        return _probabilities_from(inputs_of(place)[0])
    return ""
