import numpy as np
import pytest

from deepmedia.fundamentals import Dense, EarlyStopping, Network
from deepmedia.lessons.fundamentals.training_well.exercises import check_steps, check_stop, check_suspects

LOSSES = [5.0, 3.0, 4.0, 2.0, 2.5, 2.0, 3.0, 1.0]  # lowest so far in epochs 1, 2, 4 and 8
IS_WRONG = np.arange(200) % 20 == 3  # ten of two hundred


def test_the_right_number_of_steps_is_accepted():
    assert check_steps(282 * 20).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (281 * 20, "it is a step, too"),
        (18_000 / 64 * 20, "Round up in each epoch"),
        (282, "That is one epoch"),
        (18_000 * 20, "a whole batch"),
        (1, "How many batches"),
        ("many", "Give one number; this is a string"),
    ],
)
def test_wrong_numbers_of_steps_are_rejected_with_their_reason(answer, word):
    verdict = check_steps(answer)
    assert not verdict.accepted
    assert word in verdict.text


@pytest.mark.parametrize(("patience", "answer"), [(1, (2, 3)), (2, (4, 6)), (3, (4, 7)), (4, (8, 8))])
def test_the_right_epochs_are_accepted(patience, answer):
    assert check_stop(answer, LOSSES, patience=patience).accepted
    assert check_stop(list(answer), LOSSES, patience=patience).accepted


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_the_checker_agrees_with_early_stopping_itself(patience):
    stopping, network = EarlyStopping(patience=patience), Network([Dense(1, 1)])
    epochs = next(epoch for epoch, loss in enumerate(LOSSES, start=1) if stopping.should_stop(loss, network))
    assert check_stop((stopping.best_epoch + 1, epochs), LOSSES, patience=patience).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((6, 4), "other order"),
        ((3, 5), "counted from 0"),
        ((4, 7), "no further"),
        ((8, 8), "never gets there"),
        ((5, 6), "Go through the losses"),
        (4, "Give two numbers"),
        ((4, 6, 8), "Give two numbers"),
    ],
)
def test_wrong_epochs_are_rejected_with_their_reason(answer, word):
    verdict = check_stop(answer, LOSSES, patience=2)
    assert not verdict.accepted
    assert word in verdict.text


WRONG, RIGHT = np.flatnonzero(IS_WRONG), np.flatnonzero(~IS_WRONG)


@pytest.mark.parametrize("found", [6, 10])
def test_enough_wrong_labels_among_the_suspects_are_accepted(found):
    assert check_suspects(np.concatenate([WRONG[:found], RIGHT[: 10 - found]]), IS_WRONG).accepted
    assert check_suspects([*WRONG[:found].tolist(), *RIGHT[: 10 - found].tolist()], IS_WRONG).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (np.concatenate([WRONG[:5], RIGHT[:5]]), "fewer epochs"),
        (RIGHT[:10], "lowest losses"),
        (WRONG[:9], "row numbers of 10"),
        (np.repeat(WRONG[:5], 2), "more than once"),
        (WRONG + 195, "between 0 and 199"),
        (WRONG - 4, "between 0 and 199"),
        (IS_WRONG, "row numbers of 10"),
        (WRONG.astype(float), "array of integers"),
    ],
)
def test_wrong_suspects_are_rejected_with_their_reason(answer, word):
    verdict = check_suspects(answer, IS_WRONG)
    assert not verdict.accepted
    assert word in verdict.text
