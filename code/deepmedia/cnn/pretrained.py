"""A network that was trained on ImageNet, where its weights can be had."""

import keras
from keras import layers

from deepmedia.datasets import fetch

SIDE = 96  # pixels; a fifth of the work of the 224 with which the weights were trained
WEIGHTS = "imagenet/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5"


def pretrained_features() -> keras.Model:
    """MobileNetV3 (large) without its last layers, with weights trained on ImageNet.

    Keras would download the weights itself; here `fetch` does, so that they
    are checked and kept like all other data of the book.

    Returns:
        A model from images, float32 (n, 96, 96, 3), RGB in 0..1, to features
        (n, 960), the mean of each of its last feature maps.

    Raises:
        DataUnavailable: If the weights can't be had; see
            `deepmedia.datasets.fetch`.

    Source: Howard et al. (2019), "Searching for MobileNetV3",
        arXiv:1905.02244; weights of keras.applications.
    """
    weights = str(fetch(WEIGHTS))
    network = keras.applications.MobileNetV3Large(
        (SIDE, SIDE, 3), include_top=False, pooling="avg", weights=weights, include_preprocessing=False
    )
    images = keras.Input((SIDE, SIDE, 3), name="images")
    return keras.Model(images, network(layers.Rescaling(2, offset=-1)(images)), name="pretrained_features")
