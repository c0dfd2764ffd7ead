"""How often TensorFlow traces the training step of a network.

Tracing turns the Python of a step into a graph. For a deep network it takes
seconds and some hundred megabytes, often more than the training on small images.
"""

import keras
import numpy as np
from numpy.typing import NDArray


def trace_once(model: keras.Model, images: NDArray[np.generic], labels: NDArray[np.generic]) -> None:
    """Make a compiled model ready, so that its training step is traced once and not twice.

    Keras makes the variables of the optimiser and of the metrics in the first step. A
    step that has made variables is traced a second time (guide to `tf.function`, section
    "Creating variables"). Here they are made beforehand; weights and random numbers of
    the training stay as they are.

    Args:
        model: Compiled, with metrics; not yet trained.
        images: At least one, as for `fit`.
        labels: Of these images, as for `fit`.

    Raises:
        ValueError: If the model is not compiled.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("model must be compiled first: call model.compile(optimizer=..., loss=..., metrics=[...])")
    answers = model(images[:1], training=False)  # first: it makes the weights of a network without Input
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(images[:1], labels[:1], answers)
    model.reset_metrics()
