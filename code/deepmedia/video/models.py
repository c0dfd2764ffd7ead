"""Three networks from the features of a whole video to one logit a topic.

Source: video_level_models.py of https://github.com/google/youtube-8m (`LogisticModel`, `MoeModel`). Departs from it:
logits for probabilities, no penalty on the weights. `video_network` is ours.
"""

import keras
from keras import layers, ops

from deepmedia.arguments import check_count, check_fraction
from deepmedia.datasets.youtube8m import FEATURES, TOPICS, VISUAL


def video_logistic(width: int = FEATURES, *, classes: int = TOPICS) -> keras.Model:
    """Logistic regression, one for each topic.

    Args:
        width: Features of a video.
        classes: How many topics there are.

    Returns:
        A model from features, float32 (n, width), to logits (n, classes): the sigmoid of each is a probability.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If one is below 1.
    """
    inputs = _features(width, classes)
    logits = layers.Dense(classes, name="logits")(inputs)
    return keras.Model(inputs, logits, name="video_logistic")


def video_moe(width: int = FEATURES, *, classes: int = TOPICS, experts: int = 2) -> keras.Model:
    """Mixture of experts: for each topic several logistic regressions, and gates that say which of them counts.

    The probability of a topic is sum over m of g_m s(e_m), s the sigmoid, and g the softmax over one gate an expert and
    one more: the dummy expert, which always says no.

    Args:
        width: Features of a video.
        classes: How many topics there are.
        experts: Of each topic, besides the dummy.

    Returns:
        A model from features, float32 (n, width), to logits (n, classes), whose sigmoids are these probabilities.

    Raises:
        TypeError: If a number is not whole.
        ValueError: If one is below 1.

    >>> video_moe(4, classes=3).count_params()  # 3 * 3 gates of 4 weights, 3 * 2 experts of 4 weights and a bias
    66
    """
    check_count("experts", experts)
    inputs = _features(width, classes)
    gates = layers.Dense(classes * (experts + 1), use_bias=False, name="gates")(inputs)
    answers = layers.Dense(classes * experts, name="experts")(inputs)
    gates = layers.Reshape((classes, experts + 1), name="gates_by_class")(gates)
    answers = layers.Reshape((classes, experts), name="experts_by_class")(answers)
    logits = MixtureLogits(name="logits")([gates, answers])
    return keras.Model(inputs, logits, name="video_moe")


def video_network(
    width: int = FEATURES,
    *,
    classes: int = TOPICS,
    visual: int = VISUAL,
    units: int = 1024,
    depth: int = 1,
    dropout: float = 0.5,
) -> keras.Model:
    """A network with hidden layers, so that topics share what they learn.

    What is seen and what is heard are first brought to a length that is the same for each video.

    Args:
        width: Features of a video.
        classes: How many topics there are.
        visual: How many of the features, the first ones, are of the pictures; the others are of the sound.
        units: Of each hidden layer.
        depth: Hidden layers; each behind the first is added to what it gets.
        dropout: Share of the units that are left out in each training step, at random; of the features 0.4 times it.

    Returns:
        A model from features, float32 (n, width), to logits (n, classes).

    Raises:
        TypeError: If a number is not of its kind.
        ValueError: If a whole number is below 1, visual is not below the width, or dropout is not in 0 <= dropout < 1.
    """
    for name, value in (("units", units), ("depth", depth), ("visual", visual)):
        check_count(name, value)
    check_fraction("dropout", dropout)
    inputs = _features(width, classes)
    if visual >= width:
        raise ValueError(f"visual must be below the width, {width}, got {visual}")
    parts = []
    for name, part in (("visual", inputs[:, :visual]), ("audio", inputs[:, visual:])):
        unit = layers.UnitNormalization(name=f"{name}_unit")(part)
        parts.append(layers.Rescaling(part.shape[-1] ** 0.5, name=f"{name}_scaled")(unit))  # mean square 1
    x = layers.Concatenate(name="scaled")(parts)
    x = layers.Dropout(0.4 * dropout, name="input_dropout")(x)
    x = _hidden(x, units, dropout, "hidden1")
    for number in range(2, depth + 1):
        more = _hidden(x, units, dropout, f"hidden{number}")
        x = layers.Add(name=f"hidden{number}_add")([x, more])
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name="video_network")


@keras.saving.register_keras_serializable(package="deepmedia")
class MixtureLogits(layers.Layer):
    """The logits of a mixture: log p - log(1 - p) with p = sum over m of g_m s(e_m), from gates and experts' logits.

    Both logarithms come as log-sum-exp, so that neither a probability of 0 nor of 1 is lost: with log s(e) = -log(1 +
    exp(-e)), log p sums g_m s(e_m), and log(1 - p) sums g_m s(-e_m) and the gate of the dummy, the last one.
    """

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Gates (..., m + 1) and experts (..., m) to logits (...)."""
        gates, answers = inputs
        shares = ops.log_softmax(gates, axis=-1)
        yes = ops.logsumexp(shares[..., :-1] - ops.softplus(-answers), axis=-1)
        no = shares[..., :-1] - ops.softplus(answers)
        return yes - ops.logsumexp(ops.concatenate([no, shares[..., -1:]], axis=-1), axis=-1)

    def compute_output_shape(self, shapes: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """The shape without the experts."""
        return shapes[0][:-1]


def _hidden(x: keras.KerasTensor, units: int, dropout: float, name: str) -> keras.KerasTensor:
    x = layers.Dense(units, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x)


def _features(width: int, classes: int) -> keras.KerasTensor:
    check_count("width", width)
    check_count("classes", classes)
    return keras.Input((width,), name="features")
