import numpy as np
import pytest
import tensorflow as tf

from deepmedia.fundamentals import minibatches
from deepmedia.lessons.fundamentals.three_ways.exercises import check_batches, check_momentum_step, check_traced_steps


def assert_rejected(verdict, word):
    assert not verdict.accepted
    assert word in verdict.text


def test_the_right_counts_are_accepted():
    # 33 * 32 = 1056, and 21 are left over: 34 batches an epoch, of two shapes.
    assert check_traced_steps(340, 2).accepted


@pytest.mark.parametrize(
    ("steps", "traces", "word"),
    [
        (34, 2, "That is one epoch"),
        (330, 2, "left over"),
        (337, 2, "don't reach across epochs"),
        (10770, 2, "Count the batches of one epoch"),
        ("many", 2, "Steps: Give one number; this is a string"),
        (340, 1, "The last batch"),
        (340, 340, "serves all later batches"),
        (340, 20, "from one epoch to the next"),
        (340, 3, "How many different shapes"),
        (340, None, "Traces: Give one number; this is None"),
        (..., 2, "three dots"),
        (340, ..., "three dots"),
    ],
)
def test_wrong_counts_are_rejected_with_their_reason(steps, traces, word):
    assert_rejected(check_traced_steps(steps, traces), word)


def right_step(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity - rate * gradient)
        variable.assign_add(velocity)


def other_sign_of_the_velocity(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity + rate * gradient)
        variable.assign_sub(velocity)


def uphill(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity + rate * gradient)
        variable.assign_add(velocity)


def forgets_velocity(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        variable.assign_add(momentum * velocity - rate * gradient)


def forgets_variables(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity - rate * gradient)
        variable = variable + velocity


def velocity_afterwards(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        variable.assign_add(velocity)
        velocity.assign(momentum * velocity - rate * gradient)


def averaging(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity - (1 - momentum) * rate * gradient)
        variable.assign_add(velocity)


def rate_at_the_end(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity + gradient)
        variable.assign_sub(rate * velocity)


def through_numpy(variables, velocities, gradients, rate, momentum):
    for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
        velocity.assign(momentum * velocity.numpy() - rate * gradient.numpy())
        variable.assign_add(velocity)


def with_its_own_numbers(variables, velocities, gradients, rate, momentum):
    right_step(variables, velocities, gradients, 0.5, 0.8)  # those of the first try


def ignoring_vectors(variables, velocities, gradients, rate, momentum):
    right_step(variables[:1], velocities[:1], gradients[:1], rate, momentum)


def not_yet_written(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("function", [right_step, other_sign_of_the_velocity])
def test_a_right_momentum_step_is_accepted(function):
    assert check_momentum_step(function).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (uphill, "the sign is wrong"),
        (forgets_velocity, "the velocities stay 0"),
        (forgets_variables, "change them with assign_add"),
        (velocity_afterwards, "compute the velocity first"),
        (rate_at_the_end, "the rate multiplies the whole velocity"),
        (averaging, "after step 1"),
        (with_its_own_numbers, "after step 2"),
        (ignoring_vectors, "after step 1"),
        (not_yet_written, "raised NotImplementedError: write your code"),
        (through_numpy, "Inside tf.function, your function raised"),
        (lambda variables: None, "raised TypeError"),
        (3, "Give the function itself"),
        (..., "three dots"),
    ],
)
def test_wrong_momentum_steps_are_rejected_with_their_reason(function, word):
    assert_rejected(check_momentum_step(function), word)


def batches(images, labels, epoch, *, seed=0, sort=lambda order: order):
    order = sort(np.concatenate(list(minibatches(len(images), 32, seed=seed, epoch=epoch))))
    return tf.data.Dataset.from_tensor_slices((images[order], labels[order]))


def test_the_right_pipeline_is_accepted():
    assert check_batches(lambda images, labels, epoch: batches(images, labels, epoch).batch(32)).accepted
    assert check_batches(lambda *data: batches(*data).batch(32).prefetch(2)).accepted


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (batches, "put them into batches of 32"),
        (lambda *data: batches(*data).batch(32, drop_remainder=True), "6 rows left over"),
        (lambda *data: batches(*data).batch(64), "should come as 32, 32 and 6, but came as 64, 6"),
        (lambda *data: batches(*data).batch(32).repeat(), "but came as 32, 32, 6, 32, 32, 6"),
        (lambda *data: batches(*data).take(0).batch(32), "came as nothing"),
        (lambda images, labels, epoch: batches(images, labels[::-1], epoch).batch(32), "no longer belong together"),
        (lambda *data: batches(*data, sort=np.sort).batch(32), "in the order of the arrays"),
        (lambda images, labels, epoch: batches(images, labels, 0).batch(32), "Epoch 1: the rows come in the order of"),
        (lambda *data: batches(*data, seed=1).batch(32), "the order is another one"),
        (lambda *data: batches(*data).shuffle(70, seed=0).batch(32), "the order is another one"),
        (lambda images, labels, epoch: list(batches(images, labels, epoch).batch(32)), "this is of type list"),
        (lambda images, labels: None, "raised TypeError"),
        (lambda images, labels, epoch: batches(images[:, :1], labels, epoch).batch(32), "no longer belong together"),
        (lambda *data: tf.data.Dataset.from_tensor_slices((range(70), range(70))).map(lambda x, y: x), "your dataset"),
        (not_yet_written, "raised NotImplementedError: write your code"),
        (3, "Give the function itself"),
        (..., "three dots"),
    ],
)
def test_wrong_pipelines_are_rejected_with_their_reason(function, word):
    assert_rejected(check_batches(function), word)
