import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.lessons.fundamentals.three_ways.event_log import ScalarLog, read_scalars
from deepmedia.lessons.fundamentals.three_ways.experiment import keras_network


def trained(folder, epochs=3):
    """The history of a small training that was logged."""
    images = np.random.default_rng(0).normal(size=(40, 5))
    labels = np.arange(40) % 3
    keras.utils.set_random_seed(0)
    model = keras_network((5, 4, 3))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    data = (images[:30], labels[:30]), (images[30:], labels[30:])
    log = model.fit(*data[0], validation_data=data[1], epochs=epochs, verbose=0, callbacks=[ScalarLog(folder)])
    return log.history


def test_the_log_holds_what_keras_reports_under_the_epochs_from_1(tmp_path):
    history = trained(tmp_path)
    curves = read_scalars(tmp_path)
    assert set(curves) == set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, points in curves.items():
        steps, values = zip(*points, strict=True)
        assert steps == (1, 2, 3)
        np.testing.assert_allclose(values, history[name], rtol=1e-6)


def test_the_records_are_those_that_tensorboard_draws_as_curves(tmp_path):
    trained(tmp_path, epochs=1)
    (file,) = tmp_path.iterdir()
    assert ".tfevents." in file.name
    events = [tf.compat.v1.Event.FromString(r.numpy()) for r in tf.data.TFRecordDataset([str(file)])]
    assert events[0].file_version.startswith("brain.Event:")
    values = [value for event in events for value in event.summary.value]
    assert len(values) == 4
    # What tensorboard's own scalar summaries carry (tensorboard/plugins/scalar/metadata.py).
    assert {value.metadata.plugin_data.plugin_name for value in values} == {"scalars"}
    assert {value.metadata.data_class for value in values} == {1}


def test_a_log_grows_while_the_training_runs(tmp_path):
    log = ScalarLog(tmp_path)
    log.on_train_begin()
    log.on_epoch_end(0, {"loss": 2.0})
    log.on_epoch_end(1, {"loss": 1.5})
    assert read_scalars(tmp_path) == {"loss": [(1, 2.0), (2, 1.5)]}
    log.on_train_end()


def test_what_is_no_curve_is_passed_over(tmp_path):
    log = ScalarLog(tmp_path)
    log.on_train_begin()
    with log.writer.as_default(step=1):
        metadata = tf.compat.v1.SummaryMetadata(
            plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="histograms")
        )
        tf.summary.write("weights", tf.zeros((3, 3)), metadata=metadata)
    log.on_epoch_end(0, {"loss": 2.0})
    log.on_train_end()
    assert list(read_scalars(tmp_path)) == ["loss"]


def test_a_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file \*\.tfevents\.\* is in .*; is it the folder"):
        read_scalars(tmp_path)
