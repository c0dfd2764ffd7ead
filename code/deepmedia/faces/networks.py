"""FaceNet: an image of a face becomes an embedding, near to those of the same person.

Source: Schroff et al. (2015), arXiv:1503.03832, for the idea; David Sandberg's implementation
(github.com/davidsandberg/facenet) for the network, Inception-ResNet-v1, which the paper did not have.
"""

import keras
from keras import layers

from deepmedia.cnn.blocks import Shape, check_input_shape, conv_bn
from deepmedia.cnn.inception_resnet import SMALLEST, embedding_head, inception_residual_block, inception_resnet_v1

TINY = 1e-10  # least squared length, as in FaceNet
SMALLEST_OF_SMALL = 16  # pixels: the sides are halved four times
MOMENTUM = 0.9  # of batch normalisation in the small network: a run has few steps, so its averages must move fast
SCALE = 0.3  # of its residuals
DROPOUT = 0.2  # share of its last features that are left out in each training step, as in FaceNet


def facenet(input_shape: Shape = (160, 160, 3), *, embedding_size: int = 128, gamma: bool = False) -> keras.Model:
    """Inception-ResNet-v1 with FaceNet's top, 22.8 million parameters.

    Layers have the names of keras-facenet (github.com/nyoki-mtl/keras-facenet), such as
    ``Block35_1_Branch_0_Conv2d_1x1`` and ``Bottleneck_BatchNorm``. In training a fifth of the 1,792 features
    before the bottleneck is dropped (FaceNet's default: keep 0.8).

    Args:
        input_shape: Height, width (at least 75) and channels.
        embedding_size: Numbers that describe a face: 128 in keras-facenet and the models of 2017, 512 in those of 2018.
        gamma: Whether batch normalisation learns a factor: only the weights of facenet-pytorch have it.

    Returns:
        A model from images, float32 (n, height, width, channels), preprocessed as its weights want it
        (`deepmedia.faces.preprocessing`), to embeddings, float32 (n, embedding_size). They are not of length one,
        as in keras-facenet: use `normalise`.

    Raises:
        ValueError: If the images are too small, the channels are not 1 to 4, or the size is below 1.
    """
    check_input_shape(input_shape, smallest=SMALLEST, network="facenet")
    _check_size(embedding_size)
    body = inception_resnet_v1(input_shape, include_top=False, gamma=gamma)
    embedding = embedding_head(body.output, embedding_size=embedding_size, gamma=gamma)
    return keras.Model(body.input, embedding, name="facenet")


def small_facenet(input_shape: Shape = (64, 64, 3), *, embedding_size: int = 64) -> keras.Model:
    """Inception-ResNet in small, which two cores train in a minute or two.

    Four convolutions with stride 2, and after the second and the third an inception-residual block. The last feature
    map is not averaged, as in `facenet`, but flattened: in aligned faces, place tells which part of a face is seen.

    Args:
        input_shape: Height, width (at least 16) and channels.
        embedding_size: Numbers that describe a face, at least 1.

    Returns:
        A model from images, float32 (n, height, width, channels), preprocessed by `fixed_scaling`, to embeddings,
        float32 (n, embedding_size), not yet of length one: use `normalise`.

    Raises:
        ValueError: If the images are too small, the channels are not 1 to 4, or the size is below 1.
    """
    check_input_shape(input_shape, smallest=SMALLEST_OF_SMALL, network="small_facenet")
    _check_size(embedding_size)
    inputs = keras.Input(input_shape, name="images")
    x = inputs
    for number, filters in enumerate((24, 48, 96, 128), start=1):
        x = conv_bn(x, filters, 3, strides=2, momentum=MOMENTUM, name=f"reduction{number}")
        if number in (2, 3):
            x = inception_residual_block(x, filters=filters // 3, scale=SCALE, momentum=MOMENTUM, name=f"block{number}")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    x = layers.Dense(embedding_size, use_bias=False, name="Bottleneck")(x)
    x = layers.BatchNormalization(scale=False, momentum=MOMENTUM, name="Bottleneck_BatchNorm")(x)
    return keras.Model(inputs, x, name="small_facenet")


def normalise(embeddings: keras.KerasTensor) -> keras.KerasTensor:
    """Scale each embedding to length one: x / sqrt(max(sum of x^2, 1e-10)).

    Args:
        embeddings: float (n, size), an array or a tensor.

    Returns:
        A tensor of the same shape, with gradient; an embedding of zeros stays zero.
    """
    squares = keras.ops.sum(keras.ops.square(embeddings), axis=-1, keepdims=True)
    return embeddings * keras.ops.rsqrt(keras.ops.maximum(squares, TINY))


def _check_size(embedding_size: int) -> None:
    if embedding_size < 1:
        raise ValueError(f"embedding_size must be at least 1, got {embedding_size}; FaceNet takes 128 or 512")
