"""A log that TensorBoard shows: written while Keras trains, and read back without TensorBoard.

A log is a folder of files of records, and a record holds a step, a name and a number. ``keras.callbacks.TensorBoard``
writes such logs too, but needs the package ``tensorboard``, which TensorFlow no longer brings.
"""

from pathlib import Path
from typing import Any

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

Logs = dict[str, float] | None  # what Keras reports, by name
SCALAR = tf.compat.v1.SummaryMetadata(  # tells TensorBoard to draw the numbers as a curve
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class=1
)


class ScalarLog(keras.callbacks.Callback):
    """Writes what ``fit`` reports after each epoch to a folder of its own."""

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = str(folder)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Start a file of records."""
        self.writer = tf.summary.create_file_writer(self.folder)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write loss, accuracy and so on under the epoch's number, from 1."""
        with self.writer.as_default(step=epoch + 1):  # to disk at its end
            for name, value in (logs or {}).items():
                number = tf.constant(value, tf.float32)
                tf.summary.write(name, number, metadata=SCALAR)

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        self.writer.close()


def read_scalars(folder: str | Path) -> dict[str, list[tuple[int, float]]]:
    """The curves of a log.

    Args:
        folder: What ``ScalarLog`` or ``keras.callbacks.TensorBoard`` wrote to, or a folder above.

    Returns:
        Steps and values under the name of each curve, in the order of the steps.

    Raises:
        FileNotFoundError: If there is no log.
    """
    files = sorted(Path(folder).rglob("*.tfevents.*"))
    if not files:
        raise FileNotFoundError(f"no file *.tfevents.* is in {folder}; is it the folder that the training wrote to?")
    curves: dict[str, list[tuple[int, float]]] = {}
    for record in tf.data.TFRecordDataset([str(file) for file in files]):
        event: Any = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name in ("", "scalars") and value.tensor.dtype:
                curves.setdefault(value.tag, []).append((event.step, float(tf.make_ndarray(value.tensor))))
    return {name: sorted(points) for name, points in curves.items()}
