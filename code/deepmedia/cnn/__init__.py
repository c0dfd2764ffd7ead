"""Convolutional networks for images."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.cnn.convolution import conv2d, conv2d_gradients  # noqa: E402
from deepmedia.cnn.first_network import linear_classifier, small_cnn  # noqa: E402
from deepmedia.cnn.inception import inception_v3  # noqa: E402
from deepmedia.cnn.inception_resnet import inception_resnet_v1, inception_resnet_v2  # noqa: E402
from deepmedia.cnn.pooling import (  # noqa: E402
    average_pool2d,
    average_pool2d_gradient,
    max_pool2d,
    max_pool2d_gradient,
)
from deepmedia.cnn.resnet import resnet50  # noqa: E402
from deepmedia.cnn.rir import resnet_in_resnet  # noqa: E402
from deepmedia.cnn.small_networks import (  # noqa: E402
    small_inception,
    small_inception_resnet,
    small_resnet,
    small_rir,
)
from deepmedia.cnn.weight_copying import copy_weights  # noqa: E402

__all__ = [
    "average_pool2d",
    "average_pool2d_gradient",
    "conv2d",
    "conv2d_gradients",
    "copy_weights",
    "inception_resnet_v1",
    "inception_resnet_v2",
    "inception_v3",
    "linear_classifier",
    "max_pool2d",
    "max_pool2d_gradient",
    "resnet50",
    "resnet_in_resnet",
    "small_cnn",
    "small_inception",
    "small_inception_resnet",
    "small_resnet",
    "small_rir",
]
