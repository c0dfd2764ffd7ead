import numpy as np
import pytest

from deepmedia.fundamentals import BatchNormalisation, Dense, EarlyStopping, Network


def run(losses, **options):
    """Epochs until the stop, with weights and statistics equal to the epoch's number."""
    network, stopping = Network([Dense(2, 2), BatchNormalisation(2)]), EarlyStopping(**options)
    for epoch, loss in enumerate(losses):
        for array in (network.parameters | network.state).values():
            array[...] = epoch
        if stopping.should_stop(loss, network):
            return epoch, stopping, network
    return None, stopping, network


def test_it_stops_after_so_many_epochs_without_a_new_lowest_loss():
    stop, stopping, _ = run([3.0, 2.0, 2.5, 1.9, 2.0, 1.95, 1.0], patience=2)
    assert stop == 5
    assert (stopping.best_epoch, stopping.best_loss) == (3, 1.9)


def test_it_goes_on_while_the_loss_falls():
    assert run([3.0, 2.0, 1.0, 0.5], patience=1)[0] is None


def test_a_fall_smaller_than_min_delta_does_not_count():
    assert run([3.0, 2.95, 2.94, 2.93], patience=2, min_delta=0.1)[0] == 2


def test_the_best_weights_and_statistics_come_back():
    _, stopping, network = run([3.0, 1.0, 2.0, 2.0], patience=2)
    stopping.restore_best(network)
    for array in (network.parameters | network.state).values():
        np.testing.assert_array_equal(array, 1)


@pytest.mark.parametrize("losses", [[], [np.nan], [np.inf, np.nan]])
def test_without_a_finite_loss_there_are_no_best_weights(losses):
    _, stopping, network = run(losses)
    with pytest.raises(ValueError, match=rf"no epoch has had a finite validation loss \({len(losses)} noted\)"):
        stopping.restore_best(network)


@pytest.mark.parametrize(("option", "value"), [("patience", 0), ("min_delta", -0.1), ("min_delta", np.nan)])
def test_settings_outside_their_range_are_refused(option, value):
    with pytest.raises(ValueError, match=f"{option} must be "):
        EarlyStopping(**{option: value})
