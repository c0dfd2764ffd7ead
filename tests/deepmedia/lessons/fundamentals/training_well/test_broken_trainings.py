import math

import numpy as np
import pytest

from deepmedia.datasets import fashion_mnist
from deepmedia.fundamentals import Dense, Network, ReLU
from deepmedia.lessons.fundamentals.training_well.broken_trainings import (
    EPOCHS,
    GALLERY,
    dead_share,
    dead_units,
    high_learning_rate,
    leaked_test_set,
    probabilities_for_logits,
    rate_with_spike,
    shared_share,
    shifted_labels,
    unscaled_input,
)
from deepmedia.lessons.fundamentals.training_well.recipes import Examples
from deepmedia.splits import train_validation_split

images, labels = fashion_mnist("train")
large_part, validation_part = train_validation_split(labels, validation=2000)
small_part, _ = train_validation_split(labels[large_part], validation=16000)
PARTS = large_part[small_part], validation_part  # as on the page
DATA = tuple(Examples(images[part] / np.float32(255), labels[part]) for part in PARTS)


@pytest.fixture(scope="module")
def cases():
    return {cause: cause(*DATA) for cause in GALLERY.values()}


@pytest.mark.parametrize("cause", GALLERY.values(), ids=lambda cause: cause.__name__)
def test_curves_begin_with_the_untrained_network_and_the_fixed_training_learns(cases, cause):
    case = cases[cause]
    for curves in (case.broken, case.fixed):
        assert len(curves["loss"]) == len(curves["validation_accuracy"]) == EPOCHS + 1
        assert curves["validation_accuracy"][0] < 0.35  # of a guess, or little more
        assert curves["validation_loss"][0] != curves["loss"][0]
    assert case.fixed["loss"][0] == pytest.approx(math.log(10), abs=0.5)
    assert case.fixed["validation_accuracy"][-1] > 0.7


def test_shifted_labels_are_learnt_by_heart_and_help_nothing(cases):
    case = cases[shifted_labels]
    assert case.broken_sign == case.broken["validation_accuracy"][-1] < 0.2
    assert case.fixed_sign == case.fixed["validation_accuracy"][-1]
    assert case.broken["loss"][-1] < case.broken["loss"][1]


def test_the_high_rate_jumps_above_the_untrained_loss(cases):
    case = cases[high_learning_rate]
    assert case.broken_sign > 1.5 * case.fixed_sign
    assert case.broken["loss"][0] == case.fixed["loss"][0]  # the same network to begin with


def test_unscaled_input_shows_before_training(cases):
    case = cases[unscaled_input]
    assert case.broken_sign > 30 > 3 > case.fixed_sign
    assert case.broken["validation_loss"][0] > 30


def test_the_leaked_test_set_shares_pictures_and_promises_too_much(cases):
    case = cases[leaked_test_set]
    # A test picture has 3 copies, each in the training data with 4/5 and equal to it with 1/9.
    assert case.broken_sign == pytest.approx(1 - (1 - 4 / 45) ** 3, abs=0.06)
    assert case.fixed_sign < 0.01
    promised, kept = (
        curves["validation_accuracy"][-1] - curves["new_accuracy"][-1] for curves in (case.broken, case.fixed)
    )
    assert promised > kept


def test_probabilities_for_logits_hold_the_loss_above_its_floor(cases):
    case = cases[probabilities_for_logits]
    assert math.log(1 + 9 / math.e) < case.broken_sign < 2.3
    assert case.fixed_sign < 1


def test_the_spike_kills_all_units_and_no_gradient_wakes_them(cases):
    case = cases[dead_units]
    assert case.broken_sign == 1
    assert case.fixed_sign < 0.2
    assert case.broken["validation_loss"][-1] == pytest.approx(math.log(10), abs=0.05)


def test_the_spike_lasts_two_epochs_of_63_steps():
    assert [rate_with_spike(step) for step in (0, 125, 126, 500)] == [20, 20, 0.1, 0.1]


def test_the_sign_is_shown_with_both_numbers(cases):
    assert repr(cases[dead_units]).splitlines() == [
        "share of hidden units that are 0 for all photographs",
        f"  1 with the fault, {cases[dead_units].fixed_sign:.3g} without",
    ]


def test_a_unit_is_dead_if_no_image_opens_it():
    layer = Dense(1, 4)
    layer.parameters["weights"][:] = [[1, -1, 0, 1]]
    layer.parameters["bias"][:] = [0, 0.5, -1, -9]
    # Inputs 1 and 2: the units get 1 and 2, -0.5 and -1.5, -1 twice, -8 and -7.
    assert dead_share(Network([layer, ReLU()]), np.array([[1.0], [2.0]])) == 3 / 4


def test_shared_images_are_those_with_all_pixels_equal():
    images = np.arange(16.0).reshape(4, 2, 2)
    almost = images[1] + [[0, 0], [0, 1e-9]]
    assert shared_share(images, np.stack([images[2], almost, images[0]])) == 2 / 4
