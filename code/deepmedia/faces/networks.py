"""FaceNet: an image of a face becomes an embedding, near to those of the same person.

Source: Schroff et al. (2015), arXiv:1503.03832, for the idea; David Sandberg's implementation
(github.com/davidsandberg/facenet) for the network, Inception-ResNet-v1, which the paper did not have.
"""

import keras

from deepmedia.cnn.blocks import Shape, check_input_shape
from deepmedia.cnn.inception_resnet import SMALLEST, embedding_head, inception_resnet_v1

TINY = 1e-10  # least squared length, as in FaceNet


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
    if embedding_size < 1:
        raise ValueError(f"embedding_size must be at least 1, got {embedding_size}; FaceNet takes 128 or 512")
    body = inception_resnet_v1(input_shape, include_top=False, gamma=gamma)
    embedding = embedding_head(body.output, embedding_size=embedding_size, gamma=gamma)
    return keras.Model(body.input, embedding, name="facenet")


def normalise(embeddings: keras.KerasTensor) -> keras.KerasTensor:
    """Scale each embedding to length one: x / sqrt(max(sum of x^2, 1e-10)).

    Args:
        embeddings: float (n, size), an array or a tensor.

    Returns:
        A tensor of the same shape, with gradient; an embedding of zeros stays zero.
    """
    squares = keras.ops.sum(keras.ops.square(embeddings), axis=-1, keepdims=True)
    return embeddings * keras.ops.rsqrt(keras.ops.maximum(squares, TINY))
