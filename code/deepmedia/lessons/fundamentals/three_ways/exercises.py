"""Checkers of the exercises of the page "The same network in TensorFlow, three ways"."""

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from deepmedia.fundamentals import Momentum, minibatches
from deepmedia.lessons.judging import NotYet, call, checker, compare, read_function, read_number, readers_code

IMAGES, BATCH_SIZE, EPOCHS = 1077, 32, 10  # of the first exercise
STEPS_AN_EPOCH = -(-IMAGES // BATCH_SIZE)
STEPS_ACROSS_EPOCHS = -(-EPOCHS * IMAGES // BATCH_SIZE)  # if the images of all epochs stood in one row


@checker
def check_traced_steps(steps: object, traces: object) -> str:
    """Judge how many steps ten epochs of 1,077 images take, and how often a traced step is traced on the way."""
    compare(
        read_number(steps, "Steps: Give one number"),
        EPOCHS * STEPS_AN_EPOCH,
        (
            (STEPS_AN_EPOCH, "Steps: That is one epoch; there are ten."),
            (EPOCHS * (STEPS_AN_EPOCH - 1), "Steps: The images left over at the end of an epoch make a batch, too."),
            (STEPS_ACROSS_EPOCHS, "Steps: Batches don't reach across epochs: count the batches of one epoch first."),
        ),
        hint="Steps: Count the batches of one epoch first, and don't forget the images left over.",
    )
    compare(
        read_number(traces, "Traces: Give one number"),
        2,
        (
            (1, "Traces: The last batch of an epoch has another shape. What does tf.function do then?"),
            (EPOCHS * STEPS_AN_EPOCH, "Traces: A trace is kept, and serves all later batches of the same shape."),
            (2 * EPOCHS, "Traces: A trace is kept from one epoch to the next."),
        ),
        hint="Traces: How many different shapes do the batches have?",
    )
    return "33 batches of 32 images and one of 21 an epoch: two shapes, so two traces."


@checker
def check_momentum_step(answer: object) -> str:
    """Judge a step of momentum, a function of (variables, velocities, gradients, rate, momentum), plain and traced."""
    _try_steps(read_function(answer), "Called plainly, ", rate=0.5, momentum=0.8)
    _try_steps(tf.function(answer), "Inside tf.function, ", rate=0.25, momentum=0.6)
    return "Three steps equal those of the NumPy optimiser, and the function can be traced."


@checker
def check_batches(answer: object) -> str:
    """Judge a function of (images, labels, epoch) that gives a tf.data pipeline with the batches of the NumPy network.

    Two epochs of 70 rows must come in batches of 32, in the order of ``minibatches`` with seed 0.
    """
    labels = np.arange(70)
    images = _images_of(labels)
    for epoch in (0, 1):
        dataset = call(answer, images, labels, epoch, at=f"Epoch {epoch}: ")
        if problem := _problem_of_batches(dataset, labels, epoch):
            raise NotYet(f"Epoch {epoch}: {problem}")
    return "The batches are those of the NumPy network, in both epochs that were tried."


def _try_steps(function: Callable, at: str, *, rate: float, momentum: float) -> None:
    """Three steps beside those of the NumPy optimiser, of a matrix and a vector, with a rate that falls."""
    rates = (rate, rate / 2, rate / 4)
    generator, optimiser = np.random.default_rng(0), Momentum(lambda step: rates[step], momentum=momentum)
    weights = {"weights": generator.normal(size=(3, 2)), "bias": generator.normal(size=2)}
    sums = [np.zeros_like(array) for array in weights.values()]  # velocities of another form: of the gradients alone
    variables = [tf.Variable(array) for array in weights.values()]
    velocities = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
    for step, rate in enumerate(rates):
        gradients = {name: generator.normal(size=array.shape) for name, array in weights.items()}
        before = [variable.numpy() for variable in variables]
        tensors = [tf.constant(gradient) for gradient in gradients.values()]
        with readers_code(at=at):
            function(variables, velocities, tensors, rate, momentum)
        optimiser.step(weights, gradients)
        plain = [old - rate * gradient for old, gradient in zip(before, gradients.values(), strict=True)]
        uphill = [2 * old - new for old, new in zip(before, weights.values(), strict=True)]
        sums = [momentum * total + gradient for total, gradient in zip(sums, gradients.values(), strict=True)]
        scaled = [old - rate * total for old, total in zip(before, sums, strict=True)]
        still = not any(velocity.numpy().any() for velocity in velocities)
        reason = "the variables are as they were; change them with assign_add or assign_sub."
        if not still:
            reason = "the variables are as they were: compute the velocity first, then change them with assign_add."
        slips = [(before, reason)]
        if step == 0:
            slips += [(uphill, "the variables go up the gradient; the sign is wrong.")]
        else:
            slips += [(scaled, "the rate multiplies the whole velocity; let it multiply each gradient.")]
        if step > 0 and still:
            slips += [(plain, "the velocities stay 0, so this is plain gradient descent; assign to them, too.")]
        compare(
            _in_a_row(variable.numpy() for variable in variables),
            _in_a_row(weights.values()),
            [(_in_a_row(wrong), at + reason) for wrong, reason in slips],
            hint=f"{at}after step {step + 1}, the variables are not NumPy's. Compute the velocity first.",
        )


def _in_a_row(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


def _images_of(labels: np.ndarray) -> np.ndarray:
    """Images (n, 64) of which each pixel tells the label, as many pixels as on the page."""
    return np.stack([labels, -labels] * 32, axis=1).astype(np.float32)


def _problem_of_batches(dataset: object, labels: np.ndarray, epoch: int) -> str:
    """What is wrong with the batches of an epoch; "" if nothing is."""
    if not isinstance(dataset, tf.data.Dataset):
        return f"return a tf.data.Dataset; this is of type {type(dataset).__name__}."
    with readers_code("your dataset", at=f"Epoch {epoch}: "):
        batches = [(np.asarray(x), np.asarray(y)) for x, y in dataset.take(9)]  # it might repeat without end
    if any(y.ndim == 0 for _, y in batches):
        return "the dataset gives single images; put them into batches of 32."
    sizes = [len(y) for _, y in batches]
    if sizes == [32, 32]:
        return "the 6 rows left over at the end are missing; keep the smaller batch."
    if sizes != [32, 32, 6]:
        return f"70 rows should come as 32, 32 and 6, but came as {', '.join(map(str, sizes)) or 'nothing'}."
    if any(not np.array_equal(x, _images_of(y)) for x, y in batches):
        return "images and labels no longer belong together; put both into the same order."
    order = np.concatenate([y for _, y in batches])
    if np.array_equal(order, labels):
        return "the rows come in the order of the arrays; use the order of minibatches."
    orders = [np.concatenate(list(minibatches(70, 32, seed=0, epoch=number))) for number in (0, 1)]
    if np.array_equal(order, orders[1 - epoch]):
        return f"the rows come in the order of epoch {1 - epoch}; hand the epoch on to minibatches."
    if not np.array_equal(order, orders[epoch]):
        return (
            "the order is another one. Let minibatches say which rows come next; tf.data must not shuffle them again."
        )
    return ""
