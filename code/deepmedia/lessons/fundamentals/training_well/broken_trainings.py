"""Six trainings with a fault, each beside the same training without it.

None of the faults raises an error. Each function causes one, and measures the sign by which it is recognised. All
trainings last 15 epochs, and their curves begin with epoch 0, the untrained network.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deepmedia.fundamentals.activations import ReLU, Softmax
from deepmedia.fundamentals.learning_rate import WarmUp
from deepmedia.fundamentals.losses import CategoricalCrossEntropy
from deepmedia.fundamentals.network import History, Network
from deepmedia.fundamentals.optimisers import SGD, Adam, Optimiser
from deepmedia.lessons.fundamentals.training_well.random_changes import random_shift
from deepmedia.lessons.fundamentals.training_well.recipes import Recipe
from deepmedia.training.examples import Examples

EPOCHS = 15
RATE = 0.002  # of Adam, where the fault is another
SPIKE_STEPS = 126  # two epochs of 63 steps: after 20 steps some seeds leave units that open again
COPIED, COPIES = 500, 4  # photos, and copies of each, in ``leaked_test_set``


@dataclass(frozen=True)
class BrokenTraining:
    """A training with a fault, and its sign.

    Attributes:
        broken: Curves of the training with the fault.
        fixed: Curves of the one without it.
        sign: What the two numbers below measure.
        broken_sign: The sign, with the fault.
        fixed_sign: The same, without it.
    """

    broken: History
    fixed: History
    sign: str
    broken_sign: float
    fixed_sign: float

    def __repr__(self) -> str:
        """The sign, to end a cell with."""
        return f"{self.sign}\n  {self.broken_sign:.3g} with the fault, {self.fixed_sign:.3g} without"


def shifted_labels(training: Examples, validation: Examples) -> BrokenTraining:
    """The third photo was unreadable and left out. Its label stayed, and the last label was cut off to match."""
    images = np.delete(training.images, 2, axis=0)
    wrong = Examples(images, training.labels[:-1])
    right = Examples(images, np.delete(training.labels, 2))
    broken, fixed = (_train(_network(examples), examples, validation) for examples in (wrong, right))
    return _with_sign("validation accuracy at the end", broken, fixed, lambda curves: curves["validation_accuracy"][-1])


def high_learning_rate(training: Examples, validation: Examples) -> BrokenTraining:
    """Adam with fifty times its rate."""
    broken, fixed = (
        _train(_network(training), training, validation, optimiser=Adam(rate)) for rate in (50 * RATE, RATE)
    )
    return _with_sign("mean loss of the first epoch", broken, fixed, lambda curves: curves["loss"][1])


def unscaled_input(training: Examples, validation: Examples) -> BrokenTraining:
    """Pixels from 0 to 255 for a network that expects 0 to 1."""
    wrong = [Examples(images * 255, labels) for images, labels in (training, validation)]
    broken, fixed = (_train(_network(pair[0]), *pair) for pair in (wrong, (training, validation)))
    return _with_sign("loss of the untrained network", broken, fixed, lambda curves: curves["loss"][0])


def leaked_test_set(training: Examples, validation: Examples) -> BrokenTraining:
    """Shifted copies were made of 500 photos, and then a fifth of all pictures was drawn as test data.

    Without the fault, a fifth of the photos is drawn before they are copied. The validation part of the curves is the
    test data; ``new_accuracy`` is that of the trained network on the validation photos, which are of other garments.
    """
    generator = np.random.default_rng(0)
    images, labels = (array[:COPIED] for array in training)
    copies = [random_shift(images, generator) for _ in range(COPIES)]
    pictures = np.concatenate(copies)  # (COPIES * n, height, width)
    photo = np.tile(np.arange(len(images)), COPIES)  # which photo a picture shows
    leaky_test = generator.random(len(pictures)) < 0.2  # pictures are drawn
    sound_test = generator.random(len(images))[photo] < 0.2  # photos are drawn
    results = []
    for test in (leaky_test, sound_test):
        learnt, tested = (Examples(pictures[part], labels[photo[part]]) for part in (~test, test))
        network = _network(learnt)
        curves = _train(network, learnt, tested)
        score = network.evaluate(*validation, loss=CategoricalCrossEntropy())
        results.append((curves | {"new_accuracy": [score["accuracy"]]}, shared_share(tested.images, learnt.images)))
    (broken, broken_share), (fixed, fixed_share) = results
    sign = "share of the test pictures that are also training pictures"
    return BrokenTraining(broken, fixed, sign, broken_share, fixed_share)


def probabilities_for_logits(training: Examples, validation: Examples) -> BrokenTraining:
    """A softmax at the end of the network, and a loss that takes a softmax itself."""
    loss = CategoricalCrossEntropy(accept_probabilities=True)
    softmax_twice = Network([*_network(training).layers, Softmax()])
    broken = _train(softmax_twice, training, validation, loss=loss)
    fixed = _train(_network(training), training, validation)
    return _with_sign("lowest training loss", broken, fixed, lambda curves: min(curves["loss"]))


def rate_with_spike(step: int) -> float:
    """A learning rate two hundred times too high, for the first two epochs alone."""
    return 20.0 if step < SPIKE_STEPS else 0.1


def dead_units(training: Examples, validation: Examples) -> BrokenTraining:
    """The first steps were so large that no ReLU opens any more; the rate after them is right."""
    results = []
    for rate in (rate_with_spike, WarmUp(lambda step: 0.1, steps=20)):
        network = _network(training)
        curves = _train(network, training, validation, optimiser=SGD(rate))
        results.append((curves, dead_share(network, training.images)))
    (broken, broken_share), (fixed, fixed_share) = results
    return BrokenTraining(
        broken, fixed, "share of hidden units that are 0 for all photographs", broken_share, fixed_share
    )


GALLERY: dict[str, Callable[[Examples, Examples], BrokenTraining]] = {  # in the order of the page's panels
    "A": dead_units,
    "B": shifted_labels,
    "C": probabilities_for_logits,
    "D": leaked_test_set,
    "E": high_learning_rate,
    "F": unscaled_input,
}


def dead_share(network: Network, images: np.ndarray) -> float:
    """Share of the ReLU units that are 0 for every one of the images."""
    outputs, open_somewhere = images, []
    for layer in network.layers:
        outputs = layer.forward(outputs)
        if isinstance(layer, ReLU):
            open_somewhere.append((outputs > 0).any(axis=0))
    return 1 - float(np.concatenate(open_somewhere).mean())


def shared_share(images: np.ndarray, others: np.ndarray) -> float:
    """Share of the images that are among the others, pixel by pixel."""
    known = {image.tobytes() for image in others}
    return float(np.mean([image.tobytes() in known for image in images]))


def _network(training: Examples) -> Network:
    return Recipe().network(training.images.shape[1:])


def _train(
    network: Network,
    training: Examples,
    validation: Examples,
    *,
    optimiser: Optimiser | None = None,
    loss: CategoricalCrossEntropy | None = None,
) -> History:
    """Curves of loss and accuracy, from epoch 0 on."""
    loss, optimiser = loss or CategoricalCrossEntropy(), optimiser or Adam(RATE)
    before = network.evaluate(*training, loss=loss), network.evaluate(*validation, loss=loss)
    history = network.fit(*training, loss=loss, optimiser=optimiser, epochs=EPOCHS, validation=validation)
    start = before[0] | {f"validation_{name}": number for name, number in before[1].items()}
    return {name: [number, *history[name]] for name, number in start.items()}


def _with_sign(sign: str, broken: History, fixed: History, measure: Callable[[History], float]) -> BrokenTraining:
    return BrokenTraining(broken, fixed, sign, measure(broken), measure(fixed))
