"""Deep stacks of inception-residual blocks, to see what the scale of the residuals does.

After Szegedy et al. (2017), arXiv:1602.07261, Sec. 3.3. Departs from it: the branches
have no batch normalisation, so that a network of 24 narrow blocks shows
within seconds what the paper met in networks of more than 1000 filters.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.blocks import classifier_head
from deepmedia.cnn.inception_resnet import scaled_residual
from deepmedia.training.examples import LabelledImages
from deepmedia.training.fitting import fit

BLOCKS = 24
FILTERS = 16  # of each convolution in the three branches
CHANNELS = 3 * FILTERS  # of x, as many as the branches have together
PART = 32  # images that go through at once when all features are kept: 60 MB


def stacked_blocks(scale: float, *, blocks: int = BLOCKS) -> keras.Model:
    """A convolution to maps of 7x7, a stack of equal inception-residual blocks, a classifier.

    Args:
        scale: Factor of each residual.
        blocks: How many, at least 1.

    Returns:
        A model from images, float32 (n, 28, 28, 1), to logits (n, 10).

    Raises:
        ValueError: If there is no block, or the scale is negative.
    """
    if blocks < 1:
        raise ValueError(f"blocks must be at least 1, got {blocks}")
    if scale < 0:
        raise ValueError(f"scale must be at least 0, got {scale}")
    inputs = keras.Input((28, 28, 1), name="images")
    x = _conv(inputs, CHANNELS, 4, strides=4, name="stem")  # 7x7
    for number in range(1, blocks + 1):
        name = f"block{number}"
        branches = plain_branches(x, name=name)
        x = scaled_residual(x, branches, scale=scale, name=name)
    return keras.Model(inputs, classifier_head(x, 10), name="stacked_blocks")


def plain_branches(x: keras.KerasTensor, *, name: str) -> list[keras.KerasTensor]:
    """Three branches, 1x1 | 1x1 > 3x3 | 1x1 > 3x3 > 3x3, without normalisation.

    Args:
        x: Features, float (n, height, width, channels).
        name: Prefix of the layer names.

    Returns:
        Three features, each float (n, height, width, FILTERS).
    """
    ends = []
    for threes in range(3):
        y = _conv(x, FILTERS, 1, name=f"{name}_branch{threes}_conv0")
        for number in range(1, threes + 1):
            y = _conv(y, FILTERS, 3, name=f"{name}_branch{threes}_conv{number}")
        ends.append(y)
    return ends


def block_outputs(model: keras.Model, images: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The features before the first block and after each block.

    Args:
        model: A network of `stacked_blocks`.
        images: float32 (n, 28, 28, 1).

    Returns:
        Features, float32 (n, 7, 7, CHANNELS), one more than there are blocks.
    """
    names = ["stem_relu", *(layer.name for layer in model.layers if layer.name.endswith("_Activation"))]
    features = keras.Model(model.input, [model.get_layer(name).output for name in names])
    parts = [features(images[start : start + PART]) for start in range(0, len(images), PART)]
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


def mean_squares(model: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float64]:
    """How large the features are before the first block and after each: the mean of their squares.

    Args:
        model: A network of `stacked_blocks`.
        images: float32 (n, 28, 28, 1).

    Returns:
        float (blocks + 1,).
    """
    return np.array([np.mean(np.square(output, dtype=np.float64)) for output in block_outputs(model, images)])


@dataclass(frozen=True)
class Training:
    """What became of a network.

    Attributes:
        losses: Mean loss of each epoch; not a number where it overflowed.
        accuracies: Share of right answers of each epoch, 0..1.
        zeros: Share of zeros among the last features after training, 0..1.
    """

    losses: list[float]
    accuracies: list[float]
    zeros: float

    @property
    def learned(self) -> bool:
        """Whether the last epoch's loss is at least 0.05 lower than that of a guess among ten classes."""
        return bool(self.losses[-1] < np.log(10) - 0.05)


def train_stacked_blocks(
    model: keras.Model, train: LabelledImages, *, learning_rate: float, epochs: int = 3
) -> Training:
    """Train a network in place with gradient descent and momentum, and look at its last feature map.

    Args:
        model: A network of `stacked_blocks`.
        train: Images, float32 (n, 28, 28, 1), and classes (n,).
        learning_rate: Of the steps.
        epochs: Passes over the images.

    Returns:
        Losses and accuracies an epoch, and the state of the last feature map.
    """
    optimizer = keras.optimizers.SGD(learning_rate, momentum=0.9)
    log = fit(model, train, optimizer=optimizer, epochs=epochs, batch_size=64)
    last = block_outputs(model, train[0][:128])[-1]
    return Training(log["loss"], log["accuracy"], float(np.mean(last == 0)))


def _conv(x: keras.KerasTensor, filters: int, size: int, *, strides: int = 1, name: str) -> keras.KerasTensor:
    """Convolution and ReLU; its first weights keep the mean square of what comes in (He et al., 2015)."""
    x = layers.Conv2D(filters, size, strides=strides, padding="same", kernel_initializer="he_normal", name=name)(x)
    return layers.ReLU(name=f"{name}_relu")(x)
