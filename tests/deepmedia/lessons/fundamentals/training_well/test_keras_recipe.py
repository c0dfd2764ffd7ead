import keras
import numpy as np
import pytest

from deepmedia.datasets import digits
from deepmedia.lessons.fundamentals.training_well.keras_recipe import compiled_network, train_with_backups
from deepmedia.lessons.fundamentals.training_well.killed_training import Run
from deepmedia.lessons.fundamentals.training_well.recipes import Examples

# Keras 3.15 reads TensorFlow's variables in a way that NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
images, labels = digits("train")
TRAINING, VALIDATION = (
    Examples(images[part] / np.float32(16), labels[part]) for part in (slice(0, 300), slice(300, 400))
)


def test_the_network_is_the_recipe_with_the_names_of_keras():
    model = compiled_network(8, steps=10)
    kinds = [type(layer).__name__ for layer in model.layers[1:]]
    assert kinds == ["RandomTranslation", "Flatten", "Dense", "Dropout", "Dense"]
    assert model.count_params() == (8 * 8 + 1) * 128 + (128 + 1) * 10
    assert model.loss.get_config()["from_logits"]
    rate = model.optimizer._learning_rate
    assert [float(rate(step)) for step in (0, 5, 10)] == pytest.approx([0.002, 0.001, 0])


def test_the_layers_move_and_drop_in_training_and_not_in_prediction():
    model = compiled_network(8, steps=10)
    photo = TRAINING.images[:1, ..., None]
    first, second = (model.predict(photo, verbose=0) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(model(photo, training=False), first, atol=1e-5)
    assert not np.allclose(model(photo, training=True), first)


def test_an_interrupted_training_goes_on_from_its_backup_and_deletes_it(tmp_path):
    epochs, backup = [], tmp_path / "backup"

    def interrupt(epoch):
        epochs.append(epoch)
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_with_backups(TRAINING, VALIDATION, backup, epochs=4, on_epoch_end=interrupt)
    assert (backup / "latest.weights.h5").exists()
    weights, accuracy = train_with_backups(TRAINING, VALIDATION, backup, epochs=4, on_epoch_end=epochs.append)
    assert epochs == [1, 2, 3, 4]
    assert not backup.exists()
    assert [array.shape for array in weights] == [(64, 128), (128,), (128, 10), (10,)]
    assert 0.2 < accuracy <= 1
    # Without the backup the second call would have begun from the first weights and taken four epochs.
    whole, _ = train_with_backups(TRAINING, VALIDATION, backup, epochs=4)
    again, _ = train_with_backups(TRAINING, VALIDATION, backup, epochs=4)
    assert Run([], whole, 0).difference(Run([], again, 0)) < 1e-4  # the seed repeats it
    assert Run([], whole, 0).difference(Run([], weights, 0)) > 1e-3  # the random states are not in the backup


def test_keras_still_does_not_save_the_random_states(tmp_path):
    model = compiled_network(8, steps=10)
    model(TRAINING.images[:1, ..., None], training=True)
    model.save_weights(tmp_path / "a.weights.h5")
    again = compiled_network(8, steps=10)
    again.load_weights(tmp_path / "a.weights.h5")
    states, others = ([state.numpy().tolist() for state in each.non_trainable_variables] for each in (model, again))
    assert len(states) == 2
    assert states != others
    assert keras.__version__.startswith("3")
