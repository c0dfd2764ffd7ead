"""Weights copied from one network to another that computes the same function."""

from collections.abc import Iterator

import keras

from deepmedia.keras_internals import Place, inputs_of, place_of


def copy_weights(source: keras.Model, target: keras.Model) -> int:
    """Give a network the weights of another one that has the same connections.

    Layers are matched by their place, not by their name: both networks are walked side
    by side from the outputs to the inputs. What has one input and no weights is passed
    over (activations, padding, pooling), and settings such as strides are not compared:
    whether both networks compute the same, only their outputs tell.

    Args:
        source: A functional or sequential model; it is not changed.
        target: A model whose layers with weights are connected alike: branches join in
            the same order, and what is one layer used twice in one network is so in
            the other.

    Returns:
        The number of layers whose weights were copied.

    Raises:
        TypeError: If one is not a functional or sequential model with known shapes.
        ValueError: If they differ; the target is then as it was before.
    """
    receivers: dict[keras.Operation, keras.Operation] = {}
    donors: dict[keras.Operation, keras.Operation] = {}
    for donor, receiver in _matched(source, target):
        _check_weights(donor, receiver)
        _note_partner(receivers, donor, receiver)
        _note_partner(donors, receiver, donor)
    for donor, receiver in receivers.items():
        receiver.set_weights(donor.get_weights())
    return len(receivers)


def _matched(source: keras.Model, target: keras.Model) -> Iterator[tuple[keras.Operation, keras.Operation]]:
    """Layers with weights in pairs, from the outputs to the inputs, also of models inside the models."""
    first, second = _outputs(source, "source"), _outputs(target, "target")
    waiting = _branches(source.name, first, target.name, second)
    seen = set()
    while waiting:
        pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        (donor, _, output), (receiver, _, other_output) = pair
        if output != other_output:
            raise _differ(f"output {output} of {donor.name} is used where output {other_output} of {receiver.name} is")
        if isinstance(donor, keras.Model) and isinstance(receiver, keras.Model):
            yield from _matched(donor, receiver)
        elif _weights(donor) or _weights(receiver):
            yield donor, receiver
        waiting += _branches(donor.name, inputs_of(pair[0]), receiver.name, inputs_of(pair[1]))


def _branches(
    donor: str, first: list[keras.KerasTensor], receiver: str, second: list[keras.KerasTensor]
) -> list[tuple[Place, Place]]:
    """Where the tensors of both networks come from, side by side."""
    if len(first) != len(second):
        raise _differ(f"{donor} joins {len(first)} branches, {receiver} joins {len(second)}")
    return list(zip(map(_origin, first), map(_origin, second), strict=True))


def _origin(tensor: keras.KerasTensor) -> Place:
    """The first operation before a tensor that has weights, several inputs or none."""
    place = place_of(tensor)
    while not _weights(place.operation) and len(inputs_of(place)) == 1:
        place = place_of(inputs_of(place)[0])
    return place


def _outputs(model: keras.Model, argument: str) -> list[keras.KerasTensor]:
    outputs = getattr(model, "outputs", None)
    if not outputs:
        raise TypeError(
            f"{argument} must be a functional or sequential model with known shapes, got {type(model).__name__}; "
            f"call it on a keras.Input and make a keras.Model of both"
        )
    return outputs


def _weights(operation: keras.Operation) -> list[tuple[str, tuple[int, ...]]]:
    """Name and shape of each weight; operations that are no layers have none."""
    return [(weight.name, tuple(weight.shape)) for weight in getattr(operation, "weights", [])]


def _check_weights(donor: keras.Operation, receiver: keras.Operation) -> None:
    if type(donor) is not type(receiver) or _weights(donor) != _weights(receiver):
        described = [f"{layer.name} ({type(layer).__name__}: {_described(layer)})" for layer in (donor, receiver)]
        raise _differ(f"{described[0]} of source stands where {described[1]} of target does")


def _note_partner(
    partners: dict[keras.Operation, keras.Operation], layer: keras.Operation, partner: keras.Operation
) -> None:
    if partners.setdefault(layer, partner) is not partner:
        raise _differ(f"{layer.name} is used twice where the other has {partners[layer].name} and {partner.name}")


def _described(layer: keras.Operation) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in _weights(layer)) or "no weights"


def _differ(reason: str) -> ValueError:
    return ValueError(f"source and target must have the same layers, connected alike: {reason}")
