"""Darknet's normalisation, which divides by the standard deviation plus 1e-6."""

from typing import Any

import keras
from keras import layers, ops

ADDED = 1e-6  # to the standard deviation


@keras.saving.register_keras_serializable("deepmedia")
class DarknetNormalisation(layers.BatchNormalization):
    """Batch normalisation as Darknet computes it on a processor: gamma · (x - mean) / (√variance + 1e-6) + beta.

    Keras adds its epsilon to the variance, below the root. With its default, 0.001, a channel of variance 0.01 comes
    out at 95 % of what it should. No epsilon gives Darknet's formula for all variances, so this layer computes it
    itself; the variance is stored as it stands in Darknet's file, and can be written back bit for bit.

    In training √(variance + 1e-12) is taken, which is the same at variance 0, and has a derivative there. Darknet on a
    GPU divides by √(variance + 1e-5) instead.

    Args:
        settings: Of every Keras layer, such as ``name``.

    Source: src/blas.c, normalize_cpu, and src/blas_kernels.cu of https://github.com/pjreddie/darknet; the moving
        averages keep 0.99 a step as in src/batchnorm_layer.c.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"momentum": 0.99, "epsilon": ADDED**2} | settings)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise by the batch's own mean and variance in training, by the moving averages otherwise."""
        if training and self.trainable:
            return super().call(inputs, training=training, mask=mask)
        gain = self.gamma / (ops.sqrt(self.moving_variance) + ADDED)
        shift = self.beta - self.moving_mean * gain
        return inputs * ops.cast(gain, inputs.dtype) + ops.cast(shift, inputs.dtype)
