"""Four small networks for garments of 28 x 28 pixels, one for each idea of this part.

All have the same stem and the same head; between them stand blocks of one kind. Their
widths make the multiply-adds of one image equal to within a twentieth, so that a
comparison at equal training compares ideas and not sizes.
"""

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, bn_relu, check_classes, check_input_shape
from deepmedia.cnn.inception import inception_module, reduction_module
from deepmedia.cnn.inception_resnet import inception_residual_block
from deepmedia.cnn.resnet import residual_block
from deepmedia.cnn.rir import rir_block

STEM_FILTERS = 32
MOMENTUM = 0.9  # of batch normalisation: a run has few steps, so its averages must move fast
DROPOUT = 0.6  # share of the last features that are left out in each training step
SCALE = 0.3  # of the residuals in small_inception_resnet
SMALLEST = 4  # pixels: the sides are halved twice


def small_inception(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """Reduction, then a wide inception module.

    Args:
        input_shape: Height, width and channels; height and width at least 4.
        classes: Number of classes, at least 2.

    Returns:
        A model from images, float32 (n, height, width, channels) in 0..1, to
        logits (n, classes).

    Raises:
        ValueError: If the images are smaller than 4 pixels, the channels are not
            1 to 4, or there are fewer than two classes.
    """
    inputs, x = _stem(input_shape, classes, "small_inception")
    x = reduction_module(
        x,
        threes=32,
        double_threes=(16, 24),
        momentum=MOMENTUM,
        name="reduction",
    )
    x = inception_module(
        x,
        ones=64,
        threes=(32, 64),
        double_threes=(32, 56),
        pooled=32,
        momentum=MOMENTUM,
        name="module",
    )
    return _with_head(inputs, x, classes, "small_inception")


def small_resnet(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """Two residual blocks; the second halves the sides. Arguments as for `small_inception`."""
    inputs, x = _stem(input_shape, classes, "small_resnet")
    x = residual_block(x, 32, momentum=MOMENTUM, name="block1")
    x = residual_block(x, 48, strides=2, momentum=MOMENTUM, name="block2")
    return _with_head(inputs, x, classes, "small_resnet")


def small_rir(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """Two blocks of ResNet in ResNet, each stream half as wide. Arguments as for `small_inception`."""
    inputs, x = _stem(input_shape, classes, "small_rir")
    r, t = keras.ops.split(x, 2, axis=-1)  # half of the maps for each stream
    r, t = rir_block(r, t, 16, momentum=MOMENTUM, name="block1")
    r, t = rir_block(r, t, 24, strides=2, momentum=MOMENTUM, name="block2")
    x = layers.Concatenate(name="streams")([r, t])
    return _with_head(inputs, x, classes, "small_rir")


def small_inception_resnet(input_shape: Shape = (28, 28, 1), *, classes: int = 10) -> keras.Model:
    """Reduction, then a wide, scaled inception-residual block. Arguments as for `small_inception`."""
    inputs, x = _stem(input_shape, classes, "small_inception_resnet")
    x = reduction_module(
        x,
        threes=32,
        double_threes=(16, 24),
        momentum=MOMENTUM,
        name="reduction",
    )
    x = inception_residual_block(
        x,
        filters=44,
        scale=SCALE,
        momentum=MOMENTUM,
        name="block",
    )
    return _with_head(inputs, x, classes, "small_inception_resnet")


def _stem(input_shape: Shape, classes: int, network: str) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    check_input_shape(input_shape, smallest=SMALLEST, network=network)
    check_classes(classes)
    inputs = keras.Input(input_shape, name="images")
    x = layers.Conv2D(
        STEM_FILTERS,
        3,
        padding="same",
        use_bias=False,
        name="stem_conv",
    )(inputs)
    x = layers.MaxPooling2D(2, name="stem_pool")(x)
    return inputs, bn_relu(x, momentum=MOMENTUM, name="stem")


def _with_head(inputs: keras.KerasTensor, x: keras.KerasTensor, classes: int, network: str) -> keras.Model:
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, logits, name=network)
