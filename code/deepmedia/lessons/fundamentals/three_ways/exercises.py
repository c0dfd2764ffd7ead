"""Checkers of the exercises of the page "The same network in TensorFlow, three ways"."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from deepmedia.fundamentals import Momentum, minibatches
from deepmedia.lessons.judging import Verdict, unanswered

IMAGES, BATCH_SIZE, EPOCHS = 1077, 32, 10  # of the first exercise
STEPS_AN_EPOCH = -(-IMAGES // BATCH_SIZE)
STEPS_ACROSS_EPOCHS = -(-EPOCHS * IMAGES // BATCH_SIZE)  # if the images of all epochs stood in one row


def check_steps(steps: object, traces: object) -> Verdict:
    """Judge how many steps ten epochs of 1,077 images take, and how often a traced step is traced on the way.

    Args:
        steps: The reader's number of steps.
        traces: The reader's number of traces.

    Returns:
        Whether both are right; the usual slips are told apart.
    """
    if verdict := unanswered(steps) or unanswered(traces):
        return verdict
    if steps != EPOCHS * STEPS_AN_EPOCH:
        slips = {
            STEPS_AN_EPOCH: "That is one epoch; there are ten.",
            EPOCHS * (STEPS_AN_EPOCH - 1): "The images left over at the end of an epoch make a batch, too.",
            STEPS_ACROSS_EPOCHS: "Batches don't reach across epochs: count the batches of one epoch first.",
        }
        hint = "Count the batches of one epoch first, and don't forget the images left over."
        return Verdict(False, "Steps: " + (slips.get(steps, hint) if isinstance(steps, int) else hint))
    if traces == 2:
        return Verdict(True, "33 batches of 32 images and one of 21 an epoch: two shapes, so two traces.")
    slips = {
        1: "The last batch of an epoch has another shape. What does tf.function do then?",
        EPOCHS * STEPS_AN_EPOCH: "A trace is kept, and serves all later batches of the same shape.",
        2 * EPOCHS: "A trace is kept from one epoch to the next.",
    }
    hint = "How many different shapes do the batches have?"
    return Verdict(False, "Traces: " + (slips.get(traces, hint) if isinstance(traces, int) else hint))


def check_momentum_step(answer: object) -> Verdict:
    """Judge a step of momentum that changes TensorFlow variables in place.

    Args:
        answer: The reader's function of (variables, velocities, gradients, rate, momentum).

    Returns:
        Whether three steps give what the NumPy optimiser gives, traced or not; the usual slips are told apart.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    for how, function in (("", answer), ("Inside tf.function, ", tf.function(answer))):
        if problem := _problem_of_steps(function, Momentum(0.5, momentum=0.8)):
            return Verdict(False, how + problem)
    return Verdict(True, "Three steps equal those of the NumPy optimiser, and the function can be traced.")


def check_batches(answer: object) -> Verdict:
    """Judge a tf.data pipeline that gives the batches of the NumPy network.

    Args:
        answer: The reader's function of (images, labels, epoch), which returns a dataset.

    Returns:
        Whether two epochs of 70 rows come in batches of 32, in the order of ``minibatches`` with seed 0.
    """
    if verdict := unanswered(answer):
        return verdict
    if not callable(answer):
        return Verdict(False, "Give the function itself, without calling it.")
    labels = np.arange(70)
    images = np.stack([labels, -labels], axis=1).astype(np.float32)  # (70, 2): a row tells its label
    for epoch in (0, 1):
        problem = _problem_of_batches(answer, images, labels, epoch)
        if problem:
            return Verdict(False, f"Epoch {epoch}: {problem}")
    return Verdict(True, "The batches are those of the NumPy network, in both epochs that were tried.")


def _problem_of_steps(function: Callable, optimiser: Momentum) -> str:
    """What is wrong after three steps; "" if nothing is."""
    generator = np.random.default_rng(0)
    weights = {"weights": generator.normal(size=(3, 2)), "bias": generator.normal(size=2)}
    variables = [tf.Variable(array) for array in weights.values()]
    velocities = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
    for step in range(3):
        gradients = {name: generator.normal(size=array.shape) for name, array in weights.items()}
        before = [variable.numpy() for variable in variables]
        tensors = [tf.constant(gradient) for gradient in gradients.values()]
        try:
            function(variables, velocities, tensors, 0.5, 0.8)
        except Exception as error:  # whatever the reader's code raises is an answer, not a crash
            return f"your function raised {type(error).__name__}: {str(error).splitlines()[0]}"
        optimiser.step(weights, gradients)
        if problem := _problem_of_step(step, before, variables, velocities, list(weights.values()), tensors):
            return problem
    return ""


def _problem_of_step(
    step: int,
    before: list[np.ndarray],
    variables: list[tf.Variable],
    velocities: list[tf.Variable],
    expected: list[np.ndarray],
    gradients: list[tf.Tensor],
) -> str:
    after = [variable.numpy() for variable in variables]
    if _alike(after, expected):
        return ""
    if _alike(after, before):
        return "the variables are as they were; change them with assign_add or assign_sub."
    if step == 0 and _alike(after, [2 * old - new for old, new in zip(before, expected, strict=True)]):
        return "the variables go up the gradient; the sign is wrong."
    plain = [old - 0.5 * gradient.numpy() for old, gradient in zip(before, gradients, strict=True)]
    if step and _alike(after, plain) and not any(velocity.numpy().any() for velocity in velocities):
        return "the velocities stay 0, so this is plain gradient descent; assign the new velocity to its variable."
    return f"after step {step + 1}, the variables are not those of the NumPy optimiser. Compute the velocity first."


def _alike(arrays: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return all(np.allclose(array, other) for array, other in zip(arrays, others, strict=True))


def _problem_of_batches(function: Callable, images: np.ndarray, labels: np.ndarray, epoch: int) -> str:
    try:
        dataset = function(images, labels, epoch)
        batches = [(np.asarray(x), np.asarray(y)) for x, y in dataset]
    except Exception as error:  # as above
        return f"your function raised {type(error).__name__}: {str(error).splitlines()[0]}"
    if not isinstance(dataset, tf.data.Dataset):
        return f"return a tf.data.Dataset; this is of type {type(dataset).__name__}."
    if any(y.ndim == 0 for _, y in batches):
        return "the dataset gives single images; put them into batches of 32."
    sizes = [len(y) for _, y in batches]
    if sizes == [32, 32]:
        return "the 6 rows left over at the end are missing; keep the smaller batch."
    if sizes != [32, 32, 6]:
        return f"70 rows should come as 32, 32 and 6, but came as {', '.join(map(str, sizes)) or 'nothing'}."
    if any(not np.array_equal(x[:, 0], y) for x, y in batches):
        return "images and labels no longer belong together; put both into the same order."
    order = np.concatenate([y for _, y in batches])
    if np.array_equal(order, labels):
        return "the rows come in the order of the arrays; use the order of minibatches."
    for other in (0, 1):
        if other != epoch and np.array_equal(order, np.concatenate(list(minibatches(70, 32, seed=0, epoch=other)))):
            return f"the rows come in the order of epoch {other}; hand the epoch on to minibatches."
    if not np.array_equal(order, np.concatenate(list(minibatches(70, 32, seed=0, epoch=epoch)))):
        return (
            "the order is another one. Let minibatches say which rows come next; tf.data must not shuffle them again."
        )
    return ""
