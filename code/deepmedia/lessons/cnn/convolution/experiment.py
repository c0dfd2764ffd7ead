"""Three networks with one hidden layer of equal width: weights shared, weights not shared, every pixel connected.

"shared" is a convolution. "local" has the same connections, but each place has kernels of its own. "dense" connects
each hidden unit with every pixel. What follows is the same for all three: the largest value of each map, wherever it
is, so that the classifier itself does not care where something is.

Source: the three kinds are those of Goodfellow, Bengio and Courville (2016), Deep Learning, Sec. 9.5.
"""

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from deepmedia.cnn.blocks import check_classes
from deepmedia.cnn.windows import check_size

KINDS = ("shared", "local", "dense")


@keras.saving.register_keras_serializable("deepmedia")
class LocallyConnected(layers.Layer):
    """Like a "same" convolution with odd kernels and stride 1, but with own kernels and biases at each place.

    Args:
        filters: Feature maps.
        kernel_size: Height and width of a kernel, odd.
        **settings: Of any layer, such as ``name``.

    Raises:
        ValueError: If kernel_size is not an odd whole number.
    """

    def __init__(self, filters: int, kernel_size: int, **settings: object) -> None:
        super().__init__(**settings)
        check_size(kernel_size, "kernel_size", odd=True)
        self.filters, self.kernel_size = filters, kernel_size

    def build(self, input_shape: tuple[int, int, int, int]) -> None:
        """Make a kernel and a bias for each place."""
        _, height, width, channels = input_shape
        entries = self.kernel_size**2 * channels
        # starts as a convolution does: uniform by Glorot's rule
        limit = (6 / (entries + self.kernel_size**2 * self.filters)) ** 0.5
        self.kernels = self.add_weight(
            shape=(height, width, entries, self.filters),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            name="kernels",
        )
        self.bias = self.add_weight(shape=(height, width, self.filters), initializer="zeros", name="bias")

    def call(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Feature maps (n, height, width, filters) of images (n, height, width, channels)."""
        # the pixels under the kernel at each place: (n, height, width, entries)
        patches = ops.image.extract_patches(images, self.kernel_size, strides=1, padding="same")
        maps = ops.einsum("nhwe,hwef->nhwf", patches, self.kernels)
        return maps + self.bias

    def get_config(self) -> dict:
        """The layer's settings."""
        return {**super().get_config(), "filters": self.filters, "kernel_size": self.kernel_size}


def one_layer_network(
    kind: str, input_shape: tuple[int, int, int], *, filters: int = 16, kernel_size: int = 5, classes: int = 10
) -> keras.Model:
    """A hidden layer of ``filters`` feature maps, ReLU, the largest value of each map, and a linear classifier.

    Args:
        kind: One of `KINDS`.
        input_shape: Height, width and channels.
        filters: Feature maps of the hidden layer, which has height · width · filters units in each kind.
        kernel_size: Height and width of a kernel, odd; "dense" has none.
        classes: Number of classes, at least 2.

    Returns:
        A model from images, float32 (n, height, width, channels) in 0..1, to logits (n, classes).

    Raises:
        ValueError: If there is no such kind, its kernels' size is not an odd whole number, or there are fewer than two
            classes.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if kind != "dense":
        check_size(kernel_size, "kernel_size", odd=True)
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    height, width, _ = input_shape
    if kind == "shared":
        hidden = layers.Conv2D(filters, kernel_size, padding="same", name="hidden")
        x = hidden(inputs)
    elif kind == "local":
        x = LocallyConnected(filters, kernel_size, name="hidden")(inputs)
    else:
        x = layers.Flatten(name="pixels")(inputs)
        x = layers.Dense(height * width * filters, name="hidden")(x)
        x = layers.Reshape((height, width, filters), name="maps")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.GlobalMaxPooling2D(name="largest")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name=f"{kind}_network")


def beside_nothing(photos: NDArray[np.float32], *, side: str) -> NDArray[np.float32]:
    """Photos on a black canvas twice as wide as they are.

    Args:
        photos: float32 (n, height, width, channels).
        side: Where they go, ``"left"`` or ``"right"``.

    Returns:
        float32 (n, height, 2 · width, channels).

    Raises:
        ValueError: If the side has another name.
    """
    if side not in ("left", "right"):
        raise ValueError(f'side must be "left" or "right", got {side!r}')
    black = np.zeros_like(photos)
    return np.concatenate([photos, black] if side == "left" else [black, photos], axis=2)
