from dataclasses import replace

import numpy as np
import pytest

from deepmedia.datasets import digits
from deepmedia.fundamentals import SGD, Adam, CosineDecay, EarlyStopping, Network, TrainingDiverged
from deepmedia.lessons.fundamentals.training_well.recipes import (
    Examples,
    Recipe,
    accuracy_over_rates,
    compare_recipes,
    last,
    train,
)


def some(split, count):
    images, labels = digits(split)
    return Examples(images[:count] / np.float32(16), labels[:count])


TRAINING, VALIDATION = some("train", 200), some("validation", 100)
DATA = TRAINING, VALIDATION
SMALL = Recipe(hidden=(16,), epochs=3, learning_rate=0.02)


def weights(network):
    return np.concatenate([array.ravel() for array in network.parameters.values()])


def test_a_network_has_the_layers_of_its_recipe_in_order():
    network = Recipe(hidden=(6, 5), dropout=0.5, batch_normalisation=True).network((2, 2))
    hidden = "Dense({}, {}), BatchNormalisation({}), ReLU(), Dropout(0.5), "
    first, second = hidden.format(4, 6, 6), hidden.format(6, 5, 5)
    assert repr(network) == f"Network([Flatten(), {first}{second}Dense(5, 10)])"


def test_what_is_switched_off_is_not_there():
    assert repr(Recipe().network((28, 28))) == "Network([Flatten(), Dense(784, 128), ReLU(), Dense(128, 10)])"


def test_layers_of_one_network_drop_different_units():
    network = Recipe(hidden=(50, 50), dropout=0.5).network((2, 2), seed=1)
    first, second = (layer for layer in network.layers if repr(layer).startswith("Dropout"))
    ones = np.ones((1, 50), np.float32)
    assert not np.array_equal(first.forward(ones, training=True), second.forward(ones, training=True))


def test_a_schedule_ends_with_the_last_step_of_the_training():
    recipe = replace(SMALL, schedule=CosineDecay, batch_size=32)  # 200 = 6 * 32 + 8: 7 batches an epoch
    optimiser = recipe.optimiser(200)
    optimiser.steps_taken = 3 * 7 - 1
    assert optimiser.current_learning_rate > 0
    optimiser.steps_taken += 1
    assert optimiser.current_learning_rate == 0
    _, history = train(recipe, *DATA)
    assert history["learning_rate"][-1] == 0
    assert history["learning_rate"][-2] > 0


def test_rule_rate_and_decay_reach_the_optimiser():
    optimiser = replace(SMALL, rule=SGD, learning_rate=0.3, weight_decay=0.1).optimiser(200)
    assert type(optimiser) is SGD
    assert (optimiser.current_learning_rate, optimiser.weight_decay) == (0.3, 0.1)
    assert type(SMALL.optimiser(200)) is Adam


def test_a_training_learns_and_is_repeated_by_its_seed():
    (first, history), (second, _), (other, _) = (train(SMALL, *DATA, seed=seed) for seed in (0, 0, 1))
    assert history["validation_accuracy"][-1] > 0.5
    assert len(history["loss"]) == 3
    np.testing.assert_array_equal(weights(first), weights(second))
    assert not np.array_equal(weights(first), weights(other))


def test_the_order_of_the_examples_changes_from_epoch_to_epoch():
    seen = []

    class Spy(SGD):
        def step(self, parameters, gradients):
            seen.append(gradients["layer3.bias"].copy())

    train(replace(SMALL, epochs=2, rule=Spy, batch_size=100), *DATA)
    assert not np.allclose(seen[0], seen[2])  # the weights stay, so only the order tells the first batches apart


def test_every_epoch_of_every_seed_has_an_order_of_its_own(monkeypatch):
    orders, fit = [], Network.fit

    def spy(network, *arguments, seed, **settings):
        orders.append(seed)
        return fit(network, *arguments, seed=seed, **settings)

    monkeypatch.setattr(Network, "fit", spy)
    for seed in (0, 1):
        train(SMALL, *DATA, seed=seed)
    assert len(set(orders)) == len(orders) == 2 * SMALL.epochs


def test_augmentation_is_applied_anew_in_each_epoch_to_the_original_images():
    seen = []

    def spy(images, generator):
        seen.append((images, generator.random()))
        return images

    train(replace(SMALL, augment=spy), *DATA)
    assert len({number for _, number in seen}) == 3
    assert all(images is TRAINING.images for images, _ in seen)


def test_the_augmented_images_are_what_is_learnt_from():
    plain, _ = train(SMALL, *DATA)
    augmented, _ = train(replace(SMALL, augment=lambda images, generator: images[:, ::-1]), *DATA)
    assert not np.array_equal(weights(plain), weights(augmented))


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    recipe = Recipe(hidden=(16,), epochs=4, dropout=0.5, schedule=CosineDecay)
    whole, curves = train(recipe, *DATA)

    def interrupt(epoch):
        if epoch == 2:
            raise KeyboardInterrupt

    path = tmp_path / "checkpoint.npz"
    with pytest.raises(KeyboardInterrupt):
        train(recipe, *DATA, checkpoint=path, on_epoch_end=interrupt)
    epochs: list[int] = []
    resumed, resumed_curves = train(recipe, *DATA, checkpoint=path, on_epoch_end=epochs.append)
    assert epochs == [3, 4]
    np.testing.assert_array_equal(weights(whole), weights(resumed))
    assert resumed_curves["validation_loss"] == curves["validation_loss"]


def test_early_stopping_ends_with_the_weights_of_the_lowest_loss():
    recipe = replace(SMALL, epochs=60, learning_rate=0.05)
    network, history = train(recipe, *DATA, early_stopping=EarlyStopping(patience=2))
    best = int(np.argmin(history["validation_loss"]))
    assert len(history["loss"]) == best + 3 < 60
    logits = network.predict(VALIDATION.images)
    accuracy = np.mean(logits.argmax(axis=1) == VALIDATION.labels)
    assert accuracy == history["validation_accuracy"][best]


def test_resuming_a_finished_training_with_early_stopping_leaves_its_weights(tmp_path):
    path = tmp_path / "checkpoint.npz"
    finished, _ = train(SMALL, *DATA, checkpoint=path)
    resumed, history = train(SMALL, *DATA, checkpoint=path, early_stopping=EarlyStopping())
    assert len(history["loss"]) == SMALL.epochs
    np.testing.assert_array_equal(weights(finished), weights(resumed))


def test_a_diverged_training_with_early_stopping_says_so():
    far = Examples(VALIDATION.images.copy(), VALIDATION.labels)
    far.images[-1] = 3e38  # finite, but what the network makes of it is not
    with pytest.raises(TrainingDiverged, match="epoch 0: the outputs of the validation data hold NaN or infinity"):
        train(SMALL, DATA[0], far, early_stopping=EarlyStopping())


def test_compare_prints_means_and_ranges_of_the_last_epoch(capsys):
    results = compare_recipes({"small": SMALL, "one epoch": replace(SMALL, epochs=1)}, *DATA, seeds=(0, 1))
    _, alone = train(SMALL, *DATA, seed=1)
    assert results["small"][1]["validation_loss"] == alone["validation_loss"]
    accuracies = last(results["small"], "validation_accuracy")
    assert accuracies == [history["validation_accuracy"][2] for history in results["small"]]
    line = capsys.readouterr().out.splitlines()[1]
    mean, low, high = sum(accuracies) / 2, min(accuracies), max(accuracies)
    assert line.startswith(f"small      {mean:.1%} ({low:.1%} to {high:.1%})")
    assert line.split()[-1] == f"{np.mean(last(results['small'], 'loss')):.3f}"


def test_accuracies_over_rates_stand_by_seed_and_rate_and_a_divergence_counts_as_a_guess():
    accuracies = accuracy_over_rates(replace(SMALL, rule=SGD), [0.1, 1e30], *DATA, seeds=(0, 1))
    assert accuracies.shape == (2, 2)
    assert accuracies[:, 1].tolist() == [0.1, 0.1]
    _, history = train(replace(SMALL, rule=SGD, learning_rate=0.1), *DATA, seed=1)
    assert accuracies[1, 0] == history["validation_accuracy"][-1]
