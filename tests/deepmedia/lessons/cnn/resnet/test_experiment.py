import keras
import numpy as np
import pytest

from deepmedia.lessons.cnn.resnet.experiment import (
    best_rows,
    block_means,
    gradient_sizes,
    probe,
    stacked_network,
    train_stacked_network,
)


@pytest.fixture(scope="module")
def random_images():
    return np.random.default_rng(0).random((60, 28, 28, 1)).astype("float32")


@pytest.mark.parametrize(("blocks", "layers"), [(1, 4), (2, 6), (5, 12)])
@pytest.mark.parametrize("shortcut", [True, False])
def test_a_stack_has_the_layers_that_its_name_says(blocks, layers, shortcut):
    model = stacked_network(blocks, shortcut=shortcut)
    assert sum(hasattr(layer, "kernel") for layer in model.layers) == layers
    assert model.name == f"{'residual' if shortcut else 'plain'}_{layers}"
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == blocks * shortcut


def test_plain_and_residual_stacks_have_the_parameters_counted_by_hand():
    # stem 3x3x1 and its 3 numbers a map, 6 convolutions and their 4, the classifier
    expected = (9 + 3) * 16 + 6 * (9 * 16 * 16 + 4 * 16) + 17 * 10
    assert stacked_network(3).count_params() == stacked_network(3, shortcut=False).count_params() == expected


@pytest.fixture(scope="module")
def examples():
    random = np.random.default_rng(0)
    return random.random((40, 28, 28, 1)).astype("float32"), random.integers(0, 10, 40)


def test_the_same_seed_gives_the_same_training(examples):
    runs = [train_stacked_network(1, examples, shortcut=True, epochs=2, seed=seed) for seed in (3, 3, 4)]
    losses = [history["loss"] for _, history in runs]
    assert len(losses[0]) == 2
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert losses[0] != pytest.approx(losses[2], abs=1e-3)
    assert {model.name for model, _ in runs} == {"residual_4"}


@pytest.mark.parametrize("rate", [1e-3, 2e-2])
def test_the_first_step_of_adam_is_the_learning_rate(examples, rate):
    # Adam divides the gradient by its own size at first, so each weight moves by the rate.
    keras.utils.set_random_seed(5)
    before = stacked_network(1, shortcut=False).get_layer("logits").bias.numpy()
    model, _ = train_stacked_network(1, examples, shortcut=False, epochs=1, learning_rate=rate, seed=5)
    moved = np.abs(model.get_layer("logits").bias.numpy() - before)
    np.testing.assert_allclose(moved, rate, rtol=1e-2)
    assert model.name == "plain_4"


def test_the_means_are_those_of_the_maps_that_a_training_step_sees(random_images):
    model = stacked_network(3, shortcut=False)
    found = block_means(model, random_images)
    assert [means.shape for means in found] == 3 * [(60, 16)]
    for number, means in enumerate(found, start=1):
        block = keras.Model(model.input, model.get_layer(f"block{number}_out").output)
        maps = block(random_images, training=True).numpy()
        np.testing.assert_allclose(means, maps.reshape(60, 49, 16).mean(axis=1), atol=1e-4)


def test_images_go_through_in_batches_that_are_normalised_apart():
    images = np.random.default_rng(1).random((620, 28, 28, 1)).astype("float32")
    model = stacked_network(1)
    (found,) = block_means(model, images)
    parts = [block_means(model, part)[0] for part in (images[:500], images[500:])]
    np.testing.assert_allclose(found, np.concatenate(parts), atol=1e-4)


def test_looking_at_the_blocks_changes_nothing(random_images):
    model = stacked_network(2)
    before = [weight.copy() for weight in model.get_weights()]
    block_means(model, random_images)
    gradient_sizes(model, random_images, np.arange(60) % 10)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_labels_that_do_not_fit_change_nothing_either(random_images):
    model = stacked_network(1)
    before = [weight.copy() for weight in model.get_weights()]
    with pytest.raises(ValueError, match="must have the same shape"):
        gradient_sizes(model, random_images[:4], np.arange(3))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_gradients_match_differences_of_the_loss(random_images):
    # Along the gradient itself the loss rises by its length; each kernel is moved alone.
    labels = np.arange(60) % 10
    model = stacked_network(2)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    kernels = [model.get_layer(f"block{number}_1_conv").kernel for number in (1, 2)]
    random = np.random.default_rng(5)
    lengths = gradient_sizes(model, random_images, labels)
    assert len(lengths) == 2
    for kernel, length in zip(kernels, lengths, strict=True):
        start, slopes = kernel.numpy(), []
        for direction in random.normal(size=(12, *start.shape)):
            losses = []
            for sign in (1, -1):
                kernel.assign(start + sign * 1e-2 * direction)
                losses.append(float(cross_entropy(labels, model(random_images, training=True))))
            slopes.append((losses[0] - losses[1]) / 2e-2)
        kernel.assign(start)
        # a random direction's slope has the mean square of the length
        assert length / 2 < np.sqrt(np.mean(np.square(slopes))) < 2 * length


def row(network, layers, rate, loss):
    return {"network": network, "layers": layers, "learning_rate": rate, "losses": [2 - loss, loss]}


def test_the_best_rows_are_those_of_the_rate_with_the_lowest_last_loss():
    mine = [row("plain", 6, 0.1, 0.1), row("plain", 6, 0.1, 0.9), row("plain", 6, 0.2, 0.4), row("plain", 6, 0.2, 0.5)]
    others = [row("residual", 6, 0.1, 0.01), row("plain", 42, 0.2, 0.02)]
    assert best_rows([*others, *mine], network="plain", layers=6) == mine[2:]


@pytest.mark.parametrize("order", [1, -1])
def test_a_rate_whose_loss_is_not_a_number_is_not_the_best(order):
    rows = [row("plain", 6, 0.1, np.nan), row("plain", 6, 0.1, 0.1), row("plain", 6, 0.2, 0.4)][::order]
    assert best_rows(rows, network="plain", layers=6) == [row("plain", 6, 0.2, 0.4)]


@pytest.mark.parametrize(("network", "layers"), [("plane", 6), ("plain", 7)])
def test_a_network_without_rows_is_refused_with_those_that_have_some(network, layers):
    rows = [row("residual", 42, 0.1, 0.1), row("plain", 6, 0.1, 0.1), row("plain", 6, 0.2, 0.1)]
    message = f"got '{network}' with {layers}; there are 'plain' with 6, 'residual' with 42$"
    with pytest.raises(ValueError, match=message):
        best_rows(rows, network=network, layers=layers)
    with pytest.raises(ValueError, match="there are none"):
        best_rows([], network=network, layers=layers)


def features_of(labels, strength, seed=0):
    """One number a class, larger where the class is right, in noise."""
    noise = np.random.default_rng(seed).normal(size=(len(labels), 3))
    return noise + strength * np.eye(3)[labels]


def test_a_probe_finds_what_is_there_and_nothing_in_noise():
    labels = np.random.default_rng(1).integers(0, 3, 600)
    assert probe(features_of(labels, 9), labels) > 0.99
    assert probe(features_of(labels, 0), labels) == pytest.approx(1 / 3, abs=0.1)


def test_a_probe_scores_only_images_that_did_not_set_its_weights():
    # The second half bears the classes' signs turned round: learnt on the first half, all is wrong.
    labels = np.tile([0, 1], 40)
    features = features_of(labels, 20)
    features[40:] = features[40:][:, [1, 0, 2]]
    assert probe(features, labels) == 0


def test_a_probe_stands_dead_maps():
    labels = np.tile([0, 1, 2], 40)
    features = features_of(labels, 20)
    dead = np.concatenate([features, np.zeros_like(features)], axis=-1)
    assert probe(dead, labels) == probe(features, labels) == 1


def test_a_stack_needs_a_block():
    with pytest.raises(ValueError, match="blocks must be at least 1, got 0"):
        stacked_network(0)


def test_a_probe_needs_a_label_for_each_image():
    with pytest.raises(ValueError, match="the same two or more images, got 3, 2"):
        probe(np.zeros((3, 2)), np.array([0, 1]))
